//! `rewardctl doctor`.

use std::path::PathBuf;

use rewardctl_model::encoder::{Encoder, EncoderSettings};
use rewardctl_model::onnx::Runtime;
use rewardctl_pipeline::endpoint::EndpointSettings;
use rewardctl_store::open::Store;
use serde::Serialize;

use crate::cli::JsonArgs;
use crate::commands::model::{REINSTALL, SHIPPED, chain, check_folder};
use crate::commands::{block_on, load_panel, print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::locate::{self, StorePlace};
use crate::report::{self, counted};
use crate::settings::Settings;
use crate::settings::environment::key;

#[derive(Serialize)]
struct Part {
    part: String,
    is_fine: bool,
    found: String,
    mend: String,
}

impl Part {
    fn fine(part: &str, found: impl Into<String>) -> Self {
        Self { part: part.into(), is_fine: true, found: found.into(), mend: String::new() }
    }

    fn broken(part: &str, found: impl Into<String>, mend: &str) -> Self {
        Self { part: part.into(), is_fine: false, found: found.into(), mend: mend.into() }
    }
}

const FETCH: &str = "install it again, run `make setup` in a checkout, or name it with `--onnxruntime FILE`";

/// Checks each part; exit code 5 if one is broken.
pub fn run(args: &JsonArgs, settings: &Settings) -> Result<Exit, Failure> {
    let mut parts = vec![settings_file(settings), panel(settings)];
    let runtime = library(settings, &mut parts);
    if let Some(runtime) = &runtime {
        models(settings, runtime, &mut parts);
    }
    parts.extend(settings.endpoints.iter().map(|(name, settings)| endpoint(name, settings)));
    parts.push(store(settings));
    if args.json {
        print_json(&parts)?;
    } else {
        print_line(&rendered(&parts))?;
    }
    Ok(if parts.iter().all(|part| part.is_fine) { Exit::Done } else { Exit::Machine })
}

fn rendered(parts: &[Part]) -> String {
    let row = |part: &Part| {
        let state = if part.is_fine { "ok" } else { "broken" };
        vec![state.to_owned(), part.part.clone(), part.found.clone()]
    };
    let mut text = report::table(&["", "part", "found"], parts.iter().map(row).collect());
    for part in parts.iter().filter(|part| !part.is_fine) {
        text += &format!("\nhint: {}: {}", part.part, part.mend);
    }
    text
}

fn settings_file(settings: &Settings) -> Part {
    match &settings.file {
        Some(file) => Part::fine("settings", file.display().to_string()),
        None => Part::fine("settings", "no rewardctl.toml: defaults (`rewardctl init` writes one)"),
    }
}

fn panel(settings: &Settings) -> Part {
    let name = settings.panel();
    match load_panel(settings) {
        Ok(loaded) => {
            Part::fine("panel", format!("`{name}`, {}", counted(loaded.panel.slots.len(), "critic")))
        }
        Err(error) => {
            Part::broken("panel", chain(error.error.as_ref()), "mend the file, or use `--panel default`")
        }
    }
}

fn library(settings: &Settings, parts: &mut Vec<Part>) -> Option<Runtime> {
    let name = "ONNX Runtime";
    let path = match locate::library(settings) {
        Ok(path) => path,
        Err(tried) => {
            parts.push(Part::broken(name, format!("not found in {}", places(&tried)), FETCH));
            return None;
        }
    };
    match Runtime::load(&path) {
        Ok(runtime) => {
            parts.push(Part::fine(name, path.display().to_string()));
            Some(runtime)
        }
        Err(error) => {
            parts.push(Part::broken(name, chain(&error), FETCH));
            None
        }
    }
}

fn models(settings: &Settings, runtime: &Runtime, parts: &mut Vec<Part>) {
    for model in SHIPPED {
        let name = format!("model {model}");
        let Ok(folder) = locate::model(settings, model) else {
            parts.push(Part::broken(&name, "not found", REINSTALL));
            continue;
        };
        let problems: Vec<String> = check_folder(&folder, runtime)
            .into_iter()
            .filter_map(|check| Some(format!("{}: {}", check.what, check.problem?)))
            .collect();
        match problems.is_empty() {
            true => parts.push(Part::fine(&name, folder.display().to_string())),
            false => parts.push(Part::broken(&name, problems.join("; "), REINSTALL)),
        }
    }
    if let Ok(folder) = locate::model(settings, "encoder") {
        parts.push(embedding(&folder, runtime));
    }
}

/// The proof of the pudding: a text goes in, an embedding comes out.
fn embedding(folder: &std::path::Path, runtime: &Runtime) -> Part {
    let embedded = Encoder::load(runtime, folder, EncoderSettings { max_windows: 1 })
        .and_then(|mut encoder| encoder.embed("The quick brown fox."));
    match embedded {
        Ok(embedding) => Part::fine(
            "embedding",
            format!("{} numbers from {} tokens", embedding.vector.len(), embedding.tokens),
        ),
        Err(error) => Part::broken("embedding", chain(&error), REINSTALL),
    }
}

/// Looks for the key; nothing is sent, since an answer may cost money.
fn endpoint(name: &str, settings: &EndpointSettings) -> Part {
    let part = format!("endpoint {name}");
    let model = format!("model `{}`", settings.model);
    match settings.api_key_env.as_deref() {
        None => Part::fine(&part, format!("{model}, without a key; not asked")),
        Some(variable) if key(variable).is_some() => {
            Part::fine(&part, format!("{model}, with the key in {variable}; not asked"))
        }
        Some(variable) => {
            Part::broken(&part, format!("{variable} is not set"), "export it, or leave `api-key-env` out")
        }
    }
}

fn store(settings: &Settings) -> Part {
    let path = match locate::store(settings) {
        Ok(StorePlace::File(path)) => path,
        Ok(StorePlace::None) => return Part::fine("store", "none: nothing is kept"),
        Err(failure) => {
            return Part::broken("store", failure.error.to_string(), &failure.hint.unwrap_or_default());
        }
    };
    if !path.exists() {
        return Part::fine("store", format!("{} (not made yet)", path.display()));
    }
    let counts = block_on(async {
        let store = Store::open(&path).await?;
        let counts = store.counts().await?;
        store.close().await;
        Ok(counts)
    });
    match counts {
        Ok(counts) => {
            let responses = counted(counts.responses, "response");
            Part::fine("store", format!("{}, {responses}", path.display()))
        }
        Err(failure) => {
            Part::broken("store", chain(failure.error.as_ref()), &failure.hint.unwrap_or_default())
        }
    }
}

fn places(tried: &[PathBuf]) -> String {
    tried.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
