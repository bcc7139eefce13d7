//! Forecasts in bins: what was said beside what happened, for calibration errors and reliability diagrams.

use crate::calibration::{Sample, Weighted};

/// How forecasts are put into bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binning {
    /// As many ranges of the same width, each without its upper end but the last.
    EqualWidth(usize),
    /// As many bins of the same number of forecasts, as far as equal probabilities, which stay together, let it be.
    EqualMass(usize),
}

/// The forecasts of one bin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Where the bin starts: its edge, or the least probability in it for bins of equal mass.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// How many forecasts.
    pub count: f64,
    /// Their mean probability.
    pub probability: f64,
    /// Their mean outcome.
    pub outcome: f64,
    /// The variance of the mean outcome, from the outcomes; None with one forecast.
    pub variance: Option<f64>,
    /// The variance of the mean outcome if every probability were true: `Σ p (1 − p) / n²`.
    pub expected_variance: f64,
}

/// Forecasts of the same probability together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tied {
    pub probability: f64,
    pub weight: f64,
    /// The sum of the outcomes.
    pub outcome: f64,
    outcome_squares: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    low: f64,
    high: f64,
    count: f64,
    probability: f64,
    outcome: f64,
    outcome_squares: f64,
    expected_variance: f64,
}

/// Returns the bins that hold a forecast, from the lowest on; none without forecasts or with 0 bins.
pub fn bins(sample: Sample<'_>, binning: Binning) -> Vec<Bin> {
    let total: f64 = sample.weighted().map(|row| row.weight).sum();
    let (Binning::EqualWidth(number) | Binning::EqualMass(number)) = binning;
    if number == 0 {
        return vec![];
    }
    let mut sums = vec![Sums::default(); number];
    let mut before = 0.0;
    for group in tied(sample.weighted()) {
        let place = match binning {
            Binning::EqualWidth(_) => group.probability,
            Binning::EqualMass(_) => (before + group.weight / 2.0) / total,
        };
        before += group.weight;
        let at = ((place * number as f64) as usize).min(number - 1);
        sums[at].add(group);
    }
    let edged = sums.into_iter().enumerate().map(|(at, sums)| match binning {
        Binning::EqualWidth(_) => {
            Sums { low: at as f64 / number as f64, high: (at + 1) as f64 / number as f64, ..sums }
        }
        Binning::EqualMass(_) => sums,
    });
    edged.filter(|sums| sums.count > 0.0).map(Bin::from).collect()
}

/// Puts equal probabilities that follow each other together.
pub(crate) fn tied(rows: impl Iterator<Item = Weighted>) -> impl Iterator<Item = Tied> {
    let mut rows = rows.peekable();
    std::iter::from_fn(move || {
        let mut group = Tied::from(rows.next()?);
        while let Some(row) = rows.next_if(|row| row.probability == group.probability) {
            let row = Tied::from(row);
            group.weight += row.weight;
            group.outcome += row.outcome;
            group.outcome_squares += row.outcome_squares;
        }
        Some(group)
    })
}

impl From<Weighted> for Tied {
    fn from(row: Weighted) -> Self {
        let outcome = row.weight * row.outcome;
        Self {
            probability: row.probability,
            weight: row.weight,
            outcome,
            outcome_squares: outcome * row.outcome,
        }
    }
}

impl Sums {
    fn add(&mut self, group: Tied) {
        if self.count == 0.0 {
            self.low = group.probability;
        }
        self.high = group.probability;
        self.count += group.weight;
        self.probability += group.weight * group.probability;
        self.outcome += group.outcome;
        self.outcome_squares += group.outcome_squares;
        self.expected_variance += group.weight * group.probability * (1.0 - group.probability);
    }
}

impl From<Sums> for Bin {
    fn from(sums: Sums) -> Self {
        let Sums { low, high, count, .. } = sums;
        let outcome = sums.outcome / count;
        let centred = (sums.outcome_squares - count * outcome * outcome).max(0.0);
        Self {
            low,
            high,
            count,
            probability: sums.probability / count,
            outcome,
            variance: (count > 1.0).then(|| centred / (count - 1.0) / count),
            expected_variance: sums.expected_variance / (count * count),
        }
    }
}
