//! Rewarded responses with all that stands behind them: the rows that `rewardctl score` writes, in any of its formats.
//!
//! Few fields are needed, `reward` alone; what a row does not say is empty, so that rows of others can be read too.

use std::path::Path;

use rewardctl_core::id::ContentId;
use serde_json::Value;

use crate::error::Error;
use crate::json::{Fields, get, parse};
use crate::measured::Measured;
use crate::measured::cells::{name, number, optional, optional_name, required, unfit, wrong};
use crate::row_error::Fault;

/// One response with its reward.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScoredRow {
    /// The id that its file gives to the item.
    pub id: String,
    /// Where it comes from: the file and the row in it.
    pub source: String,
    /// The content id of the item; of the row's own name for it where there is none.
    pub item: Option<ContentId>,
    /// The content id of the response.
    pub response: Option<ContentId>,
    /// The 0-based place among the responses to the item.
    pub index: u32,
    /// What the input calls it: `chosen`, `rejected`.
    pub role: String,
    /// The model that wrote it.
    pub generator: String,
    /// In 0..=1; None where there is none.
    pub reward: Option<f64>,
    /// Why there is none.
    pub no_reward: String,
    /// By dimension, in the order of the panel.
    pub dimensions: Vec<(String, Option<f64>)>,
    /// How far the reward may be off.
    pub uncertainty: Option<ScoredUncertainty>,
    /// Whether it goes to a person; None where the row does not say.
    pub reviewed: Option<bool>,
    /// Why it goes to a person.
    pub route_reason: String,
    /// What each critic says.
    pub verdicts: Vec<ScoredVerdict>,
    /// What made the reward, by name: `panel`, `aggregator`, `encoder`, `heads`, `rewardctl`.
    pub versions: Vec<(String, String)>,
    /// What it answers.
    pub prompt: String,
    /// Its text; None where the row does not carry it.
    pub text: Option<String>,
}

/// How far a reward may be off, as standard deviations in 0..=1; a part that the row does not say is None.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ScoredUncertainty {
    /// All of it.
    pub total: f64,
    /// How far critics lie apart.
    pub between_critics: Option<f64>,
    /// How unsure critics are of their own scores.
    pub within_critic: Option<f64>,
    /// What verdicts that failed add.
    pub coverage: Option<f64>,
    /// What a fit of few labels adds.
    pub parameters: Option<f64>,
}

/// What one critic says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScoredVerdict {
    /// The critic.
    pub critic: String,
    /// The dimension that it judges.
    pub dimension: String,
    /// How it ended.
    pub outcome: Ended,
    /// In 0..=1; of a scored one alone.
    pub score: Option<f64>,
    /// What the score weighed in the reward.
    pub weight: Option<f64>,
    /// What the score rests on, or why there is none.
    pub rationale: String,
    /// Whether a person must look.
    pub flagged: bool,
    /// The calls behind it, by their keys in the ledger.
    pub calls: Vec<ContentId>,
}

/// How a critic's work ended. What nobody says is a failure, never a score.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ended {
    /// It scored.
    Scored,
    /// It had nothing to judge.
    Abstained,
    /// It should have judged and could not.
    #[default]
    Failed,
}

/// Characters of a name or a reason that are kept: whoever sums up by name must not run out of memory.
const NAME_CHARS: usize = 200;

/// Returns as much of a name as is kept.
pub fn short(mut name: String) -> String {
    if let Some((at, _)) = name.char_indices().nth(NAME_CHARS) {
        name.truncate(at);
        name.push('…');
    }
    name
}

/// Opens a file of rewarded responses.
pub fn read_scored_rows(path: &Path, label: &str) -> Result<Measured<ScoredRow>, Error> {
    Measured::open(path, label, rewarded)
}

fn rewarded(fields: Fields) -> Result<ScoredRow, Fault> {
    let (field, value) = required(&fields, &["reward"])?;
    let reward = value.map(|value| unit(field, value)).transpose()?;
    let text = |field: &str| optional_name(&fields, field).map(|name| short(name.unwrap_or_default()));
    let row = match optional(&fields, "row") {
        Some(value) => format!(":{}", number("row", value)?),
        None => String::new(),
    };
    let item = optional_name(&fields, "item_id")?.unwrap_or_default();
    let named = |name: &str| ContentId::of("item", [name.as_bytes()]);
    Ok(ScoredRow {
        id: text("id")?,
        source: text("source")? + &row,
        item: (!item.is_empty()).then(|| item.parse().unwrap_or_else(|_| named(&item))),
        response: text("response_id")?.parse().ok(),
        index: optional(&fields, "response_index")
            .map(|v| number("response_index", v))
            .transpose()?
            .unwrap_or(0.0) as u32,
        role: text("role")?,
        generator: text("generator")?,
        reward,
        no_reward: text("no_reward")?,
        dimensions: dimensions(&fields)?,
        uncertainty: uncertainty(&fields)?,
        reviewed: match text("route")?.as_str() {
            "" => None,
            route => Some(route == "review"),
        },
        route_reason: text("route_reason")?,
        verdicts: verdicts(&fields)?,
        versions: versions(&fields)?,
        prompt: prompt(&fields),
        text: get(&fields, "response").and_then(Value::as_str).map(String::from),
    })
}

