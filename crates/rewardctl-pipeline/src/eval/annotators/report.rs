//! What an evaluation of annotators comes to.

use rewardctl_core::agreement::Undefined;
use serde::Serialize;

use crate::eval::annotators::agreement::Agreement;
use crate::eval::annotators::consensus::{ConsensusReport, Method};
use crate::eval::annotators::reliability::AnnotatorFigures;

/// The whole of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnnotatorsReport {
    /// The input files, and what they were found to be.
    pub inputs: Vec<String>,
    /// Rows read, with those that count for nothing.
    pub rows: u64,
    /// Rows whose label is empty.
    pub unlabelled: u64,
    /// Rows that a later one of the same annotator on the same item replaces.
    pub repeated: u64,
    /// Rows of a label file that correct a response, which nothing can be compared with.
    pub corrections: u64,
    /// Rows left out because they cannot be used.
    pub skipped: u64,
    /// The first of them, with the reason.
    pub skipped_rows: Vec<String>,
    /// By dimension, those without a name first.
    pub dimensions: Vec<DimensionReport>,
}

/// What the labels of one dimension come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DimensionReport {
    /// The dimension; None where rows have none.
    pub dimension: Option<String>,
    /// Items with a label.
    pub items: usize,
    /// Annotators with a label.
    pub annotators: usize,
    /// Labels, each of another annotator or item.
    pub labels: usize,
    /// The fewest labels of an item.
    pub fewest_labels: usize,
    /// The most labels of an item.
    pub most_labels: usize,
    /// The distinct labels, in order.
    pub classes: Vec<LabelValue>,
    /// Whether labels have values that can be subtracted.
    pub are_numbers: bool,
    /// How far the annotators agree.
    pub agreement: Agreement,
    /// One label for each item.
    pub consensus: ConsensusReport,
    /// Each annotator, by name.
    pub reliability: Vec<AnnotatorFigures>,
}

/// A label, as it is written.
#[derive(Debug, Clone, PartialEq)]
pub enum LabelValue {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// A figure, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FigureOrWhy {
    /// The figure.
    pub value: Option<f64>,
    /// Its 95 % interval, of a bootstrap over items; None where too few samples have a value.
    pub interval: Option<(f64, f64)>,
    /// Why there is no figure.
    pub reason: Option<String>,
}

/// The consensus on one item, as it is written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConsensusRow {
    /// The item.
    pub item: String,
    /// The dimension; None where rows have none.
    pub dimension: Option<String>,
    /// The likeliest label.
    pub label: LabelValue,
    /// Its probability.
    pub probability: f64,
    /// The method that found it.
    pub method: Method,
    /// The probability of every label that is possible at all, the labels in order.
    pub probabilities: Vec<LabelProbability>,
    /// Labels of annotators on the item.
    pub labels: usize,
    /// The label that is known to be right; None where none is.
    pub gold: Option<LabelValue>,
}

/// A label and its probability.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelProbability {
    /// The label.
    pub label: LabelValue,
    /// Its probability.
    pub probability: f64,
}

impl FigureOrWhy {
    /// Holds what was computed; the interval is asked for only where there is a value.
    pub fn new(value: Result<f64, Undefined>, interval: impl FnOnce() -> Option<(f64, f64)>) -> Self {
        match value {
            Ok(value) => Self { value: Some(value), interval: interval(), reason: None },
            Err(why) => Self { value: None, interval: None, reason: Some(why.to_string()) },
        }
    }
}

impl Serialize for LabelValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            // Whole numbers are written as the files that people label write them.
            LabelValue::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                serializer.serialize_i64(*number as i64)
            }
            LabelValue::Number(number) => serializer.serialize_f64(*number),
            LabelValue::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl std::fmt::Display for LabelValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LabelValue::Number(number) => number.fmt(f),
            LabelValue::Text(text) => text.fmt(f),
        }
    }
}
