//! Fits of plain rows: pairs whose features are known already, as replays of active learning have them by the thousand.
//!
//! Objective, prior and evidence are those of [`crate::learn::fit`], for one annotator and comparisons alone. The grid of
//! the prior is climbed along one coordinate at a time instead of gone through, which takes a third of the fits and also
//! finds its way where many weights are free.

use ndarray::{Array1, Array2, Axis};

use crate::learn::evidence::{Choice, log_evidence};
use crate::learn::fit::Pool;
use crate::learn::newton::{Minimum, covariance, minimise};
use crate::learn::objective::Objective;
use crate::learn::prior::Direction;

/// Multiples of the prior's scale.
const SCALES: [f64; 3] = [0.5, 1.0, 2.0];
/// Precisions of the weights around their mean: from free to held.
const PRECISIONS: [f64; 7] = [0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 1000.0];
/// Precisions of the free weights around zero; the last is as good as none at all.
const FREE_PRECISIONS: [f64; 5] = [1.0, 10.0, 30.0, 100.0, 1e6];
/// Where the climb begins: labels are believed, but not on their own.
const BEGINNING: Place = Place { scale: 1, precision: 3, free: 2 };
/// Times round all coordinates; the climb mostly ends after two.
const ROUNDS: usize = 4;

/// Pairs as differences of features, and what is believed of the weights before any label.
pub struct Rows<'a> {
    differences: Array2<f64>,
    directions: Vec<Direction>,
    free_from: usize,
    /// Where responses were measured: the places of each row's two, for what their features leave open.
    pool: Option<(&'a Pool<'a>, Vec<(usize, usize)>)>,
}

/// A label of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowLabel {
    /// The place of the row.
    pub at: usize,
    /// The probability that the first response is better, as the label says it, in 0..=1.
    pub target: f64,
}

/// The weights that labels of rows support.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFit {
    /// Per row, the margin: how much better the first response is, in logits.
    pub margins: Vec<f64>,
    /// Per row, the variance of the margin that the weights do not cause: imputed scores and the critics' own noise.
    pub item_variances: Vec<f64>,
    /// The covariance of the weights' posterior, row after row.
    pub covariance: Vec<f64>,
    /// What the evidence chose.
    pub choice: Choice,
}

