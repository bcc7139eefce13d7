//! Conversations: lists of messages in the two spellings that are around, and transcripts of `Human:` and
//! `Assistant:` turns.

use rewardctl_core::item::Message;
use serde_json::Value;

use crate::json::kind;
use crate::row_error::{Fault, RowProblem, quoted};

/// How a turn of either side starts in a transcript.
const TURN_STARTS: [(&str, &str); 2] = [("\n\nHuman:", "user"), ("\n\nAssistant:", "assistant")];

/// Returns the prompt in `value`: a text is one turn of the user.
pub(crate) fn prompt(value: Value, field: &str) -> Result<Vec<Message>, Fault> {
    let turns = match value {
        Value::Null => return Err(Fault::of_field(field, RowProblem::Missing)),
        Value::String(text) if text.trim().is_empty() => vec![],
        Value::String(text) => vec![Message::user(text)],
        turns @ Value::Array(_) => conversation(turns, field)?,
        turn @ Value::Object(_) => vec![message(turn, field)?],
        other => return Err(wrong_kind(field, "text or a list of messages", &other)),
    };
    if turns.is_empty() { Err(Fault::of_field(field, RowProblem::Empty)) } else { Ok(turns) }
}

/// Returns the turns of a list of messages.
pub(crate) fn conversation(value: Value, field: &str) -> Result<Vec<Message>, Fault> {
    let Value::Array(turns) = value else {
        let problem = if value.is_null() {
            RowProblem::Missing
        } else {
            RowProblem::Kind { expected: "a list of messages", found: kind(&value) }
        };
        return Err(Fault::of_field(field, problem));
    };
    let mut messages = vec![];
    for (at, turn) in turns.into_iter().enumerate() {
        messages.push(message(turn, &format!("{field}[{at}]"))?);
    }
    Ok(messages)
}

/// Takes the last turn off a conversation: the response, which the assistant must have given.
pub(crate) fn split_response(mut turns: Vec<Message>, field: &str) -> Result<(Vec<Message>, String), Fault> {
    match turns.pop() {
        None => Err(Fault::of_field(field, RowProblem::Empty)),
        Some(last) if last.role == "assistant" => Ok((turns, last.content)),
        Some(last) => Err(Fault::of_field(field, RowProblem::LastTurn { role: quoted(&last.role) })),
    }
}

/// Returns the text of a message: a text, or a list of parts that are all text.
pub(crate) fn content(value: Value, field: &str) -> Result<String, Fault> {
    match value {
        Value::String(text) => Ok(text),
        Value::Null => Err(Fault::of_field(field, RowProblem::Missing)),
        Value::Array(parts) => {
            let mut texts = vec![];
            for (at, part) in parts.into_iter().enumerate() {
                texts.push(part_text(part, &format!("{field}[{at}]"))?);
            }
            Ok(texts.concat())
        }
        other => Err(wrong_kind(field, "text", &other)),
    }
}

/// Tells whether `text` is a transcript: it starts with a turn.
pub(crate) fn is_transcript(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("Human:") || text.starts_with("Assistant:")
}

/// Returns the turns of a transcript. A marker inside a message cannot be told from the start of a turn.
pub(crate) fn transcript(text: &str) -> Vec<Message> {
    // Some files leave the first marker's blank line out.
    let text = format!("\n\n{}", text.trim_start());
    let mut turns: Vec<Message> = vec![];
    let mut rest = text.as_str();
    while let Some((start, role)) = TURN_STARTS.iter().find(|(start, _)| rest.starts_with(start)) {
        let body = &rest[start.len()..];
        let end = TURN_STARTS.iter().filter_map(|(start, _)| body.find(start)).min().unwrap_or(body.len());
        turns.push(Message { role: (*role).into(), content: body[..end].trim().into() });
        rest = &body[end..];
    }
    turns
}

pub(crate) fn wrong_kind(field: &str, expected: &'static str, found: &Value) -> Fault {
    Fault::of_field(field, RowProblem::Kind { expected, found: kind(found) })
}

fn message(value: Value, field: &str) -> Result<Message, Fault> {
    let Value::Object(mut turn) = value else { return Err(wrong_kind(field, "a message", &value)) };
    let mut take = |names: [&str; 2]| names.iter().find_map(|name| turn.remove(*name));
    let role = match take(["role", "from"]) {
        Some(Value::String(role)) => known_role(role),
        Some(other) => return Err(wrong_kind(&format!("{field}.role"), "text", &other)),
        None => return Err(Fault::of_field(format!("{field}.role"), RowProblem::Missing)),
    };
    let calls = take(["tool_calls", "function_call"]);
    let text = take(["content", "value"]).unwrap_or(Value::Null);
    // A turn that only calls tools says so in JSON: what was called is what there is to judge.
    let content = match (text, calls) {
        (Value::Null, Some(calls)) if !calls.is_null() => calls.to_string(),
        (text, _) => content(text, &format!("{field}.content"))?,
    };
    Ok(Message { role, content })
}

fn known_role(role: String) -> String {
    match role.as_str() {
        "human" | "prompter" => "user".into(),
        "gpt" | "model" => "assistant".into(),
        _ => role,
    }
}

fn part_text(part: Value, field: &str) -> Result<String, Fault> {
    let mut part = match part {
        Value::String(text) => return Ok(text),
        Value::Object(part) => part,
        other => return Err(wrong_kind(field, "a part of a message", &other)),
    };
    let kind = part.get("type").and_then(Value::as_str).unwrap_or("text");
    if !matches!(kind, "text" | "input_text" | "output_text") {
        return Err(Fault::of_field(field, RowProblem::Part { kind: quoted(kind) }));
    }
    content(part.remove("text").unwrap_or(Value::Null), &format!("{field}.text"))
}
