//! Whether a critic favours what has nothing to do with quality: place, length, format, its own relatives.

use std::collections::BTreeMap;

use rewardctl_core::bootstrap;
use rewardctl_core::interval::ClusteredMean;
use rewardctl_core::proportion::Proportion;
use rewardctl_critic::llm::family::family;
use serde::Serialize;

use crate::audit::figures::{Estimate, ahead, cluster, clusters, share, spearman};
use crate::audit::gather::{Gathered, Seen};

/// Probabilities are kept away from 0 and 1 by this much before their logit is taken, as where verdicts are made.
const CLIP: f64 = 0.01;

/// Groups of equal or near ratings in which own and other responses are compared.
const RATING_GROUPS: f64 = 5.0;

/// What a critic favours.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bias {
    /// How a pairwise critic depends on the order; None for others.
    pub position: Option<Position>,
    /// Spearman's correlation of score and log length, both less their mean over the prompt.
    pub length: Option<Estimate>,
    /// How often it scores the longer of two responses to a prompt higher; a tie counts half.
    pub longer: Option<Estimate>,
    /// Spearman's correlation of score and density of Markdown, both less their mean over the prompt.
    pub format: Option<Estimate>,
    /// How it scores models of its own family; None where no family is known on both sides.
    pub own_family: Option<OwnFamily>,
}

/// How a pairwise critic depends on the order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Position {
    /// How often both orders give the same verdict: this one, the other one, or a tie.
    pub consistent: Estimate,
    /// How often the response shown first wins; a tie counts half. Without bias 0.5.
    pub first_slot: Estimate,
    /// The mean of `½ (logit p₁ − logit p₂)`, with p₁ and p₂ the chance of the same response shown first and shown
    /// second. Without bias 0.
    pub log_odds: f64,
}

/// How a critic scores models of its own family.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OwnFamily {
    /// The family.
    pub family: String,
    /// The mean score of own responses less that of others, over groups of equal label, weighted by own responses.
    pub gap: Estimate,
    /// Own responses.
    pub own: u64,
    /// Whether labels made the groups; without them a better family looks like a favoured one.
    pub at_equal_label: bool,
}

/// Measures what the critic at `slot` favours; `pairs` are the pairs of responses to one item.
pub fn bias(
    gathered: &Gathered,
    slot: usize,
    pairs: &[(usize, usize)],
    model: Option<&String>,
    seed: u64,
) -> Bias {
    let within = |value: fn(&Gathered, usize) -> f64| {
        spearman(&within_items(gathered, slot, value), seed).map(|(estimate, _)| estimate)
    };
    Bias {
        position: position(gathered, slot),
        length: within(|gathered, at| gathered.responses[at].log_length),
        longer: longer(gathered, slot, pairs),
        format: within(|gathered, at| gathered.responses[at].markdown),
        own_family: model.and_then(|model| own_family(gathered, slot, model, seed)),
    }
}

fn position(gathered: &Gathered, slot: usize) -> Option<Position> {
    let bouts = gathered.bouts.get(&slot)?;
    let logit = |p: f64| {
        let p = p.clamp(CLIP, 1.0 - CLIP);
        (p / (1.0 - p)).ln()
    };
    let (mut consistent, mut first, mut log_odds) = (Proportion::default(), ClusteredMean::default(), 0.0);
    for (item, bout) in bouts {
        let (p1, p2) = (bout.shown_first, bout.shown_second);
        consistent.add(ahead(p1, 0.5) == ahead(p2, 0.5));
        first.add(cluster(*item), (ahead(p1, 0.5) + 1.0 - ahead(p2, 0.5)) / 2.0);
        log_odds += (logit(p1) - logit(p2)) / 2.0;
    }
    let consistent =
        Estimate { value: consistent.share()?, interval: consistent.interval(), count: consistent.count };
    Some(Position { consistent, first_slot: share(&first)?, log_odds: log_odds / bouts.len() as f64 })
}

/// Returns score and `value` of each scored response, less their means over the item; an item with one score tells
/// nothing.
fn within_items(
    gathered: &Gathered,
    slot: usize,
    value: fn(&Gathered, usize) -> f64,
) -> Vec<(usize, f64, f64)> {
    let mut points = vec![];
    for (item, responses) in gathered.items.iter().enumerate() {
        let scored: Vec<(f64, f64)> = responses
            .iter()
            .filter_map(|at| Some((gathered.score(slot, *at)?, value(gathered, *at))))
            .collect();
        let count = scored.len() as f64;
        let (x, y) = scored.iter().fold((0.0, 0.0), |(x, y), one| (x + one.0 / count, y + one.1 / count));
        if scored.len() > 1 {
            points.extend(scored.iter().map(|one| (item, rounded(one.0 - x), rounded(one.1 - y))));
        }
    }
    points
}

