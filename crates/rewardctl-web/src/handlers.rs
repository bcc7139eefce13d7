//! What is answered to what: a file for each family of addresses.

pub(crate) mod bulk;
pub(crate) mod data;
pub(crate) mod labels;
pub(crate) mod session;
pub(crate) mod stats;
pub(crate) mod tasks;

use axum::Json;
use axum::http::StatusCode;
use rewardctl_core::review::role::Permission;
use rewardctl_store::people::Person;
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

/// Returns a page of rows, each as `show` shows it, with the place where the next page begins; None on the last.
pub(crate) fn page<T>(
    name: &str,
    rows: &[T],
    limit: i64,
    place: impl Fn(&T) -> i64,
    show: impl Fn(&T) -> Value,
) -> Json<Value> {
    let is_full = rows.len() as i64 == limit;
    let next = rows.last().filter(|_| is_full).map(place);
    let shown: Vec<Value> = rows.iter().map(show).collect();
    Json(json!({ name: shown, "next": next }))
}

/// Refuses what would tell somebody of a task that they may be asked to answer.
pub(crate) fn check_sighted(person: &Person, what: &str) -> Result<(), Problem> {
    if person.role.may(Permission::SeeScores) {
        return Ok(());
    }
    let detail = format!("{what} is not shown to those who answer it");
    Err(Problem::new(StatusCode::FORBIDDEN, "blind", detail))
}
