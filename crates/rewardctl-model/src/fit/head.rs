//! One head: the utility of one dimension, linear in the features, with its posterior.
//!
//! Pairs are Bradley-Terry comparisons: `P(first better) = σ(u₁ − u₂)`. A rating of `t` is read as being preferred
//! with probability `t` to the typical response of its source, `σ(u − c_source)`; both are then rows of one
//! logistic regression. Strength and split votes are soft targets.

use std::collections::BTreeSet;

use ndarray::{Array1, Array2, Axis, Slice};

use crate::encoder::EMBEDDING;
use crate::fit::compare::Differences;
use crate::fit::corpus::{Corpus, Row};
use crate::fit::linear::{Cholesky, top_directions};
use crate::fit::logistic::Problem;
use crate::fit::space::{AXES, FEATURES, SIGNALS, Space};

/// How strongly the blocks of the features are held near zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ridges {
    /// For the embedding of the response and its products with the prompt's.
    pub embeddings: f64,
    /// For the signals.
    pub signals: f64,
    /// For the signals crossed with the prompt's axes.
    pub crossed: f64,
}

/// A fitted head.
pub struct Head {
    /// One per feature.
    pub weights: Array1<f64>,
    /// One per rated source: the utility of its typical response.
    constants: Array1<f64>,
    /// What the fit was found with.
    pub ridges: Ridges,
}

/// Rows of one dimension as numbers, ready to fit.
pub struct Design {
    rows: Array2<f64>,
    targets: Vec<f64>,
    rated_sources: Vec<usize>,
}

/// What a head does not know: the covariance of its weights, given the constants, as `diag(prior) − F Fᵀ`.
///
/// In the units of the prior the posterior is `(I + M)⁻¹`. With `Q` the main directions of `M`, the data take
/// `Q (I − (I + QᵀMQ)⁻¹) Qᵀ` off the identity; what they say along other directions is left out, which makes the
/// variance larger.
pub struct Posterior {
    /// The prior variance of every weight.
    pub prior: Array1<f64>,
    /// What the data took off, as columns.
    pub factor: Array2<f64>,
}

/// How many directions of the posterior are kept.
pub const RANK: usize = 64;
/// The columns that are features; the constants of rated sources follow them.
const OF_FEATURES: Slice = Slice { start: 0, end: Some(FEATURES as isize), step: 1 };
/// Far below any variance of interest, far above rounding.
const JITTER: f64 = 1e-12;
/// The constants of rated sources are all but free.
const FREE: f64 = 1e-3;

/// What the search tries beside where it starts; a step in either direction changes little, so few values do.
const EMBEDDINGS: [f64; 2] = [1000.0, 10_000.0];
const SIGNALS_ALONE: [f64; 2] = [30.0, 300.0];
const CROSSED: [f64; 2] = [300.0, 20_000.0];

impl Ridges {
    /// Where the search starts.
    pub const START: Self = Self { embeddings: 3000.0, signals: 100.0, crossed: 3000.0 };

    /// Returns per block the middle of `choices`, or the start where there are none.
    pub fn middle(choices: &[Self]) -> Self {
        let block = |of: fn(&Self) -> f64| {
            let mut values: Vec<f64> = choices.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or(of(&Self::START))
        };
        Self {
            embeddings: block(|r| r.embeddings),
            signals: block(|r| r.signals),
            crossed: block(|r| r.crossed),
        }
    }
}

