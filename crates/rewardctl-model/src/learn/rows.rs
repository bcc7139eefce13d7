//! Fits of plain rows: pairs whose features are known already, as replays of active learning have them by the thousand.
//!
//! Pairs of a pool of responses are fitted as [`mod@crate::learn::fit`] does it, for one annotator and comparisons alone. For
//! simulated rows, of which many weights are free, the grid of priors is climbed along one coordinate at a time.

use ndarray::{Array1, Array2, Axis};

use crate::learn::evidence::{Candidate, Tried, average, candidates, log_evidence};
use crate::learn::fit::Pool;
use crate::learn::newton::{Minimum, covariance, minimise};
use crate::learn::objective::Objective;
use crate::learn::prior::Direction;
use crate::learn::repeats::Repeats;

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
    free_from: usize,
    nonnegative: Vec<bool>,
    origin: Origin<'a>,
}

/// Where the rows come from.
enum Origin<'a> {
    /// They are simulated; the prior has this direction.
    Simulated(Direction),
    /// They are pairs of responses of a pool, by their places.
    Pool(&'a Pool<'a>, Vec<(usize, usize)>),
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
}

impl<'a> Rows<'a> {
    /// Takes rows of one width, and the direction of their prior's mean. The first `free_from` weights may not
    /// fall below zero; those that follow may, and are held near zero by a precision of their own.
    ///
    /// None where a row differs in width from the direction, or a number is not finite.
    pub fn new(rows: &[&[f64]], direction: Vec<f64>, free_from: usize) -> Option<Self> {
        let width = direction.len();
        let fits = |row: &[f64]| row.len() == width && row.iter().all(|value| value.is_finite());
        if free_from > width || !fits(&direction) || !rows.iter().all(|row| fits(row)) {
            return None;
        }
        let differences = Array2::from_shape_fn((rows.len(), width), |(row, at)| rows[row][at]);
        let nonnegative = (0..width).map(|at| at < free_from).collect();
        let origin =
            Origin::Simulated(Direction { name: "given".into(), weights: direction.into(), log_mass: 0.0 });
        Some(Self { differences, free_from, nonnegative, origin })
    }

    /// Takes pairs of responses of a pool, by their places, with the pool's directions.
    pub fn of_pool(pool: &'a Pool<'a>, pairs: Vec<(usize, usize)>) -> Self {
        let mut differences = Array2::zeros((pairs.len(), pool.space.width()));
        for (mut row, (a, b)) in differences.rows_mut().into_iter().zip(&pairs) {
            row.assign(&pool.difference(*a, *b));
        }
        let (free_from, nonnegative) = (pool.space.style_at(), pool.space.nonnegative());
        Self { differences, free_from, nonnegative, origin: Origin::Pool(pool, pairs) }
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
            weights: vec![1.0; labels.len()],
            rated: Array2::zeros((0, width)),
            ratings: vec![],
            slope: 1.0,
            mean: Array1::zeros(width),
            precision: Array1::ones(width),
            nonnegative: self.nonnegative.clone(),
        };
        let (weights, covariance) = match &self.origin {
            Origin::Simulated(direction) => {
                let Climbed { minimum, .. } = self.climb(&objective, direction)?;
                let covariance = covariance(&minimum.hessian, &minimum.free)?;
                (minimum.beta, covariance)
            }
            Origin::Pool(pool, pairs) => {
                let mut found = candidates(&objective, pool.priors(Tried::All));
                weigh(&mut found, &Repeats::of_pairs(places.iter().map(|at| pairs[*at])))?;
                let average = average(&found)?;
                (average.beta, average.covariance)
            }
        };
        Some(RowFit {
            margins: self.differences.dot(&weights).to_vec(),
            item_variances: self.item_variances(&weights),
            covariance: covariance.iter().copied().collect(),
        })
    }

    fn item_variances(&self, weights: &Array1<f64>) -> Vec<f64> {
        match &self.origin {
            Origin::Simulated(_) => vec![0.0; self.differences.nrows()],
            Origin::Pool(pool, pairs) => {
                let both = |(a, b): &(usize, usize)| {
                    pool.item_variance(weights, *a) + pool.item_variance(weights, *b)
                };
                pairs.iter().map(both).collect()
            }
        }
    }

    /// Returns the fit with the greatest evidence that the climb finds.
    fn climb(&self, objective: &Objective, direction: &Direction) -> Option<Climbed> {
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
    ) -> Option<Climbed> {
        let (scale, precision) = (SCALES[place.scale], PRECISIONS[place.precision]);
        let held = |at: usize| if at < self.free_from { precision } else { FREE_PRECISIONS[place.free] };
        let objective = Objective {
            mean: &direction.weights * scale,
            precision: (0..direction.weights.len()).map(held).collect(),
            ..objective.clone()
        };
        let minimum = minimise(&objective, start.unwrap_or(&objective.mean))?;
        let log_evidence = log_evidence(&objective, &minimum)?;
        Some(Climbed { place, log_evidence, minimum })
    }
}

/// A fit under one prior.
struct Climbed {
    place: Place,
    log_evidence: f64,
    minimum: Minimum,
}

impl Climbed {
    fn is_better(&self, other: &Self) -> bool {
        self.log_evidence > other.log_evidence + 1e-9
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

/// Lets labels of the same row count by how alike they err under the best prior.
fn weigh(candidates: &mut [Candidate], repeats: &Repeats) -> Option<()> {
    if !repeats.is_any() {
        return Some(());
    }
    let best = candidates.first()?;
    let weights = repeats.weights(&best.objective.errors(&best.minimum.beta)).pairs;
    for candidate in candidates {
        candidate.objective.weights.clone_from(&weights);
        candidate.refit()?;
    }
    Some(())
}

#[cfg(test)]
mod tests;
