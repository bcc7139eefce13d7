//! `rewardctl learn`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rewardctl_core::panel::Panel;
use rewardctl_model::learn::Learned;
use rewardctl_model::learn::report::Report;
use rewardctl_model::learn::space::Signs;
use rewardctl_model::learn::write::Provenance;
use rewardctl_pipeline::ingest::InputFile;
use rewardctl_pipeline::label;
use rewardctl_pipeline::learn::calibrate::hold_back;
use rewardctl_pipeline::learn::gather::{Gathered, from_items};
use rewardctl_pipeline::learn::registry::Registry;
use rewardctl_pipeline::learn::verdict_files::from_verdict_files;
use rewardctl_pipeline::learn::{LearnOptions, fit, is_better, save};
use rewardctl_pipeline::score::{Progress, ScoreSettings, Surroundings};
use rewardctl_pipeline::spool::spool;
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::cli::learn::{GatherArgs, LearnArgs};
use crate::commands::label::label_failure;
use crate::commands::score::{checked, input_files, told, watch_for_interrupt};
use crate::commands::{
    block_on, calls, in_store, load_panel, now, open_known_store, open_store, print_json, print_line, seed,
};
use crate::exit::{Exit, Failure};
use crate::locate;
use crate::progress;
use crate::report::{counted, learn as shown};
use crate::settings::Settings;
use crate::show::say;

/// Responses of the store beyond the labelled ones that the pool takes: enough to measure how critics spread.
const UNLABELLED: usize = 2000;

/// What a machine reads of a fit.
#[derive(Serialize)]
struct Outcome<'a> {
    panel: &'a str,
    version: Option<&'a str>,
    folder: Option<&'a PathBuf>,
    promoted: bool,
    report: Option<&'a Report>,
}

/// Fits, keeps and shows; with figures that say so, or on demand, the fit judges from now on.
pub fn run(args: &LearnArgs, settings: &Settings) -> Result<Exit, Failure> {
    let mut gathered = gather(&args.gather, settings)?;
    // A fit that a panel is to use has all of its critics.
    if !args.gather.verdicts.is_empty() {
        gathered.aim_at(args.target.as_deref());
    }
    if gathered.foreign > 0 {
        say(format!("{} labels are on responses that are not among these", gathered.foreign));
    }
    let options = LearnOptions {
        signs: if args.allow_negative { Signs::Free } else { Signs::NonNegative },
        target: args.target.clone(),
        label_free: args.label_free,
        seed: seed(settings)?,
    };
    let learned = fit(&gathered, &options)?;
    if args.label_free && learned.as_ref().is_some_and(|learned| learned.report.prior.is_some()) {
        say("there are labels, and the fit is of them: `--label-free` adds nothing");
    }
    if learned.is_none() {
        say(
            "no labels on scored responses: the panel's fixed weights stand. Label 20 to 50 pairs, or try `--label-free`",
        );
    }
    let kept = keep(args, settings, &gathered, learned.as_ref())?;
    show(args, &gathered.panel, learned.as_ref(), &kept)?;
    Ok(Exit::Done)
}

/// Where a fit went.
struct Kept {
    version: Option<String>,
    folder: Option<PathBuf>,
    promoted: bool,
}

fn keep(
    args: &LearnArgs,
    settings: &Settings,
    gathered: &Gathered,
    learned: Option<&Learned>,
) -> Result<Kept, Failure> {
    let mut provenance = Provenance {
        version: "v0".into(),
        sources: sources(args),
        fingerprints: gathered.fingerprints.clone(),
        target: args.target.clone(),
        held_back: args.gather.hold_back,
        labelled: gathered.labelled(),
        command: command(args),
    };
    // A fit on verdicts from elsewhere belongs to no panel of this project.
    let registry = match args.gather.verdicts.is_empty() {
        true => locate::aggregators(settings)?.map(|root| Registry::open(&root, &gathered.panel.name)),
        false => None,
    };
    let mut kept = Kept { version: None, folder: args.output.clone(), promoted: false };
    if let (Some(registry), Some(learned)) = (registry, learned) {
        let version = registry.next()?;
        provenance.version.clone_from(&version);
        save(Some(learned), &gathered.panel, &registry.folder(&version), &provenance)?;
        kept.promoted = args.promote || is_better(&learned.report);
        if kept.promoted {
            registry.promote(&version)?;
        }
        kept.folder = args.output.clone().or_else(|| Some(registry.folder(&version)));
        kept.version = Some(version);
    }
    if let Some(folder) = &args.output {
        save(learned, &gathered.panel, folder, &provenance)?;
    }
    Ok(kept)
}

fn show(args: &LearnArgs, panel: &Panel, learned: Option<&Learned>, kept: &Kept) -> Result<(), Failure> {
    if args.json {
        return print_json(&Outcome {
            panel: &panel.name,
            version: kept.version.as_deref(),
            folder: kept.folder.as_ref(),
            promoted: kept.promoted,
            report: learned.map(|learned| &learned.report),
        });
    }
    if let Some(learned) = learned {
        print_line(&shown::report(&learned.report))?;
    }
    match (&kept.version, &kept.folder) {
        (Some(version), _) if kept.promoted => say(format!("version {version} judges from now on")),
        (Some(version), _) => say(format!(
            "kept as version {version}, not in force: `rewardctl model promote {version}` puts it there"
        )),
        (None, Some(folder)) => say(format!("wrote the model to {}", folder.display())),
        (None, None) => say("the model was not kept: `-o DIR` writes it"),
    }
    Ok(())
}

