//! `rewardctl build`.

use std::fs;
use std::path::{Path, PathBuf};

use rewardctl_core::dataset::Kind;
use rewardctl_core::dataset::recipe::Recipe;
use rewardctl_data::scored_input::ScoredInput;
use rewardctl_pipeline::dataset::estimate::estimate;
use rewardctl_pipeline::dataset::manifest::{Manifest, ROWS};
use rewardctl_pipeline::dataset::source::Source;
use rewardctl_pipeline::dataset::{
    BuildSettings, Built, Tools, build, check_name, read_files, recipe, write_pairs,
};
use rewardctl_pipeline::error::Error as PipelineError;
use rewardctl_pipeline::ingest::InputFile;
use rewardctl_pipeline::learn::apply;
use serde::Serialize;

use crate::cli::dataset::BuildArgs;
use crate::commands::export::refuse_personal_data;
use crate::commands::score::input_files;
use crate::commands::{block_on, load_panel, model_paths, open_known_store, print_json, seed, threads};
use crate::exit::{Exit, Failure};
use crate::locate;
use crate::report::dataset as shown;
use crate::settings::Settings;
use crate::show::say;

/// What a machine reads of a build.
#[derive(Serialize)]
struct Outcome<'a> {
    version: u32,
    folder: &'a Path,
    unchanged: bool,
    manifest: &'a Manifest,
}

/// Builds, keeps and sums up. No row at all is exit code 4, and no version.
pub fn run(args: &BuildArgs, settings: &Settings) -> Result<Exit, Failure> {
    check_name(&args.name)?;
    check_output(args)?;
    let told = BuildSettings {
        name: args.name.clone(),
        kind: args.kind,
        recipe: read_recipe(args)?,
        seed: seed(settings)?,
        root: locate::datasets(settings)?,
        tools: tools(args.from.is_empty(), settings)?,
    };
    let built = match args.from.is_empty() {
        true => block_on(build_from_store(args, &told, settings))?,
        false => build_from_files(&args.from, &told, settings)?,
    };
    match built {
        Ok(built) => {
            show(args, &built)?;
            if let Some(output) = &args.output {
                refuse_personal_data(&built.folder.join(ROWS))?;
                write_pairs(&built.folder, output)?;
            }
        }
        Err(manifest) => {
            say(shown::nothing(&manifest));
            return Ok(Exit::StoppedShort);
        }
    }
    Ok(Exit::Done)
}

fn check_output(args: &BuildArgs) -> Result<(), Failure> {
    let Some(output) = &args.output else { return Ok(()) };
    if !matches!(args.kind, Kind::Dpo | Kind::Rm) {
        let hint = "`rewardctl export` writes the other types";
        return Err(Failure::refused(format!("`-o` writes pairs, and `{}` has none", args.kind), hint));
    }
    let known = output.extension().is_some_and(|end| end == "jsonl" || end == "parquet");
    let message =
        || format!("pairs are written to .jsonl or .parquet, and `{}` is neither", output.display());
    if known { Ok(()) } else { Err(Failure::refused(message(), "`-o pairs.parquet`")) }
}

fn read_recipe(args: &BuildArgs) -> Result<Recipe, Failure> {
    let read = |name: &str, text: &str| {
        let mut recipe = recipe::read(name, text, &args.set).map_err(PipelineError::from)?;
        let benchmarks = args.benchmark.iter().map(|path| path.to_string_lossy().into_owned());
        recipe.contamination.benchmarks.extend(benchmarks);
        Ok(recipe)
    };
    let Some(path) = &args.recipe else { return read("the defaults", "") };
    let unread = |error| {
        let hint = "`--recipe FILE` names a TOML file; docs/datasets.md has every setting";
        Failure::refused(format!("failed to read recipe `{}`: {error}", path.display()), hint)
    };
    let text = fs::read_to_string(path).map_err(unread)?;
    read(&path.display().to_string(), &text)
}

/// Returns what datasets are made with here; files bring no aggregator.
pub fn tools(from_store: bool, settings: &Settings) -> Result<Tools, Failure> {
    Ok(Tools {
        temperature: if from_store { temperature(settings)? } else { 1.0 },
        threads: threads(settings)?,
        encoder: model_paths(settings).ok().map(|paths| (paths.library, paths.encoder)),
    })
}

/// Returns what the aggregator in force divides margins of utilities by.
pub fn temperature(settings: &Settings) -> Result<f64, Failure> {
    match load_panel(settings)?.aggregator {
        Some(folder) => Ok(apply::temperature(&folder)?),
        None => Ok(1.0),
    }
}

async fn build_from_store(
    args: &BuildArgs,
    told: &BuildSettings,
    settings: &Settings,
) -> Result<Result<Built, Manifest>, Failure> {
    let store = open_known_store(settings).await?;
    let built = build(&Source::Store(&store), told).await?;
    if args.estimate {
        let seconds = settings.number("people.seconds-per-label", 0.0, 86_400.0)?;
        say(shown::estimate(&estimate(&store, seconds).await?));
    }
    store.close().await;
    Ok(built)
}

fn build_from_files(
    files: &[PathBuf],
    told: &BuildSettings,
    settings: &Settings,
) -> Result<Result<Built, Manifest>, Failure> {
    let (files, _spooled) = input_files(files)?;
    let source = read(&files, told.root.as_path(), settings)?;
    block_on(async { Ok(build(&Source::Files(&source, names(&files)), told).await?) })
}

/// Reads files of rewarded responses; their texts lie in a file without a name on the disk of the datasets.
pub fn read(files: &[InputFile], root: &Path, settings: &Settings) -> Result<ScoredInput, Failure> {
    fs::create_dir_all(root).map_err(Failure::writing(root))?;
    let limit = (settings.whole("input.max-row-mib", 1..=4096)? as usize) << 20;
    Ok(read_files(files, threads(settings)?, limit, root)?)
}

/// Names files without their folders, which are no part of what a dataset was made from.
pub fn names(files: &[InputFile]) -> Vec<String> {
    let name = |file: &InputFile| {
        let name = Path::new(&file.label).file_name();
        name.map_or(file.label.clone(), |name| name.to_string_lossy().into_owned())
    };
    files.iter().map(name).collect()
}

fn show(args: &BuildArgs, built: &Built) -> Result<(), Failure> {
    let Built { version, folder, unchanged, manifest } = built;
    if args.json {
        return print_json(&Outcome { version: *version, folder, unchanged: *unchanged, manifest });
    }
    say(shown::built(built));
    Ok(())
}
