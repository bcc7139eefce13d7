//! Sums up a run while it goes: of constant size, whatever the number of responses.

use std::collections::BTreeMap;

use rewardctl_core::id::ItemId;
use rewardctl_core::interval::{ClusteredMean, Interval};
use rewardctl_core::panel::Panel;
use rewardctl_core::reward::Reward;
use rewardctl_core::route::{Reason, Route};
use rewardctl_core::verdict::Verdict;
use serde::Serialize;

use crate::answer::Answer;
use crate::chunk::Row;
use crate::ingest::Checked;
use crate::kin::{Kin, Relative};
use crate::tally::CallReport;

/// Generators told apart; more than that are a mistake in the input, and are summed up together.
pub(crate) const GENERATORS: usize = 200;
pub(crate) const OTHER_GENERATORS: &str = "(others)";

/// What a run came to.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The input files, and what they were found to be.
    pub inputs: Vec<String>,
    /// Rows of the input that were used.
    pub rows: u64,
    /// Rows left out.
    pub skipped: u64,
    /// The first of them.
    pub skipped_rows: Vec<String>,
    /// Responses judged.
    pub responses: u64,
    /// The reward over all responses.
    pub reward: Line,
    /// Each dimension of the panel.
    pub dimensions: Vec<Line>,
    /// The reward of each generator, best first; empty if the input names none.
    pub generators: Vec<Line>,
    /// How many responses go where, and why.
    pub routes: BTreeMap<String, u64>,
    /// How many verdicts of each critic failed.
    pub failures: BTreeMap<String, u64>,
    /// How often the reward agrees with the input's own `chosen` and `rejected`.
    pub pairs: Option<Agreement>,
    /// The responses with the highest rewards.
    pub best: Vec<Extreme>,
    /// The responses with the lowest rewards.
    pub worst: Vec<Extreme>,
    /// What LLM critics asked, and what it came to; None without LLM critics.
    pub calls: Option<CallReport>,
    /// What casts doubt on the rewards.
    pub warnings: Vec<String>,
}

/// A mean with what it does not cover.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// A dimension, a generator, or `reward`.
    pub name: String,
    /// Responses.
    pub responses: u64,
    /// Of these, with a score.
    pub scored: u64,
    /// The mean of these scores, in 0..=1.
    pub mean: Option<f64>,
    /// The 95 % confidence interval of the mean, clustered by prompt.
    pub interval: Option<(f64, f64)>,
    /// The standard deviation of the scores.
    pub spread: Option<f64>,
    /// Responses with a verdict that failed.
    pub failed: u64,
    /// Responses sent to people.
    pub routed: u64,
}

/// How often the reward prefers what the input calls `chosen`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Agreement {
    /// Pairs with two rewards.
    pub pairs: u64,
    /// Of these, with the chosen one ahead; a tie counts as half.
    pub share: f64,
    /// The 95 % confidence interval of the share.
    pub interval: Option<(f64, f64)>,
}

/// A response worth looking at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Extreme {
    /// The input file and row.
    pub source: String,
    /// The id that the input gives.
    pub id: Option<String>,
    /// The model that wrote it.
    pub generator: Option<String>,
    /// Its reward.
    pub reward: f64,
    /// What it answers.
    pub prompt: String,
    /// Its text.
    pub response: String,
    /// The verdict that pulled the reward down most, with its rationale.
    pub weakest: String,
}

/// Sums over the responses so far.
pub struct Summary {
    panel: Panel,
    overall: Group,
    dimensions: Vec<Group>,
    generators: BTreeMap<String, Group>,
    routes: BTreeMap<String, u64>,
    failures: BTreeMap<String, u64>,
    agreement: ClusteredMean,
    chosen: Option<f64>,
    extremes: usize,
    best: Vec<Extreme>,
    worst: Vec<Extreme>,
    certain: usize,
    kin: Kin,
}

/// Sums that make a [`Line`].
#[derive(Debug, Default)]
pub(crate) struct Group {
    mean: ClusteredMean,
    responses: u64,
    failed: u64,
    routed: u64,
}

