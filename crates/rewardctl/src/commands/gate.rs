//! `rewardctl gate`.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use rewardctl_core::gate::{PassIf, Ruling};
use rewardctl_data::dataset_folder::write_text;
use rewardctl_data::measured::rewarded::RewardedRow;
use rewardctl_pipeline::error::Error as PipelineError;
use rewardctl_pipeline::gate::policy::{Absent, DEFAULT_MARGIN, Policy, Quantile, Rule};
use rewardctl_pipeline::gate::report::GateReport;
use rewardctl_pipeline::gate::{Extent, GateSettings, gate};
use rewardctl_pipeline::ingest::{InputFile, OnBadRow};

use crate::cli::gate::{AbsentArg, GateArgs, PassIfArg, ThresholdArgs};
use crate::commands::judged::{Judging, Wanted, rewarded};
use crate::commands::score::{input_files, on_bad_row, refuse_to_overwrite};
use crate::commands::{is_dash, print_json, print_line, seed};
use crate::exit::{Exit, Failure};
use crate::report;
use crate::report::gate::{annotations, junit, markdown, sarif};
use crate::settings::Settings;
use crate::settings::environment::variable;
use crate::show::{printable, say};

/// Where GitHub takes the summary of a step from.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Characters of a warning that are shown.
const WARNED: usize = 600;

/// Rules on the files, and says so in every way asked for.
pub fn run(args: &GateArgs, settings: &Settings) -> Result<Exit, Failure> {
    let policy = policy(args, settings)?;
    refuse_skipping(args)?;
    let (files, _spooled) = input_files(&args.files)?;
    refuse_outputs(args, &files)?;
    let (new, old) = responses(args, &files, settings).map_err(Failure::without_skipping)?;
    let extent = if args.decision.changed_only { Extent::Changed } else { Extent::All };
    let told = GateSettings { seed: seed(settings)?, extent, listed: args.outputs.max_places };
    let report = gate(&new, old.as_deref(), &policy, told)?;
    let first = files.first().map_or("", |file| file.label.as_str());
    write_outputs(args, &report, first)?;
    report.warnings.iter().for_each(|warning| say(format!("warning: {}", printable(warning, WARNED))));
    Ok(match report.ruling {
        Ruling::Pass => Exit::Done,
        Ruling::Fail => Exit::NotMet,
        Ruling::NotEnoughEvidence => Exit::StoppedShort,
    })
}

/// Refuses to leave rows out: whatever they hold, that would help to pass.
fn refuse_skipping(args: &GateArgs) -> Result<(), Failure> {
    match on_bad_row(&args.input) {
        OnBadRow::Fail => Ok(()),
        OnBadRow::Skip => Err(Failure::refused(
            "a gate leaves no row out: what is missing would help to pass",
            "leave out `--on-bad-row skip`, and mend or remove the rows that are named",
        )),
    }
}

/// Refuses to write an output over an input, or two over each other.
fn refuse_outputs(args: &GateArgs, files: &[InputFile]) -> Result<(), Failure> {
    let baseline =
        args.baseline.iter().map(|path| InputFile { path: path.clone(), label: path.display().to_string() });
    let inputs: Vec<InputFile> = files.iter().cloned().chain(baseline).collect();
    let outputs = [&args.outputs.junit, &args.outputs.sarif, &args.outputs.markdown];
    let outputs: Vec<&Path> = outputs.into_iter().flatten().map(PathBuf::as_path).collect();
    outputs.iter().try_for_each(|output| refuse_to_overwrite(Some(output), &inputs))?;
    let twice = outputs.iter().enumerate().find(|(at, path)| !is_dash(path) && outputs[..*at].contains(path));
    match twice {
        Some((_, path)) => Err(Failure::refused(
            format!("two outputs want `{}`", path.display()),
            "give each a file of its own",
        )),
        None => Ok(()),
    }
}

type Responses = (Vec<RewardedRow>, Option<Vec<RewardedRow>>);

/// Returns the responses of the files and of the baseline.
fn responses(args: &GateArgs, files: &[InputFile], settings: &Settings) -> Result<Responses, Failure> {
    let named = |path: &PathBuf| InputFile { path: path.clone(), label: path.display().to_string() };
    let judging = Judging { input: &args.input, judge: &args.judge, calls: &args.calls, settings };
    if args.baseline.is_empty() {
        let mut rows = rewarded(&[(files.to_vec(), Wanted::All)], &judging)?;
        return Ok((rows.pop().unwrap_or_default(), None));
    }
    let baseline: Vec<InputFile> = args.baseline.iter().map(named).collect();
    // First the baseline: what has not changed since is not judged again.
    let wanted = if args.decision.changed_only { Wanted::Changed } else { Wanted::All };
    let mut rows = rewarded(&[(baseline, Wanted::All), (files.to_vec(), wanted)], &judging)?;
    let new = rows.pop().unwrap_or_default();
    Ok((new, rows.pop()))
}

