//! Builds datasets from rewards and labels: once over everything for the yardsticks, once to pick rows, once over the rows
//! to even them out and write them.
//!
//! A version is a folder with rows, manifest and card. The same inputs and recipe make the same bytes, and no new version.

use std::fs;
use std::path::{Path, PathBuf};

use rewardctl_core::dataset::recipe::Recipe;
use rewardctl_core::dataset::{Example, Kind, Row};
use rewardctl_data::dataset_file::read_rows;
use rewardctl_data::dataset_folder::{Part, Versions, names, write_text};
use rewardctl_data::export::{PairRow, write_trl_dpo};
use rewardctl_data::fields::ReadSettings;
use rewardctl_data::scored_input::{ScoredInput, read_scored};

use crate::ahead::ahead;
use crate::dataset::draft::{Drafting, Order};
use crate::dataset::error::Error as DatasetError;
use crate::dataset::finish::finish;
use crate::dataset::manifest::{CARD, MANIFEST, MadeBy, Manifest, PAGE, ROWS};
use crate::dataset::rows::Rows;
use crate::dataset::screen::Screen;
use crate::dataset::source::{Source, Survey};
use crate::error::Error;
use crate::ingest::{BAD_ROWS_LISTED, InputFile};

pub mod error;
pub mod estimate;
pub mod figures;
pub mod gate;
pub mod manifest;
pub mod paraphrase;
pub mod rebuild;
pub mod recipe;
pub mod source;

mod alike;
mod card;
mod draft;
mod finish;
mod page;
mod rows;
pub(crate) mod screen;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct BuildSettings {
    /// The dataset's name.
    pub name: String,
    /// What its rows are.
    pub kind: Kind,
    /// How it is made.
    pub recipe: Recipe,
    /// The seed of random choices.
    pub seed: u64,
    /// The folder of all datasets.
    pub root: PathBuf,
    /// What it is made with.
    pub tools: Tools,
}

/// What datasets are made with, on the machine at hand.
#[derive(Debug, Clone)]
pub struct Tools {
    /// What margins of utilities are divided by: the temperature of the aggregator in force.
    pub temperature: f64,
    /// Threads that compare rows, at least 1; results do not depend on it.
    pub threads: usize,
    /// The ONNX Runtime library and the folder of the text encoder, which `contamination.warn-cosine` needs.
    pub encoder: Option<(PathBuf, PathBuf)>,
}

/// What a build came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// The version.
    pub version: u32,
    /// Its folder.
    pub folder: PathBuf,
    /// Whether it was there already, byte for byte.
    pub unchanged: bool,
    /// What is known of it.
    pub manifest: Manifest,
}

/// Refuses names that are no plain folder names.
pub fn check_name(name: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let good =
        !name.is_empty() && name.len() <= 64 && name.chars().all(plain) && !name.starts_with(['.', '-']);
    if good { Ok(()) } else { Err(DatasetError::Name { name: name.into() }.into()) }
}

/// Reads files of rewarded responses; their texts are kept in `folder` while the dataset is built.
pub fn read_files(
    files: &[InputFile],
    threads: usize,
    max_row_bytes: usize,
    folder: &Path,
) -> Result<ScoredInput, Error> {
    let settings = ReadSettings { max_row_bytes, ..ReadSettings::default() };
    let files: Vec<(PathBuf, String)> =
        files.iter().map(|file| (file.path.clone(), file.label.clone())).collect();
    read_scored(&files, &settings, threads, folder)?.map_err(|mut bad| {
        let count = bad.len() as u64;
        bad.truncate(BAD_ROWS_LISTED);
        Error::BadRows { count, first: bad }
    })
}

/// Builds the next version of a dataset, or finds that the latest is the same. None if there is no row.
pub async fn build(source: &Source<'_>, settings: &BuildSettings) -> Result<Result<Built, Manifest>, Error> {
    check_name(&settings.name)?;
    let versions = Versions::of(&settings.root, &settings.name);
    let part = versions.begin()?;
    let manifest = build_into(source, settings, &part).await?;
    if manifest.counts.rows == 0 {
        return Ok(Err(manifest));
    }
    let latest = versions.list()?.last().copied();
    if let Some(version) = latest
        && rebuild::differing(&versions.path(version), part.path())?.is_empty()
    {
        return Ok(Ok(Built { version, folder: versions.path(version), unchanged: true, manifest }));
    }
    let version = latest.unwrap_or(0) + 1;
    let folder = part.publish(version)?;
    Ok(Ok(Built { version, folder, unchanged: false, manifest }))
}

