//! Codes: tokens of letters and digits, looked at once, at their first digit.

use crate::border::{is_word, number_may_begin, token_may_begin, token_may_end};
use crate::check::code::{is_codice_fiscale, is_nif, is_nino, is_nric};
use crate::check::wallet::{Eip55, eip55, is_base58_address, is_bech32_address};
use crate::context::{Context, Topics};
use crate::finding::Finding;
use crate::kind::Kind;
use crate::number::run::Run;

/// The most letters before the first digit, as in a codice fiscale whose digits became letters.
const MOST_LETTERS: usize = 16;
/// The longest code, an address of Bech32.
const LONGEST: usize = 74;
const BASE58_LENGTHS: std::ops::RangeInclusive<usize> = 26..=35;

/// Returns the code whose first digit is at `digit`, and where its token ends.
pub(super) fn find(bytes: &[u8], digit: usize, context: &Context<'_>) -> (Option<Finding>, usize) {
    let before =
        bytes[..digit].iter().rev().take(MOST_LETTERS + 1).take_while(|byte| byte.is_ascii_alphabetic());
    let letters = before.count();
    let start = digit - letters;
    let rest =
        bytes[digit..].iter().take(LONGEST + 1).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let end = digit + rest;
    let stands_alone = letters <= MOST_LETTERS
        && (9..=LONGEST).contains(&(end - start))
        && token_may_begin(bytes, start)
        && token_may_end(bytes, end)
        && has_letters(&bytes[start..end]);
    if stands_alone {
        return (whole(bytes, start, end, context), end);
    }
    (dashed(bytes, start, end), end)
}

fn has_letters(token: &[u8]) -> bool {
    token.iter().any(u8::is_ascii_alphabetic)
}

/// Looks at a token as a whole.
fn whole(bytes: &[u8], start: usize, end: usize, context: &Context<'_>) -> Option<Finding> {
    let token = &bytes[start..end];
    let validated = |kind| Some(Finding::validated(kind, start, end));
    match token.len() {
        9 => {
            let upper: Vec<u8> = token.to_ascii_uppercase();
            let one_case = upper == token || context.speaks_of(Topics::NINO);
            if is_nino(&upper) {
                return context.speaks_of(Topics::NINO).then(|| Finding::validated(Kind::UkNino, start, end));
            }
            let joined = !number_may_begin(bytes, start);
            match () {
                () if joined || !one_case => None,
                () if is_nif(&upper) => validated(Kind::EsNif),
                () if is_nric(&upper) => validated(Kind::SgNric),
                () => None,
            }
        }
        16 if is_codice_fiscale(&token.to_ascii_uppercase()) => validated(Kind::ItCodiceFiscale),
        42 if token.starts_with(b"0x") => ethereum(token, start, end, context),
        42 | 62 if is_bech32_address(token) => validated(Kind::BitcoinAddress),
        length if BASE58_LENGTHS.contains(&length) && matches!(token[0], b'1' | b'3') => {
            is_base58_address(token).then(|| Finding::validated(Kind::BitcoinAddress, start, end))
        }
        _ => None,
    }
}

fn ethereum(token: &[u8], start: usize, end: usize, context: &Context<'_>) -> Option<Finding> {
    let digits = &token[2..];
    if !digits.iter().all(u8::is_ascii_hexdigit) || digits.iter().all(|digit| *digit == digits[0]) {
        return None;
    }
    match eip55(digits) {
        Eip55::Holds => Some(Finding::validated(Kind::EthereumAddress, start, end)),
        Eip55::Absent if context.speaks_of(Topics::CRYPTO) => {
            Some(Finding::likely(Kind::EthereumAddress, start, end))
        }
        Eip55::Absent | Eip55::Broken => None,
    }
}

/// Looks at `12345678-Z` and `X-1234567-L`, of which the digits begin before `end`.
fn dashed(bytes: &[u8], start: usize, end: usize) -> Option<Finding> {
    let digits = &bytes[start..end];
    if !(7..=8).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let [b'-', letter, ..] = bytes[end..] else { return None };
    let (first, start) = match (digits.len(), &bytes[..start]) {
        (8, _) => (None, start),
        (7, [.., prefix @ b'X'..=b'Z', b'-']) => (Some(*prefix), start - 2),
        _ => return None,
    };
    let code: Vec<u8> = first.into_iter().chain(digits.iter().copied()).chain([letter]).collect();
    let end = end + 2;
    let stands_alone = !bytes[..start].last().copied().is_some_and(|byte| is_word(byte) || byte == b'-')
        && token_may_end(bytes, end)
        && bytes.get(end) != Some(&b'-');
    (stands_alone && is_nif(&code)).then(|| Finding::validated(Kind::EsNif, start, end))
}

/// Looks for `AB 12 34 56 C`, of which the run is the digits.
pub(super) fn spaced(run: &Run<'_>, context: &Context<'_>) -> Option<Finding> {
    if !run.has_groups(&[2, 2, 2]) || !run.has_one_separator(3, b" -") {
        return None;
    }
    let bytes = run.bytes();
    let (start, end) = (run.start(), run.end_of(3)?);
    let before = bytes[..start].strip_suffix(b" ").or_else(|| bytes[..start].strip_suffix(b"-"))?;
    let [.., first, second] = *before else { return None };
    let [b' ' | b'-', last, ..] = bytes[end..] else { return None };
    let code: Vec<u8> =
        [first, second].into_iter().chain(run.digits(3).iter().copied()).chain([last]).collect();
    let (start, end) = (before.len() - 2, end + 2);
    let stands_alone = token_may_begin(bytes, start) && token_may_end(bytes, end);
    let named = context.speaks_of(Topics::NINO);
    let certain = if named { Finding::validated } else { Finding::likely };
    (stands_alone && is_nino(&code)).then(|| certain(Kind::UkNino, start, end))
}
