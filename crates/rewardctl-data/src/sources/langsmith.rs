//! LangSmith: runs with inputs and outputs, and feedback that names them.

use rewardctl_core::item::Message;
use rewardctl_core::score::Scale;
use serde_json::{Map, Value};

use crate::chat::{content, conversation};
use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::companions::name;
use crate::sources::field::{has, inside, missing, number, plain, present, response, text};
use crate::sources::found::several;
use crate::sources::said::{correction, rating};
use crate::sources::{Aid, By, Family, Found, Opinion, RowsMean, THE_FILE, Yields};

const RUN: &str = "LangSmith run";
/// Where a text may stand in an object of any shape.
const TEXTS: [&str; 12] = [
    "messages",
    "question",
    "input",
    "prompt",
    "query",
    "text",
    "output",
    "answer",
    "response",
    "completion",
    "content",
    "result",
];

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "langsmith",
        title: "LangSmith runs",
        fields: &["inputs", "outputs"],
        signature: |row| has(row, &["id", "run_type", "inputs"]),
        read: |row, _| Ok(vec![run(&row)?]),
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: Some(|row| plain(row, "id").map(|id| name(RUN, &id)).into_iter().collect()),
    },
    Family {
        name: "langsmith-feedback",
        title: "LangSmith feedback",
        fields: &["run_id", "key", "score"],
        signature: |row| {
            has(row, &["run_id", "key"]) && (row.contains_key("score") || row.contains_key("correction"))
        },
        read: feedback,
        yields: Yields::Labels,
        rows: RowsMean::Alone,
        lookup: None,
    },
];

fn run(row: &Fields) -> Result<Found, Fault> {
    let prompt = any_prompt(present(row, "inputs").ok_or_else(|| missing("inputs"))?, "inputs")?;
    let output = any_text(present(row, "outputs").ok_or_else(|| missing("outputs"))?);
    let generator = plain(row, "extra.metadata.ls_model_name");
    let kept = row.iter().filter(|(key, _)| !matches!(key.as_str(), "inputs" | "outputs" | "id"));
    let rest: Map<String, Value> = kept.map(|(key, value)| (key.clone(), value.clone())).collect();
    Ok(several(prompt, vec![response(output, generator)], rest).named(plain(row, "id")))
}

fn feedback(row: Fields, aid: &Aid) -> Result<Vec<Found>, Fault> {
    if present(&row, "comparative_experiment_id").is_some() {
        return Ok(Found::passed("feedback of a pairwise experiment names no second run"));
    }
    let id = plain(&row, "run_id").ok_or_else(|| missing("run_id"))?;
    let opinions = said(&row, aid)?;
    if opinions.is_empty() {
        return Ok(Found::passed("feedback has neither a number nor a correction"));
    }
    let judged = aid.others.need(RUN, &id, "run_id")?;
    Ok(vec![run(judged).map_err(|fault| inside("run", fault))?.saying(opinions)])
}

fn said(row: &Fields, aid: &Aid) -> Result<Vec<Opinion>, Fault> {
    let by = match present(row, "feedback_source.type").and_then(Value::as_str) {
        None | Some("app") => {
            By::Person(plain(row, "feedback_source.user_id").unwrap_or_else(|| THE_FILE.into()))
        }
        Some(_) => By::Machine,
    };
    let note = plain(row, "comment");
    let key = text(row, "key")?;
    let mut said = vec![];
    // `value` is a category where it is no number.
    let value = match number(row, "score")? {
        Some(score) => Some(score),
        None => row
            .get("value")
            .and_then(|value| value.as_f64().or(value.as_bool().map(|yes| f64::from(u8::from(yes))))),
    };
    if let Some(value) = value {
        let scale = aid.scale.unwrap_or(Scale { min: 0.0, max: 1.0, step: 0.0, low_is_good: false });
        said.push(rating(0, value, scale, Some(&key), "score")?);
    }
    if let Some(gold) = present(row, "correction") {
        said.push(correction(0, any_text(gold)));
    }
    Ok(said.into_iter().map(|said| Opinion { said, by: by.clone(), note: note.clone() }).collect())
}

/// Returns the conversation in a value of any shape; what is no known one is its JSON.
pub(super) fn any_prompt(value: &Value, field: &str) -> Result<Vec<Message>, Fault> {
    let Some(turns) = turns(value) else { return Ok(vec![Message::user(any_text(value))]) };
    let turns: Vec<Value> = turns.iter().map(plain_turn).collect();
    if turns.is_empty() { Err(missing(field)) } else { conversation(Value::Array(turns), field) }
}

/// Returns the text in a value of any shape, that of the last turn of a conversation; what is no known one is its JSON.
pub(super) fn any_text(value: &Value) -> String {
    if let Value::String(text) = value {
        return text.clone();
    }
    if let Some(last) = turns(value).and_then(|turns| turns.last()) {
        let text = plain_turn(last).get("content").cloned().and_then(|text| content(text, "content").ok());
        return text.unwrap_or_else(|| last.to_string());
    }
    if let Some(text) = value.pointer("/generations/0/0/text").and_then(Value::as_str) {
        return text.to_owned();
    }
    let inner = value.as_object().and_then(|fields| TEXTS.iter().find_map(|key| fields.get(*key)?.as_str()));
    inner.map_or_else(|| value.to_string(), String::from)
}

/// Returns the messages of a list, of an object's `messages`, or of a batch of one conversation.
fn turns(value: &Value) -> Option<&Vec<Value>> {
    let list = value.as_array().or_else(|| value.get("messages").and_then(Value::as_array))?;
    let list = match list.as_slice() {
        [Value::Array(only)] => only,
        _ => list,
    };
    let is_turn = |turn: &Value| ["role", "type", "kwargs"].iter().any(|key| turn.get(*key).is_some());
    (!list.is_empty() && list.iter().all(is_turn)).then_some(list)
}

/// Turns a message as LangChain writes it into one with `role` and `content`.
fn plain_turn(turn: &Value) -> Value {
    let body = turn.get("kwargs").unwrap_or(turn);
    let kind = body.get("role").or_else(|| body.get("type")).and_then(Value::as_str).unwrap_or_default();
    let class =
        turn.pointer("/id/3").or_else(|| turn.pointer("/id/2")).and_then(Value::as_str).unwrap_or_default();
    let role = match (kind, class) {
        ("human", _) | ("", "HumanMessage") => "user",
        ("ai", _) | ("", "AIMessage") => "assistant",
        ("", "SystemMessage") => "system",
        (other, _) => other,
    };
    serde_json::json!({"role": role, "content": body.get("content"), "tool_calls": body.get("tool_calls")})
}