/// The members of an object, or the columns of a table that are named `field.member`.
fn members<'a>(fields: &'a Fields, field: &str) -> Vec<(&'a str, &'a Value)> {
    if let Some(Value::Object(members)) = fields.get(field) {
        return members.iter().map(|(name, value)| (name.as_str(), value)).collect();
    }
    let column = |(name, value): (&'a String, &'a Value)| {
        let member = name.strip_prefix(field)?.strip_prefix('.')?;
        Some((member, value))
    };
    fields.iter().filter_map(column).collect()
}

/// Reads the scores by dimension; null and an empty cell are None.
pub(crate) fn dimensions(fields: &Fields) -> Result<Vec<(String, Option<f64>)>, Fault> {
    let score = |(name, value): (&str, &Value)| {
        let is_there = !value.is_null() && value.as_str() != Some("");
        let score = is_there.then(|| unit(&format!("dimensions.{name}"), value)).transpose()?;
        Ok((short(name.to_owned()), score))
    };
    members(fields, "dimensions").into_iter().map(score).collect()
}

/// Reads how far the reward may be off, in parts or in one number.
pub(crate) fn uncertainty(fields: &Fields) -> Result<Option<ScoredUncertainty>, Fault> {
    let part = |name: &str| -> Result<Option<f64>, Fault> {
        let field = format!("uncertainty.{name}");
        optional(fields, &field).map(|value| unit(&field, value)).transpose()
    };
    let plain = match fields.get("uncertainty") {
        Some(value @ (Value::Number(_) | Value::String(_))) => optional(fields, "uncertainty").map(|_| value),
        _ => None,
    };
    let total = match plain {
        Some(value) => Some(unit("uncertainty", value)?),
        None => part("total")?,
    };
    let Some(total) = total else { return Ok(None) };
    Ok(Some(ScoredUncertainty {
        total,
        between_critics: part("between_critics")?,
        within_critic: part("within_critic")?,
        coverage: part("coverage")?,
        parameters: part("parameters")?,
    }))
}

fn versions(fields: &Fields) -> Result<Vec<(String, String)>, Fault> {
    let version = |(part, value): (&str, &Value)| {
        Ok((short(part.to_owned()), short(name(&format!("versions.{part}"), value)?)))
    };
    members(fields, "versions").into_iter().filter(|(_, value)| !value.is_null()).map(version).collect()
}

fn verdicts(fields: &Fields) -> Result<Vec<ScoredVerdict>, Fault> {
    Ok(verdicts_and_methods(fields)?.into_iter().map(|(verdict, _)| verdict).collect())
}

/// Reads the verdicts, each with how a model was asked for it; empty where none was. In a table they are JSON in a cell.
pub(crate) fn verdicts_and_methods(fields: &Fields) -> Result<Vec<(ScoredVerdict, String)>, Fault> {
    let parsed;
    let list = match optional(fields, "verdicts") {
        None => return Ok(vec![]),
        Some(Value::Array(list)) => list,
        Some(Value::String(text)) => {
            parsed = parse(text.as_bytes(), 0).map_err(|_| unfit("verdicts", "…", "a list as JSON"))?;
            match &parsed {
                Value::Array(list) => list,
                other => return Err(wrong("verdicts", "a list", other)),
            }
        }
        Some(other) => return Err(wrong("verdicts", "a list", other)),
    };
    let method = |value: &Value| value.get("method").and_then(Value::as_str).unwrap_or_default().to_owned();
    let read = |(at, value)| Ok((verdict(&format!("verdicts[{at}]"), value)?, method(value)));
    list.iter().enumerate().map(read).collect()
}

fn verdict(place: &str, value: &Value) -> Result<ScoredVerdict, Fault> {
    let Value::Object(fields) = value else { return Err(wrong(place, "an object", value)) };
    let text = |field: &str| fields.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let finite = |field: &str| -> Result<Option<f64>, Fault> {
        optional(fields, field).map(|value| number(&format!("{place}.{field}"), value)).transpose()
    };
    let score = optional(fields, "score").map(|value| unit(&format!("{place}.score"), value)).transpose()?;
    let outcome = match (fields.get("outcome").map(Value::as_str), score) {
        (None | Some(Some("scored")), Some(_)) => Ended::Scored,
        (Some(Some("abstained")), _) => Ended::Abstained,
        _ => Ended::Failed,
    };
    let calls = fields.get("calls").and_then(Value::as_array).into_iter().flatten();
    Ok(ScoredVerdict {
        critic: short(text("critic")),
        dimension: short(text("dimension")),
        outcome,
        score: score.filter(|_| outcome == Ended::Scored),
        weight: finite("weight")?,
        rationale: text("rationale"),
        flagged: fields.get("flagged").and_then(Value::as_bool).unwrap_or(false),
        calls: calls.filter_map(|key| key.as_str()?.parse().ok()).collect(),
    })
}

