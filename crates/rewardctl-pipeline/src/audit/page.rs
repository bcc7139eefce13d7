//! The report of an audit as one HTML page: no script, no network, readable in light, dark and print.
//!
//! Names come from files, so they are hostile text: every one passes through `escaped`.

use std::fmt::Write;

use crate::audit::figures::{CriticFigures, CriticsReport, Estimate};
use crate::audit::independence::Basis;
use crate::markup::escaped;

const STYLE: &str = include_str!("page.css");

/// What stands where there is no figure.
const NOTHING: &str = "–";

/// Pixels of a bar.
const WIDTH: f64 = 110.0;
const HEIGHT: f64 = 12.0;

/// What a bar spans, and where it starts.
#[derive(Clone, Copy)]
struct Axis {
    low: f64,
    high: f64,
    zero: f64,
}

/// Shares; the bar starts where chance lies.
const SHARE: Axis = Axis { low: 0.0, high: 1.0, zero: 0.5 };
const CORRELATION: Axis = Axis { low: -1.0, high: 1.0, zero: 0.0 };

/// Returns the report as a page.
pub fn page(report: &CriticsReport) -> String {
    let mut page = String::new();
    let title = format!("Audit of the critics of panel {}", escaped(&report.panel));
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    page += "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
    page += &format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n");
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    page += &format!("<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n");
    page += &introduction(report);
    let (speaking, silent): (Vec<_>, Vec<_>) = report.critics.iter().partition(|critic| critic.scored > 0);
    page += &agreement(report, &speaking);
    page += &favours(&speaking);
    page += &independence(report);
    page += &drift(&speaking);
    page += &not_heard(&silent);
    page + "</body>\n</html>\n"
}

fn introduction(report: &CriticsReport) -> String {
    let mut text = String::new();
    let inputs: Vec<String> = report.inputs.iter().map(|input| escaped(input)).collect();
    let labels = report.labels;
    let counts = format!("{} responses to {} prompts", report.responses, report.items);
    let known = format!("{} pairs with a preferred response, {} ratings", labels.pairs, labels.rated);
    let _ = writeln!(text, "<p>{}<br>{counts}; {known}.</p>", inputs.join("<br>"));
    if labels.unread > 0 {
        let _ =
            writeln!(text, "<p class=\"warn\">The label of {} rows could not be read.</p>", labels.unread);
    }
    text += "<p class=\"faint\">Lines through bars are 95 % confidence intervals; responses to one prompt count as \
             one cluster. A verdict that failed is no score and takes part in no figure.</p>\n";
    text
}

fn agreement(report: &CriticsReport, critics: &[&CriticFigures]) -> String {
    let row = |critic: &&CriticFigures| {
        vec![
            name(critic),
            critic.scored.to_string(),
            critic.abstained.to_string(),
            counted_failures(critic.failed),
            estimate(critic.mean, Axis { zero: 0.0, ..SHARE }),
            estimate(critic.accuracy, SHARE),
            number(critic.ties),
            estimate(critic.spearman, CORRELATION),
            number(critic.kendall),
        ]
    };
    let header = [
        "critic",
        "scored",
        "abstained",
        "failed",
        "mean score",
        "prefers what the labels prefer",
        "ties",
        "Spearman with ratings",
        "τ-b",
    ];
    let text = match report.labels.pairs + report.labels.rated {
        0 => "There are no labels: nothing says whether the critics are right.",
        _ => {
            "Of the labelled pairs, a tie of scores counts as half; 0.5 is chance. Ratings are those of the critic's \
             dimension where there are any, or else overall."
        }
    };
    section("Agreement with labels", text, &table(&header, &critics.iter().map(row).collect::<Vec<_>>()))
}

fn favours(critics: &[&CriticFigures]) -> String {
    let row = |critic: &&CriticFigures| {
        let bias = &critic.bias;
        let position = bias.position;
        let own = match &bias.own_family {
            None => NOTHING.to_owned(),
            Some(own) => {
                let basis = if own.at_equal_label { "" } else { " (without labels)" };
                format!("{} {} on {}{basis}", escaped(&own.family), signed(own.gap), own.own)
            }
        };
        vec![
            name(critic),
            estimate(bias.longer, SHARE),
            estimate(bias.length, CORRELATION),
            estimate(bias.format, CORRELATION),
            estimate(position.map(|position| position.consistent), SHARE),
            estimate(position.map(|position| position.first_slot), SHARE),
            position.map_or(NOTHING.into(), |position| format!("{:+.2}", position.log_odds)),
            own,
        ]
    };
    let header = [
        "critic",
        "prefers the longer",
        "score and length",
        "score and Markdown",
        "same in both orders",
        "first slot wins",
        "log-odds of first",
        "own family less others",
    ];
    let text = "Within prompts, so that a prompt which asks for a long answer does not count. A preference for length \
                is no fault where longer is better: compare it with the critics you trust.";
    section("What they favour", text, &table(&header, &critics.iter().map(row).collect::<Vec<_>>()))
}

fn independence(report: &CriticsReport) -> String {
    let found = &report.independence;
    let (Some(mean), Some(effective)) = (found.mean, found.effective) else {
        return section("Independence", "Too few critics have enough in common to say.", "");
    };
    let basis = match found.basis {
        Basis::Errors => "Their errors on the labelled pairs",
        Basis::Scores => {
            "There are not enough labels, so scores stand for errors and look more alike than these. Their scores"
        }
    };
    let text = format!(
        "{basis} have a mean correlation of {mean:.2}: {} critics are worth about <strong>{effective:.1}</strong> \
         independent ones.",
        found.critics.len()
    );
    let mut header = vec![String::new()];
    header.extend((1..=found.critics.len()).map(|n| n.to_string()));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows = found.critics.iter().zip(&found.matrix).enumerate().map(|(n, (critic, row))| {
        let mut cells = vec![format!("{} {}", n + 1, escaped(critic))];
        cells.extend(row.iter().enumerate().map(|(m, cell)| match (n == m, cell) {
            (true, _) => "·".into(),
            (false, cell) => number(*cell),
        }));
        cells
    });
    let matrix = table(&header, &rows.collect::<Vec<_>>()).replacen("<table>", "<table class=\"matrix\">", 1);
    section("Independence", &text, &matrix)
}

