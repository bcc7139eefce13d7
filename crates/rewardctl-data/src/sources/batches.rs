//! Batches of OpenAI and Anthropic: a file of requests, and a file of replies that name their request.

use rewardctl_core::item::{Message, Response};
use serde_json::{Map, Value};

use crate::chat::{content, conversation, prompt};
use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::companions::name;
use crate::sources::field::{
    has, inside, list, missing, no_answer, number, object, plain, present, response, text, unfit,
};
use crate::sources::found::several;
use crate::sources::{Aid, Family, Found, RowsMean, Yields};

const REQUEST: &str = "batch request";

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "openai-batch",
        title: "OpenAI batch output",
        fields: &["custom_id", "response"],
        signature: |row| has(row, &["custom_id", "response", "error"]),
        read: openai,
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: None,
    },
    Family {
        name: "anthropic-batch",
        title: "Anthropic batch results",
        fields: &["custom_id", "result"],
        signature: |row| {
            row.contains_key("custom_id")
                && row.get("result").is_some_and(|result| result.get("type").is_some())
        },
        read: anthropic,
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: None,
    },
    Family {
        name: "openai-batch-input",
        title: "OpenAI batch input",
        fields: &["custom_id", "body"],
        signature: |row| has(row, &["custom_id", "method", "url", "body"]),
        read: |_, _| Ok(vec![]),
        yields: Yields::Nothing("name the batch's output file beside it"),
        rows: RowsMean::Alone,
        lookup: Some(request),
    },
    Family {
        name: "anthropic-batch-input",
        title: "Anthropic batch requests",
        fields: &["custom_id", "params"],
        signature: |row| {
            row.contains_key("custom_id")
                && row.get("params").is_some_and(|params| params.get("messages").is_some())
        },
        read: |_, _| Ok(vec![]),
        yields: Yields::Nothing("name the batch's results file beside it"),
        rows: RowsMean::Alone,
        lookup: Some(request),
    },
];

fn request(row: &Fields) -> Vec<String> {
    plain(row, "custom_id").map(|id| name(REQUEST, &id)).into_iter().collect()
}

fn openai(row: Fields, aid: &Aid) -> Result<Vec<Found>, Fault> {
    if let Some(error) = present(&row, "error") {
        return Err(no_answer("error", said(error)));
    }
    let status = number(&row, "response.status_code")?;
    if status.is_some_and(|status| status != 200.0) {
        return Err(no_answer(
            "response.status_code",
            format!("the request failed with {}", status.unwrap_or(0.0)),
        ));
    }
    let body = object(&row, "response.body")?;
    let responses = replies(body).map_err(|fault| inside("response.body", fault))?;
    let id = text(&row, "custom_id")?;
    let asked = object(aid.others.need(REQUEST, &id, "custom_id")?, "body")?;
    let prompt = asked_for(asked).map_err(|fault| inside("request.body", fault))?;
    let usage = present(&row, "response.body.usage").map(|usage| ("usage".to_owned(), usage.clone()));
    let rest = usage.into_iter().collect();
    Ok(vec![several(prompt, responses, rest).named(Some(id))])
}

/// Returns the texts of a chat completion, a completion, or a response.
fn replies(body: &Fields) -> Result<Vec<Response>, Fault> {
    let model = plain(body, "model");
    if body.contains_key("output") {
        return Ok(vec![response(output_text(list(body, "output")?)?, model)]);
    }
    let mut responses = vec![];
    for (at, choice) in list(body, "choices")?.iter().enumerate() {
        let place = format!("choices[{at}]");
        let text = match choice.get("message") {
            Some(message) => last(prompt(message.clone(), &format!("{place}.message"))?),
            None => content(choice.get("text").cloned().unwrap_or_default(), &format!("{place}.text"))?,
        };
        responses.push(response(text, model.clone()));
    }
    if responses.is_empty() { Err(no_answer("choices", "there is no choice")) } else { Ok(responses) }
}

fn last(mut turns: Vec<Message>) -> String {
    turns.pop().map(|turn| turn.content).unwrap_or_default()
}

/// A response is a list of outputs, of which reasoning and calls are no text.
fn output_text(outputs: &[Value]) -> Result<String, Fault> {
    let messages =
        outputs.iter().filter(|output| output.get("type").and_then(Value::as_str) == Some("message"));
    let mut text = String::new();
    for message in messages {
        text += &content(message.get("content").cloned().unwrap_or_default(), "output.content")?;
    }
    if text.is_empty() { Err(no_answer("output", "there is no message in it")) } else { Ok(text) }
}

/// Returns the prompt of a request: `messages`, `input` (with `instructions`) or `prompt`.
fn asked_for(body: &Fields) -> Result<Vec<Message>, Fault> {
    let mut turns = vec![];
    if let Some(Value::String(system)) = present(body, "instructions") {
        turns.push(Message { role: "system".into(), content: system.clone() });
    }
    for key in ["messages", "input", "prompt"] {
        if let Some(value) = present(body, key) {
            turns.extend(prompt(value.clone(), key)?);
            return Ok(turns);
        }
    }
    Err(missing("messages"))
}

fn anthropic(row: Fields, aid: &Aid) -> Result<Vec<Found>, Fault> {
    match text(&row, "result.type")?.as_str() {
        "succeeded" => {}
        failed @ ("errored" | "canceled" | "expired") => {
            let error = present(&row, "result.error").map(said).unwrap_or_else(|| failed.to_owned());
            return Err(no_answer("result.type", error));
        }
        other => return Err(unfit("result.type", other, "`succeeded`, `errored`, `canceled` or `expired`")),
    }
    let message = object(&row, "result.message")?;
    let blocks = list(message, "content").map_err(|fault| inside("result.message", fault))?;
    let answer = block_text(blocks)?;
    let id = text(&row, "custom_id")?;
    let params = object(aid.others.need(REQUEST, &id, "custom_id")?, "params")?;
    let mut turns = vec![];
    if let Some(system) = present(params, "system") {
        let content = content(system.clone(), "request.params.system")?;
        turns.push(Message { role: "system".into(), content });
    }
    let messages = present(params, "messages").cloned().unwrap_or_default();
    turns.extend(conversation(messages, "request.params.messages")?);
    let responses = vec![response(answer, plain(message, "model"))];
    Ok(vec![several(turns, responses, Map::new()).named(Some(id))])
}

/// Returns the text of content blocks; reasoning and calls of tools are none.
fn block_text(blocks: &[Value]) -> Result<String, Fault> {
    let is_text = |block: &&Value| block.get("type").and_then(Value::as_str) == Some("text");
    let texts: Vec<Value> = blocks.iter().filter(is_text).cloned().collect();
    if texts.is_empty() {
        return Err(no_answer("result.message.content", "there is no block of text"));
    }
    content(Value::Array(texts), "result.message.content")
}

fn said(error: &Value) -> String {
    let message = error.get("message").or_else(|| error.get("error").and_then(|error| error.get("message")));
    let text = message.and_then(Value::as_str).map_or_else(|| error.to_string(), String::from);
    format!("the request failed ({})", crate::row_error::quoted(&text))
}
