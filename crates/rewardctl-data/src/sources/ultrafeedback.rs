//! UltraFeedback: an instruction, four completions, and what GPT-4 says of each.

use serde_json::Value;

use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::field::{as_object, list, unfit};
use crate::sources::found::generic;
use crate::sources::said::{opinion, rating};
use crate::sources::{Aid, By, Family, Found, Opinion, RowsMean, Yields};
use rewardctl_core::score::Scale;

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "ultrafeedback",
    title: "UltraFeedback",
    fields: &["instruction", "completions"],
    signature,
    read,
    yields: Yields::Items,
    rows: RowsMean::Alone,
    lookup: None,
}];

/// The raw file writes a rating as text, and this where the judge gave none.
const NONE: &str = "N/A";

fn signature(row: &Fields) -> bool {
    let first = row.get("completions").and_then(|list| list.get(0));
    row.contains_key("instruction") && first.is_some_and(|first| first.get("annotations").is_some())
}

fn read(row: Fields, _: &Aid) -> Result<Vec<Found>, Fault> {
    let (mut opinions, mut passed) = (vec![], vec![]);
    for (at, completion) in list(&row, "completions")?.iter().enumerate() {
        let place = format!("completions[{at}]");
        let annotations = as_object(completion, &place)?.get("annotations").filter(|value| !value.is_null());
        let place = format!("{place}.annotations");
        let Some(annotations) = annotations.map(|value| as_object(value, &place)).transpose()? else {
            continue;
        };
        for (aspect, said) in annotations {
            match aspect_rating(at, aspect, said, &place)? {
                Some(opinion) => opinions.push(opinion),
                None => passed.push("a rating is `N/A` or missing"),
            }
        }
    }
    Ok(vec![generic(row, &["instruction", "completions"])?.saying(opinions).passing_over(passed)])
}

fn aspect_rating(at: usize, aspect: &str, said: &Value, place: &str) -> Result<Option<Opinion>, Fault> {
    let field = format!("{place}.{aspect}.Rating");
    let value = match said.get("Rating") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim() == NONE => return Ok(None),
        Some(Value::String(text)) => {
            text.trim().parse().map_err(|_| unfit(&field, text, "a rating from 1 to 5"))?
        }
        Some(other) => {
            other.as_f64().ok_or_else(|| unfit(&field, &other.to_string(), "a rating from 1 to 5"))?
        }
    };
    Ok(Some(opinion(rating(at, value, Scale::STARS, Some(aspect), &field)?, By::Machine)))
}
