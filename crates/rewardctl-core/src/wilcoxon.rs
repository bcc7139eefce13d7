//! Whether paired differences lean to one side.
//!
//! Reference: F. Wilcoxon, *Individual comparisons by ranking methods*, Biometrics Bulletin 1 (1945). Differences of zero
//! are left out, tied ones share their average rank; the chance is exact up to [`EXACT`] differences without ties, else
//! that of the normal distribution with the variance reduced by ties.

use serde::Serialize;
use statrs::function::erf::erfc;

/// The result of a signed-rank test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SignedRank {
    /// The sum of the ranks of positive differences.
    pub positive: f64,
    /// The sum of the ranks of negative differences.
    pub negative: f64,
    /// How many differences are not zero.
    pub count: usize,
    /// The chance of sums at least so unlike if neither side is favoured (two-sided), in 0..=1.
    pub p: f64,
}

/// Up to so many differences without ties all signs are gone through.
pub const EXACT: usize = 50;

/// Tests `differences`. None where none differs from zero, or one is not finite.
pub fn signed_rank(differences: &[f64]) -> Option<SignedRank> {
    if !differences.iter().all(|value| value.is_finite()) {
        return None;
    }
    let mut sorted: Vec<f64> = differences.iter().copied().filter(|value| *value != 0.0).collect();
    if sorted.is_empty() {
        return None;
    }
    sorted.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let (mut positive, mut tied, mut start) = (0.0, 0.0, 0);
    for run in sorted.chunk_by(|a, b| a.abs() == b.abs()) {
        let length = run.len() as f64;
        let rank = start as f64 + (length + 1.0) / 2.0;
        positive += rank * run.iter().filter(|value| **value > 0.0).count() as f64;
        tied += length * length * length - length;
        start += run.len();
    }
    let count = sorted.len();
    let total = (count * (count + 1)) as f64 / 2.0;
    let smaller = f64::min(positive, total - positive);
    let exact = tied == 0.0 && count <= EXACT && count == differences.len();
    let p = if exact { exact_chance(smaller as usize, count) } else { normal_chance(smaller, count, tied) };
    Some(SignedRank { positive, negative: total - positive, count, p })
}

/// Returns twice the share of the 2ⁿ signs of which the sum of ranks is at most `smaller`.
fn exact_chance(smaller: usize, count: usize) -> f64 {
    let total = count * (count + 1) / 2;
    // Per sum, the chance of it among the ranks taken in so far.
    let mut chances = vec![0.0; total + 1];
    chances[0] = 1.0;
    for rank in 1..=count {
        for sum in (0..=total).rev() {
            let with = if sum >= rank { chances[sum - rank] } else { 0.0 };
            chances[sum] = f64::midpoint(chances[sum], with);
        }
    }
    (2.0 * chances[..=smaller].iter().sum::<f64>()).min(1.0)
}

fn normal_chance(smaller: f64, count: usize, tied: f64) -> f64 {
    let n = count as f64;
    let (mean, variance) = (n * (n + 1.0) / 4.0, n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - tied / 48.0);
    if variance <= 0.0 { 1.0 } else { erfc((mean - smaller) / (2.0 * variance).sqrt()).min(1.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Golden values: `scripts/golden/guarantees.py` (scipy, `wilcoxon`).
    #[test]
    fn agrees_with_scipy() {
        let many: Vec<f64> = (0..80).map(|place| f64::from(place * 37 % 83 - 30) / 8.0).collect();
        for (differences, smaller, p) in [
            (&[0.7, -0.2, 1.3, 0.9, -0.4, 1.1, 0.3, -0.1, 0.8, 1.7][..], 7.0, 0.037_109_375),
            (
                &[1.0, -1.0, 2.0, 2.0, 0.0, 3.0, -2.0, 4.0, 5.0, 0.0, 2.0, 3.0, -1.0, 2.0, 6.0],
                10.0,
                0.012_416_071_022_817_38,
            ),
            (&many, 845.5, 0.000_331_062_222_537_268_64),
        ] {
            let got = signed_rank(differences).unwrap();
            assert_eq!(got.positive.min(got.negative), smaller);
            assert!((got.p - p).abs() < 1e-9 * p.max(1e-3), "{got:?}, not {p}");
        }
    }

    #[test]
    fn what_does_not_differ_is_not_tested() {
        assert_eq!(signed_rank(&[]), None);
        assert_eq!(signed_rank(&[0.0, 0.0]), None);
        assert_eq!(signed_rank(&[1.0, f64::NAN]), None);
        assert_eq!(signed_rank(&[1.0]).unwrap().p, 1.0);
        assert!(signed_rank(&[1.0, 1.0, 1.0]).unwrap().p > 0.05);
    }

    proptest! {
        #[test]
        fn turning_all_signs_changes_sides_alone(differences in prop::collection::vec(-5i8..=5, 1..90)) {
            let values: Vec<f64> = differences.iter().map(|d| f64::from(*d)).collect();
            let turned: Vec<f64> = values.iter().map(|d| -d).collect();
            let (one, other) = (signed_rank(&values), signed_rank(&turned));
            prop_assert_eq!(one.is_some(), other.is_some());
            if let (Some(one), Some(other)) = (one, other) {
                prop_assert_eq!((one.positive, one.negative), (other.negative, other.positive));
                prop_assert!((one.p - other.p).abs() < 1e-12 && (0.0..=1.0).contains(&one.p));
            }
        }
    }
}
