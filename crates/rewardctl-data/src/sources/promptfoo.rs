//! promptfoo: one document with a result for every prompt, provider and test.

use rewardctl_core::item::Message;
use serde_json::Value;

use crate::chat::conversation;
use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::field::{as_object, inside, list, plain, present, response, text};
use crate::sources::found::{grouped, one};
use crate::sources::{Aid, Family, Found, RowsMean, Yields};

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "promptfoo",
    title: "promptfoo results",
    fields: &["results"],
    signature: |row| {
        row.get("results").is_some_and(|results| results.get("results").is_some_and(Value::is_array))
    },
    read,
    yields: Yields::Items,
    rows: RowsMean::Alone,
    lookup: None,
}];

fn read(row: Fields, _: &Aid) -> Result<Vec<Found>, Fault> {
    let mut all = vec![];
    for (at, result) in list(&row, "results.results")?.iter().enumerate() {
        let place = format!("results.results[{at}]");
        all.push(one_result(as_object(result, &place)?).map_err(|fault| inside(&place, fault))?);
    }
    Ok(grouped(all))
}

fn one_result(result: &Fields) -> Result<Found, Fault> {
    let Some(output) = present(result, "response.output") else {
        return Ok(Found { passed_over: vec!["a provider gave no output"], ..Found::nothing() });
    };
    // A provider may answer with an object, of which JSON is the text.
    let output = output.as_str().map_or_else(|| output.to_string(), String::from);
    let prompt = raw_prompt(text(result, "prompt.raw")?, "prompt.raw")?;
    let generator = plain(result, "provider.id").or_else(|| plain(result, "provider.label"));
    let kept = [
        "testIdx",
        "promptIdx",
        "vars",
        "success",
        "score",
        "namedScores",
        "gradingResult",
        "latencyMs",
        "cost",
    ];
    let further =
        kept.iter().filter_map(|key| Some(((*key).to_owned(), result.get(*key)?.clone()))).collect();
    Ok(one(prompt, response(output, generator), further))
}

/// A prompt file may hold a conversation as JSON.
pub(super) fn raw_prompt(raw: String, field: &str) -> Result<Vec<Message>, Fault> {
    let is_chat =
        |turns: &Vec<Value>| !turns.is_empty() && turns.iter().all(|turn| turn.get("role").is_some());
    match serde_json::from_str::<Vec<Value>>(&raw).ok().filter(is_chat) {
        Some(turns) => conversation(Value::Array(turns), field),
        None => Ok(vec![Message::user(raw)]),
    }
}
