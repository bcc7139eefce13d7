//! How often scores prefer what people prefer, with ties in three ways.

use std::collections::BTreeMap;

use rewardctl_core::id::ContentId;
use rewardctl_core::label::Winner;
use rewardctl_core::pair_accuracy::{Confusion, ScoredPair, confusion, tuned_epsilon};
use rewardctl_core::random::index;
use rewardctl_data::measured::scored_pair::ScoredPairRow;
use serde::Serialize;

/// What scored pairs came to.
#[derive(Debug, Clone, Serialize)]
pub struct PairsReport {
    /// Pairs with both scores and a label.
    pub pairs: usize,
    /// Pairs without a score or a label, in no figure.
    pub left_out: usize,
    /// The share of labelled preferences that the scores have too, ties of scores as wrong.
    pub strict: Option<f64>,
    /// The same with ties of scores as half right.
    pub tie_half: Option<f64>,
    /// The share of all pairs with the same answer, ties too, with scores that are exactly equal as ties.
    pub equal: Option<f64>,
    /// The same with a threshold for ties, tuned on one half of the groups and used on the other, both ways round.
    pub equal_tuned: Option<f64>,
    /// The two thresholds.
    pub epsilon: Option<[f64; 2]>,
    /// The pairs by what people said (first) and what the scores say, without a threshold.
    pub confusion: BTreeMap<String, u64>,
}

/// Returns the accuracies of scored pairs; the halves derive from `seed`.
pub fn pairs(rows: &[ScoredPairRow], seed: u64) -> PairsReport {
    let usable = |row: &ScoredPairRow| Some((row.group.clone(), row.score_a?, row.score_b?, row.label?));
    let mut usable: Vec<_> = rows.iter().filter_map(usable).collect();
    // Sorted, so that the order of the rows leaves no trace in the halves.
    usable.sort_by(|(group, a, b, label), (other, c, d, said)| {
        let by_score = a.total_cmp(c).then(b.total_cmp(d));
        group.cmp(other).then(by_score).then((*label as u8).cmp(&(*said as u8)))
    });
    let mut halves: [Vec<ScoredPair>; 2] = [vec![], vec![]];
    for (at, (group, a, b, label)) in usable.into_iter().enumerate() {
        let id = match group {
            Some(group) => ContentId::of("group", [group.as_bytes()]),
            None => ContentId::of("pair", [at.to_le_bytes().as_slice()]),
        };
        halves[index(seed, "tie calibration", id, 2)].push(ScoredPair { margin: a - b, label });
    }
    let all: Vec<ScoredPair> = halves.iter().flatten().copied().collect();
    let counted = confusion(&all, 0.0);
    let epsilon =
        tuned_epsilon(&halves[1]).zip(tuned_epsilon(&halves[0])).map(|(first, second)| [first, second]);
    let equal_tuned = epsilon.and_then(|[first, second]| {
        let share = |half: &[ScoredPair], epsilon| {
            Some(confusion(half, epsilon).equal()? * half.len() as f64 / all.len() as f64)
        };
        Some(share(&halves[0], first)? + share(&halves[1], second)?)
    });
    PairsReport {
        pairs: all.len(),
        left_out: rows.len() - all.len(),
        strict: counted.strict(),
        tie_half: counted.tie_half(),
        equal: counted.equal(),
        equal_tuned,
        epsilon,
        confusion: table(&counted),
    }
}

fn table(counted: &Confusion) -> BTreeMap<String, u64> {
    let sides = [("a", Winner::A), ("b", Winner::B), ("tie", Winner::Tie)];
    let cells = sides.iter().flat_map(|label| sides.iter().map(move |score| (label, score)));
    cells
        .map(|(label, score)| (format!("{}/{}", label.0, score.0), counted.count(label.1, score.1)))
        .collect()
}
