//! Rewarded responses for gates and comparisons: from files that are scored already, or judged here and now.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rewardctl_core::id::ItemId;
use rewardctl_core::route::Limit;
use rewardctl_core::verdict::Verdict;
use rewardctl_data::measured::rewarded::{RewardedRow, is_rewarded, read_rewarded};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::error::Error;
use crate::ingest::{Checked, InputFile, OnBadRow};
use crate::measure::gather_lines;
use crate::pass::{Emit, Run};
use crate::rewarded::error::Error as RewardedError;
use crate::score::{ScoreSettings, Surroundings};
use crate::summary::Summary;

pub mod error;
pub mod prompts;

/// Files, parted by whether they have rewards.
#[derive(Debug, Default)]
pub struct Parted {
    /// Those with rewards.
    pub scored: Vec<InputFile>,
    /// Those whose responses are yet to be judged.
    pub raw: Vec<InputFile>,
}

/// Parts files by their first rows.
pub fn part(files: &[InputFile]) -> Result<Parted, Error> {
    let mut parted = Parted::default();
    for file in files {
        let side = if is_rewarded(&file.path, &file.label)? { &mut parted.scored } else { &mut parted.raw };
        side.push(file.clone());
    }
    Ok(parted)
}

/// Reads scored files. A response that is there twice counts once.
pub fn read(files: &[InputFile], on_bad_row: OnBadRow) -> Result<Vec<RewardedRow>, Error> {
    let named = |(file, line, row): (usize, u64, RewardedRow)| {
        let source = row.source.clone().or_else(|| Some((files[file].label.clone(), line)));
        RewardedRow { source, ..row }
    };
    Ok(once(gather_lines(files, on_bad_row, read_rewarded)?.into_iter().map(named).collect()))
}

/// Judges the checked inputs as `score` does, and returns also what casts doubt on the rewards. Verdicts are kept, rewards and
/// routes are not: nothing is queued for people.
pub async fn judge(
    checked: &Checked,
    settings: &ScoreSettings,
    mut around: Surroundings<'_>,
) -> Result<(Vec<RewardedRow>, Vec<String>), Error> {
    let mut run = Run::begin(checked, settings, &around).await?;
    let (version, mut rows) = (run.version().to_string(), vec![]);
    let names: Vec<&str> =
        settings.panel.panel.dimensions.iter().map(|dimension| dimension.name.as_str()).collect();
    let mut listener = |answer: &Answer<'_>| rows.push(row_of(answer, &names, &version));
    let relatives = around.asker.as_ref().map_or(vec![], |asker| asker.relatives());
    let summary = Summary::new(&settings.panel.panel, 0, relatives);
    let mut emit = Emit { writer: None, summary, listener: Some(&mut listener) };
    run.pass(checked, Some(Limit::Never), &mut emit, &mut around).await?;
    around.store.finish_run(run.id, &(around.now)()).await?;
    let warnings = emit.summary.finish(checked).warnings;
    Ok((once(rows), warnings))
}

fn row_of(answer: &Answer<'_>, dimensions: &[&str], version: &str) -> RewardedRow {
    let row = answer.row;
    let response = &row.item.responses[answer.at];
    let reward = answer.reward.as_ref().ok();
    let score = |at: usize| reward.and_then(|reward| reward.dimensions[at]).map(|score| score.get());
    let failed = answer.verdicts.iter().filter(|verdict| verdict.is_failed());
    let named = |verdict: &Verdict| (verdict.dimension.clone(), verdict.critic.clone());
    let fields: Map<String, Value> = serde_json::from_str(&row.item.metadata).unwrap_or_default();
    RewardedRow {
        id: row.item.name.clone(),
        source: Some((row.file.clone(), row.line)),
        item: row.id.to_string(),
        response: answer.id().to_string(),
        generator: response.generator.clone(),
        reward: reward.map(|reward| reward.reward.get()),
        dimensions: dimensions.iter().enumerate().map(|(at, name)| (name.to_string(), score(at))).collect(),
        uncertainty: reward.map(|reward| reward.uncertainty.total),
        failed: failed.map(named).collect(),
        by_llm: answer.verdicts.iter().any(|verdict| verdict.evidence.is_some()),
        by_fit: reward.is_some_and(|reward| reward.utility.is_some()),
        version: Some(version.into()),
        length: Some(response.text.chars().count()),
        fields,
    }
}

/// Leaves out responses that are there again, unless something else made their rewards: that is refused later.
fn once(rows: Vec<RewardedRow>) -> Vec<RewardedRow> {
    let mut seen = HashSet::new();
    let mut is_new = |row: &RewardedRow| {
        seen.insert((row.item.clone(), row.response.clone(), row.generator.clone(), row.version.clone()))
    };
    rows.into_iter().filter(|row| is_new(row)).collect()
}

/// Leaves only the items of the input that have a response which `old` does not have, so that nothing else is judged; returns
/// the rewards of the others, which are those that `old` has.
pub fn keep_changed(checked: Checked, old: &[RewardedRow]) -> Result<(Checked, Vec<RewardedRow>), Error> {
    let known: HashMap<(&str, &str), &RewardedRow> =
        old.iter().map(|row| ((row.item.as_str(), row.response.as_str()), row)).collect();
    let (mut changed, mut items, mut responses) = (BTreeSet::<ItemId>::new(), 0, 0);
    let mut unchanged: Vec<(ItemId, Vec<RewardedRow>)> = vec![];
    for input in &checked.inputs {
        for row in input.rows()?.flatten() {
            let id = row.item.context.id();
            let item = id.to_string();
            let reward = |text: String| known.get(&(item.as_str(), text.as_str())).map(|row| (*row).clone());
            let rewards: Option<Vec<RewardedRow>> =
                row.item.responses.iter().map(|response| reward(response.id(id).to_string())).collect();
            match rewards {
                Some(rewards) => unchanged.push((id, rewards)),
                None => {
                    changed.insert(id);
                }
            }
        }
    }
    for input in &checked.inputs {
        for row in input.rows()?.flatten().filter(|row| changed.contains(&row.item.context.id())) {
            items += 1;
            responses += row.item.responses.len() as u64;
        }
    }
    let unchanged = unchanged.into_iter().filter(|(id, _)| !changed.contains(id)).flat_map(|(_, rows)| rows);
    let unchanged = once(unchanged.collect());
    Ok((Checked { only: Some(Arc::new(changed)), items, responses, ..checked }, unchanged))
}

/// Refuses rewards that were not all made by the same critics and the same aggregator; groups come with their names.
pub fn refuse_mixed_versions<'r>(
    groups: impl IntoIterator<Item = (&'r str, &'r [RewardedRow])>,
) -> Result<(), Error> {
    let mut first: Option<(&str, &RewardedRow)> = None;
    for (name, rows) in groups {
        for row in rows {
            let (first_name, one) = *first.get_or_insert((name, row));
            if one.version != row.version {
                let (one, other) = (made(first_name, one), made(name, row));
                return Err(RewardedError::MixedVersions { one, other }.into());
            }
        }
    }
    Ok(())
}

/// Names a row and what made its reward.
fn made(group: &str, row: &RewardedRow) -> String {
    const SHOWN: usize = 12;
    let version = row.version.as_deref().map_or("no version".into(), |version| {
        format!("version `{}`", version.chars().take(SHOWN).collect::<String>())
    });
    format!("the reward of {} in {group} ({version})", place(row))
}

/// Returns where a response stands, as `file:line`.
pub fn place(row: &RewardedRow) -> String {
    row.source.as_ref().map_or_else(String::new, |(file, line)| format!("{file}:{line}"))
}
