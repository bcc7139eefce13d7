//! Gets rewarded responses for gates and comparisons: scored files are read, others are judged, all in one run of the
//! program, so that what they share is judged once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rewardctl_data::measured::rewarded::RewardedRow;
use rewardctl_pipeline::ingest::{Checked, InputFile, OnBadRow};
use rewardctl_pipeline::measure::Gathered;
use rewardctl_pipeline::rewarded::{Parted, fail_what_lacks, judge, keep_changed, part, read};
use rewardctl_pipeline::score::{Progress, ScoreSettings, Surroundings};

use crate::cli::score::{CallArgs, InputArgs, JudgeArgs};
use crate::commands::eval::say_skipped;
use crate::commands::score::{checked, on_bad_row, told, watch_for_interrupt};
use crate::commands::{block_on, calls, in_store, now, open_store};
use crate::exit::Failure;
use crate::progress;
use crate::report::spent;
use crate::settings::Settings;
use crate::show::say;

/// How responses are judged that have no reward yet.
pub struct Judging<'a> {
    /// How rows are read.
    pub input: &'a InputArgs,
    /// What judges.
    pub judge: &'a JudgeArgs,
    /// How models are called.
    pub calls: &'a CallArgs,
    /// Everything else.
    pub settings: &'a Settings,
}

/// Which responses of a group of files are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All.
    All,
    /// Those to prompts whose responses the first group does not all have.
    Changed,
}

impl Judging<'_> {
    /// Refuses flags of judging where nothing is judged, and says why: who names a panel must not be told of rewards that
    /// another made.
    pub fn refuse_idle(&self, why: &str) -> Result<(), Failure> {
        let CallArgs { max_cost, max_calls, max_tokens, max_minutes, record, replay } = self.calls;
        let flags = [
            ("--panel", self.judge.panel.is_some()),
            ("--replay", replay.is_some()),
            ("--record", record.is_some()),
            ("--max-cost", max_cost.is_some()),
            ("--max-calls", max_calls.is_some()),
            ("--max-tokens", max_tokens.is_some()),
            ("--max-minutes", max_minutes.is_some()),
        ];
        let Some((flag, _)) = flags.into_iter().find(|(_, is_given)| *is_given) else { return Ok(()) };
        Err(Failure::refused(
            format!("nothing would be judged with `{flag}`: {why}"),
            format!(
                "leave `{flag}` out to take what the files say, or remove their field `reward` to have the responses judged"
            ),
        ))
    }
}

/// Reads scored files, and says which rows were left out.
fn scored(files: &[InputFile], on_bad_row: OnBadRow) -> Result<Vec<RewardedRow>, Failure> {
    let Gathered { rows, skipped, skipped_rows } = read(files, on_bad_row)?;
    say_skipped(skipped, &skipped_rows);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Returns the rewarded responses of each group of files; nothing is judged where all are scored.
pub fn rewarded(
    groups: &[(Vec<InputFile>, Wanted)],
    judging: &Judging<'_>,
) -> Result<Vec<Vec<RewardedRow>>, Failure> {
    let mut groups = read_or_judged(groups, judging)?;
    fail_what_lacks(&mut groups);
    Ok(groups)
}

fn read_or_judged(
    groups: &[(Vec<InputFile>, Wanted)],
    judging: &Judging<'_>,
) -> Result<Vec<Vec<RewardedRow>>, Failure> {
    let on_bad_row = on_bad_row(judging.input);
    let mut parted = vec![];
    for (files, wanted) in groups {
        parted.push((part(files)?, *wanted));
    }
    if parted.iter().all(|(parted, _)| parted.raw.is_empty()) {
        let first = parted.iter().flat_map(|(parted, _)| &parted.scored).next();
        let first = first.map_or("", |file| file.label.as_str());
        judging.refuse_idle(&format!("`{first}` has rewards already"))?;
        return parted.iter().map(|(parted, _)| scored(&parted.scored, on_bad_row)).collect();
    }
    let told = told(judging.input, judging.settings)?;
    let mut groups = vec![];
    for (Parted { scored, raw }, wanted) in parted {
        let checked = if raw.is_empty() { None } else { Some(checked(&raw, &told.read, told.on_bad_row)?) };
        groups.push(Group { rows: self::scored(&scored, on_bad_row)?, checked, wanted });
    }
    block_on(judge_all(groups, &told, judging))
}

/// What is known of a group, and what is to be judged.
struct Group {
    rows: Vec<RewardedRow>,
    checked: Option<Checked>,
    wanted: Wanted,
}

async fn judge_all(
    groups: Vec<Group>,
    told: &ScoreSettings,
    judging: &Judging<'_>,
) -> Result<Vec<Vec<RewardedRow>>, Failure> {
    let settings = judging.settings;
    let (store, temporary) = open_store(settings).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let kept = if temporary.is_none() { "finished and kept" } else { "finished, but not kept" };
    tokio::spawn(watch_for_interrupt(Arc::clone(&stop), kept));
    let asker = calls::asker(judging.calls, settings, &told.panel, &store, Arc::clone(&stop)).await?;
    let bar = progress::bar(0, "judging");
    let mut done: Vec<Vec<RewardedRow>> = vec![];
    let (mut failed, mut warnings) = (None, BTreeSet::new());
    for Group { mut rows, checked, wanted } in groups {
        let checked = match (checked, wanted, done.first()) {
            (Some(checked), Wanted::Changed, Some(first)) => {
                let (checked, unchanged) = keep_changed(checked, first)?;
                rows.extend(unchanged);
                Some(checked)
            }
            (checked, ..) => checked,
        };
        if let Some(checked) = checked.filter(|checked| checked.responses > 0) {
            let mut progress = |progress: Progress| {
                bar.set_length(progress.total);
                bar.set_position(progress.finished);
                if progress.spent.calls > 0 {
                    bar.set_message(format!("judging ({})", spent(&progress.spent)));
                }
            };
            let around = Surroundings {
                store: &store,
                now: &now,
                stop: &stop,
                asker: asker.clone(),
                progress: &mut progress,
            };
            match judge(&checked, told, around).await {
                Ok((judged, doubts)) => {
                    rows.extend(judged);
                    warnings.extend(doubts);
                }
                Err(error) => {
                    failed = Some(in_store(settings, error.into()));
                    break;
                }
            }
        }
        done.push(rows);
    }
    bar.finish_and_clear();
    warnings.iter().for_each(|warning| say(format!("warning: {warning}")));
    if let Some(asker) = asker {
        asker.finish().await?;
    }
    store.close().await;
    failed.map_or(Ok(done), Err)
}
