//! What the rows of a file hold.

use std::fmt;

/// What the rows of a file hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A prompt alone, or a conversation that waits for an answer; read only where responses are yet to come.
    Prompt,
    /// A prompt with one response.
    PromptResponse,
    /// A prompt with a list of responses.
    PromptResponses,
    /// A prompt with two or more responses in fields of their own, such as `response_a` and `response_b`.
    Sides,
    /// A conversation whose last turn is the response.
    Messages,
    /// A response that was preferred and one that was not.
    Pair,
    /// The file of a known tool, by its name.
    Source(&'static str),
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shape::Prompt => "prompts without responses",
            Shape::PromptResponse => "prompt + response",
            Shape::PromptResponses => "prompt + several responses",
            Shape::Sides => "prompt + responses side by side",
            Shape::Messages => "chat messages",
            Shape::Pair => "chosen/rejected pairs",
            Shape::Source(title) => title,
        })
    }
}
