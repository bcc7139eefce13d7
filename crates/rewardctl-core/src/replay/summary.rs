//! What replays with many seeds come to: curves with intervals, the area under them, and the labels that a rule saves.

use serde::Serialize;

use crate::bootstrap;
use crate::replay::Policy;
use crate::replay::measure::Measure;
use crate::wilcoxon::{SignedRank, signed_rank};

/// A mean over seeds, with its 95 % interval where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mean {
    /// The mean.
    pub mean: f64,
    /// The bootstrap interval over seeds.
    pub interval: Option<(f64, f64)>,
}

/// One policy after some labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Step {
    /// How many labels were given.
    pub labels: usize,
    /// The accuracy.
    pub accuracy: Mean,
    /// The log loss, in nats.
    pub log_loss: Mean,
    /// The expected calibration error.
    pub calibration_error: Mean,
}

/// The labels that a policy needs to come as far as random asking.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Saving {
    /// Which figure is to be met.
    pub figure: Figure,
    /// The share of the budget at which random asking gives the target.
    pub at: f64,
    /// The target: the figure of random asking there.
    pub target: f64,
    /// How many labels random asking needs, the first time that its mean meets the target.
    pub random: f64,
    /// How many this policy needs; None where it does not come so far within the budget.
    pub needed: Option<f64>,
    /// The share saved, `1 − needed / random`, negative where more are needed; None where the target is not met.
    pub share: Option<f64>,
    /// The low end of its 95 % interval over seeds; None where the target may not be met at all.
    pub low: Option<f64>,
    /// The high end; None where it is likely not to be met.
    pub high: Option<f64>,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Accuracy: more is better.
    Accuracy,
    /// Log loss: less is better.
    LogLoss,
}

/// One policy over all seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The name of the policy.
    pub policy: &'static str,
    /// The curve.
    pub steps: Vec<Step>,
    /// The area under the accuracy curve: its mean height from the start to the budget.
    pub area: Mean,
    /// By how much that differs from random asking, seed by seed; None for random asking itself.
    pub difference: Option<Mean>,
    /// The signed-rank test of those differences; None where none differs.
    pub test: Option<SignedRank>,
    /// The labels that it saves; empty for random asking itself.
    pub savings: Vec<Saving>,
}

/// What stands for a target that is not met: lower than any share, but a number, so that quantiles exist.
const NEVER: f64 = -1e12;

/// The shares of the budget at which random asking sets the targets.
const TARGETS: [f64; 2] = [0.6, 1.0];

/// Sums up `runs`: per seed, per policy, what was measured. The first policy is what the others are compared with.
///
/// Curves end where the shortest one does. Empty without a seed in which every policy was measured.
pub fn summarise(policies: &[Policy], runs: &[Vec<Vec<Measure>>], seed: u64) -> Vec<Summary> {
    let complete: Vec<&Vec<Vec<Measure>>> = runs
        .iter()
        .filter(|run| run.len() == policies.len() && run.iter().all(|curve| !curve.is_empty()))
        .collect();
    let Some(length) = complete.iter().flat_map(|run| run.iter().map(Vec::len)).min() else { return vec![] };
    let curves =
        |policy: usize| -> Vec<&[Measure]> { complete.iter().map(|run| &run[policy][..length]).collect() };
    let base = curves(0);
    let base_areas: Vec<f64> = base.iter().map(|curve| area(curve)).collect();
    let summary = |(at, policy): (usize, &Policy)| {
        let curves = curves(at);
        let areas: Vec<f64> = curves.iter().map(|curve| area(curve)).collect();
        let differences: Vec<f64> = areas.iter().zip(&base_areas).map(|(area, base)| area - base).collect();
        Summary {
            policy: policy.name(),
            steps: (0..length).map(|step| step_of(&curves, step, seed)).collect(),
            area: mean(&areas, seed),
            difference: (at > 0).then(|| mean(&differences, seed)),
            test: signed_rank(&differences),
            savings: if at > 0 { savings(&base, &curves, seed) } else { vec![] },
        }
    };
    policies.iter().enumerate().map(summary).collect()
}

fn step_of(curves: &[&[Measure]], step: usize, seed: u64) -> Step {
    let over = |figure: fn(&Measure) -> f64| {
        mean(&curves.iter().map(|curve| figure(&curve[step])).collect::<Vec<_>>(), seed)
    };
    Step {
        labels: curves[0][step].labels,
        accuracy: over(|measure| measure.accuracy),
        log_loss: over(|measure| measure.log_loss),
        calibration_error: over(|measure| measure.calibration_error),
    }
}

