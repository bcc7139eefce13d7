//! The estimate: Newton's method in log space, with halved steps where a whole one would lead too far.

use crate::bradley_terry::cholesky::Cholesky;
use crate::bradley_terry::connected::apart;
use crate::bradley_terry::tally::{Score, Tally};
use crate::bradley_terry::{RankingError, Tournament};

/// A step this short is the last.
const SHORTEST_STEP: f64 = 1e-10;

/// Far more than the ten or so that are needed.
const MAX_STEPS: usize = 200;

/// A Hessian is used again as long as each step with it makes the gradient at least this much smaller.
const REUSE_BELOW: f64 = 0.3;

/// How far a step may lead beyond the top of its line, as a share of the slope that it starts with.
const OVERSHOT: f64 = 0.1;

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
        let mut search = Search { log_odds: guessed(&tally), ridge, hessian: None };
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

impl Search {
    pub(crate) fn new(models: usize, ridge: f64) -> Self {
        Self { log_odds: vec![0.0; models], ridge, hessian: None }
    }

    /// Goes to the top for this tally.
    pub(crate) fn settle(&mut self, tally: &Tally<'_>) -> Result<(), RankingError> {
        let mut gradient = self.gradient(tally, &self.log_odds);
        for _ in 0..MAX_STEPS {
            let hessian = match self.hessian.take() {
                Some(hessian) => hessian,
                None => self.factored(tally).ok_or(RankingError::Unsettled)?,
            };
            let step = hessian.solve(gradient.clone());
            let length = largest(&step);
            let Some((place, next)) = self.climbed(tally, &gradient, &step) else {
                return Err(RankingError::Unsettled);
            };
            let is_slow = largest(&next) > REUSE_BELOW * largest(&gradient);
            self.log_odds = place;
            self.hessian = (!is_slow).then_some(hessian);
            if length <= SHORTEST_STEP {
                return Ok(());
            }
            gradient = next;
        }
        Err(RankingError::Unsettled)
    }

    pub(crate) fn into_strengths(self, tally: &Tally<'_>) -> Strengths {
        let mean = self.log_odds.iter().sum::<f64>() / self.log_odds.len() as f64;
        let log_odds: Vec<f64> = self.log_odds.iter().map(|theta| theta - mean).collect();
        let log_likelihood = log_likelihood(tally, &log_odds);
        Strengths { log_odds, log_likelihood, ridge: self.ridge }
    }

    /// Returns where the step leads, and the gradient there; the step is halved until it does not lead far beyond the top
    /// of its line. None if it always does.
    ///
    /// The log posterior is concave, so that its slope along the step says where the top is; its value, which takes as many
    /// logarithms as there are meetings, is not needed.
    fn climbed(&self, tally: &Tally<'_>, gradient: &[f64], step: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
        let along = |gradient: &[f64]| gradient.iter().zip(step).map(|(g, s)| g * s).sum::<f64>();
        let least = -OVERSHOT * along(gradient);
        let is_last = largest(step) <= SHORTEST_STEP;
        let mut share = 1.0;
        for _ in 0..60 {
            let place: Vec<f64> =
                self.log_odds.iter().zip(step).map(|(theta, step)| theta + share * step).collect();
            let next = self.gradient(tally, &place);
            if is_last || along(&next) >= least {
                return Some((place, next));
            }
            share /= 2.0;
        }
        None
    }

    /// Returns the gradient of the log posterior.
    fn gradient(&self, tally: &Tally<'_>, log_odds: &[f64]) -> Vec<f64> {
        let mut gradient: Vec<f64> = log_odds.iter().map(|theta| -self.ridge * theta).collect();
        for score in tally.scores() {
            let lead = log_odds[score.a] - log_odds[score.b];
            // Where e^−lead is infinite, a wins with probability 0, which is right.
            let p = 1.0 / (1.0 + (-lead).exp());
            let residual = score.a_won - (score.a_won + score.b_won) * p;
            gradient[score.a] += residual;
            gradient[score.b] -= residual;
        }
        gradient
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

/// Returns the log odds of the models' win rates, from where the search is short.
fn guessed(tally: &Tally<'_>) -> Vec<f64> {
    let mut records = vec![(0.5, 0.5); tally.models];
    for score in tally.scores() {
        for (model, won, lost) in [(score.a, score.a_won, score.b_won), (score.b, score.b_won, score.a_won)] {
            records[model].0 += won;
            records[model].1 += lost;
        }
    }
    let guess: Vec<f64> = records.into_iter().map(|(won, lost): (f64, f64)| (won / lost).ln()).collect();
    let mean = guess.iter().sum::<f64>() / guess.len() as f64;
    guess.into_iter().map(|theta| theta - mean).collect()
}

/// Returns `−Σ n ln(1 + e^−|lead|) − w |lead|`, with w the wins of the one that is behind.
fn log_likelihood(tally: &Tally<'_>, log_odds: &[f64]) -> f64 {
    let term = |score: Score| {
        let lead = log_odds[score.a] - log_odds[score.b];
        let weaker_won = if lead >= 0.0 { score.b_won } else { score.a_won };
        (score.a_won + score.b_won) * (-lead.abs()).exp().ln_1p() + weaker_won * lead.abs()
    };
    -tally.scores().map(term).sum::<f64>()
}

fn largest(values: &[f64]) -> f64 {
    // A NaN must not pass for a short step.
    values.iter().fold(0.0, |most, value| if value.abs() <= most { most } else { value.abs() })
}
