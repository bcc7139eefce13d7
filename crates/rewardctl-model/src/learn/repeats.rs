//! How much labels count of which several people gave one on the same thing.
//!
//! Where a model of the critics is wrong about a response, it is wrong for everyone who judged it: their labels are no
//! independent evidence of the weights. Labels whose errors correlate by ρ count as `m / (1 + (m − 1)ρ)` of m (the design
//! effect: L. Kish, *Survey Sampling*, 1965).

use std::collections::BTreeMap;

use crate::learn::labels::Labels;

/// What is believed of the correlation before any label, and how many pairs of labels that belief weighs.
const BELIEVED: f64 = 0.5;
const BELIEF: f64 = 20.0;

/// What the labels are of: per comparison and per rating, how many there are of the same responses.
#[derive(Debug)]
pub struct Repeats {
    pairs: Vec<Vec<usize>>,
    // Per comparison, whether it names the two responses the other way round.
    turned: Vec<bool>,
    ratings: Vec<Vec<usize>>,
}

/// A number for each comparison, and one for each rating.
#[derive(Debug)]
pub struct Each {
    /// Per comparison.
    pub pairs: Vec<f64>,
    /// Per rating.
    pub ratings: Vec<f64>,
}

impl Repeats {
    /// Finds the labels of the same responses.
    pub fn of(labels: &Labels) -> Self {
        let ratings = labels.ratings.iter().map(|rating| (rating.response, rating.scale));
        let comparisons = Self::of_pairs(labels.pairs.iter().map(|pair| (pair.a, pair.b)));
        Self { ratings: alike(ratings), ..comparisons }
    }

    /// Finds the comparisons of the same responses.
    pub fn of_pairs(pairs: impl Iterator<Item = (usize, usize)> + Clone) -> Self {
        let turned = pairs.clone().map(|(a, b)| a > b).collect();
        Self { pairs: alike(pairs.map(|(a, b)| (a.min(b), a.max(b)))), turned, ratings: vec![] }
    }

    /// Tells whether anything has several labels.
    pub fn is_any(&self) -> bool {
        self.pairs.iter().chain(&self.ratings).any(|same| same.len() > 1)
    }

    /// Returns what each label weighs, given by how much each lies off what was expected of it. The error of a comparison
    /// is that of its first response, whichever that is of the two.
    pub fn weights(&self, errors: &Each) -> Each {
        let one_way = self.turned.iter().zip(&errors.pairs);
        let one_way: Vec<f64> =
            one_way.map(|(turned, error)| if *turned { -error } else { *error }).collect();
        let weights = |same: &[Vec<usize>], errors: &[f64]| {
            let correlation = correlation(same, errors);
            let mut weights = vec![1.0; errors.len()];
            for places in same {
                let weight = 1.0 / (1.0 + (places.len() - 1) as f64 * correlation);
                places.iter().for_each(|place| weights[*place] = weight);
            }
            weights
        };
        Each { pairs: weights(&self.pairs, &one_way), ratings: weights(&self.ratings, &errors.ratings) }
    }
}

/// The places of each key.
fn alike(keys: impl Iterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let mut found: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    keys.enumerate().for_each(|(place, key)| found.entry(key).or_default().push(place));
    found.into_values().collect()
}

/// The correlation of errors of the same thing, in 0 to 1, around zero and drawn to what is believed of it.
fn correlation(same: &[Vec<usize>], errors: &[f64]) -> f64 {
    let square = errors.iter().map(|error| error * error).sum::<f64>() / errors.len().max(1) as f64;
    let (mut products, mut pairs) = (BELIEF * BELIEVED, BELIEF);
    for places in same.iter().filter(|places| places.len() > 1 && square > 0.0) {
        let sum: f64 = places.iter().map(|place| errors[*place]).sum();
        let squares: f64 = places.iter().map(|place| errors[*place].powi(2)).sum();
        products += (sum * sum - squares) / 2.0 / square;
        pairs += (places.len() * (places.len() - 1) / 2) as f64;
    }
    (products / pairs).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::labels::PairLabel;

    fn labels(of: &[(usize, usize)]) -> Labels {
        let pairs = of.iter().map(|(a, b)| PairLabel { a: *a, b: *b, target: 1.0, annotator: 0 });
        Labels { pairs: pairs.collect(), ..Labels::default() }
    }

    fn weights(of: &[(usize, usize)], errors: &[f64]) -> Vec<f64> {
        let labels = labels(of);
        let errors = Each { pairs: errors.to_vec(), ratings: vec![] };
        Repeats::of(&labels).weights(&errors).pairs
    }

    #[test]
    fn one_label_each_is_one_label() {
        assert_eq!(weights(&[(0, 1), (2, 3)], &[0.3, -0.4]), [1.0, 1.0]);
        assert!(!Repeats::of(&labels(&[(0, 1), (2, 3)])).is_any());
    }

    #[test]
    fn who_errs_alike_counts_once_and_who_errs_apart_counts_twice() {
        let of: Vec<(usize, usize)> = (0..400).map(|n| (n / 2 * 2, n / 2 * 2 + 1)).collect();
        let alike: Vec<f64> = (0..400).map(|n| if n / 2 % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let apart: Vec<f64> = (0..400).map(|n| if n % 2 == 0 { 1.0 } else { -1.0 }).collect();
        // 200 pairs of labels that agree, and 20 believed ones: (200 + 10) / 220.
        assert!((weights(&of, &alike)[0] - 1.0 / (1.0 + 210.0 / 220.0)).abs() < 1e-12);
        assert_eq!(weights(&of, &apart)[0], 1.0);
    }

    #[test]
    fn the_order_of_a_comparison_does_not_matter() {
        let straight = weights(&[(0, 1), (0, 1)], &[0.5, 0.5]);
        assert_eq!(straight, weights(&[(0, 1), (1, 0)], &[0.5, -0.5]));
    }
}
