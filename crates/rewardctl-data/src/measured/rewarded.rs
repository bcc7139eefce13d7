//! Rewards as `rewardctl score` writes them, or `prompt`, `response` and `reward` from anywhere; what gates and comparisons
//! read.

use std::collections::BTreeMap;
use std::path::Path;

use rewardctl_core::id::ContentId;
use rewardctl_core::item::{Context, Message};
use serde_json::Value;

use crate::chat::prompt;
use crate::error::Error;
use crate::fields::ReadSettings;
use crate::json::{Fields, get, parse};
use crate::measured::Measured;
use crate::measured::cells::{number, optional, optional_name, shown, unfit, wrong};
use crate::records::Record;
use crate::row_error::{Fault, RowProblem};
use crate::source::Source;

/// One response with its reward.
#[derive(Debug, Clone, PartialEq)]
pub struct RewardedRow {
    /// The id that the input gives to the item.
    pub id: Option<String>,
    /// The file that the response stood in when it was scored, and the line.
    pub source: Option<(String, u64)>,
    /// Names the prompt.
    pub item: String,
    /// Names the response.
    pub response: String,
    /// The model that wrote it.
    pub generator: Option<String>,
    /// None where there is no reward.
    pub reward: Option<f64>,
    /// By dimension; None where no critic scored.
    pub dimensions: BTreeMap<String, Option<f64>>,
    /// The standard deviation of the reward.
    pub uncertainty: Option<f64>,
    /// The dimensions of verdicts that failed, with the critic.
    pub failed: Vec<(String, String)>,
    /// Whether an LLM critic scored it.
    pub by_llm: bool,
    /// Whether an aggregator made the reward that was fitted to what people said.
    pub by_fit: bool,
    /// What made the reward: the panel with everything behind it. None where the row does not say.
    pub version: Option<String>,
    /// The characters of the response, where the row has the text.
    pub length: Option<usize>,
    /// All other fields.
    pub fields: Fields,
}

/// Tells whether the rows of a file have rewards already, by its first record.
pub fn is_rewarded(path: &Path, label: &str) -> Result<bool, Error> {
    let source = Source::open(path, label, &ReadSettings::default())?;
    let first = source.records()?.next();
    Ok(matches!(first, Some(Ok(Record { fields, .. })) if fields.contains_key("reward")
        && (fields.contains_key("item_id") || fields.contains_key("response"))))
}

/// Opens a file of rewards.
pub fn read_rewarded(path: &Path, label: &str) -> Result<Measured<RewardedRow>, Error> {
    Measured::open(path, label, rewarded)
}

/// Opens any file for its fields alone.
pub fn read_fields(path: &Path, label: &str) -> Result<Measured<Fields>, Error> {
    Measured::open(path, label, Ok)
}

/// Returns the number at `name`; also yes and no, as 1 and 0. None where it is not there.
pub fn number_at(fields: &Fields, name: &str) -> Result<Option<f64>, String> {
    match optional(fields, name) {
        None => Ok(None),
        Some(Value::Bool(is)) => Ok(Some(f64::from(u8::from(*is)))),
        Some(Value::String(text)) if text.trim().eq_ignore_ascii_case("true") => Ok(Some(1.0)),
        Some(Value::String(text)) if text.trim().eq_ignore_ascii_case("false") => Ok(Some(0.0)),
        Some(value) => number(name, value).map(Some).map_err(|fault| fault.problem.to_string()),
    }
}

/// Returns the value at `name` as text; None where it is not there. `a.b` reaches into objects.
pub fn text_at(fields: &Fields, name: &str) -> Option<String> {
    optional(fields, name).map(shown)
}