/// Builds rows, manifest and card in the folder of `part`.
async fn build_into(source: &Source<'_>, settings: &BuildSettings, part: &Part) -> Result<Manifest, Error> {
    let mut survey = source.survey().await?;
    let screen = Screen::of(settings, &mut survey.inputs.benchmarks)?;
    let order = Order {
        kind: settings.kind,
        recipe: &settings.recipe,
        pool: &survey.pool,
        seed: settings.seed,
        temperature: settings.tools.temperature,
    };
    let mut drafting = Drafting::start(order, Rows::start(settings, screen, part.path())?);
    source.each(&survey, &mut |known, texts| drafting.add(known, texts)).await?;
    if settings.kind == Kind::Stepwise && drafting.rows.is_empty() {
        let field = settings.recipe.stepwise.steps_field.clone();
        return Err(DatasetError::NoSteps { field }.into());
    }
    let made_by = made_by(source, settings, &survey).await?;
    let manifest = finish(drafting, settings, &survey, made_by, part.path())?;
    write_text(&part.path().join(MANIFEST), &manifest.json())?;
    write_text(&part.path().join(CARD), &card::card(&manifest))?;
    write_text(&part.path().join(PAGE), &page::page(&manifest))?;
    Ok(manifest)
}

async fn made_by(source: &Source<'_>, settings: &BuildSettings, survey: &Survey) -> Result<MadeBy, Error> {
    let (mut rewards, mut panel) = (String::new(), None);
    if let (Source::Store(store), Some(version)) = (source, survey.version) {
        rewards = version.to_string();
        let run = store.run_of(version).await?;
        let json = run.and_then(|(panel, _)| serde_json::from_str::<serde_json::Value>(&panel).ok());
        panel = json.and_then(|panel| panel.get("name")?.as_str().map(String::from));
    }
    if let Source::Files(..) = source
        && survey.file_version != 0
    {
        rewards = format!("{:016x}", survey.file_version);
    }
    Ok(MadeBy {
        rewardctl: env!("CARGO_PKG_VERSION").into(),
        seed: settings.seed,
        rewards,
        panel,
        temperature: settings.tools.temperature,
        other_versions: survey.other_versions,
        without_uncertainty: survey.without_deviation,
    })
}

/// Writes the pairs of the version in `folder` with the columns that TRL loads, and returns their number.
pub fn write_pairs(folder: &Path, path: &Path) -> Result<u64, Error> {
    let pairs = ahead(read_rows(&folder.join(ROWS))?).filter_map(|row| match row {
        Ok(Row { prompt, example: Example::Preference { chosen, rejected }, .. }) => {
            Some(Ok(PairRow { prompt, chosen, rejected }))
        }
        Ok(_) => None,
        Err(error) => Some(Err(Error::from(error))),
    });
    write_trl_dpo(path, pairs)
}

/// Returns the folder of a version, by default the latest.
pub fn find(root: &Path, name: &str, version: Option<u32>) -> Result<(u32, PathBuf), Error> {
    check_name(name)?;
    let versions = Versions::of(root, name);
    let all = versions.list()?;
    let Some(latest) = all.last().copied() else {
        return Err(DatasetError::Unknown { name: name.into(), known: names(root)? }.into());
    };
    let version = version.unwrap_or(latest);
    match all.contains(&version) {
        true => Ok((version, versions.path(version))),
        false => Err(DatasetError::UnknownVersion { name: name.into(), version, known: all }.into()),
    }
}

/// Puts a version aside, or takes it back.
pub fn archive(folder: &Path, aside: bool) -> Result<(), Error> {
    let mark = folder.join(manifest::ARCHIVED);
    if aside {
        return Ok(write_text(&mark, "")?);
    }
    match fs::remove_file(&mark) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(rewardctl_data::error::Error::Write { path: mark, source: error }.into())
        }
        _ => Ok(()),
    }
}
