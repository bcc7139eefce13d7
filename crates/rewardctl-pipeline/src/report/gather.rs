//! Sums up rewarded responses as they come: of bounded size, whatever their number.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use rewardctl_core::id::{ContentId, ItemId};
use rewardctl_data::measured::scored::{Ended, ScoredRow, ScoredUncertainty};

use crate::report::cases::{Cases, case};
use crate::report::critics::Critics;
use crate::report::figures::{Cost, Generator, MadeBy, ScoreReport, UncertaintyFigures};
use crate::report::length::Lengths;
use crate::report::people::Opinions;
use crate::summary::{GENERATORS, Group, OTHER_GENERATORS};

/// Bars of rewards and scores.
pub const BARS: usize = 20;
/// Bars of uncertainties, each as wide as this.
const UNCERTAINTY_BAR: f64 = 0.01;
/// No uncertainty of a number in 0..=1 is greater.
const UNCERTAINTY_BARS: usize = 100;
/// Reasons, versions and dimensions told apart; more are a mistake in the input, and are summed up together.
const NAMES: usize = 50;
const OTHERS: &str = "(others)";
/// Prompts that are remembered, at some 40 bytes each, to see whether one comes back after others.
const REMEMBERED: usize = 500_000;

/// What is known so far.
pub struct Gathering {
    inputs: Vec<String>,
    made_by: BTreeMap<Vec<(String, String)>, u64>,
    items: u64,
    last_item: Option<ItemId>,
    reward: Group,
    dimensions: Vec<(String, Scores)>,
    rewards: Vec<u64>,
    generators: BTreeMap<String, OfGenerator>,
    uncertainty: Uncertainties,
    no_reward: BTreeMap<String, u64>,
    routes: BTreeMap<String, u64>,
    pub(super) critics: Critics,
    lengths: Lengths,
    cases: Cases,
    /// What people said.
    pub(super) opinions: Opinions,
    /// Responses of which nobody knows what all critics said.
    pub(super) unclear: u64,
    /// The prompts so far, while there are few enough to remember.
    known_items: HashSet<ItemId>,
    scattered: u64,
    left_out: u64,
}

#[derive(Default)]
struct Scores {
    group: Group,
    bars: Vec<u64>,
}

#[derive(Default)]
struct OfGenerator {
    reward: Group,
    // Sum and number for each dimension.
    dimensions: Vec<(f64, u64)>,
}

#[derive(Default)]
struct Uncertainties {
    count: u64,
    // Of each part its sum, and how many rows say it.
    parts: [(f64, u64); 5],
    bars: Vec<u64>,
}

impl Gathering {
    /// Starts with nothing; keeps the `cases` worst and most disputed responses.
    pub fn new(inputs: Vec<String>, cases: usize) -> Self {
        Self {
            inputs,
            made_by: BTreeMap::new(),
            items: 0,
            last_item: None,
            reward: Group::default(),
            dimensions: vec![],
            rewards: vec![0; BARS],
            generators: BTreeMap::new(),
            uncertainty: Uncertainties { bars: vec![0; UNCERTAINTY_BARS], ..Uncertainties::default() },
            no_reward: BTreeMap::new(),
            routes: BTreeMap::new(),
            critics: Critics::default(),
            lengths: Lengths::default(),
            cases: Cases::new(cases),
            opinions: Opinions::default(),
            unclear: 0,
            known_items: HashSet::new(),
            scattered: 0,
            left_out: 0,
        }
    }

