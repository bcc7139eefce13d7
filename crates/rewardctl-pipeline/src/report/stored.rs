//! Reports of all that a store holds: the last reward of every response, its verdicts, labels, runs and calls.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};

use rewardctl_core::id::{ResponseId, Version};
use rewardctl_core::panel::Panel;
use rewardctl_core::proportion::Z95;
use rewardctl_core::reward::Uncertainty;
use rewardctl_core::verdict::{Outcome, Verdict};
use rewardctl_data::measured::scored::{Ended, ScoredRow, ScoredUncertainty, ScoredVerdict, short};
use rewardctl_store::judged::JudgedResponse;
use rewardctl_store::open::Store;
use rewardctl_store::read::StoredItem;

use crate::error::Error;
use crate::judges::{is_local, not_asked};
use crate::report::figures::{Run, ScoreReport};
use crate::report::files::ask_ledger;
use crate::report::gather::Gathering;

/// Items read at a time.
const PAGE: usize = 200;

/// Runs that the trend shows, the latest.
const RUNS: usize = 50;

/// Reads the store, and returns the report; `cases` of each kind are shown.
pub async fn of_store(store: &Store, cases: usize) -> Result<ScoreReport, Error> {
    let mut gathering = Gathering::new(vec![], cases);
    let mut panels: BTreeMap<Version, Option<Panel>> = BTreeMap::new();
    store.index_verdicts().await?;
    let mut after = 0;
    loop {
        let page = store.items(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        let ids: Vec<ResponseId> = page.iter().flat_map(|item| &item.responses).map(|one| one.id).collect();
        let mut judged = store.judged(&ids).await?;
        for version in judged.values().map(|one| one.version) {
            if let Entry::Vacant(new) = panels.entry(version) {
                new.insert(panel(store, version).await?);
            }
        }
        page.iter().for_each(|item| add(&mut gathering, item, &mut judged, &panels));
        ask_ledger(&mut gathering, Some(store)).await?;
    }
    let mut report = gathering.finish();
    report.people.counts = Some(store.counts().await?);
    report.people.ledger = store.call_totals().await?;
    report.trend = trend(store).await?;
    Ok(report)
}

async fn panel(store: &Store, version: Version) -> Result<Option<Panel>, Error> {
    let run = store.run_of(version).await?;
    Ok(run.and_then(|(panel, _)| serde_json::from_str(&panel).ok()))
}

fn add(
    gathering: &mut Gathering,
    item: &StoredItem,
    judged: &mut HashMap<ResponseId, JudgedResponse>,
    panels: &BTreeMap<Version, Option<Panel>>,
) {
    let mut rewards = HashMap::new();
    for (index, response) in item.responses.iter().enumerate() {
        // A response that was imported and never scored has no part in what was scored.
        let Some(found) = judged.remove(&response.id) else { continue };
        if let Some(reward) = &found.reward {
            rewards.insert(response.id, (reward.reward.get(), Some(reward.uncertainty.total)));
        }
        gathering.unclear += u64::from(found.unclear > 0);
        let panel = panels.get(&found.version).and_then(Option::as_ref);
        let mut row = row(found, panel);
        row.item = Some(item.id);
        row.response = Some(response.id);
        row.index = index as u32;
        row.source = format!("item {}, response {index}", item.seq);
        row.generator = short(response.generator.clone().unwrap_or_default());
        row.prompt = item.context.question().to_owned();
        row.text = Some(response.text.clone());
        gathering.add(&row);
    }
    gathering.opinions.add_item(item.id, &item.labels, &rewards);
}

/// Returns a response as a row; without its panel the dimensions have no names, and verdicts no weights.
fn row(found: JudgedResponse, panel: Option<&Panel>) -> ScoredRow {
    let mut versions = vec![("panel".to_owned(), found.version.to_string())];
    let (mut dimensions, mut verdicts) = (vec![], vec![]);
    match panel {
        Some(panel) => {
            versions.push(("name".into(), panel.name.clone()));
            let score = |at: usize| found.reward.as_ref().and_then(|reward| *reward.dimensions.get(at)?);
            let named = panel.dimensions.iter().enumerate();
            dimensions.extend(named.map(|(at, one)| (one.name.clone(), score(at).map(|score| score.get()))));
            for (at, slot) in panel.slots.iter().enumerate() {
                let weight = found.reward.as_ref().and_then(|reward| reward.weights.get(at).copied());
                match found.verdicts.get(&slot.critic) {
                    Some(verdict) => verdicts.push(said_of(verdict, &slot.dimension, weight)),
                    // A cascade had no need to ask, unless nobody knows what was said.
                    None if found.unclear == 0 && !is_local(&slot.critic) => {
                        verdicts.push(said_of(&not_asked(slot), &slot.dimension, weight));
                    }
                    None => {}
                }
            }
        }
        None => {
            verdicts
                .extend(found.verdicts.values().map(|verdict| said_of(verdict, &verdict.dimension, None)));
        }
    }
    ScoredRow {
        id: short(found.name.unwrap_or_default()),
        reward: found.reward.as_ref().map(|reward| reward.reward.get()),
        no_reward: found.no_reward.unwrap_or_default(),
        dimensions,
        uncertainty: found.reward.as_ref().map(|reward| parts(&reward.uncertainty)),
        reviewed: Some(found.reviewed),
        route_reason: found.reason,
        verdicts,
        versions,
        ..ScoredRow::default()
    }
}

fn parts(found: &Uncertainty) -> ScoredUncertainty {
    ScoredUncertainty {
        total: found.total,
        between_critics: Some(found.between_critics),
        within_critic: Some(found.within_critic),
        coverage: Some(found.coverage),
        parameters: Some(found.parameters),
    }
}

fn said_of(verdict: &Verdict, dimension: &str, weight: Option<f64>) -> ScoredVerdict {
    let (outcome, rationale) = match &verdict.outcome {
        Outcome::Scored { .. } => (Ended::Scored, &verdict.rationale),
        Outcome::Abstained { reason } => (Ended::Abstained, reason),
        Outcome::Failed { reason, .. } => (Ended::Failed, reason),
    };
    ScoredVerdict {
        critic: verdict.critic.clone(),
        dimension: dimension.into(),
        outcome,
        score: verdict.score().map(|score| score.get()),
        weight,
        rationale: rationale.clone(),
        flagged: verdict.flagged,
        calls: verdict.evidence.iter().flat_map(|evidence| &evidence.calls).copied().collect(),
    }
}

async fn trend(store: &Store) -> Result<Vec<Run>, Error> {
    let runs = store.run_figures(RUNS).await?;
    let run = |run: rewardctl_store::judged::RunFigures| {
        let half = (run.scored > 1).then(|| Z95 * run.deviation / (run.scored as f64).sqrt());
        let interval =
            run.mean.zip(half).map(|(mean, half)| ((mean - half).max(0.0), (mean + half).min(1.0)));
        Run {
            name: run.started,
            version: run.version.to_string(),
            responses: run.responses,
            scored: run.scored,
            routed: run.routed,
            mean: run.mean,
            interval,
        }
    };
    Ok(runs.into_iter().map(run).collect())
}
