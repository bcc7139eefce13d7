//! Requests: what is asked, written in the dialect of the endpoint that is asked.
//!
//! The same ask in the same dialect gives the same bytes, and the key of a call is the hash of those bytes. Names
//! are sorted, except within a JSON schema: there their order is a statement, because models write the fields of
//! an answer in the order in which the schema names them.

use std::borrow::Cow;

use rewardctl_core::id::ContentId;
use rewardctl_core::item::Message;
use serde::Serialize;
use serde_json::{Value, json};

use crate::llm::dialect::{Constraint, Dialect, TokenLimit};
use crate::llm::grammar;

/// What is asked of a model, whatever the endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The conversation; the last turn is the user's.
    pub messages: Vec<Message>,
    /// The form of the answer.
    pub form: Form,
    /// How the answer is drawn.
    pub sampling: Sampling,
}

/// The form of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// Any text.
    Text,
    /// A JSON object.
    Json {
        /// What the object is called; characters that servers refuse are replaced.
        name: String,
        /// Its JSON schema, fields in the order in which they should be written.
        schema: Value,
    },
}

/// How an answer is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    /// 0 takes the likeliest token; None leaves it to the server.
    pub temperature: Option<f64>,
    /// The share of the probability that tokens are drawn from; None leaves it to the server.
    pub top_p: Option<f64>,
    /// The most tokens of the answer, without reasoning.
    pub max_tokens: u32,
    /// Makes the draw repeatable where the server can; its low 31 bits are used, which every server reads.
    pub seed: Option<u64>,
    /// How many answers in one call, where the server can.
    pub n: u32,
    /// Whether the probabilities of the tokens are wanted, where the server gives them.
    pub logprobs: bool,
}

/// A request, ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    body: String,
}

impl Request {
    /// Returns the JSON body, one line.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Returns the request without `secret`, so that it can be recorded and named: a fence differs between projects,
    /// and what is asked does not.
    pub fn masked(&self, secret: &str) -> Self {
        Self { body: self.body.replace(secret, "KEY") }
    }

    /// Returns the key of the call: who is asked, what, and which of several draws this is.
    ///
    /// `endpoint` is [`Endpoint::identity`](crate::llm::client::Endpoint::identity), which holds no secret.
    pub fn key(&self, endpoint: &str, sample: u32) -> ContentId {
        let sample = sample.to_le_bytes();
        ContentId::of("call", [endpoint.as_bytes(), self.body.as_bytes(), sample.as_slice()])
    }
}

/// Writes `ask` to `model` in `dialect`.
///
/// What the endpoint cannot do is left out; where it does not enforce a JSON schema, the schema is stated at the
/// end of the last message.
pub fn request(model: &str, ask: &Ask, dialect: &Dialect) -> Request {
    let (Form::Json { schema, .. }, Some(how)) = (&ask.form, instruction(dialect.constraint)) else {
        return request_unstated(model, ask, dialect);
    };
    let mut stated = ask.clone();
    if let Some(last) = stated.messages.last_mut() {
        last.content.push_str(&format!("\n\n{how}\n{schema}"));
    }
    request_unstated(model, &stated, dialect)
}

/// Writes `ask` without stating a schema in words: what then matches it was enforced.
pub(super) fn request_unstated(model: &str, ask: &Ask, dialect: &Dialect) -> Request {
    let sampling = &ask.sampling;
    let limit = sampling.max_tokens.saturating_add(dialect.thinking_tokens);
    let limit_called = |name: TokenLimit| (dialect.token_limit == name).then_some(limit);
    let logprobs = dialect.logprobs && sampling.logprobs;
    // `+ 0.0` turns -0.0 into 0.0, which would otherwise print differently.
    let number = |number: f64| number + 0.0;
    let mut body = Body {
        logprobs: logprobs.then_some(true),
        max_completion_tokens: limit_called(TokenLimit::MaxCompletionTokens),
        max_tokens: limit_called(TokenLimit::MaxTokens),
        messages: turns(&ask.messages, dialect),
        model,
        n: (dialect.n && sampling.n > 1).then_some(sampling.n),
        seed: sampling.seed.filter(|_| dialect.seed).map(|seed| seed & 0x7fff_ffff),
        temperature: sampling.temperature.filter(|_| dialect.temperature).map(number),
        top_logprobs: logprobs.then_some(dialect.top_logprobs),
        top_p: sampling.top_p.map(number),
        ..Body::default()
    };
    if let Form::Json { name, schema } = &ask.form {
        body.constrain(&tidy(name), schema, dialect.constraint);
    }
    Request { body: serde_json::to_string(&body).expect("a request is plain data") }
}

/// The body, with its names sorted.
#[derive(Default, Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    grammar: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    messages: Vec<Turn<'a>>,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    structured_outputs: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
}

#[derive(Serialize)]
struct Turn<'a> {
    content: Cow<'a, str>,
    role: &'a str,
}

/// Returns what tells a model in words to write JSON; None where the server makes sure of it.
fn instruction(constraint: Constraint) -> Option<&'static str> {
    match constraint {
        Constraint::JsonSchema => None,
        Constraint::Tool => Some("Call the function with arguments that match this JSON schema:"),
        Constraint::JsonObject | Constraint::Grammar | Constraint::None => {
            Some("Answer with one JSON object that matches this JSON schema, and nothing else:")
        }
    }
}

impl Body<'_> {
    fn constrain(&mut self, name: &str, schema: &Value, constraint: Constraint) {
        match constraint {
            Constraint::JsonSchema => {
                let schema = json!({"name": name, "schema": schema, "strict": true});
                self.response_format = Some(json!({"json_schema": schema, "type": "json_schema"}));
            }
            Constraint::JsonObject => self.response_format = Some(json!({"type": "json_object"})),
            Constraint::Tool => {
                let function = json!({"name": name, "parameters": schema});
                self.tool_choice = Some(json!({"function": {"name": name}, "type": "function"}));
                self.tools = Some(json!([{"function": function, "type": "function"}]));
            }
            // llama.cpp reads the one, vLLM the other; each ignores what it does not know.
            Constraint::Grammar => {
                self.grammar = Some(grammar::of_schema(schema));
                self.structured_outputs = Some(json!({"json": schema}));
            }
            Constraint::None => {}
        }
    }
}

/// Returns the turns; an endpoint that takes no system message gets it at the head of the next turn.
fn turns<'a>(messages: &'a [Message], dialect: &Dialect) -> Vec<Turn<'a>> {
    let mut turns = vec![];
    let mut orders = String::new();
    for message in messages {
        if message.role == "system" && !dialect.system {
            orders.push_str(&format!("{}\n\n", message.content));
            continue;
        }
        let content = match orders.is_empty() {
            true => Cow::Borrowed(message.content.as_str()),
            false => Cow::Owned(std::mem::take(&mut orders) + &message.content),
        };
        turns.push(Turn { content, role: &message.role });
    }
    if !orders.is_empty() {
        turns.push(Turn { content: orders.trim_end().to_owned().into(), role: "user" });
    }
    turns
}

/// Returns `name` with only the characters that every server takes, at most 64 of them.
fn tidy(name: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
    let tidied: String = name.chars().take(64).map(allowed).collect();
    if tidied.is_empty() { "answer".into() } else { tidied }
}

#[cfg(test)]
mod tests;
