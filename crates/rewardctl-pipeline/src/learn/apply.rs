//! An aggregator on responses that were judged before: its rewards, and what it says of pairs that people compared.

use std::collections::BTreeMap;
use std::path::Path;

use rewardctl_core::calibration::brier::brier;
use rewardctl_core::calibration::ece::{BINS, ece, ece_by_chance};
use rewardctl_core::calibration::log_loss::log_loss;
use rewardctl_core::calibration::reliability::Binning;
use rewardctl_core::calibration::{Forecast, Forecasts, Sample};
use rewardctl_core::id::ContentId;
use rewardctl_core::random;
use rewardctl_core::reward::{Aggregate, uncertainty};
use rewardctl_core::score::Score;
use rewardctl_core::verdict::{Outcome, Verdict};
use rewardctl_model::aggregator::{Aggregator, Row, fixed_weights};
use rewardctl_model::learn::cross::{Pairing, Preference, hit, pairing, preferences};
use rewardctl_model::learn::report::{Figure, Groups};
use rewardctl_model::manifest::{Kind, Manifest};
use rewardctl_model::onnx::Runtime;
use serde::Serialize;

use crate::error::Error;
use crate::learn::gather::Gathered;
use crate::learn::said::labels;

/// How probabilities are grouped where calibration is measured.
const BINNING: Binning = Binning::EqualWidth(BINS);

/// What an aggregator made of gathered responses.
#[derive(Debug)]
pub struct Applied {
    /// Per response.
    pub aggregates: Vec<Aggregate>,
    /// What margins of utilities are divided by.
    pub temperature: f64,
}

/// A pair that somebody compared, and what the aggregator says of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairForecast {
    /// The number of the first response's prompt: rows of one belong together.
    pub group: usize,
    /// The number of the second response's prompt: the same, unless ratings are compared across prompts.
    pub other_group: usize,
    /// What the first response is called.
    pub a: String,
    /// What the second response is called.
    pub b: String,
    /// The probability that the first is better.
    pub probability: f64,
    /// The label, as a probability that the first is better: 1, 0, ½ for a tie, in between where it is not certain.
    pub label: f64,
}

/// One way to tell responses apart, on the pairs that people compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// What people call it.
    pub name: String,
    /// Pairs with a winner of which it scored both sides.
    pub pairs: usize,
    /// Of these, those on which it sees no difference.
    pub ties: usize,
    /// The share told right, with no difference as half right; None without pairs.
    pub accuracy: Option<Figure>,
    /// The same with no difference as wrong.
    pub accuracy_strict: Option<f64>,
}

/// How good the probabilities of an aggregator are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibrated {
    /// The mean of `−log P(label)`, in nats.
    pub log_loss: Option<Figure>,
    /// The mean squared difference of probability and label.
    pub brier: Option<Figure>,
    /// The expected calibration error of the likelier side, in ten bins of equal width.
    pub ece: Option<Figure>,
    /// What that would come to on as many pairs if every probability were true.
    pub ece_by_chance: Option<f64>,
}

/// An aggregator and its critics, beside what people said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AggregatorReport {
    /// Responses.
    pub responses: usize,
    /// Comparisons, and responses that one person rated differently.
    pub pairs: usize,
    /// Of these, those of which no critic scored one of the two: they are in no figure.
    pub without_reward: usize,
    /// The aggregator, the fixed weights, then each critic.
    pub measured: Vec<Measured>,
    /// How good the aggregator's probabilities are.
    pub probabilities: Calibrated,
}

/// Runs the aggregator in `folder`, or the fixed weights, on everything that was gathered.
pub fn apply(gathered: &Gathered, folder: Option<&Path>, library: &Path) -> Result<Applied, Error> {
    let runtime = Runtime::load(library)?;
    let panel = &gathered.panel;
    let (mut aggregator, temperature) = match folder {
        None => (Aggregator::new(&runtime, &fixed_weights(panel), panel)?, 1.0),
        Some(folder) => (Aggregator::load(&runtime, folder, panel)?, temperature(folder)?),
    };
    let row = |one: &rewardctl_model::learn::labels::Observed| Row {
        scores: one.scores.iter().map(|score| score.and_then(Score::clamped)).collect(),
        variances: one.variances.clone(),
        style: one.style,
    };
    let rows: Vec<Row> = gathered.observed.iter().map(row).collect();
    Ok(Applied { aggregates: aggregator.run(&rows)?, temperature })
}

