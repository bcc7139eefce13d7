//! HelpSteer2 (attributes, preferences) and HelpSteer3 (preferences): what people say of responses.

use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::field::{has, number, required_number};
use crate::sources::found::generic;
use crate::sources::said::{leaning, opinion, rating, scale, the_file};
use crate::sources::{Aid, Family, Found, RowsMean, Yields};

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "helpsteer2",
        title: "HelpSteer2",
        fields: &["prompt", "response", "helpfulness"],
        signature: |row| has(row, &["prompt", "response", "helpfulness", "verbosity"]),
        read: attributes,
        yields: Yields::Items,
        rows: RowsMean::Neighbours,
        lookup: None,
    },
    Family {
        name: "helpsteer2-preference",
        title: "HelpSteer2-preference",
        fields: &["prompt", "response_1", "response_2", "preference_strength"],
        signature: |row| has(row, &["prompt", "response_1", "response_2", "preference_strength"]),
        read: |row, _| preference(row, &["prompt", "response_1", "response_2"], "preference_strength"),
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: None,
    },
    Family {
        name: "helpsteer3",
        title: "HelpSteer3",
        fields: &["context", "response1", "response2", "overall_preference"],
        signature: |row| has(row, &["context", "response1", "response2", "overall_preference"]),
        read: |row, _| preference(row, &["context", "response1", "response2"], "overall_preference"),
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: None,
    },
];

const ATTRIBUTES: [&str; 5] = ["helpfulness", "correctness", "coherence", "complexity", "verbosity"];
/// The strongest preference for either side.
const STRONGEST: f64 = 3.0;

fn attributes(row: Fields, _: &Aid) -> Result<Vec<Found>, Fault> {
    let mut opinions = vec![];
    for name in ATTRIBUTES {
        if let Some(value) = number(&row, name)? {
            opinions.push(opinion(rating(0, value, scale(0.0, 4.0, 0.0), Some(name), name)?, the_file()));
        }
    }
    Ok(vec![generic(row, &["prompt", "response"])?.saying(opinions)])
}

/// A negative number prefers the first response, in HelpSteer2 as in HelpSteer3; 0 is a tie.
fn preference(row: Fields, texts: &[&str], field: &str) -> Result<Vec<Found>, Fault> {
    let said = leaning(required_number(&row, field)?, STRONGEST, field)?;
    Ok(vec![generic(row, texts)?.saying(vec![opinion(said, the_file())])])
}
