//! What people said of the responses of a report, and how well the rewards agree with it.
//!
//! Only responses that labels name are remembered, so that memory grows with the labels, not with the rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rewardctl_core::calibration::ece::{BINS, ece, ece_by_chance};
use rewardctl_core::calibration::reliability::{Binning, bins};
use rewardctl_core::calibration::{Forecast, Forecasts};
use rewardctl_core::id::{ItemId, ResponseId};
use rewardctl_core::interval::ClusteredMean;
use rewardctl_core::label::{Label, comparisons, last_words, mean_rating};
use rewardctl_core::pair::probability_better;
use rewardctl_core::proportion::Proportion;
use rewardctl_core::rank::Ranked;
use rewardctl_data::labels::{LabelRow, Target};
use rewardctl_data::measured::scored::ScoredRow;

use crate::report::figures::{Agreement, Bin, PeopleFigures};
use crate::report::gather::Names;

/// Rewards of a response: the reward, and how far it may be off.
type Reward = (f64, Option<f64>);

/// A pair that people decided.
#[derive(Clone, Copy)]
struct Pair {
    item: ItemId,
    forecast: Forecast,
    /// Whether both rewards say how sure they are; the order alone is no probability.
    is_stated: bool,
}

/// What people said so far.
#[derive(Default)]
pub(super) struct Opinions {
    rows: Vec<LabelRow>,
    stored: Vec<Label>,
    wanted: BTreeSet<String>,
    named: BTreeMap<(String, u32), ResponseId>,
    rewards: HashMap<ResponseId, (ItemId, Reward)>,
    labels: u64,
    elsewhere: u64,
    annotators: Names,
    pairs: Vec<Pair>,
    ties: u64,
    rated: Vec<(ItemId, f64, f64)>,
    // The reward of the last response that its file calls `chosen`.
    chosen: Option<(ItemId, Option<Reward>)>,
}

impl Opinions {
    /// Takes the rows of a label file, before any response is seen.
    pub(super) fn expect(&mut self, rows: Vec<LabelRow>) {
        self.wanted.extend(rows.iter().filter_map(|row| row.item.clone()));
        for row in &rows {
            let ids = row.said.targets().into_iter().filter_map(|target| match target {
                Target::Id(id) => Some(id.to_string()),
                Target::Index(_) => None,
            });
            self.wanted.extend(ids);
        }
        self.rows.extend(rows);
    }

    /// Takes the labels of a store, before any response is seen.
    pub(super) fn expect_stored(&mut self, labels: Vec<Label>) {
        let named = labels.iter().flat_map(Label::responses);
        self.wanted.extend(named.map(|id| id.to_string()));
        self.stored.extend(labels);
    }

    /// Remembers a response if a label may name it, and what its file says of it.
    pub(super) fn see(&mut self, row: &ScoredRow, item: ItemId) {
        let reward = row.reward.map(|reward| (reward, row.uncertainty.map(|one| one.total)));
        self.see_role(row, item, reward);
        let (Some(id), Some(reward)) = (row.response, reward) else { return };
        let names = [row.id.clone(), item.to_string()];
        for name in names.into_iter().filter(|name| self.wanted.contains(name)) {
            self.named.insert((name, row.index), id);
            self.rewards.insert(id, (item, reward));
        }
        if self.wanted.contains(&id.to_string()) {
            self.rewards.insert(id, (item, reward));
        }
    }

    fn see_role(&mut self, row: &ScoredRow, item: ItemId, reward: Option<Reward>) {
        match (row.role.as_str(), self.chosen) {
            ("chosen", _) => self.chosen = Some((item, reward)),
            ("rejected", Some((same, Some(chosen)))) if same == item => {
                if let Some(rejected) = reward {
                    self.add_pair(item, chosen, rejected, 1.0);
                }
            }
            _ => {}
        }
    }

    /// Takes in the labels on one item of the store, with the rewards of its responses.
    pub(super) fn add_item(&mut self, item: ItemId, labels: &[Label], rewards: &HashMap<ResponseId, Reward>) {
        let labels = last_words(labels);
        for label in &labels {
            let known = label.responses().iter().any(|response| rewards.contains_key(response));
            *(if known { &mut self.labels } else { &mut self.elsewhere }) += 1;
            self.annotators.add(&label.annotator);
        }
        for ((one, other), outcome) in comparisons(&labels) {
            let (Some(a), Some(b)) = (rewards.get(&one), rewards.get(&other)) else { continue };
            match outcome.preferred {
                None => self.ties += 1,
                Some(better) => self.add_pair(item, *a, *b, f64::from(u8::from(better == one))),
            }
        }
        let mut in_order: Vec<_> = rewards.iter().collect();
        in_order.sort_by_key(|(id, _)| **id);
        for (response, (reward, _)) in in_order {
            if let Some(rating) = mean_rating(&labels, *response) {
                self.rated.push((item, *reward, rating));
            }
        }
    }

    fn add_pair(&mut self, item: ItemId, a: Reward, b: Reward, a_is_better: f64) {
        let probability = match (a, b) {
            ((a, Some(a_sd)), (b, Some(b_sd))) => probability_better((a, a_sd), (b, b_sd)),
            // Nobody knows how sure: the order alone.
            ((a, _), (b, _)) => 0.5 + 0.5 * f64::from(a.total_cmp(&b) as i8),
        };
        if let Ok(forecast) = Forecast::new(probability, a_is_better) {
            let is_stated = a.1.is_some() && b.1.is_some();
            self.pairs.push(Pair { item, forecast: forecast.confidence(), is_stated });
        }
    }

