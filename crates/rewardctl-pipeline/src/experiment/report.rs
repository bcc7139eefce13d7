//! What an experiment came to: each metric, each arm against the first.

use rewardctl_core::betting::Betting;
use rewardctl_core::cuped;
use rewardctl_core::moments::Moments;
use rewardctl_core::power::{detectable_rise, detectable_unpaired, units_needed, units_needed_of_shares};
use rewardctl_core::proportion::Proportion;
use rewardctl_core::sample_ratio::{LEVEL, SampleRatio};
use rewardctl_core::two_proportions::two_proportions;
use rewardctl_core::welch::welch;
use serde::Serialize;

use crate::comparison::Looks;
use crate::comparison::report::holds_mean;
use crate::error::Error;
use crate::experiment::{Arm, Better, ExperimentSettings, Unit, is_broken};
use crate::rewarded::error::Error as RewardedError;

/// What an experiment came to.
#[derive(Debug, Clone, Serialize)]
pub struct ExperimentReport {
    /// The arms; the first is what the others are held against.
    pub arms: Vec<ArmSize>,
    /// Whether the split is the planned one; None where there are too few units to say.
    pub sample_ratio: Option<SampleRatio>,
    /// Whether the split is broken: then no figure can be trusted.
    pub sample_ratio_mismatch: bool,
    /// One less the level of tests and intervals.
    pub alpha: f64,
    /// The metrics, the first of which decides.
    pub metrics: Vec<MetricReport>,
    /// What to do, in words.
    pub advice: Vec<String>,
}

/// An arm with its size.
#[derive(Debug, Clone, Serialize)]
pub struct ArmSize {
    /// What it is called.
    pub name: String,
    /// Its units.
    pub units: u64,
}

/// One metric.
#[derive(Debug, Clone, Serialize)]
pub struct MetricReport {
    /// The field.
    pub metric: String,
    /// `higher` or `lower`.
    pub better: &'static str,
    /// Each arm against the first.
    pub contrasts: Vec<Contrast>,
}

/// An arm against the first, by one metric.
#[derive(Debug, Clone, Serialize)]
pub struct Contrast {
    /// The arm.
    pub arm: String,
    /// Units with a value: of the first arm, and of this one.
    pub counts: (u64, u64),
    /// Units without one, or of which nothing was known before where that is taken out.
    pub missing: (u64, u64),
    /// The mean of the first arm, and of this one; None of no unit with a value.
    pub means: (Option<f64>, Option<f64>),
    /// The difference; None without both means.
    pub difference: Option<f64>,
    /// Its interval at the level of the tests, also where one looks at any time.
    pub interval: Option<(f64, f64)>,
    /// The difference over the mean of the first arm; None where that is 0.
    pub relative: Option<f64>,
    /// How it was tested.
    pub method: &'static str,
    /// The two-sided p-value of "there is no difference"; None where nothing varies or one looks at any time.
    pub p: Option<f64>,
    /// The same, adjusted for the number of comparisons.
    pub p_adjusted: Option<f64>,
    /// The share of the variance that what was known before took out.
    pub variance_removed: Option<f64>,
    /// The smallest difference that so many units show with the power promised; None where one looks at any time.
    pub detectable: Option<f64>,
    /// Units in each arm that would show the difference found; None likewise.
    pub needed: Option<u64>,
    /// Whether the interval leaves 0 out, at any time one looks.
    pub always_decided: Option<bool>,
    /// Whether the rows are not in the order in which they came: then nothing holds at any time.
    pub out_of_order: bool,
}

impl From<Better> for &'static str {
    fn from(better: Better) -> Self {
        match better {
            Better::Higher => "higher",
            Better::Lower => "lower",
        }
    }
}

impl ExperimentReport {
    /// Puts all together.
    pub fn new(
        names: Vec<String>,
        counts: Vec<u64>,
        ratio: Option<SampleRatio>,
        metrics: Vec<MetricReport>,
        settings: &ExperimentSettings,
    ) -> Self {
        let advice = names.first().map_or(vec![], |first| advice(first, &metrics, ratio.as_ref(), settings));
        let arms = names.into_iter().zip(counts).map(|(name, units)| ArmSize { name, units }).collect();
        let mismatch = is_broken(ratio.as_ref());
        Self {
            arms,
            sample_ratio: ratio,
            sample_ratio_mismatch: mismatch,
            alpha: settings.alpha,
            metrics,
            advice,
        }
    }
}

