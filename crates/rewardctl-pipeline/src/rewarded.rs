//! Rewarded responses for gates and comparisons: from files that are scored already, or judged here and now.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rewardctl_core::id::ItemId;
use rewardctl_core::item::{Item, Response};
use rewardctl_core::route::Limit;
use rewardctl_core::verdict::{Outcome, Verdict};
use rewardctl_data::measured::rewarded::{Grounds, RewardedRow, is_rewarded, read_rewarded, text_at};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::error::Error;
use crate::ingest::{Checked, InputFile, OnBadRow};
use crate::measure::{Gathered, gather_lines};
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

/// Reads scored files. A row that was scored twice, and came to the same, counts once.
pub fn read(files: &[InputFile], on_bad_row: OnBadRow) -> Result<Gathered<RewardedRow>, Error> {
    let Gathered { rows, skipped, skipped_rows } = gather_lines(files, on_bad_row, read_rewarded)?;
    let mut scored: HashMap<_, usize> = HashMap::new();
    let mut kept: Vec<(usize, RewardedRow)> = vec![];
    for (file, (line, row)) in rows {
        if let Some(source) = &row.source {
            let response = (row.item.clone(), row.response.clone(), row.version.clone());
            let key = (source.clone(), text_at(&row.fields, "response_index"), response);
            let first = *scored.entry(key).or_insert(kept.len());
            if kept.get(first).is_some_and(|(_, first)| is_same_reward(first, &row)) {
                continue;
            }
        }
        let here = Some((files[file].label.clone(), line));
        let source = row.source.clone().or_else(|| here.clone());
        kept.push((file, RewardedRow { source, read_at: here, ..row }));
    }
    Ok(Gathered { rows: kept, skipped, skipped_rows })
}

/// Counts as failed what a row of `score` has no verdict of: one panel gives every response as many.
pub fn fail_what_lacks(groups: &mut [Vec<RewardedRow>]) {
    let mut most: HashMap<String, usize> = HashMap::new();
    for row in groups.iter().flatten() {
        if let Some(version) = &row.version {
            let most = most.entry(version.clone()).or_default();
            *most = row.verdicts.max(*most);
        }
    }
    let lacks = |row: &RewardedRow| row.version.as_ref().is_some_and(|version| row.verdicts < most[version]);
    for row in groups.iter_mut().flatten().filter(|row| lacks(row)) {
        // Whose verdict it was nobody knows, so that it weighs on every dimension.
        let dimensions = row.dimensions.keys().cloned().chain([String::new()]);
        row.failed
            .extend(dimensions.map(|dimension| (dimension, "a critic that the row leaves out".to_owned())));
    }
}

/// Refuses files that say two things of the same response. Which of them held would be for the order of the rows to say.
pub fn refuse_two_rewards(rows: &[RewardedRow]) -> Result<(), Error> {
    let mut seen: HashMap<_, &RewardedRow> = HashMap::new();
    for row in rows.iter().filter(|row| row.read_at.is_some()) {
        let first = *seen.entry((&row.item, &row.response, &row.generator, &row.version)).or_insert(row);
        if !is_same_reward(first, row) {
            let (one, other) = (written(first.read_at.as_ref()), written(row.read_at.as_ref()));
            return Err(RewardedError::TwoRewards { one, other }.into());
        }
    }
    Ok(())
}

/// Tells whether two rows say the same of a response.
fn is_same_reward(one: &RewardedRow, other: &RewardedRow) -> bool {
    let failed = |row: &RewardedRow| row.failed.iter().cloned().collect::<BTreeSet<_>>();
    one.reward == other.reward && one.dimensions == other.dimensions && failed(one) == failed(other)
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
    Ok((rows, warnings))
}

fn row_of(answer: &Answer<'_>, dimensions: &[&str], version: &str) -> RewardedRow {
    let row = answer.row;
    let response = &row.item.responses[answer.at];
    let reward = answer.reward.as_ref().ok();
    let score = |at: usize| reward.and_then(|reward| reward.dimensions[at]).map(|score| score.get());
    let failed = answer.verdicts.iter().filter(|verdict| verdict.is_failed());
    let is_abstained = |verdict: &&Verdict| matches!(verdict.outcome, Outcome::Abstained { .. });
    let is_scored = |verdict: &&Verdict| matches!(verdict.outcome, Outcome::Scored { .. });
    let scored = answer.verdicts.iter().filter(is_scored);
    let names: BTreeSet<&String> = scored.clone().map(|verdict| &verdict.dimension).collect();
    let abstained = answer.verdicts.iter().filter(is_abstained).map(|verdict| verdict.dimension.clone());
    let abstained = abstained.filter(|dimension| !names.contains(dimension)).collect();
    let by_llm = answer.verdicts.iter().any(|verdict| verdict.evidence.is_some());
    let named = |verdict: &Verdict| (verdict.dimension.clone(), verdict.critic.clone());
    RewardedRow {
        id: row.item.name.clone(),
        source: Some((row.file.clone(), row.line)),
        read_at: None,
        item: row.id.to_string(),
        response: answer.id().to_string(),
        generator: response.generator.clone(),
        reward: reward.map(|reward| reward.reward.get()),
        dimensions: dimensions.iter().enumerate().map(|(at, name)| (name.to_string(), score(at))).collect(),
        uncertainty: reward.map(|reward| reward.uncertainty.total),
        verdicts: answer.verdicts.len(),
        failed: failed.map(named).collect(),
        abstained,
        by_llm,
        grounds: Grounds::of(scored.map(|verdict| verdict.critic.as_str()), by_llm),
        by_fit: reward.is_some_and(|reward| reward.utility.is_some()),
        version: Some(version.into()),
        length: Some(response.text.chars().count()),
        fields: fields_of(&row.item),
    }
}

fn fields_of(item: &Item) -> Map<String, Value> {
    serde_json::from_str(&item.metadata).unwrap_or_default()
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
            // The reward is the old one; who wrote the response, and where it stands, is what the input says.
            let reward = |response: &Response| {
                let name = response.id(id).to_string();
                let old = known.get(&(item.as_str(), name.as_str()))?;
                Some(RewardedRow {
                    id: row.item.name.clone(),
                    source: Some((input.label.clone(), row.line)),
                    generator: response.generator.clone(),
                    fields: fields_of(&row.item),
                    ..(**old).clone()
                })
            };
            let rewards: Option<Vec<RewardedRow>> = row.item.responses.iter().map(reward).collect();
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
    let unchanged = unchanged.collect();
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
    written(row.source.as_ref())
}

fn written(place: Option<&(String, u64)>) -> String {
    place.map_or_else(String::new, |(file, line)| format!("{file}:{line}"))
}
