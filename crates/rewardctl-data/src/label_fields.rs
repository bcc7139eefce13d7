//! The fields of a label: read with an error for every mistake, written in one order.

use rewardctl_core::id::ResponseId;
use rewardctl_core::label::Winner;
use rewardctl_core::score::{Scale, Score};
use serde_json::{Map, Value, json};

use crate::chat::wrong_kind;
use crate::json::{Fields, kind};
use crate::labels::{LabelRow, Said, Target};
use crate::row_error::{Fault, RowProblem, quoted};

const COMMON_KEYS: [&str; 4] = ["kind", "item", "annotator", "note"];
/// What `queue list --json` says of a pair beside its ids: a line of it with `winner` and `annotator` added is a label.
const SHOWN_KEYS: [&str; 7] = ["task", "item_id", "purpose", "reason", "prompt", "response_a", "response_b"];
const SCALE_KEYS: [&str; 4] = ["min", "max", "step", "low_is_good"];
/// How alike two keys must be, from 0 to 1, for one to be a slip of the other.
const LIKENESS: f64 = 0.75;

/// Reads a label.
pub(crate) fn label_of(mut fields: Fields) -> Result<LabelRow, Fault> {
    let kind = required_text(&mut fields, "kind")?;
    let item = optional_text(&mut fields, "item")?;
    let (said, keys): (Said, &[&'static str]) = match kind.as_str() {
        "rate" => (rate(&mut fields)?, &["response", "response_id", "value", "scale", "dimension"]),
        "compare" => {
            (compare(&mut fields)?, &["a", "b", "response_a_id", "response_b_id", "winner", "strength"])
        }
        "correct" => (correct(&mut fields)?, &["response", "response_id", "text"]),
        _ => return Err(unfit("kind", &kind, "`rate`, `compare` or `correct`")),
    };
    SHOWN_KEYS.iter().for_each(|key| drop(fields.remove(*key)));
    let annotator = required_text(&mut fields, "annotator")?;
    let note = optional_text(&mut fields, "note")?;
    if let Some(key) = fields.keys().next() {
        return Err(unknown(key, keys.iter().chain(&COMMON_KEYS)));
    }
    if annotator.is_empty() {
        return Err(Fault::of_field("annotator", RowProblem::Empty));
    }
    if item.is_none() && said.targets().iter().any(|target| matches!(target, Target::Index(_))) {
        return Err(Fault::of_field("item", RowProblem::Missing));
    }
    Ok(LabelRow { item, said, annotator, note })
}

/// Returns the label as it is written; [`label_of`] reads it back unchanged.
pub(crate) fn object_of(row: &LabelRow) -> Value {
    let mut fields = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            fields.insert(key.into(), value);
        }
    };
    put("kind", row.said.kind().into());
    put("item", row.item.clone().into());
    match &row.said {
        Said::Rate { response, value, scale, dimension } => {
            let (key, target) = response.written("response", "response_id");
            put(key, target);
            put("value", (*value).into());
            let Scale { min, max, step, low_is_good } = *scale;
            put("scale", json!({"min": min, "max": max, "step": step, "low_is_good": low_is_good}));
            put("dimension", dimension.clone().into());
        }
        Said::Compare { a, b, winner, strength } => {
            let (key, target) = a.written("a", "response_a_id");
            put(key, target);
            let (key, target) = b.written("b", "response_b_id");
            put(key, target);
            put("winner", winner_name(*winner).into());
            put("strength", strength.map(Score::get).into());
        }
        Said::Correct { response, text } => {
            let (key, target) = response.written("response", "response_id");
            put(key, target);
            put("text", text.as_str().into());
        }
    }
    put("annotator", row.annotator.as_str().into());
    put("note", row.note.clone().into());
    Value::Object(fields)
}

impl Said {
    fn kind(&self) -> &'static str {
        match self {
            Said::Rate { .. } => "rate",
            Said::Compare { .. } => "compare",
            Said::Correct { .. } => "correct",
        }
    }

    /// Returns the responses judged.
    pub fn targets(&self) -> Vec<Target> {
        match self {
            Said::Rate { response, .. } | Said::Correct { response, .. } => vec![*response],
            Said::Compare { a, b, .. } => vec![*a, *b],
        }
    }
}

impl Target {
    /// Returns the key and the value that name the response.
    fn written(self, index_key: &'static str, id_key: &'static str) -> (&'static str, Value) {
        match self {
            Target::Index(index) => (index_key, index.into()),
            Target::Id(id) => (id_key, id.to_string().into()),
        }
    }
}

fn rate(fields: &mut Fields) -> Result<Said, Fault> {
    let response = target(fields, "response", "response_id")?;
    let value = required_number(fields, "value")?;
    let scale = scale(fields)?;
    scale
        .normalise(value)
        .map_err(|error| Fault::of_field("value", RowProblem::OffScale(error.to_string())))?;
    let dimension = optional_text(fields, "dimension")?;
    Ok(Said::Rate { response, value, scale, dimension })
}

