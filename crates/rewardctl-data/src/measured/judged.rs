//! Verdicts of a judge, some of which people checked.

use std::path::Path;

use rewardctl_core::label::Winner;
use serde_json::Value;

use crate::error::Error;
use crate::json::Fields;
use crate::measured::Measured;
use crate::measured::cells::{number, optional, optional_name, required, side};
use crate::row_error::Fault;

/// One row: `judge`, `human`, and optional `group`.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedRow {
    /// The judge's verdict; None where it is null.
    pub judge: Option<f64>,
    /// A person's verdict; None where nobody looked.
    pub human: Option<f64>,
    /// What rows belong together, such as a prompt.
    pub group: Option<String>,
}

/// Opens a file of judged rows.
pub fn read_judged(path: &Path, label: &str) -> Result<Measured<JudgedRow>, Error> {
    Measured::open(path, label, judged)
}

fn judged(fields: Fields) -> Result<JudgedRow, Fault> {
    let (name, value) = required(&fields, &["judge"])?;
    Ok(JudgedRow {
        judge: value.map(|value| verdict(name, value)).transpose()?,
        human: optional(&fields, "human").map(|value| verdict("human", value)).transpose()?,
        group: optional_name(&fields, "group")?,
    })
}

/// Reads a verdict: a number, true or false as 1 or 0, or `a`, `b` or `tie` as 1, 0 or ½.
fn verdict(name: &str, value: &Value) -> Result<f64, Fault> {
    match value {
        Value::Bool(yes) => Ok(f64::from(u8::from(*yes))),
        Value::String(text) => match (side(text), text.trim().to_ascii_lowercase().as_str()) {
            (Some(Winner::A), _) | (_, "true") => Ok(1.0),
            (Some(Winner::B), _) | (_, "false") => Ok(0.0),
            (Some(Winner::Tie), _) => Ok(0.5),
            _ => number(name, value),
        },
        other => number(name, other),
    }
}