/// Returns the policy of the file or the settings, changed by the flags.
fn policy(args: &GateArgs, settings: &Settings) -> Result<Policy, Failure> {
    let mut policy = match &args.policy {
        None => settings.gate.clone().unwrap_or_default(),
        Some(path) => read_policy(path)?,
    };
    let decision = &args.decision;
    set(&mut policy.alpha, decision.alpha.as_deref(), "--alpha")?;
    set(&mut policy.power, decision.power.as_deref(), "--power")?;
    if let Some(correction) = decision.correction {
        policy.correction = correction.into();
    }
    policy.pass_if = decision.pass_if.map_or(policy.pass_if, pass_if);
    policy.by_pass_if = decision.by_pass_if.map_or(policy.by_pass_if, pass_if);
    let absent = |told: AbsentArg| if told == AbsentArg::Worst { Absent::Worst } else { Absent::LeaveOut };
    policy.removed = decision.removed.map_or(policy.removed, absent);
    policy.abstained = decision.abstained.map_or(policy.abstained, absent);
    policy.require_calibrated |= decision.require_calibrated;
    if !args.thresholds.by.is_empty() {
        policy.by.clone_from(&args.thresholds.by);
    }
    let is_of_flags = policy.rule.is_empty();
    add_flags(&args.thresholds, &mut policy)?;
    // A threshold beside a baseline is asked for in addition, unless the baseline is there to tell what changed.
    let compares = policy.rule.iter().any(|rule| rule.max_regression.is_some()) || decision.changed_only;
    if is_of_flags && !args.baseline.is_empty() && !compares {
        rule_of(&mut policy, None).max_regression = Some(DEFAULT_MARGIN);
    }
    Ok(policy)
}

fn pass_if(told: PassIfArg) -> PassIf {
    match told {
        PassIfArg::Shown => PassIf::Shown,
        PassIfArg::Observed => PassIf::Observed,
        PassIfArg::NotRefuted => PassIf::NotRefuted,
    }
}

fn read_policy(path: &Path) -> Result<Policy, Failure> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::refused(
            format!("failed to read the policy `{name}`: {error}"),
            "`--policy FILE` names a TOML file",
        )
    })?;
    Policy::parse(&name, &text).map_err(|error| PipelineError::from(error).into())
}

fn set(value: &mut f64, told: Option<&str>, flag: &str) -> Result<(), Failure> {
    if let Some(told) = told {
        *value = number(flag, told)?;
    }
    Ok(())
}

/// Puts the thresholds of flags into the rules about everything.
fn add_flags(args: &ThresholdArgs, policy: &mut Policy) -> Result<(), Failure> {
    for told in &args.min_mean {
        let (dimension, value) = parted(told);
        rule_of(policy, dimension).min_mean = Some(number("--min-mean", value)?);
    }
    for told in &args.max_regression {
        let (dimension, value) = parted(told);
        rule_of(policy, dimension).max_regression = Some(number("--max-regression", value)?);
    }
    for told in &args.max_fail_rate {
        let (dimension, value) = parted(told);
        rule_of(policy, dimension).max_fail_rate = Some(number("--max-fail-rate", value)?);
    }
    for told in &args.min_quantile {
        let (dimension, value) = parted(told);
        let (share, score) = value.split_once(':').ok_or_else(|| {
            Failure::refused(
                format!("`--min-quantile {told}` has no score"),
                "a share and a score, such as `10%:0.4`",
            )
        })?;
        let quantile =
            Quantile { share: number("--min-quantile", share)?, score: number("--min-quantile", score)? };
        rule_of(policy, dimension).min_quantile = Some(quantile);
    }
    if let Some(told) = &args.max_uncertainty {
        rule_of(policy, None).max_uncertainty = Some(number("--max-uncertainty", told)?);
    }
    if !args.must_pass.is_empty() {
        let min_score = args.min_score.as_deref().map(|told| number("--min-score", told)).transpose()?;
        let rule = rule_of(policy, None);
        rule.must_pass.clone_from(&args.must_pass);
        rule.min_score = min_score.or(rule.min_score);
    }
    Ok(())
}

/// Parts `dimension=value`.
fn parted(told: &str) -> (Option<&str>, &str) {
    told.rsplit_once('=').map_or((None, told), |(dimension, value)| (Some(dimension), value))
}

/// Returns the rule that is about all responses and the dimension; a new one, if there is none.
fn rule_of<'p>(policy: &'p mut Policy, dimension: Option<&str>) -> &'p mut Rule {
    let is_it = |rule: &Rule| {
        rule.dimension.as_deref() == dimension
            && rule.model.is_none()
            && rule.fields.is_empty()
            && rule.pass_at.is_none()
    };
    let place = policy.rule.iter().position(is_it).unwrap_or_else(|| {
        policy.rule.push(Rule { dimension: dimension.map(Into::into), ..Rule::default() });
        policy.rule.len() - 1
    });
    &mut policy.rule[place]
}

/// Reads a number or a share, as `0.1` or `10%`.
fn number(flag: &str, told: &str) -> Result<f64, Failure> {
    let value = match told.trim().strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
        None => told.trim().parse(),
    };
    value.ok().filter(|value| value.is_finite()).ok_or_else(|| {
        Failure::refused(format!("`{flag} {told}` is no number"), "a number such as `0.7` or `5%`")
    })
}

fn write_outputs(args: &GateArgs, report: &GateReport, first: &str) -> Result<(), Failure> {
    let outputs = &args.outputs;
    if let Some(path) = &outputs.junit {
        write_text(path, &junit::document(report))?;
    }
    if let Some(path) = &outputs.sarif {
        let text = serde_json::to_string_pretty(&sarif::document(report, first)).map_err(Failure::machine)?;
        write_text(path, &format!("{text}\n"))?;
    }
    if let Some(path) = &outputs.markdown {
        write_text(path, &markdown::document(report))?;
    }
    if outputs.json {
        print_json(report)?;
    } else {
        print_line(&report::gate::report(report))?;
    }
    if outputs.github {
        // A runner reads its commands from either stream; stdout may be JSON.
        annotations::annotations(report).iter().for_each(say);
        if let Some(path) = variable(STEP_SUMMARY) {
            let path = PathBuf::from(path);
            let mut file =
                OpenOptions::new().append(true).create(true).open(&path).map_err(Failure::writing(&path))?;
            file.write_all(markdown::document(report).as_bytes()).map_err(Failure::writing(&path))?;
        }
    }
    Ok(())
}
