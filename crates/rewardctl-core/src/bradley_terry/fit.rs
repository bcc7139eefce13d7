//! The estimate: Newton's method in log space, with halved steps where a whole one would lead too far.

use crate::bradley_terry::cholesky::Cholesky;
use crate::bradley_terry::connected::apart;
use crate::bradley_terry::tally::Tally;
use crate::bradley_terry::{RankingError, Tournament};

/// A step this short is the last.
const SHORTEST_STEP: f64 = 1e-10;

/// Far more than the ten or so that are needed.
const MAX_STEPS: usize = 200;

/// A Hessian is used again as long as each step with it makes the gradient at least this much smaller.
const REUSE_BELOW: f64 = 0.1;

/// A rise of the log posterior below this share of it is rounding.
const ROUNDING: f64 = 1e-12;

/// The strengths of models.
#[derive(Debug, Clone, PartialEq)]
pub struct Strengths {
    /// θ of each model, with mean 0; differences are log odds of winning.
    pub log_odds: Vec<f64>,
    /// The logarithm of the likelihood, without the ridge.
    pub log_likelihood: f64,
    /// The ridge λ of the penalty `½ λ Σ θ²`.
    pub ridge: f64,
}

impl Tournament {
    /// Returns the strengths with the highest likelihood, less `½ ridge Σ θ²`.
    ///
    /// Without a ridge (0), an estimate only exists if every model won against every other in a chain of wins: else the
    /// error says who stands apart. Any ridge above 0 has an estimate, which it draws towards 0: 1e-6 leaves others alone
    /// but strengths of models that only won are then as high as the ridge lets them, and mean little.
    pub fn fit(&self, ridge: f64) -> Result<Strengths, RankingError> {
        let is_possible = ridge >= 0.0 && ridge.is_finite();
        if !is_possible {
            return Err(RankingError::Ridge(ridge));
        }
        let tally = self.tally(None);
        if ridge == 0.0
            && let Some(apart) = apart(&tally)
        {
            return Err(RankingError::Apart(apart));
        }
        let mut search = Search::new(self.models, ridge);
        search.settle(&tally)?;
        Ok(search.into_strengths(&tally))
    }
}

/// Where the search for the strengths stands; goes from one tally to a similar one with few steps.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    pub(crate) log_odds: Vec<f64>,
    ridge: f64,
    hessian: Option<Cholesky>,
}

/// What the log posterior has at a place.
struct Slope {
    value: f64,
    gradient: Vec<f64>,
}

impl Search {
    pub(crate) fn new(models: usize, ridge: f64) -> Self {
        Self { log_odds: vec![0.0; models], ridge, hessian: None }
    }

    /// Goes to the top for this tally.
    pub(crate) fn settle(&mut self, tally: &Tally<'_>) -> Result<(), RankingError> {
        let mut slope = self.slope(tally, &self.log_odds);
        for _ in 0..MAX_STEPS {
            let hessian = match self.hessian.take() {
                Some(hessian) => hessian,
                None => self.factored(tally).ok_or(RankingError::Unsettled)?,
            };
            let step = hessian.solve(slope.gradient.clone());
            let length = largest(&step);
            let Some((place, next)) = self.climbed(tally, &slope, &step) else {
                return Err(RankingError::Unsettled);
            };
            let is_slow = largest(&next.gradient) > REUSE_BELOW * largest(&slope.gradient);
            self.log_odds = place;
            self.hessian = (!is_slow).then_some(hessian);
            if length <= SHORTEST_STEP {
                return Ok(());
            }
            slope = next;
        }
        Err(RankingError::Unsettled)
    }

    pub(crate) fn into_strengths(self, tally: &Tally<'_>) -> Strengths {
        let mean = self.log_odds.iter().sum::<f64>() / self.log_odds.len() as f64;
        let log_odds: Vec<f64> = self.log_odds.iter().map(|theta| theta - mean).collect();
        let none = Search { ridge: 0.0, ..self };
        let log_likelihood = none.slope(tally, &log_odds).value;
        Strengths { log_odds, log_likelihood, ridge: self.ridge }
    }

    /// Returns where the step leads, halved until it leads up; None if it never does.
    fn climbed(&self, tally: &Tally<'_>, from: &Slope, step: &[f64]) -> Option<(Vec<f64>, Slope)> {
        let rounding = ROUNDING * from.value.abs().max(1.0);
        let mut share = 1.0;
        for _ in 0..60 {
            let place: Vec<f64> =
                self.log_odds.iter().zip(step).map(|(theta, step)| theta + share * step).collect();
            let slope = self.slope(tally, &place);
            if slope.value >= from.value - rounding {
                return Some((place, slope));
            }
            share /= 2.0;
        }
        None
    }

    fn slope(&self, tally: &Tally<'_>, log_odds: &[f64]) -> Slope {
        let mut gradient: Vec<f64> = log_odds.iter().map(|theta| -self.ridge * theta).collect();
        let mut value = -0.5 * self.ridge * log_odds.iter().map(|theta| theta * theta).sum::<f64>();
        for score in tally.scores() {
            let lead = log_odds[score.a] - log_odds[score.b];
            // e^-|lead| cannot overflow, whoever leads.
            let rest = (-lead.abs()).exp();
            let (ahead, behind) = (1.0 / (1.0 + rest), rest / (1.0 + rest));
            let (p_a, p_b) = if lead >= 0.0 { (ahead, behind) } else { (behind, ahead) };
            let residual = score.a_won * p_b - score.b_won * p_a;
            gradient[score.a] += residual;
            gradient[score.b] -= residual;
            let weaker_won = if lead >= 0.0 { score.b_won } else { score.a_won };
            value -= (score.a_won + score.b_won) * rest.ln_1p() + weaker_won * lead.abs();
        }
        Slope { value, gradient }
    }

    fn factored(&self, tally: &Tally<'_>) -> Option<Cholesky> {
        Cholesky::new(information(tally, &self.log_odds, self.ridge), tally.models)
    }
}

/// Returns the negative Hessian of the log posterior, row by row, with what fixes the mean where no ridge does.
pub(crate) fn information(tally: &Tally<'_>, log_odds: &[f64], ridge: f64) -> Vec<f64> {
    let size = tally.models;
    let mut matrix = vec![0.0; size * size];
    for score in tally.scores() {
        let rest = (-(log_odds[score.a] - log_odds[score.b]).abs()).exp();
        let weight = (score.a_won + score.b_won) * rest / (1.0 + rest).powi(2);
        matrix[score.a * size + score.a] += weight;
        matrix[score.b * size + score.b] += weight;
        matrix[score.a * size + score.b] -= weight;
        matrix[score.b * size + score.a] -= weight;
    }
    let diagonal: f64 = (0..size).map(|at| matrix[at * size + at]).sum();
    // Strengths are known up to a constant; their sum is held with the weight of a usual model.
    let held = if ridge == 0.0 { diagonal / (size * size) as f64 } else { 0.0 };
    matrix.iter_mut().for_each(|cell| *cell += held);
    for at in 0..size {
        matrix[at * size + at] += ridge;
    }
    matrix
}

fn largest(values: &[f64]) -> f64 {
    // A NaN must not pass for a short step.
    values.iter().fold(0.0, |most, value| if value.abs() <= most { most } else { value.abs() })
}
