//! Rank correlations, with ties.
//!
//! References: C. Spearman, *The proof and measurement of association between two things*, Am. J. Psychol. 15 (1904),
//! as Pearson's correlation of average ranks; M. G. Kendall, *The treatment of ties in ranking problems*, Biometrika 33
//! (1945), for tau-b; W. R. Knight, *A computer method for calculating Kendall's tau with ungrouped data*, JASA 61
//! (1966), for its count of inversions.

/// Points with two values each, of which only the order counts.
#[derive(Debug, Clone)]
pub struct Ranked {
    x: Dense,
    y: Dense,
}

/// Ranks without gaps: equal values share one.
#[derive(Debug, Clone)]
struct Dense {
    ranks: Vec<usize>,
    distinct: usize,
}

impl Ranked {
    /// Ranks `x` and `y`, which are of the same length and have no NaN.
    pub fn new(x: &[f64], y: &[f64]) -> Self {
        debug_assert_eq!(x.len(), y.len());
        Self { x: Dense::new(x), y: Dense::new(y) }
    }

    /// Returns Spearman's correlation; None where either side does not vary.
    pub fn spearman(&self) -> Option<f64> {
        self.weighted_spearman(&vec![1; self.x.ranks.len()])
    }

    /// Returns Spearman's correlation with each point taken as often as `weights` says.
    pub fn weighted_spearman(&self, weights: &[u32]) -> Option<f64> {
        let (x, y) = (self.x.average_ranks(weights), self.y.average_ranks(weights));
        let count: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
        // Average ranks keep the mean of the ranks 1..=n, whatever the ties.
        let mean = (count + 1.0) / 2.0;
        let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
        for ((x_rank, y_rank), weight) in self.x.ranks.iter().zip(&self.y.ranks).zip(weights) {
            let (dx, dy, weight) = (x[*x_rank] - mean, y[*y_rank] - mean, f64::from(*weight));
            xx += weight * dx * dx;
            yy += weight * dy * dy;
            xy += weight * dx * dy;
        }
        (xx > 0.0 && yy > 0.0).then(|| (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
    }

    /// Returns Kendall's tau-b; None where either side does not vary.
    ///
    /// `(C − D) / √((n₀ − n₁)(n₀ − n₂))`, with C and D the concordant and discordant pairs, n₀ all pairs, and n₁ and n₂
    /// those tied in x and in y. Takes `O(n log n)`.
    pub fn kendall(&self) -> Option<f64> {
        let mut points: Vec<(usize, usize)> =
            self.x.ranks.iter().copied().zip(self.y.ranks.iter().copied()).collect();
        points.sort_unstable();
        let all = pairs(points.len() as u64);
        let tied_x = tied(points.iter().map(|(x, _)| *x));
        let tied_both = tied(points.iter().copied());
        let mut y: Vec<usize> = points.into_iter().map(|(_, y)| y).collect();
        let discordant = sort_counting(&mut y);
        let tied_y = tied(y.into_iter());
        let scale = ((all - tied_x) as f64).sqrt() * ((all - tied_y) as f64).sqrt();
        let untied = (all + tied_both) as f64 - (tied_x + tied_y) as f64;
        (scale > 0.0).then(|| ((untied - 2.0 * discordant as f64) / scale).clamp(-1.0, 1.0))
    }
}

impl Dense {
    fn new(values: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        let (mut ranks, mut distinct) = (vec![0; values.len()], 0);
        for (n, at) in order.iter().enumerate() {
            if n > 0 && values[order[n - 1]] != values[*at] {
                distinct += 1;
            }
            ranks[*at] = distinct;
        }
        Self { ranks, distinct: distinct + 1 }
    }

    /// Returns the average rank behind each dense one.
    fn average_ranks(&self, weights: &[u32]) -> Vec<f64> {
        let mut averages = vec![0.0; self.distinct];
        for (rank, weight) in self.ranks.iter().zip(weights) {
            averages[*rank] += f64::from(*weight);
        }
        let mut before = 0.0;
        for average in &mut averages {
            let count = *average;
            *average = before + (count + 1.0) / 2.0;
            before += count;
        }
        averages
    }
}

fn pairs(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}

/// Counts the pairs of equal values of a sorted list.
fn tied<T: PartialEq>(sorted: impl Iterator<Item = T>) -> u64 {
    let (mut total, mut run, mut last) = (0, 0, None);
    for value in sorted {
        run = if last.as_ref() == Some(&value) { run + 1 } else { 0 };
        total += run;
        last = Some(value);
    }
    total
}

/// Sorts by merging, and counts the pairs that stood in falling order.
fn sort_counting(values: &mut [usize]) -> u64 {
    if values.len() < 2 {
        return 0;
    }
    let middle = values.len() / 2;
    let (left, right) = values.split_at_mut(middle);
    let mut swaps = sort_counting(left) + sort_counting(right);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut l, mut r) = (0, 0);
    while l < left.len() && r < right.len() {
        if left[l] <= right[r] {
            merged.push(left[l]);
            l += 1;
        } else {
            merged.push(right[r]);
            r += 1;
            swaps += (left.len() - l) as u64;
        }
    }
    merged.extend_from_slice(&left[l..]);
    merged.extend_from_slice(&right[r..]);
    values.copy_from_slice(&merged);
    swaps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const X: [f64; 12] = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0, 5.0, 8.0];
    const Y: [f64; 12] = [2.0, 7.0, 1.0, 8.0, 2.0, 8.0, 1.0, 8.0, 2.0, 8.0, 4.0, 5.0];
    /// `X` and `Y` with the second point left out and the third taken three times.
    const WEIGHTS: [u32; 12] = [1, 0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1];

