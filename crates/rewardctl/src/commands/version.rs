//! `rewardctl version`: this program, the library and the models that take part, with their hashes.

use std::env::consts::{ARCH, OS};
use std::path::{Path, PathBuf};

use rewardctl_model::file::sha256_of_file;
use rewardctl_model::manifest::{Manifest, Role};
use serde::Serialize;

use crate::cli::JsonArgs;
use crate::commands::model::SHIPPED;
use crate::commands::{print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::locate;
use crate::report::table;
use crate::settings::Settings;

/// Digits of a hash that people are shown.
const SHORT: usize = 12;

#[derive(Serialize)]
struct Named {
    version: &'static str,
    platform: String,
    parts: Vec<Part>,
}

/// What takes part in a run.
#[derive(Serialize)]
struct Part {
    part: &'static str,
    /// Its name with its version; None if it is nowhere or cannot be read.
    name: Option<String>,
    /// The SHA-256 of the library, or of the model's graph.
    sha256: Option<String>,
    path: Option<PathBuf>,
}

/// Prints versions and hashes.
pub fn run(args: &JsonArgs, settings: &Settings) -> Result<Exit, Failure> {
    let mut parts = vec![library(settings)];
    parts.extend(SHIPPED.map(|name| model(settings, name)));
    let named = Named { version: env!("CARGO_PKG_VERSION"), platform: format!("{ARCH} {OS}"), parts };
    match args.json {
        true => print_json(&named)?,
        false => print_line(&shown(&named))?,
    }
    Ok(Exit::Done)
}

/// Prints what `--version` shows, by the settings that hold without other flags; broken ones do not hide it.
pub fn named() -> Result<Exit, Failure> {
    match Settings::read(None, &vec![]) {
        Ok(settings) => run(&JsonArgs { json: false }, &settings),
        Err(_) => print_line(&format!("rewardctl {}", env!("CARGO_PKG_VERSION"))).map(|()| Exit::Done),
    }
}

fn shown(named: &Named) -> String {
    let row = |part: &Part| {
        let path = part.path.as_ref().map_or("not found".into(), |path| path.display().to_string());
        let hash = part.sha256.as_ref().map_or(String::new(), |hash| hash.chars().take(SHORT).collect());
        vec![part.part.to_owned(), part.name.clone().unwrap_or_default(), hash, path]
    };
    let rows = table(&["part", "version", "sha256", "from"], named.parts.iter().map(row).collect());
    format!("rewardctl {} ({})\n\n{rows}", named.version, named.platform)
}

fn library(settings: &Settings) -> Part {
    let path = locate::library(settings).ok().filter(|path| path.is_file());
    let name = path.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let sha256 = path.as_deref().and_then(|path| sha256_of_file(path).ok());
    Part { part: "ONNX Runtime", name: name.map(|name| version_in(&name)), sha256, path }
}

/// The version in the name of a library, such as `libonnxruntime.so.1.31.1`; the name where there is none.
fn version_in(name: &str) -> String {
    let bare =
        name.trim_start_matches("libonnxruntime.").trim_start_matches("so.").trim_end_matches(".dylib");
    let is_version = bare.chars().all(|c| c.is_ascii_digit() || c == '.') && !bare.is_empty();
    if is_version { bare.into() } else { name.into() }
}

fn model(settings: &Settings, part: &'static str) -> Part {
    let path = locate::model(settings, part).ok().filter(|path| path.is_dir());
    let manifest = path.as_deref().and_then(|folder| Manifest::load(folder).ok());
    let graph = manifest.as_ref().and_then(|one| one.files.iter().find(|file| file.role == Role::Onnx));
    // Of the file itself: the manifest only says what it should be.
    let sha256 =
        path.as_deref().zip(graph).and_then(|(folder, file)| sha256_of_file(&folder.join(&file.path)).ok());
    Part { part, name: manifest.map(|one| format!("{} {}", one.name, one.version)), sha256, path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_librarys_name_tells_its_version() {
        for (name, version) in [
            ("libonnxruntime.so.1.31.1", "1.31.1"),
            ("libonnxruntime.1.31.1.dylib", "1.31.1"),
            ("libonnxruntime.so", "libonnxruntime.so"),
            ("onnxruntime.dll", "onnxruntime.dll"),
        ] {
            assert_eq!(version_in(name), version);
        }
    }
}
