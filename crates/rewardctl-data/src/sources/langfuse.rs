//! Langfuse: traces and generations, and scores that name them.

use rewardctl_core::score::Scale;
use serde_json::{Map, Value};

use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::companions::name;
use crate::sources::field::{
    has, inside, maybe_text, missing, plain, present, required_number, response, text,
};
use crate::sources::found::several;
use crate::sources::langsmith::{any_prompt, any_text};
use crate::sources::said::{correction, rating, scale};
use crate::sources::{Aid, By, Family, Found, Opinion, RowsMean, THE_FILE, Yields};

const TRACE: &str = "Langfuse trace or observation";
/// Fields of which a trace or an observation has some.
const TELLING: [&str; 6] = ["projectId", "sessionId", "traceId", "scores", "environment", "release"];

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "langfuse-scores",
        title: "Langfuse scores",
        fields: &["traceId", "name", "value"],
        signature: |row| has(row, &["traceId", "name", "dataType"]) && !row.contains_key("input"),
        read: scores,
        yields: Yields::Labels,
        rows: RowsMean::Alone,
        lookup: None,
    },
    Family {
        name: "langfuse",
        title: "Langfuse traces",
        fields: &["input", "output"],
        signature: |row| {
            has(row, &["id", "input", "output"])
                && TELLING.iter().any(|key| row.contains_key(*key))
                && !row.contains_key("run_type")
        },
        read: traces,
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: Some(|row| plain(row, "id").map(|id| name(TRACE, &id)).into_iter().collect()),
    },
];

fn traces(row: Fields, aid: &Aid) -> Result<Vec<Found>, Fault> {
    let is_step = matches!(row.get("type").and_then(Value::as_str), Some("SPAN" | "EVENT"));
    if is_step {
        return Ok(Found::passed("an observation is no generation"));
    }
    let mut found = trace(&row)?;
    if let Some(Value::Array(list)) = row.get("scores") {
        for (at, given) in list.iter().enumerate() {
            let Value::Object(given) = given else { continue };
            found = match said(given, aid).map_err(|fault| inside(&format!("scores[{at}]"), fault))? {
                Some(opinion) => found.saying(vec![opinion]),
                None => found.passing_over(vec!["a score is a category or a text"]),
            };
        }
    }
    Ok(vec![found])
}

fn trace(row: &Fields) -> Result<Found, Fault> {
    let prompt = any_prompt(present(row, "input").ok_or_else(|| missing("input"))?, "input")?;
    let output = any_text(present(row, "output").ok_or_else(|| missing("output"))?);
    let generator = maybe_text(row, "model").ok().flatten();
    let kept = row.iter().filter(|(key, _)| !matches!(key.as_str(), "input" | "output" | "id" | "model"));
    let rest: Map<String, Value> = kept.map(|(key, value)| (key.clone(), value.clone())).collect();
    Ok(several(prompt, vec![response(output, generator)], rest).named(plain(row, "id")))
}

fn scores(row: Fields, aid: &Aid) -> Result<Vec<Found>, Fault> {
    let (key, field) = match plain(&row, "observationId") {
        Some(id) => (id, "observationId"),
        None => (plain(&row, "traceId").ok_or_else(|| missing("traceId"))?, "traceId"),
    };
    let Some(opinion) = said(&row, aid)? else {
        return Ok(Found::passed("a score is a category or a text"));
    };
    let judged = aid.others.need(TRACE, &key, field)?;
    Ok(vec![trace(judged).map_err(|fault| inside("trace", fault))?.saying(vec![opinion])])
}

/// Only what was said in the annotation view is known to come from a person: the API takes scores of anything.
fn said(row: &Fields, aid: &Aid) -> Result<Option<Opinion>, Fault> {
    let by = match row.get("source").and_then(Value::as_str) {
        Some("ANNOTATION") => By::Person(plain(row, "authorUserId").unwrap_or_else(|| THE_FILE.into())),
        _ => By::Machine,
    };
    let dimension = text(row, "name")?;
    let said = match row.get("dataType").and_then(Value::as_str) {
        Some("NUMERIC") | None => {
            let scale = aid.scale.unwrap_or(Scale { min: 0.0, max: 1.0, step: 0.0, low_is_good: false });
            rating(0, required_number(row, "value")?, scale, Some(&dimension), "value")?
        }
        Some("BOOLEAN") => {
            rating(0, required_number(row, "value")?, scale(0.0, 1.0, 1.0), Some(&dimension), "value")?
        }
        Some("CORRECTION") => correction(0, text(row, "stringValue")?),
        _ => return Ok(None),
    };
    let note = plain(row, "comment");
    Ok(Some(Opinion { said, by, note }))
}
