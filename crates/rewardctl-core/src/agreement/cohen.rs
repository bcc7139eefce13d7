//! Agreement of two annotators on the items that both labelled.
//!
//! References: J. Cohen, *A coefficient of agreement for nominal scales*, Educ. Psychol. Meas. 20 (1960); J. Cohen,
//! *Weighted kappa*, Psychol. Bull. 70 (1968).

use crate::agreement::Undefined;

/// How bad a disagreement of two classes is, by how far they lie apart in the order of the classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// Any disagreement counts alike.
    Unweighted,
    /// As many as there are steps between them.
    Linear,
    /// The square of the steps.
    Quadratic,
}

/// Returns Cohen's kappa of `pairs`, the classes that two annotators gave to the same items, at most 1.
///
/// `κ = 1 − Σ w_ij o_ij / Σ w_ij e_ij`, with o the observed and e the expected shares, and the weights w of
/// disagreement: `[i ≠ j]`, `|i − j|` or `(i − j)²`. Steps are counted in the numbers of the classes, all of which have
/// their place, also those that neither annotator used. Takes time in proportion to the pairs and classes.
pub fn cohen(pairs: &[(u32, u32)], classes: usize, weights: Weights) -> Result<f64, Undefined> {
    if pairs.is_empty() {
        return Err(Undefined::NoOverlap);
    }
    let (mut rows, mut columns) = (vec![0.0; classes], vec![0.0; classes]);
    let mut observed = 0.0;
    for &(one, other) in pairs {
        rows[one as usize] += 1.0;
        columns[other as usize] += 1.0;
        observed += weights.of(f64::from(one), f64::from(other));
    }
    let expected = weights.expected(&rows, &columns) / pairs.len() as f64;
    if expected <= 0.0 {
        return Err(Undefined::NoVariation);
    }
    Ok(1.0 - observed / expected)
}

impl Weights {
    fn of(self, one: f64, other: f64) -> f64 {
        match self {
            Weights::Unweighted => f64::from(u8::from(one != other)),
            Weights::Linear => (one - other).abs(),
            Weights::Quadratic => (one - other) * (one - other),
        }
    }

    /// Returns `Σ_ij w_ij r_i c_j` without going through all i and j.
    fn expected(self, rows: &[f64], columns: &[f64]) -> f64 {
        let total = |counts: &[f64]| counts.iter().sum::<f64>();
        match self {
            Weights::Unweighted => {
                total(rows) * total(columns) - rows.iter().zip(columns).map(|(r, c)| r * c).sum::<f64>()
            }
            // |i − j| is the number of steps between i and j, so each step counts the pairs that it parts.
            Weights::Linear => {
                let (all_rows, all_columns) = (total(rows), total(columns));
                let (mut r, mut c, mut sum) = (0.0, 0.0, 0.0);
                for (row, column) in rows.iter().zip(columns) {
                    r += row;
                    c += column;
                    sum += r * (all_columns - c) + c * (all_rows - r);
                }
                sum
            }
            Weights::Quadratic => {
                let moment = |counts: &[f64], power: i32| -> f64 {
                    counts.iter().enumerate().map(|(at, count)| count * (at as f64).powi(power)).sum()
                };
                moment(rows, 2) * total(columns) - 2.0 * moment(rows, 1) * moment(columns, 1)
                    + total(rows) * moment(columns, 2)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ONE: [u32; 12] = [2, 1, 4, 0, 2, 2, 3, 1, 0, 4, 2, 3];
    const OTHER: [u32; 12] = [2, 3, 3, 1, 4, 2, 1, 2, 0, 4, 3, 3];

    fn pairs() -> Vec<(u32, u32)> {
        ONE.into_iter().zip(OTHER).collect()
    }

    /// Golden values: `scripts/golden/agreement.py` (scikit-learn, `cohen_kappa_score`).
    #[test]
    fn agrees_with_scikit_learn() {
        for (weights, golden) in
            [(Weights::Unweighted, UNWEIGHTED), (Weights::Linear, LINEAR), (Weights::Quadratic, QUADRATIC)]
        {
            let kappa = cohen(&pairs(), 5, weights).unwrap();
            assert!((kappa - golden).abs() < 1e-12, "{weights:?}: {kappa}");
        }
    }
    const UNWEIGHTED: f64 = 0.263_157_894_736_842_15;
    const LINEAR: f64 = 0.411_764_705_882_352_9;
    const QUADRATIC: f64 = 0.578_947_368_421_052_7;

    #[test]
    fn without_overlap_or_variation_there_is_no_kappa() {
        assert_eq!(cohen(&[], 3, Weights::Linear), Err(Undefined::NoOverlap));
        assert_eq!(cohen(&[(1, 1), (1, 1)], 3, Weights::Linear), Err(Undefined::NoVariation));
        assert_eq!(cohen(&[(0, 1), (0, 1)], 3, Weights::Unweighted), Ok(0.0));
    }

    proptest! {
        #[test]
        fn the_short_sums_are_the_long_ones(pairs in prop::collection::vec((0u32..5, 0u32..5), 1..40)) {
            for weights in [Weights::Unweighted, Weights::Linear, Weights::Quadratic] {
                let (mut observed, mut expected) = (0.0, 0.0);
                for (i, _) in &pairs {
                    expected += pairs.iter().map(|(_, j)| weights.of(f64::from(*i), f64::from(*j))).sum::<f64>();
                }
                for (i, j) in &pairs {
                    observed += weights.of(f64::from(*i), f64::from(*j));
                }
                match cohen(&pairs, 5, weights) {
                    Ok(kappa) => {
                        let long = 1.0 - observed * pairs.len() as f64 / expected;
                        prop_assert!((kappa - long).abs() < 1e-9 && kappa <= 1.0);
                    }
                    Err(why) => prop_assert_eq!((why, expected), (Undefined::NoVariation, 0.0)),
                }
            }
        }

        #[test]
        fn neither_annotator_comes_first(pairs in prop::collection::vec((0u32..4, 0u32..4), 1..30)) {
            let turned: Vec<(u32, u32)> = pairs.iter().map(|(one, other)| (*other, *one)).collect();
            let (kappa, same) = (cohen(&pairs, 4, Weights::Linear), cohen(&turned, 4, Weights::Linear));
            prop_assert!((kappa.unwrap_or(2.0) - same.unwrap_or(2.0)).abs() < 1e-12);
        }
    }
}
