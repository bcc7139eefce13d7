//! `rewardctl simulate`.

use std::path::PathBuf;

use rewardctl_core::replay::{Course, POLICIES, Policy};
use rewardctl_core::worlds::WORLDS;
use rewardctl_data::dataset_folder::write_text;
use rewardctl_pipeline::error::Error as PipelineError;
use rewardctl_pipeline::ingest::InputFile;
use rewardctl_pipeline::learn::verdict_files::from_verdict_files;
use rewardctl_pipeline::simulate::plot::plot;
use rewardctl_pipeline::simulate::stored::Stored;
use rewardctl_pipeline::simulate::{SimulateSettings, Simulation, Source, simulate};

use crate::cli::simulate::{RuleArg, SimulateArgs};
use crate::commands::{load_panel, print_json, print_line, seed, threads};
use crate::exit::{Exit, Failure};
use crate::progress;
use crate::report;
use crate::settings::Settings;
use crate::show::say;

/// Replays every source, prints what came out, and draws it.
pub fn run(args: &SimulateArgs, settings: &Settings) -> Result<Exit, Failure> {
    let course = course(args)?;
    let told = SimulateSettings {
        policies: policies(&args.rules),
        seeds: args.seeds.map_or(if args.verdicts.is_empty() { 25 } else { 100 }, u64::from),
        seed: seed(settings)?,
        course,
        threads: threads(settings)?,
    };
    let sources = sources(args, settings)?;
    let bar = progress::bar(told.seeds * sources.len() as u64, "replaying");
    let mut simulations: Vec<Simulation> = vec![];
    for source in &sources {
        let before = told.seeds * simulations.len() as u64;
        let found = simulate(source, &told, &|done| bar.set_position(before + done as u64));
        simulations.push(found.map_err(failure)?);
    }
    bar.finish_and_clear();
    if let Some(path) = &args.plot {
        write_text(path, &plot(&simulations))?;
        say(format!("drew the curves into {}", path.display()));
    }
    match args.json {
        true => print_json(&simulations)?,
        false => print_line(&report::simulate::simulations(&simulations))?,
    }
    Ok(Exit::Done)
}

const ROW_HINT: &str = "docs/learning.md has the fields of a verdict file; nothing was replayed";

/// The rows' own hint is about scoring.
fn failure(error: PipelineError) -> Failure {
    let is_in_rows = matches!(error, PipelineError::BadRows { .. } | PipelineError::Label { .. });
    let failure = Failure::from(error);
    let hint = if is_in_rows { Some(ROW_HINT.into()) } else { failure.hint };
    Failure { hint, ..failure }
}

fn sources(args: &SimulateArgs, settings: &Settings) -> Result<Vec<Source>, Failure> {
    if args.verdicts.is_empty() {
        let worlds = args.world.iter().map(|world| world.world()).collect::<Vec<_>>();
        let worlds = if worlds.is_empty() { WORLDS.to_vec() } else { worlds };
        return Ok(worlds.into_iter().map(Source::World).collect());
    }
    let named = |path: &PathBuf| InputFile { path: path.clone(), label: path.display().to_string() };
    let files: Vec<InputFile> = args.verdicts.iter().map(named).collect();
    let mut gathered = from_verdict_files(&files, &load_panel(settings)?.panel).map_err(failure)?;
    if let Some(labels) = &args.labels {
        gathered.add_label_rows(&named(labels)).map_err(failure)?;
    }
    let names: Vec<&str> = files.iter().map(|file| file.label.as_str()).collect();
    Ok(vec![Source::Stored(Stored::new(names.join(", "), gathered).map_err(failure)?)])
}

/// Random asking is always there, and first: the others are compared with it.
fn policies(rules: &[RuleArg]) -> Vec<Policy> {
    let chosen = |policy: &&Policy| rules.is_empty() || rules.iter().any(|rule| rule.policy() == **policy);
    POLICIES[..1].iter().chain(POLICIES[1..].iter().filter(chosen)).copied().collect()
}

fn course(args: &SimulateArgs) -> Result<Course, Failure> {
    let (start, batch, budget) = if args.verdicts.is_empty() { (20, 10, 300) } else { (8, 4, 100) };
    let given = |value: Option<u32>, otherwise: usize| value.map_or(otherwise, |value| value as usize);
    let course = Course {
        start: given(args.start, start),
        batch: given(args.batch, batch),
        budget: given(args.budget, budget),
    };
    if course.budget < course.start + course.batch {
        let (start, batch, budget) = (course.start, course.batch, course.budget);
        return Err(Failure::refused(
            format!(
                "a budget of {budget} labels ends before the first batch: {start} at the start, {batch} a batch"
            ),
            "raise `--budget`, or lower `--start` or `--batch`",
        ));
    }
    Ok(course)
}
