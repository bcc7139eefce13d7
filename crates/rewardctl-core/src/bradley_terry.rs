//! How strong models are, from who won against whom.
//!
//! The model: a beats b with probability `1 / (1 + exp(θ_b − θ_a))`. A tie is half a win for each. References:
//! R. A. Bradley, M. E. Terry, *Rank analysis of incomplete block designs*, Biometrika 39 (1952); D. R. Hunter, *MM
//! algorithms for generalized Bradley-Terry models*, Annals of Statistics 32 (2004), for when there is an estimate.
//!
//! Comparisons are summed up first, so that a fit takes as long for a million as for a hundred thousand.

pub mod cholesky;
pub mod connected;
pub mod fit;
pub mod resampled;
pub mod sandwich;
pub mod tally;

use crate::bradley_terry::connected::Apart;
use crate::bradley_terry::tally::{Meeting, Tally};
use crate::label::Winner;

/// The most models that are ranked: a fit solves systems of that many equations.
pub const MAX_MODELS: usize = 2_000;

/// Two models, and which was better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The number of the first model, from 0.
    pub a: usize,
    /// The number of the second model; another one.
    pub b: usize,
    /// The better one.
    pub winner: Winner,
    /// How much the comparison counts; finite and above 0, such as 1.
    pub weight: f64,
    /// The number of its cluster, from 0: comparisons over one prompt are not independent.
    pub cluster: usize,
}

/// Why comparisons cannot be ranked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RankingError {
    /// Nobody to compare.
    #[error("a ranking needs at least two models that were compared, found {0}")]
    TooFewModels(usize),
    /// More equations than can be solved in reasonable time.
    #[error("{0} models are more than the {MAX_MODELS} that can be ranked at once")]
    TooManyModels(usize),
    /// A comparison with a model that is not there, of one with itself, or with a weight that is none.
    #[error("comparison {0} is not possible")]
    Impossible(usize),
    /// A ridge below 0, or NaN.
    #[error("a ridge of {0} is not possible: it is a finite number from 0 on")]
    Ridge(f64),
    /// The strengths of some models against the others are infinite, or anything.
    #[error("not every model can be compared with every other through wins")]
    Apart(Apart),
    /// The numbers run away; happens with weights that differ by many powers of ten.
    #[error("the fit did not settle")]
    Unsettled,
}

/// Comparisons between models, ready to be ranked.
#[derive(Debug, Clone)]
pub struct Tournament {
    models: usize,
    meetings: Vec<Meeting>,
    rows: Vec<Row>,
    clusters: usize,
}

/// How often a model was compared and won.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Record {
    /// The comparisons that it took part in.
    pub comparisons: u64,
    /// Their weights.
    pub weight: f64,
    /// The weights of those won, and half the weights of ties.
    pub won: f64,
}

/// A comparison, seen from the first model of the meeting.
#[derive(Debug, Clone, Copy)]
struct Row {
    meeting: usize,
    /// 1 for a win, ½ for a tie.
    won: f64,
    weight: f64,
    cluster: usize,
}

impl Tournament {
    /// Takes the comparisons of `models` models.
    pub fn new(models: usize, comparisons: &[Comparison]) -> Result<Self, RankingError> {
        if models < 2 || comparisons.is_empty() {
            return Err(RankingError::TooFewModels(models));
        }
        if models > MAX_MODELS {
            return Err(RankingError::TooManyModels(models));
        }
        const NOT_MET: u32 = u32::MAX;
        let mut known = vec![NOT_MET; models * models];
        let mut meetings = vec![];
        let mut rows = Vec::with_capacity(comparisons.len());
        for (at, comparison) in comparisons.iter().enumerate() {
            let Comparison { a, b, winner, weight, cluster } = *comparison;
            let is_possible = a < models && b < models && a != b && weight > 0.0 && weight.is_finite();
            if !is_possible {
                return Err(RankingError::Impossible(at));
            }
            let (low, high) = (a.min(b), a.max(b));
            let meeting = &mut known[low * models + high];
            if *meeting == NOT_MET {
                *meeting = meetings.len() as u32;
                meetings.push(Meeting { a: low, b: high });
            }
            let won = match winner {
                Winner::Tie => 0.5,
                Winner::A => f64::from(u8::from(a == low)),
                Winner::B => f64::from(u8::from(b == low)),
            };
            rows.push(Row { meeting: *meeting as usize, won, weight, cluster });
        }
        let clusters = rows.iter().map(|row| row.cluster + 1).max().unwrap_or(0);
        Ok(Self { models, meetings, rows, clusters })
    }

    /// Returns the number of models.
    pub fn models(&self) -> usize {
        self.models
    }

    /// Returns what each model came to.
    pub fn records(&self) -> Vec<Record> {
        let mut records = vec![Record::default(); self.models];
        for row in &self.rows {
            let Meeting { a, b } = self.meetings[row.meeting];
            for (model, won) in [(a, row.won), (b, 1.0 - row.won)] {
                records[model].comparisons += 1;
                records[model].weight += row.weight;
                records[model].won += row.weight * won;
            }
        }
        records
    }

    /// Sums up the comparisons, each as often as its cluster was drawn, or once.
    pub(crate) fn tally(&self, drawn: Option<&[u32]>) -> Tally<'_> {
        let mut tally = Tally::new(self.models, &self.meetings);
        for row in &self.rows {
            let times = drawn.map_or(1.0, |drawn| f64::from(drawn[row.cluster]));
            tally.add(row.meeting, times * row.weight * row.won, times * row.weight * (1.0 - row.won));
        }
        tally
    }
}

impl Record {
    /// Returns the share won, in 0..=1; None without comparisons.
    pub fn win_rate(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.won / self.weight)
    }
}

#[cfg(test)]
mod tests;
