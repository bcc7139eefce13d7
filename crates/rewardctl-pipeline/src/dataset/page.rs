//! The card of a dataset as one HTML page: no script, no network, readable in light, dark and print.
//!
//! Names come from files, so they are hostile text: every one passes through `escaped`.

use crate::dataset::card::{Section, lead, sections, source_shares};
use crate::dataset::manifest::Manifest;
use crate::dataset::plot::{histogram, shares};
use crate::markup::escaped;

const STYLE: &str = include_str!("page.css");

/// Returns the page.
pub(super) fn page(manifest: &Manifest) -> String {
    let title = format!("Dataset {}", escaped(&manifest.name));
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    let mut page = String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page += &format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n");
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    page += &format!("<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n");
    page += &format!("<p>{}</p>\n", escaped(&lead(manifest)));
    page += &plots(manifest);
    sections(manifest).iter().for_each(|one| page += &section(one));
    page + "</body>\n</html>\n"
}

fn plots(manifest: &Manifest) -> String {
    let figures = &manifest.figures;
    let counted = [
        (&figures.margins, "margin, in units of the reward"),
        (&figures.rewards, "reward of the answers used"),
        (&figures.length_differences, "ln(chosen length / rejected length)"),
    ];
    let mut plots: Vec<String> =
        counted.iter().filter_map(|(found, axis)| Some(histogram(found.as_ref()?, axis))).collect();
    plots.push(shares(&source_shares(figures), "who vouches for the rows"));
    let figures: String = plots.iter().map(|plot| format!("<figure>{plot}</figure>\n")).collect();
    format!("<section>\n<h2>At a glance</h2>\n<div class=\"plots\">\n{figures}</div>\n</section>\n")
}

fn section(section: &Section) -> String {
    let row = |(name, value): &(String, String)| {
        format!("<tr><td>{}</td><td>{}</td></tr>\n", escaped(name), escaped(value))
    };
    let rows: String = section.lines.iter().map(row).collect();
    let table =
        if rows.is_empty() { rows } else { format!("<div class=\"wide\"><table>\n{rows}</table></div>\n") };
    let note = |note: &String| {
        let class = if note.starts_with("Warning") { "warn" } else { "faint" };
        format!("<p class=\"{class}\">{}</p>\n", escaped(note))
    };
    let notes: String = section.notes.iter().map(note).collect();
    format!("<section>\n<h2>{}</h2>\n{table}{notes}</section>\n", section.title)
}
