//! How good probabilities are: calibration, discrimination, selection.

use std::collections::BTreeMap;

use rewardctl_core::calibration::auprc::auprc;
use rewardctl_core::calibration::auroc::auroc;
use rewardctl_core::calibration::brier::brier;
use rewardctl_core::calibration::ece::{BINS, debiased, ece, ece_by_chance};
use rewardctl_core::calibration::log_loss::log_loss;
use rewardctl_core::calibration::reliability::{Binning, bins};
use rewardctl_core::calibration::{Forecast, Forecasts, Sample};
use rewardctl_core::proportion::Proportion;
use rewardctl_core::selective::{aurc, curve};
use rewardctl_data::measured::forecast::ForecastRow;
use serde::Serialize;

use crate::measure::Figure;
use crate::measure::clusters::{count, numbered};

const WIDTH: Binning = Binning::EqualWidth(BINS);
const MASS: Binning = Binning::EqualMass(BINS);

/// The most points of a risk-coverage curve that are kept.
const POINTS: usize = 200;

/// What a file of forecasts came to.
#[derive(Debug, Clone, Serialize)]
pub struct ProbabilitiesReport {
    /// Rows with a probability and a label.
    pub rows: usize,
    /// Rows without a probability: no verdict, so in no figure.
    pub without_probability: usize,
    /// Rows without a label.
    pub without_label: usize,
    /// How many clusters the rows make: groups, and rows without one.
    pub clusters: usize,
    /// The figures of all rows.
    pub figures: Figures,
    /// The figures of each slice, if rows name slices.
    pub slices: BTreeMap<String, Figures>,
    /// What was said beside what happened, in bins of equal width.
    pub reliability: Vec<ReliabilityBin>,
    /// How wrong the most confident are, for every share that is kept.
    pub risk_coverage: Vec<RiskPoint>,
}

/// The figures of some rows.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// How many rows.
    pub rows: usize,
    /// The mean label.
    pub share: Option<f64>,
    /// The share of rows with the right side of ½; at ½ half.
    pub accuracy: Figure,
    /// The expected calibration error, in bins of equal width.
    pub ece: Figure,
    /// What it would be on average if every probability were true.
    pub ece_by_chance: Option<f64>,
    /// The same error in bins of equal mass.
    pub ece_adaptive: Figure,
    /// The same error of the likelier answer's probability.
    pub ece_confidence: Figure,
    /// The debiased root mean square calibration error.
    pub ece_debiased: Option<f64>,
    /// The Brier score.
    pub brier: Figure,
    /// The logarithmic loss.
    pub log_loss: Figure,
    /// The area under the ROC curve.
    pub auroc: Figure,
    /// The area under the precision-recall curve.
    pub auprc: Figure,
    /// The area under the risk-coverage curve.
    pub aurc: Figure,
}

/// One bin of a reliability diagram.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ReliabilityBin {
    /// The lower edge.
    pub low: f64,
    /// The upper edge.
    pub high: f64,
    /// The rows in it.
    pub rows: u64,
    /// The mean probability.
    pub probability: f64,
    /// The mean label.
    pub share: f64,
    /// The 95 % Wilson interval of the mean label, rows taken one by one; None where labels are no yes and no.
    pub interval: Option<(f64, f64)>,
}

/// One point of a risk-coverage curve.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct RiskPoint {
    /// The least confidence kept.
    pub confidence: f64,
    /// The share kept.
    pub coverage: f64,
    /// The mean error of what is kept.
    pub risk: f64,
}

/// Returns the figures of forecasts; every interval derives from `seed`.
pub fn probabilities(rows: &[ForecastRow], seed: u64) -> ProbabilitiesReport {
    let usable: Vec<(&ForecastRow, Forecast)> = rows
        .iter()
        .filter_map(|row| Some((row, Forecast::new(row.probability?, row.label?).ok()?)))
        .collect();
    let forecasts: Vec<Forecast> = usable.iter().map(|(_, forecast)| *forecast).collect();
    let groups: Vec<Option<&str>> = usable.iter().map(|(row, _)| row.group.as_deref()).collect();
    let mut slices: BTreeMap<&str, (Vec<Forecast>, Vec<Option<&str>>)> = BTreeMap::new();
    for (row, forecast) in &usable {
        if let Some(slice) = &row.slice {
            let slice = slices.entry(slice).or_default();
            slice.0.push(*forecast);
            slice.1.push(row.group.as_deref());
        }
    }
    let sliced =
        slices.into_iter().map(|(name, (rows, groups))| (name.to_owned(), figures(&rows, &groups, seed)));
    ProbabilitiesReport {
        rows: usable.len(),
        without_probability: rows.iter().filter(|row| row.probability.is_none()).count(),
        without_label: rows.iter().filter(|row| row.probability.is_some() && row.label.is_none()).count(),
        clusters: count(&numbered(groups.iter().copied())),
        figures: figures(&forecasts, &groups, seed),
        slices: sliced.collect(),
        reliability: reliability(&forecasts),
        risk_coverage: risk_coverage(&forecasts),
    }
}

