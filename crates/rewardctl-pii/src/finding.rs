//! Findings: what was found where, how certain it is, and which of two that overlap counts.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::kind::{Class, Kind};

/// How much speaks for a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// It may be that, but often tells of no person: a private IP address, a hotline, a home folder.
    Possible,
    /// Its shape, or a word near it, says so.
    Likely,
    /// A checksum or a parser confirms it.
    Validated,
}

/// A stretch of the text that holds one datum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// How much speaks for it.
    pub certainty: Certainty,
}

impl Certainty {
    /// Returns the name, as reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Validated => "validated",
        }
    }
}

impl Finding {
    /// Makes a finding that may be nobody's.
    pub(crate) fn possible(kind: Kind, start: usize, end: usize) -> Self {
        Self { kind, start, end, certainty: Certainty::Possible }
    }

    /// Makes a finding that its shape or a word near it speaks for.
    pub(crate) fn likely(kind: Kind, start: usize, end: usize) -> Self {
        Self { kind, start, end, certainty: Certainty::Likely }
    }

    /// Makes a finding that a checksum or a parser confirmed.
    pub(crate) fn validated(kind: Kind, start: usize, end: usize) -> Self {
        Self { kind, start, end, certainty: Certainty::Validated }
    }

    /// Returns the bytes that it takes.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Tells whether it is more than possible.
    pub fn is_sure(&self) -> bool {
        self.certainty > Certainty::Possible
    }

    /// A secret counts as validated: what its random characters happen to be must not take its place.
    fn rank(&self) -> Certainty {
        let is_secret = self.kind.class() == Class::Secret && self.is_sure();
        if is_secret { Certainty::Validated } else { self.certainty }
    }
}

/// Keeps, of findings that overlap, the more certain one, then the longer one, then the first; in order of position.
pub(crate) fn without_overlaps(mut found: Vec<Finding>) -> Vec<Finding> {
    if found.len() < 2 {
        return found;
    }
    found.sort_by_key(|one| one.start);
    if found.windows(2).all(|pair| pair[0].end <= pair[1].start) {
        return found;
    }
    found.sort_by_key(|one| (Reverse(one.rank()), Reverse(one.end - one.start), one.start, one.kind));
    let mut kept: BTreeMap<usize, Finding> = BTreeMap::new();
    for one in found {
        let last_before_its_end = kept.range(..one.end).next_back();
        if last_before_its_end.is_none_or(|(_, other)| other.end <= one.start) {
            kept.insert(one.start, one);
        }
    }
    kept.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certain_before_long_before_first() {
        let card = Finding::validated(Kind::CreditCard, 2, 10);
        let phone = Finding::likely(Kind::Phone, 0, 20);
        let email = Finding::likely(Kind::Email, 12, 30);
        assert_eq!(without_overlaps(vec![phone, email, card]), [card, email]);
        let key = Finding::likely(Kind::PrivateKey, 0, 90);
        assert_eq!(without_overlaps(vec![card, key]), [key]);
    }
}
