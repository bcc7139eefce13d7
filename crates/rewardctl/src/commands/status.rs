//! `rewardctl status`.

use rewardctl_store::ledger::lookup::CallTotal;
use rewardctl_store::people::figures::QueueCounts;
use rewardctl_store::read::Counts;
use serde::Serialize;

use crate::cli::JsonArgs;
use crate::commands::people::{clock, work_settings};
use crate::commands::{block_on, print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::locate::{self, StorePlace};
use crate::report;
use crate::settings::Settings;

#[derive(Serialize)]
struct Status {
    store: String,
    counts: Counts,
    queue: QueueCounts,
    calls: Vec<CallTotal>,
}

/// Prints the counts of every stage, and what calls came to.
pub fn run(args: &JsonArgs, settings: &Settings) -> Result<Exit, Failure> {
    let status = block_on(status(settings))?;
    if args.json {
        print_json(&status)?;
    } else {
        print_line(&report::status(&status.store, &status.counts, &status.queue, &status.calls))?;
    }
    Ok(Exit::Done)
}

async fn status(settings: &Settings) -> Result<Status, Failure> {
    let store = match locate::store(settings)? {
        StorePlace::File(path) => path.display().to_string(),
        StorePlace::None => "none".into(),
    };
    let opened = super::open_known_store(settings).await?;
    opened.fill_work(&work_settings(settings)?, &clock()).await?;
    let counts = opened.counts().await?;
    let queue = opened.queue_counts(&clock()).await?;
    let calls = opened.call_totals().await?;
    opened.close().await;
    Ok(Status { store, counts, queue, calls })
}
