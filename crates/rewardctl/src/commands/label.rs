//! `rewardctl label`.

use rewardctl_pipeline::label::{Imported, export, import};
use serde_json::json;

use crate::cli::{LabelCommand, LabelFileArgs};
use crate::commands::{block_on, now, open_known_store, print_json};
use crate::exit::{Exit, Failure};
use crate::settings::Settings;
use crate::show::say;

/// Imports or exports labels.
pub fn run(command: &LabelCommand, settings: &Settings) -> Result<Exit, Failure> {
    match command {
        LabelCommand::Import(args) => {
            let imported = block_on(import_file(args, settings))?;
            let known = imported.labels - imported.new;
            let line = format!("imported {} labels, {known} of {} were known", imported.new, imported.labels);
            report(args, &imported, &line)
        }
        LabelCommand::Export(args) => {
            let labels = block_on(export_file(args, settings))?;
            let line = match labels {
                0 => "there is no label yet, so nothing was written".into(),
                _ => format!("wrote {labels} labels to {}", args.file.display()),
            };
            report(args, &json!({ "labels": labels }), &line)
        }
    }
}

const LABEL_HINT: &str = "docs/formats.md has the fields of a label; nothing of the file was imported";

async fn import_file(args: &LabelFileArgs, settings: &Settings) -> Result<Imported, Failure> {
    let store = open_known_store(settings).await?;
    let imported = import(&store, &args.file, &now()).await;
    store.close().await;
    // The rows' own hint is about scoring: a label file is taken whole or not at all.
    imported.map_err(|error| Failure { hint: Some(LABEL_HINT.into()), ..error.into() })
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
