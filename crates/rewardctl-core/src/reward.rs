//! Rewards: what the aggregator made of a response's verdicts, with the uncertainty in parts.

use serde::{Deserialize, Serialize};

use crate::panel::{Panel, Part};
use crate::score::Score;
use crate::verdict::{Outcome, Verdict};

/// One row of the aggregator's output, in the panel's order of slots and dimensions.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// The weighted mean of the dimensions that have a score, in 0..=1.
    pub reward: f64,
    /// Per dimension; None where no critic scored.
    pub dimensions: Vec<Option<f64>>,
    /// Per slot, what its score really weighed; 0 for a slot without a score. With fixed weights
    /// `reward = Σ weight · score`; with a fitted aggregator, what a small change of the score changes in the reward.
    pub weights: Vec<f64>,
    /// What a fitted aggregator says beneath the reward; None with fixed weights.
    pub utility: Option<Utility>,
}

/// The unbounded number beneath a fitted aggregator's reward, with what it leaves open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Utility {
    /// Differences of it, over the aggregator's temperature, are log-odds of being preferred.
    pub value: f64,
    /// The same without what length adds to it within prompts.
    pub length_controlled: f64,
    /// What a unit of utility adds to the reward here.
    pub slope: f64,
    /// The posterior as a vector: the squared distance of two is the variance, by the weights, of the margin that
    /// says how sure their order is.
    pub posterior: Vec<f32>,
    /// The variance of the utility by scores that are missing and were imputed.
    pub imputed_variance: f64,
    /// The variance of the utility by the critics' own variances.
    pub critic_variance: f64,
    /// The same by weights of any sign, up to a constant: it says how sure an order is, never which ([`sure_margin`]). It is
    /// `value` where these weights would not say it better; None in rewards of before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub any_sign: Option<f64>,
    /// How far the scores and the text lie from what the aggregator was fitted on: beyond 1 lies one in a hundred.
    pub distance: f64,
}

impl Utility {
    /// Returns the probability that a response with this utility is preferred to one with `other`, at the aggregator's
    /// `temperature`: `σ(μ / √(1 + πv/8))`, MacKay's approximation, with the variance of the difference in `v`.
    pub fn probability_better(&self, other: &Self, temperature: f64) -> f64 {
        let weights: f64 =
            self.posterior.iter().zip(&other.posterior).map(|(a, b)| f64::from(a - b).powi(2)).sum();
        let own = |one: &Self| one.imputed_variance + one.critic_variance;
        let variance = (weights + own(self) + own(other)) / temperature.powi(2);
        let any_sign = self.any_sign.zip(other.any_sign).map(|(one, other)| one - other);
        let margin = sure_margin(self.value - other.value, any_sign) / temperature;
        1.0 / (1.0 + (-margin / (1.0 + std::f64::consts::PI * variance / 8.0).sqrt()).exp())
    }
}

/// Returns the margin, a difference of utilities, that says how sure an order is: that of weights of any sign where it has the
/// same direction. Where the two disagree nobody knows which response is better, and it is 0.
pub fn sure_margin(margin: f64, any_sign: Option<f64>) -> f64 {
    match any_sign {
        None => margin,
        Some(any_sign) if any_sign * margin > 0.0 => any_sign,
        Some(_) => 0.0,
    }
}

/// Standard deviations in score units (0..=1): how far the reward may be off, and why.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Uncertainty {
    /// The root of the sum of the squares of the parts; of a fitted aggregator's, without the spread between critics,
    /// of which the fit knows what it means.
    pub total: f64,
    /// Spread of the averaged critics around their dimension's mean.
    pub between_critics: f64,
    /// The critics' own variances: a head's parameters, later an LLM critic's samples.
    pub within_critic: f64,
    /// What the critics that failed might have said.
    pub coverage: f64,
    /// The weights themselves: what the labels that the aggregator was fitted on leave open; 0 with fixed weights.
    #[serde(default)]
    pub parameters: f64,
}

