//! The figures of each critic: how much it says, how far it agrees with labels, whether it drifts.

use std::collections::BTreeMap;
use std::ops::Range;

use rewardctl_core::bootstrap;
use rewardctl_core::id::ContentId;
use rewardctl_core::interval::ClusteredMean;
use rewardctl_core::panel::Panel;
use rewardctl_core::rank::Ranked;
use serde::Serialize;

use crate::audit::bias::{Bias, bias};
use crate::audit::gather::{Gathered, Told};
use crate::audit::given::Rated;
use crate::audit::independence::{Independence, independence};

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CriticsReport {
    /// The panel.
    pub panel: String,
    /// The input files, and what they were found to be.
    pub inputs: Vec<String>,
    /// Prompts.
    pub items: usize,
    /// Responses; one that stands in several rows counts once.
    pub responses: usize,
    /// What the critics were compared with.
    pub labels: LabelCounts,
    /// In the panel's order.
    pub critics: Vec<CriticFigures>,
    /// How many critics the panel amounts to.
    pub independence: Independence,
}

/// The labels of the input and of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LabelCounts {
    /// Pairs of responses of which one is preferred.
    pub pairs: usize,
    /// Pairs that people called a tie; left out of all figures.
    pub ties: usize,
    /// Responses with a rating, overall or on a dimension.
    pub rated: usize,
    /// Rows of which the label field could not be read.
    pub unread: u64,
}

/// A number with its 95 % confidence interval; responses to one prompt are one cluster.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// The interval; None with fewer than two prompts.
    pub interval: Option<(f64, f64)>,
    /// What it rests on: responses, or pairs of them.
    pub count: u64,
}

/// The figures of one critic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CriticFigures {
    /// Its name in the panel.
    pub critic: String,
    /// The dimension that it judges.
    pub dimension: String,
    /// The model behind an LLM critic.
    pub model: Option<String>,
    /// Responses that it scored.
    pub scored: u64,
    /// Responses that it had nothing to say about.
    pub abstained: u64,
    /// Responses that it should have judged and could not.
    pub failed: u64,
    /// The mean of its scores.
    pub mean: Option<Estimate>,
    /// How often it prefers the response that the labels prefer; a tie of its scores counts half.
    pub accuracy: Option<Estimate>,
    /// The share of these pairs in which its scores tie.
    pub ties: Option<f64>,
    /// Spearman's correlation of its scores with the ratings of its dimension, or else the overall ones.
    pub spearman: Option<Estimate>,
    /// Kendall's tau-b of the same.
    pub kendall: Option<f64>,
    /// Whether it favours what has nothing to do with quality.
    pub bias: Bias,
    /// Whether its mean moves.
    pub drift: Option<Drift>,
}

/// The mean over the first half of the prompts, in the order of the input, and over the second one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Drift {
    /// The first half's mean.
    pub first: f64,
    /// The second half's mean.
    pub second: f64,
    /// Second less first.
    pub change: Estimate,
}

/// What is known of the models behind the LLM critics, by slot.
pub type Models = BTreeMap<usize, String>;

/// Measures each critic of `panel`; `seed` is that of the bootstrap.
pub fn report(panel: &Panel, gathered: &Gathered, models: &Models, seed: u64) -> CriticsReport {
    let pairs = gathered.pairs();
    let critics: Vec<CriticFigures> = (0..panel.slots.len())
        .map(|slot| {
            let accuracy = accuracy(gathered, slot);
            let rank = against_ratings(gathered, slot, &panel.slots[slot].dimension, seed);
            let told = |is: fn(&Told) -> bool| {
                gathered.responses.iter().filter(|seen| is(&seen.told[slot])).count() as u64
            };
            CriticFigures {
                critic: panel.slots[slot].critic.clone(),
                dimension: panel.slots[slot].dimension.clone(),
                model: models.get(&slot).cloned(),
                scored: told(|told| matches!(told, Told::Scored(_))),
                abstained: told(|told| *told == Told::Abstained),
                failed: told(|told| *told == Told::Failed),
                mean: estimate(&mean_of_items(gathered, slot, 0..gathered.items.len())),
                accuracy: accuracy.as_ref().and_then(|(mean, _)| share(mean)),
                ties: accuracy.map(|(_, ties)| ties),
                spearman: rank.as_ref().map(|(spearman, _)| *spearman),
                kendall: rank.and_then(|(_, kendall)| kendall),
                bias: bias(gathered, slot, &pairs, models.get(&slot), seed),
                drift: drift(gathered, slot),
            }
        })
        .collect();
    let names = critics.iter().map(|critic| critic.critic.clone()).collect();
    CriticsReport {
        panel: panel.name.clone(),
        inputs: vec![],
        items: gathered.items.len(),
        responses: gathered.responses.len(),
        labels: label_counts(gathered),
        independence: independence(gathered, names),
        critics,
    }
}

/// Returns the cluster of an item for a clustered mean.
pub(crate) fn cluster(item: usize) -> ContentId {
    ContentId::of("cluster", [(item as u64).to_le_bytes().as_slice()])
}

/// Returns a mean with its interval; None without values.
pub(crate) fn estimate(mean: &ClusteredMean) -> Option<Estimate> {
    let interval = mean.interval()?;
    Some(Estimate { value: interval.mean, interval: interval.bounds, count: interval.count })
}