/// Returns the temperature of the aggregator in `folder`.
pub fn temperature(folder: &Path) -> Result<f64, Error> {
    let figures = Manifest::load_kind(folder, Kind::Aggregator)?.figures;
    Ok(figures.get("temperature").copied().unwrap_or(1.0))
}

/// Returns what the aggregator says of every pair that somebody compared, or rated differently; None where no critic
/// scored one of the two, which therefore has no reward.
pub fn forecasts(
    gathered: &Gathered,
    applied: &Applied,
    target: Option<&str>,
) -> Result<Vec<Option<PairForecast>>, Error> {
    let compared = compared(gathered, target)?;
    Ok(compared.iter().map(|pair| forecast(gathered, applied, pair)).collect())
}

fn forecast(gathered: &Gathered, applied: &Applied, pair: &Preference) -> Option<PairForecast> {
    Some(PairForecast {
        group: pair.groups[0],
        other_group: pair.groups[1],
        a: gathered.names[pair.a].clone(),
        b: gathered.names[pair.b].clone(),
        probability: probability(gathered, applied, pair.a, pair.b)?,
        label: pair.target,
    })
}

/// The pairs that somebody compared, or rated differently.
fn compared(gathered: &Gathered, target: Option<&str>) -> Result<Vec<Preference>, Error> {
    let labels = labels(gathered, target)?;
    let pairing = pairing(&gathered.observed, &labels);
    Ok(preferences(&gathered.observed, &labels, pairing))
}

/// Returns one pair of each prompt, drawn at random from those of which somebody said something, and how many there were in all.
///
/// A promise counts errors as independent, and those of one prompt are not; neither are those of several people on one pair.
pub fn one_a_prompt(
    gathered: &Gathered,
    applied: &Applied,
    target: Option<&str>,
    seed: u64,
) -> Result<(Vec<PairForecast>, usize), Error> {
    let labels = labels(gathered, target)?;
    let mut by_prompt: BTreeMap<usize, Vec<Preference>> = BTreeMap::new();
    for pair in preferences(&gathered.observed, &labels, Pairing::WithinPrompts) {
        by_prompt.entry(pair.groups[0]).or_default().push(pair);
    }
    let all = by_prompt.values().map(Vec::len).sum();
    let draw = |pairs: &Vec<Preference>| {
        let first = gathered.names[pairs[0].a].as_bytes();
        let pair = &pairs[random::index(seed, "calibrate", ContentId::of("prompt", [first]), pairs.len())];
        forecast(gathered, applied, pair)
    };
    Ok((by_prompt.values().filter_map(draw).collect(), all))
}

/// By the utilities where there are some, else by rewards with normal errors.
fn probability(gathered: &Gathered, applied: &Applied, a: usize, b: usize) -> Option<f64> {
    let has_score = |place: usize| gathered.observed[place].scores.iter().any(Option::is_some);
    if !has_score(a) || !has_score(b) {
        return None;
    }
    let (one, other) = (&applied.aggregates[a], &applied.aggregates[b]);
    if let (Some(one), Some(other)) = (&one.utility, &other.utility) {
        return Some(one.probability_better(other, applied.temperature));
    }
    let deviation = |place: usize, aggregate: &Aggregate| {
        uncertainty(&gathered.panel, &verdicts(gathered, place), aggregate).total
    };
    let sides = [(a, one), (b, other)].map(|(place, side)| (side.reward, deviation(place, side)));
    Some(rewardctl_core::pair::probability_better(sides[0], sides[1]))
}

/// Returns what the critics said of a response, as verdicts.
pub(crate) fn verdicts(gathered: &Gathered, place: usize) -> Vec<Verdict> {
    let observed = &gathered.observed[place];
    let slots = gathered.panel.slots.iter().zip(&observed.scores).zip(&observed.variances);
    let verdict = |((slot, score), variance): ((&rewardctl_core::panel::Slot, &Option<f64>), &f64)| Verdict {
        critic: slot.critic.clone(),
        dimension: slot.dimension.clone(),
        outcome: match score.and_then(Score::clamped) {
            Some(score) => Outcome::Scored { score, variance: Some(*variance) },
            None => Outcome::Abstained { reason: String::new() },
        },
        rationale: String::new(),
        spans: vec![],
        flagged: false,
        evidence: None,
    };
    slots.map(verdict).collect()
}

