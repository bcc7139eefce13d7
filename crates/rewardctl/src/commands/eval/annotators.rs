//! `rewardctl eval annotators`.

use std::time::Instant;

use rewardctl_data::annotators::AnnotatorFields;
use rewardctl_data::consensus_rows::write_consensus;
use rewardctl_data::error::Error as DataError;
use rewardctl_pipeline::error::Error as PipelineError;
use rewardctl_pipeline::eval::annotators::agreement::LevelName;
use rewardctl_pipeline::eval::annotators::consensus::Method;
use rewardctl_pipeline::eval::annotators::report::{AnnotatorsReport, ConsensusRow};
use rewardctl_pipeline::eval::annotators::{AnnotatorsSettings, annotators};
use rewardctl_pipeline::ingest::OnBadRow;

use crate::cli::eval::annotators::{AnnotatorsArgs, LevelArg, MethodArg};
use crate::cli::score::OnBadRowArg;
use crate::commands::score::input_files;
use crate::commands::{both_want_stdout, is_dash, print_json, print_line, seed};
use crate::exit::{Exit, Failure};
use crate::report::annotators as tables;
use crate::report::counted;
use crate::settings::Settings;
use crate::show::say;

const FIELDS_HINT: &str = "`--item-field`, `--annotator-field` and `--label-field` name other fields; `--on-bad-row skip` \
                           leaves rows out that cannot be used";

/// Measures, prints the report and writes the consensus.
pub fn run(args: &AnnotatorsArgs, settings: &Settings) -> Result<Exit, Failure> {
    refuse_nonsense(args)?;
    let asked = asked(args, seed(settings)?);
    let (files, _spooled) = input_files(&args.files)?;
    let mut clock = Clock { is_heard: args.timings, stage: String::new(), since: Instant::now() };
    let (report, rows) = annotators(&files, &asked, &mut |stage| clock.next(stage)).map_err(failure)?;
    say_input(&report);
    let writes_to_stdout = args.output.as_deref().is_some_and(is_dash);
    match (args.json, writes_to_stdout) {
        (true, _) => print_json(&report)?,
        (false, true) => say(tables::annotators(&report, args.pairs)),
        (false, false) => print_line(&tables::annotators(&report, args.pairs))?,
    }
    write(args, rows)?;
    Ok(Exit::Done)
}

fn refuse_nonsense(args: &AnnotatorsArgs) -> Result<(), Failure> {
    match &args.output {
        Some(path) if is_dash(path) && args.json => Err(both_want_stdout("-o -")),
        Some(path) if !is_dash(path) && path.extension().is_none_or(|extension| extension != "jsonl") => {
            let message =
                format!("the consensus is written as JSONL, and `{}` does not say so", path.display());
            Err(Failure::refused(message, "`-o consensus.jsonl`, or `-o -` for stdout"))
        }
        _ => Ok(()),
    }
}

fn asked(args: &AnnotatorsArgs, seed: u64) -> AnnotatorsSettings {
    // No gain is less than that: all iterations are taken.
    let tolerance = |given: f64| if given > 0.0 { given } else { f64::NEG_INFINITY };
    let methods = match args.methods.is_empty() {
        true => Method::ALL.to_vec(),
        false => args.methods.iter().map(|method| method_of(*method)).collect(),
    };
    AnnotatorsSettings {
        fields: AnnotatorFields {
            item: args.item_field.clone(),
            annotator: args.annotator_field.clone(),
            label: args.label_field.clone(),
            gold: args.gold_field.clone(),
            dimension: args.dimension_field.clone(),
            probabilities: args.probabilities_field.clone(),
        },
        on_bad_row: match args.on_bad_row {
            OnBadRowArg::Fail => OnBadRow::Fail,
            OnBadRowArg::Skip => OnBadRow::Skip,
        },
        levels: (!args.level.is_empty()).then(|| args.level.iter().map(|level| level_of(*level)).collect()),
        order: (!args.order.is_empty()).then(|| args.order.clone()),
        methods,
        method: args.method.map(method_of),
        iterations: args.iterations,
        tolerance: args.tolerance.map(tolerance),
        pairs: args.pairs,
        seed,
    }
}

fn level_of(level: LevelArg) -> LevelName {
    match level {
        LevelArg::Nominal => LevelName::Nominal,
        LevelArg::Ordinal => LevelName::Ordinal,
        LevelArg::Interval => LevelName::Interval,
        LevelArg::Ratio => LevelName::Ratio,
    }
}

fn method_of(method: MethodArg) -> Method {
    match method {
        MethodArg::Majority => Method::Majority,
        MethodArg::DawidSkene => Method::DawidSkene,
        MethodArg::OneCoin => Method::OneCoin,
        MethodArg::Glad => Method::Glad,
        MethodArg::Mace => Method::Mace,
        MethodArg::Crowdlab => Method::Crowdlab,
    }
}

/// The hints of rows and files are about scoring; here other flags name the fields.
fn failure(error: PipelineError) -> Failure {
    let is_about_fields =
        matches!(&error, PipelineError::BadRows { .. } | PipelineError::Data(DataError::NoField { .. }));
    let failure = Failure::from(error);
    let hint = if is_about_fields { Some(FIELDS_HINT.into()) } else { failure.hint };
    Failure { hint, ..failure }
}

fn say_input(report: &AnnotatorsReport) {
    report.inputs.iter().for_each(say);
    for (count, what, fate) in [
        (report.unlabelled, "row", "without a label left out"),
        (report.repeated, "label", "replaced by a later one of the same annotator on the same item"),
        (report.corrections, "correction", "left out, which cannot be compared"),
        (report.skipped, "row", "left out, which cannot be used:"),
    ] {
        if count > 0 {
            say(format!("{} {fate}", counted(count, what)));
        }
    }
    report.skipped_rows.iter().for_each(|row| say(format!("  {row}")));
    let more = report.skipped - report.skipped_rows.len() as u64;
    if more > 0 {
        say(format!("  and {more} more"));
    }
}

fn write(args: &AnnotatorsArgs, rows: Vec<ConsensusRow>) -> Result<(), Failure> {
    let Some(path) = &args.output else { return Ok(()) };
    let count = write_consensus(path, rows.into_iter())?;
    match (count, is_dash(path)) {
        (0, _) => say("there is no consensus, so nothing was written"),
        (_, true) => {}
        (_, false) => say(format!("wrote the consensus on {} to {}", counted(count, "item"), path.display())),
    }
    Ok(())
}

/// Tells how long each step took.
struct Clock {
    is_heard: bool,
    stage: String,
    since: Instant,
}

impl Clock {
    fn next(&mut self, stage: &str) {
        if self.is_heard && !self.stage.is_empty() {
            say(format!("{}: {:.1} ms", self.stage, self.since.elapsed().as_secs_f64() * 1000.0));
        }
        self.stage = stage.into();
        self.since = Instant::now();
    }
}
