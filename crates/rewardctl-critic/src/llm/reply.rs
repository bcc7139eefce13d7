//! A language model's reply, read as a verdict or as the reason why there is none.
//!
//! Replies are untrusted and often not what was asked for, so they are read leniently and decided strictly: the
//! strongest form found (JSON before marks before labels before sentences) speaks, the last word of that form counts,
//! two different verdicts with no final one among them are none, and a number off the scale is never moved onto it.
//! Everything here takes time linear in the reply's length.

pub mod dimensions;
pub mod samples;
pub mod score;
pub mod tokens;
pub mod winner;

mod claim;
mod content;
mod json;
mod pattern;
mod prose;
mod side;
mod spelt;
mod table;
mod value;
mod verdict_object;

#[cfg(test)]
mod tests;

/// What a model sent back, as far as a verdict may be read from it; its reasoning text is no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyText<'a> {
    /// The message's text.
    pub content: Option<&'a str>,
    /// The arguments of the tool call that was asked for; they outrank the text.
    pub tool_arguments: Option<&'a str>,
    /// The field in which a server says that the model refused.
    pub refusal: Option<&'a str>,
    /// Whether the model came to its end.
    pub ending: Ending,
}

/// How a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The model stopped by itself, or the server does not say.
    Complete,
    /// The token limit cut it off.
    Cut,
    /// The server's filter withheld it.
    Filtered,
}

impl<'a> ReplyText<'a> {
    /// Wraps a plain text that came to its end.
    pub fn plain(text: &'a str) -> Self {
        Self { content: Some(text), tool_arguments: None, refusal: None, ending: Ending::Complete }
    }
}

/// What a reply says.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading<T = Parsed> {
    /// A verdict.
    Value(T),
    /// The model says that the dimension does not apply.
    NotApplicable {
        /// Its explanation, or a word on where it said so.
        reason: String,
    },
    /// No verdict, or no single legal one.
    Unparsable {
        /// What is wrong, as a person reads it; quotes at most a few words.
        reason: String,
    },
    /// The model would not judge.
    Refused {
        /// Its first words.
        reason: String,
    },
    /// The reply ended before its verdict could.
    Cut {
        /// Where it ended.
        reason: String,
    },
}

impl<T> Reading<T> {
    /// Changes the verdict and leaves every other reading as it is.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Value(value) => Reading::Value(change(value)),
            Self::NotApplicable { reason } => Reading::NotApplicable { reason },
            Self::Unparsable { reason } => Reading::Unparsable { reason },
            Self::Refused { reason } => Reading::Refused { reason },
            Self::Cut { reason } => Reading::Cut { reason },
        }
    }
}

/// A number that a reply gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The number, legal on the critic's own scale.
    pub value: f64,
    /// What the model says for it; may be empty.
    pub rationale: String,
    /// The form it was found in.
    pub how: How,
}

/// The form in which a verdict was found, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The arguments of a tool call.
    ToolArguments,
    /// The whole text is one JSON object.
    Json,
    /// A JSON object inside the text, fenced or not.
    EmbeddedJson,
    /// An object that is nearly JSON: single quotes, trailing commas, raw newlines or quotes in strings.
    LenientJson,
    /// A mark such as `[RESULT] 4` or `[[B]]`.
    Mark,
    /// A label such as `Rating: 4` or `Answer: A`.
    Label,
    /// A value alone on the first or last line.
    Lone,
    /// Two numbers, one for each side.
    Pair,
    /// A sentence such as `I give it a 4` or `Output (a) is better`.
    Sentence,
}
