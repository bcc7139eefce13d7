//! Whether two independent shares differ.
//!
//! Reference: A. Agresti, *Categorical Data Analysis*, 3rd edition (2013), section 3.1: the z test with the pooled share,
//! which holds under "no difference", and the one with each share's own variance, which goes with the interval.

use serde::Serialize;
use statrs::function::erf::erfc;

use crate::proportion::{Proportion, difference};

/// Two shares compared: the second less the first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TwoProportions {
    /// The difference of the shares.
    pub difference: f64,
    /// Its 95 % interval (Newcombe's method 10).
    pub interval: (f64, f64),
    /// The z statistic with the pooled variance.
    pub z: f64,
    /// Its two-sided chance.
    pub p: f64,
    /// The two-sided chance with each share's own variance.
    pub p_unpooled: f64,
}

/// Compares two shares. None where one is of nothing.
pub fn two_proportions(before: Proportion, after: Proportion) -> Option<TwoProportions> {
    let (p1, p2) = (before.share()?, after.share()?);
    let (n1, n2) = (before.count as f64, after.count as f64);
    let (difference, interval) = difference(after, before)?;
    let pooled = (before.hits + after.hits) as f64 / (n1 + n2);
    let z = standardised(p2 - p1, pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2));
    let own = standardised(p2 - p1, p1 * (1.0 - p1) / n1 + p2 * (1.0 - p2) / n2);
    Some(TwoProportions { difference, interval, z, p: two_sided(z), p_unpooled: two_sided(own) })
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

    /// Golden values: `scripts/golden/gates.py` (statsmodels, `proportions_ztest`, pooled and with `prop_var=False` by
    /// hand). The first line is the A/B example of docs/compare.md.
    #[test]
    fn agrees_with_statsmodels() {
        for (before, after, z, p, p_unpooled) in GOLDEN {
            let found = two_proportions(before, after).unwrap();
            assert!((found.z - z).abs() < 1e-9, "{found:?}");
            assert!((found.p - p).abs() < 1e-9 && (found.p_unpooled - p_unpooled).abs() < 1e-9, "{found:?}");
        }
    }
    const GOLDEN: [(Proportion, Proportion, f64, f64, f64); 2] = [
        (
            Proportion { hits: 542, count: 623 },
            Proportion { hits: 568, count: 624 },
            2.273_819_299_089_846_7,
            0.022_976_853_400_613_01,
            0.022_711_502_697_138_404,
        ),
        (
            Proportion { hits: 41, count: 118 },
            Proportion { hits: 56, count: 120 },
            1.871_258_864_460_290_8,
            0.061_309_209_250_202_154,
            0.059_306_219_516_605_83,
        ),
    ];

    #[test]
    fn all_or_none_is_no_division_by_zero() {
        assert_eq!(two_proportions(of(0, 5), of(0, 9)).unwrap().p, 1.0);
        assert_eq!(two_proportions(of(5, 5), of(9, 9)).unwrap().p, 1.0);
        assert!(two_proportions(of(0, 5), of(9, 9)).unwrap().p < 0.001);
        assert_eq!(two_proportions(of(0, 0), of(1, 2)), None);
    }
}
