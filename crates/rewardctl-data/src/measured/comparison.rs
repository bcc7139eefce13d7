//! Comparisons between models.

use std::path::Path;

use rewardctl_core::label::Winner;
use serde_json::Value;

use crate::error::Error;
use crate::json::Fields;
use crate::measured::Measured;
use crate::measured::cells::{name, number, optional, optional_name, required, side, unfit};
use crate::row_error::{Fault, RowProblem};

/// One row: `model_a`, `model_b`, `winner`, and optional `weight`, `group` and `annotator`.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonRow {
    /// The first model.
    pub model_a: String,
    /// The second model, another one.
    pub model_b: String,
    /// The better one; None where it is null.
    pub winner: Option<Winner>,
    /// How much it counts; above 0, and 1 if not said.
    pub weight: f64,
    /// What rows belong together, such as a prompt.
    pub group: Option<String>,
    /// Who compared.
    pub annotator: Option<String>,
}

/// Opens a file of comparisons.
pub fn read_comparisons(path: &Path, label: &str) -> Result<Measured<ComparisonRow>, Error> {
    Measured::open(path, label, comparison)
}

fn comparison(fields: Fields) -> Result<ComparisonRow, Fault> {
    let model = |field: &'static str| match required(&fields, &[field])? {
        (field, Some(value)) => name(field, value),
        (field, None) => Err(Fault::of_field(field, RowProblem::Empty)),
    };
    let (model_a, model_b) = (model("model_a")?, model("model_b")?);
    if model_a == model_b {
        return Err(unfit("model_b", &model_b, "another model than `model_a`"));
    }
    let winner = match required(&fields, &["winner"])? {
        (_, None) => None,
        (_, Some(value)) => Some(winner(value, &model_a, &model_b)?),
    };
    let weight = match optional(&fields, "weight") {
        None => 1.0,
        Some(value) => {
            let weight = number("weight", value)?;
            Some(weight).filter(|weight| *weight > 0.0).ok_or_else(|| {
                unfit("weight", &weight.to_string(), "a number above 0; leave the row out instead")
            })?
        }
    };
    let (group, annotator) = (optional_name(&fields, "group")?, optional_name(&fields, "annotator")?);
    Ok(ComparisonRow { model_a, model_b, winner, weight, group, annotator })
}

/// Reads the winner: the name of one of the two models, or a side.
fn winner(value: &Value, model_a: &str, model_b: &str) -> Result<Winner, Fault> {
    let said = name("winner", value)?;
    let by_name = match () {
        () if said == model_a => Some(Winner::A),
        () if said == model_b => Some(Winner::B),
        () => None,
    };
    match (by_name, side(&said)) {
        (Some(model), Some(side)) if model != side => {
            Err(unfit("winner", &said, "clear: it is the name of a model and of the other side"))
        }
        (Some(winner), _) | (None, Some(winner)) => Ok(winner),
        (None, None) => Err(unfit("winner", &said, "`a`, `b`, `tie` or the name of one of the two models")),
    }
}
