//! A report as Markdown, for issues, pull requests and terminals: words and tables, without plots.

use std::fmt::Write;

use crate::markup::shown;
use crate::report::document::{Block, Cell, Table};
use crate::report::figures::{Case, ScoreReport};
use crate::report::sections::{headline, lead, sections};

/// Returns the report.
pub fn markdown(report: &ScoreReport) -> String {
    let mut text = format!("# What was scored\n\n{}\n\n", escaped(&lead(report)));
    for (name, value, says) in headline(report) {
        let says = if says.is_empty() { says } else { format!(" ({})", escaped(&says)) };
        let _ = writeln!(text, "- {}: **{}**{says}", escaped(&name), escaped(&value));
    }
    for section in sections(report) {
        let _ = write!(text, "\n## {}\n\n_{}_\n", section.title, escaped(&section.look_for));
        for block in &section.blocks {
            match block {
                Block::Note(note) | Block::Warning(note) => {
                    let _ = write!(text, "\n{}\n", escaped(note));
                }
                Block::Table(table) => text += &rows(table),
                Block::Plots(_) => {}
                Block::Cases(cases) => cases.iter().enumerate().for_each(|one| text += &case(one)),
            }
        }
    }
    text
}

fn rows(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = String::from("\n");
    text += &line(table.header.iter().map(|name| escaped(name)).collect());
    let is_text = |at: usize| table.rows.iter().any(|row| matches!(row.get(at), Some(Cell::Text(_))));
    let marks = (0..table.header.len()).map(|at| if is_text(at) { "---" } else { "---:" }.to_owned());
    text += &line(marks.collect());
    for row in &table.rows {
        text += &line(row.iter().map(|cell| escaped(&cell.said())).collect());
    }
    text
}

fn case((at, case): (usize, &Case)) -> String {
    let named = [&case.place, &case.id, &case.generator].map(|name| escaped(name));
    let named: Vec<String> = named.into_iter().filter(|name| !name.is_empty()).collect();
    let off = case.uncertainty.map_or(String::new(), |sd| format!(" ± {sd:.3}"));
    let mut text = format!("\n### {}. {:.3}{off}: {}\n\n", at + 1, case.reward, named.join(", "));
    let texts = [("Prompt", Some(&case.prompt)), ("Response", case.text.as_ref())];
    for (name, shown) in texts.into_iter().filter_map(|(name, shown)| Some((name, shown?))) {
        if !shown.is_empty() {
            let _ = write!(text, "{name}:\n\n{}\n", quoted(shown));
        }
    }
    text += "\n| critic | dimension | score | weight | says |\n|---|---|---:|---:|---|\n";
    for verdict in &case.verdicts {
        let score = verdict.score.map_or("failed".into(), |score| format!("{score:.2}"));
        let weight = verdict.weight.map_or("–".into(), |weight| format!("{weight:.3}"));
        let [critic, dimension, says] =
            [&verdict.critic, &verdict.dimension, &verdict.rationale].map(|part| escaped(part));
        let _ = writeln!(text, "| {critic} | {dimension} | {score} | {weight} | {says} |");
    }
    text
}

/// Returns untrusted text as a block of code, which nothing in it can end.
fn quoted(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let text: String =
        text.chars().map(|letter| if letter == '\n' { letter } else { shown(letter) }).collect();
    format!("{fence}text\n{text}\n{fence}")
}

/// Returns text on one line, in which nothing is markup.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match shown(letter) {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => {
                safe.push('\\');
                safe.push(letter);
            }
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '&' => safe += "&amp;",
            // Neither links nor mentions that write to people.
            '@' => safe += "&#64;",
            harmless => safe.push(harmless),
        }
    }
    // Nor links that are made of a bare address.
    safe.replace("://", "&#58;//").replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(escaped("a|b\n<img> *x* @me"), "a\\|b &lt;img&gt; \\*x\\* &#64;me");
        assert_eq!(escaped("http://a www.b"), "http&#58;//a www&#46;b");
        assert_eq!(quoted("a ```` b"), "`````text\na ```` b\n`````");
        assert_eq!(quoted("a\u{202e}b\nc"), "```text\na·b\nc\n```");
    }
}
