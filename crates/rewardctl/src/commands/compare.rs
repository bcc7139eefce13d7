//! `rewardctl compare`.

use rewardctl_core::power::{Promise, Sides};
use rewardctl_data::measured::rewarded::{RewardedRow, has_field, read_fields};
use rewardctl_pipeline::comparison::{Arm, CompareSettings, Looks, arms_by_model, compare};
use rewardctl_pipeline::experiment::{Better, ExperimentSettings, Metric, Row, experiment};
use rewardctl_pipeline::ingest::{InputFile, OnBadRow};
use rewardctl_pipeline::measure::{Gathered, gather_lines};
use rewardctl_pipeline::rewarded::place;
use rewardctl_pipeline::rewarded::prompts::text_of;
use serde_json::{Value, json};

use crate::cli::compare::CompareArgs;
use crate::commands::eval::say_skipped;
use crate::commands::judged::{Judging, Wanted, rewarded};
use crate::commands::score::{input_files, on_bad_row};
use crate::commands::{print_json, print_line, seed};
use crate::exit::{Exit, Failure};
use crate::report;
use crate::settings::Settings;
use crate::show::say;

/// The metric of an experiment that names none.
const REWARD: &str = "reward";
/// What else judging makes a field of.
const LENGTH: &str = "length";
const DIMENSIONS: &str = "dimensions";

/// Compares the sides and says what to do.
pub fn run(args: &CompareArgs, settings: &Settings) -> Result<Exit, Failure> {
    check_levels(args)?;
    let (files, _spooled) = input_files(&args.files)?;
    if args.experiment.ab {
        return run_experiment(args, &files, settings);
    }
    let judging = Judging { input: &args.input, judge: &args.judge, calls: &args.calls, settings };
    let groups: Vec<_> = files.iter().map(|file| (vec![file.clone()], Wanted::All)).collect();
    let rows = rewarded(&groups, &judging)?;
    let arms = arms(rows, &files, args.arm.as_deref());
    let told = CompareSettings {
        dimension: args.dimension.clone(),
        tie: args.tie,
        effect: args.effect,
        alpha: args.alpha,
        power: args.power,
        correction: args.correction.into(),
        looks: looks(args),
        by: args.by.clone(),
        seed: seed(settings)?,
    };
    let compared = compare(&arms, &told)?;
    if args.json {
        print_json(&compared)?;
    } else if args.markdown {
        print_line(report::compare::markdown(&compared, args.mde).trim_end())?;
    } else {
        print_line(&report::compare::report(&compared, args.mde))?;
    }
    Ok(Exit::Done)
}

fn check_levels(args: &CompareArgs) -> Result<(), Failure> {
    let promise = Promise { alpha: args.alpha, power: args.power, sides: Sides::Two };
    if let Some(fault) = promise.fault() {
        return Err(Failure::refused(fault, "`--alpha 0.05 --power 0.8`"));
    }
    let is_distance = |value: f64| (0.0..=1.0).contains(&value);
    if !is_distance(args.tie) || !is_distance(args.effect) || args.effect == 0.0 {
        return Err(Failure::refused(
            "`--tie` and `--effect` are distances of scores",
            "from 0 to 1, `--effect` above 0",
        ));
    }
    Ok(())
}

fn looks(args: &CompareArgs) -> Looks {
    if args.sequential { Looks::Always } else { Looks::Once }
}

/// Returns the sides: the files, or the parts of one file.
fn arms(mut rows: Vec<Vec<RewardedRow>>, files: &[InputFile], field: Option<&str>) -> Vec<Arm> {
    if let Some(field) = field {
        let parted = |row: RewardedRow| RewardedRow { generator: text_of(&row, field), ..row };
        return arms_by_model(rows.into_iter().flatten().map(parted).collect());
    }
    match files {
        [_] => arms_by_model(rows.pop().unwrap_or_default()),
        _ => files.iter().zip(rows).map(|(file, rows)| Arm { name: file.label.clone(), rows }).collect(),
    }
}

