//! The rate that people would find, from a judge's verdicts and the few that people checked.

use rewardctl_core::correction::ppi::{Trust, ppi};
use rewardctl_core::correction::rogan_gladen::rogan_gladen;
use rewardctl_core::correction::{Estimate, Judged, judge_alone, people_alone};
use rewardctl_data::measured::judged::JudgedRow;
use serde::Serialize;

use crate::measure::clusters::{count, numbered};

/// What judged rows came to.
#[derive(Debug, Clone, Serialize)]
pub struct CorrectedReport {
    /// Rows with a verdict of the judge.
    pub rows: usize,
    /// Those that people checked.
    pub checked: usize,
    /// Rows without a verdict of the judge, in no figure.
    pub without_verdict: usize,
    /// How many clusters the rows make: groups, and rows without one.
    pub clusters: usize,
    /// The judge's mean, with its errors left in.
    pub judge_alone: Option<Mean>,
    /// The people's mean, without the judge.
    pub people_alone: Option<Mean>,
    /// Prediction-powered inference with the judge trusted fully.
    pub ppi: Option<Mean>,
    /// The same with the judge trusted as far as it agrees with people.
    pub ppi_tuned: Option<Mean>,
    /// How far that is, from 0 to 1.
    pub lambda: Option<f64>,
    /// The estimator of Rogan and Gladen.
    pub rogan_gladen: Option<Mean>,
    /// Why it does not exist.
    pub rogan_gladen_reason: Option<String>,
    /// How often the judge says yes where people do.
    pub sensitivity: Option<f64>,
    /// How often the judge says no where people do.
    pub specificity: Option<f64>,
}

/// A mean with its error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mean {
    /// The mean.
    pub mean: f64,
    /// Its standard error.
    pub error: Option<f64>,
    /// Its 95 % interval, within 0..=1 where all verdicts are.
    pub interval: Option<(f64, f64)>,
}

/// Returns the means of judged rows.
pub fn corrected(rows: &[JudgedRow]) -> CorrectedReport {
    let usable: Vec<(&JudgedRow, f64)> = rows.iter().filter_map(|row| Some((row, row.judge?))).collect();
    let clusters = numbered(usable.iter().map(|(row, _)| row.group.as_deref()));
    let judged: Vec<Judged> = usable
        .iter()
        .zip(&clusters)
        .map(|((row, judge), cluster)| Judged { judge: *judge, human: row.human, cluster: *cluster })
        .collect();
    let unit = 0.0..=1.0;
    let is_share = judged
        .iter()
        .all(|row| unit.contains(&row.judge) && row.human.is_none_or(|human| unit.contains(&human)));
    let mean = |estimate: Estimate| Mean::of(estimate, is_share);
    let rogan_gladen = rogan_gladen(&judged);
    let tuned = ppi(&judged, Trust::Tuned);
    CorrectedReport {
        rows: judged.len(),
        checked: judged.iter().filter(|row| row.human.is_some()).count(),
        without_verdict: rows.len() - judged.len(),
        clusters: count(&clusters),
        judge_alone: judge_alone(&judged).map(mean),
        people_alone: people_alone(&judged).map(mean),
        ppi: ppi(&judged, Trust::Full).map(|(estimate, _)| mean(estimate)),
        ppi_tuned: tuned.map(|(estimate, _)| mean(estimate)),
        lambda: tuned.map(|(_, lambda)| lambda),
        rogan_gladen: rogan_gladen.as_ref().ok().map(|found| mean(found.rate)),
        rogan_gladen_reason: rogan_gladen.as_ref().err().map(ToString::to_string),
        sensitivity: rogan_gladen.as_ref().ok().map(|found| found.sensitivity),
        specificity: rogan_gladen.as_ref().ok().map(|found| found.specificity),
    }
}

impl Mean {
    fn of(estimate: Estimate, is_share: bool) -> Self {
        let bound = |value: f64| if is_share { value.clamp(0.0, 1.0) } else { value };
        let interval = estimate.interval.map(|(low, high)| (bound(low), bound(high)));
        Self { mean: bound(estimate.mean), error: estimate.error, interval }
    }
}
