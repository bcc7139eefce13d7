//! One file a command: `run` takes the arguments and the settings and returns how the program ends.

pub mod audit;
pub mod bench_encoder;
pub mod build;
pub mod bulk;
pub mod calibrate;
pub mod calls;
pub mod compare;
pub mod config;
pub mod dataset;
pub mod doctor;
pub mod duplicates;
pub mod eval;
pub mod export;
pub mod gate;
pub mod init;
pub mod judged;
pub mod label;
pub mod learn;
pub mod ledger;
pub mod lint;
pub mod model;
pub mod people;
pub mod pii;
pub mod plan;
pub mod queue;
pub mod release;
pub mod report;
pub mod review;
pub mod sample;
pub mod score;
pub mod serve;
pub mod simulate;
pub mod status;
pub mod train;
pub mod user;
pub mod version;
pub mod versions;

use std::future::Future;
use std::io::{self, Write, copy, stdin, stdout};
use std::path::{Path, PathBuf};
use std::thread;

use rewardctl_data::error::STDOUT;
use rewardctl_pipeline::ingest::InputFile;
use rewardctl_pipeline::learn::registry::Registry;
use rewardctl_pipeline::models::ModelPaths;
use rewardctl_pipeline::panel::LoadedPanel;
use rewardctl_store::error::Error as StoreError;
use rewardctl_store::open::Store;
use serde::Serialize;
use tempfile::{NamedTempFile, TempDir};

use crate::exit::{Exit, Failure};
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
            let folder = tempfile::tempdir().map_err(Failure::writing(&tempfile::env::temp_dir()))?;
            Ok((Store::open_temporary(&folder.path().join("store.db")).await?, Some(folder)))
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

/// Says of a failure which store it befell, and promises nothing that only a store can keep.
pub fn in_store(settings: &Settings, failure: Failure) -> Failure {
    let (store, is_kept) = match locate::store(settings) {
        Ok(StorePlace::File(path)) => (format!("store `{}`", path.display()), true),
        _ => (format!("temporary store in `{}`", tempfile::env::temp_dir().display()), false),
    };
    if failure.error.is::<StoreError>() {
        let error = failure.error.context(format!("failed to use the {store}"));
        return Failure { error, ..failure };
    }
    if failure.exit == Exit::Interrupted && !is_kept {
        let hint = "`--store none` keeps nothing: the same command starts again";
        return Failure { hint: Some(hint.into()), ..failure };
    }
    failure
}

/// Loads the panel that the settings name; prompts of the project go before shipped ones.
pub fn load_panel(settings: &Settings) -> Result<LoadedPanel, Failure> {
    let prompts = settings.project().map(|project| project.join(locate::PROMPTS_NAME));
    let mut panel = LoadedPanel::load(settings.panel(), prompts.as_deref())?;
    // An aggregator that the panel file names is the user's own word.
    if panel.aggregator.is_none()
        && let Some(root) = locate::aggregators(settings)?
    {
        panel.aggregator = Registry::open(&root, &panel.panel.name).active_folder()?;
    }
    Ok(panel)
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
        max_windows: settings.whole("text-model.max-windows", 1..=4096)? as usize,
    })
}

/// Returns how many threads judge.
pub fn threads(settings: &Settings) -> Result<usize, Failure> {
    Ok(match settings.whole("threads", 0..=256)? {
        0 => thread::available_parallelism().map_or(1, usize::from),
        threads => threads as usize,
    })
}

/// Returns the seed of every random choice.
pub fn seed(settings: &Settings) -> Result<u64, Failure> {
    settings.whole("seed", 0..=u64::MAX)
}

/// Tells whether `path` stands for stdin or stdout.
pub fn is_dash(path: &Path) -> bool {
    path == Path::new("-")
}

/// Says that stdout was asked for twice.
pub fn both_want_stdout(flag: &str) -> Failure {
    Failure::refused(
        format!("`{flag}` and `--json` both want stdout"),
        "write the rows to a file, or leave out `--json`",
    )
}

/// Keeps stdin in a temporary file, since input is read twice.
pub fn spooled_stdin() -> Result<(InputFile, NamedTempFile), Failure> {
    // Either end may be at fault, and the error does not say which.
    let failed = |error: io::Error| {
        let message = format!("failed to copy stdin into `{}`", tempfile::env::temp_dir().display());
        let hint = "make room there, or name the file instead of `-`";
        Failure { hint: Some(hint.into()), ..Failure::machine(anyhow::Error::new(error).context(message)) }
    };
    let mut spooled = NamedTempFile::new().map_err(failed)?;
    copy(&mut stdin().lock(), spooled.as_file_mut()).map_err(failed)?;
    Ok((InputFile { path: spooled.path().into(), label: "stdin".into() }, spooled))
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

/// Prints a line on stdout.
pub fn print_line(line: &str) -> Result<(), Failure> {
    writeln!(stdout(), "{line}").map_err(Failure::writing(Path::new(STDOUT)))
}

/// Says that something was found nowhere, and where it was looked for.
pub fn nowhere(what: &str, tried: &[PathBuf]) -> Failure {
    let places: Vec<String> = tried.iter().map(|path| format!("`{}`", path.display())).collect();
    let message = format!("{what} was not found; looked in {}", places.join(", "));
    let hint = "install it again, or `make setup` in a checkout; `rewardctl doctor` checks each part and says how to mend it";
    Failure { hint: Some(hint.into()), ..Failure::machine(anyhow::Error::msg(message)) }
}

#[cfg(test)]
mod tests {
    use rewardctl_pipeline::error::Error as PipelineError;

    use super::*;

    #[test]
    fn without_a_store_nothing_is_promised() {
        let hint = |store: &str| {
            let settings = Settings::read(None, &vec![("store", Some(store.into()))]).ok().unwrap();
            let failure = Failure::from(PipelineError::Interrupted { finished: 1, total: 2 });
            in_store(&settings, failure).hint.unwrap()
        };
        assert_eq!(hint("none"), "`--store none` keeps nothing: the same command starts again");
        assert_eq!(hint("s.db"), "what is finished is kept: the same command goes on from here");
    }
}
