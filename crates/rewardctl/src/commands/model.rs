//! `rewardctl model`.

use std::fs;
use std::path::{Path, PathBuf};

use rewardctl_data::error::Error as DataError;
use rewardctl_model::aggregator::{FIXED_WEIGHTS, write_fixed_weights};
use rewardctl_model::manifest::{Kind, MANIFEST, Manifest};
use rewardctl_model::onnx::Runtime;
use serde::Serialize;

use crate::cli::JsonArgs;
use crate::cli::model::{AggregatorArgs, ModelArgs, ModelCheckArgs, ModelCommand};
use crate::commands::{load_panel, nowhere, print_json, print_line, versions};
use crate::exit::{Exit, Failure};
use crate::locate;
use crate::report;
use crate::settings::Settings;
use crate::show::say;
use crate::suggest;

/// The way out where a model is missing or damaged.
pub const REINSTALL: &str =
    "install it again, restore models/ in a checkout, or name the folder with `--models DIR`";

/// The models that ship with the program.
pub const SHIPPED: [&str; 3] = ["encoder", "text-heads", "aggregator"];

#[derive(Serialize)]
struct Listed {
    name: String,
    kind: String,
    version: String,
    dimensions: Vec<String>,
    folder: PathBuf,
}

/// One thing checked.
#[derive(Serialize)]
pub struct Checked {
    /// The model.
    pub model: String,
    /// What was looked at.
    pub what: String,
    /// What is wrong; None if it is fine.
    pub problem: Option<String>,
}

/// Lists, shows or checks models.
pub fn run(command: &ModelCommand, settings: &Settings) -> Result<Exit, Failure> {
    match command {
        ModelCommand::List(args) => list(args, settings),
        ModelCommand::Show(args) => show(args, settings),
        ModelCommand::Check(args) => check(args, settings),
        ModelCommand::Aggregator(args) => aggregator(args, settings),
        ModelCommand::Promote(args) => versions::promote(args, settings),
        ModelCommand::Rollback(args) => versions::rollback(args, settings),
        ModelCommand::Compare(args) => versions::compare(args, settings),
    }
}

/// Checks one model: its files' hashes and its graph's ports.
pub fn check_folder(folder: &Path, runtime: &Runtime) -> Vec<Checked> {
    let model =
        folder.file_name().map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into());
    let manifest = match Manifest::load(folder) {
        Ok(manifest) => manifest,
        Err(error) => {
            return vec![Checked { model, what: MANIFEST.into(), problem: Some(chain(&error)) }];
        }
    };
    let checks = manifest.check(folder, runtime).into_iter();
    let checked = checks.map(|check| Checked {
        model: model.clone(),
        what: check.what,
        problem: check.outcome.err().map(|error| chain(&error)),
    });
    checked.collect()
}

fn list(args: &JsonArgs, settings: &Settings) -> Result<Exit, Failure> {
    let mut listed = vec![];
    for folder in folders(settings)?.into_iter().chain(fitted(settings)?) {
        let manifest = Manifest::load(&folder)?;
        let (name, version) = (manifest.name, manifest.version);
        listed.push(Listed {
            name,
            kind: manifest.kind.to_string(),
            version,
            dimensions: manifest.dimensions,
            folder,
        });
    }
    if args.json {
        print_json(&listed)?;
        return Ok(Exit::Done);
    }
    let row = |one: Listed| {
        vec![one.name, one.kind, one.version, one.dimensions.join(", "), one.folder.display().to_string()]
    };
    print_line(&report::table(
        &["model", "kind", "version", "dimensions", "folder"],
        listed.into_iter().map(row).collect(),
    ))?;
    Ok(Exit::Done)
}

fn show(args: &ModelArgs, settings: &Settings) -> Result<Exit, Failure> {
    let folder = folder(&args.model, settings)?;
    let manifest = Manifest::load(&folder)?;
    if args.json {
        print_json(&manifest)?;
        return Ok(Exit::Done);
    }
    let rows = manifest.describe().into_iter().map(|(name, value)| vec![name, value]).collect();
    print_line(&report::table(&["field", "value"], rows))?;
    Ok(Exit::Done)
}

