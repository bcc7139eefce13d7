//! The parts of `rewardctl queue` that change many tasks at once: by their numbers, or all that filters leave.

use rewardctl_core::review::question::Kind;
use rewardctl_store::open::Store;
use rewardctl_store::people::bulk::Change;
use rewardctl_store::people::work::TaskFilter;
use serde_json::json;

use crate::cli::queue::{FilterArgs, QueueChangeArgs, QueueReleaseArgs, WhichArgs};
use crate::commands::people::{clock, operator, work_settings};
use crate::commands::{block_on, open_known_store, print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::report::counted;
use crate::settings::Settings;
use crate::show::say;

/// Numbers that are shown.
const SHOWN: usize = 10;

impl FilterArgs {
    /// Returns the filter that the arguments make.
    pub fn filter(&self) -> TaskFilter {
        TaskFilter {
            kind: self.kind.map(Kind::from),
            dimension: self.dimension.clone(),
            purpose: self.purpose.clone(),
            generator: self.model.clone(),
            reason: self.reason.clone(),
            tag: self.tag.clone(),
        }
    }
}

/// Takes tasks out of the queue.
pub fn close(args: &QueueChangeArgs, settings: &Settings) -> Result<Exit, Failure> {
    changed((Change::Close, "closed", "Closed", "Would close"), args, settings)
}

/// Takes closed tasks into the queue again.
pub fn reopen(args: &QueueChangeArgs, settings: &Settings) -> Result<Exit, Failure> {
    changed((Change::Reopen, "reopened", "Reopened", "Would reopen"), args, settings)
}

fn changed(
    (change, name, did, would): (Change, &str, &str, &str),
    args: &QueueChangeArgs,
    settings: &Settings,
) -> Result<Exit, Failure> {
    let tasks = block_on(async {
        let store = open_known_store(settings).await?;
        let tasks = which(&store, &args.which, &change, settings).await?;
        let tasks = match args.dry_run {
            true => tasks,
            false => store.change_work(&change, &tasks, (&operator(settings), None), &clock()).await?.tasks,
        };
        store.close().await;
        Ok(tasks)
    })?;
    said((name, did, would), &tasks, args)
}

/// Takes leases away.
pub fn release(args: &QueueReleaseArgs, settings: &Settings) -> Result<Exit, Failure> {
    let released = block_on(async {
        let store = open_known_store(settings).await?;
        let change = Change::Release { of: args.of.clone() };
        let tasks = which(&store, &args.which, &change, settings).await?;
        let changed = store.change_work(&change, &tasks, (&operator(settings), None), &clock()).await?;
        store.close().await;
        Ok(changed.leases)
    })?;
    match args.json {
        true => print_json(&json!({ "released": released }))?,
        false => print_line(&format!("Released {}.", counted(released, "lease")))?,
    }
    Ok(Exit::Done)
}

/// Returns the tasks by their numbers, or those to change that the filters leave; nothing named is no wish for all.
async fn which(
    store: &Store,
    args: &WhichArgs,
    change: &Change,
    settings: &Settings,
) -> Result<Vec<i64>, Failure> {
    let filter = args.filter.filter();
    let is_filtered = filter != TaskFilter::default();
    if args.tasks.is_empty() != is_filtered {
        let message = "either tasks by their numbers or filters say which tasks are meant";
        return Err(Failure::refused(
            message,
            "`rewardctl queue list` has numbers; `--reason TEXT` is a filter",
        ));
    }
    if !is_filtered {
        return Ok(args.tasks.clone());
    }
    store.fill_work(&work_settings(settings)?, &clock()).await?;
    Ok(store.changeable(change, &filter, i64::MAX, &clock()).await?)
}

fn said(
    (name, did, would): (&str, &str, &str),
    tasks: &[i64],
    args: &QueueChangeArgs,
) -> Result<Exit, Failure> {
    if args.json {
        print_json(&json!({ name: tasks, "dry_run": args.dry_run }))?;
        return Ok(Exit::Done);
    }
    let numbers: Vec<String> = tasks.iter().take(SHOWN).map(i64::to_string).collect();
    let more = if tasks.len() > SHOWN { ", …" } else { "" };
    let which = if numbers.is_empty() { String::new() } else { format!(": {}{more}", numbers.join(", ")) };
    let verb = if args.dry_run { would } else { did };
    print_line(&format!("{verb} {}{which}.", counted(tasks.len() as u64, "task")))?;
    let others = args.which.tasks.len().saturating_sub(tasks.len());
    if others > 0 {
        say(format!("{} as they were: held, done, or so already", counted(others as u64, "task")));
    }
    Ok(Exit::Done)
}
