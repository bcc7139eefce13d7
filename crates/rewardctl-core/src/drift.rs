//! Whether a guarantee still holds: audits of accepted answers, tested against the share of errors that was promised.
//!
//! Reference: the exact binomial test (C. J. Clopper and E. S. Pearson, Biometrika 26, 1934).

use serde::Serialize;

use crate::clopper_pearson;
use crate::proportion::Proportion;

/// What audits say of a promised share of errors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Drift {
    /// The errors among audited answers, which are a uniformly random sample of the accepted ones.
    pub errors: Proportion,
    /// The share of errors that was promised, in 0..1.
    pub promised: f64,
    /// The chance of so many errors or more if the promise holds with no room to spare, in 0..=1.
    pub p: f64,
    /// The exact 95 % interval of the share of errors.
    pub interval: (f64, f64),
}

impl Drift {
    /// Tests `errors` against `promised`. None without audits, and where `promised` is not between 0 and 1.
    pub fn test(errors: Proportion, promised: f64) -> Option<Self> {
        if errors.count == 0 || !(promised > 0.0 && promised < 1.0) {
            return None;
        }
        let p = clopper_pearson::at_least(errors, promised).clamp(0.0, 1.0);
        let interval = (clopper_pearson::lower(errors, 0.025), clopper_pearson::upper(errors, 0.025));
        Some(Self { errors, promised, p, interval })
    }

    /// Tells whether the promise is broken at this level: a false alarm has at most this chance, each time one looks.
    pub fn broken(&self, level: f64) -> bool {
        self.p <= level
    }
}

/// Returns the least number of errors in `audits` that breaks the promise at `level`; None where none would.
pub fn alarm(audits: u64, promised: f64, level: f64) -> Option<u64> {
    (1..=audits).find(|hits| {
        Drift::test(Proportion { hits: *hits, count: audits }, promised)
            .is_some_and(|drift| drift.broken(level))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn errors(hits: u64, count: u64) -> Proportion {
        Proportion { hits, count }
    }

    /// Golden values: `scripts/golden/guarantees.py` (scipy, `binom.sf`).
    #[test]
    fn agrees_with_scipy() {
        for (hits, count, promised, p) in [
            (9, 40, 0.1, 0.015_495_305_414_444_483),
            (70, 900, 0.05, 0.000_229_607_070_262_301_73),
            (3, 40, 0.1, 0.777_191_875_660_596_9),
        ] {
            let drift = Drift::test(errors(hits, count), promised).unwrap();
            assert!((drift.p - p).abs() < 1e-9 * p, "{drift:?}");
        }
        assert_eq!(Drift::test(errors(0, 40), 0.1).unwrap().p, 1.0);
    }

    #[test]
    fn the_alarm_rings_where_the_test_says_so() {
        assert_eq!(alarm(40, 0.1, 0.05), Some(8));
        assert!(Drift::test(errors(8, 40), 0.1).unwrap().broken(0.05));
        assert!(!Drift::test(errors(7, 40), 0.1).unwrap().broken(0.05));
        // Two audits, both wrong, have a chance of a quarter.
        assert_eq!(alarm(2, 0.5, 0.05), None);
    }

    #[test]
    fn nothing_audited_says_nothing() {
        assert_eq!(Drift::test(errors(0, 0), 0.1), None);
        assert_eq!(Drift::test(errors(1, 4), f64::NAN), None);
        assert_eq!(Drift::test(errors(1, 4), 0.0), None);
    }

    proptest! {
        #[test]
        fn more_errors_are_never_less_alarming(hits in 0u64..40, count in 40u64..60, promised in 0.01..0.5f64) {
            let p = |hits| Drift::test(errors(hits, count), promised).unwrap().p;
            prop_assert!(p(hits + 1) <= p(hits) + 1e-12);
        }
    }
}
