//! Labels of annotators, one a row: who gave which item which label. From any file of rows, or a label file of ours.

use std::fmt;
use std::path::Path;

use rewardctl_core::label::Winner;
use serde_json::Value;

use crate::chat::wrong_kind;
use crate::error::Error;
use crate::fields::ReadSettings;
use crate::format::Format;
use crate::json::{Fields, get};
use crate::label_fields::label_of;
use crate::labels::{LabelRow, Said, Target};
use crate::records::{Record, Records};
use crate::row_error::{Fault, RowError, RowProblem};
use crate::source::Source;

const ITEMS: [&str; 7] = ["item", "item_id", "task", "task_id", "example", "example_id", "question"];
const ANNOTATORS: [&str; 8] =
    ["annotator", "annotator_id", "worker", "worker_id", "rater", "rater_id", "user", "coder"];
const LABELS: [&str; 7] = ["label", "value", "score", "rating", "answer", "category", "vote"];
const GOLDS: [&str; 5] = ["gold", "gold_label", "truth", "true_label", "ground_truth"];
const DIMENSIONS: [&str; 4] = ["dimension", "dim", "aspect", "criterion"];

/// The kinds of a label file of ours, by which it is known.
const KINDS: [&str; 3] = ["rate", "compare", "correct"];

/// Rows that may pass before one can be read.
const ROWS_LOOKED_AT: usize = 100;

/// The names of the fields, where the user gives them; a dotted path reaches into objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnnotatorFields {
    /// Holds the name of the item.
    pub item: Option<String>,
    /// Holds the name of who labelled it.
    pub annotator: Option<String>,
    /// Holds the label.
    pub label: Option<String>,
    /// Holds the label that is known to be right.
    pub gold: Option<String>,
    /// Holds the dimension that the label is about.
    pub dimension: Option<String>,
    /// Holds a model's probability of each label, as an object.
    pub probabilities: Option<String>,
}

/// A label as a file gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Category {
    /// The label as a text.
    pub text: String,
    /// The label as a finite number, where the file has a number: in JSON not a text, in CSV whatever reads as one.
    pub number: Option<f64>,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnotatorRow {
    /// The item.
    pub item: String,
    /// Who labelled it.
    pub annotator: String,
    /// The label; None where the row has the field empty.
    pub label: Option<Category>,
    /// The label that is known to be right.
    pub gold: Option<Category>,
    /// What the label is about; None where the row does not say.
    pub dimension: Option<String>,
    /// A model's probability of each label, by its text; empty where the row has none.
    pub probabilities: Vec<(String, f64)>,
}

/// The rows of a file, one after the other, each with its line.
pub struct AnnotatorRows {
    label: String,
    layout: Layout,
    records: Option<Records>,
}

/// Which fields are used.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Layout {
    /// Rows with these names.
    Rows(Names),
    /// A label file of ours.
    Labels,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Names {
    item: String,
    annotator: String,
    label: String,
    golds: Vec<String>,
    dimensions: Vec<String>,
    probabilities: String,
    /// Whether cells of text may be numbers.
    has_cells: bool,
}

/// Opens a file, which errors call `label`, and finds out which of its fields mean what.
pub fn read_annotators(path: &Path, label: &str, fields: &AnnotatorFields) -> Result<AnnotatorRows, Error> {
    let source = Source::open(path, label, &ReadSettings::default())?;
    let layout = find_layout(&source, fields)?;
    Ok(AnnotatorRows { label: label.into(), layout, records: Some(source.records()?) })
}

impl AnnotatorRows {
    /// Returns what the rows were found to be, in one line.
    pub fn describe(&self) -> String {
        match &self.layout {
            Layout::Labels => format!("{}: a label file", self.label),
            Layout::Rows(names) => {
                format!(
                    "{}: item in `{}`, annotator in `{}`, label in `{}`",
                    self.label, names.item, names.annotator, names.label
                )
            }
        }
    }
}

impl Iterator for AnnotatorRows {
    /// None in place of a row that holds no label of a kind that can be compared: a correction.
    type Item = Result<(u64, Option<AnnotatorRow>), RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let error = match self.records.as_mut()?.next()? {
            Ok(Record { line, fields }) => match self.layout.row(fields) {
                Ok(row) => return Some(Ok((line, row))),
                Err(fault) => fault.at(&self.label, line),
            },
            Err(bad) => bad.fault.at(&self.label, bad.line),
        };
        if error.ends_file() {
            self.records = None;
        }
        Some(Err(error))
    }
}

impl fmt::Debug for AnnotatorRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnnotatorRows").field("label", &self.label).finish_non_exhaustive()
    }
}

fn find_layout(source: &Source, fields: &AnnotatorFields) -> Result<Layout, Error> {
    let path = source.label.clone();
    let mut first_bad = None;
    for record in source.records()?.take(ROWS_LOOKED_AT) {
        match record {
            Ok(record) => return Layout::detect(source, fields, &record),
            Err(bad) => {
                let error = bad.fault.at(&path.display().to_string(), bad.line);
                first_bad.get_or_insert(error);
            }
        }
    }
    Err(match first_bad {
        Some(bad) => Error::NoReadableRow { path, source: Box::new(bad) },
        None => Error::NoRow { path },
    })
}