/// Takes the verdicts and labels from files, or from the store and the panel.
pub fn gather(args: &GatherArgs, settings: &Settings) -> Result<Gathered, Failure> {
    if !args.verdicts.is_empty() {
        let named = |path: &PathBuf| InputFile { path: path.clone(), label: path.display().to_string() };
        let files: Vec<InputFile> = args.verdicts.iter().map(named).collect();
        let mut gathered = from_verdict_files(&files, &load_panel(settings)?.panel)?;
        if let Some(labels) = &args.labels {
            gathered.add_label_rows(&named(labels)).map_err(label_failure)?;
        }
        return Ok(gathered);
    }
    let told = told(&args.input, settings)?;
    let (files, _spooled) = match args.files.is_empty() {
        true => from_store(settings)?,
        false => input_files(&args.files)?,
    };
    let checked = checked(&files, &told.read, told.on_bad_row)?;
    let bar = progress::bar(checked.responses, "judging");
    let gathered = block_on(judge(checked, &told, args, settings, &bar));
    bar.finish_and_clear();
    gathered
}

/// Writes the items of the store to a file that the panel can go through.
fn from_store(settings: &Settings) -> Result<(Vec<InputFile>, Option<NamedTempFile>), Failure> {
    let mut file = NamedTempFile::new().map_err(Failure::machine)?;
    let rows = block_on(async {
        let store = open_known_store(settings).await?;
        let rows = spool(&store, UNLABELLED).await;
        store.close().await;
        Ok(rows?)
    })?;
    for row in rows {
        writeln!(file, "{row}").map_err(Failure::machine)?;
    }
    file.flush().map_err(Failure::machine)?;
    Ok((vec![InputFile { path: file.path().into(), label: "the store".into() }], Some(file)))
}

async fn judge(
    checked: rewardctl_pipeline::ingest::Checked,
    told: &ScoreSettings,
    args: &GatherArgs,
    settings: &Settings,
    bar: &indicatif::ProgressBar,
) -> Result<Gathered, Failure> {
    let (store, _temporary) = open_store(settings).await?;
    let stop = Arc::new(AtomicBool::new(false));
    tokio::spawn(watch_for_interrupt(Arc::clone(&stop), "finished and kept"));
    let mut progress = |progress: Progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.finished);
    };
    let asker = calls::asker(&args.calls, settings, &told.panel, &store, Arc::clone(&stop)).await?;
    let around =
        Surroundings { store: &store, now: &now, stop: &stop, asker: asker.clone(), progress: &mut progress };
    let gathered = from_items(checked, told, around).await;
    if let Some(asker) = asker {
        asker.finish().await?;
    }
    let mut gathered = gathered.map_err(|error| in_store(settings, error.into()))?;
    if let Some(labels) = &args.labels {
        let file = InputFile { path: labels.clone(), label: labels.display().to_string() };
        label::import(&store, &file, &now()).await?;
    }
    let mut labels = store.labels().await?;
    if args.hold_back {
        let held = hold_back(&mut labels, &store.pair_tasks().await?);
        say(format!("{} of pairs drawn for calibration held back", counted(held as u64, "label")));
    }
    gathered.add_labels(&labels);
    store.close().await;
    Ok(gathered)
}

fn sources(args: &LearnArgs) -> Vec<String> {
    let name =
        |path: &PathBuf| path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
    let files: Vec<String> =
        args.gather.files.iter().chain(&args.gather.verdicts).chain(&args.gather.labels).map(name).collect();
    if files.is_empty() { vec!["the store".into()] } else { files }
}

fn command(args: &LearnArgs) -> String {
    let mut parts = vec!["rewardctl learn".to_owned()];
    parts.extend(args.gather.files.iter().map(|path| path.display().to_string()));
    let flags: BTreeMap<&str, Vec<String>> = BTreeMap::from([
        ("--verdicts", args.gather.verdicts.iter().map(|path| path.display().to_string()).collect()),
        ("--labels", args.gather.labels.iter().map(|path| path.display().to_string()).collect()),
        ("--target", args.target.iter().cloned().collect()),
        ("--panel", args.gather.judge.panel.iter().cloned().collect()),
        ("--seed", args.gather.judge.seed.iter().cloned().collect()),
    ]);
    for (flag, values) in flags.into_iter().filter(|(_, values)| !values.is_empty()) {
        parts.push(format!("{flag} {}", values.join(" ")));
    }
    parts.extend(args.allow_negative.then(|| "--allow-negative".to_owned()));
    parts.extend(args.gather.hold_back.then(|| "--hold-back".to_owned()));
    parts.extend(args.label_free.then(|| "--label-free".to_owned()));
    parts.join(" ")
}