/// What differs by rounding alone must tie.
fn rounded(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

fn longer(gathered: &Gathered, slot: usize, pairs: &[(usize, usize)]) -> Option<Estimate> {
    let mut mean = ClusteredMean::default();
    for (one, other) in pairs {
        let (first, second) = (&gathered.responses[*one], &gathered.responses[*other]);
        if first.log_length == second.log_length {
            continue;
        }
        let (longer, shorter) =
            if first.log_length > second.log_length { (*one, *other) } else { (*other, *one) };
        if let (Some(long), Some(short)) = (gathered.score(slot, longer), gathered.score(slot, shorter)) {
            mean.add(cluster(first.item), ahead(long, short));
        }
    }
    share(&mean)
}

/// A scored response of which the writer is known.
struct Written {
    item: usize,
    score: f64,
    is_own: bool,
    group: i64,
}

fn own_family(gathered: &Gathered, slot: usize, model: &str, seed: u64) -> Option<OwnFamily> {
    let own_family = family(model);
    let (groups, at_equal_label) = label_groups(gathered);
    let mut written = vec![];
    for (at, seen) in gathered.responses.iter().enumerate() {
        if let (Some(generator), Some(score)) = (&seen.generator, gathered.score(slot, at)) {
            let is_own = family(generator) == own_family;
            written.push(Written { item: seen.item, score, is_own, group: groups[at] });
        }
    }
    let (clusters, count) = clusters(written.iter().map(|one| one.item));
    let value = gap(&written, |_| 1.0)?;
    let interval =
        bootstrap::interval(count, seed, |drawn| gap(&written, |at| f64::from(drawn[clusters[at]])));
    let own = written.iter().filter(|one| one.is_own).count() as u64;
    let gap = Estimate { value, interval, count: written.len() as u64 };
    Some(OwnFamily { family: own_family, gap, own, at_equal_label })
}

/// Returns the mean difference of own and other scores over the groups that have both, weighted by own responses.
fn gap(written: &[Written], weight: impl Fn(usize) -> f64) -> Option<f64> {
    // Per group: the weights and sums of other and of own scores.
    let mut groups: BTreeMap<i64, [(f64, f64); 2]> = BTreeMap::new();
    for (at, one) in written.iter().enumerate() {
        let side = &mut groups.entry(one.group).or_default()[usize::from(one.is_own)];
        *side = (side.0 + weight(at), side.1 + weight(at) * one.score);
    }
    let (mut own_weight, mut sum) = (0.0, 0.0);
    for [other, own] in groups.values() {
        if other.0 > 0.0 && own.0 > 0.0 {
            own_weight += own.0;
            sum += own.0 * (own.1 / own.0 - other.1 / other.0);
        }
    }
    (own_weight > 0.0).then(|| sum / own_weight)
}

/// Returns the label group of each response, and whether there are labels: fifths of the ratings, or else whether the
/// response is mostly preferred.
fn label_groups(gathered: &Gathered) -> (Vec<i64>, bool) {
    let mut ratings: Vec<f64> = gathered.responses.iter().filter_map(|seen| seen.rated.overall).collect();
    if !ratings.is_empty() {
        ratings.sort_by(f64::total_cmp);
        let group = |rating: f64| {
            let below = ratings.partition_point(|other| *other < rating) as f64;
            let up_to = ratings.partition_point(|other| *other <= rating) as f64;
            ((below + up_to) / 2.0 / ratings.len() as f64 * RATING_GROUPS) as i64
        };
        let of = |seen: &Seen| seen.rated.overall.map_or(-1, group);
        return (gathered.responses.iter().map(of).collect(), true);
    }
    let mut lead = vec![0i64; gathered.responses.len()];
    for ((_, one, other), preferred) in &gathered.preferred {
        if let Some(preferred) = preferred {
            lead[*preferred] += 1;
            lead[if preferred == one { *other } else { *one }] -= 1;
        }
    }
    let is_labelled = lead.iter().any(|lead| *lead != 0);
    (lead.into_iter().map(i64::signum).collect(), is_labelled)
}
