//! A gate as SARIF: a rule for each check that does not pass, a result for each response that weighs against it.

use rewardctl_core::gate::Ruling;
use rewardctl_pipeline::gate::check::Place;
use rewardctl_pipeline::gate::report::{CheckReport, GateReport};
use serde_json::{Value, json};

use crate::report::gate::line;
use crate::report::sarif::{location, log};
use crate::show::printable;

/// Characters of a title or a reason.
const WIDTH: usize = 1000;

/// Returns the document; what stands in no file is placed in `file`, since scanners drop what has no place.
pub fn document(report: &GateReport, file: &str) -> Value {
    let failing: Vec<&CheckReport> =
        report.checks.iter().filter(|check| check.ruling != Ruling::Pass).collect();
    let mut rules: Vec<&str> = failing.iter().map(|check| check.check).collect();
    rules.sort_unstable();
    rules.dedup();
    let place = |check: &CheckReport| rules.iter().position(|rule| *rule == check.check).unwrap_or_default();
    let results: Vec<Value> = failing.iter().flat_map(|check| results(check, place(check), file)).collect();
    let rules: Vec<Value> = rules.iter().map(|rule| described(rule)).collect();
    log(&rules, &results)
}

fn described(rule: &str) -> Value {
    let text = match rule {
        "min-mean" => "The mean score reaches a threshold",
        "min-quantile" => "All but a share of the prompts reach a score",
        "max-regression" => "The mean score does not fall behind the baseline's by more than a margin",
        "max-fail-rate" => "Few verdicts fail or are missing",
        "max-uncertainty" => "The rewards are certain enough",
        _ => "Items that must pass do",
    };
    json!({
        "id": rule,
        "shortDescription": {"text": text},
        "help": {"text": "docs/gate.md explains every check"},
        "defaultConfiguration": {"level": "error"},
    })
}

fn results(check: &CheckReport, rule: usize, file: &str) -> Vec<Value> {
    let title = printable(&check.title(), WIDTH);
    let whole = json!({
        "ruleId": check.check,
        "ruleIndex": rule,
        "level": level(check),
        "message": {"text": format!("{title}: {}", printable(&check.why, WIDTH))},
        "locations": [location(file, None)],
    });
    let of = |place: &Place| {
        let text = line(&Place { file: None, line: None, ..place.clone() });
        json!({
            "ruleId": check.check,
            "ruleIndex": rule,
            "level": level(check),
            "message": {"text": format!("{title}: {text}")},
            "locations": [location(place.file.as_deref().unwrap_or(file), place.line)],
        })
    };
    std::iter::once(whole).chain(check.places.iter().map(of)).collect()
}

/// What is open is no error of the responses.
fn level(check: &CheckReport) -> &'static str {
    if check.ruling == Ruling::Fail { "error" } else { "warning" }
}