impl Summary {
    /// Starts with nothing; keeps the `extremes` best and worst responses, and watches for responses by relatives of
    /// the LLM critics.
    pub fn new(panel: &Panel, extremes: usize, critics: Vec<Relative>) -> Self {
        Self {
            panel: panel.clone(),
            overall: Group::default(),
            dimensions: panel.dimensions.iter().map(|_| Group::default()).collect(),
            generators: BTreeMap::new(),
            routes: BTreeMap::new(),
            failures: BTreeMap::new(),
            agreement: ClusteredMean::default(),
            chosen: None,
            extremes,
            best: vec![],
            worst: vec![],
            certain: 0,
            kin: Kin::new(critics),
        }
    }

    /// Adds a response.
    pub fn add(&mut self, answer: &Answer<'_>, route: &Route) {
        let (row, at, verdicts) = (answer.row, answer.at, &answer.verdicts);
        let reward = answer.reward.as_ref().ok();
        let failed = verdicts.iter().any(Verdict::is_failed);
        self.kin.add(row.item.responses[at].generator.as_deref(), verdicts);
        let routed = *route != Route::Accept;
        let value = reward.map(|reward| reward.reward.get());
        self.overall.add(row.id, value, failed, routed);
        if let Some(generator) = &row.item.responses[at].generator {
            self.generator(generator).add(row.id, value, failed, routed);
        }
        for (n, group) in self.dimensions.iter_mut().enumerate() {
            let name = &self.panel.dimensions[n].name;
            let failed = verdicts.iter().any(|v| v.is_failed() && v.dimension == *name);
            let score = reward.and_then(|reward| reward.dimensions[n]).map(|score| score.get());
            group.add(row.id, score, failed, routed);
        }
        for verdict in verdicts.iter().filter(|verdict| verdict.is_failed()) {
            *self.failures.entry(verdict.critic.clone()).or_default() += 1;
        }
        let reason = match route {
            Route::Accept => "accept",
            Route::Review(Reason::NoReward(_)) => "review: no reward",
            Route::Review(Reason::Flagged(_)) => "review: flagged",
            Route::Review(Reason::Uncertain) => "review: uncertain",
            Route::Review(Reason::NotCovered) => "review: not covered",
            Route::Review(Reason::Unlike) => "review: unlike",
            Route::Review(Reason::Audit) => "review: audit",
        };
        *self.routes.entry(reason.into()).or_default() += 1;
        self.certain += usize::from(routed && *route != Route::Review(Reason::Uncertain));
        self.add_to_agreement(row, at, value);
        if let Some(reward) = reward {
            self.keep_extreme(row, at, verdicts, reward);
        }
    }

    /// Returns how many responses there are, and how many of them people see however uncertain they are.
    pub fn reviewed_whatever(&self) -> (usize, usize) {
        (self.overall.responses as usize, self.certain)
    }

    /// Sums up.
    pub fn finish(self, checked: &Checked) -> Report {
        let mut generators: Vec<Line> =
            self.generators.iter().map(|(name, group)| group.line(name)).collect();
        generators.sort_by(|a, b| b.mean.unwrap_or(-1.0).total_cmp(&a.mean.unwrap_or(-1.0)));
        let names = self.panel.dimensions.iter().map(|dimension| &dimension.name);
        Report {
            inputs: checked.inputs.iter().map(|input| input.describe()).collect(),
            rows: checked.items,
            skipped: checked.skipped,
            skipped_rows: checked.skipped_rows.iter().map(ToString::to_string).collect(),
            responses: self.overall.responses,
            reward: self.overall.line("reward"),
            dimensions: names.zip(&self.dimensions).map(|(name, group)| group.line(name)).collect(),
            generators,
            routes: self.routes,
            failures: self.failures,
            pairs: self.agreement.interval().map(agreement),
            best: self.best,
            worst: self.worst,
            calls: None,
            warnings: self.kin.warnings(),
        }
    }

    fn generator(&mut self, name: &str) -> &mut Group {
        let known = self.generators.contains_key(name) || self.generators.len() < GENERATORS;
        self.generators.entry(if known { name } else { OTHER_GENERATORS }.into()).or_default()
    }

