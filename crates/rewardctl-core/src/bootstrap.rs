//! The bootstrap over clusters: whole prompts are drawn again, since responses to one prompt are not independent.
//!
//! References: B. Efron and R. Tibshirani, *An Introduction to the Bootstrap* (1993), chapter 13, for percentile
//! intervals; C. A. Field and A. H. Welsh, *Bootstrapping clustered data*, JRSS B 69 (2007), for drawing clusters.

use crate::stream::Stream;

/// Samples drawn: the ends of a 95 % interval then rest on 12 samples each beyond them.
const SAMPLES: usize = 500;

/// Of these, as many must have a statistic.
const LEAST_SAMPLES: usize = SAMPLES - SAMPLES / 20;

/// Returns the 95 % percentile interval of `statistic`, which is told how often each of `clusters` was drawn.
///
/// None with fewer than two clusters, and where more than a few samples have no statistic: those that have one would
/// then tell of themselves alone.
pub fn interval(clusters: usize, seed: u64, statistic: impl Fn(&[u32]) -> Option<f64>) -> Option<(f64, f64)> {
    let [interval] = intervals(clusters, seed, |drawn| [statistic(drawn)]);
    interval
}

/// Returns the interval of the mean of values that each stand alone.
pub fn mean_interval(values: &[f64], seed: u64) -> Option<(f64, f64)> {
    interval(values.len(), seed, |drawn| {
        let times = |(value, drawn): (&f64, &u32)| value * f64::from(*drawn);
        Some(values.iter().zip(drawn).map(times).sum::<f64>() / values.len() as f64)
    })
}

/// Returns how often what stands between two clusters is in a sample: as often as their numbers multiply; what lies in one
/// cluster, as often as that.
///
/// Reference: A. B. Owen, *The pigeonhole bootstrap*, Annals of Applied Statistics 1 (2007): on the safe side.
pub fn times(drawn: &[u32], [one, other]: [usize; 2]) -> u32 {
    if one == other { drawn[one] } else { drawn[one] * drawn[other] }
}

/// Returns the intervals of several statistics of the same samples, each as [`interval`] gives it.
pub fn intervals<const N: usize>(
    clusters: usize,
    seed: u64,
    statistics: impl Fn(&[u32]) -> [Option<f64>; N],
) -> [Option<(f64, f64)>; N] {
    let mut values = [const { Vec::new() }; N];
    samples(clusters, seed, |drawn| {
        for (values, value) in values.iter_mut().zip(statistics(drawn)) {
            values.extend(value);
        }
    });
    values.map(percentiles)
}

/// Returns the intervals of a list of `count` statistics of the same samples, each as [`interval`] gives it.
pub fn interval_list(
    clusters: usize,
    seed: u64,
    count: usize,
    statistics: impl Fn(&[u32]) -> Vec<Option<f64>>,
) -> Vec<Option<(f64, f64)>> {
    let mut columns = vec![vec![]; count];
    samples(clusters, seed, |drawn| {
        for (values, value) in columns.iter_mut().zip(statistics(drawn)) {
            values.extend(value);
        }
    });
    columns.into_iter().map(percentiles).collect()
}

/// Draws the samples; none with fewer than two clusters.
fn samples(clusters: usize, seed: u64, mut each: impl FnMut(&[u32])) {
    if clusters < 2 {
        return;
    }
    let mut stream = Stream::new(seed);
    let mut drawn = vec![0u32; clusters];
    for _ in 0..SAMPLES {
        drawn.fill(0);
        for _ in 0..clusters {
            drawn[stream.below(clusters)] += 1;
        }
        each(&drawn);
    }
}

fn percentiles(mut values: Vec<f64>) -> Option<(f64, f64)> {
    if values.len() < LEAST_SAMPLES {
        return None;
    }
    values.sort_by(f64::total_cmp);
    Some((quantile(&values, 0.025), quantile(&values, 0.975)))
}

/// Returns the quantile of sorted values, linear between neighbours.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + part * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(values: &[f64], drawn: &[u32]) -> Option<f64> {
        let count: f64 = drawn.iter().map(|n| f64::from(*n)).sum();
        let sum: f64 = values.iter().zip(drawn).map(|(value, n)| value * f64::from(*n)).sum();
        Some(sum / count)
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_the_normal_distribution() {
        let values: Vec<f64> = (0..400).map(|n| f64::from(n % 20)).collect();
        let (low, high) = interval(values.len(), 7, |drawn| mean(&values, drawn)).unwrap();
        // The standard error is 5.766 / √400.
        let half = 1.96 * 0.288;
        assert!((low - (9.5 - half)).abs() < 0.1 && (high - (9.5 + half)).abs() < 0.1, "{low} {high}");
        assert_eq!(interval(values.len(), 7, |drawn| mean(&values, drawn)), Some((low, high)));
    }

    #[test]
    fn one_cluster_or_no_statistic_has_no_interval() {
        assert_eq!(interval(1, 0, |_| Some(1.0)), None);
        assert_eq!(interval(9, 0, |_| None), None);
        // The first cluster alone makes a statistic possible, and a third of the samples miss it.
        assert_eq!(interval(9, 0, |drawn| (drawn[0] > 0).then_some(1.0)), None);
    }
}
