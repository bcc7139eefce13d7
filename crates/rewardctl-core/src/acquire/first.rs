//! The first batch, when there is no label to learn from: typical pairs first.
//!
//! Reference: G. Hacohen, A. Dekel, D. Weinshall, *Active learning on a budget* (arXiv 2202.02794): with few labels,
//! what is typical teaches more than what is uncertain.

use crate::acquire::kmeans::{distance, kmeans};
use crate::acquire::{Ask, Candidate, Pick, Why, drawn, fixed_shares, reserved};

/// Picks the first batch: the random share of `ask`, then one pair for each of as many clusters of embeddings as are left.
///
/// Of every other cluster it is the pair nearest to the centre, of those between, among the nearer half of the cluster,
/// the one whose mean margin is smallest. Pairs without an embedding are drawn at random only; where none has one, the
/// whole batch is drawn at random.
pub fn first(candidates: &[Candidate<'_>], ask: &Ask) -> Vec<Pick> {
    let mut picks = fixed_shares(candidates, ask);
    let mut left: Vec<(usize, &[f64])> = candidates
        .iter()
        .enumerate()
        .filter(|(at, candidate)| candidate.state.open() && picks.iter().all(|pick| pick.at != *at))
        .filter(|(_, candidate)| !reserved(candidate, ask.seed))
        .filter_map(|(at, candidate)| Some((at, candidate.embedding?)))
        .collect();
    left.sort_by_key(|(at, _)| candidates[*at].id);
    picks.extend(typical(candidates, &left, ask.size - picks.len(), ask.seed));
    let any = |candidate: &Candidate<'_>| candidate.state.open() && !reserved(candidate, ask.seed);
    for (at, why) in drawn(candidates, ask.seed, "begin", Why::Any, &any) {
        if picks.len() < ask.size && picks.iter().all(|taken| taken.at != at) {
            picks.push(Pick { at, why });
        }
    }
    picks
}

fn typical(candidates: &[Candidate<'_>], left: &[(usize, &[f64])], count: usize, seed: u64) -> Vec<Pick> {
    let vectors: Vec<&[f64]> = left.iter().map(|(_, embedding)| *embedding).collect();
    let clusters = kmeans(&vectors, count, seed);
    let mut picks = vec![];
    for (cluster, centre) in clusters.centres.iter().enumerate() {
        let mut members: Vec<(usize, f64)> = left
            .iter()
            .zip(&clusters.members)
            .filter(|(_, member)| **member == cluster)
            .map(|((at, embedding), _)| (*at, distance(embedding, centre)))
            .collect();
        let id = |at: usize| candidates[at].id;
        members.sort_by(|(a, one), (b, other)| one.total_cmp(other).then_with(|| id(*a).cmp(&id(*b))));
        let nearer = &members[..members.len().div_ceil(2)];
        let margin = |at: usize| candidates[at].mean.abs();
        let pick = match cluster % 2 {
            0 => nearer.first().map(|(at, _)| Pick { at: *at, why: Why::Typical { cluster } }),
            _ => nearer
                .iter()
                .min_by(|(a, _), (b, _)| margin(*a).total_cmp(&margin(*b)))
                .map(|(at, _)| Pick { at: *at, why: Why::Contested { cluster } }),
        };
        picks.extend(pick);
    }
    picks
}
