//! Models compared prompt by prompt: win rates, differences, and a ranking of many.
//!
//! Both answered the same prompts, so that a prompt's difficulty cancels out. A prompt counts once, whatever the number of its
//! responses. What has no reward on one side takes part in no figure and is counted. How figures are taken: the win rate and
//! the mean difference by [`rewardctl_core::mean_test`], at any time by [`rewardctl_core::betting`], at equal length by
//! [`rewardctl_core::length_control`], the ranking by [`rewardctl_core::bradley_terry`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rewardctl_core::label::Winner;
use rewardctl_core::length_control::length_controlled;
use rewardctl_core::multiplicity::{Correction, adjusted};
use rewardctl_core::power::{Promise, Sides};
use rewardctl_data::measured::comparison::ComparisonRow;
use rewardctl_data::measured::rewarded::RewardedRow;

use crate::comparison::advice::advice;
use crate::comparison::duel::{Duel, Met, scores};
use crate::comparison::report::{ArmReport, CompareReport, DuelReport, Ranked, SliceReport};
use crate::error::Error;
use crate::measure::ranking::{ClusterBy, RankingSettings, ranking};
use crate::rewarded::error::Error as RewardedError;
use crate::rewarded::prompts::{Measure, Prompt, Selection, by_prompt, refuse_unknown_dimension};
use crate::rewarded::{refuse_mixed_versions, refuse_two_rewards};

pub mod advice;
pub mod duel;
pub mod report;

/// λ of the ranking's penalty where some models never lose against others.
const RIDGE: f64 = 1.0;

/// The responses of one side.
#[derive(Debug, Clone)]
pub struct Arm {
    /// What reports call it.
    pub name: String,
    /// Its responses.
    pub rows: Vec<RewardedRow>,
}

/// How arms are compared.
#[derive(Debug, Clone)]
pub struct CompareSettings {
    /// The dimension whose scores count; None for the reward.
    pub dimension: Option<String>,
    /// Scores no further apart are a tie.
    pub tie: f64,
    /// Differences of this size matter.
    pub effect: f64,
    /// One less the level of tests and intervals.
    pub alpha: f64,
    /// The chance with which what matters should be found.
    pub power: f64,
    /// How p-values are adjusted for one another.
    pub correction: Correction,
    /// How often one looks.
    pub looks: Looks,
    /// Fields of which each value is looked at besides.
    pub by: Vec<String>,
    /// Where resampling derives from.
    pub seed: u64,
}

/// How often one looks at figures that decide when to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// Once, at a size that was fixed before.
    Once,
    /// As often as one likes.
    Always,
}

impl CompareSettings {
    /// Returns what the tests promise.
    pub fn promise(&self) -> Promise {
        Promise { alpha: self.alpha, power: self.power, sides: Sides::Two }
    }

    fn measure(&self) -> Measure<'_> {
        Measure { dimension: self.dimension.as_deref(), pass_at: None }
    }
}

/// Parts the responses of one file by the models that wrote them.
pub fn arms_by_model(rows: Vec<RewardedRow>) -> Vec<Arm> {
    let mut arms: BTreeMap<String, Vec<RewardedRow>> = BTreeMap::new();
    for row in rows {
        arms.entry(row.generator.clone().unwrap_or_else(|| "(unnamed)".into())).or_default().push(row);
    }
    arms.into_iter().map(|(name, rows)| Arm { name, rows }).collect()
}

/// Returns how many claims share an error that holds at any time, of `count`: none does where each stands for itself. What is
/// looked at again and again cannot wait for the p-values of the others.
pub(crate) fn claims(count: usize, correction: Correction) -> f64 {
    match correction {
        Correction::None => 1.0,
        Correction::Holm | Correction::BenjaminiHochberg => count.max(1) as f64,
    }
}

/// Compares every two arms; the first is what the others are held against.
pub fn compare(arms: &[Arm], settings: &CompareSettings) -> Result<CompareReport, Error> {
    if arms.len() < 2 {
        let found = arms.first().map_or("no responses".into(), |arm| format!("one side, `{}`", arm.name));
        return Err(RewardedError::TooFewArms { found }.into());
    }
    refuse_mixed_versions(arms.iter().map(|arm| (arm.name.as_str(), arm.rows.as_slice())))?;
    arms.iter().try_for_each(|arm| refuse_two_rewards(&arm.rows))?;
    if let Some(dimension) = &settings.dimension {
        for arm in arms {
            refuse_unknown_dimension(dimension, &arm.rows)?;
        }
    }
    let told = Told { settings, claims: claims(arms.len() * (arms.len() - 1) / 2, settings.correction) };
    let mut duels = vec![];
    let mut slices: BTreeMap<String, Vec<DuelReport>> = BTreeMap::new();
    for second in 1..arms.len() {
        for first in 0..second {
            let prompts = by_prompt(&arms[second].rows, &arms[first].rows, settings.seed);
            let names = (arms[first].name.as_str(), arms[second].name.as_str());
            let places = places(&arms[second].rows);
            duels.push(duel(names, &prompts, &places, told));
            for field in &settings.by {
                for selection in Selection::default().by(field, &prompts)? {
                    let report = duel(names, &selection.of(&prompts), &places, told);
                    slices.entry(selection.name()).or_default().push(report);
                }
            }
        }
    }
    duels.sort_by_key(|duel| arms.iter().position(|arm| arm.name == duel.first));
    adjust(duels.iter_mut(), settings.correction);
    adjust(slices.values_mut().flatten(), settings.correction);
    let ranking = (arms.len() > 2).then(|| ranked(arms, settings));
    let arms: Vec<ArmReport> = arms.iter().map(|arm| ArmReport::new(arm, settings)).collect();
    let slices = slices.into_iter().map(|(slice, duels)| SliceReport { slice, duels }).collect();
    let advice = duels.iter().map(|duel| advice(duel, settings)).collect();
    Ok(CompareReport {
        dimension: settings.dimension.clone(),
        alpha: settings.alpha,
        arms,
        duels,
        slices,
        ranking,
        advice,
    })
}

