//! What all rewards of a dataset come to: the yardstick of margins, and what single answers are held against.

use serde::{Deserialize, Serialize};

use crate::moments::Moments;

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

/// Sums up all rewards; their order is lost.
pub fn pool(rewards: &mut [f64]) -> Pool {
    let moments = Moments::of(rewards);
    let median = quantile(rewards, 0.5).unwrap_or(0.0);
    Pool { count: rewards.len() as u64, mean: moments.mean, sd: moments.spread(), median }
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
