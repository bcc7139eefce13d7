//! `rewardctl score`.

use std::io::{IsTerminal, stdin, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ScopedJoinHandle};

use indicatif::ProgressBar;
use rewardctl_data::error::STDOUT;
use rewardctl_data::fields::{Expect, FieldMap, ReadSettings};
use rewardctl_data::measured::rewarded::has_field;
use rewardctl_data::score_writer::{OutputFormat, ScoreColumns, ScoreWriter};
use rewardctl_model::onnx::Runtime;
use rewardctl_pipeline::error::Error as PipelineError;
use rewardctl_pipeline::ingest::{Checked, InputFile, OnBadRow, check};
use rewardctl_pipeline::kin::Relative;
use rewardctl_pipeline::ready::Ready;
use rewardctl_pipeline::score::{Progress, Routing, ScoreSettings, Surroundings, score};
use rewardctl_pipeline::summary::Report;
use rewardctl_pipeline::tally::EndpointCalls;
use tempfile::NamedTempFile;

use crate::cli::score::{FailOn, FormatArg, InputArgs, OnBadRowArg, ScoreArgs};
use crate::commands::eval::say_skipped;
use crate::commands::{
    block_on, both_want_stdout, calls, in_store, is_dash, load_panel, model_paths, now, open_store, plan,
    print_json, seed, spooled_stdin, threads,
};
use crate::exit::{Exit, Failure};
use crate::progress;
use crate::report::{self, counted, spent};
use crate::settings::Settings;
use crate::show::{printable, say};

/// Characters of an endpoint's reason that are shown.
const REASON_WIDTH: usize = 200;

/// Scores the files and sums up.
pub fn run(args: &ScoreArgs, settings: &Settings) -> Result<Exit, Failure> {
    let rows = told(&args.input, settings)?;
    let keep = kept(&args.keep)?;
    let told = ScoreSettings { keep, with_text: args.with_text, extremes: args.show, ..rows };
    if args.dry_run {
        return plan::show(&args.files, &told, args.json, settings);
    }
    thread::scope(|scope| {
        // It takes as long as a short file and the store together; an error is met again where models are loaded.
        scope.spawn(|| Runtime::load(&told.models.library));
        score_files(args, &told, settings)
    })
}

/// Warns of fields to keep that no file seems to have.
fn say_what_is_nowhere(fields: &[String], files: &[InputFile]) -> Result<(), Failure> {
    for field in fields {
        let mut is_somewhere = false;
        for file in files {
            is_somewhere |= has_field(&file.path, &file.label, field)?;
        }
        if !is_somewhere {
            say(format!(
                "warning: no file has the field `{}` in its first row",
                printable(field, REASON_WIDTH)
            ));
        }
    }
    Ok(())
}

/// Returns the fields that rows carry, each once.
fn kept(fields: &[String]) -> Result<Vec<String>, Failure> {
    const EVERYWHERE: [&str; 5] = ["id", "generator", "model", "prompt", "response"];
    let mut kept: Vec<String> = vec![];
    for field in fields {
        if EVERYWHERE.contains(&field.as_str()) || field.is_empty() {
            return Err(Failure::refused(
                format!("`--keep {field}` keeps nothing"),
                "`id` and `generator`, which is the model, are in every row, `--with-text` writes `prompt` and `response`, and any other field can be kept",
            ));
        }
        if !kept.contains(field) {
            kept.push(field.clone());
        }
    }
    Ok(kept)
}

fn score_files(args: &ScoreArgs, told: &ScoreSettings, settings: &Settings) -> Result<Exit, Failure> {
    let (files, _spooled) = input_files(&args.files)?;
    refuse_to_overwrite(args.output.as_deref(), &files)?;
    say_what_is_nowhere(&told.keep, &files)?;
    let checked = checked(&files, &told.read, told.on_bad_row)?;
    let writer = writer(args, told)?;
    let bar = progress::bar(checked.responses, "scoring");
    let items = checked.items;
    let outcome = thread::scope(|scope| {
        // Models and store are loaded side by side: together they are all that a short file waits for.
        let ready = scope.spawn(move || Ready::load(told, items));
        block_on(score_all(checked, told, Loading { ready, writer }, args, settings, &bar))
    });
    bar.finish_and_clear();
    let report = outcome?;
    if args.json {
        print_json(&report)?;
    } else {
        say(report::summary(&report));
        let kept = args.output.is_some() || writes_rows(args);
        if !kept {
            say(
                "The rows are in the store; `-o FILE` writes them, `rewardctl queue list` shows what waits for people.",
            );
        }
    }
    for warning in report.warnings.iter().cloned().chain(report::without_reward(&report)) {
        say(format!("warning: {warning}"));
    }
    Ok(exit(args, &report))
}

