//! `rewardctl label`.

use rewardctl_pipeline::error::Error as PipelineError;
use rewardctl_pipeline::ingest::InputFile;
use rewardctl_pipeline::label::{Imported, export, import};
use serde_json::json;

use crate::cli::{LabelCommand, LabelFileArgs};
use crate::commands::{
    block_on, both_want_stdout, in_store, is_dash, now, open_known_store, print_json, spooled_stdin,
};
use crate::exit::{Exit, Failure};
use crate::report::counted;
use crate::settings::Settings;
use crate::show::{printable, say};
use crate::suggest;

/// Imports or exports labels.
pub fn run(command: &LabelCommand, settings: &Settings) -> Result<Exit, Failure> {
    match command {
        LabelCommand::Import(args) => {
            let imported = block_on(import_file(args, settings))?;
            let known = imported.labels - imported.new;
            let new = counted(imported.new, "label");
            report(args, &imported, &format!("imported {new}, {known} of {} were known", imported.labels))
        }
        LabelCommand::Export(args) => {
            let to_stdout = is_dash(&args.file);
            if to_stdout && args.json {
                return Err(both_want_stdout("-"));
            }
            let labels = block_on(export_file(args, settings))?;
            let file = if to_stdout { "stdout".into() } else { args.file.display().to_string() };
            let line = match labels {
                0 => "there is no label yet, so nothing was written".into(),
                _ => format!("wrote {} to {file}", counted(labels, "label")),
            };
            report(args, &json!({ "labels": labels }), &line)
        }
    }
}

const LABEL_HINT: &str = "docs/formats.md has the fields of a label; nothing of the file was imported";

async fn import_file(args: &LabelFileArgs, settings: &Settings) -> Result<Imported, Failure> {
    let (file, _spooled) = if is_dash(&args.file) {
        let (file, spooled) = spooled_stdin()?;
        (file, Some(spooled))
    } else {
        (InputFile { path: args.file.clone(), label: args.file.display().to_string() }, None)
    };
    let store = open_known_store(settings).await?;
    let imported = import(&store, &file, &now()).await;
    store.close().await;
    let imported = imported.map_err(|error| in_store(settings, label_failure(error)))?;
    say_unknown_dimensions(&file.label, &imported);
    Ok(imported)
}

/// The rows' own hint is about scoring: a label file is taken whole or not at all.
fn label_failure(error: PipelineError) -> Failure {
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

async fn export_file(args: &LabelFileArgs, settings: &Settings) -> Result<u64, Failure> {
    let store = open_known_store(settings).await?;
    let labels = export(&store, &args.file).await;
    store.close().await;
    Ok(labels?)
}

fn report(args: &LabelFileArgs, value: &impl serde::Serialize, line: &str) -> Result<Exit, Failure> {
    match args.json {
        true => print_json(value)?,
        false => say(line),
    }
    Ok(Exit::Done)
}
