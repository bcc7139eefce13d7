//! The aggregator in force: loaded, and refused where it was fitted on critics that have changed.

use std::collections::BTreeMap;
use std::path::Path;

use rewardctl_core::id::Version;
use rewardctl_critic::rules::settings::RuleSettings;
use rewardctl_model::aggregator::{Aggregator, fixed_weights};
use rewardctl_model::manifest::{Kind, Manifest};
use rewardctl_model::onnx::Runtime;

use crate::asker::Asker;
use crate::error::Error;
use crate::judges::Plan;
use crate::models::ModelPaths;
use crate::panel::LoadedPanel;

/// Returns what the verdicts of each source depend on: of the rules, of the text model, of each LLM critic.
pub fn fingerprints(plan: &Plan, asker: Option<&Asker>) -> BTreeMap<String, String> {
    let critics = asker.map_or(&[][..], |asker| asker.critics());
    let llm = critics.iter().map(|critic| (critic.name.clone(), critic.fingerprint.clone()));
    plan.fingerprints().into_iter().chain(llm).collect()
}

/// Refuses an aggregator that was fitted on critics that have changed since: its weights are of other critics.
pub fn check_fresh(folder: &Path, current: &BTreeMap<String, String>) -> Result<(), Error> {
    let fitted = Manifest::load_kind(folder, Kind::Aggregator)?.fingerprints;
    let changed = fitted.into_iter().filter(|(source, print)| current.get(source) != Some(print));
    let changed: Vec<String> = changed.map(|(source, _)| source).collect();
    if changed.is_empty() { Ok(()) } else { Err(Error::StaleAggregator { folder: folder.into(), changed }) }
}

/// Loads the panel's aggregator: fixed weights unless it names another.
pub fn load_aggregator(panel: &LoadedPanel, models: &ModelPaths) -> Result<Aggregator, Error> {
    let runtime = Runtime::load(&models.library)?;
    Ok(match &panel.aggregator {
        None => Aggregator::new(&runtime, &fixed_weights(&panel.panel), &panel.panel)?,
        Some(folder) => Aggregator::load(&runtime, folder, &panel.panel)?,
    })
}

/// Returns the version of the rewards that scoring would make now: of the panel, its critics and its aggregator.
pub fn version(
    panel: &LoadedPanel,
    rules: &RuleSettings,
    models: &ModelPaths,
    asker: Option<&Asker>,
) -> Result<Version, Error> {
    let llm = asker.map_or(vec![], Asker::fingerprints);
    Ok(Plan::new(panel, rules, models)?.version(load_aggregator(panel, models)?.sha256(), &llm))
}
