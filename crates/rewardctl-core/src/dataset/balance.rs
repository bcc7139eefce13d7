//! Balance: length must not tell chosen from rejected, and both labels should weigh alike.

use serde::{Deserialize, Serialize};

/// Upper ends of the bins of `|ln(chosen length) − ln(rejected length)|`; each is about twice the one before.
const BINS: [f64; 6] = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6];

/// A pair, as balancing sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lengths {
    /// The difference of the logarithms of the lengths, chosen less rejected.
    pub delta: f32,
    /// How sure the row is; the least sure are dropped first.
    pub confidence: f32,
}

/// Returns which pairs are dropped, so that in each bin of differences as many have the longer answer chosen as rejected.
///
/// Of the sign that is more, the least sure go first, of equals the later.
pub fn drop_for_length(pairs: &[Lengths]) -> Vec<bool> {
    let mut dropped = vec![false; pairs.len()];
    for bin in 0..=BINS.len() {
        let of = |sign: f32| {
            let here = |at: &usize| pairs[*at].delta * sign > 0.0 && bin_of(pairs[*at].delta) == bin;
            (0..pairs.len()).filter(here).collect::<Vec<usize>>()
        };
        let (longer, shorter) = (of(1.0), of(-1.0));
        let surplus = longer.len().abs_diff(shorter.len());
        let mut more = if longer.len() > shorter.len() { longer } else { shorter };
        more.sort_by(|a, b| pairs[*a].confidence.total_cmp(&pairs[*b].confidence).then(b.cmp(a)));
        more.into_iter().take(surplus).for_each(|at| dropped[at] = true);
    }
    dropped
}

fn bin_of(delta: f32) -> usize {
    BINS.iter().position(|end| f64::from(delta.abs()) < *end).unwrap_or(BINS.len())
}

/// The greatest share by which desirable examples should outweigh undesirable ones (TRL's KTO documentation).
const MOST: f64 = 4.0 / 3.0;

/// Returns which rows are dropped, so that neither label is more than 4/3 of the other; the least sure go first.
pub fn drop_for_labels(rows: &[(bool, f32)]) -> Vec<bool> {
    let mut dropped = vec![false; rows.len()];
    let of = |good: bool| (0..rows.len()).filter(|at| rows[*at].0 == good).collect::<Vec<usize>>();
    let (good, bad) = (of(true), of(false));
    if good.is_empty() || bad.is_empty() {
        return dropped;
    }
    // Desirable rows may be up to 4/3 of the others; undesirable ones no more than desirable ones.
    let most_good = (bad.len() as f64 * MOST).floor() as usize;
    let (mut more, allowed) = if good.len() > bad.len() {
        (good, most_good)
    } else {
        let allowed = good.len();
        (bad, allowed)
    };
    more.sort_by(|a, b| rows[*a].1.total_cmp(&rows[*b].1).then(b.cmp(a)));
    let surplus = more.len().saturating_sub(allowed);
    more.into_iter().take(surplus).for_each(|at| dropped[at] = true);
    dropped
}

/// What KTO's two losses should weigh.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// Of desirable examples.
    pub desirable: f64,
    /// Of undesirable examples.
    pub undesirable: f64,
    /// `(w_D n_D) / (w_U n_U)`, in 1..=4/3.
    pub ratio: f64,
}

/// Recommends weights so that `(w_D n_D) / (w_U n_U)` lies in `1..=4/3`, in its middle where one must change; None where one
/// label is missing.
pub fn weights(desirable: u64, undesirable: u64) -> Option<Weights> {
    if desirable == 0 || undesirable == 0 {
        return None;
    }
    let ratio = desirable as f64 / undesirable as f64;
    let middle = f64::midpoint(1.0, MOST);
    let (d, u) = match ratio {
        fine if (1.0..=MOST).contains(&fine) => (1.0, 1.0),
        low if low < 1.0 => (middle / low, 1.0),
        high => (1.0, high / middle),
    };
    Some(Weights { desirable: d, undesirable: u, ratio: d * ratio / u })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(delta: f32, confidence: f32) -> Lengths {
        Lengths { delta, confidence }
    }

    #[test]
    fn the_least_sure_of_the_majority_go() {
        let pairs = [
            pair(0.3, 0.9),
            pair(0.25, 0.8),
            pair(0.35, 0.95),
            pair(-0.3, 0.8),
            pair(2.0, 0.9),
            pair(0.0, 0.1),
        ];
        assert_eq!(drop_for_length(&pairs), [true, true, false, false, true, false]);
    }

    #[test]
    fn labels_are_balanced_from_either_side() {
        let rows = |good: usize, bad: usize| {
            let rows: Vec<(bool, f32)> = (0..good + bad).map(|at| (at < good, at as f32)).collect();
            let dropped = drop_for_labels(&rows);
            let left =
                |side| rows.iter().zip(&dropped).filter(|(row, gone)| row.0 == side && !**gone).count();
            (left(true), left(false))
        };
        assert_eq!(rows(10, 3), (4, 3));
        assert_eq!(rows(3, 10), (3, 3));
        assert_eq!(rows(4, 3), (4, 3));
        assert_eq!(rows(4, 0), (4, 0));
    }

    #[test]
    fn weights_put_the_ratio_where_it_belongs() {
        for (good, bad) in [(10, 90), (90, 10), (40, 30), (30, 40), (1, 1)] {
            let found = weights(good, bad).unwrap();
            assert!((1.0..=MOST).contains(&found.ratio), "{good} {bad} {found:?}");
            let by_hand = found.desirable * good as f64 / (found.undesirable * bad as f64);
            assert!((by_hand - found.ratio).abs() < 1e-12);
        }
        assert_eq!(weights(40, 30).map(|w| (w.desirable, w.undesirable)), Some((1.0, 1.0)));
        assert_eq!(weights(0, 5), None);
    }
}