/// Refuses to let a critic judge what a relative of its model wrote.
fn refuse_relatives(checked: &Checked, critics: &[Relative]) -> Result<(), Failure> {
    let found = critics.iter().find_map(|critic| Some((critic, checked.families.get(&critic.family)?)));
    match found {
        Some((Relative { critic, model, family, .. }, count)) => Err(Failure::refused(
            format!(
                "`{critic}` asks `{model}`, which is of the family `{family}`, as are the models behind {count} of {}",
                counted(checked.responses, "response")
            ),
            "give the critic an endpoint with a model of another family, or leave out `--require-independent`",
        )),
        None => Ok(()),
    }
}

/// What a run is made ready with.
struct Loading<'s> {
    ready: ScopedJoinHandle<'s, Result<Ready, PipelineError>>,
    writer: Option<ScoreWriter>,
}

async fn score_all(
    checked: Checked,
    told: &ScoreSettings,
    Loading { ready, writer }: Loading<'_>,
    args: &ScoreArgs,
    settings: &Settings,
    bar: &ProgressBar,
) -> Result<Report, Failure> {
    let (store, temporary) = open_store(settings).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let kept = if temporary.is_none() { "finished and kept" } else { "finished, but not kept" };
    tokio::spawn(watch_for_interrupt(Arc::clone(&stop), kept));
    let mut progress = |progress: Progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.finished);
        if progress.spent.calls > 0 {
            let rate = progress.spent.calls as f64 / bar.elapsed().as_secs_f64().max(1.0);
            bar.set_message(format!("scoring ({}, {rate:.0}/s)", spent(&progress.spent)));
        }
    };
    let asker = calls::asker(&args.calls, settings, &told.panel, &store, Arc::clone(&stop)).await?;
    if let (Some(asker), true) = (&asker, args.require_independent) {
        refuse_relatives(&checked, &asker.relatives())?;
    }
    let around =
        Surroundings { store: &store, now: &now, stop: &stop, asker: asker.clone(), progress: &mut progress };
    let report = match ready.join().expect("loading a model does not panic") {
        Ok(ready) => score(checked, told, ready, writer, around).await,
        Err(error) => Err(error),
    };
    if let Some(asker) = asker {
        asker.finish().await?;
    }
    store.close().await;
    report.map_err(|error| in_store(settings, error.into()))
}

/// The first Ctrl-C lets what is under way come to its end; the second one does not wait.
pub async fn watch_for_interrupt(stop: Arc<AtomicBool>, kept: &'static str) {
    while tokio::signal::ctrl_c().await.is_ok() {
        if stop.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Interrupted as i32);
        }
        say(format!("stopping: what is under way is {kept} (Ctrl-C again does not wait)"));
    }
}

/// Returns what scoring is told, with rows as short as they can be.
pub fn told(input: &InputArgs, settings: &Settings) -> Result<ScoreSettings, Failure> {
    let panel = load_panel(settings)?;
    Ok(ScoreSettings {
        panel,
        rules: settings.rules.0.clone(),
        models: model_paths(settings)?,
        read: read_settings(input, settings, Expect::Responses)?,
        on_bad_row: on_bad_row(input),
        routing: routing(settings)?,
        keep: vec![],
        with_text: false,
        threads: threads(settings)?,
        extremes: 0,
    })
}

/// Returns how rows are read that must hold what is expected.
pub fn read_settings(args: &InputArgs, settings: &Settings, expect: Expect) -> Result<ReadSettings, Failure> {
    let row_mib = settings.whole("input.max-row-mib", 1..=1024)? as usize;
    Ok(ReadSettings { fields: fields(args), max_row_bytes: row_mib << 20, expect })
}

/// Returns what is done with rows that cannot be used.
pub fn on_bad_row(args: &InputArgs) -> OnBadRow {
    match args.on_bad_row {
        OnBadRowArg::Fail => OnBadRow::Fail,
        OnBadRowArg::Skip => OnBadRow::Skip,
    }
}

fn routing(settings: &Settings) -> Result<Routing, Failure> {
    let routing = Routing {
        max_uncertainty: settings.number("routing.max-uncertainty", 0.0, 1.0)?,
        budget: settings.share("routing.review-budget")?,
        audit_share: settings.share("routing.audit-share")?.unwrap_or(0.0),
        seed: seed(settings)?,
    };
    if routing.budget.is_some_and(|budget| budget < routing.audit_share) {
        let wrong =
            settings.wrong("routing.review-budget", "at least `routing.audit-share`, which it pays for");
        let hint = "`--audit-share 0` draws nobody at random; with it a budget may be as small as 0%";
        return Err(Failure { hint: Some(hint.into()), ..wrong });
    }
    Ok(routing)
}

fn fields(args: &InputArgs) -> FieldMap {
    FieldMap {
        prompt: args.prompt_field.clone(),
        response: args.response_field.clone(),
        responses: args.responses_field.clone(),
        messages: args.messages_field.clone(),
        chosen: args.chosen_field.clone(),
        rejected: args.rejected_field.clone(),
        reference: args.reference_field.clone(),
        documents: args.documents_field.clone(),
        generator: args.generator_field.clone(),
        id: args.id_field.clone(),
    }
}

