//! Pairs with a chosen and a rejected side and something beside them: UltraFeedback binarized, distilabel, RewardBench.

use rewardctl_core::item::Response;
use rewardctl_core::label::Winner;
use serde_json::Value;

use crate::chat::{content, prompt};
use crate::json::Fields;
use crate::row_error::{Fault, RowProblem};
use crate::sources::field::{has, list, number, plain};
use crate::sources::found::{generic, several};
use crate::sources::said::{comparison, opinion, the_file};
use crate::sources::{Aid, By, Family, Found, RowsMean, Yields};

const TEXTS: &[&str] = &["prompt", "chosen", "rejected"];

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "ultrafeedback-binarized",
        title: "UltraFeedback binarized",
        fields: TEXTS,
        signature: |row| has(row, &["prompt", "chosen", "rejected", "score_chosen", "score_rejected"]),
        read: |row, _| machine_pair(row, ["score_chosen", "score_rejected"]),
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: None,
    },
    Family {
        name: "distilabel",
        title: "distilabel",
        fields: TEXTS,
        signature: |row| has(row, &["prompt", "chosen", "rejected", "chosen_rating", "rejected_rating"]),
        read: |row, _| machine_pair(row, ["chosen_rating", "rejected_rating"]),
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: None,
    },
    Family {
        name: "rewardbench2",
        title: "RewardBench 2",
        fields: TEXTS,
        signature: |row| {
            has(row, &["prompt", "subset"]) && is_texts(row, "chosen") && is_texts(row, "rejected")
        },
        read: lists,
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: None,
    },
    Family {
        name: "rewardbench",
        title: "RewardBench",
        fields: TEXTS,
        signature: |row| {
            has(row, &["prompt", "chosen", "rejected", "chosen_model", "rejected_model", "subset"])
        },
        read: |row, _| {
            Ok(vec![
                generic(row, TEXTS)?.saying(vec![opinion(comparison(0, 1, Winner::A, None), the_file())]),
            ])
        },
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: None,
    },
];

/// A model's scores made the pair; equal ones mean that it prefers neither.
fn machine_pair(row: Fields, scores: [&str; 2]) -> Result<Vec<Found>, Fault> {
    let (chosen, rejected) = (number(&row, scores[0])?, number(&row, scores[1])?);
    let winner = if chosen.is_some() && chosen == rejected { Winner::Tie } else { Winner::A };
    let said = opinion(comparison(0, 1, winner, None), By::Machine);
    Ok(vec![generic(row, TEXTS)?.saying(vec![said])])
}

fn is_texts(row: &Fields, field: &str) -> bool {
    let list = row.get(field).and_then(Value::as_array);
    list.is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_string))
}

/// Several right and several wrong responses: every right one beats every wrong one.
fn lists(mut row: Fields, _: &Aid) -> Result<Vec<Found>, Fault> {
    let (mut responses, mut counts) = (vec![], vec![]);
    for side in ["chosen", "rejected"] {
        let texts = list(&row, side)?;
        if texts.is_empty() {
            return Err(Fault::of_field(side, RowProblem::Empty));
        }
        for (at, text) in texts.iter().enumerate() {
            let text = content(text.clone(), &format!("{side}[{at}]"))?;
            responses.push(Response { text, generator: None, role: Some(side.into()) });
        }
        counts.push(texts.len());
    }
    let mut opinions = vec![];
    for good in 0..counts[0] {
        for bad in counts[0]..responses.len() {
            opinions.push(opinion(comparison(good, bad, Winner::A, None), the_file()));
        }
    }
    let turns = prompt(row.shift_remove("prompt").unwrap_or_default(), "prompt")?;
    let name = plain(&row, "id");
    ["chosen", "rejected", "id"].iter().for_each(|key| drop(row.shift_remove(*key)));
    Ok(vec![several(turns, responses, row).named(name).saying(opinions)])
}
