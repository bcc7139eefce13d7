//! The logarithmic loss, also called cross-entropy: I. J. Good, *Rational decisions*, JRSS B 14 (1952).

use crate::calibration::{Sample, mean};

/// What a probability is kept away from 0 and 1, as scikit-learn does it for doubles: certainty that is wrong costs 36,
/// not infinity.
const LEAST: f64 = f64::EPSILON;

/// Returns `−mean (y ln p + (1 − y) ln (1 − p))`, at least 0, 0 is best; None without forecasts.
pub fn log_loss(sample: Sample<'_>) -> Option<f64> {
    mean(sample, |row| {
        let p = row.probability.clamp(LEAST, 1.0 - LEAST);
        -(row.outcome * p.ln() + (1.0 - row.outcome) * (1.0 - p).ln())
    })
}
