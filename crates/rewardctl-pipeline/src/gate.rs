//! The gate: rewarded responses held against a policy, alone and beside a baseline.
//!
//! A prompt counts once, whatever the number of its responses; prompts are what is independent. What is missing counts as the
//! worst that it could be wherever that makes it harder to pass. How estimates become rulings is in
//! [`rewardctl_core::gate`].

use std::collections::BTreeSet;
use std::mem::discriminant;

use rewardctl_core::gate::{Claim, RulingSettings, overall, rule};
use rewardctl_data::measured::rewarded::RewardedRow;

use crate::error::Error;
use crate::gate::check::{Check, Kind, Looked, Reach, Scene};
use crate::gate::policy::{DEFAULT_MARGIN, DEFAULT_MIN_SCORE, Policy, Rule};
use crate::gate::report::{CheckReport, GateReport, Sources};
use crate::rewarded::error::Error as RewardedError;
use crate::rewarded::prompts::{
    Prompt, Selection, by_prompt, refuse_unknown_dimension, refuse_unknown_fields,
};
use crate::rewarded::{place, refuse_mixed_versions, refuse_two_rewards};

pub mod check;
pub mod policy;
pub mod report;

mod estimates;
mod facts;

/// What a gate is told beside its policy.
#[derive(Debug, Clone, Copy)]
pub struct GateSettings {
    /// The seed of the order in which prompts are looked at, and of resampling.
    pub seed: u64,
    /// Which prompts are looked at.
    pub extent: Extent,
    /// Responses that a check names.
    pub listed: usize,
}

/// Which prompts a gate looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All.
    All,
    /// Those whose responses differ from the baseline's.
    Changed,
}

/// Holds `new` against the policy; `old` is the baseline.
pub fn gate(
    new: &[RewardedRow],
    old: Option<&[RewardedRow]>,
    policy: &Policy,
    settings: GateSettings,
) -> Result<GateReport, Error> {
    let policy = with_default_rule(policy, old.is_some())?;
    let before = old.unwrap_or(&[]);
    policy.check()?;
    refuse_mixed_versions([("the file", new), ("the baseline", before)])?;
    refuse_two_rewards(new)?;
    refuse_two_rewards(before)?;
    let is_uncalibrated = new.iter().chain(before).any(|row| row.by_llm) && !new.iter().any(|row| row.by_fit);
    if policy.require_calibrated {
        refuse_uncalibrated(is_uncalibrated, new.iter().chain(before))?;
    }
    let all = by_prompt(new, before, settings.seed);
    let mut prompts = all.clone();
    if settings.extent == Extent::Changed {
        prompts.retain(Prompt::is_changed);
    }
    let scene = Scene { policy: &policy, settings, has_baseline: old.is_some(), all: &all };
    let mut looked = vec![];
    for (rule, title) in policy.rule.iter().zip(policy.titles()) {
        refuse_unknown(rule, &title, new, before)?;
        if rule.max_regression.is_some() && old.is_none() {
            return Err(RewardedError::NoBaseline { place: format!("rule `{title}`") }.into());
        }
        looked.extend(look(rule, &title, &prompts, &scene)?);
    }
    let ruled = rule(&claims(&looked), RulingSettings { alpha: policy.alpha, correction: policy.correction });
    let checks: Vec<CheckReport> = looked
        .into_iter()
        .zip(ruled)
        .map(|((check, looked), ruled)| CheckReport::new(&check, looked, ruled))
        .collect();
    let sources = Sources { new, old, prompts: &prompts, is_uncalibrated };
    Ok(GateReport::new(overall(checks.iter().map(|check| check.ruling)), checks, &sources, &policy))
}

/// Returns what is ruled on. The slices of one threshold are a family, and what somebody asked for is one of its own.
fn claims(looked: &[(Check, Looked)]) -> Vec<Claim> {
    let family = |check: &Check| (check.rule.clone(), discriminant(&check.kind), check.reach);
    let mut families = vec![];
    let mut claim = |(check, looked): &(Check, Looked)| {
        let family = family(check);
        let place = families.iter().position(|known| *known == family).unwrap_or_else(|| {
            families.push(family);
            families.len() - 1
        });
        Claim { finding: looked.finding, pass_if: check.pass_if, family: place }
    };
    looked.iter().map(&mut claim).collect()
}

