//! Whether traffic was split as planned: a split that chance hardly explains makes every other figure suspect.
//!
//! Reference: A. Fabijan and others, *Diagnosing sample ratio mismatch in online controlled experiments*, KDD 2019. The
//! test is Pearson's chi-square.

use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Below this chance the split counts as broken: experiments are many, and a false alarm stops one.
pub const LEVEL: f64 = 0.001;

/// Expected in each arm at least, for the chance to be about right.
const LEAST_EXPECTED: f64 = 5.0;

/// How the arms' sizes compare with the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleRatio {
    /// The chi-square statistic.
    pub statistic: f64,
    /// The chance of so uneven a split.
    pub p: f64,
    /// How many were expected in each arm.
    pub expected: Vec<f64>,
}

impl SampleRatio {
    /// Tells whether chance hardly explains the split.
    pub fn is_mismatch(&self) -> bool {
        self.p < LEVEL
    }
}

/// Tests the sizes of arms against planned `shares`, of any sum. None with fewer than two arms, a share that is not above 0,
/// or so few units that nothing can be said.
pub fn sample_ratio(counts: &[u64], shares: &[f64]) -> Option<SampleRatio> {
    let is_planned =
        counts.len() == shares.len() && shares.iter().all(|share| *share > 0.0 && share.is_finite());
    if counts.len() < 2 || !is_planned {
        return None;
    }
    let (total, whole) = (counts.iter().sum::<u64>() as f64, shares.iter().sum::<f64>());
    let expected: Vec<f64> = shares.iter().map(|share| total * share / whole).collect();
    if expected.iter().any(|expected| *expected < LEAST_EXPECTED) {
        return None;
    }
    let apart =
        counts.iter().zip(&expected).map(|(count, expected)| (*count as f64 - expected).powi(2) / expected);
    let statistic = apart.sum();
    let chi = ChiSquared::new(counts.len() as f64 - 1.0).ok()?;
    Some(SampleRatio { statistic, p: chi.sf(statistic), expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Golden values: `scripts/golden/gates.py` (scipy, `chisquare`).
    #[test]
    fn agrees_with_scipy() {
        for (counts, shares, p) in [
            (&[623, 624][..], &[0.5, 0.5][..], GOLDEN[0]),
            (&[5000, 5300], &[1.0, 1.0], GOLDEN[1]),
            (&[900, 310, 290], &[3.0, 1.0, 1.0], GOLDEN[2]),
        ] {
            let found = sample_ratio(counts, shares).unwrap();
            assert!((found.p - p).abs() < 1e-9, "{found:?}");
        }
    }
    const GOLDEN: [f64; 3] = [0.977_408_306_227_320_9, 0.003_116_693_839_866_867, 0.716_531_310_573_789_2];

    #[test]
    fn what_was_not_planned_is_not_tested() {
        assert_eq!(sample_ratio(&[5], &[1.0]), None);
        assert_eq!(sample_ratio(&[5, 5], &[1.0, 0.0]), None);
        assert_eq!(sample_ratio(&[2, 3], &[1.0, 1.0]), None);
        assert!(sample_ratio(&[1000, 1200], &[1.0, 1.0]).unwrap().is_mismatch());
    }
}