/// Compares an arm with the first, by one metric.
pub(crate) fn contrast(
    (first, arm): (&Arm, &Arm),
    metric: usize,
    settings: &ExperimentSettings,
) -> Result<Contrast, Error> {
    let usable = |arm: &Arm| -> Vec<(f64, Option<f64>)> {
        let has_before = |unit: &&Unit| settings.covariate.is_none() || unit.before.is_some();
        let value = |unit: &Unit| Some((unit.values[metric]?, unit.before));
        arm.units.iter().filter(has_before).filter_map(value).collect()
    };
    let (one, other) = (usable(first), usable(arm));
    let values = |units: &[(f64, Option<f64>)]| units.iter().map(|(value, _)| *value).collect::<Vec<f64>>();
    let (before, after) = (values(&one), values(&other));
    let means = (mean(&before), mean(&after));
    let difference = means.0.zip(means.1).map(|(before, after)| after - before);
    let blank = Contrast {
        arm: arm.name.clone(),
        counts: (before.len() as u64, after.len() as u64),
        missing: ((first.units.len() - before.len()) as u64, (arm.units.len() - after.len()) as u64),
        means,
        difference,
        interval: None,
        relative: relative(difference, means.0),
        method: "none",
        p: None,
        p_adjusted: None,
        variance_removed: None,
        detectable: None,
        needed: None,
        always_decided: None,
        out_of_order: false,
    };
    if settings.looks == Looks::Always {
        return always(blank, (&before, &after), &settings.metrics[metric].field, settings);
    }
    if let Some((moments, removed)) = adjusted(&one, &other) {
        return Ok(by_welch(Contrast { variance_removed: Some(removed), ..blank }, moments, settings));
    }
    let is_share = |values: &[f64]| values.iter().all(|value| *value == 0.0 || *value == 1.0);
    if is_share(&before) && is_share(&after) {
        return Ok(by_shares(blank, (&before, &after), settings));
    }
    Ok(by_welch(blank, (Moments::of(&before), Moments::of(&after)), settings))
}

fn mean(values: &[f64]) -> Option<f64> {
    Moments::of(values).some_mean()
}

fn relative(difference: Option<f64>, base: Option<f64>) -> Option<f64> {
    difference.zip(base).filter(|(_, base)| *base != 0.0).map(|(difference, base)| difference / base.abs())
}

fn by_shares(
    contrast: Contrast,
    (before, after): (&[f64], &[f64]),
    settings: &ExperimentSettings,
) -> Contrast {
    let of = |values: &[f64]| Proportion {
        hits: values.iter().filter(|value| **value == 1.0).count() as u64,
        count: values.len() as u64,
    };
    let (first, arm, promise) = (of(before), of(after), settings.promise());
    let Some(found) = two_proportions(first, arm, settings.alpha) else { return contrast };
    let shares = first.share().zip(arm.share());
    let needed = shares.and_then(|shares| units_needed_of_shares(shares, promise));
    Contrast {
        interval: Some(found.interval),
        method: "two_proportions",
        p: Some(found.p),
        detectable: first.share().and_then(|share| detectable_rise(share, (first.count, arm.count), promise)),
        needed: needed.map(|units| units.ceil() as u64),
        ..contrast
    }
}

fn by_welch(
    contrast: Contrast,
    (before, after): (Moments, Moments),
    settings: &ExperimentSettings,
) -> Contrast {
    let Some(found) = welch(before, after, settings.alpha) else { return contrast };
    let promise = settings.promise();
    let pooled = (before.spread().powi(2) + after.spread().powi(2)).sqrt() / std::f64::consts::SQRT_2;
    let effect = if pooled > 0.0 { found.difference / pooled } else { 0.0 };
    let sizes = (before.count as u64, after.count as u64);
    Contrast {
        difference: Some(found.difference),
        interval: Some(found.interval),
        relative: relative(Some(found.difference), contrast.means.0),
        method: if contrast.variance_removed.is_some() { "welch_cuped" } else { "welch" },
        p: Some(found.p),
        detectable: detectable_unpaired(sizes, promise).map(|effect| effect * pooled),
        needed: units_needed(effect, promise).map(|units| units.ceil() as u64),
        ..contrast
    }
}

/// Returns the moments of both arms with what was known before taken out, and the share of the variance that is gone. None
/// where nothing was known, or it never varies.
fn adjusted(first: &[(f64, Option<f64>)], arm: &[(f64, Option<f64>)]) -> Option<((Moments, Moments), f64)> {
    let units = |units: &[(f64, Option<f64>)]| -> Vec<cuped::Unit> {
        let unit = |(outcome, before): &(f64, Option<f64>)| {
            Some(cuped::Unit { outcome: *outcome, before: (*before)? })
        };
        units.iter().filter_map(unit).collect()
    };
    let adjusted = cuped::adjusted(&[units(first), units(arm)])?;
    Some(((Moments::of(&adjusted.arms[0]), Moments::of(&adjusted.arms[1])), adjusted.variance_removed))
}