    /// Takes in a response; those to one item come one after the other.
    pub fn add(&mut self, row: &ScoredRow) {
        let item = item_of(row);
        if self.last_item.replace(item) != Some(item) {
            self.begin_item(item);
        }
        let failed = row.verdicts.iter().any(|verdict| verdict.outcome == Ended::Failed);
        let routed = row.reviewed == Some(true);
        self.reward.add(item, row.reward, failed, routed);
        match row.reward {
            Some(reward) => self.rewards[bar(reward)] += 1,
            None => {
                count(&mut self.no_reward, if row.no_reward.is_empty() { "not said" } else { &row.no_reward })
            }
        }
        self.add_dimensions(row, item);
        self.add_generator(row, item, failed, routed);
        self.uncertainty.add(row.uncertainty.filter(|_| row.reward.is_some()));
        count(&mut self.routes, &route(row));
        let is_known = self.made_by.len() < NAMES || self.made_by.contains_key(&row.versions);
        let versions = if is_known { row.versions.clone() } else { vec![(OTHERS.to_owned(), String::new())] };
        *self.made_by.entry(versions).or_default() += 1;
        self.critics.add(row);
        self.lengths.add(row, item);
        self.cases.add(row, || case(row));
        self.opinions.see(row, item);
    }

    /// Counts a prompt, and those that come back after another: intervals count them as prompts of their own.
    fn begin_item(&mut self, item: ItemId) {
        let is_new = self.known_items.len() >= REMEMBERED || self.known_items.insert(item);
        self.items += u64::from(is_new);
        self.scattered += u64::from(!is_new);
    }

    fn add_dimensions(&mut self, row: &ScoredRow, item: ItemId) {
        for (name, score) in &row.dimensions {
            let at = match self.dimensions.iter().position(|(known, _)| known == name) {
                Some(at) => at,
                None if self.dimensions.len() < NAMES => {
                    self.dimensions.push((name.clone(), Scores { bars: vec![0; BARS], ..Scores::default() }));
                    self.dimensions.len() - 1
                }
                None => {
                    self.left_out += 1;
                    continue;
                }
            };
            let failed = row
                .verdicts
                .iter()
                .any(|verdict| verdict.dimension == *name && verdict.outcome == Ended::Failed);
            let scores = &mut self.dimensions[at].1;
            scores.group.add(item, *score, failed, row.reviewed == Some(true));
            if let Some(score) = score {
                scores.bars[bar(*score)] += 1;
            }
        }
    }

    fn add_generator(&mut self, row: &ScoredRow, item: ItemId, failed: bool, routed: bool) {
        if row.generator.is_empty() {
            return;
        }
        let known = self.generators.contains_key(&row.generator) || self.generators.len() < GENERATORS;
        let name = if known { row.generator.as_str() } else { OTHER_GENERATORS };
        let generator = self.generators.entry(name.into()).or_default();
        generator.reward.add(item, row.reward, failed, routed);
        generator.dimensions.resize(self.dimensions.len(), (0.0, 0));
        for ((known, _), sums) in self.dimensions.iter().zip(&mut generator.dimensions) {
            let score = row.dimensions.iter().find(|(name, _)| name == known).and_then(|(_, score)| *score);
            if let Some(score) = score {
                *sums = (sums.0 + score, sums.1 + 1);
            }
        }
    }

    /// Sums up; the trend, and what only a store knows, is added to it.
    pub fn finish(self) -> ScoreReport {
        let mut made_by: Vec<MadeBy> =
            self.made_by.into_iter().map(|(parts, responses)| MadeBy { parts, responses }).collect();
        made_by.sort_by_key(|made| Reverse(made.responses));
        let mut generators: Vec<Generator> =
            self.generators.iter().map(|(name, of)| of.figures(name, self.dimensions.len())).collect();
        let mean = |one: &Generator| one.reward.mean.unwrap_or(-1.0);
        generators.sort_by(|a, b| mean(b).total_cmp(&mean(a)));
        let mut spread = vec![("reward".to_owned(), self.rewards)];
        spread.extend(self.dimensions.iter().map(|(name, scores)| (name.clone(), scores.bars.clone())));
        let reward = self.reward.line("reward");
        let left_out = self.left_out + self.critics.left_out();
        let critics = self.critics.finish();
        let (worst, disputed) = self.cases.finish();
        ScoreReport {
            inputs: self.inputs,
            made_by,
            items: self.items,
            responses: reward.responses,
            dimensions: self.dimensions.iter().map(|(name, scores)| scores.group.line(name)).collect(),
            generators,
            spread,
            uncertainty: self.uncertainty.finish(),
            no_reward: self.no_reward,
            routes: self.routes,
            cost: critics.iter().fold(Cost::default(), |all, critic| all.plus(critic.cost)),
            critics,
            people: self.opinions.finish(),
            length: self.lengths.finish(),
            trend: vec![],
            worst,
            disputed,
            unclear: self.unclear,
            scattered: self.scattered,
            left_out,
            reward,
        }
    }
}

