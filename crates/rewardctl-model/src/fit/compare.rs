//! Comparisons: what held-out examples say about two responses to one prompt, and who gets it right.

use std::collections::BTreeMap;

use ndarray::Array2;
use rewardctl_core::id::ContentId;

use crate::fit::corpus::{Corpus, Row, Side};
use crate::fit::head::Head;
use crate::fit::logistic::log_loss;
use crate::fit::space::{FEATURES, Space};

/// Two responses to one prompt, of which one is better.
pub struct Comparison<'r> {
    /// The prompt's group.
    pub group: ContentId,
    /// The better response, with the row that it stands in.
    pub better: Place<'r>,
    /// The worse response.
    pub worse: Place<'r>,
    /// The probability that the better is preferred, above one half.
    pub target: f64,
}

/// Where a response stands: its row in the corpus, and whether it is the row's first.
#[derive(Clone, Copy)]
pub struct Place<'r> {
    /// The row's number in the corpus.
    pub at: usize,
    /// The row.
    pub row: &'r Row<'r>,
    /// 0 for the first response of the row, 1 for the second.
    pub side: usize,
}

/// A row with its number in the corpus.
pub type Numbered<'r> = (usize, &'r Row<'r>);

/// Returns the comparisons in `rows`, sorted by group: pairs, and responses to one prompt that a source rated
/// differently. Ties are none.
pub fn comparisons<'r>(rows: &[Numbered<'r>]) -> Vec<Comparison<'r>> {
    let mut found: Vec<Comparison<'r>> = vec![];
    let mut rated: BTreeMap<_, Vec<Numbered<'r>>> = BTreeMap::new();
    for (at, row) in rows {
        let place = |side| Place { at: *at, row, side };
        if row.second.is_none() {
            rated.entry((row.dimension, row.source, row.prompt)).or_default().push((*at, row));
        } else if row.target > 0.5 {
            found.push(Comparison {
                group: row.group,
                better: place(0),
                worse: place(1),
                target: row.target,
            });
        }
    }
    for responses in rated.values() {
        for (at, row) in responses {
            let worse = responses.iter().filter(|(_, other)| other.target < row.target);
            found.extend(worse.map(|(other_at, other)| Comparison {
                group: row.group,
                better: Place { at: *at, row, side: 0 },
                worse: Place { at: *other_at, row: other, side: 0 },
                target: f64::midpoint(1.0, row.target - other.target),
            }));
        }
    }
    found.sort_by_key(|comparison| comparison.group);
    found
}

impl<'r> Place<'r> {
    /// Returns the response.
    pub fn response(&self) -> &'r Side<'r> {
        match &self.row.second {
            Some(second) if self.side == 1 => second,
            _ => &self.row.first,
        }
    }
}

/// Comparisons as numbers: what a candidate head is judged on while its ridges are chosen.
pub struct Differences {
    features: Array2<f64>,
    targets: Vec<f64>,
}

impl Differences {
    /// Puts `comparisons` into `space`.
    pub fn new(corpus: &Corpus<'_>, space: &Space, comparisons: &[Comparison<'_>]) -> Self {
        let mut features = Array2::zeros((comparisons.len(), FEATURES));
        for (mut row, Comparison { better, worse, .. }) in features.rows_mut().into_iter().zip(comparisons) {
            row += &space.features(corpus, better.row, better.response());
            row -= &space.features(corpus, worse.row, worse.response());
        }
        Self { features, targets: comparisons.iter().map(|comparison| comparison.target).collect() }
    }

    /// Returns the loss of `head` over all comparisons, in nats.
    pub fn loss(&self, head: &Head) -> f64 {
        let margins = self.features.dot(&head.weights);
        margins.iter().zip(&self.targets).map(|(margin, target)| log_loss(*margin, *target)).sum()
    }
}

/// The prior of the temperature: a standard deviation of its logarithm.
const LOG_TEMPERATURE: f64 = 0.5;
/// Temperatures outside of e^±3 would mean that the margins say nothing, or everything.
const RANGE: f64 = 3.0;

/// Returns the temperature `T` with which `σ(margin / T)` fits the targets best, by golden-section search.
pub fn temperature(margins: &[(f64, f64)]) -> f64 {
    let loss = |log: f64| -> f64 {
        let data: f64 = margins.iter().map(|(margin, target)| log_loss(margin / log.exp(), *target)).sum();
        data + (log / LOG_TEMPERATURE).powi(2) / 2.0
    };
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-RANGE, RANGE);
    // Each pass keeps 0.618 of the range: forty leave 3e-8 of it.
    for _ in 0..40 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if loss(left) < loss(right) { high = right } else { low = left }
    }
    f64::midpoint(low, high).exp()
}

#[cfg(test)]
mod tests;
