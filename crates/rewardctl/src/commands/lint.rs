//! `rewardctl lint`.

use std::io::{IsTerminal, stdin};
use std::path::Path;

use rewardctl_core::dataset::recipe::screening::ContaminationRule;
use rewardctl_data::lint::fix::{Fixed, fix};
use rewardctl_data::lint::pass::LintSettings;
use rewardctl_data::lint::report::Report;
use rewardctl_data::lint::selection::Selection;
use rewardctl_data::lint::target;
use rewardctl_data::near::{DEFAULT_THRESHOLD, Settings as Near};
use rewardctl_model::tokens::Tokens;
use rewardctl_pipeline::ingest::InputFile;
use rewardctl_pipeline::lint::{Comparisons, lint, lint_file};

use crate::cli::lint::{Deny, LintArgs};
use crate::commands::score::input_files;
use crate::commands::{is_dash, nowhere, print_json, print_line, threads};
use crate::exit::{Exit, Failure};
use crate::locate;
use crate::report;
use crate::settings::Settings;
use crate::show::say;

/// Judges the files; with `--fix`, what comes out of mending.
pub fn run(args: &LintArgs, settings: &Settings) -> Result<Exit, Failure> {
    if args.files.is_empty() && stdin().is_terminal() {
        return Err(Failure::refused(
            "there is no file to check",
            "`rewardctl lint pairs.jsonl`, or pipe rows in",
        ));
    }
    let told = told(args, settings)?;
    let tokens = tokens(args, settings)?;
    let (files, _spooled) = input_files(&args.files)?;
    let files = match &args.output {
        None => files,
        Some(output) => match mended(&files, &told, output)? {
            Some(file) => vec![file],
            None => return Ok(Exit::StoppedShort),
        },
    };
    let report = lint(&files, &told, &comparisons(args, tokens.as_ref(), settings)?)?;
    match (args.json, args.sarif) {
        (true, _) => print_json(&report)?,
        (_, true) => print_json(&report::lint::sarif::document(&report))?,
        _ => print_line(&report::lint::report(&report))?,
    }
    Ok(exit(args, &report))
}

fn told(args: &LintArgs, settings: &Settings) -> Result<LintSettings, Failure> {
    let unknown = |code: String| {
        Failure::refused(format!("no check has the code `{code}`"), "docs/lint.md lists the codes")
    };
    Ok(LintSettings {
        target: args.target.as_deref().and_then(target::by_name),
        selection: Selection::new(args.select.clone(), args.ignore.clone()).map_err(unknown)?,
        max_places: args.max_findings,
        max_row_bytes: (settings.whole("input.max-row-mib", 1..=1024)? as usize) << 20,
        max_tokens: args.max_tokens,
        compared_rows: args.compared_rows,
    })
}

fn comparisons<'a>(
    args: &LintArgs,
    tokens: Option<&'a Tokens>,
    settings: &Settings,
) -> Result<Comparisons<'a>, Failure> {
    let near = Near {
        threshold: DEFAULT_THRESHOLD,
        seed: 0,
        threads: threads(settings)?,
        all_pairs: false,
        folder: tempfile::env::temp_dir(),
    };
    let benchmarks = args.benchmark.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let contamination = ContaminationRule { benchmarks, ..ContaminationRule::default() };
    Ok(Comparisons { tokens, near, contamination })
}

/// Returns the tokenizer, if tokens are to be counted.
fn tokens(args: &LintArgs, settings: &Settings) -> Result<Option<Tokens>, Failure> {
    match &args.tokenizer {
        Some(path) => Ok(Some(Tokens::open(path)?)),
        None if args.max_tokens.is_some() => {
            let folder =
                locate::model(settings, "encoder").map_err(|tried| nowhere("the text encoder", &tried))?;
            Ok(Some(Tokens::of_encoder(&folder)?))
        }
        None => Ok(None),
    }
}

/// Writes the mended file and says what was done; None if no row is left.
fn mended(files: &[InputFile], told: &LintSettings, output: &Path) -> Result<Option<InputFile>, Failure> {
    let [file] = files else {
        return Err(Failure::refused("`--fix` mends one file at a time", "name one file"));
    };
    let extension = output.extension().unwrap_or_default();
    if is_dash(output) || extension != "jsonl" {
        return Err(Failure::refused("mended rows are written to a .jsonl file", "`-o mended.jsonl`"));
    }
    if output.canonicalize().is_ok_and(|out| file.path.canonicalize().is_ok_and(|path| path == out)) {
        return Err(Failure::refused(
            format!("`{}` is input and output", file.label),
            "name another `-o FILE`",
        ));
    }
    let Some(fixed) = fix(&lint_file(file), told, output)? else {
        let message = format!("`{}` is a table, and only JSON is mended", file.label);
        return Err(Failure::refused(message, "export it as JSONL first"));
    };
    say_fixed(&fixed, output);
    let file = InputFile { path: output.into(), label: output.display().to_string() };
    Ok((fixed.rows_out > 0).then_some(file))
}

fn say_fixed(fixed: &Fixed, output: &Path) {
    say(report::lint::fixed(fixed, &output.display().to_string()));
}

fn exit(args: &LintArgs, report: &Report) -> Exit {
    let denied = args.deny == Some(Deny::Warnings) && report.totals.warnings > 0;
    if report.totals.errors > 0 || denied { Exit::NotMet } else { Exit::Done }
}
