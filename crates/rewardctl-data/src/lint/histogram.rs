//! How often each number came on the chosen and on the rejected side, in bounded memory.

use std::collections::BTreeMap;

/// Numbers below this are told apart; larger ones to 1 part in 256.
const EXACT: u32 = 1 << 14;
/// Bits that larger numbers keep.
const KEPT_BITS: u32 = 8;

/// Counts of numbers on two sides.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    counts: BTreeMap<u32, [u64; 2]>,
}

impl Histogram {
    /// Takes in a pair.
    pub(crate) fn add(&mut self, chosen: u32, rejected: u32) {
        self.counts.entry(bucket(chosen)).or_default()[0] += 1;
        self.counts.entry(bucket(rejected)).or_default()[1] += 1;
    }

    /// Returns the probability that a chosen answer has the higher number than a rejected one, ties as ½; None
    /// without any pair.
    ///
    /// The area under the ROC curve: J. A. Hanley, B. J. McNeil, *The meaning and use of the area under a receiver
    /// operating characteristic curve*, Radiology 143 (1982).
    pub(crate) fn auroc(&self) -> Option<f64> {
        let (mut above, mut below, mut chosen) = (0.0, 0.0, 0.0);
        for [won, lost] in self.counts.values() {
            let (won, lost) = (*won as f64, *lost as f64);
            above += won * (below + lost / 2.0);
            below += lost;
            chosen += won;
        }
        let pairs: f64 = chosen * below;
        (pairs > 0.0).then(|| above / pairs)
    }
}

fn bucket(number: u32) -> u32 {
    if number < EXACT {
        return number;
    }
    let dropped = 32 - number.leading_zeros() - KEPT_BITS;
    number >> dropped << dropped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figure is `roc_auc_score` of scikit-learn, by scripts/golden/lint_auroc.py.
    #[test]
    fn the_area_is_that_of_another_program() {
        let mut histogram = Histogram::default();
        for (chosen, rejected) in [(10, 3), (7, 7), (2, 9), (120, 40), (40, 41), (5, 5), (300, 12), (8, 80)] {
            histogram.add(chosen, rejected);
        }
        let auroc = histogram.auroc().unwrap();
        assert!((auroc - 0.507_812_5).abs() < 1e-12, "{auroc}");
        assert_eq!(Histogram::default().auroc(), None);
    }

    #[test]
    fn large_numbers_share_buckets() {
        assert_eq!(bucket(16_383), 16_383);
        assert_eq!(bucket(16_385), 16_384);
        assert_eq!(bucket(u32::MAX), 0xff00_0000);
        assert!((16_384..200_000).all(|n| f64::from(n - bucket(n)) / f64::from(n) < 1.0 / 128.0));
    }
}
