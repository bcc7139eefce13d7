//! What an aggregator is worth on pairs that it was not fitted on.

use serde::Serialize;

use crate::acquire::bald::win_chance;
use crate::calibration::ece::{BINS, ece};
use crate::calibration::reliability::Binning;
use crate::calibration::{Forecast, Forecasts};
use crate::replay::{Belief, Question};

/// The figures after some labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measure {
    /// How many labels were given.
    pub labels: usize,
    /// The share of pairs on which aggregator and truth prefer the same response; a tie of either counts half.
    pub accuracy: f64,
    /// The mean of −log of the probability of the truth, in nats.
    pub log_loss: f64,
    /// The expected calibration error over ten bins of confidence, which is 0.5 at least.
    pub calibration_error: f64,
}

/// Probabilities are kept off 0 and 1, where a single error would outweigh all else.
const SUREST: f64 = 1e-12;

/// Measures `belief` on the `test` places of `questions`. None without any.
pub fn measure(labels: usize, questions: &[Question], test: &[usize], belief: &Belief) -> Option<Measure> {
    if test.is_empty() {
        return None;
    }
    let count = test.len() as f64;
    let (mut right, mut loss, mut forecasts) = (0.0, 0.0, vec![]);
    for at in test {
        let (question, p) = (&questions[*at], chance(belief, *at, &questions[*at]));
        right += hit(belief.means[*at], question.truth);
        loss += cross_entropy(p, question.truth);
        forecasts.push(Forecast::new(p, question.truth).ok()?.confidence());
    }
    let calibration_error = ece(Forecasts::independent(&forecasts).all(), Binning::EqualWidth(BINS))?;
    Some(Measure { labels, accuracy: right / count, log_loss: loss / count, calibration_error })
}

/// Returns the chance that the first response of a question is better.
pub fn chance(belief: &Belief, at: usize, question: &Question) -> f64 {
    let variance = belief.covariance.variance(&question.difference) + belief.item_variances[at];
    win_chance(belief.means[at], variance)
}

fn hit(mean: f64, truth: f64) -> f64 {
    match (mean, truth) {
        (mean, truth) if mean == 0.0 || truth == 0.5 => 0.5,
        (mean, truth) => f64::from(u8::from((mean > 0.0) == (truth > 0.5))),
    }
}

fn cross_entropy(p: f64, truth: f64) -> f64 {
    let p = p.clamp(SUREST, 1.0 - SUREST);
    -(truth * p.ln() + (1.0 - truth) * (1.0 - p).ln())
}
