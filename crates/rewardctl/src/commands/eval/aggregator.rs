//! `rewardctl eval aggregator`.

use std::path::{Path, PathBuf};

use rewardctl_data::dataset_folder::write_text;
use rewardctl_model::learn::report::Figure;
use rewardctl_pipeline::ingest::InputFile;
use rewardctl_pipeline::learn::apply::{AggregatorReport, Applied, PairForecast, apply, forecasts, measure};
use rewardctl_pipeline::learn::gather::Gathered;
use rewardctl_pipeline::learn::registry::FIXED;
use rewardctl_pipeline::learn::verdict_files::from_verdict_files;

use crate::cli::eval::EvalAggregatorArgs;
use crate::cli::learn::StoredArgs;
use crate::commands::label::label_failure;
use crate::commands::{load_panel, nowhere, print_json, print_line, seed};
use crate::exit::{Exit, Failure};
use crate::locate;
use crate::report::{counted, table};
use crate::settings::Settings;
use crate::show::{printable, say};

/// Characters of a critic's name that are shown.
const NAME_WIDTH: usize = 40;

/// Measures the aggregator and each critic.
pub fn run(args: &EvalAggregatorArgs, settings: &Settings) -> Result<Exit, Failure> {
    let (gathered, applied) = stored(&args.stored, settings)?;
    say_what_is_known(&gathered, &args.stored.model)?;
    let target = args.stored.target.as_deref();
    let report = measure(&gathered, &applied, target, seed(settings)?)?;
    if let Some(path) = &args.output {
        let found: Vec<PairForecast> =
            forecasts(&gathered, &applied, target)?.into_iter().flatten().collect();
        write(path, &found)?;
        say(format!("wrote {} to {}", counted(found.len() as u64, "pair"), path.display()));
    }
    match args.json {
        true => print_json(&report)?,
        false => print_line(&shown(&report))?,
    }
    Ok(Exit::Done)
}

/// Reads the verdicts and labels, and runs the aggregator on them.
pub fn stored(args: &StoredArgs, settings: &Settings) -> Result<(Gathered, Applied), Failure> {
    let named = |path: &PathBuf| InputFile { path: path.clone(), label: path.display().to_string() };
    let files: Vec<InputFile> = args.verdicts.iter().map(named).collect();
    let mut gathered = from_verdict_files(&files, &load_panel(settings)?.panel)?;
    gathered.aim_at(args.target.as_deref());
    if let Some(labels) = &args.labels {
        gathered.add_label_rows(&named(labels)).map_err(label_failure)?;
    }
    let library = locate::library(settings).map_err(|tried| nowhere("the ONNX Runtime library", &tried))?;
    let folder = (args.model != FIXED).then(|| Path::new(&args.model));
    if let Some(folder) = folder {
        gathered.follow(folder)?;
    }
    let applied = apply(&gathered, folder, &library)?;
    Ok((gathered, applied))
}

fn say_what_is_known(gathered: &Gathered, model: &str) -> Result<(), Failure> {
    let known = if model == FIXED { 0 } else { gathered.known_to(Path::new(model))?.len() };
    if known > 0 {
        say(format!(
            "the aggregator was fitted on labels of {known} of these prompts: figures on them flatter it"
        ));
    }
    Ok(())
}

fn write(path: &Path, found: &[PairForecast]) -> Result<(), Failure> {
    let rows =
        found.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>().map_err(Failure::machine)?;
    Ok(write_text(path, &(rows.join("\n") + "\n"))?)
}

fn shown(report: &AggregatorReport) -> String {
    let figure =
        |figure: &Option<Figure>| figure.map_or("–".into(), |figure| format!("{:.3}", figure.mean));
    let interval = |figure: &Option<Figure>| {
        let found = figure.and_then(|figure| figure.interval);
        found.map_or(String::new(), |(low, high)| format!("{low:.3} – {high:.3}"))
    };
    let row = |one: &rewardctl_pipeline::learn::apply::Measured| {
        vec![
            printable(&one.name, NAME_WIDTH),
            one.pairs.to_string(),
            one.ties.to_string(),
            figure(&one.accuracy),
            interval(&one.accuracy),
            one.accuracy_strict.map_or("–".into(), |share| format!("{share:.3}")),
        ]
    };
    let header = ["", "pairs", "no difference", "accuracy", "95 % interval", "no difference as wrong"];
    let probabilities = &report.probabilities;
    let of = [
        ("log loss", &probabilities.log_loss, None),
        ("Brier", &probabilities.brier, None),
        ("calibration error", &probabilities.ece, probabilities.ece_by_chance),
    ];
    let rows = of.map(|(name, found, if_true)| {
        vec![
            name.into(),
            figure(found),
            interval(found),
            if_true.map_or(String::new(), |error| format!("{error:.3}")),
        ]
    });
    [
        format!(
            "{} on {}; no difference counts as half right; {} without a reward.",
            counted(report.pairs as u64, "pair"),
            counted(report.responses as u64, "response"),
            report.without_reward
        ),
        table(&header, report.measured.iter().map(row).collect()),
        table(&["probabilities", "figure", "95 % interval", "if every one were true"], rows.into()),
    ]
    .join("\n\n")
}
