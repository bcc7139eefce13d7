//! What a request asks for, as far as it costs.

use rewardctl_critic::llm::price::tokens::estimate_tokens;
use serde::Deserialize;
use serde_json::Value;

/// Tokens around one message and around all of them, by OpenAI's count; others are near.
const TOKENS_A_MESSAGE: u64 = 4;
const TOKENS_A_REQUEST: u64 = 3;

/// What one request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The first turn, by which critics are told apart.
    pub opening: String,
    /// About how many tokens the model reads.
    pub input_tokens: u64,
    /// How many replies are asked for.
    pub replies: u64,
    /// The most tokens that one of them may take, reasoning included.
    pub most_tokens: u64,
    /// Whether the probabilities of its tokens are asked for.
    pub wants_probabilities: bool,
    /// Whether it asks again, because a reply had no verdict.
    pub is_repair: bool,
}

impl Asked {
    /// Reads the body of a request; None if it is not one of ours.
    pub fn read(body: &[u8]) -> Option<Self> {
        let body: Body = serde_json::from_slice(body).ok()?;
        let texts: u64 =
            body.messages.iter().map(|turn| estimate_tokens(&turn.content) + TOKENS_A_MESSAGE).sum();
        let schema = body.response_format.as_ref().and_then(|format| format.get("json_schema"));
        // Providers show the model what it must keep to; a grammar is enforced without its knowledge.
        let shown = schema.into_iter().chain(&body.tools).map(|shown| estimate_tokens(&shown.to_string()));
        let is_repair = body.messages.iter().any(|turn| turn.role == "assistant");
        Some(Self {
            input_tokens: texts + TOKENS_A_REQUEST + shown.sum::<u64>(),
            replies: body.n.unwrap_or(1),
            most_tokens: body.max_tokens.or(body.max_completion_tokens).unwrap_or(0),
            wants_probabilities: body.logprobs,
            is_repair,
            opening: body.messages.into_iter().next().map(|turn| turn.content).unwrap_or_default(),
        })
    }
}

#[derive(Deserialize)]
struct Body {
    messages: Vec<Turn>,
    n: Option<u64>,
    max_tokens: Option<u64>,
    max_completion_tokens: Option<u64>,
    #[serde(default)]
    logprobs: bool,
    response_format: Option<Value>,
    tools: Option<Value>,
}

#[derive(Deserialize)]
struct Turn {
    role: String,
    content: String,
}

#[cfg(test)]
mod tests {
    use rewardctl_core::item::Message;
    use rewardctl_critic::llm::dialect::Dialect;
    use rewardctl_critic::llm::request::{Ask, Form, Sampling, request};
    use serde_json::json;

    use super::*;

    #[test]
    fn our_own_requests_are_read() {
        let sampling = Sampling {
            temperature: Some(0.7),
            top_p: None,
            max_tokens: 400,
            seed: None,
            n: 5,
            logprobs: false,
        };
        let form = Form::Json { name: "v".into(), schema: json!({"type": "object"}) };
        let ask = Ask { messages: vec![Message::user("word ".repeat(80))], form, sampling };
        let written = request("m", &ask, &Dialect::FULL);
        let asked = Asked::read(written.body().as_bytes()).unwrap();
        let schema = estimate_tokens(r#"{"name":"v","schema":{"type":"object"},"strict":true}"#);
        assert_eq!(asked.input_tokens, 100 + TOKENS_A_MESSAGE + TOKENS_A_REQUEST + schema);
        assert_eq!((asked.replies, asked.most_tokens), (5, 400));
        assert!(!asked.wants_probabilities && !asked.is_repair);
        assert!(asked.opening.starts_with("word word"));
        assert_eq!(Asked::read(b"{}"), None);
    }
}
