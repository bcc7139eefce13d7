//! A report as Markdown, for issues, pull requests and terminals: words and tables, without plots.

use std::fmt::Write;

use crate::markup::{self, markdown_prose, shown};
use crate::report::document::{Block, Cell, Table};
use crate::report::figures::{Case, ScoreReport};
use crate::report::sections::{headline, lead, sections};

/// Returns the report.
pub fn markdown(report: &ScoreReport) -> String {
    let mut text = format!("# What was scored\n\n{}\n\n", markup::markdown(&lead(report)));
    for (name, value, says) in headline(report) {
        let says = if says.is_empty() { says } else { format!(" ({})", markup::markdown(&says)) };
        let _ = writeln!(text, "- {}: **{}**{says}", markup::markdown(&name), markup::markdown(&value));
    }
    for section in sections(report) {
        let _ = write!(text, "\n## {}\n\n_{}_\n", section.title, markup::markdown(&section.look_for));
        for block in &section.blocks {
            match block {
                Block::Note(note) | Block::Warning(note) => {
                    let _ = write!(text, "\n{}\n", markdown_prose(note));
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
    text += &line(table.header.iter().map(|name| markup::markdown(name)).collect());
    let is_text = |at: usize| table.rows.iter().any(|row| matches!(row.get(at), Some(Cell::Text(_))));
    let marks = (0..table.header.len()).map(|at| if is_text(at) { "---" } else { "---:" }.to_owned());
    text += &line(marks.collect());
    for row in &table.rows {
        text += &line(row.iter().map(|cell| markup::markdown(&cell.said())).collect());
    }
    text
}

fn case((at, case): (usize, &Case)) -> String {
    let named = [&case.place, &case.id, &case.generator].map(|name| markup::markdown(name));
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
            [&verdict.critic, &verdict.dimension, &verdict.rationale].map(|part| markup::markdown(part));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_block_of_code() {
        assert_eq!(quoted("a ```` b"), "`````text\na ```` b\n`````");
        assert_eq!(quoted("a\u{202e}b\nc"), "```text\na·b\nc\n```");
    }
}