/// Where nothing is asked for, the reward must not fall behind the baseline's.
fn with_default_rule(policy: &Policy, has_baseline: bool) -> Result<Policy, RewardedError> {
    match (policy.rule.is_empty(), has_baseline) {
        (false, _) => Ok(policy.clone()),
        (true, true) => {
            let rule = Rule { max_regression: Some(DEFAULT_MARGIN), ..Rule::default() };
            Ok(Policy { rule: vec![rule], ..policy.clone() })
        }
        (true, false) => Err(RewardedError::Policy {
            place: "the policy".into(),
            problem: "it has no rule, and there is no baseline: such a gate would pass whatever comes".into(),
        }),
    }
}

/// Refuses rewards that nobody compared with people, or of which nobody can tell.
fn refuse_uncalibrated<'r>(
    is_uncalibrated: bool,
    mut rows: impl Iterator<Item = &'r RewardedRow>,
) -> Result<(), RewardedError> {
    match rows.find(|row| row.version.is_none()) {
        Some(row) => Err(RewardedError::NoVersion { place: place(row) }),
        None if is_uncalibrated => Err(RewardedError::Uncalibrated),
        None => Ok(()),
    }
}

fn refuse_unknown(
    rule: &Rule,
    title: &str,
    new: &[RewardedRow],
    before: &[RewardedRow],
) -> Result<(), Error> {
    if let Some(dimension) = &rule.dimension
        && !new.is_empty()
    {
        refuse_unknown_dimension(dimension, new)?;
    }
    if new.is_empty() {
        return Ok(());
    }
    refuse_unknown_fields(rule.fields.keys(), new)?;
    if let Some(model) = &rule.model {
        let known: BTreeSet<&String> =
            new.iter().chain(before).filter_map(|row| row.generator.as_ref()).collect();
        if !known.contains(model) {
            let problem = format!("no response is of a model `{model}`; there are {}", listed(&known));
            return Err(RewardedError::Policy { place: format!("rule `{title}`"), problem }.into());
        }
    }
    Ok(())
}

fn listed(names: &BTreeSet<&String>) -> String {
    const SHOWN: usize = 10;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if shown.is_empty() { "none with a name".into() } else { shown.join(", ") }
}

/// Looks at everything that a rule asks, also for each value of the fields that the policy names.
fn look(
    rule: &Rule,
    title: &str,
    prompts: &[Prompt<'_>],
    scene: &Scene<'_>,
) -> Result<Vec<(Check, Looked)>, Error> {
    let whole = Selection { model: rule.model.clone(), fields: rule.fields.clone() };
    let mut selections = vec![whole.clone()];
    let of_rule = whole.of(prompts);
    // Of nothing there are no slices; and what is selected by a field already has one value of it.
    if of_rule.iter().any(|prompt| !prompt.before.is_empty() || !prompt.after.is_empty()) {
        for field in scene.policy.by.iter().filter(|field| !whole.selects_by(field)) {
            selections.extend(whole.by(field, &of_rule)?);
        }
    }
    let mut looked = vec![];
    for (at, selection) in selections.into_iter().enumerate() {
        let selected = selection.of(prompts);
        for kind in kinds(rule) {
            // Items are named one by one; a slice would look for those that are elsewhere.
            if at > 0 && matches!(kind, Kind::MustPass { .. }) {
                continue;
            }
            let check = Check {
                rule: title.into(),
                dimension: rule.dimension.clone(),
                pass_at: rule.pass_at,
                selection: selection.clone(),
                kind,
                reach: if at == 0 { Reach::Rule } else { Reach::Slice },
                pass_if: if at == 0 { scene.policy.pass_if } else { scene.policy.by_pass_if },
            };
            // What must pass must do so also where it did not change.
            let found = match check.kind {
                Kind::MustPass { .. } => check.look(&selection.of(scene.all), scene),
                _ => check.look(&selected, scene),
            };
            looked.push((check, found));
        }
    }
    Ok(looked)
}

fn kinds(rule: &Rule) -> Vec<Kind> {
    let must_pass = (!rule.must_pass.is_empty()).then(|| Kind::MustPass {
        items: rule.must_pass.clone(),
        min_score: rule.min_score.unwrap_or(DEFAULT_MIN_SCORE),
    });
    let kinds = [
        rule.min_mean.map(Kind::MinMean),
        rule.min_quantile.map(Kind::MinQuantile),
        rule.max_regression.map(Kind::MaxRegression),
        rule.max_fail_rate.map(Kind::MaxFailRate),
        rule.max_uncertainty.map(Kind::MaxUncertainty),
        must_pass,
    ];
    kinds.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests;