fn compare(fields: &mut Fields) -> Result<Said, Fault> {
    let a = target(fields, "a", "response_a_id")?;
    let b = target(fields, "b", "response_b_id")?;
    if a == b {
        return Err(Fault::of_field("b", RowProblem::SameResponse));
    }
    let winner = match required_text(fields, "winner")?.as_str() {
        "a" => Winner::A,
        "b" => Winner::B,
        "tie" => Winner::Tie,
        other => return Err(unfit("winner", other, "`a`, `b` or `tie`")),
    };
    let strength = match optional_number(fields, "strength")? {
        None => None,
        Some(value) => {
            let score = Score::new(value);
            Some(score.map_err(|_| unfit("strength", &value.to_string(), "a number from 0 to 1"))?)
        }
    };
    Ok(Said::Compare { a, b, winner, strength })
}

fn correct(fields: &mut Fields) -> Result<Said, Fault> {
    let response = target(fields, "response", "response_id")?;
    Ok(Said::Correct { response, text: required_text(fields, "text")? })
}

fn target(fields: &mut Fields, index_key: &str, id_key: &str) -> Result<Target, Fault> {
    if let Some(id) = optional_text(fields, id_key)? {
        let parsed = id.parse::<ResponseId>();
        return parsed.map(Target::Id).map_err(|_| unfit(id_key, &id, "an id of 32 hexadecimal digits"));
    }
    let Some(value) = take(fields, index_key) else {
        return Err(Fault::of_field(index_key, RowProblem::Missing));
    };
    let index = value.as_u64().and_then(|index| u32::try_from(index).ok());
    index
        .map(Target::Index)
        .ok_or_else(|| unfit(index_key, &value.to_string(), "the number of a response, from 0"))
}

fn scale(fields: &mut Fields) -> Result<Scale, Fault> {
    let mut fields = match take(fields, "scale") {
        Some(Value::Object(fields)) => fields,
        Some(other) => return Err(wrong_kind("scale", "an object with `min` and `max`", &other)),
        None => return Err(Fault::of_field("scale", RowProblem::Missing)),
    };
    let inside = |fault: Fault| Fault { field: fault.field.map(|field| format!("scale.{field}")), ..fault };
    let min = required_number(&mut fields, "min").map_err(inside)?;
    let max = required_number(&mut fields, "max").map_err(inside)?;
    let step = optional_number(&mut fields, "step").map_err(inside)?.unwrap_or(0.0);
    let low_is_good = match take(&mut fields, "low_is_good") {
        None => false,
        Some(Value::Bool(low_is_good)) => low_is_good,
        Some(other) => return Err(wrong_kind("scale.low_is_good", "true or false", &other)),
    };
    match fields.keys().next() {
        Some(key) => Err(inside(unknown(key, SCALE_KEYS.iter()))),
        None => Ok(Scale { min, max, step, low_is_good }),
    }
}

fn winner_name(winner: Winner) -> &'static str {
    match winner {
        Winner::A => "a",
        Winner::B => "b",
        Winner::Tie => "tie",
    }
}

fn required_text(fields: &mut Fields, key: &str) -> Result<String, Fault> {
    optional_text(fields, key)?.ok_or_else(|| Fault::of_field(key, RowProblem::Missing))
}

fn optional_text(fields: &mut Fields, key: &str) -> Result<Option<String>, Fault> {
    match take(fields, key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(wrong_kind(key, "text", &other)),
    }
}

fn required_number(fields: &mut Fields, key: &str) -> Result<f64, Fault> {
    optional_number(fields, key)?.ok_or_else(|| Fault::of_field(key, RowProblem::Missing))
}

fn optional_number(fields: &mut Fields, key: &str) -> Result<Option<f64>, Fault> {
    let Some(value) = take(fields, key) else { return Ok(None) };
    let problem = RowProblem::Kind { expected: "a number", found: kind(&value) };
    value.as_f64().map(Some).ok_or_else(|| Fault::of_field(key, problem))
}

/// Takes a field; null counts as not there.
fn take(fields: &mut Fields, key: &str) -> Option<Value> {
    fields.shift_remove(key).filter(|value| !value.is_null())
}

fn unfit(key: &str, value: &str, expected: &'static str) -> Fault {
    Fault::of_field(key, RowProblem::Value { value: quoted(value), expected })
}

fn unknown<'a>(key: &str, known: impl Iterator<Item = &'a &'static str>) -> Fault {
    let likeness = |known: &&'static str| strsim::jaro_winkler(key, known);
    let nearest = known.copied().filter(|known| likeness(known) >= LIKENESS);
    let nearest = nearest.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    Fault::of_field(key, RowProblem::UnknownKey { nearest })
}
