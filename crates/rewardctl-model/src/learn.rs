//! Fits the aggregator to what people said: which combination of the critics their labels support, and how sure it is.
//!
//! One linear model carries everything: [`space`] turns verdicts into standardised features, [`prior`] says what is
//! believed before any label, [`objective`] and [`newton`] fit pairs and ratings together, [`evidence`] weighs how
//! far the labels may move the prior, [`mod@fit`] puts these in order, [`mod@cross`] measures the result on prompts that
//! it never saw, and [`model`] is what remains: numbers that become an ONNX graph.

pub mod cross;
pub mod evidence;
pub mod fit;
pub mod flips;
pub mod labels;
pub mod model;
pub mod newton;
pub mod objective;
pub mod prior;
pub mod repeats;
pub mod report;
pub mod rows;
pub mod space;
pub mod style;
pub mod sure;
pub mod temperature;
pub mod write;

use std::collections::{BTreeMap, BTreeSet};

use ndarray::{Array1, Array2};
use rewardctl_core::panel::Panel;

use crate::error::Error;
use crate::learn::cross::{Crossed, cross};
use crate::learn::evidence::{Choice, Tried};
use crate::learn::fit::{Fit, Pool, fit};
use crate::learn::labels::{Labels, Observed};
use crate::learn::model::Model;
use crate::learn::report::{Report, add_figures, add_fit, begin};
use crate::learn::space::Signs;
use crate::learn::temperature::{FEWEST_MARGINS, Margin, cross_entropy, probability, temperature};

/// The most critics that a panel to be fitted may have: the graph's imputation grows with their square.
pub const MOST_CRITICS: usize = 256;
/// Below this many labels a fit is no more than a hint.
const FEW_LABELS: usize = 20;

/// What a fit depends on beside the pool and its labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LearnSettings {
    /// Which signs the critics' weights may have.
    pub signs: Signs,
    /// Which priors are tried.
    pub tried: Tried,
    /// The seed of the folds.
    pub seed: u64,
}

/// A fitted aggregator with what it is worth.
#[derive(Debug, Clone)]
pub struct Learned {
    /// The aggregator.
    pub model: Model,
    /// What it is worth.
    pub report: Report,
    /// Every label, predicted out of fold.
    pub crossed: Crossed,
}

/// Fits the aggregator of `panel` to `labels` on the responses `observed`, of which any number may be unlabelled.
///
/// Without any label the weights are the user's times what the critics' agreement tells of each: a start, and the
/// report says what it assumes.
pub fn learn(
    panel: &Panel,
    observed: &[Observed],
    labels: &Labels,
    settings: LearnSettings,
) -> Result<Learned, Error> {
    if panel.slots.len() > MOST_CRITICS {
        return Err(Error::TooManyCritics { found: panel.slots.len(), most: MOST_CRITICS });
    }
    let pool = Pool::new(panel, settings.signs, observed);
    if pool.directions.is_empty() {
        return Err(Error::NothingDiffers { responses: observed.len() });
    }
    let mut report = begin(&pool, labels, settings.seed);
    if labels.is_empty() {
        return label_free(&pool, report);
    }
    let (tried, crossed) = choose(&pool, labels, settings);
    let fitted = fit(&pool, labels, tried).ok_or(Error::LabelsDiverged)?;
    add_fit(&mut report, &pool, labels, &fitted);
    let temperature = temperature(&margins(&crossed));
    add_figures(&mut report, &crossed, temperature);
    warn(&mut report, labels);
    Ok(Learned { model: Model::new(&pool, &fitted, temperature), report, crossed })
}

/// Labels a prompt up to which they count as independent.
const FEW_A_PROMPT: usize = 2;

/// Below this many prompts a standard error over them says little.
const FEWEST_PROMPTS: usize = 10;

/// From this many prompts on, how fits predict prompts that they never saw says more of style than the evidence does.
const ENOUGH_PROMPTS: usize = 100;

/// Standard errors by which an order may be worse and still count as no worse.
const NO_WORSE: f64 = 0.5;

/// Lets style have a weight as far as the evidence supports it; with enough prompts, only if other prompts are then predicted
/// better, and their order no worse; where prompts have many labels each, better by more than a standard error (L. Breiman and
/// others, *Classification and Regression Trees*, 1984, section 3.4.3).
///
/// The evidence takes labels for independent. Those of one prompt are not: what is good style there may be bad style
/// elsewhere, and few prompts with many labels each would make a rule of it. And it asks for probabilities alone: what makes
/// them better on most pairs may turn the order of those on which critics disagree.
fn choose(pool: &Pool<'_>, labels: &Labels, settings: LearnSettings) -> (Tried, Crossed) {
    let LearnSettings { tried, seed, .. } = settings;
    let with = cross(pool, labels, tried, seed);
    let prompts = labelled_prompts(pool, labels);
    let is_crowded = labels.len() > FEW_A_PROMPT * prompts;
    if tried != Tried::All || (prompts < ENOUGH_PROMPTS && !is_crowded) {
        return (tried, with.unwrap_or_default());
    }
    let least = if is_crowded { 1.0 } else { 0.0 };
    let without = cross(pool, labels, Tried::WithoutStyle, seed);
    match (without, with) {
        (Some(without), Some(with)) if predicts_better(&with, &without, least) => (Tried::All, with),
        (Some(without), _) => (Tried::WithoutStyle, without),
        (None, _) => (Tried::WithoutStyle, Crossed::default()),
    }
}

