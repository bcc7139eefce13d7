//! A gate as Markdown, for comments on changes and summaries of jobs.

use rewardctl_core::gate::Ruling;
use rewardctl_pipeline::gate::report::{CheckReport, GateReport};
use rewardctl_pipeline::markup::{markdown, markdown_prose};

use crate::report::gate::{line, sum, word};
use crate::show::printable;

/// Characters of a cell.
const WIDTH: usize = 120;

/// Returns the summary.
pub fn document(report: &GateReport) -> String {
    let mut lines = vec![
        format!("### rewardctl gate: {}", word(report.ruling)),
        String::new(),
        cell(&sum(report)),
        String::new(),
    ];
    lines.push("| | check | found | bounds | asked for | prompts | missing |".into());
    lines.push("|---|---|---:|---|---:|---:|---:|".into());
    lines.extend(report.checks.iter().map(row));
    for check in report.checks.iter().filter(|check| check.ruling != Ruling::Pass) {
        lines.extend([String::new(), format!("**{}**: {}", cell(&check.title()), sentence(&check.why))]);
        if !check.places.is_empty() {
            lines.push(String::new());
        }
        lines.extend(check.places.iter().map(|place| format!("- {}", cell(&line(place)))));
    }
    if !report.warnings.is_empty() {
        lines.push(String::new());
    }
    lines.extend(report.warnings.iter().map(|warning| format!("> warning: {}  ", sentence(warning))));
    lines.join("\n") + "\n"
}

fn row(check: &CheckReport) -> String {
    let number = |value: Option<f64>| value.map_or("–".into(), |value| format!("{value:.3}"));
    let bounds = check.bounds.map_or("–".into(), |(low, high)| format!("{low:.3} to {high:.3}"));
    let sign = match check.ruling {
        Ruling::Pass => "✅",
        Ruling::Fail => "❌",
        Ruling::NotEnoughEvidence => "❔",
    };
    format!(
        "| {sign} {} | {} | {} | {bounds} | {} | {} | {} |",
        super::ruled(check),
        cell(&check.title()),
        number(check.estimate),
        super::asked_for(check),
        check.counts.prompts,
        super::missing(check)
    )
}

/// Returns untrusted text as text of Markdown on one line: no markup, no links, no mentions.
pub fn cell(text: &str) -> String {
    markdown(&printable(text, 4 * WIDTH))
}

/// Returns a sentence with untrusted names as text of Markdown on one line; what stands in backticks is code.
pub fn sentence(text: &str) -> String {
    markdown_prose(&printable(text, 8 * WIDTH))
}
