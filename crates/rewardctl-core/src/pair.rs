//! Preference pairs: which response to train towards, which away from.
//!
//! What people said comes first: corrections, then comparisons, then ratings. Models decide only where people are
//! silent, only with a gap that their uncertainty leaves no doubt about, and never against a person. Ties are
//! withheld.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::id::{ItemId, ResponseId};
use crate::label::{Comparison, Judgement, Label, comparisons, last_words, mean_rating};
use crate::random;

/// Who decided a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A person wrote the chosen text.
    Correction,
    /// People compared the two responses.
    Comparison,
    /// People rated both responses.
    Ratings,
    /// People rated one response, the models the other.
    RatingAndModel,
    /// The models alone.
    Model,
}

impl Source {
    /// Returns who decided, as a person reads it.
    pub fn who(&self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Comparison => "comparison",
            Self::Ratings => "ratings",
            Self::RatingAndModel => "rating and model",
            Self::Model => "models",
        }
    }
}

/// The better side of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen {
    /// A response of the item.
    Response(ResponseId),
    /// A text that a person wrote.
    Text(String),
}

/// Two answers to one prompt, the better one known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreferencePair {
    /// The prompt's item.
    pub item: ItemId,
    /// The better answer.
    pub chosen: Chosen,
    /// The worse answer.
    pub rejected: ResponseId,
    /// The difference of the two values, in score units; None where nothing was measured on both.
    pub margin: Option<f64>,
    /// How sure the preference is, in 0..=1: `2P − 1` for a model's, the people's own word for theirs.
    pub strength: f64,
    /// Who decided.
    pub source: Source,
}

/// What is known of one response when pairs are built.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The response.
    pub response: ResponseId,
    /// The models' reward and its total uncertainty; None without a reward.
    pub reward: Option<(f64, f64)>,
    /// Whether routing accepted the reward; what waits for a person is not chosen.
    pub accepted: bool,
}

/// When models alone may decide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// The least difference of two values, in score units.
    pub min_margin: f64,
    /// The least probability that the chosen response is better, in 0.5..1.
    pub min_probability: f64,
    /// The seed that picks the rejected response among those that qualify.
    pub seed: u64,
}

/// Why an item gives no pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// One response and no correction.
    OneResponse,
    /// People called it a tie.
    Tie,
    /// No response is accepted or rated well enough to be chosen.
    NothingToChoose,
    /// The values are too close for their uncertainty.
    TooClose,
}

impl Withheld {
    /// Returns the reason as a person reads it.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::OneResponse => "only one response",
            Self::Tie => "people called it a tie",
            Self::NothingToChoose => "no response is good enough to choose",
            Self::TooClose => "too close to call",
        }
    }
}

/// A response's value: a person's rating, or else the models' reward.
#[derive(Clone, Copy)]
struct Valued {
    response: ResponseId,
    value: f64,
    deviation: f64,
    rated: bool,
    choosable: bool,
}

/// A rating below the middle of its scale is no ground for choosing a response.
const LEAST_CHOSEN_RATING: f64 = 0.5;

/// Returns the pairs of one item, or why there are none.
pub fn build(
    item: ItemId,
    known: &[Known],
    labels: &[Label],
    rule: &Rule,
) -> Result<Vec<PreferencePair>, Withheld> {
    let labels = last_words(labels);
    let compared = comparisons(&labels);
    let mut pairs = corrections(item, &labels);
    pairs.extend(compared.iter().filter_map(|(pair, outcome)| from_comparison(item, *pair, outcome)));
    if !pairs.is_empty() {
        return Ok(pairs);
    }
    if known.len() < 2 {
        return Err(Withheld::OneResponse);
    }
    let valued: Vec<Valued> = known.iter().filter_map(|known| value(known, &labels)).collect();
    from_values(item, &valued, &compared, rule).map(|pair| vec![pair])
}

fn corrections(item: ItemId, labels: &[&Label]) -> Vec<PreferencePair> {
    let mut pairs = vec![];
    for label in labels {
        if let Judgement::Correct { response, text } = &label.judgement {
            pairs.push(PreferencePair {
                item,
                chosen: Chosen::Text(text.clone()),
                rejected: *response,
                margin: None,
                strength: 1.0,
                source: Source::Correction,
            });
        }
    }
    pairs
}

fn from_comparison(
    item: ItemId,
    (first, second): (ResponseId, ResponseId),
    outcome: &Comparison,
) -> Option<PreferencePair> {
    let preferred = outcome.preferred?;
    Some(PreferencePair {
        item,
        chosen: Chosen::Response(preferred),
        rejected: if preferred == first { second } else { first },
        margin: None,
        strength: outcome.strength,
        source: Source::Comparison,
    })
}

fn value(known: &Known, labels: &[&Label]) -> Option<Valued> {
    let response = known.response;
    if let Some(value) = mean_rating(labels, response) {
        let choosable = value >= LEAST_CHOSEN_RATING;
        return Some(Valued { response, value, deviation: 0.0, rated: true, choosable });
    }
    let (value, deviation) = known.reward?;
    Some(Valued { response, value, deviation, rated: false, choosable: known.accepted })
}

fn from_values(
    item: ItemId,
    valued: &[Valued],
    compared: &BTreeMap<(ResponseId, ResponseId), Comparison>,
    rule: &Rule,
) -> Result<PreferencePair, Withheld> {
    let choosable = valued.iter().filter(|one| one.choosable);
    let best = choosable.max_by(|a, b| a.value.total_cmp(&b.value).then(b.response.cmp(&a.response)));
    let chosen = best.ok_or(Withheld::NothingToChoose)?;
    let tied = |other: &Valued| {
        let pair = (chosen.response.min(other.response), chosen.response.max(other.response));
        compared.contains_key(&pair)
    };
    let worse: Vec<(&Valued, f64)> = valued
        .iter()
        .filter(|other| other.response != chosen.response && !tied(other))
        .map(|other| {
            (other, probability_better((chosen.value, chosen.deviation), (other.value, other.deviation)))
        })
        .filter(|(other, p)| chosen.value - other.value >= rule.min_margin && *p >= rule.min_probability)
        .collect();
    if worse.is_empty() {
        return Err(if compared.is_empty() { Withheld::TooClose } else { Withheld::Tie });
    }
    // Not the worst one: pairs of best and worst teach little (arXiv:2502.16825).
    let (rejected, probability) = worse[random::index(rule.seed, "rejected", item, worse.len())];
    Ok(PreferencePair {
        item,
        chosen: Chosen::Response(chosen.response),
        rejected: rejected.response,
        margin: Some(chosen.value - rejected.value),
        strength: 2.0 * probability - 1.0,
        source: match (chosen.rated, rejected.rated) {
            (true, true) => Source::Ratings,
            (false, false) => Source::Model,
            _ => Source::RatingAndModel,
        },
    })
}

/// `P(a > b)` for independent normal errors: `Φ((a − b) / √(σ_a² + σ_b²))`; certain where nothing is uncertain.
///
/// Each side is a value and its standard deviation.
pub fn probability_better(a: (f64, f64), b: (f64, f64)) -> f64 {
    let gap = a.0 - b.0;
    // Not `hypot`: it alone would ask for a glibc newer than 2.34.
    let deviation = (a.1 * a.1 + b.1 * b.1).sqrt();
    match Normal::new(0.0, deviation) {
        Ok(errors) if deviation > 0.0 => errors.cdf(gap),
        _ if gap > 0.0 => 1.0,
        _ if gap < 0.0 => 0.0,
        _ => 0.5,
    }
}

#[cfg(test)]
mod tests;
