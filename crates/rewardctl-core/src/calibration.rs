//! How well probabilities say what happens: forecasts with their outcomes, in clusters or between two of them.
//!
//! One figure a file; each is a function of a [`Sample`], so that the bootstrap can ask it of every sample that it
//! draws. A figure that does not exist (no rows, one class only) is None, never a number.

pub mod auprc;
pub mod auroc;
pub mod brier;
pub mod ece;
pub mod log_loss;
pub mod reliability;

use crate::bootstrap;

/// A probability that something is so, and how much it was so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    probability: f64,
    outcome: f64,
}

/// Why two numbers are no forecast.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ForecastError {
    /// Below 0, above 1, or NaN.
    #[error("probability `{0}` is not in 0..=1")]
    Probability(f64),
    /// Below 0, above 1, or NaN.
    #[error("outcome `{0}` is not in 0..=1")]
    Outcome(f64),
}

/// Forecasts in the order of their probabilities, each in a cluster: whole clusters are drawn by the bootstrap.
#[derive(Debug, Clone)]
pub struct Forecasts {
    rows: Vec<Row>,
    clusters: usize,
}

/// Forecasts, each taken as often as its cluster was drawn.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    rows: &'a [Row],
    drawn: Option<&'a [u32]>,
}

/// A forecast with how often it counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weighted {
    pub probability: f64,
    pub outcome: f64,
    pub weight: f64,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    forecast: Forecast,
    /// The same twice, or the two that it stands between.
    clusters: [usize; 2],
}

impl Forecast {
    /// Accepts a probability and an outcome in 0..=1; the outcome is 1 where it is so, 0 where not, and in between
    /// where those who say so are of two minds, such as ½ for a tie.
    pub fn new(probability: f64, outcome: f64) -> Result<Self, ForecastError> {
        let unit = 0.0..=1.0;
        if !unit.contains(&probability) {
            return Err(ForecastError::Probability(probability));
        }
        if !unit.contains(&outcome) {
            return Err(ForecastError::Outcome(outcome));
        }
        // `+ 0.0` turns -0.0 into 0.0, which sorts apart from it.
        Ok(Self { probability: probability + 0.0, outcome: outcome + 0.0 })
    }

    /// Returns the probability, in 0..=1.
    pub fn probability(self) -> f64 {
        self.probability
    }

    /// Returns the outcome, in 0..=1.
    pub fn outcome(self) -> f64 {
        self.outcome
    }

    /// Returns how probable the likelier answer is, with how right it was: for pairs, where which of two responses
    /// comes first is arbitrary. At ½ either answer is as likely, and half right.
    pub fn confidence(self) -> Self {
        let Self { probability, outcome } = self;
        match probability {
            p if p > 0.5 => self,
            p if p < 0.5 => Self { probability: 1.0 - probability, outcome: 1.0 - outcome },
            _ => Self { probability, outcome: 0.5 },
        }
    }
}

impl Forecasts {
    /// Takes forecasts that have nothing to do with each other: each is a cluster of its own.
    pub fn independent(forecasts: &[Forecast]) -> Self {
        let mut sorted = Self::clustered(forecasts, &vec![0; forecasts.len()]);
        // Numbered once sorted, so that the order of the input leaves no trace.
        for (at, row) in sorted.rows.iter_mut().enumerate() {
            row.clusters = [at; 2];
        }
        Self { clusters: sorted.rows.len(), ..sorted }
    }

    /// Takes forecasts with the number of the cluster of each, from 0; the two lists are of the same length.
    pub fn clustered(forecasts: &[Forecast], clusters: &[usize]) -> Self {
        Self::between(forecasts, &clusters.iter().map(|cluster| [*cluster; 2]).collect::<Vec<_>>())
    }

    /// Takes forecasts of which each may stand between two clusters, such as of two responses to different prompts.
    pub fn between(forecasts: &[Forecast], clusters: &[[usize; 2]]) -> Self {
        debug_assert_eq!(forecasts.len(), clusters.len());
        let row =
            |(forecast, clusters): (&Forecast, &[usize; 2])| Row { forecast: *forecast, clusters: *clusters };
        let mut rows: Vec<Row> = forecasts.iter().zip(clusters).map(row).collect();
        rows.sort_by(|a, b| {
            let by_probability = a.forecast.probability.total_cmp(&b.forecast.probability);
            let by_outcome = a.forecast.outcome.total_cmp(&b.forecast.outcome);
            by_probability.then(by_outcome).then(a.clusters.cmp(&b.clusters))
        });
        let clusters = clusters.iter().flatten().max().map_or(0, |last| last + 1);
        Self { rows, clusters }
    }

    /// Returns the number of forecasts.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// Returns all of them, each once.
    pub fn all(&self) -> Sample<'_> {
        Sample { rows: &self.rows, drawn: None }
    }

    /// Returns the 95 % bootstrap interval of each of `figures`, as [`bootstrap::interval`] gives it; clusters are
    /// drawn once for all of them.
    pub fn intervals<const N: usize>(
        &self,
        seed: u64,
        figures: impl Fn(Sample<'_>) -> [Option<f64>; N],
    ) -> [Option<(f64, f64)>; N] {
        bootstrap::intervals(self.clusters, seed, |drawn| {
            figures(Sample { rows: &self.rows, drawn: Some(drawn) })
        })
    }
}

impl Sample<'_> {
    /// Returns the forecasts with their weights, in the order of the probabilities, without those not drawn.
    pub(crate) fn weighted(&self) -> impl DoubleEndedIterator<Item = Weighted> {
        self.rows.iter().filter_map(|row| {
            let times = self.drawn.map_or(1, |drawn| bootstrap::times(drawn, row.clusters));
            let Forecast { probability, outcome } = row.forecast;
            (times > 0).then(|| Weighted { probability, outcome, weight: f64::from(times) })
        })
    }
}

/// Returns the mean of `loss` over the forecasts; None without any.
pub(crate) fn mean(sample: Sample<'_>, loss: impl Fn(Weighted) -> f64) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for row in sample.weighted() {
        sum += row.weight * loss(row);
        count += row.weight;
    }
    (count > 0.0).then(|| sum / count)
}

#[cfg(test)]
mod tests;
