//! A report as one HTML page: no script, no network, readable in light, dark and print, and on a phone.
//!
//! Texts and names come from files, so they are hostile: every one passes through `escaped`.

use crate::chart;
use crate::markup::{escaped, prose};
use crate::report::document::{Block, Cell, Section, Table};
use crate::report::figures::{Case, CaseVerdict, ScoreReport};
use crate::report::sections::{headline, lead, sections};

const STYLE: &str = include_str!("../page.css");

/// The least difference that the whole scale of shades spans: small differences look small.
const LEAST_SCALE: f64 = 0.2;

/// Returns the page.
pub fn page(report: &ScoreReport) -> String {
    let sections = sections(report);
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
    let mut page = String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page += &format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n");
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    page += "<meta name=\"color-scheme\" content=\"light dark\">\n<title>What was scored</title>\n";
    page += &format!("<style>\n{STYLE}{}</style>\n</head>\n<body>\n<header>\n", chart::STYLE);
    page += &format!("<h1>What was scored</h1>\n<p class=\"lead\">{}</p>\n", escaped(&lead(report)));
    page += &tiles(report);
    page += &contents(&sections);
    page += "</header>\n<main>\n";
    sections.iter().for_each(|one| page += &section(one));
    page + "</main>\n<footer>Written by rewardctl. Intervals are 95 % confidence intervals; responses to one prompt count as one \
            cluster, except in trends of runs and curves of pairs.</footer>\n</body>\n</html>\n"
}

fn tiles(report: &ScoreReport) -> String {
    let tile = |(name, value, says): &(String, String, String)| {
        let says = if says.is_empty() { String::new() } else { format!("<span>{}</span>", escaped(says)) };
        format!("<li><span>{}</span><strong>{}</strong>{says}</li>\n", escaped(name), escaped(value))
    };
    let tiles: String = headline(report).iter().map(tile).collect();
    format!("<ul class=\"tiles\">\n{tiles}</ul>\n")
}

fn contents(sections: &[Section]) -> String {
    let link = |one: &Section| format!("<a href=\"#{}\">{}</a>\n", one.anchor, escaped(one.title));
    format!("<nav aria-label=\"Sections\">\n{}</nav>\n", sections.iter().map(link).collect::<String>())
}

fn section(section: &Section) -> String {
    let blocks: String = section.blocks.iter().map(block).collect();
    format!(
        "<section id=\"{}\">\n<h2>{}</h2>\n<p class=\"look\">{}</p>\n{blocks}</section>\n",
        section.anchor,
        escaped(section.title),
        escaped(&section.look_for)
    )
}

fn block(block: &Block) -> String {
    match block {
        Block::Note(note) => format!("<p>{}</p>\n", prose(note)),
        Block::Warning(note) => format!("<p class=\"warn\">{}</p>\n", prose(note)),
        Block::Table(table) => rows(table),
        Block::Plots(plots) => {
            let figure = |(caption, svg): &(String, String)| {
                format!("<figure>\n<figcaption>{}</figcaption>\n{svg}</figure>\n", escaped(caption))
            };
            format!("<div class=\"plots\">\n{}</div>\n", plots.iter().map(figure).collect::<String>())
        }
        Block::Cases(cases) => cases.iter().map(case).collect(),
    }
}

