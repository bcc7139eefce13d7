//! Whether two independent shares differ.
//!
//! Reference: A. Agresti, *Categorical Data Analysis*, 3rd edition (2013), section 3.1: the z test with the pooled share,
//! which holds under "no difference".

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::erf::erfc;

use crate::proportion::{Proportion, difference};

/// Two shares compared: the second less the first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TwoProportions {
    /// The difference of the shares.
    pub difference: f64,
    /// Its interval at the level of the test (Newcombe's method 10).
    pub interval: (f64, f64),
    /// The z statistic with the pooled variance.
    pub z: f64,
    /// Its two-sided chance.
    pub p: f64,
}

/// Compares two shares, with the interval at the level `1 − alpha`. None where one is of nothing.
pub fn two_proportions(before: Proportion, after: Proportion, alpha: f64) -> Option<TwoProportions> {
    let (n1, n2) = (before.count as f64, after.count as f64);
    let reach = Normal::standard().inverse_cdf(1.0 - alpha / 2.0);
    let (difference, interval) = difference(after, before, reach)?;
    let pooled = (before.hits + after.hits) as f64 / (n1 + n2);
    let z = standardised(difference, pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2));
    Some(TwoProportions { difference, interval, z, p: two_sided(z) })
}

fn standardised(difference: f64, variance: f64) -> f64 {
    match difference {
        0.0 => 0.0,
        _ if variance <= 0.0 => f64::INFINITY.copysign(difference),
        _ => difference / variance.sqrt(),
    }
}

fn two_sided(z: f64) -> f64 {
    erfc(z.abs() / std::f64::consts::SQRT_2).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(hits: u64, count: u64) -> Proportion {
        Proportion { hits, count }
    }

    /// Golden values: `scripts/golden/gates.py` (statsmodels, `proportions_ztest`, `confint_proportions_2indep` by Newcombe).
    /// The first line is the A/B example of docs/compare.md.
    #[test]
    fn agrees_with_statsmodels() {
        for (before, after, z, p) in TESTED {
            let found = two_proportions(before, after, 0.05).unwrap();
            assert!((found.z - z).abs() < 1e-9 && (found.p - p).abs() < 1e-9, "{found:?}");
        }
        for (at, alpha, low, high) in INTERVALS {
            let (before, after, ..) = TESTED[at];
            let found = two_proportions(before, after, alpha).unwrap().interval;
            assert!((found.0 - low).abs() < 1e-9 && (found.1 - high).abs() < 1e-9, "{found:?} at {alpha}");
        }
    }
    const TESTED: [(Proportion, Proportion, f64, f64); 2] = [
        (
            Proportion { hits: 542, count: 623 },
            Proportion { hits: 568, count: 624 },
            2.273_819_299_089_846_7,
            0.022_976_853_400_613_01,
        ),
        (
            Proportion { hits: 41, count: 118 },
            Proportion { hits: 56, count: 120 },
            1.871_258_864_460_290_8,
            0.061_309_209_250_202_154,
        ),
    ];
    const INTERVALS: [(usize, f64, f64, f64); 4] = [
        (0, 0.05, 0.005_501_877_835_343_283, 0.075_240_667_396_797),
        (0, 0.01, -0.005_596_299_236_110_644, 0.086_469_503_408_484_28),
        (1, 0.05, -0.005_490_715_007_956_531, 0.238_726_040_622_249_45),
        (1, 0.01, -0.044_003_810_219_914_286, 0.273_669_188_712_176_16),
    ];

    #[test]
    fn all_or_none_is_no_division_by_zero() {
        assert_eq!(two_proportions(of(0, 5), of(0, 9), 0.05).unwrap().p, 1.0);
        assert_eq!(two_proportions(of(5, 5), of(9, 9), 0.05).unwrap().p, 1.0);
        assert!(two_proportions(of(0, 5), of(9, 9), 0.05).unwrap().p < 0.001);
        assert_eq!(two_proportions(of(0, 0), of(1, 2), 0.05), None);
    }
}