fn rewarded(mut fields: Fields) -> Result<RewardedRow, Fault> {
    let verdicts = verdicts(fields.shift_remove("verdicts"))?;
    let (item, response) = names(&mut fields)?;
    let source = optional_name(&fields, "source")?;
    let row = optional(&fields, "row").map(|value| number("row", value)).transpose()?;
    let generator = match optional_name(&fields, "generator")? {
        None => optional_name(&fields, "model")?,
        generator => generator,
    };
    let reward = in_range("reward", optional(&fields, "reward"))?;
    let uncertainty = match get(&fields, "uncertainty.total").or_else(|| get(&fields, "uncertainty")) {
        Some(value) if value.is_number() || value.is_string() => in_range("uncertainty", Some(value))?,
        _ => None,
    };
    Ok(RewardedRow {
        id: optional_name(&fields, "id")?,
        source: source.zip(row.map(|row| row as u64)),
        item,
        response: response.name,
        generator,
        reward,
        dimensions: dimensions(&fields)?,
        uncertainty,
        failed: verdicts.failed,
        by_llm: verdicts.by_llm,
        by_fit: optional(&fields, "utility").is_some(),
        version: optional(&fields, "versions.panel").map(shown),
        length: response.length,
        fields,
    })
}

struct Named {
    name: String,
    length: Option<usize>,
}

/// Names the prompt and the response, by the ids of the row or by their texts, and drops the texts.
fn names(fields: &mut Fields) -> Result<(String, Named), Fault> {
    let (item, name) = (optional_name(fields, "item_id")?, optional_name(fields, "response_id")?);
    let prompt_value = fields.shift_remove("prompt");
    let text = match fields.shift_remove("response") {
        Some(Value::String(text)) => Some(text),
        None | Some(Value::Null) => None,
        Some(other) => return Err(wrong("response", "text", &other)),
    };
    let item = match (item, prompt_value) {
        (Some(item), _) => item,
        (None, Some(value)) => item_of(prompt(value, "prompt")?),
        (None, None) => return Err(Fault::of_field("prompt", RowProblem::Missing)),
    };
    let name = match (name, &text) {
        (Some(name), _) => name,
        (None, Some(text)) => ContentId::of("response", [item.as_bytes(), text.as_bytes()]).to_string(),
        (None, None) => return Err(Fault::of_field("response", RowProblem::Missing)),
    };
    Ok((item, Named { name, length: text.map(|text| text.chars().count()) }))
}

fn item_of(prompt: Vec<Message>) -> String {
    Context { prompt, reference: None, documents: vec![] }.id().to_string()
}

/// Reads the object `dimensions`, or columns such as `dimensions.style`.
fn dimensions(fields: &Fields) -> Result<BTreeMap<String, Option<f64>>, Fault> {
    const PREFIX: &str = "dimensions.";
    let mut found = BTreeMap::new();
    if let Some(Value::Object(object)) = fields.get("dimensions") {
        for (name, value) in object {
            found.insert(name.clone(), in_range(&format!("{PREFIX}{name}"), Some(value))?);
        }
    }
    for (name, value) in fields {
        if let Some(dimension) = name.strip_prefix(PREFIX) {
            found.insert(dimension.into(), in_range(name, Some(value))?);
        }
    }
    Ok(found)
}

/// Reads a number in 0..=1; null and an empty cell are None.
fn in_range(name: &str, value: Option<&Value>) -> Result<Option<f64>, Fault> {
    let value = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(value) => value,
    };
    let found = number(name, value)?;
    match (0.0..=1.0).contains(&found) {
        true => Ok(Some(found)),
        false => Err(unfit(name, &found.to_string(), "a number from 0 to 1")),
    }
}

#[derive(Default)]
struct Verdicts {
    failed: Vec<(String, String)>,
    by_llm: bool,
}

/// Reads which verdicts failed, and whether a model gave one; in CSV they are JSON in a cell.
fn verdicts(value: Option<Value>) -> Result<Verdicts, Fault> {
    let list = match value {
        None | Some(Value::Null) => return Ok(Verdicts::default()),
        Some(Value::Array(list)) => list,
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(Verdicts::default()),
        Some(Value::String(text)) => match parse(text.as_bytes(), 0) {
            Ok(Value::Array(list)) => list,
            _ => return Err(unfit("verdicts", &text, "a list of objects")),
        },
        Some(other) => return Err(wrong("verdicts", "a list of objects", &other)),
    };
    let mut verdicts = Verdicts::default();
    for verdict in &list {
        let text = |name: &str| verdict.get(name).and_then(Value::as_str).unwrap_or("");
        verdicts.by_llm |= !text("method").is_empty();
        if text("outcome") == "failed" {
            verdicts.failed.push((text("dimension").into(), text("critic").into()));
        }
    }
    Ok(verdicts)
}

#[cfg(test)]
mod tests;
