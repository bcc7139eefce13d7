//! A report as headings, sentences, tables, plots and cases: written once, rendered as a page and as Markdown.
//!
//! Every text is plain; who renders it escapes it.

use crate::report::figures::Case;

/// A heading with what stands below it.
#[derive(Debug, Clone)]
pub(super) struct Section {
    /// Its name in the page.
    pub anchor: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What to look for, in a sentence.
    pub look_for: String,
    /// What stands below.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone)]
pub(super) enum Block {
    /// A sentence.
    Note(String),
    /// A sentence that casts doubt.
    Warning(String),
    /// A table.
    Table(Table),
    /// Plots beside each other, each with its caption. The SVG is text of a page already.
    Plots(Vec<(String, String)>),
    /// Responses with what critics say of them.
    Cases(Vec<Case>),
}

/// A table; the first column is text.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// The names of the columns.
    pub header: Vec<String>,
    /// The rows, as long as the header.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// A text.
    Text(String),
    /// A number.
    Number(String),
    /// A number that casts doubt.
    Doubt(String),
    /// A number from 0 to 1 on a scale of shades.
    Heat(f64),
    /// A share from 0 to 1 as a bar, with its number.
    Bar(f64, String),
}

impl Cell {
    /// Returns what the cell says.
    pub(super) fn said(&self) -> String {
        match self {
            Self::Text(text) | Self::Number(text) | Self::Doubt(text) | Self::Bar(_, text) => text.clone(),
            Self::Heat(value) => format!("{value:.2}"),
        }
    }
}

/// What stands where there is no figure.
pub(super) const NOTHING: &str = "–";

/// Returns a cell of a number, or of nothing.
pub(super) fn cell<T>(value: Option<T>, say: impl Fn(T) -> String) -> Cell {
    Cell::Number(value.map_or(NOTHING.into(), say))
}
