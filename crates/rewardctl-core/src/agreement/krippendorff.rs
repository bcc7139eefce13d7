//! Agreement of any number of annotators, with gaps, on four levels of measurement.
//!
//! Reference: K. Krippendorff, *Computing Krippendorff's alpha-reliability* (2011), and *Content Analysis* (4th ed.,
//! 2018), chapter 12.

use crate::agreement::Undefined;
use crate::bootstrap;
use crate::votes::Votes;

/// The most distinct values for which ratios are gone through pair by pair.
pub const MOST_RATIO_VALUES: usize = 1000;

/// What the difference of two labels means; values belong to the classes, in their order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level<'a> {
    /// Different or not: `δ² = [c ≠ k]`.
    Nominal,
    /// How many labels lie between: `δ² = (Σ_{g=c..k} n_g − (n_c + n_k)/2)²`, with the classes in their order.
    Ordinal,
    /// Their distance: `δ² = (c − k)²`.
    Interval(&'a [f64]),
    /// Their distance in relation to their size: `δ² = ((c − k)/(c + k))²`; values are at least 0.
    Ratio(&'a [f64]),
}

/// What alpha is computed from: the items with at least two labels.
#[derive(Debug, Clone)]
pub struct Krippendorff {
    difference: Difference,
    classes: usize,
    units: Vec<Unit>,
    /// The classes of each unit with how often it has them, unit after unit.
    counts: Vec<(u32, f64)>,
}

/// An item with at least two labels.
#[derive(Debug, Clone)]
struct Unit {
    labels: f64,
    /// Where its counts end.
    end: usize,
    /// What its labels disagree by; of ordinal labels that depends on all units.
    disagreement: f64,
}

#[derive(Debug, Clone)]
enum Difference {
    Nominal,
    Ordinal,
    Interval(Vec<f64>),
    Ratio(Vec<f64>),
}

impl Krippendorff {
    /// Prepares the figure for the labels at `level`, which has a value for each class where it has values.
    pub fn new(votes: &Votes, level: Level<'_>) -> Result<Self, Undefined> {
        let mut new = Self {
            difference: Difference::new(level)?,
            classes: votes.extent().classes,
            units: vec![],
            counts: vec![],
        };
        for item in (0..votes.extent().items).filter(|item| votes.of(*item).len() > 1) {
            new.push(votes.of(item).iter().map(|vote| vote.class).collect());
        }
        if new.units.is_empty() { Err(Undefined::NoOverlap) } else { Ok(new) }
    }

    /// Returns alpha, at most 1; 0 is what chance gives, and below it annotators disagree systematically.
    ///
    /// `α = 1 − (n − 1) Σ_u Σ_ck n_uc n_uk δ²_ck / (m_u − 1) / Σ_ck n_c n_k δ²_ck`, over the units u with `m_u ≥ 2`
    /// labels, of which there are n in all.
    pub fn alpha(&self) -> Result<f64, Undefined> {
        self.weighted(&vec![1; self.units.len()])
    }

    /// Returns the 95 % interval of a bootstrap over items; None where too few samples have a value.
    pub fn interval(&self, seed: u64) -> Option<(f64, f64)> {
        bootstrap::interval(self.units.len(), seed, |drawn| self.weighted(drawn).ok())
    }

    fn push(&mut self, mut classes: Vec<u32>) {
        classes.sort_unstable();
        let from = self.counts.len();
        self.counts.extend(classes.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as f64)));
        let (labels, counts) = (classes.len() as f64, &self.counts[from..]);
        let disagreement = match &self.difference {
            Difference::Nominal => {
                labels * labels - counts.iter().map(|(_, count)| count * count).sum::<f64>()
            }
            Difference::Interval(values) => squares(counts, values),
            Difference::Ratio(values) => ratios(counts, values),
            Difference::Ordinal => 0.0,
        };
        let disagreement = disagreement / (labels - 1.0);
        self.units.push(Unit { labels, end: self.counts.len(), disagreement });
    }

    fn weighted(&self, weights: &[u32]) -> Result<f64, Undefined> {
        let (totals, labels) = self.totals(weights);
        let used: Vec<(u32, f64)> =
            (0u32..).zip(totals.iter().copied()).filter(|(_, total)| *total > 0.0).collect();
        if used.len() < 2 {
            return Err(Undefined::NoVariation);
        }
        let (observed, expected) = match &self.difference {
            Difference::Nominal => {
                let same: f64 = used.iter().map(|(_, total)| total * total).sum();
                (self.observed(weights), labels * labels - same)
            }
            Difference::Ordinal => {
                let ranks = middle_ranks(&totals);
                (self.observed_between(weights, &ranks), squares(&used, &ranks))
            }
            Difference::Interval(values) => (self.observed(weights), squares(&used, values)),
            Difference::Ratio(values) => (self.observed(weights), ratios(&used, values)),
        };
        Ok(1.0 - (labels - 1.0) * observed / expected)
    }

    /// Returns how often each class was given, and how many labels there are.
    fn totals(&self, weights: &[u32]) -> (Vec<f64>, f64) {
        let (mut totals, mut labels, mut from) = (vec![0.0; self.classes], 0.0, 0);
        for (unit, weight) in self.units.iter().zip(weights) {
            let weight = f64::from(*weight);
            labels += weight * unit.labels;
            for (class, count) in &self.counts[from..unit.end] {
                totals[*class as usize] += weight * count;
            }
            from = unit.end;
        }
        (totals, labels)
    }

    fn observed(&self, weights: &[u32]) -> f64 {
        self.units.iter().zip(weights).map(|(unit, weight)| f64::from(*weight) * unit.disagreement).sum()
    }

    fn observed_between(&self, weights: &[u32], values: &[f64]) -> f64 {
        let (mut sum, mut from) = (0.0, 0);
        for (unit, weight) in self.units.iter().zip(weights) {
            if *weight > 0 {
                let disagreement = squares(&self.counts[from..unit.end], values) / (unit.labels - 1.0);
                sum += f64::from(*weight) * disagreement;
            }
            from = unit.end;
        }
        sum
    }
}