fn labelled_prompts(pool: &Pool<'_>, labels: &Labels) -> usize {
    let pairs = labels.pairs.iter().map(|pair| pair.a);
    let ratings = labels.ratings.iter().map(|rating| rating.response);
    pairs.chain(ratings).map(|place| pool.observed[place].group).collect::<BTreeSet<usize>>().len()
}

/// Tells whether `one` predicts better than `other`, by more than `least` standard errors over prompts, and orders pairs no
/// worse.
fn predicts_better(one: &Crossed, other: &Crossed, least: f64) -> bool {
    if !orders_no_worse(one, other) {
        return false;
    }
    let (one, other) = (losses(one), losses(other));
    let gains: Vec<f64> = other.iter().map(|(prompt, loss)| loss - one.get(prompt).unwrap_or(loss)).collect();
    let count = gains.len() as f64;
    let mean = gains.iter().sum::<f64>() / count;
    let variance = gains.iter().map(|gain| (gain - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    gains.len() >= FEWEST_PROMPTS && mean > least * (variance / count).sqrt()
}

/// Tells whether `one` orders as many pairs right as `other`, less what is hardly chance.
fn orders_no_worse(one: &Crossed, other: &Crossed) -> bool {
    let hit = |one: &cross::Predicted| cross::hit(one.margin, one.preference.target);
    let gains = one.preferences.iter().zip(&other.preferences).map(|(one, other)| hit(one) - hit(other));
    let (gain, squares) = gains.fold((0.0, 0.0), |(sum, squares), gain| (sum + gain, squares + gain * gain));
    gain >= -NO_WORSE * squares.sqrt()
}

/// The loss of each prompt's labels, at the temperature that suits all of them.
fn losses(crossed: &Crossed) -> BTreeMap<usize, f64> {
    let margins = margins(crossed);
    let t = temperature(&margins);
    let mut losses = BTreeMap::new();
    for (predicted, one) in crossed.preferences.iter().zip(&margins) {
        let loss = cross_entropy(probability(one.mean, one.variance, t), one.target);
        *losses.entry(predicted.preference.groups[0]).or_default() += loss;
    }
    // Where the order of responses can be measured, it alone counts: what tells prompts apart may mislead within them.
    for rating in crossed.ratings.iter().filter(|_| margins.len() < FEWEST_MARGINS) {
        *losses.entry(rating.group).or_default() -= rating.log_probability;
    }
    losses
}

/// Returns the margins that a temperature is fitted to.
pub fn margins(crossed: &Crossed) -> Vec<Margin> {
    let margin = |one: &cross::Predicted| Margin {
        mean: one.margin,
        variance: one.variance,
        target: one.preference.target,
    };
    crossed.preferences.iter().map(margin).collect()
}

/// The prior alone: the user's weights times reliabilities, as unsure as the prior is.
fn label_free(pool: &Pool<'_>, mut report: Report) -> Result<Learned, Error> {
    let direction = pool.directions.last().ok_or(Error::NothingDiffers { responses: pool.observed.len() })?;
    let active = pool.space.active();
    // A precision of 10 is what the labels of decent panels mostly choose.
    const PRECISION: f64 = 10.0;
    let variance: Array1<f64> = active
        .iter()
        .enumerate()
        .map(|(at, active)| if *active && at < pool.space.style_at() { PRECISION.recip() } else { 0.0 })
        .collect();
    let fitted = Fit {
        theta: direction.weights.clone(),
        covariance: Array2::from_diag(&variance),
        choice: Choice {
            direction: direction.name.clone(),
            scale: 1.0,
            precision: PRECISION,
            length_precision: f64::INFINITY,
            style_precision: f64::INFINITY,
            log_evidence: 0.0,
        },
        flip_rates: vec![],
        slope: 1.0,
        cuts: vec![],
        intercepts: vec![],
    };
    add_fit(&mut report, pool, &Labels::default(), &fitted);
    report.prior = None;
    report.warnings.push(
        "no labels: the weights are assumptions. Where one critic is much better than the others, this can be 12 \
         percentage points worse than that critic alone; label 20 to 50 pairs"
            .into(),
    );
    Ok(Learned { model: Model::new(pool, &fitted, 1.0), report, crossed: Crossed::default() })
}

fn warn(report: &mut Report, labels: &Labels) {
    let mut warn = |text: String| report.warnings.push(text);
    if labels.len() < FEW_LABELS {
        let so_few =
            if labels.len() == 1 { "one label is".into() } else { format!("{} labels are", labels.len()) };
        warn(format!("{so_few} few: figures and weights may change much with the next"));
    }
    if labels.ratings.is_empty() && labels.pairs.iter().all(|pair| pair.target == 0.5) {
        warn("every comparison is a tie: the labels say that nothing is better than anything else".into());
    }
    if report.preferences.is_none() {
        let why = "too few labelled prompts, or no two responses that one person told apart";
        warn(format!("the fit is not measured on prompts that it never saw: {why}"));
    } else if !report.is_calibrated {
        warn("uncalibrated: fewer than 40 pairs were predicted out of fold, so the temperature is 1".into());
    }
    if !report.unused.is_empty() {
        let count = report.unused.len();
        let word = if count == 1 { "critic has" } else { "critics have" };
        report.warnings.push(format!("{count} {word} no weight: scores that never differ, or hardly any"));
    }
}

#[cfg(test)]
mod tests;