fn drift(critics: &[&CriticFigures]) -> String {
    let row = |critic: &&CriticFigures| {
        let drift = critic.drift?;
        let change = estimate_signed(drift.change);
        Some(vec![name(critic), format!("{:.3}", drift.first), format!("{:.3}", drift.second), change])
    };
    let rows: Vec<Vec<String>> = critics.iter().filter_map(row).collect();
    let text = "Mean scores over the first and the second half of the prompts, in the order of the input. Where all \
                critics move together, the responses changed; where one moves alone, that critic did.";
    section("Drift", text, &table(&["critic", "first half", "second half", "change"], &rows))
}

fn not_heard(critics: &[&CriticFigures]) -> String {
    let row = |critic: &&CriticFigures| {
        vec![name(critic), critic.abstained.to_string(), counted_failures(critic.failed)]
    };
    if critics.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = critics.iter().map(row).collect();
    section(
        "Not heard",
        "Critics that scored nothing here.",
        &table(&["critic", "abstained", "failed"], &rows),
    )
}

fn section(title: &str, text: &str, body: &str) -> String {
    format!("<section>\n<h2>{title}</h2>\n<p>{text}</p>\n<div class=\"wide\">{body}</div>\n</section>\n")
}

/// Returns a table of cells that are HTML already, without the columns that say nothing.
fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let says = |at: &usize| rows.is_empty() || rows.iter().any(|row| row[*at] != NOTHING);
    let shown: Vec<usize> = (0..header.len()).filter(says).collect();
    let line = |kind: &str, cells: &dyn Fn(usize) -> String| {
        let cells = shown.iter().map(|at| format!("<{kind}>{}</{kind}>", cells(*at)));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let head = line("th", &|at| header[at].into());
    let rows = rows.iter().map(|row| line("td", &|at| row[at].clone()));
    format!("<table>\n<thead>{head}</thead>\n<tbody>\n{}</tbody>\n</table>", rows.collect::<String>())
}

fn name(critic: &CriticFigures) -> String {
    let model = critic
        .model
        .as_ref()
        .map_or(String::new(), |model| format!(" <span class=\"faint\">{}</span>", escaped(model)));
    format!("{}{model}", escaped(&critic.critic))
}

fn counted_failures(failed: u64) -> String {
    if failed == 0 { "0".into() } else { format!("<span class=\"warn\">{failed}</span>") }
}

fn number(value: Option<f64>) -> String {
    value.map_or(NOTHING.into(), rounded)
}

/// Returns two digits, and no minus before a zero.
fn rounded(value: f64) -> String {
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".into() } else { text }
}

fn signed(estimate: Estimate) -> String {
    let interval = estimate.interval.map_or(String::new(), |(low, high)| format!(" [{low:+.3}, {high:+.3}]"));
    format!("{:+.3}{interval}", estimate.value)
}

fn estimate_signed(estimate: Estimate) -> String {
    format!("{}{}", signed(estimate), bar(estimate, Axis { low: -0.5, high: 0.5, zero: 0.0 }))
}

fn estimate(estimate: Option<Estimate>, axis: Axis) -> String {
    let Some(estimate) = estimate else { return NOTHING.into() };
    let interval = estimate.interval.map_or(String::new(), |(low, high)| {
        format!(" <span class=\"faint\">[{}, {}]</span>", rounded(low), rounded(high))
    });
    format!("{}{interval}{}", rounded(estimate.value), bar(estimate, axis))
}

/// Draws a bar from the axis' zero to the value, with its interval as a line. The number stands beside it.
fn bar(estimate: Estimate, axis: Axis) -> String {
    let at = |value: f64| {
        let share = (value.clamp(axis.low, axis.high) - axis.low) / (axis.high - axis.low);
        1.0 + share * (WIDTH - 2.0)
    };
    let (zero, end, middle) = (at(axis.zero), at(estimate.value), HEIGHT / 2.0);
    let (left, width) = (zero.min(end), (end - zero).abs());
    let whisker = estimate.interval.map_or(String::new(), |(low, high)| {
        let (low, high) = (at(low), at(high));
        format!("<line class=\"whisker\" x1=\"{low:.1}\" x2=\"{high:.1}\" y1=\"{middle}\" y2=\"{middle}\"/>")
    });
    format!(
        "<svg width=\"{WIDTH}\" height=\"{HEIGHT}\" aria-hidden=\"true\"><rect x=\"{left:.1}\" y=\"2\" \
         width=\"{width:.1}\" height=\"8\"/><line class=\"axis\" x1=\"{zero:.1}\" x2=\"{zero:.1}\" y1=\"0\" \
         y2=\"{HEIGHT}\"/>{whisker}</svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_stays_in_its_box() {
        let wild = Estimate { value: 7.0, interval: Some((-9.0, 9.0)), count: 3 };
        let drawn = bar(wild, SHARE);
        assert!(drawn.contains("x1=\"1.0\" x2=\"109.0\"") && drawn.contains("width=\"54.0\""), "{drawn}");
    }
}