fn figures(forecasts: &[Forecast], groups: &[Option<&str>], seed: u64) -> Figures {
    let said = clustered(forecasts, groups);
    let confidences: Vec<Forecast> = forecasts.iter().map(|forecast| forecast.confidence()).collect();
    let chosen = clustered(&confidences, groups);
    let of_said = |s: Sample<'_>| [ece(s, WIDTH), ece(s, MASS), brier(s), log_loss(s), auroc(s), auprc(s)];
    let of_chosen = |s: Sample<'_>| [right(s), ece(s, WIDTH), aurc(s)];
    let (values, intervals) = (of_said(said.all()), said.intervals(seed, of_said));
    let (chosen_values, chosen_intervals) = (of_chosen(chosen.all()), chosen.intervals(seed, of_chosen));
    let figure = |at: usize| Figure::new(values[at], intervals[at]);
    let chosen_figure = |at: usize| Figure::new(chosen_values[at], chosen_intervals[at]);
    let outcomes: f64 = forecasts.iter().map(|forecast| forecast.outcome()).sum();
    Figures {
        rows: forecasts.len(),
        share: (!forecasts.is_empty()).then(|| outcomes / forecasts.len() as f64),
        accuracy: chosen_figure(0),
        ece: figure(0),
        ece_by_chance: ece_by_chance(said.all(), WIDTH),
        ece_adaptive: figure(1),
        ece_confidence: chosen_figure(1),
        ece_debiased: debiased(said.all(), WIDTH),
        brier: figure(2),
        log_loss: figure(3),
        auroc: figure(4),
        auprc: figure(5),
        aurc: chosen_figure(2),
    }
}

/// Returns the forecasts in their clusters; without any group in the order of their values, whatever that of the rows.
fn clustered(forecasts: &[Forecast], groups: &[Option<&str>]) -> Forecasts {
    if groups.iter().all(Option::is_none) {
        return Forecasts::independent(forecasts);
    }
    Forecasts::clustered(forecasts, &numbered(groups.iter().copied()))
}

/// Returns how often the likelier answer is right.
fn right(sample: Sample<'_>) -> Option<f64> {
    curve(sample).last().map(|all| 1.0 - all.risk)
}

fn reliability(forecasts: &[Forecast]) -> Vec<ReliabilityBin> {
    let forecasts = Forecasts::independent(forecasts);
    let bins = bins(forecasts.all(), WIDTH);
    let bin = |bin: &rewardctl_core::calibration::reliability::Bin| {
        let hits = bin.count * bin.outcome;
        let is_whole = (hits - hits.round()).abs() < 1e-6;
        let proportion = Proportion { hits: hits.round() as u64, count: bin.count as u64 };
        ReliabilityBin {
            low: bin.low,
            high: bin.high,
            rows: bin.count as u64,
            probability: bin.probability,
            share: bin.outcome,
            interval: if is_whole { proportion.interval() } else { None },
        }
    };
    bins.iter().map(bin).collect()
}

/// Returns the curve, thinned out evenly where it has more points than a plot shows.
fn risk_coverage(forecasts: &[Forecast]) -> Vec<RiskPoint> {
    let confidences: Vec<Forecast> = forecasts.iter().map(|forecast| forecast.confidence()).collect();
    let forecasts = Forecasts::independent(&confidences);
    let points = curve(forecasts.all());
    let step = |coverage: f64| (coverage * POINTS as f64) as usize;
    let is_kept = |at: usize| {
        points.len() <= POINTS
            || at == 0
            || points.get(at + 1).is_none_or(|next| step(next.coverage) > step(points[at].coverage))
    };
    let point = |at: usize| {
        let point = points[at];
        RiskPoint { confidence: point.confidence, coverage: point.coverage, risk: point.risk }
    };
    (0..points.len()).filter(|at| is_kept(*at)).map(point).collect()
}
