//! Masking: what takes the place of what was found.
//!
//! Whatever the operator, a mask is no datum: [`crate::scanner`] passes it over, so that masking twice changes nothing.

use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::finding::Finding;
use crate::fold::fold;
use crate::kind::{Class, Kind};

/// How data are masked.
#[derive(Debug, Clone, Copy)]
pub enum Operator<'k> {
    /// By a name and a number, such as `<EMAIL_1>`; the same datum has the same number within a record.
    Placeholder,
    /// By zeros and x of the same length; the last four digits of cards and phone numbers stay.
    KeepFormat,
    /// By a name and HMAC-SHA-256 under a key, cut to 64 bits, such as `<EMAIL_1f0c5a3be29d4477>`; the same datum has the
    /// same mask everywhere, and without the key nobody can try which datum gives it.
    Hash(&'k HashKey),
}

/// The key of [`Operator::Hash`].
#[derive(Clone, PartialEq, Eq)]
pub struct HashKey(Vec<u8>);

/// Masks the fields of one record, so that a datum has one placeholder in all of them. Make a new one for each record.
#[derive(Debug)]
pub struct Masker<'k> {
    operator: Operator<'k>,
    numbers: BTreeMap<(Kind, String), u32>,
    /// The highest number of each kind, given now or before.
    highest: BTreeMap<Kind, u32>,
}

/// Returns `text` with its findings masked; they are in order and do not overlap, as [`crate::scanner`] gives them.
pub fn mask(text: &str, findings: &[Finding], operator: Operator<'_>) -> String {
    Masker::new(operator).mask(text, findings)
}

impl HashKey {
    /// Fewer bytes can be guessed.
    pub const LEAST_BYTES: usize = 16;

    /// Takes the bytes of the key; None if they are fewer than [`Self::LEAST_BYTES`].
    pub fn new(bytes: impl Into<Vec<u8>>) -> Option<Self> {
        let bytes = bytes.into();
        (bytes.len() >= Self::LEAST_BYTES).then_some(Self(bytes))
    }

    fn digest(&self, kind: Kind, datum: &str) -> String {
        /// Of the hash, in bytes: two data of ten million have the same with a probability of 3 in a million.
        const KEPT: usize = 8;
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(kind.name().as_bytes());
        mac.update(&[0]);
        mac.update(datum.as_bytes());
        mac.finalize().into_bytes()[..KEPT].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey(..)")
    }
}

impl<'k> Masker<'k> {
    /// Starts a record.
    pub fn new(operator: Operator<'k>) -> Self {
        Self { operator, numbers: BTreeMap::new(), highest: BTreeMap::new() }
    }

    /// Notes the placeholders that `text` has already, so that their numbers are not given again.
    pub fn reserve(&mut self, text: &str) {
        let Operator::Placeholder = self.operator else { return };
        for (at, _) in text.match_indices('<') {
            if let Some((kind, number)) = placeholder_at(&text[at + 1..]) {
                let highest = self.highest.entry(kind).or_default();
                *highest = number.max(*highest);
            }
        }
    }

    /// Returns `text` with its findings masked; they are in order and do not overlap.
    pub fn mask(&mut self, text: &str, findings: &[Finding]) -> String {
        if findings.is_empty() {
            return text.to_owned();
        }
        self.reserve(text);
        let mut masked = String::with_capacity(text.len());
        let mut copied = 0;
        for one in findings {
            masked.push_str(&text[copied..one.start]);
            masked.push_str(&self.one(one.kind, &text[one.range()]));
            copied = one.end;
        }
        masked.push_str(&text[copied..]);
        masked
    }

    fn one(&mut self, kind: Kind, datum: &str) -> String {
        match self.operator {
            Operator::Placeholder => format!("<{}_{}>", label(kind), self.number(kind, datum)),
            Operator::KeepFormat => blank(kind, datum),
            Operator::Hash(key) => format!("<{}_{}>", label(kind), key.digest(kind, &normal(kind, datum))),
        }
    }

    fn number(&mut self, kind: Kind, datum: &str) -> u32 {
        let highest = self.highest.entry(kind).or_default();
        *self.numbers.entry((kind, normal(kind, datum))).or_insert_with(|| {
            *highest += 1;
            *highest
        })
    }
}

/// Tells whether `datum` is what [`Operator::KeepFormat`] makes: zeros and x, but for at most four digits at the end.
pub(crate) fn is_masked(datum: &str) -> bool {
    let bytes = datum.as_bytes();
    let shown =
        |byte: &u8| byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'x' | b'X') || *byte > 127;
    let mut rest = bytes.iter().rev().filter(|byte| byte.is_ascii_alphanumeric() || **byte > 127);
    let kept = rest.by_ref().take(KEPT_DIGITS).all(|byte| !shown(byte) || byte.is_ascii_digit());
    let mut masked = rest.peekable();
    if masked.peek().is_none() {
        return !bytes.iter().any(&shown);
    }
    kept && !masked.any(shown)
}

/// The digits that stay of a card or a phone number; shorter numbers keep none.
const KEPT_DIGITS: usize = 4;
const LEAST_DIGITS_TO_KEEP_SOME: usize = 9;

fn blank(kind: Kind, datum: &str) -> String {
    let digits = datum.chars().filter(|letter| letter.is_numeric()).count();
    let keeps = matches!(kind, Kind::CreditCard | Kind::Phone) && digits >= LEAST_DIGITS_TO_KEEP_SOME;
    let mut to_blank = if keeps { digits - KEPT_DIGITS } else { digits };
    let is_hex = matches!(kind, Kind::IpAddress | Kind::MacAddress);
    let blanked = |letter: char| {
        if letter.is_numeric() {
            let shown = to_blank == 0;
            to_blank = to_blank.saturating_sub(1);
            return if shown { letter } else { '0' };
        }
        match letter {
            letter if letter.is_alphabetic() && is_hex => '0',
            letter if letter.is_uppercase() => 'X',
            letter if letter.is_alphabetic() => 'x',
            letter => letter,
        }
    };
    datum.chars().map(blanked).collect()
}

fn label(kind: Kind) -> String {
    kind.name().to_ascii_uppercase().replace('-', "_")
}

/// Reads `EMAIL_1>`.
fn placeholder_at(text: &str) -> Option<(Kind, u32)> {
    const LONGEST: usize = 40;
    let end = text.bytes().take(LONGEST).position(|byte| byte == b'>')?;
    let (name, number) = text.get(..end)?.rsplit_once('_')?;
    let kind = Kind::from_name(&name.to_ascii_lowercase().replace('_', "-"))?;
    Some((kind, number.parse().ok()?))
}

/// Returns the form in which two ways to write a datum are one.
fn normal(kind: Kind, datum: &str) -> String {
    let folded = fold(datum);
    let datum = folded.as_ref().map_or(datum, |folded| &folded.text);
    match kind {
        kind if kind.class() == Class::Secret => datum.into(),
        Kind::BitcoinAddress | Kind::HomePath => datum.into(),
        Kind::Email => datum.to_lowercase().replace(' ', ""),
        Kind::IpAddress
        | Kind::EthereumAddress
        | Kind::PersonName
        | Kind::PostalAddress
        | Kind::BirthDate => datum.to_lowercase(),
        _ => datum.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect(),
    }
}

#[cfg(test)]
mod tests;
