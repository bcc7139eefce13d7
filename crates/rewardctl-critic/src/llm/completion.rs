//! Completions: the HTTP reply to a chat completion, read into what was said or why nothing was.
//!
//! Servers differ in what they leave out, set to null, rename or break; everything that can be read is read, and
//! nothing is guessed. Reasoning is set apart from the text, so that no verdict is ever read out of it.

use std::time::Duration;

use crate::llm::exchange::Headers;

mod body;
mod failure;

/// What a server answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// The server's id of the reply; empty if it gave none.
    pub id: String,
    /// The model that the server says it used; empty if it does not say.
    pub model: String,
    /// One or more.
    pub choices: Vec<Choice>,
    /// The tokens that were billed, if the server counts them.
    pub usage: Option<Usage>,
}

/// One of the answers to a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The answer without its reasoning; None if there is none or it is empty.
    pub text: Option<String>,
    /// What the model thought aloud before. Never parsed for a verdict.
    pub reasoning: Option<String>,
    /// Why the model refused. Looked at before the text.
    pub refusal: Option<String>,
    /// The arguments of the first tool call, as JSON text.
    pub tool_arguments: Option<String>,
    /// Why the model stopped.
    pub finish: Finish,
    /// The tokens of the answer with their probabilities; empty where the server gives none.
    pub tokens: Vec<Token>,
}

/// Why a model stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finish {
    /// It was done.
    Stop,
    /// It ran out of tokens: the answer is cut, and never a score.
    Length,
    /// A filter of the provider cut in.
    ContentFilter,
    /// It called a tool.
    ToolCalls,
    /// A word that is not known here.
    Other(String),
    /// The server does not say.
    Missing,
}

/// One token of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// The text.
    pub text: String,
    /// The natural logarithm of its probability.
    pub logprob: f64,
    /// The likeliest tokens at this place and their ln p, as given: mostly with the token itself among them.
    pub top: Vec<(String, f64)>,
}

/// The tokens that a call cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Usage {
    /// Read by the model, from the cache or not.
    pub input_tokens: u64,
    /// Written by the model, reasoning included.
    pub output_tokens: u64,
    /// Those of the input that came from the provider's cache.
    pub cached_input_tokens: u64,
    /// Those of the output that were reasoning.
    pub reasoning_tokens: u64,
}

/// Why a call has no completion.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct CallFailure {
    /// As a person reads it; what the server said is cut short and freed of control characters.
    pub reason: String,
    /// Whether to try again.
    pub retry: Retry,
    /// The HTTP status; None if the connection failed.
    pub status: Option<u16>,
    /// What the call cost nevertheless, if the server says so.
    pub usage: Option<Usage>,
}

/// Whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It would fail again.
    Never,
    /// It may help.
    Later {
        /// How long the server asked to wait.
        after: Option<Duration>,
    },
}

/// Returns what the reply says, or why it says nothing.
///
/// A reply with status 200 that cannot be read (cut, HTML, no choices) may have been billed; it is worth another
/// try, because the next one mostly reads.
pub fn read(status: u16, headers: &Headers, body: &[u8]) -> Result<Completion, CallFailure> {
    if (200..300).contains(&status) {
        body::read(body).map_err(|failure| failure::of_body(status, headers, failure))
    } else {
        Err(failure::of_status(status, headers, body))
    }
}

#[cfg(test)]
mod tests;
