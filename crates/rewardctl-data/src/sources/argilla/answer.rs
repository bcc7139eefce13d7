//! What an answer to a question says of the responses.

use rewardctl_core::label::Winner;
use rewardctl_core::score::Scale;
use serde_json::Value;

use crate::labels::Said;
use crate::row_error::Fault;
use crate::sources::By;
use crate::sources::said::{comparison, correction, ranking, rating};

/// Names of questions whose text is what the response should have been.
const CORRECTIONS: [&str; 5] = ["correct", "edit", "improve", "rewrite", "ideal"];
/// Names of questions whose text is why.
const NOTES: [&str; 5] = ["comment", "note", "reason", "rationale", "explanation"];
/// Names of questions that ask for the response as a whole.
const OVERALL: [&str; 4] = ["rating", "overall", "score", "quality"];

/// What a question may be about.
#[derive(Debug)]
pub(in crate::sources) struct Asked {
    /// The fields that hold responses, in order.
    pub order: Vec<String>,
    /// How many responses there are.
    pub count: usize,
    /// The scale of ratings.
    pub scale: Scale,
}

/// Reads an answer; None if it is a note, and nothing in the list if it says nothing that a label can.
pub(in crate::sources) fn said_of(
    question: &str,
    value: &Value,
    asked: &Asked,
    field: &str,
) -> Result<Option<Vec<Said>>, Fault> {
    let about = |words: &[&str]| words.iter().any(|word| question.to_lowercase().contains(word));
    Ok(match value {
        Value::Number(number) => {
            let value = number.as_f64().unwrap_or(f64::NAN);
            Some(rated(question, value, asked, field)?)
        }
        Value::Array(list) => Some(ranked(list, asked)),
        Value::String(text) if about(&CORRECTIONS) && asked.count == 1 => {
            Some(vec![correction(0, text.clone())])
        }
        Value::String(_) if is_note(question) => None,
        Value::String(text) => Some(preferred(text, asked).into_iter().collect()),
        _ => Some(vec![]),
    })
}

/// Tells whether the text under a name says why, and not what.
pub(in crate::sources) fn is_note(name: &str) -> bool {
    NOTES.iter().any(|word| name.to_lowercase().contains(word))
}

/// A rating belongs to the one response, or to the one whose field the question's name ends with.
fn rated(question: &str, value: f64, asked: &Asked, field: &str) -> Result<Vec<Said>, Fault> {
    let ending = asked.order.iter().position(|name| question.ends_with(name.as_str()));
    let (at, dimension) = match (asked.count, ending) {
        (1, _) => (0, question),
        (_, Some(at)) => {
            (at, question.trim_end_matches(asked.order[at].as_str()).trim_end_matches(['_', '-', '.']))
        }
        (_, None) => return Ok(vec![]),
    };
    let overall = dimension.is_empty() || OVERALL.contains(&dimension);
    Ok(vec![rating(at, value, asked.scale, (!overall).then_some(dimension), field)?])
}

/// Reads a list of names, the best first, or of names with ranks, which may tie.
fn ranked(list: &[Value], asked: &Asked) -> Vec<Said> {
    let mut ranks = vec![None; asked.order.len()];
    for (at, entry) in list.iter().enumerate() {
        let name = entry.as_str().or_else(|| entry.get("value").and_then(Value::as_str)).unwrap_or_default();
        let rank = entry.get("rank").and_then(Value::as_f64).unwrap_or(at as f64);
        if let Some(place) = asked.order.iter().position(|field| field == name) {
            ranks[place] = Some(rank);
        }
    }
    ranks.truncate(asked.count);
    ranking(&ranks, &By::Machine).into_iter().map(|opinion| opinion.said).collect()
}

/// Reads which of two responses is named.
fn preferred(choice: &str, asked: &Asked) -> Option<Said> {
    if asked.count != 2 {
        return None;
    }
    let choice = choice.trim();
    let named = asked.order.iter().position(|field| field == choice);
    let winner = match (named, choice.to_lowercase().as_str()) {
        (Some(0), _) | (None, "a" | "left" | "1" | "first") => Winner::A,
        (Some(1), _) | (None, "b" | "right" | "2" | "second") => Winner::B,
        (None, "tie" | "both" | "neither" | "equal" | "same") => Winner::Tie,
        _ => return None,
    };
    Some(comparison(0, 1, winner, None))
}
