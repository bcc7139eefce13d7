//! AlpacaEval annotations: two outputs and what a judge prefers. (Its outputs alone are a generic shape.)

use rewardctl_core::label::Winner;

use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::field::{has, number, unfit};
use crate::sources::found::generic;
use crate::sources::said::{comparison, opinion};
use crate::sources::{Aid, By, Family, Found, RowsMean, Yields};

const TEXTS: &[&str] = &["instruction", "output_1", "output_2"];

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "alpaca-eval",
    title: "AlpacaEval annotations",
    fields: TEXTS,
    signature: |row| has(row, TEXTS) && row.contains_key("preference"),
    read,
    yields: Yields::Items,
    rows: RowsMean::Alone,
    lookup: None,
}];

fn read(row: Fields, _: &Aid) -> Result<Vec<Found>, Fault> {
    let preference = number(&row, "preference")?;
    let found = generic(row, TEXTS)?;
    let Some(preference) = preference else {
        return Ok(vec![found.passing_over(vec!["the judge gave no preference"])]);
    };
    if preference == 0.0 {
        return Ok(vec![found.saying(vec![opinion(comparison(0, 1, Winner::Tie, None), By::Machine)])]);
    }
    Ok(vec![found.saying(vec![opinion(said(preference)?, By::Machine)])])
}

/// 1 prefers the first output, 2 the second; in between lies how likely the second is the better one.
fn said(preference: f64) -> Result<crate::labels::Said, Fault> {
    if !(1.0..=2.0).contains(&preference) {
        return Err(unfit("preference", &preference.to_string(), "a preference from 1 to 2"));
    }
    let lean = (preference - 1.5) * 2.0;
    Ok(match lean {
        _ if lean < 0.0 => comparison(0, 1, Winner::A, Some(-lean)),
        _ if lean > 0.0 => comparison(0, 1, Winner::B, Some(lean)),
        _ => comparison(0, 1, Winner::Tie, None),
    })
}