/// Measures the aggregator and each critic on the pairs that people compared.
pub fn measure(
    gathered: &Gathered,
    applied: &Applied,
    target: Option<&str>,
    seed: u64,
) -> Result<AggregatorReport, Error> {
    let compared = compared(gathered, target)?;
    let found: Vec<Option<PairForecast>> =
        compared.iter().map(|pair| forecast(gathered, applied, pair)).collect();
    let order = |place: usize| {
        let aggregate = &applied.aggregates[place];
        aggregate.utility.as_ref().map_or(aggregate.reward, |utility| utility.value)
    };
    let ours = |at: usize| found[at].as_ref().map(|_| order(compared[at].a) - order(compared[at].b));
    let mut measured = vec![told(&compared, "this aggregator", ours, seed)];
    let fixed = |place: usize| {
        rewardctl_core::reward::fixed_weights(&gathered.panel, &gathered.observed[place].scores)
    };
    measured.push(told(
        &compared,
        "fixed weights",
        |at| Some(fixed(compared[at].a)? - fixed(compared[at].b)?),
        seed,
    ));
    for (slot, critic) in gathered.panel.slots.iter().enumerate() {
        let score = |place: usize| gathered.observed[place].scores[slot];
        let margin = |at: usize| Some(score(compared[at].a)? - score(compared[at].b)?);
        measured.push(told(&compared, &critic.critic, margin, seed));
    }
    Ok(AggregatorReport {
        responses: gathered.observed.len(),
        pairs: compared.len(),
        without_reward: found.iter().filter(|pair| pair.is_none()).count(),
        measured,
        probabilities: calibrated(&found.into_iter().flatten().collect::<Vec<_>>(), seed),
    })
}

fn told(compared: &[Preference], name: &str, margin: impl Fn(usize) -> Option<f64>, seed: u64) -> Measured {
    let clear = (0..compared.len()).filter(|at| compared[*at].target != 0.5);
    let told: Vec<(&Preference, f64)> = clear.filter_map(|at| Some((&compared[at], margin(at)?))).collect();
    let hits: Vec<Option<f64>> = told.iter().map(|(pair, margin)| Some(hit(*margin, pair.target))).collect();
    let strict = hits.iter().filter(|hit| **hit == Some(1.0)).count() as f64 / hits.len().max(1) as f64;
    let groups = Groups::new(told.iter().map(|(pair, _)| pair.groups));
    Measured {
        name: name.into(),
        pairs: told.len(),
        ties: told.iter().filter(|(_, margin)| *margin == 0.0).count(),
        accuracy: (!hits.is_empty()).then(|| groups.figure(&hits, seed)),
        accuracy_strict: (!hits.is_empty()).then_some(strict),
    }
}

fn calibrated(found: &[PairForecast], seed: u64) -> Calibrated {
    let groups = Groups::new(found.iter().map(|forecast| [forecast.group, forecast.other_group]));
    let forecast = |one: &PairForecast| Forecast::new(one.probability, one.label).ok();
    let plain: Vec<Forecast> = found.iter().filter_map(forecast).collect();
    let sided: Vec<Forecast> = plain.iter().map(|forecast| forecast.confidence()).collect();
    let figure = |of: &[Forecast], figure: &dyn Fn(Sample<'_>) -> Option<f64>| {
        let forecasts = Forecasts::between(of, groups.of());
        let [interval] = forecasts.intervals(seed, |sample| [figure(sample)]);
        Some(Figure { mean: figure(forecasts.all())?, interval })
    };
    Calibrated {
        log_loss: figure(&plain, &log_loss),
        brier: figure(&plain, &brier),
        ece: figure(&sided, &|sample| ece(sample, BINNING)),
        ece_by_chance: ece_by_chance(Forecasts::independent(&sided).all(), BINNING),
    }
}