impl Difference {
    fn new(level: Level<'_>) -> Result<Self, Undefined> {
        Ok(match level {
            Level::Nominal => Difference::Nominal,
            Level::Ordinal => Difference::Ordinal,
            Level::Interval(values) => Difference::Interval(values.into()),
            Level::Ratio(values) if values.iter().any(|value| *value < 0.0) => {
                return Err(Undefined::Negative);
            }
            Level::Ratio(values) if values.len() > MOST_RATIO_VALUES => {
                return Err(Undefined::TooManyValues { found: values.len(), most: MOST_RATIO_VALUES });
            }
            Level::Ratio(values) => Difference::Ratio(values.into()),
        })
    }
}

/// Returns the mean rank of each class among all labels: two of them differ by just what the ordinal level wants.
fn middle_ranks(totals: &[f64]) -> Vec<f64> {
    let mut before = 0.0;
    let rank = |total: &f64| {
        let middle = before + total / 2.0;
        before += total;
        middle
    };
    totals.iter().map(rank).collect()
}

/// Returns `Σ_ck n_c n_k (v_c − v_k)²`, by way of the mean, which loses no digits.
fn squares(counts: &[(u32, f64)], values: &[f64]) -> f64 {
    let all: f64 = counts.iter().map(|(_, count)| count).sum();
    let mean = counts.iter().map(|(class, count)| count * values[*class as usize]).sum::<f64>() / all;
    let apart = |(class, count): &(u32, f64)| {
        let distance = values[*class as usize] - mean;
        count * distance * distance
    };
    2.0 * all * counts.iter().map(apart).sum::<f64>()
}

/// Returns `Σ_ck n_c n_k ((v_c − v_k)/(v_c + v_k))²`.
fn ratios(counts: &[(u32, f64)], values: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (at, (class, count)) in counts.iter().enumerate() {
        for (other, times) in &counts[..at] {
            let (one, other) = (values[*class as usize], values[*other as usize]);
            // Of two different values of at least 0, one is positive.
            let ratio = (one - other) / (one + other);
            sum += 2.0 * count * times * ratio * ratio;
        }
    }
    sum
}

#[cfg(test)]
mod tests;
