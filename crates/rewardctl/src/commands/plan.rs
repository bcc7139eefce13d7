//! `rewardctl plan`, and `rewardctl score --dry-run`.

use std::path::PathBuf;

use indicatif::ProgressBar;
use rewardctl_pipeline::ingest::Checked;
use rewardctl_pipeline::plan::{CallPlan, PlanSurroundings, plan};
use rewardctl_pipeline::score::ScoreSettings;
use rewardctl_store::open::Store;
use tempfile::TempDir;

use crate::cli::calls::{PlanArgs, PlanCommand};
use crate::commands::score::{checked, input_files, told};
use crate::commands::{block_on, calls, in_store, print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::locate::{self, StorePlace};
use crate::progress;
use crate::report;
use crate::settings::Settings;

mod labels;

/// Prints what scoring the files would take, or how many labels a target is likely to need.
pub fn run(args: &PlanArgs, settings: &Settings) -> Result<Exit, Failure> {
    if let Some(PlanCommand::Labels(args)) = &args.of {
        return labels::run(args, settings);
    }
    let told = told(&args.input, settings)?;
    if args.probe {
        block_on(calls::probe(settings, &told.panel))?;
    }
    show(&args.files, &told, args.json, settings)
}

/// Prints what scoring `files` as `told` would take.
pub fn show(
    files: &[PathBuf],
    told: &ScoreSettings,
    json: bool,
    settings: &Settings,
) -> Result<Exit, Failure> {
    let (files, _spooled) = input_files(files)?;
    let checked = checked(&files, &told.read, told.on_bad_row)?;
    let bar = progress::bar(checked.responses, "planning");
    let outcome = block_on(planned(&checked, told, settings, &bar));
    bar.finish_and_clear();
    let plan = outcome?;
    if json {
        print_json(&plan)?;
    } else {
        print_line(&report::plan::plan(&plan, &told.panel.panel.name))?;
    }
    Ok(Exit::Done)
}

async fn planned(
    checked: &Checked,
    told: &ScoreSettings,
    settings: &Settings,
    bar: &ProgressBar,
) -> Result<CallPlan, Failure> {
    let (store, _temporary) = known_or_empty_store(settings).await?;
    let around = PlanSurroundings {
        asker: calls::foreseer(settings, &told.panel, &store)?,
        store: &store,
        prices: &calls::prices(settings)?.date,
        progress: &mut |finished| bar.set_position(finished),
    };
    let outcome = plan(checked, told, around).await;
    store.close().await;
    outcome.map_err(|error| in_store(settings, error.into()))
}

/// Opens the store if there is one; a plan makes none where it would stay.
pub async fn known_or_empty_store(settings: &Settings) -> Result<(Store, Option<TempDir>), Failure> {
    if let StorePlace::File(path) = locate::store(settings)?
        && path.exists()
    {
        return Ok((Store::open(&path).await?, None));
    }
    let folder = tempfile::tempdir().map_err(Failure::writing(&tempfile::env::temp_dir()))?;
    Ok((Store::open_temporary(&folder.path().join("store.db")).await?, Some(folder)))
}
