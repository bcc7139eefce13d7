//! The body of a reply with status 200.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::llm::completion::{Choice, Completion, Finish, Token, Usage};

/// Why a body is no completion.
pub(super) enum BodyFailure {
    /// No JSON object: cut, HTML, empty.
    NotJson,
    /// The server put an error into a reply with status 200.
    Error(Value),
    /// JSON without a single choice.
    NoChoices(Option<Usage>),
}

/// Unknown types stay [`Value`]s: a server that sends a number for an id has still answered.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    model: Value,
    #[serde(borrow, default)]
    choices: Option<Vec<BodyChoice<'a>>>,
    #[serde(default)]
    usage: Value,
    #[serde(default)]
    error: Value,
}

#[derive(Deserialize)]
struct BodyChoice<'a> {
    #[serde(default)]
    message: Option<Message>,
    #[serde(default)]
    finish_reason: Value,
    #[serde(borrow, default)]
    logprobs: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
struct Message {
    #[serde(default)]
    content: Value,
    #[serde(default)]
    reasoning: Value,
    #[serde(default)]
    reasoning_content: Value,
    #[serde(default)]
    refusal: Value,
    #[serde(default)]
    tool_calls: Value,
    #[serde(default)]
    function_call: Value,
}

#[derive(Deserialize)]
struct Logprobs {
    #[serde(default)]
    content: Option<Vec<BodyToken>>,
}

#[derive(Deserialize)]
struct BodyToken {
    token: String,
    logprob: f64,
    #[serde(default)]
    top_logprobs: Option<Vec<Alternative>>,
}

#[derive(Deserialize)]
struct Alternative {
    token: String,
    logprob: f64,
}

pub(super) fn read(body: &[u8]) -> Result<Completion, BodyFailure> {
    let text = std::str::from_utf8(body).map_err(|_| BodyFailure::NotJson)?;
    let text = text.trim_start_matches('\u{feff}');
    let body: Body<'_> = serde_json::from_str(text).map_err(|_| BodyFailure::NotJson)?;
    if !body.error.is_null() {
        return Err(BodyFailure::Error(body.error));
    }
    let usage = usage(&body.usage);
    let choices: Vec<Choice> = body.choices.unwrap_or_default().into_iter().map(choice).collect();
    if choices.is_empty() {
        return Err(BodyFailure::NoChoices(usage));
    }
    let id = string(body.id).unwrap_or_default();
    let model = string(body.model).unwrap_or_default();
    Ok(Completion { id, model, choices, usage })
}

/// Returns the tokens that `usage` counts; None if it counts neither input nor output.
pub(super) fn usage(usage: &Value) -> Option<Usage> {
    let count = |pointers: [&str; 2]| {
        let found = pointers.iter().find_map(|pointer| usage.pointer(pointer).filter(|n| n.is_number()));
        // A count beyond u64 or below 0 is nonsense; `as` saturates it.
        found.and_then(|n| n.as_u64().or_else(|| n.as_f64().map(|n| n as u64)))
    };
    let input = count(["/prompt_tokens", "/input_tokens"]);
    let output = count(["/completion_tokens", "/output_tokens"]);
    if input.is_none() && output.is_none() {
        return None;
    }
    let cached = count(["/prompt_tokens_details/cached_tokens", "/input_tokens_details/cached_tokens"]);
    let reasoning =
        count(["/completion_tokens_details/reasoning_tokens", "/output_tokens_details/reasoning_tokens"]);
    Some(Usage {
        input_tokens: input.unwrap_or(0),
        output_tokens: output.unwrap_or(0),
        cached_input_tokens: cached.unwrap_or(0),
        reasoning_tokens: reasoning.unwrap_or(0),
    })
}

fn choice(choice: BodyChoice<'_>) -> Choice {
    let message = choice.message.unwrap_or_default();
    let parts = Parts::of(message.content);
    let (thought, text) = split_thought(parts.text);
    let field = string(message.reasoning).or_else(|| string(message.reasoning_content));
    Choice {
        text: filled(text),
        reasoning: field.or_else(|| filled(parts.reasoning)).or(thought),
        refusal: string(message.refusal).or_else(|| filled(parts.refusal)),
        tool_arguments: tool_arguments(&message.tool_calls, &message.function_call),
        finish: finish(choice.finish_reason),
        tokens: choice.logprobs.map(tokens).unwrap_or_default(),
    }
}

/// What a content that is a text or a list of parts is made of.
#[derive(Default)]
struct Parts {
    text: String,
    reasoning: String,
    refusal: String,
}

impl Parts {
    fn of(content: Value) -> Self {
        let mut parts = Self::default();
        match content {
            Value::String(text) => parts.text = text,
            Value::Array(items) => items.iter().for_each(|item| parts.add(item)),
            _ => {}
        }
        parts
    }

    fn add(&mut self, part: &Value) {
        let text = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or("");
        match part.get("type").and_then(Value::as_str) {
            Some("refusal") => self.refusal.push_str(text("refusal")),
            Some("thinking") => self.reasoning.push_str(text("thinking")),
            Some("reasoning") => self.reasoning.push_str(text("text")),
            _ => self.text.push_str(part.as_str().unwrap_or(text("text"))),
        }
    }
}

/// Splits a leading `<think>…</think>` off; a thought that never ends leaves no text.
fn split_thought(text: String) -> (Option<String>, String) {
    let start = text.trim_start();
    // Some chat templates put the opening tag into the prompt. A reply that begins as JSON has not thought, though
    // its rationale may quote the closing one.
    let is_headless = !start.starts_with(['{', '[', '`']) && start.contains("</think>");
    let inside = start.strip_prefix("<think>").or(is_headless.then_some(start));
    let Some(inside) = inside else { return (None, text) };
    let (thought, answer) = inside.split_once("</think>").unwrap_or((inside, ""));
    (filled(thought.trim().into()), answer.trim_start().into())
}

/// Returns the arguments of the first call as text; some servers send them as an object.
fn tool_arguments(tool_calls: &Value, function_call: &Value) -> Option<String> {
    let first = tool_calls.pointer("/0/function/arguments");
    match first.or_else(|| function_call.get("arguments"))? {
        Value::String(text) => filled(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

fn finish(reason: Value) -> Finish {
    let Some(reason) = string(reason) else { return Finish::Missing };
    match reason.as_str() {
        "stop" => Finish::Stop,
        "length" | "max_tokens" => Finish::Length,
        "content_filter" => Finish::ContentFilter,
        "tool_calls" | "function_call" => Finish::ToolCalls,
        _ => Finish::Other(reason),
    }
}

/// Returns the tokens, or none if a single one cannot be read: a gap would shift all that follow.
fn tokens(logprobs: &RawValue) -> Vec<Token> {
    let parsed = serde_json::from_str::<Logprobs>(logprobs.get());
    let given = parsed.ok().and_then(|logprobs| logprobs.content).unwrap_or_default();
    let token = |given: BodyToken| {
        let top = given.top_logprobs.unwrap_or_default().into_iter();
        Token {
            text: given.token,
            logprob: given.logprob,
            top: top.map(|other| (other.token, other.logprob)).collect(),
        }
    };
    given.into_iter().map(token).collect()
}

fn string(value: Value) -> Option<String> {
    match value {
        Value::String(text) => filled(text),
        _ => None,
    }
}

fn filled(text: String) -> Option<String> {
    (!text.trim().is_empty()).then_some(text)
}
