//! Agreement of many annotators on items that have equally many labels each.
//!
//! Reference: J. L. Fleiss, *Measuring nominal scale agreement among many raters*, Psychol. Bull. 76 (1971).

use crate::agreement::Undefined;
use crate::bootstrap;
use crate::votes::Votes;

/// What Fleiss' kappa is computed from; the annotators of one item need not be those of another.
#[derive(Debug, Clone)]
pub struct Fleiss {
    /// Labels of each item.
    raters: f64,
    /// How many labels of each class each item has, item after item.
    counts: Vec<f64>,
    classes: usize,
}

impl Fleiss {
    /// Counts the labels; an error where items have different numbers of them, or one each.
    pub fn new(votes: &Votes) -> Result<Self, Undefined> {
        let (items, classes) = (votes.extent().items, votes.extent().classes);
        let lengths = || (0..items).map(|item| votes.of(item).len());
        let (least, most) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
        if least != most {
            return Err(Undefined::Uneven { least, most });
        }
        if least < 2 {
            return Err(Undefined::NoOverlap);
        }
        let mut counts = vec![0.0; items * classes];
        for vote in votes.all() {
            counts[vote.item as usize * classes + vote.class as usize] += 1.0;
        }
        Ok(Self { raters: least as f64, counts, classes })
    }

    /// Returns kappa, at most 1: `(P̄ − P_e) / (1 − P_e)`, with `P̄` the mean over items of the share of equal pairs of
    /// labels, and `P_e = Σ p_c²` of the shares p of the classes over all labels.
    pub fn kappa(&self) -> Result<f64, Undefined> {
        self.weighted(&vec![1; self.counts.len() / self.classes])
    }

    /// Returns the 95 % interval of a bootstrap over items; None where too few samples have a value.
    pub fn interval(&self, seed: u64) -> Option<(f64, f64)> {
        bootstrap::interval(self.counts.len() / self.classes, seed, |drawn| self.weighted(drawn).ok())
    }

    fn weighted(&self, weights: &[u32]) -> Result<f64, Undefined> {
        let (mut shares, mut equal, mut items) = (vec![0.0; self.classes], 0.0, 0.0);
        for (counts, weight) in self.counts.chunks_exact(self.classes).zip(weights) {
            let weight = f64::from(*weight);
            items += weight;
            for (share, count) in shares.iter_mut().zip(counts) {
                *share += weight * count;
                equal += weight * count * (count - 1.0);
            }
        }
        if shares.iter().filter(|share| **share > 0.0).count() < 2 {
            return Err(Undefined::NoVariation);
        }
        let observed = equal / (items * self.raters * (self.raters - 1.0));
        let labels = items * self.raters;
        let expected: f64 = shares.iter().map(|share| (share / labels) * (share / labels)).sum();
        Ok((observed - expected) / (1.0 - expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::votes::tests::table;

    const ROWS: [[u32; 3]; 8] =
        [[0, 0, 1], [2, 2, 2], [1, 1, 2], [0, 0, 0], [0, 1, 2], [1, 1, 1], [2, 0, 2], [1, 0, 1]];

    fn rows(rows: &[[u32; 3]]) -> Vec<Vec<Option<u32>>> {
        rows.iter().map(|row| row.iter().copied().map(Some).collect()).collect()
    }

    /// Golden value: `scripts/golden/agreement.py` (statsmodels, `fleiss_kappa`).
    #[test]
    fn agrees_with_statsmodels() {
        let fleiss = Fleiss::new(&table(3, &rows(&ROWS))).unwrap();
        let kappa = fleiss.kappa().unwrap();
        assert!((kappa - KAPPA).abs() < 1e-12, "{kappa}");
        let (low, high) = fleiss.interval(7).unwrap();
        assert!(low < kappa && kappa < high, "{low} {high}");
        assert_eq!(fleiss.interval(7), Some((low, high)));
    }
    const KAPPA: f64 = 0.308_900_523_560_209_36;

    #[test]
    fn uneven_single_and_constant_labels_have_no_kappa() {
        let uneven = table(2, &[vec![Some(0), Some(1)], vec![Some(1), None]]);
        assert_eq!(Fleiss::new(&uneven).unwrap_err(), Undefined::Uneven { least: 1, most: 2 });
        assert_eq!(Fleiss::new(&table(2, &[vec![Some(1)]])).unwrap_err(), Undefined::NoOverlap);
        let constant = Fleiss::new(&table(3, &rows(&[[1, 1, 1], [1, 1, 1]]))).unwrap();
        assert_eq!(constant.kappa(), Err(Undefined::NoVariation));
        assert_eq!(constant.interval(1), None);
    }
}
