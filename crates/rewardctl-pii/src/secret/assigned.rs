//! Values of names such as `DB_PASSWORD`, `api_key` and `secret`, in settings, code, JSON and prose.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::check::token::{distinct, entropy};
use crate::finding::Finding;
use crate::kind::Kind;

/// What names of secrets end with, or hold; the first one is followed by a space.
const WORDS: [&str; 18] = [
    "bearer",
    "password",
    "passwd",
    "passphrase",
    "passwort",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "api key",
    "access_key",
    "accesskey",
    "private_key",
    "auth_key",
    "encryption_key",
    "credential",
];
/// The longest rest of a name after the word.
const LONGEST_REST: usize = 24;
const VALUE_BYTES: std::ops::RangeInclusive<usize> = 8..=200;
/// A value this long and varied is hardly an example.
const SURE_BYTES: usize = 16;
const SURE_BITS: f64 = 3.3;
/// A short value needs so many different characters.
const LEAST_DISTINCT: u32 = 6;
/// What stands for a value.
const STAND_INS: [&str; 11] = [
    "your",
    "example",
    "changeme",
    "xxx",
    "placeholder",
    "dummy",
    "redacted",
    "insert",
    "replace",
    "secret_here",
    "****",
];

/// The words, compiled.
#[derive(Debug)]
pub(super) struct Assigned {
    words: AhoCorasick,
}

impl Assigned {
    /// Compiles the words.
    pub fn new() -> Self {
        let words = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostFirst)
            .kind(Some(AhoCorasickKind::DFA))
            .build(WORDS)
            .expect("a handful of short words is within the limits of the automaton");
        Self { words }
    }

    /// Adds the values that are given to such names.
    pub fn find(&self, text: &str, found: &mut Vec<Finding>) {
        let mut read = 0;
        for word in self.words.find_iter(text) {
            // A name inside of a value is a part of it.
            if word.start() < read {
                continue;
            }
            let is_bearer = word.pattern().as_usize() == 0;
            let Some((start, quoted)) = value_start(text.as_bytes(), word.end(), is_bearer) else { continue };
            let end = start + value_length(&text.as_bytes()[start..], quoted);
            read = end;
            let value = &text[start..end];
            let called = matches!(text.as_bytes().get(end), Some(b'(' | b'['));
            if !VALUE_BYTES.contains(&value.len()) || called || !is_secret(value, quoted.is_some()) {
                continue;
            }
            let sure = is_long(value);
            match (sure, is_bearer) {
                (true, _) => found.push(Finding::likely(Kind::AssignedSecret, start, end)),
                (false, false) => found.push(Finding::possible(Kind::AssignedSecret, start, end)),
                (false, true) => {}
            }
        }
    }
}

/// Returns where the value begins after a name that goes on at `at`, and the quote before it.
fn value_start(bytes: &[u8], at: usize, is_bearer: bool) -> Option<(usize, Option<u8>)> {
    let rest = bytes[at..].iter().take(LONGEST_REST).take_while(|b| b.is_ascii_alphanumeric() || **b == b'_');
    let rest = rest.count();
    // `tokenizer`, `secretary`: another word.
    if bytes.get(at).is_some_and(u8::is_ascii_alphabetic) && !(rest == 1 && bytes[at] == b's') {
        return None;
    }
    let mut at = at + rest;
    let mut skip = |accepted: &[u8], most: usize| {
        let count = bytes[at..].iter().take(most).take_while(|byte| accepted.contains(byte)).count();
        at += count;
        count
    };
    if is_bearer {
        return (skip(b" ", 1) == 1).then_some((at, None));
    }
    skip(b"\"'`", 1);
    skip(b" ", 2);
    let signs = skip(b":=", 2);
    skip(b">", 1);
    skip(b" ", 2);
    let quote = bytes.get(at).copied().filter(|byte| b"\"'`".contains(byte));
    (signs > 0).then_some((at + usize::from(quote.is_some()), quote))
}

fn value_length(bytes: &[u8], quote: Option<u8>) -> usize {
    let belongs = |byte: &&u8| match quote {
        Some(quote) => **byte != quote && byte.is_ascii_graphic(),
        None => byte.is_ascii_graphic() && !b"\"'`,;()[]{}<>\\".contains(byte),
    };
    let length = bytes.iter().take(*VALUE_BYTES.end() + 1).take_while(belongs).count();
    let at_the_end = |byte: &u8| quote.is_none() && b".:!?".contains(byte);
    length - bytes[..length].iter().rev().take_while(|byte| at_the_end(byte)).count()
}

fn is_long(value: &str) -> bool {
    value.len() >= SURE_BYTES && entropy(value) >= SURE_BITS
}

fn is_secret(value: &str, is_quoted: bool) -> bool {
    let lower = value.to_ascii_lowercase();
    let stands_for_one = value.starts_with(['$', '%', '*', '/', '&', '@'])
        || STAND_INS.iter().any(|word| lower.contains(word));
    let has = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
    let mixed = is_quoted && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && is_long(value);
    let varied = (has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) || mixed)
        && distinct(value) >= LEAST_DISTINCT;
    let is_path = value.contains("://") || value.contains("::");
    // Code such as `settings.token2`, and names such as `user_2_token`.
    let is_name =
        lower == value && !is_quoted && value.contains(['.', '_']) && !value.contains(['-', '+', '/']);
    varied && !stands_for_one && !is_path && !is_name
}
