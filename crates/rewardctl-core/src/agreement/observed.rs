//! The bare share of equal labels; chance is not taken off.

use crate::agreement::Undefined;
use crate::votes::{Vote, Votes};

/// Returns the share of the pairs of labels of one item that are equal, each item counting once, in 0..=1.
///
/// `mean over items of Σ_c n_c (n_c − 1) / (m (m − 1))`, with m labels of the item and n_c of class c; items with one
/// label say nothing. It is the observed part of Fleiss' kappa.
pub fn observed(votes: &Votes) -> Result<f64, Undefined> {
    let shares: Vec<f64> = (0..votes.extent().items).filter_map(|item| share(votes.of(item))).collect();
    if shares.is_empty() {
        return Err(Undefined::NoOverlap);
    }
    Ok(shares.iter().sum::<f64>() / shares.len() as f64)
}

/// Returns the share of equal pairs of `votes`; None of fewer than two.
fn share(votes: &[Vote]) -> Option<f64> {
    let mut classes: Vec<u32> = votes.iter().map(|vote| vote.class).collect();
    classes.sort_unstable();
    let equal: usize = classes.chunk_by(|a, b| a == b).map(|run| run.len() * (run.len() - 1)).sum();
    let pairs = votes.len() * votes.len().saturating_sub(1);
    (pairs > 0).then(|| equal as f64 / pairs as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::votes::tests::table;

    #[test]
    fn items_count_once_and_single_labels_not_at_all() {
        let rows = [vec![Some(0), Some(0), Some(1)], vec![Some(1), Some(1), None], vec![Some(0), None, None]];
        assert_eq!(observed(&table(2, &rows)), Ok((1.0 / 3.0 + 1.0) / 2.0));
        assert_eq!(observed(&table(1, &[vec![Some(0)]])), Err(Undefined::NoOverlap));
    }
}