    fn add_to_agreement(&mut self, row: &Row, at: usize, reward: Option<f64>) {
        match row.item.responses[at].role.as_deref() {
            Some("chosen") => self.chosen = reward,
            Some("rejected") => {
                if let (Some(chosen), Some(rejected)) = (self.chosen.take(), reward) {
                    let won = if chosen == rejected { 0.5 } else { f64::from(u8::from(chosen > rejected)) };
                    self.agreement.add(row.id, won);
                }
            }
            _ => {}
        }
    }

    fn keep_extreme(&mut self, row: &Row, at: usize, verdicts: &[Verdict], reward: &Reward) {
        let value = reward.reward.get();
        let among = |kept: &[Extreme], better: fn(f64, f64) -> bool| {
            kept.len() < self.extremes || kept.last().is_some_and(|last| better(value, last.reward))
        };
        let (is_best, is_worst) = (among(&self.best, |a, b| a > b), among(&self.worst, |a, b| a < b));
        if !is_best && !is_worst {
            return;
        }
        let response = &row.item.responses[at];
        let extreme = Extreme {
            source: format!("{}:{}", row.file, row.line),
            id: row.item.name.clone(),
            generator: response.generator.clone(),
            reward: value,
            prompt: row.item.context.question().into(),
            response: response.text.clone(),
            weakest: weakest(verdicts, reward),
        };
        if is_best {
            insert(&mut self.best, extreme.clone(), self.extremes, |a, b| a > b);
        }
        if is_worst {
            insert(&mut self.worst, extreme, self.extremes, |a, b| a < b);
        }
    }
}

impl Group {
    /// Adds a response to `item`; those to one item come one after the other.
    pub(crate) fn add(&mut self, item: ItemId, value: Option<f64>, failed: bool, routed: bool) {
        self.responses += 1;
        self.failed += u64::from(failed);
        self.routed += u64::from(routed);
        if let Some(value) = value {
            self.mean.add(item, value);
        }
    }

    pub(crate) fn line(&self, name: &str) -> Line {
        let interval = self.mean.interval();
        Line {
            name: name.into(),
            responses: self.responses,
            scored: interval.map_or(0, |interval| interval.count),
            mean: interval.map(|interval| interval.mean),
            interval: interval.and_then(|interval| clamped(interval.bounds)),
            spread: interval.map(|interval| interval.spread),
            failed: self.failed,
            routed: self.routed,
        }
    }
}

/// Keeps `kept` sorted, best or worst first, and at most `count` long; earlier responses stay before equal ones.
fn insert(kept: &mut Vec<Extreme>, extreme: Extreme, count: usize, ahead: fn(f64, f64) -> bool) {
    let place = kept.iter().position(|other| ahead(extreme.reward, other.reward)).unwrap_or(kept.len());
    kept.insert(place, extreme);
    kept.truncate(count);
}

/// Names the verdict that cost the reward most: the largest `weight · (1 − score)`.
fn weakest(verdicts: &[Verdict], reward: &Reward) -> String {
    let cost = |at: usize| verdicts[at].score().map_or(0.0, |score| reward.weights[at] * (1.0 - score.get()));
    let worst = (0..verdicts.len()).max_by(|a, b| cost(*a).total_cmp(&cost(*b)));
    worst.filter(|at| cost(*at) > 0.0).map_or(String::new(), |at| {
        let verdict = &verdicts[at];
        let score = verdict.score().map_or(0.0, |score| score.get());
        format!("{} {score:.2}: {}", verdict.critic, verdict.rationale)
    })
}

fn agreement(interval: Interval) -> Agreement {
    Agreement { pairs: interval.count, share: interval.mean, interval: clamped(interval.bounds) }
}

/// A mean of numbers in 0..=1 lies there too.
fn clamped(bounds: Option<(f64, f64)>) -> Option<(f64, f64)> {
    bounds.map(|(low, high)| (low.max(0.0), high.min(1.0)))
}
