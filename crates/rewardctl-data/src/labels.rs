//! The label file: what people said of responses, one JSON object a line.

use std::fmt;
use std::path::Path;

use rewardctl_core::id::ResponseId;
use rewardctl_core::label::{Judgement, Winner};
use rewardctl_core::score::{Scale, Score};

use crate::error::Error;
use crate::fields::ReadSettings;
use crate::format::Format;
use crate::label_fields::{label_of, object_of};
use crate::records::{Record, Records};
use crate::row_error::RowError;
use crate::row_file::write_jsonl;
use crate::source::Source;

/// One line of a label file.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelRow {
    /// The item, by the name that its file gives or by its content id; not needed beside content ids of responses.
    pub item: Option<String>,
    /// What is said.
    pub said: Said,
    /// Who says it.
    pub annotator: String,
    /// Why, in the person's own words.
    pub note: Option<String>,
}

/// What a person says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// How good a response is.
    Rate {
        /// The response.
        response: Target,
        /// The value, on the scale.
        value: f64,
        /// The scale.
        scale: Scale,
        /// The dimension rated; None for the response as a whole.
        dimension: Option<String>,
    },
    /// Which of two responses is better.
    Compare {
        /// The first response.
        a: Target,
        /// The second response.
        b: Target,
        /// The better one.
        winner: Winner,
        /// How much better; None if not said.
        strength: Option<Score>,
    },
    /// What the response should have been.
    Correct {
        /// The response.
        response: Target,
        /// The better text.
        text: String,
    },
}

/// Names a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// By its content id.
    Id(ResponseId),
    /// By its 0-based place among the responses of the item.
    Index(u32),
}

/// The labels of a file, one after the other, each with its line.
pub struct Labels {
    label: String,
    records: Option<Records>,
}

/// Opens a label file, which errors call `label`; it may be packed with gzip or zstd.
pub fn read_labels(path: &Path, label: &str) -> Result<Labels, Error> {
    let mut source = Source::open(path, label, &ReadSettings::default())?;
    // Whatever else the first line looks like, a label file is JSONL, and the error says where it is not.
    if source.format != Format::Json {
        source.format = Format::Jsonl;
    }
    Ok(Labels { label: label.into(), records: Some(source.records()?) })
}

/// Writes a label file whole or not at all, or to stdout if `path` is `-`, and returns the number of rows; without any row there is no file.
pub fn write_labels(path: &Path, rows: impl Iterator<Item = LabelRow>) -> Result<u64, Error> {
    write_jsonl(path, rows.map(|row| Ok::<_, Error>(object_of(&row))))
}

impl Said {
    /// Returns what is said with every response named by its content; None if `find` does not know one.
    pub fn judgement(&self, find: impl Fn(Target) -> Option<ResponseId>) -> Option<Judgement> {
        Some(match self {
            Said::Rate { response, value, scale, dimension } => Judgement::Rate {
                response: find(*response)?,
                value: *value,
                scale: *scale,
                dimension: dimension.clone(),
            },
            Said::Compare { a, b, winner, strength } => {
                Judgement::Compare { a: find(*a)?, b: find(*b)?, winner: *winner, strength: *strength }
            }
            Said::Correct { response, text } => {
                Judgement::Correct { response: find(*response)?, text: text.clone() }
            }
        })
    }

    /// Returns the dimension that is rated, if it is one.
    pub fn dimension(&self) -> Option<&String> {
        match self {
            Said::Rate { dimension, .. } => dimension.as_ref(),
            Said::Compare { .. } | Said::Correct { .. } => None,
        }
    }
}

impl Iterator for Labels {
    type Item = Result<(u64, LabelRow), RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let error = match self.records.as_mut()?.next()? {
            Ok(Record { line, fields }) => match label_of(fields) {
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

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Labels").field("label", &self.label).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
