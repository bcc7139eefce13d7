//! Why something did not become a row. Nothing is left out without a reason.

use serde::{Deserialize, Serialize};

/// Why a prompt gives no row, or why a row that it could give is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// One response, and no correction of it: no pair without a second text.
    NoSecondText,
    /// No response has a reward of the version in use, and nobody said anything.
    NoReward,
    /// The reward is of another version than most.
    OtherVersion,
    /// People called it a tie, or their votes are split.
    Tie,
    /// Rated neither well nor badly.
    MiddlingRating,
    /// The best response waits for a person.
    WaitsForPerson,
    /// The rewards lie too close together.
    MarginTooSmall,
    /// The models are not sure enough.
    LowConfidence,
    /// One person against models that are sure: a second person should look.
    NeedsSecondLabel,
    /// Corrected although it was rated well.
    CorrectedThoughGood,
    /// The correction is what it corrects.
    CorrectionUnchanged,
    /// Both answers say the same but for spaces and marks.
    SameText,
    /// Both answers differ in a few letters alone.
    NearlySameText,
    /// The answer is empty.
    Empty,
    /// The prompt or the response is used often enough.
    OverLimit,
    /// The same row stands there already.
    Duplicate,
    /// A row alike stands there already.
    NearDuplicate,
    /// Left out so that length does not tell chosen from rejected.
    LengthBalance,
    /// Left out so that both labels are as many.
    LabelBalance,
    /// Neither better nor worse than most.
    Middle,
    /// All rewards of the prompt are alike.
    NoSpread,
    /// Fewer than two rewards, so that the spread is not known.
    SpreadUnknown,
    /// No steps with labels.
    NoSteps,
    /// It holds personal data.
    PersonalData,
    /// It holds what an evaluation asks.
    Contaminated,
}

impl Reason {
    /// Returns the reason as a person reads it.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoSecondText => "one response and no correction",
            Self::NoReward => "no reward and no label",
            Self::OtherVersion => "a reward of another version: score again",
            Self::Tie => "a tie, or votes that are split",
            Self::MiddlingRating => "rated neither well nor badly",
            Self::WaitsForPerson => "the best response waits for a person",
            Self::MarginTooSmall => "rewards too close together",
            Self::LowConfidence => "models not sure enough",
            Self::NeedsSecondLabel => "one person against sure models: a second label is due",
            Self::CorrectedThoughGood => "corrected although rated well",
            Self::CorrectionUnchanged => "a correction that changes nothing",
            Self::SameText => "both answers say the same",
            Self::NearlySameText => "both answers say nearly the same",
            Self::Empty => "an empty answer",
            Self::OverLimit => "prompt or response used often enough",
            Self::Duplicate => "the same row again",
            Self::NearDuplicate => "a row alike again",
            Self::LengthBalance => "left out to balance length",
            Self::LabelBalance => "left out to balance labels",
            Self::Middle => "neither better nor worse than most",
            Self::NoSpread => "all rewards of the prompt alike",
            Self::SpreadUnknown => "fewer than two rewards of the prompt",
            Self::NoSteps => "no steps with labels",
            Self::PersonalData => "personal data or secrets in it",
            Self::Contaminated => "part of an evaluation",
        }
    }
}
