//! Verdicts: what one critic says of one response, or why it says nothing.

use serde::{Deserialize, Serialize};

use crate::id::{ContentId, ResponseId};
use crate::score::Score;

/// How a critic's work on a response ended. Only [`Outcome::Scored`] carries a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The critic judged the response.
    Scored {
        /// The judgement, in 0..=1.
        score: Score,
        /// The critic's own variance of that score, where it knows one; in squared score units.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        variance: Option<f64>,
    },
    /// The critic has no business here: nothing to check, or no way to tell. Not a fault; masks no quorum.
    Abstained {
        /// Why, as a person reads it.
        reason: String,
    },
    /// The critic should have judged and could not. Counts against the quorum.
    Failed {
        /// Why, as a person reads it.
        reason: String,
        /// Whether trying again may help.
        retryable: bool,
    },
}

/// A stretch of the response that a verdict points at, in Unicode scalar values: `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
}

impl Span {
    /// Returns the span of the bytes `start..end` of `text`; both must lie on character borders.
    pub fn of_bytes(text: &str, start: usize, end: usize) -> Self {
        let first = text[..start].chars().count();
        Self { start: first, end: first + text[start..end].chars().count() }
    }
}

/// What one critic says of one response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The critic's name, unique in a panel, such as `rule.length` or `text.accuracy`.
    pub critic: String,
    /// The dimension that it judges.
    pub dimension: String,
    /// The score, or why there is none.
    pub outcome: Outcome,
    /// What the score rests on; never quotes a secret. Empty where the reason of the outcome says it all.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub rationale: String,
    /// Where in the response.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub spans: Vec<Span>,
    /// Whether a person must look, whatever the reward: a leaked secret, text aimed at the critics.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub flagged: bool,
    /// What an LLM critic's verdict was read from; None for critics that compute theirs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evidence: Option<Evidence>,
}

/// What an LLM critic's verdict was read from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// How the score was read.
    pub method: Method,
    /// The calls behind it, under which the ledger keeps the raw replies.
    pub calls: Vec<ContentId>,
    /// Comparisons with other responses of the item; a failed one is left out.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub bouts: Vec<Bout>,
}

/// How a response did against another one, in both orders: what tells a preference from a habit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bout {
    /// The other response.
    pub against: ResponseId,
    /// The chance that the response wins when it is shown first; 0.5 for a tie.
    pub shown_first: f64,
    /// The chance that it wins when it is shown second.
    pub shown_second: f64,
}

/// How a score was read from replies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The mean over the probabilities of the score's token (G-Eval, arXiv 2303.16634).
    Probabilities,
    /// The mean of several replies.
    Samples,
    /// One reply.
    Single,
    /// Comparisons with the other responses of the item, each in both orders.
    Comparisons,
}

impl Method {
    /// Returns the name that people read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Probabilities => "probabilities",
            Self::Samples => "samples",
            Self::Single => "single",
            Self::Comparisons => "comparisons",
        }
    }
}

impl Verdict {
    /// Returns the score, if one was given.
    pub fn score(&self) -> Option<Score> {
        match self.outcome {
            Outcome::Scored { score, .. } => Some(score),
            Outcome::Abstained { .. } | Outcome::Failed { .. } => None,
        }
    }

    /// Returns the critic's own variance of its score; None when there is no score or no variance.
    pub fn variance(&self) -> Option<f64> {
        match self.outcome {
            Outcome::Scored { variance, .. } => variance,
            Outcome::Abstained { .. } | Outcome::Failed { .. } => None,
        }
    }

    /// Tells whether the critic should have judged and could not.
    pub fn is_failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed { .. })
    }
}
