//! Verdict files: what critics said of responses, one response a row, so that they can be replayed with no critic at
//! hand. The rows that `rewardctl score` writes are of this shape, and few fields of them are needed.

use std::collections::HashSet;
use std::path::Path;

use rewardctl_core::score::Score;
use serde_json::Value;

use crate::chat::wrong_kind;
use crate::error::Error;
use crate::fields::ReadSettings;
use crate::json::{Fields, kind};
use crate::records::Record;
use crate::row_error::{Fault, RowError, RowProblem, quoted};
use crate::source::Source;

/// No score from 0 to 1 varies more, not even by an estimate from two samples.
const MOST_VARIANCE: f64 = 1.0;

/// One response, as the critics saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct VerdictRow {
    /// The 1-based line.
    pub line: u64,
    /// Names the prompt: rows with the same item compete.
    pub item: String,
    /// Names the response.
    pub response: String,
    /// The model that wrote it.
    pub generator: Option<String>,
    /// What it answers.
    pub prompt: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// What each critic says.
    pub verdicts: Vec<CriticScore>,
}

/// What one critic says.
#[derive(Debug, Clone, PartialEq)]
pub struct CriticScore {
    /// The critic.
    pub critic: String,
    /// The dimension that it judges; None where the row does not say.
    pub dimension: Option<String>,
    /// None unless it scored.
    pub score: Option<Score>,
    /// Its own variance of the score.
    pub variance: Option<f64>,
}

/// Tells whether a file holds pairs, whose verdicts are an object by critic, and not responses, whose verdicts are a
/// list; by its first record.
pub fn is_pairs(path: &Path, label: &str) -> Result<bool, Error> {
    let source = Source::open(path, label, &ReadSettings::default())?;
    let first = source.records()?.next();
    Ok(
        matches!(first, Some(Ok(Record { fields, .. })) if fields.get("verdicts").is_some_and(Value::is_object)),
    )
}

/// Reads a verdict file, which errors call `label`: JSONL, JSON or Parquet, plain or packed.
pub fn read_verdict_rows(path: &Path, label: &str) -> Result<Result<Vec<VerdictRow>, Vec<RowError>>, Error> {
    let source = Source::open(path, label, &ReadSettings::default())?;
    let (mut rows, mut bad) = (vec![], vec![]);
    for record in source.records()? {
        match record {
            Ok(Record { line, fields }) => match row_of(line, fields) {
                Ok(row) => rows.push(row),
                Err(fault) => bad.push(fault.at(label, line)),
            },
            Err(error) => {
                let error = error.fault.at(label, error.line);
                let ends = error.ends_file();
                bad.push(error);
                if ends {
                    break;
                }
            }
        }
    }
    Ok(if bad.is_empty() { Ok(rows) } else { Err(bad) })
}

fn row_of(line: u64, mut fields: Fields) -> Result<VerdictRow, Fault> {
    let item = named(&mut fields, &["item_id", "item"])?;
    let verdicts = match fields.shift_remove("verdicts") {
        Some(Value::Array(verdicts)) => verdicts,
        Some(other) => return Err(wrong_kind("verdicts", "a list of objects", &other)),
        None => return Err(Fault::of_field("verdicts", RowProblem::Missing)),
    };
    let response = match named(&mut fields, &["response_id"]) {
        Ok(name) => name,
        // Without a name of its own a response is its place in the file.
        Err(_) => format!("{item}/{line}"),
    };
    let verdicts = verdicts.into_iter().enumerate();
    let verdicts: Vec<CriticScore> =
        verdicts.map(|(at, verdict)| critic_score(at, verdict)).collect::<Result<_, Fault>>()?;
    refuse_twice(&verdicts)?;
    Ok(VerdictRow {
        line,
        item,
        response,
        generator: text(&mut fields, "generator")?,
        prompt: text(&mut fields, "prompt")?,
        text: text(&mut fields, "response")?,
        verdicts,
    })
}

/// A critic that says two things of one dimension says nothing.
fn refuse_twice(verdicts: &[CriticScore]) -> Result<(), Fault> {
    let mut seen = HashSet::new();
    match verdicts.iter().position(|verdict| !seen.insert((&verdict.critic, &verdict.dimension))) {
        None => Ok(()),
        Some(at) => {
            let problem = RowProblem::Value {
                value: quoted(&verdicts[at].critic),
                expected: "a critic that has no verdict on this dimension yet",
            };
            Err(Fault::of_field(format!("verdicts[{at}].critic"), problem))
        }
    }
}

