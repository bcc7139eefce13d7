//! One number that mends the confidence of margins: fitted to margins of prompts that the fit never saw.
//!
//! C. Guo, G. Pleiss, Y. Sun, K. Weinberger, *On Calibration of Modern Neural Networks* (arXiv 1706.04599), with a
//! normal prior on the logarithm, so that few labels do not move it far.

use crate::fit::logistic::sigmoid;

/// A margin with its variance, and the probability to be met.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    /// `θ·(φ_a − φ_b)`.
    pub mean: f64,
    /// Its variance: of the weights, of what was imputed and of the critics.
    pub variance: f64,
    /// The probability that `a` is better, as the label says it.
    pub target: f64,
}

/// Below this many margins the temperature stays 1.
pub const FEWEST_MARGINS: usize = 40;
/// The deviation of the prior on the logarithm.
pub const DEVIATION: f64 = 0.5;

/// Returns the probability that `a` is better: MacKay's approximation `σ(μ / √(1 + πv/8))`, at temperature `t`.
pub fn probability(mean: f64, variance: f64, t: f64) -> f64 {
    let variance = variance / (t * t);
    sigmoid(mean / t / (1.0 + std::f64::consts::PI * variance / 8.0).sqrt())
}

/// Returns the temperature that fits `margins` best; 1 where they are too few.
pub fn temperature(margins: &[Margin]) -> f64 {
    if margins.len() < FEWEST_MARGINS {
        return 1.0;
    }
    golden_section(-1.5, 1.5, |log| {
        let t = f64::exp(log);
        let loss =
            |margin: &Margin| cross_entropy(probability(margin.mean, margin.variance, t), margin.target);
        margins.iter().map(loss).sum::<f64>() + (log / DEVIATION).powi(2) / 2.0
    })
    .exp()
}

/// Returns `−t log p − (1 − t) log (1 − p)`, with `p` kept off 0 and 1.
pub fn cross_entropy(p: f64, target: f64) -> f64 {
    let p = p.clamp(1e-12, 1.0 - 1e-12);
    -(target * p.ln() + (1.0 - target) * (1.0 - p).ln())
}

/// Finds the minimum of a function with one valley between `low` and `high`.
pub fn golden_section(mut low: f64, mut high: f64, value: impl Fn(f64) -> f64) -> f64 {
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_left, mut at_right) = (value(left), value(right));
    for _ in 0..60 {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - ratio * (high - low);
            at_left = value(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + ratio * (high - low);
            at_right = value(right);
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_that_are_too_bold_are_cooled() {
        // Margins say 4, but only three of four are right: log-odds 1.1.
        let margins: Vec<Margin> = (0..400)
            .map(|n| Margin { mean: 4.0, variance: 0.0, target: f64::from(u8::from(n % 4 != 0)) })
            .collect();
        let t = temperature(&margins);
        // The prior on the temperature leaves it a little bolder than they are.
        assert!((4.0 / t - 3f64.ln()).abs() < 0.1, "{t}");
        assert_eq!(temperature(&margins[..39]), 1.0);
    }

    #[test]
    fn variance_pulls_to_one_half() {
        assert!((probability(2.0, 0.0, 1.0) - 0.880_797_077_977_882_3).abs() < 1e-12);
        assert!(probability(2.0, 10.0, 1.0) < probability(2.0, 1.0, 1.0));
        assert_eq!(probability(0.0, 3.0, 1.0), 0.5);
    }
}
