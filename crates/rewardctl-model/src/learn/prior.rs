//! What is believed before any label: the user's weights, what the critics' agreement tells of each, and that one critic
//! may be the best guide alone.
//!
//! Where critics err independently, the one that sides with the others more often than they with each other is the
//! more reliable (Dawid and Skene, JRSS C 28, 1979, in its symmetric form with one number a critic). That is an
//! assumption, and it fails where one critic is much better than all others; so it is one direction among several,
//! and the labels decide between them.

use ndarray::Array1;
use rewardctl_core::panel::Part;

use crate::learn::labels::Observed;
use crate::learn::space::{Space, slots_of};

/// Margins between responses to one prompt have this standard deviation at the prior's scale 1: found well
/// calibrated without labels on three panels of real critics.
const MARGIN_DEVIATION: f64 = 1.5;
/// Responses that follow in one group, of which each is paired with this one.
const PAIRED_WITH: usize = 3;
/// Fewer margins of prompts say nothing of their spread.
const FEWEST_DIFFERING: usize = 3;
/// Pseudo-votes that a critic is right, and that it is wrong.
const RIGHT: f64 = 3.0;
const WRONG: f64 = 1.0;
/// The masses of the user's weights, and of all single critics together, beside 1 of each other direction. Labels that say next
/// to nothing leave the weights where they are without any; and the best single critic is what people would else rely on.
const USERS: f64 = 16.0;
const ALONE: f64 = 4.0;
const START: f64 = 0.7;
const ROUNDS: usize = 100;
/// Accuracies are kept off 0 and 1, where their log-odds have no end.
const CLEAREST: f64 = 0.98;

/// A direction that the weights may start from.
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// What people call it.
    pub name: String,
    /// Per feature; scaled so that margins have a common spread.
    pub weights: Array1<f64>,
    /// The logarithm of its mass in the prior, in nats; only the ratios of masses count.
    pub log_mass: f64,
}

/// Per slot: how often the critic sides with the truth that the critics' votes together suggest; None for a slot
/// without a feature.
pub type Reliabilities = Vec<Option<f64>>;

/// Returns the directions to choose between, the user's own weights first.
pub fn directions(
    space: &Space,
    features: &[Vec<f64>],
    pairs: &[(usize, usize)],
    trust: &Reliabilities,
) -> Vec<Direction> {
    let fixed = fixed(space);
    let log_odds = |slot: usize| trust[slot].map_or(0.0, |p| (p / (1.0 - p)).ln().max(0.0));
    let flat = standardised(space, |_| 1.0);
    let reliable = standardised(space, log_odds);
    let candidates = [
        ("the user's weights", fixed, USERS),
        ("the user's weights, each critic in its own unit", flat, 1.0),
        ("the user's weights times reliabilities", reliable, 1.0),
    ];
    let scaled = candidates.into_iter().filter_map(|(name, weights, mass)| {
        let weights = scaled(weights, features, pairs)?;
        Some(Direction { name: name.into(), weights, log_mass: mass.ln() })
    });
    scaled.collect()
}

/// Returns the directions in which one critic decides alone.
pub fn alone(space: &Space, features: &[Vec<f64>], pairs: &[(usize, usize)]) -> Vec<Direction> {
    let live = (0..space.critics.len()).filter(|slot| space.critics[*slot].deviation > 0.0);
    let log_mass = (ALONE / live.clone().count() as f64).ln();
    let direction = |slot: usize| {
        let mut weights = Array1::zeros(space.width());
        weights[slot] = 1.0;
        let weights = scaled(weights, features, pairs)?;
        Some(Direction { name: format!("{} alone", space.panel.slots[slot].critic), weights, log_mass })
    };
    live.filter_map(direction).collect()
}

/// Gives margins on `pairs` their common spread; None where they have none.
fn scaled(weights: Array1<f64>, features: &[Vec<f64>], pairs: &[(usize, usize)]) -> Option<Array1<f64>> {
    let deviation = deviation(&weights, features, pairs);
    (deviation > 0.0).then(|| weights * (MARGIN_DEVIATION / deviation))
}

/// Returns the weights of the features under which the margin is that of the fixed weights, where all critics scored.
pub fn fixed(space: &Space) -> Array1<f64> {
    let mut weights = Array1::zeros(space.width());
    let all: f64 = space.panel.dimensions.iter().map(|dimension| dimension.weight).sum();
    for (d, dimension) in space.panel.dimensions.iter().enumerate() {
        let share = dimension.weight / all;
        let slots: Vec<usize> = slots_of(&space.panel, d, Part::Mean).collect();
        let mass: f64 = slots.iter().map(|slot| space.panel.slots[*slot].weight).sum();
        for slot in slots {
            weights[slot] = share * space.panel.slots[slot].weight / mass * space.critics[slot].deviation;
        }
        weights[space.critics.len() + d] = share * space.excess[d].deviation;
    }
    weights
}

