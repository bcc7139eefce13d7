//! Proportions with their confidence intervals.
//!
//! Reference: E. B. Wilson, *Probable inference, the law of succession, and statistical inference*, JASA 22 (1927); R. G. Newcombe,
//! *Interval estimation for the difference between independent proportions*, Statistics in Medicine 17 (1998), for two.

use serde::Serialize;

/// The 97.5 % point of the standard normal distribution: what 95 % intervals reach out.
pub const Z95: f64 = 1.959_963_984_540_054;

/// Returns the difference of the shares of two independent proportions with its interval, whose Wilson intervals reach out to
/// the point `z` of the standard normal distribution; None of nothing.
///
/// With `d = p₁ − p₂` and the Wilson intervals `l..u` of both:
/// `d − √((p₁−l₁)² + (u₂−p₂)²)` to `d + √((u₁−p₁)² + (p₂−l₂)²)` (Newcombe's method 10).
pub fn difference(first: Proportion, second: Proportion, z: f64) -> Option<(f64, (f64, f64))> {
    let (p1, (l1, u1)) = (first.share()?, first.interval_at(z)?);
    let (p2, (l2, u2)) = (second.share()?, second.interval_at(z)?);
    let d = p1 - p2;
    // Not `hypot`: it alone would ask for a glibc newer than 2.34.
    let far = |a: f64, b: f64| (a * a + b * b).sqrt();
    Some((d, (d - far(p1 - l1, u2 - p2), d + far(u1 - p1, p2 - l2))))
}

/// How many of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Proportion {
    /// How many have it; at most `count`.
    pub hits: u64,
    /// Of how many.
    pub count: u64,
}

impl Proportion {
    /// Counts one more.
    pub fn add(&mut self, hit: bool) {
        self.hits += u64::from(hit);
        self.count += 1;
    }

    /// Returns the share, in 0..=1; None of nothing.
    pub fn share(&self) -> Option<f64> {
        (self.count > 0).then(|| self.hits as f64 / self.count as f64)
    }

    /// Returns the 95 % Wilson score interval of independent draws; None of nothing.
    pub fn interval(&self) -> Option<(f64, f64)> {
        self.interval_at(Z95)
    }

    /// Returns the Wilson score interval that reaches out to the point `z` of the standard normal distribution.
    ///
    /// With `p` the share and `n` the count: `(p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)`. Unlike the textbook's
    /// `p ± z √(p(1−p)/n)` it is no point where all or none have it.
    pub fn interval_at(&self, z: f64) -> Option<(f64, f64)> {
        let (p, n) = (self.share()?, self.count as f64);
        let centre = p + z * z / (2.0 * n);
        let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z * z / n;
        Some((((centre - half) / scale).max(0.0), ((centre + half) / scale).min(1.0)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Golden values: `scripts/golden/ranks_and_shares.py` (scipy, `binomtest().proportion_ci(method="wilson")`).
    #[test]
    fn agrees_with_scipy() {
        for (hits, count, low, high) in [
            (56, 120, 0.379_829_170_457_989_9, 0.555_572_107_303_257),
            (0, 24, 0.0, 0.137_976_204_674_980_2),
            (24, 24, 0.862_023_795_325_019_8, 1.0),
            (1, 3, 0.061_491_944_720_396_26, 0.792_340_399_197_952_3),
            (7, 768, 0.004_421_982_310_858_829, 0.018_693_462_728_792_583),
        ] {
            let (l, h) = Proportion { hits, count }.interval().unwrap();
            assert!((l - low).abs() < 1e-12 && (h - high).abs() < 1e-12, "{hits} of {count}: {l} {h}");
        }
    }

    /// Golden values: `scripts/golden/corrections.py` (statsmodels, `confint_proportions_2indep(method="newcomb")`).
    #[test]
    fn a_difference_agrees_with_statsmodels() {
        let (d, (low, high)) =
            difference(Proportion { hits: 56, count: 120 }, Proportion { hits: 41, count: 118 }, Z95)
                .unwrap();
        assert!((d - GOLDEN_DIFFERENCE).abs() < 1e-12, "{d}");
        assert!((low - GOLDEN_LOW).abs() < 1e-12 && (high - GOLDEN_HIGH).abs() < 1e-12, "{low} {high}");
    }
    const GOLDEN_DIFFERENCE: f64 = 0.119_209_039_548_022_59;
    const GOLDEN_LOW: f64 = -0.005_490_715_007_956_531;
    const GOLDEN_HIGH: f64 = 0.238_726_040_622_249_45;

    #[test]
    fn nothing_has_no_share() {
        assert_eq!((Proportion::default().share(), Proportion::default().interval()), (None, None));
    }

    proptest! {
        #[test]
        fn the_share_lies_within(hits in 0u64..500, misses in 0u64..500) {
            let proportion = Proportion { hits, count: hits + misses };
            if let (Some(share), Some((low, high))) = (proportion.share(), proportion.interval()) {
                prop_assert!(0.0 <= low && low <= share + 1e-12 && share <= high + 1e-12 && high <= 1.0);
            }
        }
    }
}
