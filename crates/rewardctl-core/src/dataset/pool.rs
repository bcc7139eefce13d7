//! What all rewards of a dataset come to: the yardstick of margins, and what single answers are held against.

use serde::{Deserialize, Serialize};

/// Sums up numbers one at a time (B. P. Welford, *Note on a method for calculating corrected sums of squares and
/// products*, Technometrics 4, 1962).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

/// What all rewards come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    /// Rewards.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, 0 for fewer than two.
    pub sd: f64,
    /// Their median: the lower one of two.
    pub median: f64,
}

impl Moments {
    /// Adds a finite number.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        let gap = value - self.mean;
        self.mean += gap / self.count as f64;
        self.squares += gap * (value - self.mean);
    }

    /// Returns how many numbers there were.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns their mean; 0 of none.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Returns their standard deviation with `n − 1` below; 0 for fewer than two.
    pub fn sd(&self) -> f64 {
        if self.count < 2 { 0.0 } else { (self.squares / (self.count - 1) as f64).max(0.0).sqrt() }
    }
}

/// Sums up all rewards; their order is lost.
pub fn pool(rewards: &mut [f64]) -> Pool {
    let mut moments = Moments::default();
    rewards.iter().for_each(|reward| moments.add(*reward));
    let median = quantile(rewards, 0.5).unwrap_or(0.0);
    Pool { count: moments.count(), mean: moments.mean(), sd: moments.sd(), median }
}

/// Returns the `share` quantile, of two the lower one: the `⌈n · share⌉`-th smallest. None of nothing.
pub fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    let place = ((values.len() as f64 * share).ceil() as usize).max(1) - 1;
    if values.is_empty() {
        return None;
    }
    let place = place.min(values.len() - 1);
    Some(*values.select_nth_unstable_by(place, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pool_is_what_textbooks_say() {
        // Python: statistics.mean, .stdev, .median_low of [2, 4, 4, 4, 5, 5, 7, 9].
        let pool = pool(&mut [9.0, 2.0, 5.0, 4.0, 7.0, 4.0, 5.0, 4.0]);
        assert_eq!((pool.count, pool.mean, pool.median), (8, 5.0, 4.0));
        assert!((pool.sd - 2.138_089_935_299_395).abs() < 1e-12);
        assert_eq!(super::pool(&mut []), Pool::default());
    }

    #[test]
    fn quantiles_are_values_that_are_there() {
        let mut values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(quantile(&mut values, 0.99), Some(198.0));
        assert_eq!(quantile(&mut values, 1.0), Some(200.0));
        assert_eq!(quantile(&mut values, 0.0), Some(1.0));
        assert_eq!(quantile(&mut [], 0.5), None);
    }
}
