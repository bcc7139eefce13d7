//! Probabilities with what happened.

use std::path::Path;

use crate::error::Error;
use crate::json::Fields;
use crate::measured::Measured;
use crate::measured::cells::{answer, number, optional_name, required, shown, unfit};
use crate::row_error::Fault;

/// The names that a probability may have.
const PROBABILITY: [&str; 3] = ["probability", "p", "score"];

/// One row: `probability` (or `p`, `score`), `label`, and optional `group` and `slice`.
#[derive(Debug, Clone, PartialEq)]
pub struct ForecastRow {
    /// The probability that it is so, in 0..=1; None where it is null.
    pub probability: Option<f64>,
    /// 1 if it is so, 0 if not, ½ for a tie; None where it is null.
    pub label: Option<f64>,
    /// What rows belong together, such as a prompt.
    pub group: Option<String>,
    /// The part of the data that it is counted in besides.
    pub slice: Option<String>,
}

/// Opens a file of forecasts.
pub fn read_forecasts(path: &Path, label: &str) -> Result<Measured<ForecastRow>, Error> {
    Measured::open(path, label, forecast)
}

fn forecast(fields: Fields) -> Result<ForecastRow, Fault> {
    let (name, value) = required(&fields, &PROBABILITY)?;
    let probability = value.map(|value| {
        let probability = number(name, value)?;
        let is_probability = (0.0..=1.0).contains(&probability);
        is_probability
            .then_some(probability)
            .ok_or_else(|| unfit(name, &shown(value), "a probability from 0 to 1"))
    });
    let (name, value) = required(&fields, &["label"])?;
    Ok(ForecastRow {
        probability: probability.transpose()?,
        label: value.map(|value| answer(name, value)).transpose()?,
        group: optional_name(&fields, "group")?,
        slice: optional_name(&fields, "slice")?,
    })
}
