//! `rewardctl export`.

use std::fs;
use std::path::{Path, PathBuf};

use rewardctl_core::dataset::Kind;
use rewardctl_core::dataset::recipe::screening::PersonalData;
use rewardctl_core::pair::Rule;
use rewardctl_data::error::Error as DataError;
use rewardctl_data::export::dataset::export_dataset;
use rewardctl_data::export::request::Request;
use rewardctl_data::export::target::More;
use rewardctl_pipeline::dataset::find;
use rewardctl_pipeline::dataset::gate::personal_data;
use rewardctl_pipeline::dataset::manifest::ROWS;
use rewardctl_pipeline::export::{Exported, trl_dpo, trl_prompts};
use serde::Deserialize;

use crate::cli::export::{DatasetName, ExportArgs, Format};
use crate::commands::{block_on, both_want_stdout, is_dash, open_known_store, print_json, seed};
use crate::exit::{Exit, Failure};
use crate::locate;
use crate::report;
use crate::settings::Settings;
use crate::show::say;

/// Writes training data and says what was withheld. No row at all is exit code 4, and no file.
pub fn run(args: &ExportArgs, settings: &Settings) -> Result<Exit, Failure> {
    if is_dash(&args.output) && args.json {
        return Err(both_want_stdout("-o -"));
    }
    match dataset(args, settings)? {
        Some(rows) => from_dataset(args, &rows),
        None => on_the_fly(args, settings),
    }
}

/// Returns the file of rows that was asked for.
fn dataset(args: &ExportArgs, settings: &Settings) -> Result<Option<PathBuf>, Failure> {
    match (&args.dataset, &args.name) {
        (Some(path), _) if path.is_dir() => Ok(Some(path.join(ROWS))),
        (Some(path), _) => Ok(Some(path.clone())),
        (None, Some(name)) => named(name, settings).map(Some),
        (None, None) => Ok(None),
    }
}

/// Finds a dataset beside the store.
fn named(asked: &DatasetName, settings: &Settings) -> Result<PathBuf, Failure> {
    let (_, folder) = find(&locate::datasets(settings)?, &asked.name, asked.version)?;
    Ok(folder.join(ROWS))
}

/// Refuses to let personal data out.
pub fn refuse_personal_data(rows: &Path) -> Result<(), Failure> {
    let found = personal_data(rows)?;
    if found.rows == 0 {
        return Ok(());
    }
    let kinds: Vec<String> = found.kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let rows = if found.rows == 1 { "1 row holds".into() } else { format!("{} rows hold", found.rows) };
    let message = format!("{rows} personal data or secrets ({}); nothing was written", kinds.join(", "));
    let hint = "`rewardctl build NAME --set privacy.personal-data=placeholder` masks them; \
                `rewardctl export NAME --allow-personal-data` writes them as they are";
    Err(Failure { exit: Exit::NotMet, ..Failure::refused(message, hint) })
}

fn from_dataset(args: &ExportArgs, rows: &Path) -> Result<Exit, Failure> {
    if !rows.is_file() {
        return Err(DataError::NotFound { path: rows.into() }.into());
    }
    if !args.allow_personal_data {
        refuse_personal_data(rows)?;
    }
    let request = Request {
        target: &args.target,
        plain: args.plain,
        out: &args.output,
        format: args.file_format(),
        parts: args.parts(),
        sharding: args.sharding(),
        more: More { metadata: args.with_metadata, strengths: args.strength_columns },
        kind: manifest_kind(rows),
    };
    let exported = export_dataset(rows, &request)?;
    match args.json {
        true => print_json(&exported)?,
        false => say(report::export::dataset(&exported, &args.output)),
    }
    Ok(if exported.rows == 0 { Exit::StoppedShort } else { Exit::Done })
}

/// Returns the kind that the manifest beside the rows gives: rows cannot tell pairs for DPO from those for a reward
/// model. Without a manifest that says it, the rows speak.
fn manifest_kind(rows: &Path) -> Option<Kind> {
    #[derive(Deserialize)]
    struct Manifest {
        kind: Kind,
    }
    let text = fs::read(rows.with_file_name("manifest.json")).ok()?;
    serde_json::from_slice(&text).ok().map(|manifest: Manifest| manifest.kind)
}

/// Writes pairs or prompts of the store, for which no dataset was built.
fn on_the_fly(args: &ExportArgs, settings: &Settings) -> Result<Exit, Failure> {
    if let Some(flag) = args.flag_of_datasets() {
        let hint = "`rewardctl build NAME` makes one, `rewardctl export NAME` writes it";
        return Err(Failure::refused(format!("`{flag}` is for datasets, and none is named"), hint));
    }
    let rule = Rule {
        min_margin: settings.number("pairs.min-margin", 0.0, 1.0)?,
        min_probability: settings.number("pairs.min-probability", 0.5, 1.0)?,
        seed: seed(settings)?,
    };
    check_output(args)?;
    let exported = block_on(export(args, &rule, settings))?;
    match args.json {
        true => print_json(&exported)?,
        false => say(report::exported(&exported, &args.output)),
    }
    Ok(if exported.rows == 0 { Exit::StoppedShort } else { Exit::Done })
}

fn check_output(args: &ExportArgs) -> Result<(), Failure> {
    let extension = args.output.extension().unwrap_or_default();
    let hint = "`-o pairs.jsonl`, or `-o -` for JSONL on stdout";
    if !is_dash(&args.output) && extension != "jsonl" && extension != "parquet" {
        let message = format!(
            "training data are written to .jsonl or .parquet, and `{}` is neither",
            args.output.display()
        );
        return Err(Failure::refused(message, hint));
    }
    let is_parquet = extension == "parquet";
    if args.format.is_some_and(|format| (format == Format::Parquet) != is_parquet) {
        return Err(Failure::refused("`--format` and the name of the file disagree", hint));
    }
    Ok(())
}

async fn export(args: &ExportArgs, rule: &Rule, settings: &Settings) -> Result<Exported, Failure> {
    let write = match args.target.as_str() {
        "trl-dpo" | "trl-prompts" => args.target.as_str(),
        other => {
            let message = format!("`{other}` is made of a dataset, and none is named");
            let hint = "`rewardctl build NAME` makes one, `rewardctl export NAME` writes it; \
                        without a name there are `trl-dpo` and `trl-prompts`";
            return Err(Failure::refused(message, hint));
        }
    };
    let store = open_known_store(settings).await?;
    let allowed = if args.allow_personal_data { PersonalData::Allow } else { PersonalData::Withhold };
    let exported = match write {
        "trl-dpo" => trl_dpo(&store, &args.output, rule, allowed).await,
        _ => trl_prompts(&store, &args.output, allowed).await,
    };
    store.close().await;
    Ok(exported?)
}