impl OfGenerator {
    fn figures(&self, name: &str, dimensions: usize) -> Generator {
        let mean = |(sum, count): &(f64, u64)| (*count > 0).then(|| sum / *count as f64);
        let mut means: Vec<Option<f64>> = self.dimensions.iter().map(mean).collect();
        means.resize(dimensions, None);
        Generator { reward: self.reward.line(name), dimensions: means }
    }
}

impl Uncertainties {
    fn add(&mut self, uncertainty: Option<ScoredUncertainty>) {
        let Some(found) = uncertainty else { return };
        self.count += 1;
        let said =
            [Some(found.total), found.between_critics, found.within_critic, found.coverage, found.parameters];
        for (part, said) in self.parts.iter_mut().zip(said) {
            *part = (part.0 + said.unwrap_or(0.0), part.1 + u64::from(said.is_some()));
        }
        let bar = (found.total.max(0.0) / UNCERTAINTY_BAR) as usize;
        self.bars[bar.min(UNCERTAINTY_BARS - 1)] += 1;
    }

    fn finish(self) -> UncertaintyFigures {
        let names = ["total", "between critics", "within critics", "missing critics", "fitted weights"];
        let count = self.count;
        let mean = |(name, (sum, said)): (&str, (f64, u64))| {
            (said > 0).then(|| (name.to_owned(), sum / said as f64))
        };
        let last = self.bars.iter().rposition(|bar| *bar > 0).map_or(BARS, |last| last + 1);
        // A round end, so that ticks fall on bars.
        let shown = last.div_ceil(5) * 5;
        let counts = self.bars.into_iter().take(shown).collect();
        UncertaintyFigures {
            count,
            parts: names.into_iter().zip(self.parts).filter_map(mean).collect(),
            counts,
            high: shown as f64 * UNCERTAINTY_BAR,
        }
    }
}

impl Cost {
    /// Returns both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            known: self.known + other.known,
            unpriced: self.unpriced + other.unpriced,
            spent_nano: self.spent_nano.saturating_add(other.spent_nano),
            tokens: self.tokens.saturating_add(other.tokens),
        }
    }
}

/// Returns the item of a row; a row that names none is an item of its own prompt, or of its own.
pub(super) fn item_of(row: &ScoredRow) -> ItemId {
    row.item.unwrap_or_else(|| {
        let parts = [&row.prompt, &row.id].map(String::as_bytes);
        let alone = [row.source.as_bytes()];
        match row.prompt.is_empty() && row.id.is_empty() {
            true => ContentId::of("item", alone),
            false => ContentId::of("item", parts),
        }
    })
}

/// Returns the bar of a number in 0..=1.
fn bar(value: f64) -> usize {
    ((value * BARS as f64) as usize).min(BARS - 1)
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    let known = counts.contains_key(name) || counts.len() < NAMES;
    *counts.entry(if known { name } else { OTHERS }.into()).or_default() += 1;
}

/// Where a row goes, and why, without the names in the reason.
fn route(row: &ScoredRow) -> String {
    let kind = ["no reward", "flagged"].into_iter().find(|kind| row.route_reason.starts_with(kind));
    match (row.reviewed, kind.unwrap_or(&row.route_reason)) {
        (None, _) => "not said".into(),
        (Some(false), _) => "accepted".into(),
        (Some(true), "") => "to a person".into(),
        (Some(true), reason) => format!("to a person: {reason}"),
    }
}

/// Names that came up, so many at most.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// Notes a name.
    pub(super) fn add(&mut self, name: &str) {
        if self.0.len() < 10_000 {
            self.0.insert(name.into());
        }
    }

    /// Returns how many there are.
    pub(super) fn count(&self) -> u64 {
        self.0.len() as u64
    }
}
