//! Means with confidence intervals, from values that come in clusters: the responses to one prompt are not
//! independent, so an interval that counts them one by one would be too narrow.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::id::ContentId;

/// Sums over a stream of clustered values; of constant size, whatever the length of the stream.
#[derive(Debug, Clone, Default)]
pub struct ClusteredMean {
    count: f64,
    sum: f64,
    squares: f64,
    clusters: f64,
    // Over closed clusters with n values of sum s: Σ s², Σ s·n, Σ n².
    sum_sum: f64,
    sum_count: f64,
    count_count: f64,
    open: Option<(ContentId, f64, f64)>,
}

/// A mean with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The number of values.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation (with `n - 1`); 0 for one value.
    pub spread: f64,
    /// The 95 % confidence interval of the mean; None with fewer than two clusters.
    pub bounds: Option<(f64, f64)>,
}

impl ClusteredMean {
    /// Adds a value of `cluster`; the values of a cluster must come one after the other.
    pub fn add(&mut self, cluster: ContentId, value: f64) {
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
        match &mut self.open {
            Some((open, n, s)) if *open == cluster => (*n, *s) = (*n + 1.0, *s + value),
            _ => {
                self.close();
                self.open = Some((cluster, 1.0, value));
            }
        }
    }

    /// Returns the mean so far; None without values.
    ///
    /// The variance of the mean is the cluster-robust one for a ratio of sums (Cochran, *Sampling Techniques*,
    /// section 6.3): `G/(G−1) · Σ_g (s_g − n_g m)² / n²`, with Student's t on `G − 1` degrees of freedom.
    pub fn interval(&self) -> Option<Interval> {
        if self.count == 0.0 {
            return None;
        }
        let mut closed = self.clone();
        closed.close();
        let mean = self.sum / self.count;
        let centred = (self.squares - self.count * mean * mean).max(0.0);
        let spread = if self.count > 1.0 { (centred / (self.count - 1.0)).sqrt() } else { 0.0 };
        Some(Interval { count: self.count as u64, mean, spread, bounds: closed.bounds(mean) })
    }

    fn bounds(&self, mean: f64) -> Option<(f64, f64)> {
        let degrees = self.clusters - 1.0;
        let quantile = StudentsT::new(0.0, 1.0, degrees).ok()?.inverse_cdf(0.975);
        let residuals = self.sum_sum - 2.0 * mean * self.sum_count + mean * mean * self.count_count;
        let variance = self.clusters / degrees * residuals.max(0.0) / (self.count * self.count);
        let half = quantile * variance.sqrt();
        Some((mean - half, mean + half))
    }

    fn close(&mut self) {
        if let Some((_, n, s)) = self.open.take() {
            self.clusters += 1.0;
            self.sum_sum += s * s;
            self.sum_count += s * n;
            self.count_count += n * n;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_of(values: &[(u8, f64)]) -> Interval {
        let mut mean = ClusteredMean::default();
        for (cluster, value) in values {
            mean.add(ContentId::of("t", [[*cluster].as_slice()]), *value);
        }
        mean.interval().unwrap()
    }

    /// Golden values: `tests/golden/clustered_mean.py` (statsmodels OLS on a constant, cluster-robust errors).
    #[test]
    fn agrees_with_statsmodels() {
        let values =
            [(0, 0.2), (0, 0.4), (1, 0.9), (2, 0.5), (2, 0.7), (2, 0.6), (3, 0.1), (4, 0.8), (4, 0.3)];
        let got = mean_of(&values);
        let (low, high) = got.bounds.unwrap();
        assert!((got.mean - 0.5).abs() < 1e-12, "{got:?}");
        assert!((got.spread - 0.273_861_278_752_583).abs() < 1e-12, "{got:?}");
        assert!((low - GOLDEN_LOW).abs() < 1e-9 && (high - GOLDEN_HIGH).abs() < 1e-9, "{got:?}");
    }
    const GOLDEN_LOW: f64 = 0.237_326_908_776_676;
    const GOLDEN_HIGH: f64 = 0.762_673_091_223_324;

    #[test]
    fn one_cluster_has_no_interval() {
        assert_eq!(mean_of(&[(0, 0.5), (0, 0.7)]).bounds, None);
        assert_eq!(mean_of(&[(0, 0.5)]).spread, 0.0);
        assert_eq!(ClusteredMean::default().interval(), None);
    }
}
