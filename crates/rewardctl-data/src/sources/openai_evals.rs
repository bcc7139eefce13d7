//! Logs of OpenAI Evals: events, of which a `sampling` has the texts, and a `match` of the same sample the answer.

use rewardctl_core::item::Message;
use serde_json::Value;

use crate::chat::{content, conversation};
use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::companions::name;
use crate::sources::field::{has, maybe_text, missing, object, plain, response};
use crate::sources::found::several;
use crate::sources::{Aid, Family, Found, RowsMean, Yields};

const MATCH: &str = "match of sample";

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "openai-evals",
    title: "OpenAI Evals log",
    fields: &["sample_id", "type", "data"],
    signature: |row| {
        has(row, &["run_id", "event_id", "sample_id", "type", "data"])
            || row
                .get("spec")
                .is_some_and(|spec| spec.get("eval_name").is_some() || spec.get("run_id").is_some())
    },
    read,
    yields: Yields::Items,
    rows: RowsMean::Alone,
    lookup: Some(|row| match row.get("type").and_then(Value::as_str) {
        Some("match") => plain(row, "sample_id").map(|id| name(MATCH, &id)).into_iter().collect(),
        _ => vec![],
    }),
}];

fn read(mut row: Fields, aid: &Aid) -> Result<Vec<Found>, Fault> {
    if row.contains_key("spec") || row.contains_key("final_report") {
        return Ok(vec![]);
    }
    if maybe_text(&row, "type")?.as_deref() != Some("sampling") {
        return Ok(vec![]);
    }
    let sample = plain(&row, "sample_id").ok_or_else(|| missing("sample_id"))?;
    let data = object(&row, "data")?;
    let prompt = match data.get("prompt").cloned().unwrap_or_default() {
        Value::String(text) => vec![Message::user(text)],
        turns => conversation(turns, "data.prompt")?,
    };
    let sampled = match data.get("sampled").cloned().unwrap_or_default() {
        Value::Array(list) => list,
        one => vec![one],
    };
    let generator = plain(data, "model");
    let mut responses = vec![];
    for (at, text) in sampled.into_iter().enumerate() {
        responses.push(response(content(text, &format!("data.sampled[{at}]"))?, generator.clone()));
    }
    if responses.is_empty() {
        return Err(missing("data.sampled"));
    }
    let matched = aid.others.first(MATCH, &sample).and_then(|event| event.get("data"));
    let expected = matched.and_then(|data| data.get("expected")).and_then(expected);
    row.shift_remove("data");
    if let Some(matched) = matched {
        row.insert("match".into(), matched.clone());
    }
    Ok(vec![several(prompt, responses, row).named(Some(sample)).with_reference(expected)])
}

/// One expected answer is a reference; of several, none can be told to be the one.
fn expected(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(list) => match list.as_slice() {
            [Value::String(text)] => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}