fn rows(table: &Table) -> String {
    let is_text = |at: usize| table.rows.iter().any(|row| matches!(row.get(at), Some(Cell::Text(_))));
    let head = table.header.iter().enumerate().map(|(at, name)| {
        let class = if is_text(at) { " class=\"text\"" } else { "" };
        format!("<th scope=\"col\"{class}>{}</th>", escaped(name))
    });
    let head: String = head.collect();
    let scale = scale(table);
    let line = |row: &Vec<Cell>| {
        let cells: String = row.iter().map(|one| cell(one, scale)).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let body: String = table.rows.iter().map(line).collect();
    format!(
        "<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n"
    )
}

fn cell(cell: &Cell, (low, high): (f64, f64)) -> String {
    let said = escaped(&cell.said());
    match cell {
        Cell::Text(_) => format!("<td class=\"text\">{said}</td>"),
        Cell::Number(_) => format!("<td>{said}</td>"),
        Cell::Doubt(_) => format!("<td class=\"warn\">{said}</td>"),
        Cell::Heat(value) => {
            format!("<td class=\"heat\" style=\"--v:{:.2}\">{said}</td>", (value - low) / (high - low))
        }
        Cell::Bar(part, _) => format!(
            "<td class=\"bar\"><span class=\"meter\" style=\"--v:{:.3}\"></span>{said}</td>",
            part.clamp(0.0, 1.0)
        ),
    }
}

/// Returns what the shades of a table span.
fn scale(table: &Table) -> (f64, f64) {
    let shades = table.rows.iter().flatten().filter_map(|cell| match cell {
        Cell::Heat(value) => Some(*value),
        _ => None,
    });
    let (low, high) = shades.fold((1.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let missing = (LEAST_SCALE - (high - low)).max(0.0) / 2.0;
    (low - missing, high + missing)
}

fn case(case: &Case) -> String {
    let off = case.uncertainty.map_or(String::new(), |sd| format!(" <span>± {sd:.3}</span>"));
    let mut named: Vec<String> = vec![];
    let names = [("", &case.place), ("id ", &case.id), ("by ", &case.generator)];
    let names = names.iter().filter(|(_, name)| !name.is_empty());
    named.extend(names.map(|(what, name)| format!("{what}{}", escaped(name))));
    if case.disagreement > 0.0 {
        named.push(format!("critics {:.3} apart", case.disagreement));
    }
    if !case.route.is_empty() {
        named.push(format!("to a person: {}", escaped(&case.route)));
    }
    let score = |(name, score): &(String, Option<f64>)| {
        let score = score.map_or("–".into(), |score| format!("{score:.2}"));
        format!("<li>{} <b>{score}</b></li>", escaped(name))
    };
    let dimensions: String = case.dimensions.iter().map(score).collect();
    format!(
        "<article>\n<h3>{:.3}{off}</h3>\n<p class=\"meta\">{}</p>\n<ul class=\"scores\">{dimensions}</ul>\n<div \
         class=\"sides\">\n<div>{}</div>\n<div>{}</div>\n</div>\n</article>\n",
        case.reward,
        named.join(" · "),
        texts(case),
        verdicts(case)
    )
}

fn texts(case: &Case) -> String {
    let text = |name: &str, text: &str| {
        let lines: Vec<String> = text.lines().map(escaped).collect();
        format!("<h4>{name}</h4>\n<blockquote dir=\"auto\">{}</blockquote>\n", lines.join("\n"))
    };
    let prompt = if case.prompt.is_empty() { String::new() } else { text("Prompt", &case.prompt) };
    match &case.text {
        Some(response) if response.trim().is_empty() => {
            prompt + "<h4>Response</h4>\n<p class=\"faint\">empty</p>\n"
        }
        Some(response) => prompt + &text("Response", response),
        None => {
            prompt
                + "<p class=\"faint\">The row carries no text: <code>rewardctl score --with-text</code> writes it.</p>\n"
        }
    }
}

fn verdicts(case: &Case) -> String {
    let body: String = case.verdicts.iter().map(verdict).collect();
    let mut unshown = vec![];
    if case.unshown > 0 {
        unshown.push(format!("{} more scored with little weight", case.unshown));
    }
    if case.abstained > 0 {
        unshown.push(format!("{} had nothing to judge", case.abstained));
    }
    let unshown = match unshown.is_empty() {
        true => String::new(),
        false => format!("<p class=\"faint\">{}.</p>\n", unshown.join(", ")),
    };
    format!("<h4>Verdicts</h4>\n<ul class=\"verdicts\">\n{body}</ul>\n{unshown}")
}

fn verdict(verdict: &CaseVerdict) -> String {
    let score = match verdict.score {
        Some(score) => format!("<span class=\"track\" style=\"--v:{score:.3}\"></span><b>{score:.2}</b>"),
        None => "<span class=\"warn\">failed</span>".into(),
    };
    let weight = verdict.weight.map_or(String::new(), |weight| format!(", weight {weight:.3}"));
    let flag = if verdict.flagged { " <span class=\"warn\">asks for a person</span>" } else { "" };
    format!(
        "<li><span class=\"who\">{}{flag}<span class=\"faint\"> {}{weight}</span></span><span \
         class=\"score\">{score}</span><span class=\"says\" dir=\"auto\">{}</span></li>\n",
        escaped(&verdict.critic),
        escaped(&verdict.dimension),
        escaped(&verdict.rationale)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_span_what_is_there_and_never_too_little() {
        let table = |values: &[f64]| Table {
            header: vec![],
            rows: vec![values.iter().map(|value| Cell::Heat(*value)).collect()],
        };
        assert_eq!(scale(&table(&[0.1, 0.9])), (0.1, 0.9));
        let (low, high) = scale(&table(&[0.5, 0.52]));
        assert!((high - low - LEAST_SCALE).abs() < 1e-12 && low < 0.5, "{low} {high}");
    }
}
