//! `rewardctl dataset`.

use std::fs;
use std::path::Path;

use rewardctl_core::dataset::quality::Status;
use rewardctl_data::dataset_folder::{Versions, names};
use rewardctl_pipeline::dataset::estimate::{Estimate, estimate};
use rewardctl_pipeline::dataset::manifest::{CARD, Manifest};
use rewardctl_pipeline::dataset::rebuild::rebuild;
use rewardctl_pipeline::dataset::source::Source;
use rewardctl_pipeline::dataset::{archive, find};
use serde::Serialize;

use crate::cli::dataset::{
    DatasetArchiveArgs, DatasetCommand, DatasetListArgs, DatasetRebuildArgs, DatasetShowArgs,
};
use crate::commands::build::{self, tools};
use crate::commands::score::input_files;
use crate::commands::{block_on, open_known_store, print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::locate;
use crate::report::dataset as shown;
use crate::settings::Settings;
use crate::show::{say, visible};

/// A version, as the list shows it.
#[derive(Serialize)]
pub struct Line {
    /// The dataset.
    pub name: String,
    /// The version.
    pub version: u32,
    /// What its rows are.
    pub kind: &'static str,
    /// Draft, ready or archived.
    pub status: Status,
    /// Rows.
    pub rows: u64,
    /// The share of rows that people decided.
    pub people_share: Option<f64>,
    /// In 0..=1.
    pub quality: f64,
}

/// What a machine reads of a version.
#[derive(Serialize)]
struct Shown<'a> {
    version: u32,
    status: Status,
    folder: &'a Path,
    manifest: &'a Manifest,
    estimate: Option<Estimate>,
}

/// Runs one of the commands.
pub fn run(command: &DatasetCommand, settings: &Settings) -> Result<Exit, Failure> {
    let root = locate::datasets(settings)?;
    match command {
        DatasetCommand::List(args) => list(args, &root),
        DatasetCommand::Show(args) => show(args, &root, settings),
        DatasetCommand::Rebuild(args) => check(args, &root, settings),
        DatasetCommand::Archive(args) => put_aside(args, &root),
    }
}

fn list(args: &DatasetListArgs, root: &Path) -> Result<Exit, Failure> {
    let mut lines = vec![];
    for name in names(root)? {
        let versions = Versions::of(root, &name);
        for version in versions.list()? {
            let folder = versions.path(version);
            let manifest = Manifest::read(&folder)?;
            let status = manifest.status_in(&folder);
            lines.push(Line {
                name: name.clone(),
                version,
                kind: manifest.kind.name(),
                status,
                rows: manifest.counts.rows,
                people_share: manifest.figures.people_share,
                quality: manifest.quality.score,
            });
        }
    }
    if let Some(status) = &args.status {
        lines.retain(|line| shown::status(line.status) == status);
    }
    match args.json {
        true => print_json(&lines)?,
        false => print_line(&shown::list(&lines))?,
    }
    Ok(Exit::Done)
}

fn show(args: &DatasetShowArgs, root: &Path, settings: &Settings) -> Result<Exit, Failure> {
    let (version, folder) = find(root, &args.dataset.name, args.dataset.version)?;
    let manifest = Manifest::read(&folder)?;
    let estimated = match args.estimate {
        true => Some(block_on(estimated(settings))?),
        false => None,
    };
    let status = manifest.status_in(&folder);
    if args.json {
        print_json(&Shown { version, status, folder: &folder, manifest: &manifest, estimate: estimated })?;
        return Ok(Exit::Done);
    }
    let path = folder.join(CARD);
    let failed = |source| rewardctl_data::error::Error::Read { path: path.clone(), source };
    print_line(visible(&fs::read_to_string(&path).map_err(failed)?).trim_end())?;
    say(format!("\nversion {version}, {}, in {}", shown::status(status), folder.display()));
    if let Some(estimate) = estimated {
        print_line(&format!("\n{}", shown::estimate(&estimate)))?;
    }
    Ok(Exit::Done)
}

async fn estimated(settings: &Settings) -> Result<Estimate, Failure> {
    let seconds = settings.number("people.seconds-per-label", 0.0, 86_400.0)?;
    let store = open_known_store(settings).await?;
    let found = estimate(&store, seconds).await;
    store.close().await;
    Ok(found?)
}

/// Exit code 1 where any byte differs.
fn check(args: &DatasetRebuildArgs, root: &Path, settings: &Settings) -> Result<Exit, Failure> {
    let (version, folder) = find(root, &args.dataset.name, args.dataset.version)?;
    let files = &Manifest::read(&folder)?.inputs.files;
    if !files.is_empty() && args.from.is_empty() {
        let message = format!("`{}@{version}` was built from files", args.dataset.name);
        return Err(Failure::refused(message, format!("`--from {}` names them again", files.join(" "))));
    }
    let rebuilt = match args.from.is_empty() {
        true => block_on(async {
            let store = open_known_store(settings).await?;
            let rebuilt = rebuild(&Source::Store(&store), root, &folder, tools(true, settings)?).await;
            store.close().await;
            Ok(rebuilt?)
        })?,
        false => {
            let (files, _spooled) = input_files(&args.from)?;
            let input = build::read(&files, root, settings)?;
            let source = Source::Files(&input, build::names(&files));
            block_on(async { Ok(rebuild(&source, root, &folder, tools(false, settings)?).await?) })?
        }
    };
    match args.json {
        true => print_json(&rebuilt)?,
        false => say(shown::rebuilt(&args.dataset.name, version, &rebuilt)),
    }
    Ok(if rebuilt.differing.is_empty() { Exit::Done } else { Exit::NotMet })
}

fn put_aside(args: &DatasetArchiveArgs, root: &Path) -> Result<Exit, Failure> {
    let (version, folder) = find(root, &args.dataset.name, args.dataset.version)?;
    archive(&folder, !args.undo)?;
    let status = shown::status(Manifest::read(&folder)?.status_in(&folder));
    say(format!("{}@{version} is {status} now", args.dataset.name));
    Ok(Exit::Done)
}