impl Layout {
    fn detect(source: &Source, given: &AnnotatorFields, first: &Record) -> Result<Self, Error> {
        let is_ours =
            first.fields.get("kind").and_then(Value::as_str).is_some_and(|kind| KINDS.contains(&kind));
        if is_ours && *given == AnnotatorFields::default() {
            return Ok(Layout::Labels);
        }
        let find = |given: &Option<String>, known: &[&str]| {
            let names: Vec<&str> = given.as_deref().map_or(known.to_vec(), |name| vec![name]);
            let found = names.iter().find(|name| get(&first.fields, name).is_some());
            found.map(|name| name.to_string()).ok_or_else(|| Error::NoField {
                path: source.label.clone(),
                line: first.line,
                field: names[0].into(),
                fields: first.fields.keys().cloned().collect(),
            })
        };
        let optional = |given: &Option<String>, known: &[&str]| -> Vec<String> {
            given
                .as_ref()
                .map_or(known.iter().map(|name| name.to_string()).collect(), |name| vec![name.clone()])
        };
        Ok(Layout::Rows(Names {
            item: find(&given.item, &ITEMS)?,
            annotator: find(&given.annotator, &ANNOTATORS)?,
            label: find(&given.label, &LABELS)?,
            golds: optional(&given.gold, &GOLDS),
            dimensions: optional(&given.dimension, &DIMENSIONS),
            probabilities: given.probabilities.clone().unwrap_or("probabilities".into()),
            has_cells: matches!(source.format, Format::Csv | Format::Tsv),
        }))
    }

    fn row(&self, fields: Fields) -> Result<Option<AnnotatorRow>, Fault> {
        match self {
            Layout::Rows(names) => names.row(&fields).map(Some),
            Layout::Labels => label_of(fields).map(of_label),
        }
    }
}

impl Names {
    fn row(&self, fields: &Fields) -> Result<AnnotatorRow, Fault> {
        let category = |name: &String| self.category(fields, name);
        let gold = self.golds.iter().map(category).find(|one| !matches!(one, Ok(None)));
        let dimension = self.dimensions.iter().map(category).find(|one| !matches!(one, Ok(None)));
        let name = |field: &String| -> Result<String, Fault> {
            let found = category(field)?.ok_or_else(|| Fault::of_field(field, RowProblem::Missing))?;
            Ok(found.text)
        };
        if get(fields, &self.label).is_none() {
            return Err(Fault::of_field(&self.label, RowProblem::Missing));
        }
        Ok(AnnotatorRow {
            item: name(&self.item)?,
            annotator: name(&self.annotator)?,
            label: category(&self.label)?,
            gold: gold.transpose()?.flatten(),
            dimension: dimension.transpose()?.flatten().map(|dimension| dimension.text),
            probabilities: self.probabilities(fields)?,
        })
    }

    /// Reads a text, a number or a truth value; an empty one is none.
    fn category(&self, fields: &Fields, field: &str) -> Result<Option<Category>, Fault> {
        let text_of = |text: &str| Some(Category { text: text.into(), number: None });
        Ok(match get(fields, field) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(truth)) => text_of(&truth.to_string()),
            Some(Value::Number(number)) => {
                Some(Category { text: number.to_string(), number: number.as_f64().filter(|n| n.is_finite()) })
            }
            Some(Value::String(text)) if text.trim().is_empty() => None,
            Some(Value::String(text)) if !self.has_cells => text_of(text),
            Some(Value::String(text)) => match text.trim().parse::<f64>() {
                // What a table without a value is written with.
                Ok(number) if number.is_nan() => None,
                Ok(number) if number.is_finite() => {
                    Some(Category { text: text.clone(), number: Some(number) })
                }
                _ => text_of(text),
            },
            Some(other) => return Err(wrong_kind(field, "text, a number, true or false", other)),
        })
    }

    fn probabilities(&self, fields: &Fields) -> Result<Vec<(String, f64)>, Fault> {
        let field = &self.probabilities;
        let given = match get(fields, field) {
            None | Some(Value::Null) => return Ok(vec![]),
            Some(Value::String(cell)) if self.has_cells && cell.trim().is_empty() => return Ok(vec![]),
            Some(Value::Object(given)) => given,
            Some(other) => return Err(wrong_kind(field, "an object of numbers by label", other)),
        };
        let one = |(label, value): (&String, &Value)| {
            let number = value.as_f64().filter(|number| (0.0..=1.0).contains(number));
            let wrong = || {
                let problem =
                    RowProblem::Value { value: value.to_string(), expected: "a number from 0 to 1" };
                Fault::of_field(format!("{field}.{label}"), problem)
            };
            number.map(|number| (label.clone(), number)).ok_or_else(wrong)
        };
        given.iter().map(one).collect()
    }
}

/// Returns the label of a row of ours: a rating, on its dimension, or the winner of a comparison.
fn of_label(row: LabelRow) -> Option<AnnotatorRow> {
    let LabelRow { item, said, annotator, .. } = row;
    let name = |target: Target| match (target, &item) {
        (Target::Id(id), _) => id.to_string(),
        (Target::Index(index), Some(item)) => format!("{item}/{index}"),
        (Target::Index(index), None) => index.to_string(),
    };
    let (item, dimension, label) = match said {
        Said::Rate { response, value, dimension, .. } => {
            (name(response), dimension, Category { text: value.to_string(), number: Some(value) })
        }
        Said::Compare { a, b, winner, .. } => {
            // Whoever saw the two the other way round means the same pair.
            let (mut first, mut second) = (name(a), name(b));
            let is_turned = second < first;
            if is_turned {
                std::mem::swap(&mut first, &mut second);
            }
            let text = match (winner, is_turned) {
                (Winner::A, false) | (Winner::B, true) => "a",
                (Winner::B, false) | (Winner::A, true) => "b",
                (Winner::Tie, _) => "tie",
            };
            let label = Category { text: text.into(), number: None };
            (format!("{first} or {second}"), Some("preference".into()), label)
        }
        Said::Correct { .. } => return None,
    };
    let label = Some(label);
    Some(AnnotatorRow { item, annotator, label, gold: None, dimension, probabilities: vec![] })
}

#[cfg(test)]
mod tests;
