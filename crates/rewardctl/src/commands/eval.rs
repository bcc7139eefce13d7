//! `rewardctl eval`: figures of files that were measured elsewhere.

pub mod aggregator;
mod annotators;
mod benchmark;
mod correct;
mod pairs;
mod probabilities;
mod ranking;

use std::io::{IsTerminal, stdin};

use rewardctl_data::row_error::RowError;
use rewardctl_pipeline::ingest::{InputFile, OnBadRow};
use rewardctl_pipeline::measure::{Gathered, Open, gather};
use tempfile::NamedTempFile;

use crate::cli::eval::{EvalCommand, MeasuredArgs};
use crate::cli::score::OnBadRowArg;
use crate::commands::score::input_files;
use crate::exit::{Exit, Failure};
use crate::report::counted;
use crate::settings::Settings;
use crate::show::say;

/// Measures a file.
pub fn run(command: &EvalCommand, settings: &Settings) -> Result<Exit, Failure> {
    match command {
        EvalCommand::Annotators(args) => annotators::run(args, settings),
        EvalCommand::Aggregator(args) => aggregator::run(args, settings),
        EvalCommand::Probabilities(args) => probabilities::run(args, settings),
        EvalCommand::Ranking(args) => ranking::run(args, settings),
        EvalCommand::Benchmark(args) => benchmark::run(args),
        EvalCommand::Correct(args) => correct::run(args),
        EvalCommand::Pairs(args) => pairs::run(args, settings),
    }
}

/// Returns the rows of the files, and says which were left out.
fn rows<T>(args: &MeasuredArgs, open: Open<T>) -> Result<Vec<T>, Failure> {
    let (files, _spooled) = files(args)?;
    let Gathered { rows, skipped, skipped_rows } = gather(&files, on_bad_row(args), open)?;
    say_skipped(skipped, &skipped_rows);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Returns the files to read; stdin is kept in a temporary file as long as the second value lives.
fn files(args: &MeasuredArgs) -> Result<(Vec<InputFile>, Option<NamedTempFile>), Failure> {
    if args.files.is_empty() && stdin().is_terminal() {
        return Err(Failure::refused(
            "there is no file to read",
            "name one, or pipe rows in; `--help` has the fields",
        ));
    }
    input_files(&args.files)
}

fn on_bad_row(args: &MeasuredArgs) -> OnBadRow {
    match args.on_bad_row {
        OnBadRowArg::Fail => OnBadRow::Fail,
        OnBadRowArg::Skip => OnBadRow::Skip,
    }
}

/// Says which rows were left out.
pub fn say_skipped(skipped: u64, rows: &[RowError]) {
    if skipped == 0 {
        return;
    }
    say(format!("left out {} that cannot be used:", counted(skipped, "row")));
    rows.iter().for_each(|row| say(format!("  {row}")));
    let more = skipped - rows.len() as u64;
    if more > 0 {
        say(format!("  and {more} more"));
    }
}