    /// Sums up.
    pub(super) fn finish(mut self) -> PeopleFigures {
        self.resolve();
        PeopleFigures {
            counts: None,
            ledger: vec![],
            labels: self.labels,
            annotators: self.annotators.count(),
            elsewhere: self.elsewhere,
            pairs: (!self.pairs.is_empty()).then(|| of_pairs(&self.pairs, self.ties)),
            ratings: (!self.rated.is_empty()).then(|| of_ratings(&self.rated)),
        }
    }

    /// Puts the rows of the label file to the responses that they name.
    fn resolve(&mut self) {
        let mut by_item: BTreeMap<ItemId, Vec<Label>> = BTreeMap::new();
        for row in std::mem::take(&mut self.rows) {
            let find = |target: Target| match target {
                Target::Id(id) => self.rewards.contains_key(&id).then_some(id),
                Target::Index(index) => self.named.get(&(row.item.clone()?, index)).copied(),
            };
            let Some(judgement) = row.said.judgement(find) else {
                self.elsewhere += 1;
                continue;
            };
            let note = row.note.unwrap_or_default();
            let label =
                Label { item: ItemId::from_bytes([0; 16]), judgement, annotator: row.annotator, note };
            let item = label.responses().first().and_then(|id| self.rewards.get(id)).map(|(item, _)| *item);
            if let Some(item) = item {
                by_item.entry(item).or_default().push(Label { item, ..label });
            }
        }
        for label in std::mem::take(&mut self.stored) {
            by_item.entry(label.item).or_default().push(label);
        }
        for (item, labels) in by_item {
            let named = labels.iter().flat_map(Label::responses);
            let rewards = named.filter_map(|id| Some((id, self.rewards.get(&id)?.1))).collect();
            self.add_item(item, &labels, &rewards);
        }
    }
}

fn of_pairs(pairs: &[Pair], ties: u64) -> Agreement {
    let stated = pairs.iter().filter(|pair| pair.is_stated).map(|pair| pair.forecast);
    let forecasts: Vec<Forecast> = stated.collect();
    let sample = Forecasts::independent(&forecasts);
    // Equal mass: the sides of a pair are put so that nothing is said below one half.
    let binning = Binning::EqualMass(BINS.min(forecasts.len().div_ceil(10)).max(1));
    let bin = |bin: &rewardctl_core::calibration::reliability::Bin| {
        let proportion =
            Proportion { hits: (bin.count * bin.outcome).round() as u64, count: bin.count as u64 };
        Bin {
            count: bin.count as u64,
            said: bin.probability,
            found: bin.outcome,
            interval: proportion.interval(),
        }
    };
    let mut clustered = pairs.to_vec();
    clustered.sort_by_key(|pair| pair.item);
    let mut right = ClusteredMean::default();
    clustered.iter().for_each(|pair| right.add(pair.item, pair.forecast.outcome()));
    let interval = right.interval();
    Agreement {
        count: pairs.len() as u64,
        ties,
        value: interval.map(|found| found.mean),
        interval: interval.and_then(|found| found.bounds).map(|(low, high)| (low.max(0.0), high.min(1.0))),
        error: ece(sample.all(), binning).filter(|_| !forecasts.is_empty()),
        error_by_chance: ece_by_chance(sample.all(), binning).filter(|_| !forecasts.is_empty()),
        bins: match forecasts.is_empty() {
            true => vec![],
            false => bins(sample.all(), binning).iter().map(bin).collect(),
        },
    }
}

fn of_ratings(rated: &[(ItemId, f64, f64)]) -> Agreement {
    let (rewards, ratings): (Vec<f64>, Vec<f64>) = rated.iter().map(|(_, a, b)| (*a, *b)).unzip();
    let mut sorted = rated.to_vec();
    sorted.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let number = BINS.min(rated.len().div_ceil(10));
    let bins: Vec<Bin> = (0..number)
        .map(|at| {
            let mut part = sorted[at * sorted.len() / number..(at + 1) * sorted.len() / number].to_vec();
            part.sort_by_key(|(item, _, _)| *item);
            let mut found = ClusteredMean::default();
            part.iter().for_each(|(item, _, rating)| found.add(*item, *rating));
            let said = part.iter().map(|(_, reward, _)| reward).sum::<f64>() / part.len() as f64;
            let interval = found.interval();
            Bin {
                count: part.len() as u64,
                said,
                found: interval.map_or(0.0, |found| found.mean),
                interval: interval
                    .and_then(|found| found.bounds)
                    .map(|(low, high)| (low.max(0.0), high.min(1.0))),
            }
        })
        .collect();
    let weight = |bin: &Bin| bin.count as f64 * (bin.said - bin.found).abs();
    Agreement {
        count: rated.len() as u64,
        ties: 0,
        value: Ranked::new(&rewards, &ratings).spearman(),
        interval: None,
        error: Some(bins.iter().map(weight).sum::<f64>() / rated.len() as f64),
        error_by_chance: None,
        bins,
    }
}
