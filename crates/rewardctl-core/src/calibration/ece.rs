//! The expected calibration error: M. P. Naeini, G. F. Cooper, M. Hauskrecht, *Obtaining well calibrated probabilities
//! using Bayesian binning*, AAAI (2015); with bins of equal mass, which are called adaptive: J. Nixon et al., *Measuring
//! calibration in deep learning*, arXiv 1904.01685.
//!
//! It is never 0 on a finite sample, however true the probabilities are: [`ece_by_chance`] says what these would show,
//! and [`debiased`] takes the excess out.

use std::f64::consts::FRAC_2_PI;

use crate::calibration::Sample;
use crate::calibration::reliability::{Bin, Binning, bins};

/// The bins that most of the literature uses.
pub const BINS: usize = 10;

/// Returns `Σ n_b/n |p̄_b − ȳ_b|` over the bins, in 0..=1, 0 is best; None without forecasts.
pub fn ece(sample: Sample<'_>, binning: Binning) -> Option<f64> {
    mean(&bins(sample, binning), |bin| (bin.probability - bin.outcome).abs())
}

/// Returns what [`ece`] would come to on average if every probability were true:
/// `Σ n_b/n √(2/π · Σ p(1−p)) / n_b`, with the outcomes of a bin as normal.
pub fn ece_by_chance(sample: Sample<'_>, binning: Binning) -> Option<f64> {
    mean(&bins(sample, binning), |bin| (FRAC_2_PI * bin.expected_variance).sqrt())
}

/// Returns the root of the debiased squared calibration error
/// `Σ n_b/n ((p̄_b − ȳ_b)² − ȳ_b (1 − ȳ_b)/(n_b − 1))`, or 0 where that is negative; bins of one forecast add nothing.
///
/// Reference: A. Kumar, P. Liang, T. Ma, *Verified uncertainty calibration*, arXiv 1909.10155, section 5. It is a root
/// mean square, so it is higher than [`ece`] where bins are uneven.
pub fn debiased(sample: Sample<'_>, binning: Binning) -> Option<f64> {
    let excess =
        |bin: &Bin| bin.variance.map_or(0.0, |variance| (bin.probability - bin.outcome).powi(2) - variance);
    mean(&bins(sample, binning), excess).map(|squared| squared.max(0.0).sqrt())
}

/// Returns the mean over the forecasts of what their bins have.
fn mean(bins: &[Bin], figure: impl Fn(&Bin) -> f64) -> Option<f64> {
    let count: f64 = bins.iter().map(|bin| bin.count).sum();
    let sum: f64 = bins.iter().map(|bin| bin.count * figure(bin)).sum();
    (count > 0.0).then(|| sum / count)
}
