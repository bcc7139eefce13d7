//! The class that most annotators gave.

use crate::consensus::Consensus;
use crate::votes::Votes;

/// Returns the share of the votes of each class as its probability, and as an annotator's reliability the share of the
/// own votes that are their item's label.
///
/// Annotators count alike, and chance agreement is not taken off: both make it no more than a start.
pub fn majority(votes: &Votes) -> Consensus {
    let mut consensus = Consensus::new(votes.extent().classes, shares(votes), vec![], None);
    let mut right = vec![0.0; votes.extent().annotators];
    for vote in votes.all() {
        if consensus.labels[vote.item as usize] == vote.class {
            right[vote.annotator as usize] += 1.0;
        }
    }
    consensus.reliability =
        right.iter().zip(votes.counts()).map(|(right, count)| right / count as f64).collect();
    consensus
}

/// Returns the share of the votes of each class, item after item.
pub(crate) fn shares(votes: &Votes) -> Vec<f64> {
    let classes = votes.extent().classes;
    let mut shares = vec![0.0; votes.extent().items * classes];
    for (item, shares) in shares.chunks_exact_mut(classes).enumerate() {
        votes.of(item).iter().for_each(|vote| shares[vote.class as usize] += 1.0);
        // Counts are divided, not summed in parts: equal counts stay equal shares.
        shares.iter_mut().for_each(|share| *share /= votes.of(item).len() as f64);
    }
    shares
}
