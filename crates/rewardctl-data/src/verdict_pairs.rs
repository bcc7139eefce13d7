//! Files of pairs with stored verdicts and labels: what critics said of two responses, and which people preferred.
//!
//! One pair a row, JSONL, JSON or Parquet, packed or not; docs/active-learning.md has the fields.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use rewardctl_core::score::Score;
use serde_json::Value;

use crate::chat::wrong_kind;
use crate::error::Error;
use crate::fields::ReadSettings;
use crate::json::Fields;
use crate::records::{Record, Records};
use crate::row_error::{Fault, RowError, RowProblem, quoted};
use crate::source::Source;

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct VerdictPair {
    /// The row's own name.
    pub id: Option<String>,
    /// What pairs of one prompt share: `group`, or else the prompt itself.
    pub group: Option<String>,
    /// The texts of both responses, where both are given.
    pub responses: Option<[String; 2]>,
    /// Per critic, its scores of the first and the second response; a critic that said nothing is not there.
    pub verdicts: BTreeMap<String, [Score; 2]>,
    /// Whether the first response is better, in the order in which people said so: 1, 0, or 0.5 for a tie. At least one.
    pub labels: Vec<f64>,
    /// The same as it should be; the mean of the labels where no `winner` is given.
    pub winner: f64,
}

/// The rows of a file, one after the other, each with its line.
pub struct VerdictPairs {
    label: String,
    records: Option<Records>,
}

/// Opens a file of pairs with verdicts, which errors call `label`.
pub fn read_verdict_pairs(path: &Path, label: &str) -> Result<VerdictPairs, Error> {
    let source = Source::open(path, label, &ReadSettings::default())?;
    Ok(VerdictPairs { label: label.into(), records: Some(source.records()?) })
}

impl Iterator for VerdictPairs {
    type Item = Result<(u64, VerdictPair), RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let error = match self.records.as_mut()?.next()? {
            Ok(Record { line, fields }) => match pair_of(&fields) {
                Ok(row) => return Some(Ok((line, row))),
                Err(fault) => fault.at(&self.label, line),
            },
            Err(bad) => bad.fault.at(&self.label, bad.line),
        };
        if error.ends_file() {
            self.records = None;
        }
        Some(Err(error))
    }
}

impl fmt::Debug for VerdictPairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerdictPairs").field("label", &self.label).finish_non_exhaustive()
    }
}

fn pair_of(fields: &Fields) -> Result<VerdictPair, Fault> {
    let winner = present(fields, "winner").map(|value| label(value, "winner")).transpose()?;
    let labels = match present(fields, "labels") {
        None => winner.into_iter().collect(),
        Some(Value::Array(list)) => {
            let labels = list.iter().enumerate();
            labels
                .map(|(at, value)| label(value, &format!("labels[{at}]")))
                .collect::<Result<Vec<f64>, Fault>>()?
        }
        Some(other) => return Err(wrong_kind("labels", "a list of `a`, `b` or `tie`", other)),
    };
    if labels.is_empty() {
        return Err(Fault::of_field("winner", RowProblem::Missing));
    }
    let mean = labels.iter().sum::<f64>() / labels.len() as f64;
    let group = plain(fields, "group")?;
    let responses = text(fields, "response_a")?.zip(text(fields, "response_b")?);
    Ok(VerdictPair {
        id: plain(fields, "id")?,
        group: if group.is_some() { group } else { text(fields, "prompt")? },
        responses: responses.map(|(a, b)| [a, b]),
        verdicts: verdicts(fields)?,
        labels,
        winner: winner.unwrap_or(mean),
    })
}

fn verdicts(fields: &Fields) -> Result<BTreeMap<String, [Score; 2]>, Fault> {
    let verdicts = match present(fields, "verdicts") {
        Some(Value::Object(verdicts)) => verdicts,
        Some(other) => return Err(wrong_kind("verdicts", "an object with a verdict for each critic", other)),
        None => return Err(Fault::of_field("verdicts", RowProblem::Missing)),
    };
    let mut found = BTreeMap::new();
    for (critic, value) in verdicts.iter().filter(|(_, value)| !value.is_null()) {
        found.insert(critic.clone(), verdict(value, &format!("verdicts.{critic}"))?);
    }
    Ok(found)
}

/// A winner or the chance that the first wins, or the scores of both.
fn verdict(value: &Value, field: &str) -> Result<[Score; 2], Fault> {
    let expected = "`a`, `b`, `tie`, a chance from 0 to 1, or two scores from 0 to 1";
    match value {
        Value::String(_) => {
            let first = label(value, field)?;
            Ok([score(first, field, expected)?, score(1.0 - first, field, expected)?])
        }
        Value::Number(number) => {
            let first = number.as_f64().unwrap_or(f64::NAN);
            Ok([score(first, field, expected)?, score(1.0 - first, field, expected)?])
        }
        Value::Array(list) => match list.as_slice() {
            [a, b] => {
                let one = |value: &Value| score(value.as_f64().unwrap_or(f64::NAN), field, expected);
                Ok([one(a)?, one(b)?])
            }
            _ => Err(wrong_kind(field, expected, value)),
        },
        other => Err(wrong_kind(field, expected, other)),
    }
}

fn score(value: f64, field: &str, expected: &'static str) -> Result<Score, Fault> {
    let problem = RowProblem::Value { value: value.to_string(), expected };
    Score::new(value).map_err(|_| Fault::of_field(field, problem))
}

fn label(value: &Value, field: &str) -> Result<f64, Fault> {
    match value.as_str() {
        Some("a") => Ok(1.0),
        Some("b") => Ok(0.0),
        Some("tie") => Ok(0.5),
        Some(other) => {
            let problem = RowProblem::Value { value: quoted(other), expected: "`a`, `b` or `tie`" };
            Err(Fault::of_field(field, problem))
        }
        None => Err(wrong_kind(field, "`a`, `b` or `tie`", value)),
    }
}

fn present<'a>(fields: &'a Fields, key: &str) -> Option<&'a Value> {
    fields.get(key).filter(|value| !value.is_null())
}

fn text(fields: &Fields, key: &str) -> Result<Option<String>, Fault> {
    match present(fields, key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(wrong_kind(key, "text", other)),
    }
}

fn plain(fields: &Fields, key: &str) -> Result<Option<String>, Fault> {
    match present(fields, key) {
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        _ => text(fields, key),
    }
}

#[cfg(test)]
mod tests;
