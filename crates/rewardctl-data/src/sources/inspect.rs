//! Inspect logs written as JSON. (A `.eval` file is a ZIP archive, and refused with the command that converts it.)

use rewardctl_core::item::{Message, Response};
use serde_json::Value;

use crate::chat::{content, conversation};
use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::field::{as_object, inside, list, maybe_text, plain, present, response};
use crate::sources::found::{grouped, several};
use crate::sources::{Aid, Family, Found, RowsMean, Yields};

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "inspect",
    title: "Inspect log",
    fields: &["samples"],
    signature: |row| {
        let first = row.get("samples").and_then(|list| list.get(0));
        row.contains_key("status")
            && first.is_some_and(|first| first.get("input").is_some() && first.get("output").is_some())
    },
    read,
    yields: Yields::Items,
    rows: RowsMean::Alone,
    lookup: None,
}];

fn read(row: Fields, _: &Aid) -> Result<Vec<Found>, Fault> {
    let mut all = vec![];
    for (at, sample) in list(&row, "samples")?.iter().enumerate() {
        let place = format!("samples[{at}]");
        let sample = as_object(sample, &place)?;
        all.push(one_sample(sample).map_err(|fault| inside(&place, fault))?);
    }
    // The epochs of a sample answer one prompt.
    Ok(grouped(all))
}

fn one_sample(sample: &Fields) -> Result<Found, Fault> {
    let prompt = match present(sample, "input").cloned().unwrap_or_default() {
        Value::String(text) => vec![Message::user(text)],
        turns => conversation(turns, "input")?,
    };
    let responses = outputs(sample)?;
    if responses.is_empty() {
        return Ok(Found { passed_over: vec!["a sample has no output"], ..Found::nothing() });
    }
    let target = match present(sample, "target") {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(Value::Array(list)) if list.len() == 1 => list[0].as_str().map(String::from),
        _ => None,
    };
    let kept = ["epoch", "target", "scores", "metadata"];
    let further: Fields =
        kept.iter().filter_map(|key| Some(((*key).to_owned(), sample.get(*key)?.clone()))).collect();
    let each = responses.iter().map(|_| further.clone()).collect();
    let found = several(prompt, responses, Fields::new());
    Ok(Found { each, ..found }.named(plain(sample, "id")).with_reference(target))
}

/// Returns the texts of all choices, or the completion where there is no choice.
fn outputs(sample: &Fields) -> Result<Vec<Response>, Fault> {
    let model = plain(sample, "output.model");
    let mut responses = vec![];
    if let Some(Value::Array(choices)) = present(sample, "output.choices") {
        for (at, choice) in choices.iter().enumerate() {
            let Some(text) = choice.get("message").and_then(|message| message.get("content")) else {
                continue;
            };
            let text = answer(text.clone(), &format!("output.choices[{at}].message.content"))?;
            responses.push(response(text, model.clone()));
        }
    }
    if responses.is_empty() {
        responses.extend(maybe_text(sample, "output.completion")?.map(|text| response(text, model)));
    }
    Ok(responses)
}

/// Reasoning stands beside the text of an answer, and is no part of it.
fn answer(value: Value, field: &str) -> Result<String, Fault> {
    let is_text = |part: &Value| part.get("type").and_then(Value::as_str) != Some("reasoning");
    match value {
        Value::Array(parts) => content(parts.into_iter().filter(is_text).collect(), field),
        other => content(other, field),
    }
}