/// The prompt as a person reads it: a text, or the last turn of the user.
fn prompt(fields: &Fields) -> String {
    let parsed;
    let value = match fields.get("prompt") {
        Some(Value::String(text)) if text.starts_with("[{") => {
            parsed = parse(text.as_bytes(), 0).unwrap_or_else(|_| Value::String(text.clone()));
            &parsed
        }
        Some(value) => value,
        None => return String::new(),
    };
    match value {
        Value::String(text) => text.clone(),
        Value::Array(turns) => {
            let content = |turn: &Value| turn.get("content").and_then(Value::as_str).map(String::from);
            let of_user = |turn: &&Value| turn.get("role").and_then(Value::as_str) == Some("user");
            let last = turns.iter().rev().find(of_user).or(turns.last());
            last.and_then(content).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// Reads a number in 0..=1.
pub(crate) fn unit(field: &str, value: &Value) -> Result<f64, Fault> {
    let read = number(field, value)?;
    match (0.0..=1.0).contains(&read) {
        true => Ok(read),
        false => Err(unfit(field, &read.to_string(), "a number from 0 to 1")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<ScoredRow, String> {
        let Value::Object(fields) = value else { unreachable!("rows are objects") };
        rewarded(fields).map_err(|fault| fault.at("f", 1).to_string())
    }

    #[test]
    fn a_row_and_its_table_form_say_the_same() {
        let verdicts = json!([{"critic":"c","dimension":"d","outcome":"scored","score":0.5,"weight":0.2}]);
        let nested = json!({"reward":0.5,"dimensions":{"d":0.5,"e":null},"uncertainty":{"total":0.1},
            "versions":{"panel":"p"},"verdicts":verdicts,"route":"review","row":3,"source":"f"});
        let flat = json!({"reward":"0.5","dimensions.d":"0.5","dimensions.e":"","uncertainty.total":"0.1",
            "versions.panel":"p","verdicts":verdicts.to_string(),"route":"review","row":"3","source":"f"});
        let row = read(nested).unwrap();
        assert_eq!(read(flat).unwrap(), row);
        assert_eq!((row.source.as_str(), row.reviewed), ("f:3", Some(true)));
        assert_eq!(row.dimensions, [("d".to_owned(), Some(0.5)), ("e".to_owned(), None)]);
    }

    #[test]
    fn what_no_critic_says_is_no_score() {
        let said =
            |verdict: Value| read(json!({"reward":null,"verdicts":[verdict]})).unwrap().verdicts.remove(0);
        assert_eq!(said(json!({"critic":"c","outcome":"failed","score":0.9})).score, None);
        assert_eq!(said(json!({"critic":"c","outcome":"scored"})).outcome, Ended::Failed);
        assert_eq!(said(json!({"critic":"c","score":0.4})).outcome, Ended::Scored);
        for other in [json!(""), json!(null), json!(5), json!("ok")] {
            let verdict = json!({"critic":"c","outcome":other,"score":0.9});
            assert_eq!(said(verdict.clone()).outcome, Ended::Failed, "{verdict}");
        }
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        for (row, place) in [
            (json!({}), "reward"),
            (json!({"reward":2}), "reward"),
            (json!({"reward":0.5,"dimensions":{"d":-1}}), "dimensions.d"),
            (json!({"reward":0.5,"uncertainty":-3}), "uncertainty"),
            (json!({"reward":0.5,"uncertainty":{"total":0.1,"coverage":7}}), "uncertainty.coverage"),
            (json!({"reward":0.5,"verdicts":[{"score":"x"}]}), "verdicts[0].score"),
            (json!({"reward":0.5,"verdicts":[7]}), "verdicts[0]"),
        ] {
            let said = read(row.clone()).unwrap_err();
            assert!(said.contains(place), "{row}: {said}");
        }
    }

    #[test]
    fn a_chat_shows_its_last_question() {
        let chat = json!([{"role":"user","content":"first"},{"role":"assistant","content":"a"},{"role":"user","content":"last"}]);
        assert_eq!(read(json!({"reward":0.1,"prompt":chat})).unwrap().prompt, "last");
        assert_eq!(read(json!({"reward":0.1,"prompt":chat.to_string()})).unwrap().prompt, "last");
    }
}
