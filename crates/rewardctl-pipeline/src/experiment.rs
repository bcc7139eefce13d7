//! An experiment on traffic: units were split over arms at random, and each has its own outcome, so that nothing is paired.
//!
//! First the split is checked ([`rewardctl_core::sample_ratio`]): where it is not the planned one, no other figure can be
//! trusted. Then each metric is compared with the control's: shares by a z test, means by Welch's t test, what was known
//! before taken out ([`rewardctl_core::cuped`]), or, for looking while it runs, by bets
//! ([`rewardctl_core::betting`]).

use std::collections::BTreeMap;

use rewardctl_core::multiplicity::{Correction, adjusted};
use rewardctl_core::power::{Promise, Sides};
use rewardctl_core::sample_ratio::{SampleRatio, sample_ratio};
use rewardctl_data::measured::rewarded::{number_at, text_at};
use serde_json::{Map, Value};

use crate::comparison::{Looks, claims};
use crate::error::Error;
use crate::experiment::report::{Contrast, ExperimentReport, MetricReport, contrast};
use crate::rewarded::error::Error as RewardedError;

pub mod report;

/// One row of traffic.
#[derive(Debug, Clone)]
pub struct Row {
    /// The file and the line.
    pub place: String,
    /// The arm, where the file says it and not the row.
    pub arm: Option<String>,
    /// Everything that the row says.
    pub fields: Map<String, Value>,
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// The field.
    pub field: String,
    /// Which way is better.
    pub better: Better,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// More.
    Higher,
    /// Less.
    Lower,
}

/// How an experiment is read.
#[derive(Debug, Clone)]
pub struct ExperimentSettings {
    /// The field that names the arm; rows of files that are arms need none.
    pub arm: Option<String>,
    /// The field that names what was split over the arms; else each row stands alone.
    pub unit: Option<String>,
    /// What is compared; the first decides.
    pub metrics: Vec<Metric>,
    /// A number that was known before, to take noise out.
    pub covariate: Option<String>,
    /// The arm that the others are held against; else the first by name, or the first file.
    pub control: Option<String>,
    /// The planned shares of the arms, the control first; empty for equal ones.
    pub split: Vec<f64>,
    /// Where all values of the metrics lie; only looking at any time needs it.
    pub range: (f64, f64),
    /// One less the level of tests and intervals.
    pub alpha: f64,
    /// The chance with which what matters should be found.
    pub power: f64,
    /// How p-values are adjusted for one another.
    pub correction: Correction,
    /// How often one looks.
    pub looks: Looks,
}

impl ExperimentSettings {
    /// Returns what the tests promise.
    pub fn promise(&self) -> Promise {
        Promise { alpha: self.alpha, power: self.power, sides: Sides::Two }
    }
}

/// The units of one arm: per metric their values, and what was known before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arm {
    pub(crate) name: String,
    pub(crate) units: Vec<Unit>,
}

/// One unit: the mean of its rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unit {
    /// Per metric.
    pub(crate) values: Vec<Option<f64>>,
    pub(crate) before: Option<f64>,
}

/// Reads an experiment; `arms` gives the order of arms where files are arms.
pub fn experiment(
    rows: &[Row],
    arms: &[String],
    settings: &ExperimentSettings,
) -> Result<ExperimentReport, Error> {
    let arms = in_order(gathered(rows, arms, settings)?, arms.is_empty(), settings)?;
    if arms.len() < 2 {
        let found = arms.first().map_or("no rows".into(), |arm| format!("one arm, `{}`", arm.name));
        return Err(RewardedError::TooFewArms { found }.into());
    }
    let counts: Vec<u64> = arms.iter().map(|arm| arm.units.len() as u64).collect();
    let split = match settings.split.is_empty() {
        true => vec![1.0; arms.len()],
        false => settings.split.clone(),
    };
    refuse_split(&split, arms.len())?;
    refuse_covariate(&arms, settings)?;
    let ratio = sample_ratio(&counts, &split);
    let claims = claims(settings.metrics.len() * (arms.len() - 1), settings.correction);
    let at_any_time = ExperimentSettings { alpha: settings.alpha / claims, ..settings.clone() };
    let told = if settings.looks == Looks::Always { &at_any_time } else { settings };
    let mut metrics: Vec<MetricReport> = vec![];
    for (at, metric) in settings.metrics.iter().enumerate() {
        if !arms.iter().any(|arm| arm.units.iter().any(|unit| unit.values[at].is_some())) {
            return Err(RewardedError::NoField { field: metric.field.clone() }.into());
        }
        let contrasts = arms[1..].iter().map(|arm| contrast((&arms[0], arm), at, told));
        let contrasts: Result<Vec<Contrast>, Error> = contrasts.collect();
        metrics.push(MetricReport {
            metric: metric.field.clone(),
            better: metric.better.into(),
            contrasts: contrasts?,
        });
    }
    adjust(&mut metrics, settings.correction);
    let names: Vec<String> = arms.iter().map(|arm| arm.name.clone()).collect();
    Ok(ExperimentReport::new(names, counts, ratio, metrics, settings))
}