impl<'a> Rows<'a> {
    /// Takes rows of one width, and the direction of their prior's mean, by name. The first `free_from` weights may not
    /// fall below zero; those that follow may, and are held near zero by a precision of their own.
    ///
    /// None where a row differs in width from the direction, or a number is not finite.
    pub fn new(rows: &[&[f64]], direction: (&'static str, Vec<f64>), free_from: usize) -> Option<Self> {
        let (name, weights) = direction;
        let width = weights.len();
        let fits = |row: &[f64]| row.len() == width && row.iter().all(|value| value.is_finite());
        if free_from > width || !fits(&weights) || !rows.iter().all(|row| fits(row)) {
            return None;
        }
        let differences = Array2::from_shape_fn((rows.len(), width), |(row, at)| rows[row][at]);
        let directions = vec![Direction { name, weights: weights.into() }];
        Some(Self { differences, directions, free_from, pool: None })
    }

    /// Takes pairs of responses of a pool, by their places, with the pool's directions.
    pub fn of_pool(pool: &'a Pool<'a>, pairs: Vec<(usize, usize)>) -> Self {
        let mut differences = Array2::zeros((pairs.len(), pool.space.width()));
        for (mut row, (a, b)) in differences.rows_mut().into_iter().zip(&pairs) {
            row.assign(&pool.difference(*a, *b));
        }
        let directions = pool.directions.clone();
        Self { differences, directions, free_from: pool.space.style_at(), pool: Some((pool, pairs)) }
    }

    /// Returns the difference of features of each row.
    pub fn differences(&self) -> Vec<Vec<f64>> {
        self.differences.rows().into_iter().map(|row| row.to_vec()).collect()
    }

    /// Fits `labels`, whose places are places of rows. None where the numbers are not finite, or nothing can be learnt.
    pub fn fit(&self, labels: &[RowLabel]) -> Option<RowFit> {
        let width = self.differences.ncols();
        let places: Vec<usize> = labels.iter().map(|label| label.at).collect();
        let objective = Objective {
            differences: self.differences.select(Axis(0), &places),
            targets: labels.iter().map(|label| label.target).collect(),
            ratings: vec![],
            slope: 1.0,
            mean: Array1::zeros(width),
            precision: Array1::ones(width),
            nonnegative: (0..width).map(|at| at < self.free_from).collect(),
        };
        let chosen = self.choose(&objective)?;
        let weights = &chosen.minimum.beta;
        let covariance = covariance(&chosen.minimum.hessian, &chosen.minimum.free)?;
        Some(RowFit {
            margins: self.differences.dot(weights).to_vec(),
            item_variances: self.item_variances(weights),
            covariance: covariance.iter().copied().collect(),
            choice: chosen.choice,
        })
    }

    fn item_variances(&self, weights: &Array1<f64>) -> Vec<f64> {
        let Some((pool, pairs)) = &self.pool else { return vec![0.0; self.differences.nrows()] };
        pairs.iter().map(|(a, b)| pool.item_variance(weights, *a) + pool.item_variance(weights, *b)).collect()
    }

    /// Returns the fit with the greatest evidence that the climb from each direction finds.
    fn choose(&self, objective: &Objective) -> Option<Chosen> {
        let mut best: Option<Chosen> = None;
        for direction in &self.directions {
            let Some(found) = self.climb(objective, direction) else { continue };
            if best.as_ref().is_none_or(|best| found.is_better(best)) {
                best = Some(found);
            }
        }
        best
    }

    fn climb(&self, objective: &Objective, direction: &Direction) -> Option<Chosen> {
        let mut top = self.under(objective, direction, BEGINNING, None)?;
        for _ in 0..ROUNDS {
            let before = top.place;
            for coordinate in COORDINATES {
                for place in coordinate(top.place) {
                    let found = self.under(objective, direction, place, Some(&top.minimum.beta));
                    top = found.filter(|found| found.is_better(&top)).unwrap_or(top);
                }
            }
            if top.place == before {
                break;
            }
        }
        Some(top)
    }

    fn under(
        &self,
        objective: &Objective,
        direction: &Direction,
        place: Place,
        start: Option<&Array1<f64>>,
    ) -> Option<Chosen> {
        let (scale, precision) = (SCALES[place.scale], PRECISIONS[place.precision]);
        let style_precision = FREE_PRECISIONS[place.free];
        let held = |at: usize| if at < self.free_from { precision } else { style_precision };
        let objective = Objective {
            mean: &direction.weights * scale,
            precision: (0..direction.weights.len()).map(held).collect(),
            ..objective.clone()
        };
        let minimum = minimise(&objective, start.unwrap_or(&objective.mean))?;
        let log_evidence = log_evidence(&objective, &minimum)?;
        let choice =
            Choice { direction: direction.name.into(), scale, precision, style_precision, log_evidence };
        Some(Chosen { place, choice, minimum })
    }
}

/// A fit under one prior.
struct Chosen {
    place: Place,
    choice: Choice,
    minimum: Minimum,
}

impl Chosen {
    fn is_better(&self, other: &Self) -> bool {
        self.choice.log_evidence > other.choice.log_evidence + 1e-9
    }
}

/// A prior, by places in the lists of what is chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    scale: usize,
    precision: usize,
    free: usize,
}

/// The places that differ from one in a coordinate.
const COORDINATES: [fn(Place) -> Vec<Place>; 3] = [
    |place| others(SCALES.len(), place.scale).map(|scale| Place { scale, ..place }).collect(),
    |place| others(PRECISIONS.len(), place.precision).map(|precision| Place { precision, ..place }).collect(),
    |place| others(FREE_PRECISIONS.len(), place.free).map(|free| Place { free, ..place }).collect(),
];

fn others(count: usize, but: usize) -> impl Iterator<Item = usize> {
    (0..count).filter(move |at| *at != but)
}

#[cfg(test)]
mod tests;