/// Returns a share with its interval, which does not leave 0..=1.
pub(crate) fn share(mean: &ClusteredMean) -> Option<Estimate> {
    let estimate = estimate(mean)?;
    let interval = estimate.interval.map(|(low, high)| (low.max(0.0), high.min(1.0)));
    Some(Estimate { interval, ..estimate })
}

/// Returns Spearman's correlation of two values a response, with an interval from drawing whole items.
pub(crate) fn spearman(points: &[(usize, f64, f64)], seed: u64) -> Option<(Estimate, Ranked)> {
    let x: Vec<f64> = points.iter().map(|(_, x, _)| *x).collect();
    let y: Vec<f64> = points.iter().map(|(_, _, y)| *y).collect();
    let ranked = Ranked::new(&x, &y);
    let value = ranked.spearman()?;
    let (clusters, count) = clusters(points.iter().map(|(item, _, _)| *item));
    let interval = bootstrap::interval(count, seed, |drawn| {
        let weights: Vec<u32> = clusters.iter().map(|cluster| drawn[*cluster]).collect();
        ranked.weighted_spearman(&weights)
    });
    Some((Estimate { value, interval, count: points.len() as u64 }, ranked))
}

/// Numbers the items that occur, and returns the number of each point's item and how many there are.
pub(crate) fn clusters(items: impl Iterator<Item = usize>) -> (Vec<usize>, usize) {
    let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
    let mut clusters = vec![];
    for item in items {
        let next = numbers.len();
        clusters.push(*numbers.entry(item).or_insert(next));
    }
    (clusters, numbers.len())
}

fn label_counts(gathered: &Gathered) -> LabelCounts {
    let has_rating = |rated: &Rated| rated.overall.is_some() || !rated.dimensions.is_empty();
    LabelCounts {
        pairs: gathered.preferred.values().flatten().count(),
        ties: gathered.preferred.values().filter(|preferred| preferred.is_none()).count(),
        rated: gathered.responses.iter().filter(|seen| has_rating(&seen.rated)).count(),
        unread: gathered.unread,
    }
}

/// Returns 1 where the critic prefers what the labels prefer, 0 where it prefers the other, 0.5 for a tie.
pub(crate) fn hit(
    gathered: &Gathered,
    slot: usize,
    one: usize,
    other: usize,
    preferred: usize,
) -> Option<f64> {
    let worse = if preferred == one { other } else { one };
    Some(ahead(gathered.score(slot, preferred)?, gathered.score(slot, worse)?))
}

/// Returns 1 if `one` is greater, 0 if `other` is, 0.5 if they are equal.
pub(crate) fn ahead(one: f64, other: f64) -> f64 {
    if one == other { 0.5 } else { f64::from(u8::from(one > other)) }
}

/// Returns the share of labelled pairs that the critic decides like the labels, and the share in which it ties.
fn accuracy(gathered: &Gathered, slot: usize) -> Option<(ClusteredMean, f64)> {
    let (mut mean, mut ties, mut count) = (ClusteredMean::default(), 0.0, 0.0);
    for ((item, one, other), preferred) in &gathered.preferred {
        let Some(hit) = preferred.and_then(|preferred| hit(gathered, slot, *one, *other, preferred)) else {
            continue;
        };
        mean.add(cluster(*item), hit);
        ties += f64::from(u8::from(hit == 0.5));
        count += 1.0;
    }
    (count > 0.0).then(|| (mean, ties / count))
}

fn against_ratings(
    gathered: &Gathered,
    slot: usize,
    dimension: &str,
    seed: u64,
) -> Option<(Estimate, Option<f64>)> {
    let has_own = gathered.responses.iter().any(|seen| seen.rated.dimensions.contains_key(dimension));
    let mut points = vec![];
    for (at, seen) in gathered.responses.iter().enumerate() {
        let rating = match has_own {
            true => seen.rated.dimensions.get(dimension).copied(),
            false => seen.rated.overall,
        };
        points.extend(rating.zip(gathered.score(slot, at)).map(|(rating, score)| (seen.item, score, rating)));
    }
    let (estimate, ranked) = spearman(&points, seed)?;
    Some((estimate, ranked.kendall()))
}

fn mean_of_items(gathered: &Gathered, slot: usize, items: Range<usize>) -> ClusteredMean {
    let mut mean = ClusteredMean::default();
    for item in items {
        for response in &gathered.items[item] {
            if let Some(score) = gathered.score(slot, *response) {
                mean.add(cluster(item), score);
            }
        }
    }
    mean
}

fn drift(gathered: &Gathered, slot: usize) -> Option<Drift> {
    let count = gathered.items.len();
    let half = |items| estimate(&mean_of_items(gathered, slot, items));
    let (first, second) = (half(0..count / 2)?, half(count / 2..count)?);
    // The halves share no prompt, so the variances of their means add up.
    let change = second.value - first.value;
    let interval = first.interval.zip(second.interval).map(|(one, other)| {
        let (one, other) = ((one.1 - one.0) / 2.0, (other.1 - other.0) / 2.0);
        let width = (one * one + other * other).sqrt();
        (change - width, change + width)
    });
    let change = Estimate { value: change, interval, count: first.count + second.count };
    Some(Drift { first: first.value, second: second.value, change })
}

#[cfg(test)]
mod tests;
