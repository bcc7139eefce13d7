//! Whether paired yes-or-no outcomes changed more in one direction than in the other.
//!
//! References: Q. McNemar, *Note on the sampling error of the difference between correlated proportions*, Psychometrika 12
//! (1947); M. W. Fagerland, S. Lydersen, P. Laake, *The McNemar test for binary matched-pairs data: mid-p and asymptotic
//! are better than exact conditional*, BMC Med. Res. Methodol. 13 (2013).

use serde::Serialize;
use statrs::distribution::{Binomial, Discrete};

use crate::clopper_pearson::{at_least, at_most};
use crate::proportion::Proportion;

/// Pairs whose outcomes differ, and how likely so uneven a split is by chance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct McNemar {
    /// Pairs that were good and are bad now.
    pub lost: u64,
    /// Pairs that were bad and are good now.
    pub gained: u64,
    /// The exact two-sided chance, in 0..=1; 1 without a pair that changed.
    pub exact: f64,
    /// The same with half of the observed split's own chance: closer to the nominal level, and seldom above it.
    pub mid_p: f64,
    /// The exact one-sided chance of at least so many lost ones.
    pub worse: f64,
}

/// Tests `lost` pairs against `gained` ones; pairs that stayed the same tell nothing.
pub fn mcnemar(lost: u64, gained: u64) -> McNemar {
    let count = lost + gained;
    let fewer = Proportion { hits: lost.min(gained), count };
    let exact = (2.0 * at_most(fewer, 0.5)).min(1.0);
    let own = Binomial::new(0.5, count).map_or(1.0, |binomial| binomial.pmf(fewer.hits));
    let mid_p = if lost == gained { 1.0 - own / 2.0 } else { 2.0 * at_most(fewer, 0.5) - own };
    let mid_p = if count == 0 { 1.0 } else { mid_p.clamp(0.0, 1.0) };
    McNemar { lost, gained, exact, mid_p, worse: at_least(Proportion { hits: lost, count }, 0.5) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Golden values: `scripts/golden/gates.py` (statsmodels, `mcnemar(exact=True)`; scipy, `binom`).
    #[test]
    fn agrees_with_statsmodels() {
        for (lost, gained, exact, mid_p) in [
            (12, 5, 0.143_463_134_765_625, 0.096_252_441_406_25),
            (3, 14, 0.012_725_830_078_125, 0.007_537_841_796_875),
            (6, 6, 1.0, 0.887_207_031_25),
            (1, 0, 1.0, 0.5),
        ] {
            let found = mcnemar(lost, gained);
            assert!((found.exact - exact).abs() < 1e-9, "{found:?}");
            assert!((found.mid_p - mid_p).abs() < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn nothing_changed_says_nothing() {
        let found = mcnemar(0, 0);
        assert_eq!((found.exact, found.mid_p, found.worse), (1.0, 1.0, 1.0));
    }

    proptest! {
        #[test]
        fn sides_are_alike(lost in 0u64..60, gained in 0u64..60) {
            let (one, other) = (mcnemar(lost, gained), mcnemar(gained, lost));
            prop_assert!((one.exact - other.exact).abs() < 1e-12 && (one.mid_p - other.mid_p).abs() < 1e-12);
            prop_assert!(one.mid_p <= one.exact + 1e-12);
        }
    }
}
