//! What one rule says, before it carries the rule's name.

use std::ops::Range;

use rewardctl_core::score::Score;
use rewardctl_core::verdict::Outcome;

/// The outcome of one rule, with what it points at.
#[derive(Debug)]
pub(crate) struct Judgement {
    /// The score, or why there is none.
    pub outcome: Outcome,
    /// What the score rests on.
    pub rationale: String,
    /// Bytes of the response.
    pub stretches: Vec<Range<usize>>,
    /// Whether a person must look.
    pub flagged: bool,
}

impl Judgement {
    /// Gives a score; `value` is clamped to 0..=1.
    pub fn scored(value: f64, rationale: impl Into<String>) -> Self {
        let outcome = match Score::clamped(value) {
            Some(score) => Outcome::Scored { score, variance: None },
            None => Outcome::Failed { reason: "the formula gave no number".into(), retryable: false },
        };
        Self { outcome, rationale: rationale.into(), stretches: Vec::new(), flagged: false }
    }

    /// Gives no score, because there is nothing to judge or no way to tell.
    pub fn abstained(reason: impl Into<String>) -> Self {
        let outcome = Outcome::Abstained { reason: reason.into() };
        Self { outcome, rationale: String::new(), stretches: Vec::new(), flagged: false }
    }

    /// Points at bytes of the response.
    pub fn at(mut self, stretches: impl IntoIterator<Item = Range<usize>>) -> Self {
        self.stretches.extend(stretches);
        self
    }

    /// Asks for a person's look.
    pub fn flagged(mut self) -> Self {
        self.flagged = true;
        self
    }
}

/// Writes a count with its noun: `1 word`, `2 words`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
