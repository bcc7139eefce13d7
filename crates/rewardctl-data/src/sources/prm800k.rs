//! PRM800K: solutions step by step. A step is an item: the problem and the steps before it are the prompt, its
//! completions the responses.

use rewardctl_core::item::Message;
use serde_json::{Map, Value};

use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::field::{as_object, assistant, inside, list, number, plain, response, text};
use crate::sources::found::several;
use crate::sources::said::{opinion, rating, scale, the_file};
use crate::sources::{Aid, By, Family, Found, Opinion, RowsMean, Yields};

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "prm800k",
    title: "PRM800K",
    fields: &["question", "label"],
    signature: |row| {
        row.get("question").is_some_and(|question| question.get("problem").is_some())
            && row.get("label").is_some_and(|label| label.get("steps").is_some())
    },
    read,
    yields: Yields::Items,
    rows: RowsMean::Alone,
    lookup: None,
}];

/// What people rate: whether a step is right (1), neither right nor wrong (0), or wrong (-1).
const DIMENSION: &str = "step";

fn read(row: Fields, _: &Aid) -> Result<Vec<Found>, Fault> {
    let by = plain(&row, "labeler").map_or_else(the_file, By::Person);
    let problem = Message::user(text(&row, "question.problem")?);
    let (mut before, mut items) = (vec![], vec![]);
    for (at, step) in list(&row, "label.steps")?.iter().enumerate() {
        let place = format!("label.steps[{at}]");
        let step = as_object(step, &place)?;
        let within = |fault| inside(&place, fault);
        items.extend(one_step(step, &problem, &before, &by).map_err(within)?);
        match chosen(step).map_err(within)? {
            Some(text) => before.push(text),
            None => break,
        }
    }
    Ok(items)
}

fn one_step(step: &Fields, problem: &Message, before: &[String], by: &By) -> Result<Option<Found>, Fault> {
    let Some(Value::Array(completions)) = step.get("completions") else { return Ok(None) };
    let (mut responses, mut opinions, mut passed) = (vec![], vec![], vec![]);
    for (at, completion) in completions.iter().enumerate() {
        let place = format!("completions[{at}]");
        let completion = as_object(completion, &place)?;
        responses.push(response(text(completion, "text").map_err(|fault| inside(&place, fault))?, None));
        match said(at, completion, by).map_err(|fault| inside(&place, fault))? {
            Some(opinion) => opinions.push(opinion),
            None => passed.push("a step was flagged or not rated"),
        }
    }
    if responses.is_empty() {
        return Ok(None);
    }
    let mut prompt = vec![problem.clone()];
    if !before.is_empty() {
        prompt.push(assistant(before.join("\n")));
    }
    Ok(Some(several(prompt, responses, Map::new()).saying(opinions).passing_over(passed)))
}

fn said(at: usize, completion: &Fields, by: &By) -> Result<Option<Opinion>, Fault> {
    if completion.get("flagged").and_then(Value::as_bool) == Some(true) {
        return Ok(None);
    }
    let Some(value) = number(completion, "rating")? else { return Ok(None) };
    let said = rating(at, value, scale(-1.0, 1.0, 1.0), Some(DIMENSION), "rating")?;
    Ok(Some(opinion(said, by.clone())))
}

/// Returns the step that the solution goes on with; None where it ends.
fn chosen(step: &Fields) -> Result<Option<String>, Fault> {
    if let Some(at) = number(step, "chosen_completion")? {
        let taken = step.get("completions").and_then(|list| list.get(at.max(0.0) as usize));
        return Ok(taken.and_then(|taken| taken.get("text")).and_then(Value::as_str).map(String::from));
    }
    match step.get("human_completion") {
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Object(written)) => Ok(written.get("text").and_then(Value::as_str).map(String::from)),
        _ => Ok(None),
    }
}
