//! Whether a dataset is ready, and one number for how good it is, with its parts in words.

use serde::{Deserialize, Serialize};

use crate::dataset::recipe::Recipe;

/// What became of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A gate is not met.
    Draft,
    /// All gates are met.
    Ready,
    /// Put aside by a person.
    Archived,
}

/// One thing that a dataset must have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// What is asked.
    pub name: String,
    /// What there is; None where it cannot be measured, which fails.
    pub found: Option<f64>,
    /// What is needed.
    pub needed: f64,
    /// Whether it is met.
    pub met: bool,
}

/// What quality is made of; each part in 0..=1, None where it does not apply.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Measures {
    /// Good answers.
    pub positive: u64,
    /// Bad answers; None of kinds that have none.
    pub negative: Option<u64>,
    /// The mean of `2P − 1` over the rows, with 1 for what people decided.
    pub certainty: Option<f64>,
    /// The area under the ROC curve of length as a sign of the better answer.
    pub length_auroc: Option<f64>,
    /// Rows that are left of all that were made.
    pub distinct: Option<f64>,
}

/// A part of the quality.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// What it measures.
    pub name: String,
    /// How it is computed.
    pub formula: String,
    /// In 0..=1.
    pub value: f64,
}

/// How good a dataset is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// The geometric mean of the parts, in 0..=1.
    pub score: f64,
    /// What it is made of.
    pub parts: Vec<Part>,
}

/// Returns the gates of a dataset with what it has.
pub fn gates(measures: &Measures, recipe: &Recipe) -> Vec<Gate> {
    let least = |name: &str, found: u64, needed: u64| Gate {
        name: name.into(),
        found: Some(found as f64),
        needed: needed as f64,
        met: found >= needed,
    };
    let mut gates = vec![least("good answers at least", measures.positive, recipe.gates.min_positive)];
    if let Some(negative) = measures.negative {
        gates.push(least("bad answers at least", negative, recipe.gates.min_negative));
    }
    if let Some(found) = measures.length_auroc {
        let needed = recipe.balance.fail;
        gates.push(Gate {
            name: "AUROC of length at most".into(),
            found: Some(found),
            needed,
            met: found <= needed,
        });
    }
    gates
}

/// Returns `ready` if every gate is met.
pub fn status(gates: &[Gate]) -> Status {
    if gates.iter().all(|gate| gate.met) { Status::Ready } else { Status::Draft }
}

/// Returns the geometric mean of the parts that apply, so that nothing makes up for a part that is missing.
pub fn quality(measures: &Measures, recipe: &Recipe) -> Quality {
    let mut parts = vec![];
    let mut part = |name: &str, formula: &str, value: Option<f64>| {
        if let Some(value) = value {
            parts.push(Part { name: name.into(), formula: formula.into(), value: value.clamp(0.0, 1.0) });
        }
    };
    let enough = |have: u64, need: u64| if need == 0 { 1.0 } else { have as f64 / need as f64 };
    let positive = enough(measures.positive, recipe.gates.min_positive);
    let negative = measures.negative.map_or(1.0, |have| enough(have, recipe.gates.min_negative));
    part("enough rows", "min(1, good / needed, bad / needed)", Some(positive.min(negative).min(1.0)));
    part("certainty", "mean of 2P − 1 over rows, 1 for rows that people decided", measures.certainty);
    let blind = measures.length_auroc.map(|auroc| 1.0 - 2.0 * (auroc - 0.5).abs());
    part("length says nothing", "1 − 2·abs(AUROC of length − 0.5)", blind);
    part("no repetition", "rows kept / (rows kept + duplicates)", measures.distinct);
    let logs: f64 = parts.iter().map(|part| part.value.ln()).sum();
    Quality { score: (logs / parts.len() as f64).exp(), parts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_the_geometric_mean_of_its_parts() {
        let measures = Measures {
            positive: 250,
            negative: Some(500),
            certainty: Some(0.8),
            length_auroc: Some(0.6),
            distinct: Some(1.0),
        };
        let found = quality(&measures, &Recipe::default());
        // Python: (0.5 * 0.8 * 0.8 * 1.0) ** 0.25
        assert!((found.score - 0.752_120_618_617_278_2).abs() < 1e-12, "{}", found.score);
        let nothing = quality(&Measures { positive: 0, ..measures }, &Recipe::default());
        assert_eq!(nothing.score, 0.0);
    }

    #[test]
    fn a_dataset_is_ready_when_every_gate_is_met() {
        let recipe = Recipe::default();
        let measures = Measures { positive: 500, negative: Some(499), ..Measures::default() };
        assert_eq!(status(&gates(&measures, &recipe)), Status::Draft);
        let enough = Measures { negative: Some(500), ..measures };
        assert_eq!(status(&gates(&enough, &recipe)), Status::Ready);
        let lengthy = Measures { length_auroc: Some(0.71), ..enough };
        assert_eq!(status(&gates(&lengthy, &recipe)), Status::Draft);
        let demonstrations = Measures { negative: None, ..measures };
        assert_eq!(status(&gates(&demonstrations, &recipe)), Status::Ready);
    }
}
