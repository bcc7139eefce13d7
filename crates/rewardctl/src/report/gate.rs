//! What a gate found: for people, for CI systems, for code hosts.

pub mod annotations;
pub mod junit;
pub mod markdown;
pub mod sarif;

use rewardctl_core::gate::{PassIf, Ruling};
use rewardctl_pipeline::gate::check::Place;
use rewardctl_pipeline::gate::report::{CheckReport, GateReport};

use crate::report::{counted, p_value, table};
use crate::show::printable;

/// Characters of a text that is shown.
const WIDTH: usize = 120;
/// Responses that are shown under a check that does not pass; `--json` has more.
const SHOWN: usize = 3;

/// Returns the checks as a table, what speaks against those that do not pass, and the ruling.
pub fn report(report: &GateReport) -> String {
    let mut parts = vec![table(&HEADER, report.checks.iter().map(row).collect())];
    parts.extend(report.checks.iter().filter(|check| check.ruling != Ruling::Pass).map(details));
    parts.push(sum(report));
    parts.join("\n\n")
}

const HEADER: [&str; 8] = ["", "check", "found", "bounds", "asked for", "prompts", "missing", "p"];

fn row(check: &CheckReport) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or("–".into(), |value| format!("{value:.3}"));
    let bounds = check.bounds.map_or("–".into(), |(low, high)| format!("{low:.3} to {high:.3}"));
    vec![
        ruled(check).into(),
        printable(&check.title(), WIDTH),
        number(check.estimate),
        bounds,
        asked_for(check),
        check.counts.prompts.to_string(),
        missing(check).to_string(),
        p_value(if check.ruling == Ruling::Fail { check.p_holds } else { check.p_broken }),
    ]
}

/// Returns the ruling; what is only not refuted is not called passed.
fn ruled(check: &CheckReport) -> &'static str {
    let is_tested = check.p_holds.is_some();
    match (check.ruling, check.pass_if) {
        (Ruling::Pass, PassIf::NotRefuted) if is_tested => "not refuted",
        (ruling, _) => word(ruling),
    }
}

/// Counts what has no score, for whatever reason.
fn missing(check: &CheckReport) -> usize {
    check.counts.missing + check.counts.abstained + check.counts.removed + check.counts.lacking
}

fn asked_for(check: &CheckReport) -> String {
    match check.check {
        "max-regression" if check.threshold == 0.0 => "≥ 0".into(),
        "max-regression" => format!("≥ -{}", check.threshold),
        "min-mean" => format!("≥ {}", check.threshold),
        "must-pass" => "all".into(),
        _ => format!("≤ {}", check.threshold),
    }
}

fn details(check: &CheckReport) -> String {
    let mut lines =
        vec![format!("{}: {}", printable(&check.title(), WIDTH), printable(&check.why, 2 * WIDTH))];
    lines.extend(check.places.iter().take(SHOWN).map(|place| format!("  {}", line(place))));
    lines.join("\n")
}

/// Names a response and what is wrong with it.
pub fn line(place: &Place) -> String {
    let at = match (&place.file, place.line) {
        (Some(file), Some(line)) => format!("{}:{line}: ", printable(file, WIDTH)),
        (Some(file), None) => format!("{}: ", printable(file, WIDTH)),
        _ => String::new(),
    };
    let model =
        place.model.as_ref().map_or(String::new(), |model| format!(" of {}", printable(model, WIDTH)));
    format!("{at}{}{model}: {}", printable(&place.item, 40), printable(&place.what, WIDTH))
}

/// Returns the ruling with what it rests on, in one sentence.
pub fn sum(report: &GateReport) -> String {
    let count = |ruling| report.checks.iter().filter(|check| check.ruling == ruling).count();
    let baseline = report.baseline_prompts.map_or(String::new(), |prompts| {
        format!(" against {} of the baseline", counted(prompts as u64, "prompt"))
    });
    let uncalibrated = if report.uncalibrated { ", uncalibrated" } else { "" };
    format!(
        "{}{uncalibrated}: {} passed, {} failed, {} open; {} to {}{baseline}.",
        word(report.ruling),
        count(Ruling::Pass),
        count(Ruling::Fail),
        count(Ruling::NotEnoughEvidence),
        counted(report.responses as u64, "response"),
        counted(report.prompts as u64, "prompt"),
    )
}

/// Returns a ruling as people read it.
pub fn word(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Pass => "pass",
        Ruling::Fail => "FAIL",
        Ruling::NotEnoughEvidence => "not enough evidence",
    }
}
