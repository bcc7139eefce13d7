//! ShareGPT conversations under other names than the generic shape knows.

use serde_json::Value;

use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::found::generic;
use crate::sources::{Aid, Family, Found, RowsMean, Yields};

const LISTS: [&str; 3] = ["conversations", "conversation", "items"];
/// Models that a turn may be of.
const MODELS: [&str; 4] = ["chatgpt", "bing", "bard", "claude"];

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "sharegpt",
    title: "ShareGPT",
    fields: &["conversations"],
    signature: |row| field(row).is_some_and(|field| field == "items" || speaks_a_model(row, field)),
    read,
    yields: Yields::Items,
    rows: RowsMean::Alone,
    lookup: None,
}];

/// Returns the field that holds turns with `from` and `value`.
fn field(row: &Fields) -> Option<&'static str> {
    let is_turn = |turn: &Value| turn.get("from").is_some() && turn.get("value").is_some();
    let has_turns = |name: &&str| row.get(*name).and_then(|turns| turns.get(0)).is_some_and(is_turn);
    LISTS.into_iter().find(has_turns)
}

fn speaks_a_model(row: &Fields, field: &str) -> bool {
    let turns = row.get(field).and_then(Value::as_array);
    turns.is_some_and(|turns| {
        turns.iter().any(|turn| speaker(turn).is_some_and(|from| MODELS.contains(&from)))
    })
}

fn speaker(turn: &Value) -> Option<&str> {
    turn.get("from").and_then(Value::as_str)
}

fn read(mut row: Fields, _: &Aid) -> Result<Vec<Found>, Fault> {
    let name = LISTS.into_iter().find(|name| row.contains_key(*name)).unwrap_or("conversations");
    let mut turns = row.shift_remove(name).unwrap_or_default();
    for turn in turns.as_array_mut().into_iter().flatten() {
        if speaker(turn).is_some_and(|from| MODELS.contains(&from))
            && let Value::Object(turn) = turn
        {
            turn.insert("from".into(), "assistant".into());
        }
    }
    row.insert("conversations".into(), turns);
    Ok(vec![generic(row, &["conversations"])?])
}
