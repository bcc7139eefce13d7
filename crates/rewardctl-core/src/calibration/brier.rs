//! The Brier score: G. W. Brier, *Verification of forecasts expressed in terms of probability*, Monthly Weather Review
//! 78 (1950), in its form for two classes.

use crate::calibration::{Sample, mean};

/// Returns `mean (p − y)²`, in 0..=1, 0 is best; None without forecasts.
pub fn brier(sample: Sample<'_>) -> Option<f64> {
    mean(sample, |row| (row.probability - row.outcome).powi(2))
}
