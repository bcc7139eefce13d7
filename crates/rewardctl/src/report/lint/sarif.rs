//! The report of a lint as SARIF.

use rewardctl_data::lint::check::{Check, Severity};
use rewardctl_data::lint::finding::Finding;
use rewardctl_data::lint::report::Report;
use serde_json::{Value, json};

use crate::report::sarif::{location, log};

/// Returns the document; its rules are the checks that found something.
pub fn document(report: &Report) -> Value {
    let rules: Vec<Value> = report.groups.iter().map(|group| rule(group.check)).collect();
    let results = report.groups.iter().enumerate();
    let results: Vec<Value> =
        results.flat_map(|(at, group)| group.places.iter().map(move |place| result(at, place))).collect();
    log(&rules, &results)
}

fn rule(check: &Check) -> Value {
    json!({
        "id": check.code,
        "shortDescription": {"text": check.meaning},
        "fullDescription": {"text": format!("{}: {}.", check.meaning, check.why)},
        "help": {"text": check.fix},
        "defaultConfiguration": {"level": level(check.severity)},
    })
}

fn result(rule: usize, finding: &Finding) -> Value {
    let field = finding.field.as_ref().map_or(String::new(), |field| format!("field `{field}`: "));
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": {"text": format!("{field}{}", finding.message)},
    });
    if let Some(file) = &finding.file {
        result["locations"] = json!([located(file, finding)]);
    }
    result
}

fn located(file: &str, finding: &Finding) -> Value {
    // A byte is no column of characters; it is left out.
    let mut location = location(file, finding.line);
    if let Some(field) = &finding.field {
        location["logicalLocations"] = json!([{"fullyQualifiedName": field, "kind": "member"}]);
    }
    location
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
