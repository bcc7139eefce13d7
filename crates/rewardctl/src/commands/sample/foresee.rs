//! `rewardctl sample --dry-run`.

use rewardctl_data::fields::Expect;
use rewardctl_pipeline::ingest::Checked;
use rewardctl_pipeline::plan::candidates::{CandidatePlan, plan_candidates};

use super::{drawing, used};
use crate::cli::sample::SampleArgs;
use crate::commands::plan::known_or_empty_store;
use crate::commands::score::{checked, input_files, on_bad_row, read_settings};
use crate::commands::{block_on, calls, in_store, print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::report;
use crate::settings::Settings;

/// Prints what drawing would take. No key is read, and nothing is sent or kept.
pub fn run(args: &SampleArgs, settings: &Settings) -> Result<Exit, Failure> {
    if args.n == 0 {
        let hint = "`rewardctl plan FILE` says what judging candidates takes, which is most of it";
        return Err(Failure::refused("`--dry-run` tells of drawing, and `-n 0` draws nothing", hint));
    }
    let (files, _spooled) = input_files(&args.files)?;
    let read = read_settings(&args.input, settings, Expect::Prompts)?;
    let checked = checked(&files, &read, on_bad_row(&args.input))?;
    let plan = block_on(planned(args, settings, &checked))?;
    if args.json {
        print_json(&plan)?;
    } else {
        print_line(&report::candidates::candidates(&plan, args.revise))?;
    }
    Ok(Exit::Done)
}

async fn planned(
    args: &SampleArgs,
    settings: &Settings,
    checked: &Checked,
) -> Result<CandidatePlan, Failure> {
    let (store, _temporary) = known_or_empty_store(settings).await?;
    let caller = calls::noting(settings, &used(args, None), &store)?;
    let drawing = drawing(args, &caller)?;
    let prices = calls::prices(settings)?.date;
    let outcome = plan_candidates(checked, &drawing, &caller, &store, &prices).await;
    store.close().await;
    outcome.map_err(|error| in_store(settings, error.into()))
}
