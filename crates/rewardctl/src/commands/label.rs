//! `rewardctl label`.

use rewardctl_core::score::Scale;
use rewardctl_data::input::Told;
use rewardctl_data::task_file::Tool;
use rewardctl_pipeline::error::Error as PipelineError;
use rewardctl_pipeline::ingest::{InputFile, OnBadRow};
use rewardctl_pipeline::label::{Imported, export, export_for, import};
use rewardctl_pipeline::label_source::{SourceSettings, import_sources, open};
use serde_json::json;

use crate::cli::label::LabelCommand;
use crate::cli::label::{LabelExportArgs, LabelImportArgs, LabelTool};
use crate::cli::score::OnBadRowArg;
use crate::commands::{
    block_on, both_want_stdout, in_store, is_dash, now, open_known_store, open_store, print_json,
    spooled_stdin,
};
use crate::exit::{Exit, Failure};
use crate::locate::{self, StorePlace};
use crate::report::counted;
use crate::settings::Settings;
use crate::show::{printable, say};
use crate::suggest;

/// Imports or exports labels.
pub fn run(command: &LabelCommand, settings: &Settings) -> Result<Exit, Failure> {
    match command {
        LabelCommand::Import(args) => {
            let imported = block_on(import_files(args, settings))?;
            let known = imported.labels as u64 - imported.new as u64;
            let new = counted(imported.new, "label");
            say_taken(&imported, args);
            report(
                args.json,
                &imported,
                &format!("imported {new}, {known} of {} were known", imported.labels),
            )
        }
        LabelCommand::Export(args) => {
            let to_stdout = is_dash(&args.file);
            if to_stdout && args.json {
                return Err(both_want_stdout("-"));
            }
            let count = block_on(export_file(args, settings))?;
            let file = if to_stdout { "stdout".into() } else { args.file.display().to_string() };
            let what = if args.tool.is_some() { "record" } else { "label" };
            let line = match count {
                0 => "there is no label yet, so nothing was written".into(),
                _ => format!("wrote {} to {file}", counted(count, what)),
            };
            report(args.json, &json!({ (format!("{what}s")): count }), &line)
        }
    }
}

const LABEL_HINT: &str = "docs/formats.md has the fields of a label; nothing of the file was taken";

async fn import_files(args: &LabelImportArgs, settings: &Settings) -> Result<Imported, Failure> {
    let (mut files, mut spooled) = (vec![], vec![]);
    for path in &args.files {
        if is_dash(path) {
            let (file, kept) = spooled_stdin()?;
            files.push(file);
            spooled.push(kept);
        } else {
            files.push(InputFile { path: path.clone(), label: path.display().to_string() });
        }
    }
    let told = source_settings(args)?;
    let inputs = match args.from.as_str() {
        "rewardctl" => None,
        _ => open(&files, &told)?,
    };
    let Some(file) = files.first() else { return Err(one_label_file()) };
    let is_source = inputs.is_some();
    let imported = match inputs {
        Some(inputs) => {
            inputs.iter().for_each(|input| say(input.describe()));
            let store = match locate::store(settings)? {
                StorePlace::File(_) => open_store(settings).await?.0,
                // Nothing that is imported into a temporary store is ever read.
                StorePlace::None => open_known_store(settings).await?,
            };
            let imported = import_sources(&store, &inputs, &told, &now()).await;
            store.close().await;
            imported
        }
        None if files.len() > 1 => return Err(one_label_file()),
        None => {
            let store = open_known_store(settings).await?;
            let imported = import(&store, file, &now()).await;
            store.close().await;
            imported
        }
    };
    let failure = |error| if is_source { Failure::from(error) } else { label_failure(error) };
    let imported = imported.map_err(|error| in_store(settings, failure(error)))?;
    say_unknown_dimensions(&file.label, &imported);
    Ok(imported)
}

fn one_label_file() -> Failure {
    let hint =
        "import label files one by one; files of other tools that go together start with one that is known";
    Failure::refused("several files were named, and the first is of no known tool", hint)
}

fn source_settings(args: &LabelImportArgs) -> Result<SourceSettings<'_>, Failure> {
    let scale = args.scale.as_deref().map(scale).transpose()?;
    let from = Some(args.from.as_str()).filter(|name| *name != "auto");
    let on_bad_row = match args.on_bad_row {
        OnBadRowArg::Fail => OnBadRow::Fail,
        OnBadRowArg::Skip => OnBadRow::Skip,
    };
    Ok(SourceSettings { told: Told { from, scale }, annotator: args.annotator.as_deref(), on_bad_row })
}

/// Reads a scale such as `1..7`.
pub fn scale(text: &str) -> Result<Scale, Failure> {
    let ends = text.split_once("..").and_then(|(min, max)| Some((min.parse().ok()?, max.parse().ok()?)));
    match ends {
        Some((min, max)) if min < max => Ok(Scale { min, max, step: 0.0, low_is_good: false }),
        _ => Err(Failure::refused(
            format!("`{text}` is no scale"),
            "write the least and the greatest value, such as `1..7`",
        )),
    }
}

/// What came with the labels, and what was left, so that nothing goes missing in silence.
fn say_taken(imported: &Imported, args: &LabelImportArgs) {
    let taken = &imported.source;
    if taken.responses > 0 {
        let (items, responses) = (counted(taken.items, "item"), counted(taken.responses, "response"));
        say(format!(
            "added {items} and {responses} that were not in the store; `rewardctl score` of the same file judges them"
        ));
    }
    if taken.machine > 0 && args.annotator.is_none() {
        let opinions = counted(taken.machine, "opinion");
        say(format!("left out {opinions} of models; `--annotator NAME` takes them as labels of NAME"));
    }
    for (why, count) in &taken.passed_over {
        say(format!("left out {count}: {why}"));
    }
    if taken.skipped > 0 {
        say(format!("left out {} that cannot be used", counted(taken.skipped, "row")));
    }
}

/// The rows' own hint is about scoring: a label file is taken whole or not at all.
pub fn label_failure(error: PipelineError) -> Failure {
    let is_in_rows = matches!(error, PipelineError::BadRows { .. } | PipelineError::Label { .. });
    let failure = Failure::from(error);
    let hint = if is_in_rows { Some(LABEL_HINT.into()) } else { failure.hint };
    Failure { hint, ..failure }
}

/// A rating ahead of its panel is fine; a typing error would never be found again.
fn say_unknown_dimensions(file: &str, imported: &Imported) {
    for (name, seen) in &imported.unknown_dimensions {
        let (line, ratings) = (seen.line, counted(seen.count, "rating"));
        let nearest = suggest::nearest(name, imported.dimensions.iter().map(String::as_str));
        let name = printable(name, 40);
        say(format!(
            "warning: {file}:{line}: no panel that scored here has the dimension `{name}` ({ratings}): {nearest}"
        ));
    }
}

async fn export_file(args: &LabelExportArgs, settings: &Settings) -> Result<u64, Failure> {
    let store = open_known_store(settings).await?;
    let written = match args.tool {
        None => export(&store, &args.file).await,
        Some(LabelTool::Argilla) => export_for(&store, &args.file, Tool::Argilla).await,
        Some(LabelTool::LabelStudio) => export_for(&store, &args.file, Tool::LabelStudio).await,
    };
    store.close().await;
    Ok(written?)
}

fn report(as_json: bool, value: &impl serde::Serialize, line: &str) -> Result<Exit, Failure> {
    match as_json {
        true => print_json(value)?,
        false => say(line),
    }
    Ok(Exit::Done)
}
