//! The columns of a scored row where rows are flat or typed: CSV and Parquet.

use std::io;

use crate::parquet_write::{Column, Kind};
use crate::row_file::{decimal, write_json};
use crate::score_writer::ScoreColumns;
use crate::scored::ScoredRow;

const UNCERTAINTY: [&str; 5] = ["total", "between_critics", "within_critic", "coverage", "parameters"];
const FITTED: [&str; 5] = ["utility", "utility_length_controlled", "distance", "rating_low", "rating_high"];
const VERSIONS: [&str; 5] = ["rewardctl", "panel", "aggregator", "encoder", "heads"];
/// What a spreadsheet takes for the start of a formula.
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Returns the header of a CSV file.
pub(crate) fn header(columns: &ScoreColumns) -> Vec<String> {
    let mut names: Vec<String> = FIRST.map(String::from).into();
    names.extend(columns.dimensions.iter().map(|name| format!("dimensions.{name}")));
    names.extend(UNCERTAINTY.map(|part| format!("uncertainty.{part}")));
    names.extend(FITTED.map(String::from));
    names.extend(["route", "route_reason", "verdicts"].map(String::from));
    names.extend(VERSIONS.map(|part| format!("versions.{part}")));
    names.extend(columns.fields.iter().map(|name| format!("fields.{name}")));
    if columns.with_text {
        names.extend(["prompt", "response"].map(String::from));
    }
    names
}

const FIRST: [&str; 10] = [
    "id",
    "source",
    "row",
    "response_index",
    "role",
    "item_id",
    "response_id",
    "generator",
    "reward",
    "no_reward",
];

/// Returns the cells of a row, in the order of the header.
pub(crate) fn cells(row: &ScoredRow<'_>, columns: &ScoreColumns) -> io::Result<Vec<String>> {
    let optional = |text: Option<&str>| safe(text.unwrap_or(""));
    let number =
        |value: Option<f64>| value.filter(|value| value.is_finite()).map(decimal).unwrap_or_default();
    let mut cells = vec![
        optional(row.id),
        safe(row.source),
        row.row.to_string(),
        row.response_index.to_string(),
        optional(row.role),
        safe(&row.item_id),
        safe(&row.response_id),
        optional(row.generator),
        number(row.reward),
        optional(row.no_reward),
    ];
    for name in &columns.dimensions {
        let score = row.dimensions.iter().find(|(dimension, _)| *dimension == name.as_str());
        cells.push(number(score.and_then(|(_, score)| *score)));
    }
    let parts =
        row.uncertainty.map(|u| [u.total, u.between_critics, u.within_critic, u.coverage, u.parameters]);
    cells.extend((0..UNCERTAINTY.len()).map(|at| number(parts.map(|parts| parts[at]))));
    let fitted = [row.utility, row.utility_length_controlled, row.distance, row.rating_low, row.rating_high];
    cells.extend(fitted.map(number));
    let mut verdicts = vec![];
    write_json(&mut verdicts, &row.verdicts)?;
    cells.extend([safe(row.route), safe(&row.route_reason)]);
    cells.push(String::from_utf8_lossy(&verdicts).into_owned());
    let versions = row.versions;
    cells.extend([&versions.rewardctl, &versions.panel, &versions.aggregator].map(|text| safe(text)));
    cells.extend([&versions.encoder, &versions.heads].map(|text| optional(text.as_deref())));
    cells.extend(row.fields.iter().map(|(_, text)| safe(text)));
    if columns.with_text {
        cells.extend([row.prompt.as_deref(), row.response].map(optional));
    }
    Ok(cells)
}

/// Returns the columns of a Parquet file: those of JSON, with their types.
pub(crate) fn parquet_columns(columns: &ScoreColumns) -> Vec<Column> {
    let fields = |names: &[&str], kind: Kind| {
        Kind::Object(names.iter().map(|name| Column::new(*name, kind.clone())).collect())
    };
    let mut all: Vec<Column> = FIRST
        .map(|name| match name {
            "row" | "response_index" => Column::new(name, Kind::Int),
            "reward" => Column::new(name, Kind::Float),
            _ => Column::new(name, Kind::Text),
        })
        .into();
    let dimensions: Vec<&str> = columns.dimensions.iter().map(String::as_str).collect();
    all.push(Column::new("dimensions", fields(&dimensions, Kind::Float)));
    all.push(Column::new("uncertainty", fields(&UNCERTAINTY, Kind::Float)));
    all.extend(FITTED.map(|name| Column::new(name, Kind::Float)));
    all.extend(["route", "route_reason"].map(|name| Column::new(name, Kind::Text)));
    all.push(Column::new("verdicts", Kind::List(Box::new(verdict()))));
    all.push(Column::new("versions", fields(&VERSIONS, Kind::Text)));
    if !columns.fields.is_empty() {
        let names: Vec<&str> = columns.fields.iter().map(String::as_str).collect();
        all.push(Column::new("fields", fields(&names, Kind::Text)));
    }
    if columns.with_text {
        all.extend(["prompt", "response"].map(|name| Column::new(name, Kind::Text)));
    }
    all
}

fn verdict() -> Kind {
    let text = ["critic", "dimension", "outcome"].map(|name| Column::new(name, Kind::Text));
    let numbers = ["score", "variance", "weight"].map(|name| Column::new(name, Kind::Float));
    let spans = Kind::List(Box::new(Kind::List(Box::new(Kind::Int))));
    let rest = [
        Column::new("rationale", Kind::Text),
        Column::new("spans", spans),
        Column::new("flagged", Kind::Bool),
        Column::new("method", Kind::Text),
        Column::new("calls", Kind::List(Box::new(Kind::Text))),
    ];
    Kind::Object(text.into_iter().chain(numbers).chain(rest).collect())
}

fn safe(text: &str) -> String {
    if text.starts_with(FORMULA_STARTS) { format!("'{text}") } else { text.into() }
}
