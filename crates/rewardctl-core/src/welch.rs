//! Whether the means of two independent groups differ, whatever their variances.
//!
//! Reference: B. L. Welch, *The generalization of "Student's" problem when several different population variances are
//! involved*, Biometrika 34 (1947), with Satterthwaite's degrees of freedom.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::moments::Moments;

/// Two means compared: the second less the first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Welch {
    /// The difference of the means.
    pub difference: f64,
    /// Its standard error.
    pub error: f64,
    /// The t statistic.
    pub t: f64,
    /// Satterthwaite's degrees of freedom.
    pub degrees: f64,
    /// The two-sided chance.
    pub p: f64,
    /// The interval of the difference at the level asked for.
    pub interval: (f64, f64),
}

/// Compares two groups; `alpha` is one less the level of the interval. None where a group has fewer than two values, or
/// neither varies.
pub fn welch(before: Moments, after: Moments, alpha: f64) -> Option<Welch> {
    let parts = [before, after].map(|group| group.variance().map(|variance| variance / group.count));
    let [first, second] = [parts[0]?, parts[1]?];
    let variance = first + second;
    if variance <= 0.0 {
        return None;
    }
    let shares = [(first, before.count), (second, after.count)];
    let degrees = variance * variance / shares.map(|(part, n)| part * part / (n - 1.0)).iter().sum::<f64>();
    let student = StudentsT::new(0.0, 1.0, degrees).ok()?;
    let (difference, error) = (after.mean - before.mean, variance.sqrt());
    let t = difference / error;
    let half = student.inverse_cdf(1.0 - alpha / 2.0) * error;
    let p = (2.0 * student.cdf(-t.abs())).min(1.0);
    Some(Welch { difference, error, t, degrees, p, interval: (difference - half, difference + half) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Golden values: `scripts/golden/gates.py` (scipy, `ttest_ind(equal_var=False)`).
    #[test]
    fn agrees_with_scipy() {
        let before = [0.61, 0.72, 0.55, 0.81, 0.44, 0.68, 0.93];
        let after = [0.71, 0.79, 0.88, 0.62, 0.95, 0.83, 0.77, 0.91, 0.69];
        let found = welch(Moments::of(&before), Moments::of(&after), 0.05).unwrap();
        for (found, golden) in [
            (found.t, GOLDEN[0]),
            (found.degrees, GOLDEN[1]),
            (found.p, GOLDEN[2]),
            (found.interval.0, GOLDEN[3]),
            (found.interval.1, GOLDEN[4]),
        ] {
            assert!((found - golden).abs() < 1e-9, "{found}, not {golden}");
        }
    }
    const GOLDEN: [f64; 5] = [
        1.636_112_348_469_065_4,
        9.978_946_820_497_33,
        0.132_924_061_227_604_92,
        -0.042_491_221_033_912_646,
        0.277_094_395_637_087_4,
    ];

    #[test]
    fn what_does_not_vary_is_not_tested() {
        assert_eq!(welch(Moments::of(&[1.0]), Moments::of(&[1.0, 2.0]), 0.05), None);
        assert_eq!(welch(Moments::of(&[1.0, 1.0]), Moments::of(&[2.0, 2.0]), 0.05), None);
    }
}