/// Returns the files to read; stdin is kept in a temporary file, since the input is read twice.
pub fn input_files(files: &[PathBuf]) -> Result<(Vec<InputFile>, Option<NamedTempFile>), Failure> {
    let named = |path: &PathBuf| InputFile { path: path.clone(), label: path.display().to_string() };
    let mut inputs: Vec<InputFile> = files.iter().filter(|path| !is_dash(path)).map(named).collect();
    let wants_stdin = files.is_empty() || files.iter().any(|path| is_dash(path));
    if !wants_stdin {
        return Ok((inputs, None));
    }
    if files.is_empty() && stdin().is_terminal() {
        return Err(Failure::refused(
            "there is no file to score",
            "`rewardctl score answers.jsonl`, or pipe rows in",
        ));
    }
    let (input, spooled) = spooled_stdin()?;
    inputs.push(input);
    Ok((inputs, Some(spooled)))
}

/// Refuses an output that is one of the inputs.
pub fn refuse_to_overwrite(output: Option<&Path>, files: &[InputFile]) -> Result<(), Failure> {
    let Some(output) = output.and_then(|path| path.canonicalize().ok()) else {
        return Ok(());
    };
    match files.iter().find(|file| file.path.canonicalize().is_ok_and(|input| input == output)) {
        Some(file) => {
            Err(Failure::refused(format!("`{}` is input and output", file.label), "name another `-o FILE`"))
        }
        None => Ok(()),
    }
}

/// Reads the files once and says what they are.
pub fn checked(files: &[InputFile], read: &ReadSettings, on_bad_row: OnBadRow) -> Result<Checked, Failure> {
    let counter = progress::counter("checking the input");
    let checked = check(files, read, on_bad_row, &mut |rows| counter.set_position(rows));
    counter.finish_and_clear();
    let checked = checked?;
    checked.inputs.iter().for_each(|input| say(input.describe()));
    say_skipped(checked.skipped, &checked.skipped_rows);
    Ok(checked)
}

/// Tells whether rows go to stdout: asked for, or a pipe that the summary does not need.
fn writes_rows(args: &ScoreArgs) -> bool {
    match args.output.as_deref() {
        Some(path) => is_dash(path),
        None => !args.json && !stdout().is_terminal(),
    }
}

fn writer(args: &ScoreArgs, told: &ScoreSettings) -> Result<Option<ScoreWriter>, Failure> {
    let dimensions = told.panel.panel.dimensions.iter().map(|dimension| dimension.name.clone()).collect();
    let columns = ScoreColumns { dimensions, fields: told.keep.clone(), with_text: told.with_text };
    let asked = args.format.map(|format| match format {
        FormatArg::Jsonl => OutputFormat::Jsonl,
        FormatArg::Json => OutputFormat::Json,
        FormatArg::Csv => OutputFormat::Csv,
        FormatArg::Parquet => OutputFormat::Parquet,
    });
    if writes_rows(args) {
        if args.json {
            return Err(both_want_stdout("-o -"));
        }
        return Ok(Some(ScoreWriter::to_stream(
            Box::new(stdout()),
            STDOUT,
            asked.unwrap_or(OutputFormat::Jsonl),
            columns,
        )?));
    }
    let Some(path) = args.output.as_deref() else { return Ok(None) };
    let format = asked.map_or_else(|| OutputFormat::of_path(path), Ok)?;
    Ok(Some(ScoreWriter::to_file(path, format, columns)?))
}

/// Returns how the run ends, and says why if that is badly.
fn exit(args: &ScoreArgs, report: &Report) -> Exit {
    let out = report.calls.iter().flat_map(|calls| &calls.endpoints).find(|calls| calls.is_out());
    if let Some(EndpointCalls { endpoint, failed, last_failure, .. }) = out {
        let last = last_failure.as_deref().unwrap_or_default();
        say(format!(
            "exit code 3: endpoint `{endpoint}` answered none of {}; the last one failed: {}\n\
             hint: what is finished is kept, and the same command asks again",
            counted(*failed, "call"),
            printable(last, REASON_WIDTH)
        ));
        return Exit::Outside;
    }
    let (what, found, count) = match args.fail_on {
        None => return Exit::Done,
        Some(FailOn::Failed) => ("failed", "with a verdict that failed", report.reward.failed),
        Some(FailOn::NoReward) => {
            ("no-reward", "without a reward", report.reward.responses - report.reward.scored)
        }
        Some(FailOn::Review) => ("review", "to people", report.reward.routed),
    };
    if count == 0 {
        return Exit::Done;
    }
    let all = counted(report.reward.responses, "response");
    say(format!("exit code 1: `--fail-on {what}`, and {count} of {all} {found}"));
    Exit::NotMet
}
