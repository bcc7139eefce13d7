//! Many tests at once: p-values adjusted so that false alarms stay as rare as promised.
//!
//! References: S. Holm, *A simple sequentially rejective multiple test procedure*, Scand. J. Statist. 6 (1979);
//! Y. Benjamini and Y. Hochberg, *Controlling the false discovery rate*, JRSS B 57 (1995).

use serde::{Deserialize, Serialize};

/// How p-values are adjusted for one another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Correction {
    /// The chance of any false alarm is bounded, whatever depends on what.
    #[default]
    Holm,
    /// The expected share of false ones among the alarms is bounded.
    BenjaminiHochberg,
    /// Each test stands for itself.
    None,
}

/// Returns the adjusted p-values, in the order of `p`; each is in 0..=1.
pub fn adjusted(p: &[f64], correction: Correction) -> Vec<f64> {
    match correction {
        Correction::Holm => holm(p),
        Correction::BenjaminiHochberg => benjamini_hochberg(p),
        Correction::None => p.to_vec(),
    }
}

/// With p sorted upward: `max over j ≤ i of (m − j + 1) p_j`.
fn holm(p: &[f64]) -> Vec<f64> {
    let mut adjusted = vec![0.0; p.len()];
    let mut most: f64 = 0.0;
    for (rank, at) in order(p).into_iter().enumerate() {
        most = most.max((p.len() - rank) as f64 * p[at]).min(1.0);
        adjusted[at] = most;
    }
    adjusted
}

/// With p sorted upward: `min over j ≥ i of m p_j / j`.
fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut adjusted = vec![0.0; p.len()];
    let mut least: f64 = 1.0;
    for (rank, at) in order(p).into_iter().enumerate().rev() {
        least = least.min(p.len() as f64 * p[at] / (rank + 1) as f64);
        adjusted[at] = least;
    }
    adjusted
}

fn order(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const P: [f64; 6] = [0.04, 0.001, 0.3, 0.012, 0.04, 0.9];

    fn check(correction: Correction, golden: [f64; 6]) {
        for (found, golden) in adjusted(&P, correction).into_iter().zip(golden) {
            assert!((found - golden).abs() < 1e-12, "{found}, not {golden}");
        }
    }

    /// Golden values: `scripts/golden/gates.py` (statsmodels, `multipletests`).
    #[test]
    fn agrees_with_statsmodels() {
        check(Correction::Holm, [0.16, 0.006, 0.6, 0.06, 0.16, 0.9]);
        check(Correction::BenjaminiHochberg, [0.06, 0.006, 0.36, 0.036, 0.06, 0.9]);
        check(Correction::None, P);
    }

    proptest! {
        #[test]
        fn adjusting_keeps_the_order_and_never_helps(p in prop::collection::vec(0.0..=1.0f64, 1..30)) {
            for correction in [Correction::Holm, Correction::BenjaminiHochberg] {
                let found = adjusted(&p, correction);
                for (a, x) in p.iter().enumerate() {
                    prop_assert!(found[a] >= *x - 1e-12 && found[a] <= 1.0);
                    for (b, y) in p.iter().enumerate() {
                        prop_assert!(x > y || found[a] <= found[b] + 1e-12);
                    }
                }
            }
        }
    }
}