/// Puts the control first, and the others in the order of their names or of their files.
fn in_order(
    mut arms: Vec<Arm>,
    by_name: bool,
    settings: &ExperimentSettings,
) -> Result<Vec<Arm>, RewardedError> {
    if by_name {
        arms.sort_by(|one, other| one.name.cmp(&other.name));
    }
    let Some(control) = &settings.control else { return Ok(arms) };
    let Some(place) = arms.iter().position(|arm| arm.name == *control) else {
        let known: Vec<String> = arms.iter().map(|arm| format!("`{}`", arm.name)).collect();
        let problem = format!("there is no arm `{control}`; there are {}", known.join(", "));
        return Err(RewardedError::Experiment { place: "the control".into(), problem });
    };
    let control = arms.remove(place);
    arms.insert(0, control);
    Ok(arms)
}

fn refuse_split(split: &[f64], arms: usize) -> Result<(), RewardedError> {
    let problem = if let Some(share) = split.iter().find(|share| !(**share > 0.0 && share.is_finite())) {
        format!("a share is {share}, and must be a number above 0")
    } else if split.len() != arms {
        format!("it has {} shares, and there are {arms} arms", split.len())
    } else {
        return Ok(());
    };
    Err(RewardedError::Experiment { place: "the planned split".into(), problem })
}

fn refuse_covariate(arms: &[Arm], settings: &ExperimentSettings) -> Result<(), RewardedError> {
    let Some(field) = &settings.covariate else { return Ok(()) };
    if settings.looks == Looks::Always {
        let problem = "it is not taken out of what holds however often one looks".into();
        return Err(RewardedError::Experiment { place: format!("the covariate `{field}`"), problem });
    }
    let is_known = arms.iter().any(|arm| arm.units.iter().any(|unit| unit.before.is_some()));
    if is_known { Ok(()) } else { Err(RewardedError::NoField { field: field.clone() }) }
}

fn adjust(metrics: &mut [MetricReport], correction: Correction) {
    let p: Vec<f64> =
        metrics.iter().flat_map(|metric| &metric.contrasts).filter_map(|contrast| contrast.p).collect();
    let mut adjusted = adjusted(&p, correction).into_iter();
    for contrast in metrics.iter_mut().flat_map(|metric| &mut metric.contrasts) {
        contrast.p_adjusted = contrast.p.and_then(|_| adjusted.next());
    }
}

/// Puts rows together by arm and unit, in the order of the rows.
fn gathered(rows: &[Row], order: &[String], settings: &ExperimentSettings) -> Result<Vec<Arm>, Error> {
    let mut arms: Vec<Arm> = order.iter().map(|name| Arm { name: name.clone(), units: vec![] }).collect();
    let mut places: BTreeMap<String, usize> = order.iter().cloned().zip(0..).collect();
    let mut units: BTreeMap<(usize, String), Sums> = BTreeMap::new();
    let mut ordered: Vec<(usize, String)> = vec![];
    for (at, row) in rows.iter().enumerate() {
        let name = arm_of(row, settings)?;
        let arm = *places.entry(name.clone()).or_insert_with(|| {
            arms.push(Arm { name, units: vec![] });
            arms.len() - 1
        });
        let unit = match &settings.unit {
            None => at.to_string(),
            Some(field) => text_at(&row.fields, field).ok_or_else(|| missing(row, field))?,
        };
        let key = (arm, unit);
        let sums = units.entry(key.clone()).or_insert_with(|| {
            ordered.push(key);
            Sums { values: vec![Mean::default(); settings.metrics.len()], before: Mean::default() }
        });
        for (sum, metric) in sums.values.iter_mut().zip(&settings.metrics) {
            sum.add(number(row, &metric.field)?);
        }
        if let Some(field) = &settings.covariate {
            sums.before.add(number(row, field)?);
        }
    }
    refuse_shared_units(&ordered)?;
    for key in ordered {
        if let Some(sums) = units.get(&key) {
            let values = sums.values.iter().map(Mean::value).collect();
            arms[key.0].units.push(Unit { values, before: sums.before.value() });
        }
    }
    Ok(arms)
}

/// Refuses units that are in two arms: their arms are not independent.
fn refuse_shared_units(keys: &[(usize, String)]) -> Result<(), Error> {
    let mut arm_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (arm, unit) in keys {
        if *arm_of.entry(unit).or_insert(*arm) != *arm {
            let problem = format!("unit `{unit}` is in two arms, so that they are not independent");
            return Err(RewardedError::Experiment { place: "the experiment".into(), problem }.into());
        }
    }
    Ok(())
}

#[derive(Debug, Clone)]
struct Sums {
    values: Vec<Mean>,
    before: Mean,
}

#[derive(Debug, Clone, Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.sum += value;
            self.count += 1.0;
        }
    }

    fn value(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }
}

fn arm_of(row: &Row, settings: &ExperimentSettings) -> Result<String, Error> {
    match (&row.arm, &settings.arm) {
        (_, Some(field)) => text_at(&row.fields, field).ok_or_else(|| missing(row, field)),
        (Some(arm), None) => Ok(arm.clone()),
        (None, None) => Err(RewardedError::TooFewArms { found: "no field names the arms".into() }.into()),
    }
}

fn missing(row: &Row, field: &str) -> Error {
    RewardedError::NoNumber { place: row.place.clone(), field: field.into(), problem: "missing".into() }
        .into()
}

fn number(row: &Row, field: &str) -> Result<Option<f64>, Error> {
    number_at(&row.fields, field).map_err(|problem| {
        RewardedError::NoNumber { place: row.place.clone(), field: field.into(), problem }.into()
    })
}

/// What a split came to.
pub(crate) fn is_broken(ratio: Option<&SampleRatio>) -> bool {
    ratio.is_some_and(SampleRatio::is_mismatch)
}

#[cfg(test)]
mod tests;
