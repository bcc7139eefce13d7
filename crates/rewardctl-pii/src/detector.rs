//! The detector: a text goes in, findings or a masked text come out.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::address::{find_emails, find_ipv6};
use crate::kind::Kind;
use crate::number::find_numbers;
use crate::secret::Secrets;

/// A stretch of the text that holds one datum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// The compiled patterns. Build it once and share it: building costs milliseconds.
#[derive(Debug)]
pub struct Detector {
    secrets: Secrets,
}

/// What a look found, before overlaps are resolved.
#[derive(Debug)]
pub(crate) struct Candidate {
    /// Where and what.
    pub finding: Finding,
    /// Whether a checksum or a parser confirmed it, beyond its shape.
    pub validated: bool,
}

impl Candidate {
    /// Makes a candidate that only its shape speaks for.
    pub fn by_shape(kind: Kind, start: usize, end: usize) -> Self {
        Self { finding: Finding { kind, start, end }, validated: false }
    }

    /// Makes a candidate that a checksum or a parser confirmed.
    pub fn validated(kind: Kind, start: usize, end: usize) -> Self {
        Self { finding: Finding { kind, start, end }, validated: true }
    }
}

impl Detector {
    /// Compiles the patterns.
    #[expect(clippy::new_without_default, reason = "building is costly and should be seen")]
    pub fn new() -> Self {
        Self { secrets: Secrets::new() }
    }

    /// Returns what `text` holds, in order of position, without overlaps.
    ///
    /// Where candidates overlap, a validated one wins over one known by its shape, then the longer one.
    pub fn find(&self, text: &str) -> Vec<Finding> {
        let mut candidates = Vec::new();
        self.secrets.find(text, &mut candidates);
        find_emails(text, &mut candidates);
        find_ipv6(text, &mut candidates);
        find_numbers(text, &mut candidates);
        without_overlaps(candidates)
    }

    /// Returns `text` with each finding replaced by its kind in brackets, such as `[email]`.
    pub fn mask(&self, text: &str) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut copied = 0;
        for Finding { kind, start, end } in self.find(text) {
            masked.push_str(&text[copied..start]);
            masked.extend(["[", kind.name(), "]"]);
            copied = end;
        }
        masked.push_str(&text[copied..]);
        masked
    }
}

fn without_overlaps(mut candidates: Vec<Candidate>) -> Vec<Finding> {
    candidates.sort_by_key(|candidate| {
        let Finding { kind, start, end } = candidate.finding;
        (Reverse(candidate.validated), Reverse(end - start), start, kind)
    });
    let mut kept: BTreeMap<usize, Finding> = BTreeMap::new();
    for Candidate { finding, .. } in candidates {
        let last_before_its_end = kept.range(..finding.end).next_back();
        if last_before_its_end.is_none_or(|(_, other)| other.end <= finding.start) {
            kept.insert(finding.start, finding);
        }
    }
    kept.into_values().collect()
}

#[cfg(test)]
mod tests;
