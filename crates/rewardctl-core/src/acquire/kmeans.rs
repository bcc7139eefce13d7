//! Clusters of vectors, the same for the same seed.
//!
//! References: S. Lloyd, IEEE Transactions on Information Theory 28 (1982); D. Arthur and S. Vassilvitskii,
//! *k-means++* (SODA 2007), for the first centres.

use crate::stream::Stream;

/// Clusters of vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Clusters {
    /// The mean of each cluster.
    pub centres: Vec<Vec<f64>>,
    /// Per vector, its cluster; empty without clusters.
    pub members: Vec<usize>,
}

/// Passes after which clusters hardly change any more.
const PASSES: usize = 50;

/// Returns at most `count` clusters of `vectors`, which have one length; fewer where fewer vectors differ.
///
/// The result depends on the order of `vectors`; callers sort them by id. Cost: vectors · count · length a pass.
pub fn kmeans(vectors: &[&[f64]], count: usize, seed: u64) -> Clusters {
    let mut centres = first_centres(vectors, count, &mut Stream::of(seed, "kmeans", 0));
    if centres.is_empty() {
        return Clusters { centres, members: vec![] };
    }
    let mut members = vec![0; vectors.len()];
    for _ in 0..PASSES {
        let nearest: Vec<usize> = vectors.iter().map(|vector| nearest(vector, &centres)).collect();
        let settled = nearest == members;
        members = nearest;
        centres = means(vectors, &members, centres);
        if settled {
            break;
        }
    }
    Clusters { centres, members }
}

/// Returns the square of the distance of two vectors.
pub fn distance(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum()
}

fn first_centres(vectors: &[&[f64]], count: usize, stream: &mut Stream) -> Vec<Vec<f64>> {
    let Some(first) = (!vectors.is_empty() && count > 0).then(|| vectors[stream.below(vectors.len())]) else {
        return vec![];
    };
    let mut centres = vec![first.to_vec()];
    let mut distances: Vec<f64> = vectors.iter().map(|vector| distance(vector, first)).collect();
    while centres.len() < count {
        let total: f64 = distances.iter().sum();
        if !(total > 0.0 && total.is_finite()) {
            break;
        }
        let next = vectors[drawn(&distances, stream.unit() * total)];
        for (nearest, vector) in distances.iter_mut().zip(vectors) {
            *nearest = nearest.min(distance(vector, next));
        }
        centres.push(next.to_vec());
    }
    centres
}

/// Returns the place up to which the sum of `weights` first exceeds `target`.
fn drawn(weights: &[f64], target: f64) -> usize {
    let mut sum = 0.0;
    let last = weights.iter().rposition(|weight| *weight > 0.0).unwrap_or(0);
    for (at, weight) in weights.iter().enumerate() {
        sum += weight;
        if sum > target && *weight > 0.0 {
            return at;
        }
    }
    last
}

fn nearest(vector: &[f64], centres: &[Vec<f64>]) -> usize {
    let mut best = (0, f64::INFINITY);
    for (at, centre) in centres.iter().enumerate() {
        let distance = distance(vector, centre);
        if distance < best.1 {
            best = (at, distance);
        }
    }
    best.0
}

/// Returns the mean of each cluster; a cluster without members keeps its centre.
fn means(vectors: &[&[f64]], members: &[usize], centres: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let mut sums: Vec<Vec<f64>> = centres.iter().map(|centre| vec![0.0; centre.len()]).collect();
    let mut counts = vec![0usize; centres.len()];
    for (vector, cluster) in vectors.iter().zip(members) {
        counts[*cluster] += 1;
        sums[*cluster].iter_mut().zip(*vector).for_each(|(sum, value)| *sum += value);
    }
    let of = |((sum, count), old): ((Vec<f64>, usize), Vec<f64>)| match count {
        0 => old,
        count => sum.into_iter().map(|sum| sum / count as f64).collect(),
    };
    sums.into_iter().zip(counts).zip(centres).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three clouds far from each other, of 5, 10 and 15 vectors.
    fn clouds() -> Vec<Vec<f64>> {
        let mut stream = Stream::of(7, "clouds", 0);
        let centre = |at: usize| [(0.0, 0.0), (20.0, 0.0), (0.0, 20.0)][at];
        let mut cloud = |at: usize, count: usize| -> Vec<Vec<f64>> {
            (0..count).map(|_| vec![centre(at).0 + stream.normal(), centre(at).1 + stream.normal()]).collect()
        };
        [cloud(0, 5), cloud(1, 10), cloud(2, 15)].concat()
    }

    #[test]
    fn clouds_are_found_whatever_the_seed() {
        let clouds = clouds();
        let vectors: Vec<&[f64]> = clouds.iter().map(Vec::as_slice).collect();
        for seed in 0..20 {
            let found = kmeans(&vectors, 3, seed);
            for cloud in [0..5, 5..15, 15..30] {
                assert!(cloud.clone().all(|at| found.members[at] == found.members[cloud.start]), "{found:?}");
            }
            assert_eq!(found, kmeans(&vectors, 3, seed));
        }
    }

    #[test]
    fn there_are_no_more_clusters_than_vectors_that_differ() {
        let same = [1.0, 2.0];
        assert_eq!(kmeans(&[&same, &same, &same], 3, 0).centres, vec![vec![1.0, 2.0]]);
        assert_eq!(kmeans(&[], 3, 0).centres.len(), 0);
        assert_eq!(kmeans(&[&same], 0, 0).centres.len(), 0);
    }
}