fn critic_score(at: usize, verdict: Value) -> Result<CriticScore, Fault> {
    let place = format!("verdicts[{at}]");
    let inside = |fault: Fault| Fault { field: fault.field.map(|field| format!("{place}.{field}")), ..fault };
    let Value::Object(mut fields) = verdict else {
        return Err(wrong_kind(&place, "an object", &verdict));
    };
    let critic = text(&mut fields, "critic").map_err(inside)?;
    let critic = critic.ok_or_else(|| inside(Fault::of_field("critic", RowProblem::Missing)))?;
    let score = number(&mut fields, "score").map_err(inside)?;
    let score = score.map(|value| {
        Score::new(value).map_err(|_| {
            let problem =
                RowProblem::Value { value: quoted(&value.to_string()), expected: "a number from 0 to 1" };
            inside(Fault::of_field("score", problem))
        })
    });
    let variance = number(&mut fields, "variance").map_err(inside)?;
    if let Some(variance) = variance.filter(|variance| !(0.0..=MOST_VARIANCE).contains(variance)) {
        let problem = RowProblem::Value { value: variance.to_string(), expected: "a number from 0 to 1" };
        return Err(inside(Fault::of_field("variance", problem)));
    }
    Ok(CriticScore {
        critic,
        dimension: text(&mut fields, "dimension").map_err(inside)?,
        score: score.transpose()?,
        variance,
    })
}

/// The first of `keys` that is there, as text; a number is a name too.
fn named(fields: &mut Fields, keys: &[&str]) -> Result<String, Fault> {
    for key in keys {
        match fields.shift_remove(*key) {
            None | Some(Value::Null) => {}
            Some(Value::String(name)) if name.is_empty() => {}
            Some(Value::String(name)) => return Ok(name),
            Some(Value::Number(number)) => return Ok(number.to_string()),
            Some(other) => return Err(wrong_kind(key, "text", &other)),
        }
    }
    Err(Fault::of_field(keys[0], RowProblem::Missing))
}

/// A text that is there and not empty.
fn text(fields: &mut Fields, key: &str) -> Result<Option<String>, Fault> {
    match fields.shift_remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
        Some(other) => Err(wrong_kind(key, "text", &other)),
    }
}

fn number(fields: &mut Fields, key: &str) -> Result<Option<f64>, Fault> {
    match fields.shift_remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let problem = RowProblem::Kind { expected: "a number", found: kind(&value) };
            value.as_f64().map(Some).ok_or_else(|| Fault::of_field(key, problem))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(text: &str) -> Result<Vec<VerdictRow>, Vec<String>> {
        let mut file = tempfile::NamedTempFile::with_suffix(".jsonl").unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let read = read_verdict_rows(file.path(), "v.jsonl").unwrap();
        read.map_err(|bad| bad.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn few_fields_are_needed() {
        let rows = read(
            "{\"item\":7,\"verdicts\":[{\"critic\":\"x\",\"score\":0.5,\"variance\":0.01},{\"critic\":\"y\",\"score\":null}]}\n",
        )
        .unwrap();
        assert_eq!((rows[0].item.as_str(), rows[0].response.as_str()), ("7", "7/1"));
        assert_eq!(rows[0].verdicts[0].score.map(Score::get), Some(0.5));
        assert_eq!(rows[0].verdicts[1].score, None);
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        for (line, said) in [
            ("{\"item\":\"a\"}", "verdicts"),
            ("{\"verdicts\":[]}", "item_id"),
            ("{\"item\":\"a\",\"verdicts\":[{\"critic\":\"x\",\"score\":2}]}", "verdicts[0].score"),
            ("{\"item\":\"a\",\"verdicts\":[{\"score\":1}]}", "verdicts[0].critic"),
            ("{\"item\":\"a\",\"verdicts\":[{\"critic\":\"x\",\"variance\":-1}]}", "verdicts[0].variance"),
        ] {
            let bad = read(&format!("{line}\n")).unwrap_err();
            assert!(bad[0].contains(said) && bad[0].contains("v.jsonl"), "{bad:?}");
        }
    }
}
