//! People and their work: who may come, what they are asked, who holds what, and what they decided.
//!
//! A task has as many places as people are to answer it. [`lease`] gives a place to a person for some minutes,
//! [`decide`] fills it and writes the labels, [`undo`] takes that back; [`work`] fills the queue from routes, plans and
//! by hand. Each step is one transaction, which the only clock (the caller's, on the machine of the store) and a number
//! that grows with every lease keep in order: whoever was overtaken is told so. [`audit`] writes down who did what.

pub mod audit;
pub mod browse;
pub mod bulk;
pub mod decide;
pub mod figures;
pub mod lease;
pub mod opinion;
pub mod refusal;
pub mod resume;
pub mod reveal;
pub mod undo;
pub mod users;
pub mod work;

#[cfg(test)]
mod tests;

use rewardctl_core::id::ContentId;
use rewardctl_core::review::role::Role;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::error::Error;

/// The time, by the one clock that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since 1970.
    pub ms: i64,
    /// The same as RFC 3339, to the second, as labels carry it.
    pub text: String,
}

/// Somebody who works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name, which labels carry.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// How work is shared out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorkSettings {
    /// How many people answer a task.
    pub overlap: u32,
    /// How long a task is held without a sign of life, in milliseconds.
    pub lease_ms: i64,
    /// The share of comparisons that the same person gets again, the other way round.
    pub repeat_share: f64,
    /// The share of tasks whose answer is known.
    pub gold_share: f64,
    /// The seed of the order in which responses are shown, of repeats and of gold tasks.
    pub seed: u64,
}

/// Reads ids that lie one after the other.
pub(crate) fn ids(table: &'static str, row: &SqliteRow, column: &str) -> Result<Vec<ContentId>, Error> {
    let bytes: &[u8] = row.get(column);
    let (ids, rest) = bytes.as_chunks::<16>();
    if !rest.is_empty() {
        return Err(Error::broken(table)(IdsLength(bytes.len())));
    }
    Ok(ids.iter().map(|id| ContentId::from_bytes(*id)).collect())
}

/// A list of ids that does not end with an id.
#[derive(Debug, thiserror::Error)]
#[error("ids of {0} bytes, which is no multiple of 16")]
struct IdsLength(usize);

/// Returns ids as a column holds them.
pub(crate) fn joined(ids: &[ContentId]) -> Vec<u8> {
    ids.iter().flat_map(|id| *id.as_bytes()).collect()
}
