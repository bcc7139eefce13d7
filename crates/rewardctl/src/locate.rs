//! Finds the models, the ONNX Runtime library and the store, whatever folder the program runs in.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use crate::exit::Failure;
use crate::settings::Settings;

/// The names that the ONNX Runtime library goes by, the pinned version first.
const LIBRARIES: [&str; 5] = [
    "libonnxruntime.so.1.31.1",
    "libonnxruntime.1.31.1.dylib",
    "libonnxruntime.so",
    "libonnxruntime.dylib",
    "onnxruntime.dll",
];

/// The name of a project's price table.
pub const PRICES_NAME: &str = "prices.toml";

/// The folder of a project's critics.
pub const PROMPTS_NAME: &str = "prompts";

/// Where the store lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorePlace {
    /// In this file.
    File(PathBuf),
    /// Nowhere: a temporary file, gone at the end.
    None,
}

/// Returns the folder of the model `name`; where it was looked for if it is nowhere.
pub fn model(settings: &Settings, name: &str) -> Result<PathBuf, Vec<PathBuf>> {
    if let Some(folder) = settings.text("models") {
        return Ok(Path::new(folder).join(name));
    }
    let candidates: Vec<PathBuf> =
        homes(settings).iter().map(|home| home.join("models").join(name)).collect();
    let found = candidates.iter().find(|folder| folder.join("model.toml").is_file()).cloned();
    found.ok_or(candidates)
}

/// Returns the ONNX Runtime library; where it was looked for if it is nowhere.
pub fn library(settings: &Settings) -> Result<PathBuf, Vec<PathBuf>> {
    if let Some(library) = settings.text("onnxruntime") {
        return Ok(library.into());
    }
    let folders: Vec<PathBuf> = homes(settings)
        .iter()
        .flat_map(|home| ["", "lib", ".cache/onnxruntime"].map(|folder| home.join(folder)))
        .collect();
    let candidates = folders.iter().flat_map(|folder| LIBRARIES.map(|name| folder.join(name)));
    candidates.into_iter().find(|library| library.is_file()).ok_or(folders)
}

/// Returns where the store lies: where the settings say, in the project, or in the user's data folder.
pub fn store(settings: &Settings) -> Result<StorePlace, Failure> {
    if let Some(named) = settings.text("store") {
        return Ok(if named == "none" { StorePlace::None } else { StorePlace::File(named.into()) });
    }
    let here = here()?;
    let marked = here.ancestors().map(|folder| folder.join(".rewardctl")).find(|folder| folder.is_dir());
    let project = settings.project().map(|project| project.join(".rewardctl"));
    let Some(folder) = project.or(marked).or_else(user_data) else {
        let hint =
            "`--store FILE` names the file, `--store none` keeps nothing, `rewardctl init` makes a project";
        return Err(Failure::refused("there is no place for the store: no project and no home folder", hint));
    };
    Ok(StorePlace::File(folder.join("store.db")))
}

/// Returns the folder of the versions of fitted aggregators, beside the store; None without a store.
pub fn aggregators(settings: &Settings) -> Result<Option<PathBuf>, Failure> {
    Ok(match store(settings) {
        Ok(StorePlace::File(path)) => Some(path.with_file_name("aggregators")),
        Ok(StorePlace::None) => None,
        Err(failure) => return Err(failure),
    })
}

/// Returns the folder of datasets, beside the store.
pub fn datasets(settings: &Settings) -> Result<PathBuf, Failure> {
    match store(settings)? {
        StorePlace::File(path) => Ok(path.with_file_name("datasets")),
        StorePlace::None => {
            let message = "datasets lie beside the store, and the settings say `none`";
            Err(Failure::refused(
                message,
                "`--store FILE` names a store; nothing needs to be in it for `--from`",
            ))
        }
    }
}

/// Returns the project's price table: the one that the settings name, or the project's copy. None is the shipped one.
pub fn prices(settings: &Settings) -> Option<PathBuf> {
    if let Some(named) = settings.text("prices") {
        return Some(named.into());
    }
    settings.project().map(|project| project.join(PRICES_NAME)).filter(|path| path.exists())
}

/// Returns the folder that the program runs in.
pub fn here() -> Result<PathBuf, Failure> {
    let gone = |error: io::Error| Failure {
        hint: Some("`cd` into a folder that exists".into()),
        ..Failure::machine(anyhow::Error::new(error).context("the folder that you are in is gone"))
    };
    env::current_dir().map_err(gone)
}

/// Returns the folders that hold `models/` and the library, the first that has them counts: beside the binary,
/// where `make install` puts them, the checkout that it was built in, the project, the user's data folder.
fn homes(settings: &Settings) -> Vec<PathBuf> {
    let mut homes = vec![];
    if let Some(folder) = env::current_exe().ok().and_then(|binary| binary.canonicalize().ok()) {
        let folder = folder.parent().unwrap_or(Path::new("/")).to_path_buf();
        homes.push(folder.clone());
        homes.extend(folder.parent().map(|prefix| prefix.join("share/rewardctl")));
        let checkout = folder.ancestors().find(|above| above.join("models/encoder/model.toml").is_file());
        homes.extend(checkout.map(Path::to_path_buf));
    }
    homes.extend(settings.project().map(Path::to_path_buf));
    homes.extend(user_data());
    homes
}

/// Returns `$XDG_DATA_HOME/rewardctl` or its default.
fn user_data() -> Option<PathBuf> {
    let set = |variable: &str| env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")));
    Some(home?.join("rewardctl"))
}
