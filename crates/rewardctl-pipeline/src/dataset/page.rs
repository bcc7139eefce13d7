//! The card of a dataset as one HTML page: no script, no network, readable in light, dark and print.
//!
//! Names come from files, so they are hostile text: every one passes through `escaped`.

use crate::chart::{self, Bars, bars, shares};
use crate::dataset::card::{Section, headline, lead, sections, source_shares};
use crate::dataset::figures::Histogram;
use crate::dataset::manifest::Manifest;
use crate::markup::{escaped, prose};

const STYLE: &str = include_str!("../page.css");

/// Pixels of a plot.
const SIZE: (u32, u32) = (340, 190);

/// Returns the page.
pub(super) fn page(manifest: &Manifest) -> String {
    let title = format!("Dataset {}", escaped(&manifest.name));
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    let mut page = String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page += &format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n");
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    page += &format!("<title>{title}</title>\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n", chart::STYLE);
    page += &format!("<h1>{title}</h1>\n<p class=\"lead\">{}</p>\n", escaped(&lead(manifest)));
    page += &tiles(manifest);
    page += &plots(manifest);
    sections(manifest).iter().for_each(|one| page += &section(one));
    page + "</body>\n</html>\n"
}

fn tiles(manifest: &Manifest) -> String {
    let tile = |(name, value, says): &(&str, String, String)| {
        format!(
            "<li><span>{name}</span><strong>{}</strong><span>{}</span></li>\n",
            escaped(value),
            escaped(says)
        )
    };
    format!("<ul class=\"tiles\">\n{}</ul>\n", headline(manifest).iter().map(tile).collect::<String>())
}

fn plots(manifest: &Manifest) -> String {
    let figures = &manifest.figures;
    let counted = [
        (
            &figures.margins,
            "Margins: near zero, the models hardly tell the two answers apart",
            "margin of two rewards",
        ),
        (&figures.rewards, "Rewards of the answers used", "reward"),
        (
            &figures.length_differences,
            "Lengths: to the right of zero, the better answer is the longer one",
            "ln(chosen length / rejected length)",
        ),
    ];
    let drawn = |(found, caption, axis): (&Option<Histogram>, &str, &str)| {
        let found = found.as_ref()?;
        let drawn = Bars { span: (found.low, found.high), counts: &found.counts, axis };
        Some(figure(caption, &bars(SIZE, axis, &drawn)))
    };
    let mut plots: String = counted.into_iter().filter_map(drawn).collect();
    plots += &figure("Sources: who vouches for the rows", &shares(480, "sources", &source_shares(figures)));
    format!("<section>\n<h2>At a glance</h2>\n<div class=\"plots\">\n{plots}</div>\n</section>\n")
}

fn figure(caption: &str, svg: &str) -> String {
    format!("<figure>\n<figcaption>{caption}</figcaption>\n{svg}</figure>\n")
}

fn section(section: &Section) -> String {
    let row = |(name, value): &(String, String)| {
        format!(
            "<tr><td class=\"text\">{}</td><td class=\"text\">{}</td></tr>\n",
            escaped(name),
            escaped(value)
        )
    };
    let rows: String = section.lines.iter().map(row).collect();
    let table =
        if rows.is_empty() { rows } else { format!("<div class=\"wide\"><table>\n{rows}</table></div>\n") };
    let note = |note: &String| {
        let class = if note.starts_with("Warning") { "warn" } else { "faint" };
        format!("<p class=\"{class}\">{}</p>\n", prose(note))
    };
    let notes: String = section.notes.iter().map(note).collect();
    format!("<section>\n<h2>{}</h2>\n{table}{notes}</section>\n", section.title)
}
