//! A gate as JUnit XML, which CI systems show: a suite for each rule, a case for each check. What has not enough evidence is
//! an error, so that no reader takes it for passed.

use std::fmt::Write;

use rewardctl_core::gate::Ruling;
use rewardctl_pipeline::gate::report::{CheckReport, GateReport};

use crate::report::gate::line;
use rewardctl_core::hidden::is_hidden;

/// Returns the document.
pub fn document(report: &GateReport) -> String {
    let mut rules: Vec<&str> = vec![];
    for check in &report.checks {
        if !rules.contains(&check.rule.as_str()) {
            rules.push(&check.rule);
        }
    }
    let all: Vec<&CheckReport> = report.checks.iter().collect();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string cannot fail.
    let _ = writeln!(text, "<testsuites name=\"rewardctl gate\" {}>", totals(&all));
    for rule in rules {
        let checks: Vec<&CheckReport> = report.checks.iter().filter(|check| check.rule == rule).collect();
        let _ = writeln!(text, "  <testsuite name=\"{}\" {}>", escaped(rule), totals(&checks));
        checks.iter().for_each(|check| text.push_str(&case(check)));
        text.push_str("  </testsuite>\n");
    }
    if report.checks.is_empty() {
        text.push_str("  <testsuite name=\"gate\" tests=\"1\" failures=\"0\" errors=\"1\">\n    <testcase name=\"gate\" classname=\"rewardctl.gate\"><error message=\"there was nothing to check\"/></testcase>\n  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn totals(checks: &[&CheckReport]) -> String {
    let count = |ruling| checks.iter().filter(|check| check.ruling == ruling).count();
    let (failures, errors) = (count(Ruling::Fail), count(Ruling::NotEnoughEvidence));
    format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\"", checks.len())
}

fn case(check: &CheckReport) -> String {
    let mut text = String::new();
    let name = escaped(&check.title());
    let class = escaped(&check.rule);
    let _ = write!(text, "    <testcase name=\"{name}\" classname=\"rewardctl.gate.{class}\">");
    let element = match check.ruling {
        Ruling::Pass => None,
        Ruling::Fail => Some(("failure", "threshold")),
        Ruling::NotEnoughEvidence => Some(("error", "not_enough_evidence")),
    };
    if let Some((element, kind)) = element {
        let places: Vec<String> = check.places.iter().map(line).collect();
        let _ = write!(
            text,
            "\n      <{element} type=\"{kind}\" message=\"{}\">{}</{element}>\n    ",
            escaped(&check.why),
            escaped(&places.join("\n"))
        );
    }
    text.push_str("</testcase>\n");
    text
}

/// Returns text as an attribute or a text of XML 1.0 holds it: what XML has no character for is shown as `·`.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\'' => safe += "&apos;",
            '\n' => safe += "&#10;",
            '\u{fffe}' | '\u{ffff}' => safe.push('·'),
            other => safe.push(if is_hidden(other) { '·' } else { other }),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_become_markup() {
        assert_eq!(escaped("<a b=\"c\">&'\u{1b}\u{ffff}\n"), "&lt;a b=&quot;c&quot;&gt;&amp;&apos;··&#10;");
    }
}
