//! What is answered to what: a file for each family of addresses.

pub(crate) mod data;
pub(crate) mod labels;
pub(crate) mod session;
pub(crate) mod stats;
pub(crate) mod tasks;

use serde::Serialize;
use serde_json::{Value, json};

use crate::problem::Problem;

/// The most rows of a page, and how many there are unless somebody asks otherwise.
pub(crate) const MOST_ROWS: i64 = 200;
pub(crate) const ROWS: i64 = 50;

/// The last place that there can be: beyond, JSON does not tell numbers apart everywhere.
const MOST_PLACE: i64 = 9_007_199_254_740_991;

/// Returns how many rows a page has.
pub(crate) fn rows(asked: Option<i64>) -> Result<i64, Problem> {
    let rows = asked.unwrap_or(ROWS);
    match (1..=MOST_ROWS).contains(&rows) {
        true => Ok(rows),
        false => Err(Problem::bad_request(format!("`limit` is 1 to {MOST_ROWS}"))),
    }
}

/// Returns where a page begins.
pub(crate) fn after(asked: Option<i64>) -> Result<i64, Problem> {
    match asked.unwrap_or(0) {
        place @ 0..=MOST_PLACE => Ok(place),
        _ => Err(Problem::bad_request("`after` is what `next` of the page before says")),
    }
}

/// Returns a page of rows with the place where the next one begins; None on the last.
pub(crate) fn page<T: Serialize>(
    name: &str,
    rows: &[T],
    limit: i64,
    place: impl Fn(&T) -> i64,
) -> Result<Value, Problem> {
    let is_full = rows.len() as i64 == limit;
    let next = rows.last().filter(|_| is_full).map(place);
    let rows = serde_json::to_value(rows).map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok(json!({ name: rows, "next": next }))
}
