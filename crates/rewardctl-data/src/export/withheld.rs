//! Why a row of a dataset is not in a trainer's file, or not as it was.

use serde::Serialize;

/// Why a target cannot carry a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// The row teaches something else than the dataset's first row.
    OtherKind,
    /// No prompt, or a last turn without a word.
    EmptyPrompt,
    /// An answer without a word.
    EmptyAnswer,
    /// Both answers are the same.
    SameAnswers,
    /// The prompt's last turn is not the user's.
    EndsWithoutUser,
    /// A turn is neither the system's, the user's, the assistant's nor a tool's.
    UnknownRole,
    /// The turns of user and assistant do not alternate, or a system turn is not the first.
    NotAlternating,
    /// The prompt has several turns, and the target has a place for one.
    SeveralTurns,
    /// The prompt has a system turn, and the target has no place for it.
    SystemTurn,
    /// The text has a mark in place of which the loader would put an image, a video or a sound.
    MediaMark,
    /// The loader would find the answer in its template's own words instead.
    InTemplate,
    /// The row knows no reference answer.
    NoReference,
    /// The row knows no margin.
    NoMargin,
    /// The row knows no strength.
    NoStrength,
    /// No step, or not as many labels as steps.
    UnlabelledSteps,
}

/// What was done to a row so that its loader reads it right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// White space around an answer was taken off.
    Trimmed,
}

impl Withheld {
    /// Returns the reason as machines read it.
    pub fn code(self) -> &'static str {
        match self {
            Self::OtherKind => "other_kind",
            Self::EmptyPrompt => "empty_prompt",
            Self::EmptyAnswer => "empty_answer",
            Self::SameAnswers => "same_answers",
            Self::EndsWithoutUser => "ends_without_user",
            Self::UnknownRole => "unknown_role",
            Self::NotAlternating => "not_alternating",
            Self::SeveralTurns => "several_turns",
            Self::SystemTurn => "system_turn",
            Self::MediaMark => "media_mark",
            Self::InTemplate => "in_template",
            Self::NoReference => "no_reference",
            Self::NoMargin => "no_margin",
            Self::NoStrength => "no_strength",
            Self::UnlabelledSteps => "unlabelled_steps",
        }
    }

    /// Returns the reason as a person reads it.
    pub fn reason(self) -> &'static str {
        match self {
            Self::OtherKind => "of another kind than the first row",
            Self::EmptyPrompt => "empty prompt",
            Self::EmptyAnswer => "empty answer",
            Self::SameAnswers => "both answers are the same",
            Self::EndsWithoutUser => "the prompt does not end with the user",
            Self::UnknownRole => "a role that the trainer does not know",
            Self::NotAlternating => "user and assistant do not alternate",
            Self::SeveralTurns => "several turns, and there is a place for one",
            Self::SystemTurn => "a system turn, and there is no place for it",
            Self::MediaMark => "a mark for an image, a video or a sound in the text",
            Self::InTemplate => "the loader would find the answer in its template",
            Self::NoReference => "no reference answer",
            Self::NoMargin => "no margin",
            Self::NoStrength => "no strength",
            Self::UnlabelledSteps => "steps without labels",
        }
    }
}

impl Changed {
    /// Returns what was done, as a person reads it.
    pub fn what(self) -> &'static str {
        match self {
            Self::Trimmed => "without the white space around an answer",
        }
    }
}
