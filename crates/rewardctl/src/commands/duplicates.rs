//! `rewardctl duplicates`.

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};

use rewardctl_data::fields::ReadSettings;
use rewardctl_data::near::Settings as Near;
use rewardctl_pipeline::duplicates::{DuplicateSettings, Duplicates, duplicates};
use rewardctl_pipeline::ingest::{InputFile, OnBadRow};

use crate::cli::duplicates::DuplicatesArgs;
use crate::cli::score::OnBadRowArg;
use crate::commands::eval::say_skipped;
use crate::commands::score::{input_files, refuse_to_overwrite};
use crate::commands::{both_want_stdout, is_dash, print_json, print_line, seed, threads};
use crate::exit::{Exit, Failure};
use crate::progress;
use crate::report::{self, counted};
use crate::settings::Settings;
use crate::show::say;

/// Compares the rows, reports what is alike, and writes what was asked for.
pub fn run(args: &DuplicatesArgs, settings: &Settings) -> Result<Exit, Failure> {
    refuse_two_on_stdout(args)?;
    if args.files.is_empty() && stdin().is_terminal() {
        return Err(Failure::refused("there is no file to compare", "name one, or pipe rows in"));
    }
    let (files, _spooled) = input_files(&args.files)?;
    refuse_to_overwrite(args.output.as_deref(), &files)?;
    refuse_to_overwrite(args.pairs.as_deref(), &files)?;
    let bar = progress::counter("comparing");
    let found = duplicates(&files, &told(args, settings)?, &mut |rows| bar.set_position(rows));
    bar.finish_and_clear();
    let found = found?;
    say_skipped(found.skipped, &found.skipped_rows);
    write(args, &found)?;
    match (args.json, args.output.as_deref().is_some_and(is_dash)) {
        (true, _) => print_json(&found)?,
        (false, false) => print_line(&report::duplicates::duplicates(&found))?,
        (false, true) => say(report::duplicates::duplicates(&found)),
    }
    Ok(Exit::Done)
}

fn write(args: &DuplicatesArgs, found: &Duplicates) -> Result<(), Failure> {
    if let Some(path) = &args.output {
        say_written(found.write_kept(path)?, "row", path);
    }
    if let Some(path) = &args.pairs {
        say_written(found.write_pairs(path)?, "pair", path);
    }
    Ok(())
}

fn say_written(count: u64, what: &str, path: &Path) {
    if !is_dash(path) {
        say(format!("wrote {} to {}", counted(count, what), path.display()));
    }
}

fn refuse_two_on_stdout(args: &DuplicatesArgs) -> Result<(), Failure> {
    let wants = |path: &Option<PathBuf>| path.as_deref().is_some_and(is_dash);
    match (wants(&args.output), wants(&args.pairs), args.json) {
        (true, _, true) => Err(both_want_stdout("-o -")),
        (_, true, true) => Err(both_want_stdout("--pairs -")),
        (true, true, _) => {
            Err(Failure::refused("`-o -` and `--pairs -` both want stdout", "write one of them to a file"))
        }
        _ => Ok(()),
    }
}

fn told(args: &DuplicatesArgs, settings: &Settings) -> Result<DuplicateSettings, Failure> {
    let row_mib = settings.whole("input.max-row-mib", 1..=1024)? as usize;
    let named = |path: &PathBuf| InputFile { path: path.clone(), label: path.display().to_string() };
    Ok(DuplicateSettings {
        fields: args.field.clone(),
        near: Near {
            threshold: args.threshold,
            seed: seed(settings)?,
            threads: threads(settings)?,
            all_pairs: args.pairs.is_some(),
            folder: tempfile::env::temp_dir(),
        },
        read: ReadSettings { max_row_bytes: row_mib << 20, ..ReadSettings::default() },
        on_bad_row: match args.on_bad_row {
            OnBadRowArg::Fail => OnBadRow::Fail,
            OnBadRowArg::Skip => OnBadRow::Skip,
        },
        benchmarks: args.benchmark.iter().map(named).collect(),
        shown: args.show,
    })
}