    /// Golden values: `scripts/golden/ranks_and_shares.py` (scipy, `spearmanr` and `kendalltau`).
    #[test]
    fn agrees_with_scipy() {
        let ranked = Ranked::new(&X, &Y);
        assert!((ranked.spearman().unwrap() - SPEARMAN).abs() < 1e-12);
        assert!((ranked.weighted_spearman(&WEIGHTS).unwrap() - WEIGHTED_SPEARMAN).abs() < 1e-12);
        assert!((ranked.kendall().unwrap() - KENDALL).abs() < 1e-12);
    }
    const SPEARMAN: f64 = 0.141_579_686_364_015_7;
    const WEIGHTED_SPEARMAN: f64 = 0.286_397_647_095_443_35;
    const KENDALL: f64 = 0.171_096_477_707_288_75;

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        for (x, y) in [(&[][..], &[][..]), (&[1.0], &[2.0]), (&[1.0, 1.0], &[1.0, 2.0])] {
            let ranked = Ranked::new(x, y);
            assert_eq!((ranked.spearman(), ranked.kendall()), (None, None));
        }
    }

    proptest! {
        #[test]
        fn tau_is_what_counting_all_pairs_gives(points in prop::collection::vec((0u8..6, 0u8..6), 2..40)) {
            let (x, y): (Vec<f64>, Vec<f64>) =
                points.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).unzip();
            let (mut sum, mut untied_x, mut untied_y) = (0.0, 0.0, 0.0);
            for i in 0..x.len() {
                for j in 0..i {
                    let sign = |values: &[f64]| (values[i] - values[j]).signum() * f64::from(u8::from(values[i] != values[j]));
                    sum += sign(&x) * sign(&y);
                    untied_x += sign(&x).abs();
                    untied_y += sign(&y).abs();
                }
            }
            let scale: f64 = untied_x * untied_y;
            match Ranked::new(&x, &y).kendall() {
                Some(tau) => prop_assert!((tau - sum / scale.sqrt()).abs() < 1e-9),
                None => prop_assert_eq!(scale, 0.0),
            }
        }

        #[test]
        fn only_the_order_counts(points in prop::collection::vec((0u8..9, 0u8..9), 2..30)) {
            let (x, y): (Vec<f64>, Vec<f64>) =
                points.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).unzip();
            let stretched: Vec<f64> = x.iter().map(|x| x.exp()).collect();
            let turned: Vec<f64> = y.iter().map(|y| -y).collect();
            let (one, other) = (Ranked::new(&x, &y).spearman(), Ranked::new(&stretched, &turned).spearman());
            prop_assert_eq!(one.is_some(), other.is_some());
            if let (Some(one), Some(other)) = (one, other) {
                prop_assert!((one + other).abs() < 1e-9);
            }
        }
    }
}
