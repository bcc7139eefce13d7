//! The parts of `rewardctl queue` that change many tasks at once: by their numbers, or all that filters leave.

use rewardctl_core::review::question::Kind;
use rewardctl_store::open::Store;
use rewardctl_store::people::browse::{WorkFilter, WorkState};
use rewardctl_store::people::work::TaskFilter;
use serde_json::json;

use crate::cli::queue::{FilterArgs, QueueChangeArgs, QueueReleaseArgs, WhichArgs};
use crate::commands::people::{clock, operator, work_settings};
use crate::commands::{block_on, open_known_store, print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::report::counted;
use crate::settings::Settings;
use crate::show::say;

/// Tasks read at a time.
const PAGE: i64 = 10_000;
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
    let closed = block_on(async {
        let store = open_known_store(settings).await?;
        let tasks = which(&store, &args.which, WorkState::Open, settings).await?;
        let closed = match args.dry_run {
            true => tasks,
            false => store.close_work(&tasks, &operator(settings), &clock()).await?,
        };
        store.close().await;
        Ok(closed)
    })?;
    said(("closed", "Closed", "Would close"), &closed, args)
}

/// Takes closed tasks into the queue again.
pub fn reopen(args: &QueueChangeArgs, settings: &Settings) -> Result<Exit, Failure> {
    let reopened = block_on(async {
        let store = open_known_store(settings).await?;
        let tasks = which(&store, &args.which, WorkState::Closed, settings).await?;
        let reopened = match args.dry_run {
            true => tasks,
            false => store.reopen_work(&tasks, &operator(settings), &clock()).await?,
        };
        store.close().await;
        Ok(reopened)
    })?;
    said(("reopened", "Reopened", "Would reopen"), &reopened, args)
}

/// Takes leases away.
pub fn release(args: &QueueReleaseArgs, settings: &Settings) -> Result<Exit, Failure> {
    let released = block_on(async {
        let store = open_known_store(settings).await?;
        let (who, mut released) = (args.of.as_deref(), 0);
        for task in which(&store, &args.which, WorkState::Held, settings).await? {
            released += store.release_work(task, who, &operator(settings), &clock()).await?;
        }
        store.close().await;
        Ok(released)
    })?;
    match args.json {
        true => print_json(&json!({ "released": released }))?,
        false => print_line(&format!("Released {}.", counted(released, "lease")))?,
    }
    Ok(Exit::Done)
}

/// Returns the tasks by their numbers, or those in `state` that the filters leave; nothing named is no wish for all.
async fn which(
    store: &Store,
    args: &WhichArgs,
    state: WorkState,
    settings: &Settings,
) -> Result<Vec<i64>, Failure> {
    let filter = WorkFilter { tasks: args.filter.filter(), state: Some(state), ..WorkFilter::default() };
    let is_filtered = filter.tasks != TaskFilter::default();
    // What was answered elsewhere is closed, too.
    if is_filtered && state == WorkState::Closed {
        let message = "tasks are reopened by their numbers";
        return Err(Failure::refused(
            message,
            "`rewardctl queue close --json` and `rewardctl audit log` have them",
        ));
    }
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
    let mut tasks = vec![];
    loop {
        let page = store.work_list(&filter, tasks.last().copied().unwrap_or(0), PAGE, &clock()).await?;
        tasks.extend(page.iter().map(|work| work.task));
        if (page.len() as i64) < PAGE {
            return Ok(tasks);
        }
    }
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