/// The user's weights on critics in units of their own spread, each times `trust`.
fn standardised(space: &Space, trust: impl Fn(usize) -> f64) -> Array1<f64> {
    let mut weights = fixed(space);
    for (slot, standard) in space.critics.iter().enumerate() {
        if standard.deviation > 0.0 {
            weights[slot] *= trust(slot) / standard.deviation;
        }
    }
    let scale = space.critics.iter().filter(|standard| standard.deviation > 0.0);
    let mean = scale.clone().map(|standard| standard.deviation).sum::<f64>() / scale.count().max(1) as f64;
    for (d, _) in space.excess.iter().enumerate() {
        weights[space.critics.len() + d] /= mean.max(f64::MIN_POSITIVE);
    }
    weights
}

/// Returns pairs of responses to one prompt, each response with the next few; the places are in `observed`.
pub fn pool_pairs(observed: &[Observed]) -> Vec<(usize, usize)> {
    let mut places: Vec<usize> = (0..observed.len()).collect();
    places.sort_by_key(|place| observed[*place].group);
    let mut pairs = vec![];
    for group in places.chunk_by(|a, b| observed[*a].group == observed[*b].group) {
        for (at, one) in group.iter().enumerate() {
            pairs.extend(group[at + 1..].iter().take(PAIRED_WITH).map(|other| (*one, *other)));
        }
    }
    pairs
}

/// Returns what the critics' votes on `pairs` tell of each of them, by expectation and maximisation.
pub fn reliabilities(space: &Space, observed: &[Observed], pairs: &[(usize, usize)]) -> Reliabilities {
    let votes: Vec<Vec<(usize, f64)>> = pairs
        .iter()
        .map(|(a, b)| {
            let vote = |slot: usize| {
                let difference = observed[*a].scores[slot]? - observed[*b].scores[slot]?;
                (space.critics[slot].deviation > 0.0 && difference != 0.0)
                    .then(|| (slot, difference.signum()))
            };
            (0..space.critics.len()).filter_map(vote).collect()
        })
        .collect();
    let mut accuracy = vec![START; space.critics.len()];
    for _ in 0..ROUNDS {
        let before = accuracy.clone();
        accuracy = round(&votes, &accuracy);
        let moved = before.iter().zip(&accuracy).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
        if moved < 1e-9 {
            break;
        }
    }
    let live = space.critics.iter().map(|standard| standard.deviation > 0.0);
    accuracy.into_iter().zip(live).map(|(p, live)| live.then_some(p)).collect()
}

fn round(votes: &[Vec<(usize, f64)>], accuracy: &[f64]) -> Vec<f64> {
    let (mut right, mut counted) = (vec![RIGHT; accuracy.len()], vec![RIGHT + WRONG; accuracy.len()]);
    for pair in votes {
        let log_odds: f64 =
            pair.iter().map(|(slot, vote)| vote * (accuracy[*slot] / (1.0 - accuracy[*slot])).ln()).sum();
        let first = 1.0 / (1.0 + (-log_odds).exp());
        for (slot, vote) in pair {
            right[*slot] += if *vote > 0.0 { first } else { 1.0 - first };
            counted[*slot] += 1.0;
        }
    }
    right
        .iter()
        .zip(&counted)
        .map(|(right, counted)| (right / counted).clamp(1.0 - CLEAREST, CLEAREST))
        .collect()
}

/// The standard deviation of margins on `pairs`; over all responses where next to no prompt has two that differ.
fn deviation(weights: &Array1<f64>, features: &[Vec<f64>], pairs: &[(usize, usize)]) -> f64 {
    let reward = |row: &Vec<f64>| row.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>();
    let rewards: Vec<f64> = features.iter().map(reward).collect();
    let squares: Vec<f64> = pairs.iter().map(|(a, b)| (rewards[*a] - rewards[*b]).powi(2)).collect();
    if squares.iter().filter(|square| **square > 0.0).count() >= FEWEST_DIFFERING {
        return (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
    }
    let mean = rewards.iter().sum::<f64>() / rewards.len().max(1) as f64;
    let squares: f64 = rewards.iter().map(|reward| (reward - mean).powi(2)).sum();
    (2.0 * squares / rewards.len().max(1) as f64).sqrt()
}
