//! How often each annotator's comparisons say the opposite of what they mean, or of what others would.
//!
//! `P(label) = (1 − ε_h) σ(m) + ε_h σ(−m)` with a Beta(2, 8) prior on `ε_h`, by expectation and maximisation: given
//! the margins, how likely each label is meant; given that, each person's rate and the fit.

use std::collections::BTreeMap;

use crate::fit::logistic::sigmoid;
use crate::learn::labels::{Labels, PairLabel};

/// The prior's pseudo-counts: one flip in eight more labels than there are.
const FLIPS: f64 = 1.0;
const LABELS: f64 = 8.0;
/// Rates are told apart only with two people who judged this many pairs in common.
const COMMON: usize = 20;

/// Tells whether the labels can tell people apart: two of them judged enough of the same pairs.
pub fn are_comparable(labels: &Labels) -> bool {
    let mut by_pair: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for pair in &labels.pairs {
        by_pair.entry((pair.a.min(pair.b), pair.a.max(pair.b))).or_default().push(pair.annotator);
    }
    let mut common: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for people in by_pair.values_mut() {
        people.sort_unstable();
        people.dedup();
        for (at, one) in people.iter().enumerate() {
            for other in &people[at + 1..] {
                *common.entry((*one, *other)).or_default() += 1;
            }
        }
    }
    common.values().any(|count| *count >= COMMON)
}

/// Returns, per label, the probability that it is meant as it stands, given the margins of `a` over `b`.
pub fn meant(pairs: &[PairLabel], margins: &[f64], rates: &[f64]) -> Vec<f64> {
    let each = pairs.iter().zip(margins);
    each.map(|(pair, margin)| {
        let rate = rates[pair.annotator];
        let likely = |p: f64| pair.target * p + (1.0 - pair.target) * (1.0 - p);
        let (as_is, flipped) = ((1.0 - rate) * likely(sigmoid(*margin)), rate * likely(sigmoid(-margin)));
        as_is / (as_is + flipped)
    })
    .collect()
}

/// Returns the rate of each of `people`, given how likely each label is meant.
pub fn rates(pairs: &[PairLabel], meant: &[f64], people: usize) -> Vec<f64> {
    let mut flips = vec![FLIPS; people];
    let mut labels = vec![LABELS; people];
    for (pair, meant) in pairs.iter().zip(meant) {
        // A tie is its own opposite, and tells nothing.
        let clear = (2.0 * pair.target - 1.0).abs();
        flips[pair.annotator] += clear * (1.0 - meant);
        labels[pair.annotator] += clear;
    }
    flips.iter().zip(&labels).map(|(flips, labels)| flips / labels).collect()
}

/// Returns the target of a label that is meant with probability `meant`.
pub fn corrected(target: f64, meant: f64) -> f64 {
    meant * target + (1.0 - meant) * (1.0 - target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(a: usize, annotator: usize, target: f64) -> PairLabel {
        PairLabel { a, b: a + 1, target, annotator }
    }

    #[test]
    fn who_contradicts_every_margin_flips() {
        let pairs: Vec<PairLabel> =
            (0..80).map(|n| label(n, n % 2, if n % 2 == 0 { 1.0 } else { 0.0 })).collect();
        let margins = vec![3.0; 80];
        let mut found = vec![0.1; 2];
        for _ in 0..50 {
            found = rates(&pairs, &meant(&pairs, &margins, &found), 2);
        }
        // Of 40 labels each: none and all are flips, with one in eight beside them.
        assert!(found[0] < 0.05 && found[1] > 0.8, "{found:?}");
    }

    #[test]
    fn a_tie_tells_nothing_of_flips() {
        let pairs = [label(0, 0, 0.5)];
        assert_eq!(rates(&pairs, &meant(&pairs, &[5.0], &[0.1]), 1), [0.125]);
    }

    #[test]
    fn twenty_common_pairs_make_people_comparable() {
        let both = |count: usize| Labels {
            pairs: (0..count).flat_map(|n| [label(2 * n, 0, 1.0), label(2 * n, 1, 1.0)]).collect(),
            annotators: vec!["ana".into(), "ben".into()],
            ..Labels::default()
        };
        assert!(!are_comparable(&both(19)) && are_comparable(&both(20)));
    }
}
