//! The rows that figures are made of: forecasts, comparisons, verdicts of judges, results of benchmarks, rewards.
//!
//! Each kind has a file with its fields. Numbers may stand as text, since CSV knows nothing else; what is missing or null
//! is None, never a number, and who sums up says how often that was.

pub mod benchmark;
pub mod comparison;
pub mod forecast;
pub mod judged;
pub mod rewarded;
pub mod scored;
pub mod scored_pair;

mod cells;

use std::fmt;
use std::path::Path;

use crate::error::Error;
use crate::fields::ReadSettings;
use crate::json::Fields;
use crate::records::{Record, Records};
use crate::row_error::{Fault, RowError};
use crate::source::Source;

/// The rows of a file, one after the other, each with its line; after a bad one the next, unless the error ends the
/// file.
pub struct Measured<T> {
    label: String,
    records: Option<Records>,
    read: fn(Fields) -> Result<T, Fault>,
}

impl<T> Measured<T> {
    /// Opens a file, which errors call `label`, to read its rows one way.
    pub(crate) fn open(
        path: &Path,
        label: &str,
        read: fn(Fields) -> Result<T, Fault>,
    ) -> Result<Self, Error> {
        let source = Source::open(path, label, &ReadSettings::default())?;
        Ok(Self { label: label.into(), records: Some(source.records()?), read })
    }
}

impl<T> Iterator for Measured<T> {
    type Item = Result<(u64, T), RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let error = match self.records.as_mut()?.next()? {
            Ok(Record { line, fields }) => match (self.read)(fields) {
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

impl<T> fmt::Debug for Measured<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Measured").field("label", &self.label).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
