//! Tokens that look random, without any other sign of a secret. Off unless asked for: hashes and identifiers look alike.

use crate::check::token::entropy;
use crate::finding::Finding;
use crate::kind::Kind;

const LENGTHS: std::ops::RangeInclusive<usize> = 24..=256;
/// Of random base-64 characters, 24 have some 4.2 bits; words have less than 4.
const LEAST_BITS: f64 = 3.9;

/// Adds the random-looking tokens of `text`.
pub(crate) fn find_random(text: &str, found: &mut Vec<Finding>) {
    let belongs = |letter: char| letter.is_ascii_alphanumeric() || "+/=-".contains(letter);
    let mut start = 0;
    for token in text.split(|letter| !belongs(letter)) {
        let has = |is: fn(&u8) -> bool| token.as_bytes().iter().any(is);
        let varied = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
        if LENGTHS.contains(&token.len()) && varied && entropy(token) >= LEAST_BITS {
            found.push(Finding::likely(Kind::HighEntropy, start, start + token.len()));
        }
        start += token.len() + text[start + token.len()..].chars().next().map_or(0, char::len_utf8);
    }
}