/// The reward of one response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reward {
    /// In 0..=1.
    pub reward: Score,
    /// Per dimension of the panel, in its order; None where no critic scored.
    pub dimensions: Vec<Option<Score>>,
    /// Per slot of the panel, in its order: what its score weighed in the reward.
    pub weights: Vec<f64>,
    /// How far the reward may be off.
    pub uncertainty: Uncertainty,
    /// What a fitted aggregator says beneath; None with fixed weights.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub utility: Option<Utility>,
}

/// The share, by weight, of the critics asked that scored: per dimension, then over the dimensions asked for.
///
/// Critics that abstained were not asked. Returns None if no critic had anything to judge. `verdicts` stand in
/// the panel's order of slots.
pub fn coverage(panel: &Panel, verdicts: &[Verdict]) -> Option<f64> {
    let (mut covered, mut asked) = (0.0, 0.0);
    for dimension in &panel.dimensions {
        let slots = panel.slots.iter().zip(verdicts).filter(|(slot, _)| slot.dimension == dimension.name);
        let (mut scored_here, mut asked_here) = (0.0, 0.0);
        for (slot, verdict) in slots {
            match verdict.outcome {
                Outcome::Scored { .. } => {
                    (scored_here, asked_here) = (scored_here + slot.weight, asked_here + slot.weight);
                }
                Outcome::Failed { .. } => asked_here += slot.weight,
                Outcome::Abstained { .. } => {}
            }
        }
        if asked_here > 0.0 {
            covered += dimension.weight * scored_here / asked_here;
            asked += dimension.weight;
        }
    }
    (asked > 0.0).then(|| covered / asked)
}

/// Returns why the verdicts are too few for a reward, or None if they are enough.
pub fn quorum_failure(panel: &Panel, verdicts: &[Verdict]) -> Option<String> {
    let Some(coverage) = coverage(panel, verdicts) else {
        return Some("no critic had anything to judge".into());
    };
    let has_score = |dimension: &str| {
        panel.slots.iter().zip(verdicts).any(|(s, v)| s.dimension == dimension && v.score().is_some())
    };
    let dimensions = panel.dimensions.iter().filter(|dimension| has_score(&dimension.name)).count();
    let quorum = panel.quorum;
    if coverage < quorum.coverage {
        let failed = verdicts.iter().filter(|verdict| verdict.is_failed()).count();
        let (got, need) = (coverage * 100.0, quorum.coverage * 100.0);
        return Some(format!("{failed} critics failed: {got:.0} % of the weight scored, {need:.0} % needed"));
    }
    (dimensions < quorum.dimensions)
        .then(|| format!("{dimensions} dimensions have a score, {} needed", quorum.dimensions))
}

/// Returns the reward of the panel's fixed weights, as the ONNX graph computes it: in each dimension the weighted mean
/// of the critics present, no higher than the least cap present; over the dimensions present the weighted mean.
///
/// For comparisons with other ways to aggregate; None where no critic scored. `scores` stand in the order of slots.
pub fn fixed_weights(panel: &Panel, scores: &[Option<f64>]) -> Option<f64> {
    let (mut sum, mut mass) = (0.0, 0.0);
    for dimension in &panel.dimensions {
        let slots = || panel.slots.iter().zip(scores).filter(|(slot, _)| slot.dimension == dimension.name);
        let present = |part| slots().filter(move |(slot, _)| slot.part == part);
        let averaged = present(Part::Mean).filter_map(|(slot, score)| Some((slot.weight, (*score)?)));
        let (weight, product) =
            averaged.fold((0.0, 0.0), |(w, p), (weight, score)| (w + weight, p + weight * score));
        let cap = present(Part::Cap).filter_map(|(_, score)| *score).min_by(f64::total_cmp);
        let mean = (weight > 0.0).then(|| product / weight);
        let score = match (mean, cap) {
            (Some(mean), Some(cap)) => Some(mean.min(cap)),
            (mean, cap) => mean.or(cap),
        };
        if let Some(score) = score {
            (sum, mass) = (sum + dimension.weight * score, mass + dimension.weight);
        }
    }
    (mass > 0.0).then(|| sum / mass)
}

