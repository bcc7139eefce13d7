//! Pairs of scores with what people prefer.

use std::path::Path;

use rewardctl_core::label::Winner;

use crate::error::Error;
use crate::json::Fields;
use crate::measured::Measured;
use crate::measured::cells::{number, optional_name, preference, required};
use crate::row_error::Fault;

/// One row: `score_a`, `score_b`, `label` (or `winner`), and optional `group`.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredPairRow {
    /// The score of a; None where it is null.
    pub score_a: Option<f64>,
    /// The score of b; None where it is null.
    pub score_b: Option<f64>,
    /// What people prefer; None where it is null.
    pub label: Option<Winner>,
    /// What rows belong together, such as a prompt.
    pub group: Option<String>,
}

/// Opens a file of scored pairs.
pub fn read_scored_pairs(path: &Path, label: &str) -> Result<Measured<ScoredPairRow>, Error> {
    Measured::open(path, label, scored_pair)
}

fn scored_pair(fields: Fields) -> Result<ScoredPairRow, Fault> {
    let score = |field: &'static str| {
        let (name, value) = required(&fields, &[field])?;
        value.map(|value| number(name, value)).transpose()
    };
    let (name, label) = required(&fields, &["label", "winner"])?;
    Ok(ScoredPairRow {
        score_a: score("score_a")?,
        score_b: score("score_b")?,
        label: label.map(|value| preference(name, value)).transpose()?,
        group: optional_name(&fields, "group")?,
    })
}