/// The settings with what follows from the number of arms.
#[derive(Clone, Copy)]
pub(crate) struct Told<'s> {
    /// As given.
    pub(crate) settings: &'s CompareSettings,
    /// The claims that share the error of what holds at any time.
    pub(crate) claims: f64,
}

/// Returns where each prompt first stands among the rows read.
fn places(rows: &[RewardedRow]) -> HashMap<&str, usize> {
    let mut places = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        places.entry(row.item.as_str()).or_insert(at);
    }
    places
}

fn duel(
    names: (&str, &str),
    prompts: &[Prompt<'_>],
    places: &HashMap<&str, usize>,
    told: Told<'_>,
) -> DuelReport {
    let settings = told.settings;
    let place = |prompt: &Prompt<'_>| places.get(prompt.after.first()?.item.as_str()).copied();
    let met = |prompt| Met::of(prompt, place(prompt).unwrap_or(0), settings);
    let met: Vec<Met> = prompts.iter().filter_map(met).collect();
    let has = |rows: &[&RewardedRow]| scores(rows, settings).is_some();
    let count = |of: fn(&Prompt<'_>) -> bool| prompts.iter().filter(|prompt| of(prompt)).count();
    let by_one = |is: fn(bool, bool) -> bool| {
        prompts.iter().filter(|prompt| is(has(&prompt.before), has(&prompt.after))).count()
    };
    let both = count(|prompt| !prompt.after.is_empty() && !prompt.before.is_empty());
    let only_first = count(|prompt| prompt.after.is_empty());
    let duel = Duel {
        met: &met,
        missing: both - met.len(),
        scored_by_one: (by_one(|first, second| first && !second), by_one(|first, second| second && !first)),
        only_first,
        only_second: prompts.len() - both - only_first,
    };
    DuelReport::new(names, &duel, told)
}

/// Adjusts p-values for one another: those of whole arms, and those within slices, which are looked at besides.
fn adjust<'d>(duels: impl Iterator<Item = &'d mut DuelReport>, correction: Correction) {
    let mut all: Vec<&mut DuelReport> = duels.collect();
    let p: Vec<f64> = all.iter().filter_map(|duel| duel.p).collect();
    let mut adjusted = adjusted(&p, correction).into_iter();
    for duel in &mut all {
        duel.p_adjusted = duel.p.and_then(|_| adjusted.next());
    }
}

/// Ranks all arms by who won against whom on the prompts that they share.
fn ranked(arms: &[Arm], settings: &CompareSettings) -> Ranked {
    let mut rows = vec![];
    for second in 1..arms.len() {
        for first in 0..second {
            for prompt in by_prompt(&arms[second].rows, &arms[first].rows, settings.seed) {
                let Some(met) = Met::of(&prompt, 0, settings) else { continue };
                let winner = match met.won {
                    won if won > 0.5 => Winner::A,
                    won if won < 0.5 => Winner::B,
                    _ => Winner::Tie,
                };
                rows.push(ComparisonRow {
                    model_a: arms[second].name.clone(),
                    model_b: arms[first].name.clone(),
                    winner: Some(winner),
                    weight: 1.0,
                    group: prompt.after.first().map(|row| row.item.clone()),
                    annotator: None,
                });
            }
        }
    }
    let told = |ridge| RankingSettings {
        anchor: Some(arms[0].name.clone()),
        ridge,
        cluster_by: ClusterBy::Group,
        seed: settings.seed,
    };
    let names: BTreeSet<&String> = rows.iter().flat_map(|row| [&row.model_a, &row.model_b]).collect();
    if names.len() < 2 || !names.contains(&arms[0].name) {
        return Ranked {
            models: vec![],
            note: Some("the first has no prompt in common with the others".into()),
        };
    }
    match ranking(&rows, &told(0.0)) {
        Ok(report) => Ranked { models: report.models, note: None },
        Err(error @ Error::Apart { .. }) => {
            let note = format!("{error}; strengths are drawn together (a ridge of {RIDGE})");
            match ranking(&rows, &told(RIDGE)) {
                Ok(report) => Ranked { models: report.models, note: Some(note) },
                Err(error) => Ranked { models: vec![], note: Some(error.to_string()) },
            }
        }
        Err(error) => Ranked { models: vec![], note: Some(error.to_string()) },
    }
}

/// Returns the win rate of what was met at equal length, if all lengths are known.
pub(crate) fn at_equal_length(met: &[Met]) -> Option<rewardctl_core::length_control::LengthControlled> {
    let contests: Option<Vec<_>> =
        met.iter().enumerate().map(|(cluster, met)| met.contest(cluster)).collect();
    length_controlled(&contests?)
}

#[cfg(test)]
mod tests;
