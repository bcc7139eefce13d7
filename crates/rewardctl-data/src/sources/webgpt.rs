//! WebGPT comparisons: two answers with scores that sum to 0.

use serde_json::Value;

use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::field::{has, required_number, text};
use crate::sources::found::generic;
use crate::sources::said::{leaning, opinion, the_file};
use crate::sources::{Aid, Family, Found, RowsMean, Yields};

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "webgpt",
    title: "WebGPT comparisons",
    fields: &["question", "answer_0", "answer_1", "score_0"],
    signature: |row| {
        let question = row.get("question").is_some_and(|question| question.get("full_text").is_some());
        question && has(row, &["answer_0", "answer_1", "score_0", "score_1"])
    },
    read,
    yields: Yields::Items,
    rows: RowsMean::Alone,
    lookup: None,
}];

fn read(mut row: Fields, _: &Aid) -> Result<Vec<Found>, Fault> {
    let question = text(&row, "question.full_text")?;
    // The scores say how much better an answer is than the other; that of the first, turned round, leans to the second.
    let said = leaning(-required_number(&row, "score_0")?, 1.0, "score_0")?;
    if let Some(Value::Object(about)) = row.get_mut("question") {
        about.shift_remove("full_text");
    }
    row.insert("prompt".into(), question.into());
    Ok(vec![generic(row, &["prompt", "answer_0", "answer_1"])?.saying(vec![opinion(said, the_file())])])
}
