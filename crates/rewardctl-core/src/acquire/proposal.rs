//! Which pairs of an item's responses are worth proposing: all of them would be many, and most tell the same.

use crate::id::ContentId;
use crate::random;

/// Returns at most three pairs of the responses with these `means`, as places: the best against the second, the best
/// against the middle one, and one at random that differs from both. The place with the higher mean comes first.
///
/// `item` names the item, and the random pair hangs on it. Responses without a finite mean take no part.
pub fn proposed(means: &[f64], item: ContentId, seed: u64) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..means.len()).filter(|at| means[*at].is_finite()).collect();
    order.sort_by(|a, b| means[*b].total_cmp(&means[*a]).then(a.cmp(b)));
    let (Some(best), Some(second)) = (order.first(), order.get(1)) else { return vec![] };
    let mut pairs = vec![(*best, *second)];
    let middle = (*best, order[order.len() / 2]);
    if !pairs.contains(&middle) {
        pairs.push(middle);
    }
    let ranks =
        (0..order.len()).flat_map(|better| (better + 1..order.len()).map(move |worse| (better, worse)));
    let others: Vec<(usize, usize)> =
        ranks.map(|(a, b)| (order[a], order[b])).filter(|pair| !pairs.contains(pair)).collect();
    if !others.is_empty() {
        pairs.push(others[random::index(seed, "proposed pair", item, others.len())]);
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(means: &[f64], expected: usize) -> Vec<(usize, usize)> {
        let pairs = proposed(means, ContentId::of("t", [b"item".as_slice()]), 7);
        assert_eq!(pairs.len(), expected, "{pairs:?}");
        assert!(pairs.iter().all(|(better, worse)| means[*better] >= means[*worse] && better != worse));
        pairs
    }

    #[test]
    fn three_pairs_say_enough() {
        assert_eq!(check(&[0.2, 0.9, 0.5, 0.7, 0.1], 3)[..2], [(1, 3), (1, 2)]);
        assert_eq!(check(&[0.2, 0.9], 1), [(1, 0)]);
        check(&[0.2, 0.9, 0.5], 2);
        check(&[0.5, 0.5, 0.5, 0.5], 3);
        check(&[0.2], 0);
        check(&[], 0);
        check(&[f64::NAN, 0.9, 0.1], 1);
    }
}
