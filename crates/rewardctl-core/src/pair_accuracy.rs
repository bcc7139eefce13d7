//! How often scores prefer what people prefer, where either may see no difference.
//!
//! Three rules for ties, since they give different numbers: `strict` and `tie_half` leave out the pairs that people call
//! a tie, `equal` counts a tie as an answer of its own.
//!
//! Reference: D. Deutsch, G. Foster, M. Freitag, *Ties matter: meta-evaluating modern metrics with pairwise accuracy and
//! tie calibration*, arXiv 2305.14324.

use crate::label::Winner;

/// Two responses: by how much the first one scores higher, and which one people prefer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoredPair {
    /// The score of a less that of b; finite.
    pub margin: f64,
    /// What people prefer.
    pub label: Winner,
}

/// How often which preference of people met which of the scores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Confusion {
    counts: [[u64; 3]; 3],
}

const SIDES: [Winner; 3] = [Winner::A, Winner::B, Winner::Tie];

/// Counts the pairs; margins of at most `epsilon` either way are ties of the scores.
pub fn confusion(pairs: &[ScoredPair], epsilon: f64) -> Confusion {
    let mut confusion = Confusion::default();
    for pair in pairs {
        confusion.counts[place(pair.label)][place(predicted(pair.margin, epsilon))] += 1;
    }
    confusion
}

/// Returns the ε with which [`Confusion::equal`] is highest on these pairs, the smallest of several; None without pairs.
///
/// Tune it on other pairs than those it is judged on.
pub fn tuned_epsilon(pairs: &[ScoredPair]) -> Option<f64> {
    let mut sorted: Vec<&ScoredPair> = pairs.iter().collect();
    sorted.sort_by(|a, b| a.margin.abs().total_cmp(&b.margin.abs()));
    let (mut best, mut gain, mut most) = (0.0, 0i64, None);
    for group in sorted.chunk_by(|a, b| a.margin.abs() == b.margin.abs()) {
        let epsilon = group[0].margin.abs();
        // A margin of 0 is a tie whatever ε is.
        if epsilon > 0.0 && most.is_none() {
            most = Some(0);
        }
        for pair in group.iter().filter(|pair| pair.margin != 0.0) {
            gain += i64::from(pair.label == Winner::Tie);
            gain -= i64::from(pair.label == predicted(pair.margin, 0.0));
        }
        if most.is_none_or(|most| gain > most) {
            (best, most) = (epsilon, Some(gain));
        }
    }
    (!pairs.is_empty()).then_some(best)
}

impl Confusion {
    /// Returns how often people preferred `label` where the scores preferred `score`.
    pub fn count(&self, label: Winner, score: Winner) -> u64 {
        self.counts[place(label)][place(score)]
    }

    /// Returns the share of the pairs with a preference in which the scores have it too, their ties as wrong; None
    /// without such pairs.
    pub fn strict(&self) -> Option<f64> {
        self.of_preferences(0.0)
    }

    /// Returns the same with ties of the scores as half right.
    pub fn tie_half(&self) -> Option<f64> {
        self.of_preferences(0.5)
    }

    /// Returns the share of all pairs in which scores and people say the same, ties too; None without pairs.
    pub fn equal(&self) -> Option<f64> {
        let all: u64 = self.counts.iter().flatten().sum();
        let same: u64 = SIDES.iter().map(|side| self.count(*side, *side)).sum();
        (all > 0).then(|| same as f64 / all as f64)
    }

    fn of_preferences(&self, tie: f64) -> Option<f64> {
        let preferences = [Winner::A, Winner::B];
        let all: u64 = preferences.iter().map(|side| self.counts[place(*side)].iter().sum::<u64>()).sum();
        let right: u64 = preferences.iter().map(|side| self.count(*side, *side)).sum();
        let ties: u64 = preferences.iter().map(|side| self.count(*side, Winner::Tie)).sum();
        (all > 0).then(|| (right as f64 + tie * ties as f64) / all as f64)
    }
}

fn predicted(margin: f64, epsilon: f64) -> Winner {
    match margin {
        margin if margin.abs() <= epsilon => Winner::Tie,
        margin if margin > 0.0 => Winner::A,
        _ => Winner::B,
    }
}

fn place(side: Winner) -> usize {
    match side {
        Winner::A => 0,
        Winner::B => 1,
        Winner::Tie => 2,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(rows: &[(f64, Winner)]) -> Vec<ScoredPair> {
        rows.iter().map(|(margin, label)| ScoredPair { margin: *margin, label: *label }).collect()
    }

    #[test]
    fn each_rule_counts_ties_its_own_way() {
        use Winner::{A, B, Tie};
        let pairs = pairs(&[(2.0, A), (0.0, A), (-1.0, A), (-3.0, B), (0.1, Tie), (0.0, Tie)]);
        let counted = confusion(&pairs, 0.0);
        assert_eq!(
            (counted.strict(), counted.tie_half(), counted.equal()),
            (Some(0.5), Some(0.625), Some(0.5))
        );
        assert_eq!((counted.count(A, Tie), counted.count(Tie, A), counted.count(B, A)), (1, 1, 0));
        assert_eq!(tuned_epsilon(&pairs), Some(0.1));
        assert_eq!(confusion(&pairs, 0.1).equal(), Some(4.0 / 6.0));
    }

    #[test]
    fn nothing_compared_has_no_accuracy() {
        let none = confusion(&[], 0.0);
        assert_eq!((none.strict(), none.tie_half(), none.equal()), (None, None, None));
        assert_eq!(tuned_epsilon(&[]), None);
        let ties = pairs(&[(0.0, Winner::Tie), (1.0, Winner::Tie)]);
        assert_eq!((confusion(&ties, 0.0).strict(), tuned_epsilon(&ties)), (None, Some(1.0)));
    }

    proptest! {
        #[test]
        fn no_epsilon_is_better_than_the_tuned_one(rows in prop::collection::vec((-5i8..=5, 0usize..3), 1..40)) {
            let rows: Vec<(f64, Winner)> = rows.into_iter().map(|(m, l)| (f64::from(m), SIDES[l])).collect();
            let pairs = pairs(&rows);
            let tuned = tuned_epsilon(&pairs).unwrap();
            let best = (0..6).map(|e| (confusion(&pairs, f64::from(e)).equal(), e));
            let best = best.fold((None, 0), |best, next| if next.0 > best.0 { next } else { best });
            prop_assert_eq!(confusion(&pairs, tuned).equal(), best.0);
            prop_assert_eq!(tuned, f64::from(best.1));
        }
    }
}
