//! LMSYS arena battles: conversations with two models and a vote (33k), or lists of turns in texts (55k). The human
//! judgments of MT-bench have the shape of the first.

use rewardctl_core::label::Winner;
use serde_json::Value;

use crate::json::Fields;
use crate::labels::Said;
use crate::row_error::{Fault, RowProblem};
use crate::sources::field::{has, list, number, plain, text, unfit};
use crate::sources::found::generic;
use crate::sources::said::{comparison, opinion, the_file};
use crate::sources::{Aid, By, Family, Found, RowsMean, Yields};

const CONVERSATIONS: [&str; 2] = ["conversation_a", "conversation_b"];
const LISTS: [&str; 3] = ["prompt", "response_a", "response_b"];
const VOTES: [&str; 3] = ["winner_model_a", "winner_model_b", "winner_tie"];

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "lmsys-33k",
        title: "LMSYS arena votes",
        fields: &["conversation_a", "conversation_b", "winner"],
        signature: |row| has(row, &CONVERSATIONS) && has(row, &["winner", "judge"]),
        read: battle,
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: None,
    },
    Family {
        name: "lmsys-55k",
        title: "LMSYS arena votes",
        fields: &["prompt", "response_a", "response_b", "winner_model_a"],
        signature: |row| has(row, &LISTS) && has(row, &VOTES),
        read: lists,
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: None,
    },
];

fn battle(mut row: Fields, _: &Aid) -> Result<Vec<Found>, Fault> {
    let said = winner(&text(&row, "winner")?)?;
    let by = plain(&row, "judge").map_or_else(the_file, By::Person);
    let name = plain(&row, "question_id");
    // A vote on an early turn stands beside the whole conversation.
    if let Some(turns) = number(&row, "turn")? {
        CONVERSATIONS.iter().for_each(|side| cut_after(&mut row, side, turns));
    }
    let said = said.map(|winner| opinion(comparison(0, 1, winner, None), by));
    Ok(vec![generic(row, &CONVERSATIONS)?.named(name).saying(said.into_iter().collect())])
}

fn winner(name: &str) -> Result<Option<Winner>, Fault> {
    match name {
        "model_a" => Ok(Some(Winner::A)),
        "model_b" => Ok(Some(Winner::B)),
        "tie" | "tie (bothbad)" => Ok(Some(Winner::Tie)),
        other => Err(unfit("winner", other, "`model_a`, `model_b`, `tie` or `tie (bothbad)`")),
    }
}

/// Ends the conversation with the assistant's turn of this number.
fn cut_after(row: &mut Fields, side: &str, turns: f64) {
    let Some(Value::Array(messages)) = row.get_mut(side) else { return };
    let is_answer = |turn: &Value| turn.get("role").and_then(Value::as_str) == Some("assistant");
    let answers = messages.iter().enumerate().filter(|(_, turn)| is_answer(turn)).map(|(at, _)| at);
    if let Some(last) = answers.take(turns.max(1.0) as usize).last() {
        messages.truncate(last + 1);
    }
}

fn lists(mut row: Fields, _: &Aid) -> Result<Vec<Found>, Fault> {
    for field in LISTS {
        let value = only_turn(&row, field)?;
        row.insert(field.into(), value.into());
    }
    let said = votes(&row)?;
    Ok(vec![generic(row, &LISTS)?.saying(vec![opinion(said, the_file())])])
}

/// Returns the one text of a list, which a text may hold as JSON.
fn only_turn(row: &Fields, field: &str) -> Result<String, Fault> {
    let parsed = match row.get(field) {
        Some(Value::String(text)) => serde_json::from_str::<Vec<Value>>(text)
            .map_err(|_| unfit(field, text, "a list of texts, written as JSON"))?,
        _ => list(row, field)?.to_vec(),
    };
    match <[Value; 1]>::try_from(parsed) {
        Ok([Value::String(text)]) => Ok(text),
        Ok([_]) => Err(Fault::of_field(format!("{field}[0]"), RowProblem::Missing)),
        Err(turns) if turns.is_empty() => Err(Fault::of_field(field, RowProblem::Empty)),
        Err(_) => Err(Fault::of_field(field, RowProblem::Diverged)),
    }
}

fn votes(row: &Fields) -> Result<Said, Fault> {
    let mut winners = vec![];
    for (field, winner) in VOTES.into_iter().zip([Winner::A, Winner::B, Winner::Tie]) {
        if number(row, field)? == Some(1.0) {
            winners.push(winner);
        }
    }
    match winners[..] {
        [winner] => Ok(comparison(0, 1, winner, None)),
        _ => {
            Err(unfit("winner_model_a", &winners.len().to_string(), "one winner: a single 1 of three fields"))
        }
    }
}
