//! What each critic said: how often it scored, failed or was silent, where it stands, what it cost.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rewardctl_core::id::ContentId;
use rewardctl_data::measured::scored::{Ended, ScoredRow, ScoredVerdict};

use crate::report::figures::{Cost, CriticFigures};

/// Critics told apart; more are a mistake in the input: they are left out and counted.
const CRITICS: usize = 500;
/// Versions told apart.
const VERSIONS: usize = 50;
/// Reasons of failures kept for each critic.
const REASONS: usize = 20;
/// Of these, those shown.
const SHOWN: usize = 3;
/// Characters of a reason that tell it from others.
const REASON_CHARS: usize = 120;

/// The critics so far, in the order in which they came up.
#[derive(Debug, Default)]
pub(super) struct Critics {
    places: BTreeMap<(String, String), usize>,
    all: Vec<Said>,
    calls: Vec<(usize, ContentId)>,
    // Responses by the version of their rewards: a critic is missed where others of its version speak.
    versions: BTreeMap<String, u64>,
    left_out: u64,
}

#[derive(Debug, Default)]
struct Said {
    figures: CriticFigures,
    sum: f64,
    weights: (f64, u64),
    apart: (f64, u64),
    failures: BTreeMap<String, u64>,
    versions: BTreeSet<String>,
}

impl Critics {
    /// Takes in the verdicts on a response.
    pub(super) fn add(&mut self, row: &ScoredRow) {
        let panel = row.versions.iter().find(|(part, _)| part == "panel");
        let mut version = panel.map_or(String::new(), |(_, version)| version.clone());
        if self.versions.len() >= VERSIONS && !self.versions.contains_key(&version) {
            version.clear();
        }
        *self.versions.entry(version.clone()).or_default() += 1;
        for verdict in &row.verdicts {
            let key = (verdict.critic.clone(), verdict.dimension.clone());
            let new = self.all.len();
            if new >= CRITICS && !self.places.contains_key(&key) {
                self.left_out += 1;
                continue;
            }
            let at = *self.places.entry(key).or_insert(new);
            if at == new {
                let (critic, dimension) = (verdict.critic.clone(), verdict.dimension.clone());
                let figures = CriticFigures { critic, dimension, ..CriticFigures::default() };
                self.all.push(Said { figures, ..Said::default() });
            }
            let of_dimension = row.dimensions.iter().find(|(name, _)| *name == verdict.dimension);
            if !self.all[at].versions.contains(&version) {
                self.all[at].versions.insert(version.clone());
            }
            self.all[at].add(verdict, of_dimension.and_then(|(_, score)| *score));
            self.calls.extend(verdict.calls.iter().map(|call| (at, *call)));
        }
    }

    /// Takes the calls that came up since the last time, each once, with the place of its critic. To be called between
    /// items alone: the two sides of a comparison name the same call.
    pub(super) fn take_calls(&mut self) -> BTreeMap<ContentId, usize> {
        let calls: BTreeMap<ContentId, usize> =
            std::mem::take(&mut self.calls).into_iter().map(|(at, call)| (call, at)).collect();
        for at in calls.values() {
            self.all[*at].figures.cost.calls += 1;
        }
        calls
    }

    /// Returns the number of verdicts of critics beyond those that are told apart.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Returns the number of calls that wait to be taken.
    pub(super) fn waiting_calls(&self) -> usize {
        self.calls.len()
    }

    /// Adds what the ledger knows of a call of the critic at `at`.
    pub(super) fn add_cost(&mut self, at: usize, cost: Cost) {
        let own = &mut self.all[at].figures.cost;
        *own = own.plus(cost);
    }

    /// Returns the figures, those of one dimension together.
    pub(super) fn finish(mut self) -> Vec<CriticFigures> {
        self.take_calls();
        let mut order: Vec<String> = vec![];
        for said in &self.all {
            if !order.contains(&said.figures.dimension) {
                order.push(said.figures.dimension.clone());
            }
        }
        let versions = self.versions;
        let mut figures: Vec<CriticFigures> =
            self.all.into_iter().map(|said| said.finish(&versions)).collect();
        figures.sort_by_key(|one| order.iter().position(|name| *name == one.dimension));
        figures
    }
}

impl Said {
    fn add(&mut self, verdict: &ScoredVerdict, of_dimension: Option<f64>) {
        let figures = &mut self.figures;
        figures.flagged += u64::from(verdict.flagged);
        match (verdict.outcome, verdict.score) {
            (Ended::Scored, Some(score)) => {
                figures.scored += 1;
                self.sum += score;
                if let Some(weight) = verdict.weight {
                    self.weights = (self.weights.0 + weight, self.weights.1 + 1);
                }
                if let Some(mean) = of_dimension {
                    self.apart = (self.apart.0 + (score - mean).abs(), self.apart.1 + 1);
                }
            }
            (Ended::Abstained, _) => figures.abstained += 1,
            _ => {
                figures.failed += 1;
                let reason: String = verdict.rationale.chars().take(REASON_CHARS).collect();
                if self.failures.len() < REASONS || self.failures.contains_key(&reason) {
                    *self.failures.entry(reason).or_default() += 1;
                }
            }
        }
    }

    fn finish(self, versions: &BTreeMap<String, u64>) -> CriticFigures {
        let expected: u64 = self.versions.iter().filter_map(|version| versions.get(version)).sum();
        let mean = |(sum, count): (f64, u64)| (count > 0).then(|| sum / count as f64);
        let mut failures: Vec<(String, u64)> = self.failures.into_iter().collect();
        failures.sort_by_key(|(_, count)| Reverse(*count));
        failures.truncate(SHOWN);
        let heard = self.figures.scored + self.figures.abstained + self.figures.failed;
        CriticFigures {
            mean: mean((self.sum, self.figures.scored)),
            weight: mean(self.weights),
            apart: mean(self.apart),
            failures,
            missing: expected.saturating_sub(heard),
            ..self.figures
        }
    }
}