fn run_experiment(args: &CompareArgs, files: &[InputFile], settings: &Settings) -> Result<Exit, Failure> {
    let told = ExperimentSettings {
        arm: args.arm.clone(),
        unit: args.experiment.unit.clone(),
        metrics: metrics(&args.experiment.metric),
        covariate: args.experiment.covariate.clone(),
        control: args.experiment.control.clone(),
        split: args.experiment.split.clone(),
        range: range(args.experiment.range.as_deref())?,
        alpha: args.alpha,
        power: args.power,
        correction: args.correction.into(),
        looks: looks(args),
    };
    let judging = Judging { input: &args.input, judge: &args.judge, calls: &args.calls, settings };
    let rows = match lacks_made_fields(&told.metrics, files)? {
        true => judged(files, &judging)?,
        false => {
            judging.refuse_idle("the files have every metric already")?;
            read(files, on_bad_row(&args.input))?
        }
    };
    let arms: Vec<String> = match (&told.arm, files) {
        (Some(_), _) => vec![],
        (None, [_]) => {
            return Err(Failure::refused(
                "one file is no experiment: nothing says which arm a row is of",
                "`--arm FIELD` names the field that does, or name a file for each arm",
            ));
        }
        (None, files) => files.iter().map(|file| file.label.clone()).collect(),
    };
    let found = experiment(&rows, &arms, &told)?;
    if args.json {
        print_json(&found)?;
    } else if args.markdown {
        print_line(report::compare::experiment_markdown(&found).trim_end())?;
    } else {
        print_line(&report::compare::experiment(&found))?;
    }
    if found.sample_ratio_mismatch {
        say("warning: the split is not the planned one, so that no figure can be trusted");
    }
    Ok(Exit::Done)
}

/// Tells whether a file lacks a metric that judging makes.
fn lacks_made_fields(metrics: &[Metric], files: &[InputFile]) -> Result<bool, Failure> {
    let is_made =
        |field: &str| field == REWARD || field == LENGTH || field.starts_with(&format!("{DIMENSIONS}."));
    for metric in metrics.iter().filter(|metric| is_made(&metric.field)) {
        for file in files {
            if !has_field(&file.path, &file.label, &metric.field)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn metrics(told: &[String]) -> Vec<Metric> {
    let metric = |told: &String| match told.strip_suffix(":lower") {
        Some(field) => Metric { field: field.into(), better: Better::Lower },
        None => Metric { field: told.trim_end_matches(":higher").into(), better: Better::Higher },
    };
    match told.is_empty() {
        true => vec![Metric { field: REWARD.into(), better: Better::Higher }],
        false => told.iter().map(metric).collect(),
    }
}

fn range(told: Option<&str>) -> Result<(f64, f64), Failure> {
    let Some(told) = told else { return Ok((0.0, 1.0)) };
    let parted = told.split_once(':').and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
    parted.filter(|(low, high): &(f64, f64)| low < high && low.is_finite() && high.is_finite()).ok_or_else(
        || Failure::refused(format!("`--range {told}` is no range"), "two numbers, such as `0:5`"),
    )
}

/// Reads rows as they stand; each file is an arm, unless a field says otherwise.
fn read(files: &[InputFile], on_bad_row: OnBadRow) -> Result<Vec<Row>, Failure> {
    let Gathered { rows, skipped, skipped_rows } = gather_lines(files, on_bad_row, read_fields)?;
    say_skipped(skipped, &skipped_rows);
    let row = |(file, (line, fields)): (usize, (u64, _))| {
        let label = &files[file].label;
        Row { place: format!("{label}:{line}"), arm: Some(label.clone()), fields }
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Judges the files first; rewards and dimensions become fields of their rows.
fn judged(files: &[InputFile], judging: &Judging<'_>) -> Result<Vec<Row>, Failure> {
    let groups: Vec<_> = files.iter().map(|file| (vec![file.clone()], Wanted::All)).collect();
    let mut rows = vec![];
    for (file, judged) in files.iter().zip(rewarded(&groups, judging)?) {
        for row in judged {
            let place = place(&row);
            let mut fields = row.fields;
            fields.insert(REWARD.into(), json!(row.reward));
            fields.insert("model".into(), json!(row.generator));
            fields.insert(LENGTH.into(), json!(row.length));
            let dimensions = row.dimensions.into_iter().map(|(name, score)| (name, json!(score)));
            fields.insert(DIMENSIONS.into(), Value::Object(dimensions.collect()));
            rows.push(Row { place, arm: Some(file.label.clone()), fields });
        }
    }
    Ok(rows)
}