/// The interval that holds at any time: each arm's own, at half of the error each.
fn always(
    contrast: Contrast,
    (before, after): (&[f64], &[f64]),
    metric: &str,
    settings: &ExperimentSettings,
) -> Result<Contrast, Error> {
    let (least, most) = settings.range;
    // Two arms, two sides.
    let quarter = settings.alpha / 4.0;
    let bounds = |values: &[f64]| -> Result<(f64, f64, bool), Error> {
        if let Some(value) = values.iter().find(|value| **value < least || **value > most) {
            return Err(RewardedError::Policy {
                place: format!("metric `{metric}`"),
                problem: format!(
                    "{value} is not in {least} to {most}: looking at any time needs the range of the values"
                ),
            }
            .into());
        }
        let scaled: Vec<f64> = values.iter().map(|value| (value - least) / (most - least)).collect();
        let bets = Betting::at_any_time(&scaled, quarter);
        let (low, high) = (bets.lower(quarter), bets.upper(quarter));
        let is_in_order = holds_mean(&scaled, (low, high));
        Ok((least + (most - least) * low, least + (most - least) * high, is_in_order))
    };
    let (one, other) = (bounds(before)?, bounds(after)?);
    let interval = (other.0 - one.1, other.1 - one.0);
    let out_of_order = !(one.2 && other.2);
    let is_decided = !out_of_order && contrast.difference.is_some() && (interval.0 > 0.0 || interval.1 < 0.0);
    Ok(Contrast {
        interval: (!out_of_order && contrast.difference.is_some()).then_some(interval),
        method: "betting",
        always_decided: Some(is_decided),
        out_of_order,
        ..contrast
    })
}

fn advice(
    first: &str,
    metrics: &[MetricReport],
    ratio: Option<&SampleRatio>,
    settings: &ExperimentSettings,
) -> Vec<String> {
    if let Some(ratio) = ratio.filter(|ratio| ratio.is_mismatch()) {
        return vec![format!(
            "Hold: the split is not the planned one (p {:.2e}). Something decides who is counted, so that no figure can be trusted: find it first.",
            ratio.p
        )];
    }
    let mut advice = vec![];
    for (at, metric) in metrics.iter().enumerate() {
        let role = if at == 0 { Role::Deciding } else { Role::Watched };
        advice
            .extend(metric.contrasts.iter().map(|contrast| said((first, contrast), metric, role, settings)));
    }
    advice
}

/// Tells whether values are missing in one arm far more often than in the other.
fn is_lopsided(contrast: &Contrast) -> bool {
    let of = |missing: u64, count: u64| Proportion { hits: missing, count: missing + count };
    let (first, arm) = (of(contrast.missing.0, contrast.counts.0), of(contrast.missing.1, contrast.counts.1));
    two_proportions(first, arm, LEVEL).is_some_and(|found| found.p < LEVEL)
}

/// Names what has no unit with a value.
fn empty_arms(first: &str, contrast: &Contrast) -> String {
    match contrast.counts {
        (0, 0) => format!("neither `{first}` nor `{}`", contrast.arm),
        (0, _) => format!("`{first}`"),
        _ => format!("`{}`", contrast.arm),
    }
}

/// What a metric is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The experiment was made for it.
    Deciding,
    /// It should not get worse.
    Watched,
}

fn said(
    (first, contrast): (&str, &Contrast),
    metric: &MetricReport,
    role: Role,
    settings: &ExperimentSettings,
) -> String {
    let Some(difference) = contrast.difference else {
        return format!("Hold: {} has no {} at all.", empty_arms(first, contrast), metric.metric);
    };
    let is_decided =
        contrast.always_decided.unwrap_or_else(|| contrast.p_adjusted.is_some_and(|p| p <= settings.alpha));
    if contrast.out_of_order {
        return format!(
            "Hold: the values of {} are not in the order in which they came, or change on the way, so that nothing can be said at any time.",
            metric.metric
        );
    }
    let missing = contrast.missing.0 + contrast.missing.1;
    if is_lopsided(contrast) {
        return format!(
            "Hold: {missing} units have no {}, in one arm far more than in the other, so that those that have one are no longer alike.",
            metric.metric
        );
    }
    let is_better = (difference > 0.0) == (metric.better == "higher");
    let arm = &contrast.arm;
    let change =
        contrast.relative.map_or(String::new(), |relative| format!(" by {:.1} %", relative.abs() * 100.0));
    let what = &metric.metric;
    match (is_decided, is_better, role) {
        (true, true, Role::Deciding) => {
            format!("`{arm}` improves {what}{change}: take it, unless another metric speaks against it.")
        }
        (true, true, Role::Watched) => format!("`{arm}` also improves {what}{change}."),
        (true, false, Role::Deciding) => format!("`{arm}` makes {what} worse{change}: keep `{first}`."),
        (true, false, Role::Watched) => {
            format!("`{arm}` makes {what} worse{change}: that speaks against it.")
        }
        (false, _, Role::Watched) => format!("{what} does not tell `{arm}` from `{first}`."),
        (false, _, Role::Deciding) => {
            let found = contrast.detectable.map_or(String::new(), |detectable| {
                format!(": differences from {detectable:.3} on are found with so many units")
            });
            let needed = contrast.needed.map_or(String::new(), |needed| {
                format!(", and one as large as was found takes {needed} in each arm")
            });
            format!("{what} does not tell `{arm}` from `{first}`{found}{needed}.")
        }
    }
}