fn check(args: &ModelCheckArgs, settings: &Settings) -> Result<Exit, Failure> {
    let library = locate::library(settings).map_err(|tried| nowhere("the ONNX Runtime library", &tried))?;
    let runtime = Runtime::load(&library)?;
    let folders = match &args.model {
        Some(model) => vec![folder(model, settings)?],
        None => folders_that_should_be(settings)?,
    };
    let checked: Vec<Checked> = folders.iter().flat_map(|folder| check_folder(folder, &runtime)).collect();
    let is_sound = checked.iter().all(|one| one.problem.is_none());
    if args.json {
        print_json(&checked)?;
    } else {
        let row = |one: &Checked| {
            vec![one.model.clone(), one.what.clone(), one.problem.clone().unwrap_or("ok".into())]
        };
        print_line(&report::table(&["model", "checked", "outcome"], checked.iter().map(row).collect()))?;
    }
    if !is_sound {
        say(format!("hint: {REINSTALL}"));
        return Ok(Exit::Machine);
    }
    Ok(Exit::Done)
}

fn aggregator(args: &AggregatorArgs, settings: &Settings) -> Result<Exit, Failure> {
    let panel = load_panel(settings)?.panel;
    refuse_foreign(&args.folder)?;
    fs::create_dir_all(&args.folder).map_err(Failure::writing(&args.folder))?;
    write_fixed_weights(&args.folder, &panel)?;
    say(format!("wrote the fixed weights of panel `{}` to {}", panel.name, args.folder.display()));
    Ok(Exit::Done)
}

/// Refuses a folder with anything in it but an aggregator that this command wrote.
fn refuse_foreign(folder: &Path) -> Result<(), Failure> {
    let is_ours = || {
        Manifest::load_kind(folder, Kind::Aggregator).is_ok_and(|manifest| manifest.version == FIXED_WEIGHTS)
    };
    let is_empty = || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    if !folder.exists() || is_empty() || is_ours() {
        return Ok(());
    }
    let message = format!("`{}` holds something else than fixed weights", folder.display());
    Err(Failure::refused(message, "name a folder that is new or empty"))
}

/// Returns the folders of all models, and those of shipped ones that are missing.
fn folders_that_should_be(settings: &Settings) -> Result<Vec<PathBuf>, Failure> {
    let (mut all, home) = (folders(settings)?, home(settings)?);
    all.extend(SHIPPED.map(|name| home.join(name)));
    all.sort();
    all.dedup();
    Ok(all)
}

/// Returns the folder that the models lie in.
fn home(settings: &Settings) -> Result<PathBuf, Failure> {
    let encoder =
        locate::model(settings, "encoder").map_err(|tried| nowhere("the folder of the models", &tried))?;
    Ok(encoder.parent().unwrap_or(Path::new(".")).into())
}

/// Returns the folders of all models beside the shipped ones.
fn folders(settings: &Settings) -> Result<Vec<PathBuf>, Failure> {
    let home = home(settings)?;
    let entries = fs::read_dir(&home).map_err(|source| DataError::Read { path: home, source })?;
    let mut folders: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.retain(|folder| folder.join(MANIFEST).is_file());
    folders.sort();
    Ok(folders)
}

/// Returns the folders of all versions of fitted aggregators.
fn fitted(settings: &Settings) -> Result<Vec<PathBuf>, Failure> {
    let Some(root) = locate::aggregators(settings)? else { return Ok(vec![]) };
    let entries = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.filter_map(|entry| Some(entry.ok()?.path())).collect::<Vec<_>>()
    };
    let mut folders: Vec<PathBuf> = entries(&root).iter().flat_map(|panel| entries(panel)).collect();
    folders.retain(|folder| folder.join(MANIFEST).is_file());
    folders.sort();
    Ok(folders)
}

/// Finds a model by its folder, by the folder's name beside the shipped ones, or by the name in its manifest.
fn folder(model: &str, settings: &Settings) -> Result<PathBuf, Failure> {
    if Path::new(model).join(MANIFEST).is_file() {
        return Ok(model.into());
    }
    let all = folders(settings)?;
    let is_meant = |folder: &PathBuf| {
        folder.ends_with(model) || Manifest::load(folder).is_ok_and(|manifest| manifest.name == model)
    };
    all.iter().find(|folder| is_meant(folder)).cloned().ok_or_else(|| {
        let names: Vec<String> = all
            .iter()
            .filter_map(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()))
            .collect();
        let hint = suggest::nearest(model, names.iter().map(String::as_str));
        Failure::refused(format!("there is no model `{model}`"), hint)
    })
}

/// Returns an error with its causes, on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
