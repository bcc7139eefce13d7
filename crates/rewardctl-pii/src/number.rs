//! What digits may be: numbers of cards, accounts and offices, phone numbers, dates of birth, IPv4 addresses, and codes
//! that hold digits.
//!
//! The text is read once; at each group of digits, the run of groups that begins there is compared with the
//! shapes. A run is short, so each look is bounded.

use std::net::Ipv4Addr;

use crate::border::{follows, token_may_begin, token_may_end};
use crate::check::iban::{self, is_iban};
use crate::check::net::{Reach, reach_v4};
use crate::context::{Lexicon, Topics};
use crate::finding::Finding;
use crate::kind::Kind;
use crate::number::run::Run;

mod birth;
mod code;
mod identity;
mod phone;
mod run;

const VERSION_WORDS: &[&str] = &["version", "release", "ver.", " v."];

/// Adds what the digits of `text` are; `given` are topics known from elsewhere, such as the name of the field.
pub(crate) fn find_numbers(text: &str, lexicon: &Lexicon, given: Topics, found: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let (mut at, mut code_end, mut run) = (0, 0, Run::new(bytes));
    while let Some(gap) = bytes[at..].iter().position(u8::is_ascii_digit) {
        let start = at + gap;
        let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let context = lexicon.context(bytes, start, given);
        found.extend(account(bytes, start));
        if start >= code_end {
            let (code, end) = code::find(bytes, start, &context);
            found.extend(code);
            code_end = end;
        }
        run.read(start);
        if run.count() > 0 {
            found.extend(ipv4(text, &run));
        }
        if run.count() > 0 && !run.is_cut() {
            found.extend(birth::find(text, &run, &context));
            found.extend(code::spaced(&run, &context));
        }
        if run.total() >= phone::FEWEST_DIGITS && !run.is_cut() {
            found.extend(phone::find(bytes, &run, &context));
        }
        if run.total() >= identity::FEWEST_DIGITS {
            found.extend(identity::card(&run, &context));
            found.extend(identity::find(&run, &context));
        }
        at = start + length;
    }
}

fn ipv4(text: &str, run: &Run<'_>) -> Option<Finding> {
    if run.count() < 4 || !run.begins_with_separators("...") {
        return None;
    }
    let (start, end) = (run.start(), run.end_of(4)?);
    let bytes = text.as_bytes();
    let in_a_longer_number = bytes[..start].ends_with(b".")
        || bytes[end..].starts_with(b".") && bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
    let stands_alone = token_may_begin(bytes, start) && token_may_end(bytes, end) && !in_a_longer_number;
    let is_version = bytes[..start].ends_with(b"==") || follows(bytes, start, 12, VERSION_WORDS);
    let is_section = end - start == "1.2.3.4".len();
    let address: Ipv4Addr = text[start..end].parse().ok()?;
    let reach = Some(reach_v4(address)).filter(|_| stands_alone && !is_version && !is_section)?;
    match reach {
        Reach::Public => Some(Finding::validated(Kind::IpAddress, start, end)),
        Reach::Local => Some(Finding::possible(Kind::IpAddress, start, end)),
        Reach::Everyone => None,
    }
}

/// Looks for an IBAN whose two check digits begin at `digits`; single spaces, dots or dashes may part it.
fn account(bytes: &[u8], digits: usize) -> Option<Finding> {
    let start = digits.checked_sub(2)?;
    let country: [u8; 2] = bytes.get(start..digits)?.try_into().ok()?;
    let shaped = country.iter().all(u8::is_ascii_alphabetic)
        && bytes.get(digits + 1).is_some_and(u8::is_ascii_digit)
        && token_may_begin(bytes, start);
    if !shaped {
        return None;
    }
    let length = iban::length(&country.map(|letter| letter.to_ascii_uppercase()))?;
    let mut iban = Vec::with_capacity(length);
    let mut end = start;
    while iban.len() < length {
        let byte = *bytes.get(end)?;
        let is_gap = matches!(byte, b' ' | b'-' | b'.') && bytes[end - 1].is_ascii_alphanumeric();
        match byte.to_ascii_uppercase() {
            letter @ (b'0'..=b'9' | b'A'..=b'Z') => iban.push(letter),
            _ if is_gap => {}
            _ => return None,
        }
        end += 1;
    }
    (token_may_end(bytes, end) && is_iban(&iban)).then(|| Finding::validated(Kind::Iban, start, end))
}
