//! The aggregator in force: loaded, and refused where it was fitted on critics that have changed.

use std::collections::BTreeMap;
use std::path::Path;

use rewardctl_model::aggregator::{Aggregator, fixed_weights};
use rewardctl_model::manifest::{Kind, Manifest};
use rewardctl_model::onnx::Runtime;

use crate::asker::Asker;
use crate::error::Error;
use crate::judges::Plan;
use crate::score::ScoreSettings;

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
pub fn load_aggregator(settings: &ScoreSettings) -> Result<Aggregator, Error> {
    let runtime = Runtime::load(&settings.models.library)?;
    let panel = &settings.panel.panel;
    Ok(match &settings.panel.aggregator {
        None => Aggregator::new(&runtime, &fixed_weights(panel), panel)?,
        Some(folder) => Aggregator::load(&runtime, folder, panel)?,
    })
}
