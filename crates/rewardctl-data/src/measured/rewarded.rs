//! Rewards as `rewardctl score` writes them, or `prompt`, `response` and `reward` from anywhere; what gates and comparisons
//! read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rewardctl_core::id::ContentId;
use rewardctl_core::item::{Context, Message};
use serde_json::Value;

use crate::chat::prompt;
use crate::error::Error;
use crate::fields::ReadSettings;
use crate::json::{Fields, get};
use crate::measured::Measured;
use crate::measured::cells::{number, optional, optional_name, shown, wrong};
use crate::measured::scored::{Ended, dimensions, uncertainty, unit, verdicts_and_methods};
use crate::records::Record;
use crate::row_error::{Fault, RowProblem};
use crate::source::Source;

/// What verdicts rest on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Grounds {
    /// The row has no verdicts.
    #[default]
    Unsaid,
    /// How the response looks: critics that know neither the right answer nor the world.
    Looks,
    /// What is right: a reference, documents, or what a model knows.
    Truth,
}

/// The rules that know what is right, where they score.
const WITH_TRUTH: [&str; 6] = [
    "rule.exact_match",
    "rule.number_match",
    "rule.token_f1",
    "rule.rouge_l",
    "rule.grounding",
    "rule.embedding_similarity",
];

impl Grounds {
    /// Returns what verdicts rest on, of the names of critics that scored, and whether one is an LLM.
    pub fn of<'c>(mut scored: impl Iterator<Item = &'c str>, by_llm: bool) -> Self {
        let knows = by_llm || scored.any(|critic| WITH_TRUTH.contains(&critic));
        if knows { Self::Truth } else { Self::Looks }
    }
}

/// One response with its reward.
#[derive(Debug, Clone, PartialEq)]
pub struct RewardedRow {
    /// The id that the input gives to the item.
    pub id: Option<String>,
    /// The file that the response stood in when it was scored, and the line.
    pub source: Option<(String, u64)>,
    /// The file that this row was read from, and the line; None where it was judged here and now.
    pub read_at: Option<(String, u64)>,
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
    /// The number of verdicts behind it, whatever their outcome.
    pub verdicts: usize,
    /// The dimensions of verdicts that failed, with the critic.
    pub failed: Vec<(String, String)>,
    /// The dimensions that a critic had nothing to judge of.
    pub abstained: BTreeSet<String>,
    /// Whether an LLM critic scored it.
    pub by_llm: bool,
    /// What its verdicts rest on.
    pub grounds: Grounds,
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

/// Tells whether the first record of a file has a field; `a.b` reaches into objects.
pub fn has_field(path: &Path, label: &str, field: &str) -> Result<bool, Error> {
    let source = Source::open(path, label, &ReadSettings::default())?;
    let first = source.records()?.next();
    Ok(matches!(first, Some(Ok(Record { fields, .. })) if get(&fields, field).is_some()
        || get(&fields, &kept(field)).is_some()))
}

/// Where `rewardctl score --keep` puts a field of the input.
fn kept(field: &str) -> String {
    format!("fields.{field}")
}

/// Returns what a row says at `name`, itself or of the input that it was scored from.
fn said<'f>(fields: &'f Fields, name: &str) -> Option<&'f Value> {
    optional(fields, name).or_else(|| optional(fields, &kept(name)))
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
    match said(fields, name) {
        None => Ok(None),
        Some(Value::Bool(is)) => Ok(Some(f64::from(u8::from(*is)))),
        Some(Value::String(text)) if text.trim().eq_ignore_ascii_case("true") => Ok(Some(1.0)),
        Some(Value::String(text)) if text.trim().eq_ignore_ascii_case("false") => Ok(Some(0.0)),
        Some(value) => number(name, value).map(Some).map_err(|fault| fault.problem.to_string()),
    }
}

/// Returns the value at `name` as text; None where it is not there. `a.b` reaches into objects.
pub fn text_at(fields: &Fields, name: &str) -> Option<String> {
    said(fields, name).map(shown)
}

fn rewarded(mut fields: Fields) -> Result<RewardedRow, Fault> {
    let verdicts = verdicts(&mut fields)?;
    let (item, response) = names(&mut fields)?;
    let source = optional_name(&fields, "source")?;
    let row = optional(&fields, "row").map(|value| number("row", value)).transpose()?.and_then(line);
    let generator = match optional_name(&fields, "generator")? {
        None => optional_name(&fields, "model")?,
        generator => generator,
    };
    let uncertainty = uncertainty(&fields)?.map(|uncertainty| uncertainty.total);
    Ok(RewardedRow {
        id: optional_name(&fields, "id")?,
        source: source.zip(row),
        read_at: None,
        item,
        response: response.name,
        generator,
        reward: optional(&fields, "reward").map(|value| unit("reward", value)).transpose()?,
        dimensions: dimensions(&fields)?.into_iter().collect(),
        uncertainty,
        verdicts: verdicts.count,
        failed: verdicts.failed,
        abstained: verdicts.abstained,
        by_llm: verdicts.by_llm,
        grounds: verdicts.grounds,
        by_fit: optional(&fields, "utility").is_some(),
        version: optional(&fields, "versions.panel").map(shown),
        length: response.length,
        fields,
    })
}

/// Returns a number as a line of a file; None of what is none.
fn line(number: f64) -> Option<u64> {
    const MOST: f64 = 9e15;
    ((1.0..=MOST).contains(&number) && number.fract() == 0.0).then_some(number as u64)
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

#[derive(Default)]
struct Verdicts {
    count: usize,
    failed: Vec<(String, String)>,
    abstained: BTreeSet<String>,
    by_llm: bool,
    grounds: Grounds,
}

/// Reads how verdicts ended, and what they rest on, and drops them. What neither scored nor abstained has failed; a dimension
/// of which one critic had nothing to judge is not abstained where another scored.
fn verdicts(fields: &mut Fields) -> Result<Verdicts, Fault> {
    let mut verdicts = Verdicts::default();
    let (mut scored, mut critics) = (BTreeSet::new(), vec![]);
    let all = verdicts_and_methods(fields)?;
    verdicts.count = all.len();
    for (verdict, method) in all {
        verdicts.by_llm |= !method.is_empty();
        match verdict.outcome {
            Ended::Scored => {
                scored.insert(verdict.dimension);
                critics.push(verdict.critic);
            }
            Ended::Abstained => {
                verdicts.abstained.insert(verdict.dimension);
            }
            Ended::Failed => verdicts.failed.push((verdict.dimension, verdict.critic)),
        }
    }
    verdicts.abstained.retain(|dimension| !scored.contains(dimension));
    if verdicts.count > 0 {
        verdicts.grounds = Grounds::of(critics.iter().map(String::as_str), verdicts.by_llm);
    }
    fields.shift_remove("verdicts");
    Ok(verdicts)
}

#[cfg(test)]
mod tests;