impl Design {
    /// Puts `rows` into `space`.
    pub fn new(corpus: &Corpus<'_>, space: &Space, rows: &[&Row<'_>]) -> Self {
        let rated = rows.iter().filter(|row| row.second.is_none()).map(|row| row.source);
        let rated_sources: Vec<usize> = rated.collect::<BTreeSet<_>>().into_iter().collect();
        let mut table = Array2::zeros((rows.len(), FEATURES + rated_sources.len()));
        for (mut numbers, row) in table.rows_mut().into_iter().zip(rows) {
            numbers.slice_axis_mut(Axis(0), OF_FEATURES).assign(&space.regressors(corpus, row));
            let constant =
                rated_sources.iter().position(|source| row.second.is_none() && *source == row.source);
            if let Some(at) = constant {
                numbers[FEATURES + at] = 1.0;
            }
        }
        let targets = rows.iter().map(|row| row.target).collect();
        Self { rows: table, targets, rated_sources }
    }

    /// Fits a head from `start`, or from nothing; None where the numbers are not finite.
    pub fn fit(&self, ridges: Ridges, start: Option<&Head>) -> Option<Head> {
        let from = start.map_or(Array1::zeros(self.rows.ncols()), Head::coefficients);
        let ridge = self.ridge(ridges);
        let found = self.problem(&ridge).solve(from)?;
        let (weights, constants) = found.view().split_at(Axis(0), FEATURES);
        Some(Head { weights: weights.to_owned(), constants: constants.to_owned(), ridges })
    }

    /// Chooses the ridges by the loss on `development`, one block after the other.
    pub fn choose_ridges(&self, development: &Differences) -> Option<Ridges> {
        let mut best = self.fit(Ridges::START, None)?;
        let mut loss = development.loss(&best);
        let blocks: [fn(Ridges) -> [Ridges; 2]; 3] = [
            |ridges| EMBEDDINGS.map(|embeddings| Ridges { embeddings, ..ridges }),
            |ridges| CROSSED.map(|crossed| Ridges { crossed, ..ridges }),
            |ridges| SIGNALS_ALONE.map(|signals| Ridges { signals, ..ridges }),
        ];
        for variants in blocks {
            for ridges in variants(best.ridges) {
                let found = self.fit(ridges, Some(&best))?;
                let found_loss = development.loss(&found);
                if found_loss < loss {
                    (best, loss) = (found, found_loss);
                }
            }
        }
        Some(best.ridges)
    }

    /// Returns Laplace's posterior around `head`, which must have been fitted on this design; None where the
    /// numbers are not finite.
    pub fn posterior(&self, head: &Head) -> Option<Posterior> {
        let ridge = self.ridge(head.ridges);
        let mut evidence = self.problem(&ridge).hessian(&head.coefficients());
        evidence.diag_mut().scaled_add(-1.0, &ridge);
        let deviations = ridge.slice_axis(Axis(0), OF_FEATURES).mapv(|ridge: f64| ridge.sqrt().recip());
        let mut inner = evidence.slice_each_axis(|_| OF_FEATURES).to_owned();
        inner *= &deviations;
        inner *= &deviations.view().insert_axis(Axis(1));
        let axes = top_directions(&inner, RANK).axes;
        let within = axes.t().dot(&inner.dot(&axes)) + Array2::<f64>::eye(axes.ncols());
        let left = Cholesky::of(&within)?.inverse();
        // Directions that the data never reach have nothing taken off: the jitter keeps their root real.
        let known = Array2::<f64>::eye(axes.ncols()) * (1.0 + JITTER) - left;
        let factor = axes.dot(&Cholesky::of(&known)?.into_lower());
        let factor = factor * deviations.view().insert_axis(Axis(1));
        Some(Posterior { prior: deviations.mapv(|deviation| deviation * deviation), factor })
    }

    fn ridge(&self, ridges: Ridges) -> Array1<f64> {
        let blocks = [
            (ridges.embeddings, 2 * EMBEDDING),
            (ridges.signals, SIGNALS),
            (ridges.crossed, SIGNALS * AXES),
            (FREE, self.rated_sources.len()),
        ];
        blocks.iter().flat_map(|(ridge, count)| std::iter::repeat_n(*ridge, *count)).collect()
    }

    fn problem<'s>(&'s self, ridge: &'s Array1<f64>) -> Problem<'s> {
        Problem { rows: &self.rows, targets: &self.targets, ridge }
    }
}

impl Head {
    fn coefficients(&self) -> Array1<f64> {
        self.weights.iter().chain(&self.constants).copied().collect()
    }
}

#[cfg(test)]
mod tests;
