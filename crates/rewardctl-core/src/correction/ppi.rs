//! Prediction-powered inference: A. N. Angelopoulos et al., *Prediction-powered inference*, Science 382 (2023), arXiv
//! 2301.09633; with the power tuned: A. N. Angelopoulos, J. C. Duchi, T. Zrnic, *PPI++*, arXiv 2311.01453.

use crate::correction::{Estimate, Judged, Part, estimate};

/// How far the judge is trusted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trust {
    /// Fully: λ = 1, the original estimator.
    Full,
    /// As far as it agrees with people: the λ in 0..=1 with the least variance, 0 for a judge that tells nothing.
    Tuned,
}

/// Returns `λ mean_U(f) + mean_L(y − λ f)`, with f the judge's verdicts, y the people's, L the rows that people looked
/// at and U the others, and the λ used.
///
/// It holds if L was drawn at random. None where L or U is empty.
pub fn ppi(rows: &[Judged], trust: Trust) -> Option<(Estimate, f64)> {
    let lambda = match trust {
        Trust::Full => 1.0,
        Trust::Tuned => tuned(rows)?,
    };
    let unseen = rows.iter().filter(|row| row.human.is_none());
    let unseen = unseen.map(|row| (lambda * row.judge, row.cluster)).collect();
    let seen = rows.iter().filter_map(|row| Some((row.human? - lambda * row.judge, row.cluster))).collect();
    Some((estimate(&[Part::of(unseen), Part::of(seen)])?, lambda))
}

/// Returns `cov_L(y, f) / ((1 + n/N) var(f))`, within 0..=1; 0 for a judge that always says the same.
fn tuned(rows: &[Judged]) -> Option<f64> {
    let seen: Vec<(f64, f64)> = rows.iter().filter_map(|row| Some((row.human?, row.judge))).collect();
    let (n, all) = (seen.len() as f64, rows.len() as f64);
    if seen.is_empty() || seen.len() == rows.len() {
        return None;
    }
    let (y, f) = seen.iter().fold((0.0, 0.0), |(y, f), row| (y + row.0 / n, f + row.1 / n));
    let covariance = seen.iter().map(|row| (row.0 - y) * (row.1 - f)).sum::<f64>() / n;
    let mean = rows.iter().map(|row| row.judge).sum::<f64>() / all;
    // The reference implementation divides the one by n and the other by n − 1.
    let variance = rows.iter().map(|row| (row.judge - mean).powi(2)).sum::<f64>() / (all - 1.0);
    let lambda = covariance / ((1.0 + n / (all - n)) * variance);
    Some(if lambda.is_finite() { lambda.clamp(0.0, 1.0) } else { 0.0 })
}
