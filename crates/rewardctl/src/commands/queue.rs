//! `rewardctl queue`.

use rewardctl_store::read::Task;

use crate::cli::{QueueCommand, QueueListArgs};
use crate::commands::{block_on, open_known_store, print_line};
use crate::exit::{Exit, Failure};
use crate::report;
use crate::settings::Settings;

/// Lists what waits for people.
pub fn run(command: &QueueCommand, settings: &Settings) -> Result<Exit, Failure> {
    let QueueCommand::List(args) = command;
    let (tasks, total) = block_on(tasks(args, settings))?;
    if args.json {
        for task in &tasks {
            print_line(&serde_json::to_string(task).map_err(Failure::machine)?)?;
        }
        return Ok(Exit::Done);
    }
    print_line(&report::queue(&tasks, total))?;
    Ok(Exit::Done)
}

async fn tasks(args: &QueueListArgs, settings: &Settings) -> Result<(Vec<Task>, i64), Failure> {
    let store = open_known_store(settings).await?;
    let tasks = store.tasks(args.limit as usize).await?;
    let total = store.counts().await?.queued;
    store.close().await;
    Ok((tasks, total))
}
