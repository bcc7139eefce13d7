//! The report as SARIF 2.1.0 (OASIS standard, 2020), which code scanners read.

use std::fmt::Write;

use rewardctl_data::lint::check::{Check, Severity};
use rewardctl_data::lint::finding::Finding;
use rewardctl_data::lint::report::Report;
use serde_json::{Value, json};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Returns the document; its rules are the checks that found something.
pub fn document(report: &Report) -> Value {
    let rules: Vec<Value> = report.groups.iter().map(|group| rule(group.check)).collect();
    let results = report.groups.iter().enumerate();
    let results: Vec<Value> =
        results.flat_map(|(at, group)| group.places.iter().map(move |place| result(at, place))).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "rewardctl",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
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
        result["locations"] = json!([location(file, finding)]);
    }
    result
}

fn location(file: &str, finding: &Finding) -> Value {
    let mut place = json!({"artifactLocation": {"uri": uri(file)}});
    // A byte is no column of characters; it is left out.
    if let Some(line) = finding.line {
        place["region"] = json!({"startLine": line});
    }
    let mut location = json!({"physicalLocation": place});
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

/// Returns the path as a reference of RFC 3986.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("a/b c.jsonl"), "a/b%20c.jsonl");
        assert_eq!(uri("/tmp/x#1"), "file:///tmp/x%231");
        assert_eq!(uri("c:é"), "c%3A%C3%A9");
    }
}