fn mean(values: &[f64], seed: u64) -> Mean {
    let over = |drawn: &[u32]| {
        let count: f64 = drawn.iter().map(|times| f64::from(*times)).sum();
        Some(values.iter().zip(drawn).map(|(value, times)| value * f64::from(*times)).sum::<f64>() / count)
    };
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    Mean { mean, interval: bootstrap::interval(values.len(), seed, over) }
}

/// The mean height of the accuracy curve, by trapezoids.
fn area(curve: &[Measure]) -> f64 {
    let span = |pair: &[Measure]| (pair[1].labels - pair[0].labels) as f64;
    let total: f64 = curve.windows(2).map(span).sum();
    if total == 0.0 {
        return curve[0].accuracy;
    }
    let sum: f64 =
        curve.windows(2).map(|pair| span(pair) * f64::midpoint(pair[0].accuracy, pair[1].accuracy)).sum();
    sum / total
}

fn savings(base: &[&[Measure]], curves: &[&[Measure]], seed: u64) -> Vec<Saving> {
    let figures = [Figure::Accuracy, Figure::LogLoss];
    let all = vec![1; base.len()];
    let each = figures.into_iter().flat_map(|figure| TARGETS.map(|at| (figure, at)));
    each.map(|(figure, at)| {
        let (random, needed, target) = needed(base, curves, &all, figure, at);
        let share = |random: f64, needed: f64| 1.0 - needed / random;
        let again = |drawn: &[u32]| {
            let (random, needed, _) = self::needed(base, curves, drawn, figure, at);
            Some(needed.map_or(NEVER, |needed| share(random, needed)))
        };
        let interval = bootstrap::interval(base.len(), seed, again);
        let end = |end: f64| (end > NEVER / NEVER.abs().sqrt()).then_some(end);
        let target = if figure == Figure::LogLoss { -target } else { target };
        Saving {
            figure,
            at,
            target,
            random,
            needed,
            share: needed.map(|needed| share(random, needed)),
            low: interval.and_then(|(low, _)| end(low)),
            high: interval.and_then(|(_, high)| end(high)),
        }
    })
    .collect()
}

/// Returns how many labels random asking and a policy need for what random asking reaches at this share of the budget,
/// and what that is.
fn needed(
    base: &[&[Measure]],
    curves: &[&[Measure]],
    drawn: &[u32],
    figure: Figure,
    at: f64,
) -> (f64, Option<f64>, f64) {
    let random = heights(base, drawn, figure);
    let sought = random.last().map_or(0.0, |(labels, _)| labels * at);
    let off = |place: &usize| (random[*place].0 - sought).abs();
    let place = (0..random.len()).min_by(|a, b| off(a).total_cmp(&off(b))).unwrap_or(0);
    let target = random[place].1;
    let first = first_at(&random, target).unwrap_or(random[place].0);
    (first, first_at(&heights(curves, drawn, figure), target), target)
}

/// Returns the mean curve: labels, and a figure that is better when higher.
fn heights(curves: &[&[Measure]], drawn: &[u32], figure: Figure) -> Vec<(f64, f64)> {
    let of = |measure: &Measure| match figure {
        Figure::Accuracy => measure.accuracy,
        Figure::LogLoss => -measure.log_loss,
    };
    let count: f64 = drawn.iter().map(|times| f64::from(*times)).sum();
    let height = |step: usize| {
        let sum: f64 =
            curves.iter().zip(drawn).map(|(curve, times)| of(&curve[step]) * f64::from(*times)).sum();
        (curves[0][step].labels as f64, sum / count)
    };
    (0..curves[0].len()).map(height).collect()
}

/// Returns the labels at which a curve first meets `target`, between two steps by proportion.
fn first_at(curve: &[(f64, f64)], target: f64) -> Option<f64> {
    let (labels, height) = *curve.first()?;
    if height >= target {
        return Some(labels);
    }
    let pair = curve.windows(2).find(|pair| pair[1].1 >= target)?;
    let ((before, low), (after, high)) = (pair[0], pair[1]);
    Some(before + (after - before) * (target - low) / (high - low))
}
