//! One file a command: `run` takes the arguments and the settings and returns how the program ends.

pub mod bench_encoder;
pub mod config;
pub mod doctor;
pub mod export;
pub mod init;
pub mod label;
pub mod model;
pub mod queue;
pub mod score;
pub mod status;
pub mod train;

use std::future::Future;
use std::io::{Write, stdout};
use std::path::PathBuf;

use rewardctl_pipeline::models::ModelPaths;
use rewardctl_store::open::Store;
use serde::Serialize;
use tempfile::TempDir;

use crate::exit::Failure;
use crate::locate::{self, StorePlace};
use crate::settings::Settings;

/// Runs a command's async part.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.map_err(Failure::machine)?.block_on(work)
}

/// Opens the store; without one, a temporary file that lives as long as the folder returned.
pub async fn open_store(settings: &Settings) -> Result<(Store, Option<TempDir>), Failure> {
    match locate::store(settings)? {
        StorePlace::File(path) => Ok((Store::open(&path).await?, None)),
        StorePlace::None => {
            let folder = tempfile::tempdir().map_err(Failure::machine)?;
            Ok((Store::open(&folder.path().join("store.db")).await?, Some(folder)))
        }
    }
}

/// Opens the store that scoring made; a command that only reads makes none.
pub async fn open_known_store(settings: &Settings) -> Result<Store, Failure> {
    let hint = "`rewardctl score FILE` makes one; `--store FILE` names another";
    match locate::store(settings)? {
        StorePlace::File(path) if path.exists() => Ok(Store::open(&path).await?),
        StorePlace::File(path) => {
            Err(Failure::refused(format!("there is no store `{}` yet", path.display()), hint))
        }
        StorePlace::None => Err(Failure::refused("there is no store: the settings say `none`", hint)),
    }
}

/// Returns where the models and the library lie; a missing library is an error, as everything needs it.
pub fn model_paths(settings: &Settings) -> Result<ModelPaths, Failure> {
    let library = locate::library(settings).map_err(|tried| nowhere("the ONNX Runtime library", &tried))?;
    // A model that is nowhere is an error only where it is needed; the first place names it then.
    let folder = |name| {
        locate::model(settings, name).unwrap_or_else(|tried| tried.into_iter().next().unwrap_or_default())
    };
    Ok(ModelPaths {
        library,
        encoder: folder("encoder"),
        heads: folder("text-heads"),
        max_windows: settings.whole("text-model.max-windows")?.clamp(1, 4096) as usize,
    })
}

/// Returns now as RFC 3339 in UTC, to the second.
pub fn now() -> String {
    jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_else(|_| jiff::Timestamp::now()).to_string()
}

/// Prints a JSON document on stdout.
pub fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value).map_err(Failure::machine)?;
    print_line(&json)
}

/// Prints a line on stdout; a reader that has gone away is no failure.
pub fn print_line(line: &str) -> Result<(), Failure> {
    match writeln!(stdout(), "{line}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::machine(error)),
        _ => Ok(()),
    }
}

/// Says that something was found nowhere, and where it was looked for.
pub fn nowhere(what: &str, tried: &[PathBuf]) -> Failure {
    let places: Vec<String> = tried.iter().map(|path| format!("`{}`", path.display())).collect();
    let message = format!("{what} was not found; looked in {}", places.join(", "));
    let hint = "`make setup` in the checkout fetches it; `rewardctl doctor` checks each part and says how to mend it";
    Failure { hint: Some(hint.into()), ..Failure::machine(anyhow::Error::msg(message)) }
}
