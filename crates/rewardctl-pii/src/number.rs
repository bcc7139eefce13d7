//! What digits may be: cards, IBANs, social security numbers, phone numbers, IPv4 addresses.
//!
//! The text is read once; at each group of digits, the run of groups that begins there is compared with the
//! shapes. A run is short, so each look is bounded.

use std::net::Ipv4Addr;

use crate::border::{follows, number_may_begin, number_may_end, token_may_begin, token_may_end};
use crate::check::{iban_length, is_card, is_iban, is_public_v4, is_ssn};
use crate::detector::Candidate;
use crate::kind::Kind;
use crate::number::run::Run;

mod phone;
mod run;

const SSN_WORDS: &[&str] = &["ssn", "social security"];
const VERSION_WORDS: &[&str] = &["version", "release", "ver.", " v."];

/// The groups in which cards are printed.
const CARD_GROUPS: &[&[usize]] = &[&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3]];

/// Adds what the digits of `text` are.
pub(crate) fn find_numbers(text: &str, found: &mut Vec<Candidate>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(gap) = bytes[at..].iter().position(u8::is_ascii_digit) {
        let start = at + gap;
        let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        found.extend(iban(bytes, start));
        let run = Run::read(text, start);
        let looks = [ipv4(text, &run), card(&run), ssn(bytes, &run), phone::find(bytes, &run)];
        found.extend(looks.into_iter().flatten());
        at = start + length;
    }
}

fn ipv4(text: &str, run: &Run<'_>) -> Option<Candidate> {
    if !run.begins_with_separators("...") {
        return None;
    }
    let (start, end) = (run.start(), run.end_of(4)?);
    let bytes = text.as_bytes();
    let in_a_longer_number = bytes[..start].ends_with(b".")
        || bytes[end..].starts_with(b".") && bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
    let stands_alone = token_may_begin(bytes, start) && token_may_end(bytes, end) && !in_a_longer_number;
    let is_version = bytes[..start].ends_with(b"=") || follows(bytes, start, 12, VERSION_WORDS);
    let is_section = end - start == "1.2.3.4".len();
    let address: Ipv4Addr = text[start..end].parse().ok()?;
    let kept = stands_alone && !is_version && !is_section && is_public_v4(address);
    kept.then(|| Candidate::validated(Kind::IpAddress, start, end))
}

fn card(run: &Run<'_>) -> Option<Candidate> {
    let grouped = |shape: &&&[usize]| run.has_groups(shape) && run.has_one_separator(shape.len(), b" -");
    let printed = CARD_GROUPS.iter().find(grouped);
    let groups = printed.map_or(1, |shape| shape.len());
    let end = run.end_of(groups)?;
    let valid = number_may_begin(run.bytes(), run.start())
        && number_may_end(run.bytes(), end)
        && is_card(&run.digits(groups));
    valid.then(|| Candidate::validated(Kind::CreditCard, run.start(), end))
}

fn ssn(bytes: &[u8], run: &Run<'_>) -> Option<Candidate> {
    let start = run.start();
    let named = || follows(bytes, start, 40, SSN_WORDS);
    let in_parts = run.has_groups(&[3, 2, 4]) && run.has_one_separator(3, b" -");
    let shaped = in_parts && (run.separator(0) == Some(b'-') || named());
    let bare = run.has_groups(&[9]) && named();
    if !shaped && !bare {
        return None;
    }
    let groups = if shaped { 3 } else { 1 };
    let (digits, end) = (run.digits(groups), run.end_of(groups)?);
    let valid = number_may_begin(bytes, start)
        && number_may_end(bytes, end)
        && is_ssn([digits.get(..3)?, digits.get(3..5)?, digits.get(5..)?]);
    valid.then(|| Candidate::validated(Kind::UsSsn, start, end))
}

/// Looks for an IBAN whose two check digits begin at `digits`; single spaces may part it.
fn iban(bytes: &[u8], digits: usize) -> Option<Candidate> {
    let start = digits.checked_sub(2)?;
    let country = bytes.get(start..digits)?;
    let shaped = country.iter().all(u8::is_ascii_uppercase)
        && bytes.get(digits + 1).is_some_and(u8::is_ascii_digit)
        && token_may_begin(bytes, start);
    if !shaped {
        return None;
    }
    let length = iban_length(std::str::from_utf8(country).ok()?)?;
    let mut iban = Vec::with_capacity(length);
    let mut end = start;
    while iban.len() < length {
        let byte = *bytes.get(end)?;
        let is_gap = byte == b' ' && bytes[end - 1] != b' ';
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' => iban.push(byte),
            _ if is_gap => {}
            _ => return None,
        }
        end += 1;
    }
    (token_may_end(bytes, end) && is_iban(&iban)).then(|| Candidate::validated(Kind::Iban, start, end))
}
