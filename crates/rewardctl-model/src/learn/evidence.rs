//! How far labels may move the prior: chosen by the evidence, the probability of the labels with the weights averaged
//! out, in Laplace's approximation (D. MacKay, *Bayesian Interpolation*, Neural Computation 4, 1992).

use ndarray::{Array1, Array2};

use crate::learn::newton::{Minimum, log_determinant, minimise};
use crate::learn::objective::Objective;
use crate::learn::prior::Direction;

/// Multiples of the prior's scale.
const SCALES: [f64; 3] = [0.5, 1.0, 2.0];
/// Precisions of the weights around their mean: from free to held.
const PRECISIONS: [f64; 7] = [0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 1000.0];
/// Precisions of the style weights around zero; the last is as good as none at all.
const STYLE_PRECISIONS: [f64; 4] = [1.0, 10.0, 100.0, 1e6];

/// What was chosen.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Choice {
    /// The direction of the prior's mean.
    pub direction: String,
    /// Its scale: at 1 margins on the pool have a standard deviation of 1.5.
    pub scale: f64,
    /// The precision of the critics' weights around that mean.
    pub precision: f64,
    /// The precision of the style weights around zero.
    pub style_precision: f64,
    /// The logarithm of the evidence, in nats.
    pub log_evidence: f64,
}

/// The best choice, and the fit under it.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// What was chosen.
    pub choice: Choice,
    /// The fit.
    pub minimum: Minimum,
    /// The objective with the prior that was chosen.
    pub objective: Objective,
}

/// What is chosen between.
#[derive(Debug, Clone, Copy)]
pub struct Candidates<'a> {
    /// Directions of the prior's mean.
    pub directions: &'a [Direction],
    /// Where the style weights begin, and all weights end.
    pub style: (usize, usize),
}

/// Fits `objective` under every candidate and returns the one with the greatest evidence; among equals the first.
/// None where no fit has finite numbers.
pub fn choose(objective: &Objective, candidates: Candidates<'_>) -> Option<Chosen> {
    let mut best: Option<Chosen> = None;
    for direction in candidates.directions {
        for scale in SCALES {
            let mut start: Option<Array1<f64>> = None;
            // From held to free: each fit starts where the one before ended.
            for precision in PRECISIONS.into_iter().rev() {
                let prior = Prior { direction, scale, precision, style_precision: STYLE_PRECISIONS[0] };
                start = consider(objective, candidates, prior, start, &mut best);
            }
        }
    }
    let found = best.clone()?.choice;
    let direction = candidates.directions.iter().find(|direction| direction.name == found.direction)?;
    for style_precision in &STYLE_PRECISIONS[1..] {
        let start = best.as_ref().map(|chosen| chosen.minimum.beta.clone());
        let prior = Prior {
            direction,
            scale: found.scale,
            precision: found.precision,
            style_precision: *style_precision,
        };
        consider(objective, candidates, prior, start, &mut best);
    }
    best
}

struct Prior<'a> {
    direction: &'a Direction,
    scale: f64,
    precision: f64,
    style_precision: f64,
}

/// Fits under `prior`, keeps the fit if it is the best so far, and returns where it ended.
fn consider(
    objective: &Objective,
    candidates: Candidates<'_>,
    prior: Prior<'_>,
    start: Option<Array1<f64>>,
    best: &mut Option<Chosen>,
) -> Option<Array1<f64>> {
    let objective = under(objective, candidates, &prior);
    let start = start.unwrap_or_else(|| objective.mean.clone());
    let minimum = minimise(&objective, &start)?;
    let end = minimum.beta.clone();
    let log_evidence = log_evidence(&objective, &minimum)?;
    if best.as_ref().is_none_or(|best| log_evidence > best.choice.log_evidence + 1e-9) {
        let choice = Choice {
            direction: prior.direction.name.into(),
            scale: prior.scale,
            precision: prior.precision,
            style_precision: prior.style_precision,
            log_evidence,
        };
        *best = Some(Chosen { choice, minimum, objective });
    }
    Some(end)
}

fn under(objective: &Objective, candidates: Candidates<'_>, prior: &Prior<'_>) -> Objective {
    let (style, width) = candidates.style;
    let mut changed = objective.clone();
    for at in 0..width {
        changed.mean[at] = prior.scale * prior.direction.weights[at];
        changed.precision[at] = if at < style { prior.precision } else { prior.style_precision };
    }
    changed
}

/// Returns `−loss − distance + ½ log|Λ| − ½ log|H|` over the free coordinates.
pub fn log_evidence(objective: &Objective, minimum: &Minimum) -> Option<f64> {
    let prior = Array2::from_diag(&objective.precision);
    let determinants = log_determinant(&prior, &minimum.free)? - log_determinant(&minimum.hessian, &minimum.free)?;
    Some(determinants / 2.0 - objective.value(&minimum.beta))
}

#[cfg(test)]
mod tests;