/// Puts the aggregator's row and the verdicts together; None if the aggregator left the range 0..=1.
pub fn finish(panel: &Panel, verdicts: &[Verdict], aggregate: Aggregate) -> Option<Reward> {
    let uncertainty = uncertainty(panel, verdicts, &aggregate);
    let in_range =
        |value: f64| (-1e-6..=1.0 + 1e-6).contains(&value).then(|| Score::clamped(value)).flatten();
    let dimensions = aggregate.dimensions.iter().map(|score| match score {
        None => Some(None),
        Some(value) => in_range(*value).map(Some),
    });
    Some(Reward {
        reward: in_range(aggregate.reward)?,
        dimensions: dimensions.collect::<Option<_>>()?,
        weights: aggregate.weights,
        uncertainty,
        utility: aggregate.utility,
    })
}

/// Returns the uncertainty of an aggregate, as standard deviations.
///
/// With `w` the magnitude of the weights used (a fitted one may count against a score), `s` the scores, `d` a dimension, `W_d` the sum of `w` in it and `m_d` its mean:
/// between critics `√Σ_d (W_d · sd_d)²` with `sd_d² = Σ w (s − m_d)² / W_d` over the averaged critics; within
/// critics `√Σ (w² v)`; coverage `(1 − c) / √12`, the deviation of a uniform score in the missing share `1 − c`.
/// A fitted aggregator gives the parts itself, as variances of the utility, which its slope turns into rewards.
pub fn uncertainty(panel: &Panel, verdicts: &[Verdict], aggregate: &Aggregate) -> Uncertainty {
    let between =
        panel.dimensions.iter().map(|dimension| spread(panel, verdicts, aggregate, &dimension.name));
    let between_critics = between.map(|part| part * part).sum::<f64>().sqrt();
    if let Some(utility) = &aggregate.utility {
        return fitted_uncertainty(utility, between_critics);
    }
    let own = verdicts.iter().zip(&aggregate.weights);
    let within_critic = own.map(|(verdict, w)| w * w * verdict.variance().unwrap_or(0.0)).sum::<f64>().sqrt();
    let missing = 1.0 - coverage(panel, verdicts).unwrap_or(0.0);
    let coverage = missing / 12f64.sqrt();
    let total = (between_critics.powi(2) + within_critic.powi(2) + coverage.powi(2)).sqrt();
    Uncertainty { total, between_critics, within_critic, coverage, parameters: 0.0 }
}

fn fitted_uncertainty(utility: &Utility, between_critics: f64) -> Uncertainty {
    let weights: f64 = utility.posterior.iter().map(|value| f64::from(*value).powi(2)).sum();
    let [parameters, within_critic, coverage] = [weights, utility.critic_variance, utility.imputed_variance]
        .map(|variance| utility.slope * variance.sqrt());
    let total = (parameters.powi(2) + within_critic.powi(2) + coverage.powi(2)).sqrt();
    Uncertainty { total, between_critics, within_critic, coverage, parameters }
}

fn spread(panel: &Panel, verdicts: &[Verdict], aggregate: &Aggregate, dimension: &str) -> f64 {
    let averaged: Vec<(f64, f64)> = panel
        .slots
        .iter()
        .zip(verdicts)
        .zip(&aggregate.weights)
        .filter(|((slot, _), _)| slot.dimension == dimension && slot.part == Part::Mean)
        .filter_map(|((_, verdict), weight)| Some((verdict.score()?.get(), weight.abs())))
        .collect();
    let weight: f64 = averaged.iter().map(|(_, w)| w).sum();
    if weight <= 0.0 {
        return 0.0;
    }
    let mean = averaged.iter().map(|(s, w)| s * w).sum::<f64>() / weight;
    let variance = averaged.iter().map(|(s, w)| w * (s - mean).powi(2)).sum::<f64>() / weight;
    weight * variance.sqrt()
}

#[cfg(test)]
mod tests;
