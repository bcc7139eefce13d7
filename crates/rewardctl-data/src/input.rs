//! A data file, opened: what it is, and its rows.

use std::fmt;
use std::path::Path;

use rewardctl_core::item::Item;

use crate::error::Error;
use crate::fields::{Expect, ReadSettings, Role};
use crate::format::{Compression, Format};
use crate::item::Reader;
use crate::json::get;
use crate::records::{Record, Records};
use crate::row_error::RowError;
use crate::shape::Shape;
use crate::source::Source;

/// How many rows may pass before one has a known shape and every field that the user names was seen.
const ROWS_LOOKED_AT: usize = 100;

/// A file of which the format, the shape and the fields are known.
#[derive(Debug, Clone)]
pub struct Input {
    /// How its rows are laid out.
    pub format: Format,
    /// What it is packed with.
    pub compression: Compression,
    /// What its rows hold.
    pub shape: Shape,
    /// The fields in use: those of the prompt and the responses, then the others.
    pub fields: Vec<String>,
    /// The file, as the user names it.
    pub label: String,
    source: Source,
    reader: Reader,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The 1-based line where it starts; the record's number for Parquet.
    pub line: u64,
    /// What it holds.
    pub item: Item,
}

/// The rows of a file, one after the other; after a bad one the next, unless the error ends the file.
pub struct Rows {
    label: String,
    reader: Reader,
    records: Option<Records>,
}

impl Input {
    /// Finds out what the file is; reads as far as the first row of a known shape.
    pub fn open(path: &Path, settings: &ReadSettings) -> Result<Self, Error> {
        Self::open_as(path, &path.display().to_string(), settings)
    }

    /// Opens a file under another name: what was read from stdin and lies in a temporary file, say.
    pub fn open_as(path: &Path, label: &str, settings: &ReadSettings) -> Result<Self, Error> {
        let source = Source::open(path, label, settings)?;
        let (reader, fields) = find_shape(&source, settings)?;
        Ok(Self {
            format: source.format,
            compression: source.compression,
            shape: reader.layout.shape,
            fields,
            label: label.into(),
            source,
            reader,
        })
    }

    /// Returns what the file is, in one line: `answers.jsonl: JSONL, prompt + response (prompt, response)`.
    pub fn describe(&self) -> String {
        let packed = self.compression.name().map(|name| format!(" in {name}")).unwrap_or_default();
        format!("{}: {}{packed}, {} ({})", self.label, self.format, self.shape, self.fields.join(", "))
    }

    /// Reads the rows, from the first.
    pub fn rows(&self) -> Result<Rows, Error> {
        let records = Some(self.source.records()?);
        Ok(Rows { label: self.label.clone(), reader: self.reader.clone(), records })
    }
}

impl Iterator for Rows {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let error = match self.records.as_mut()?.next()? {
            Ok(Record { line, fields }) => match self.reader.item(fields) {
                Ok(item) => return Some(Ok(Row { line, item })),
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

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("label", &self.label).finish_non_exhaustive()
    }
}

/// What the first rows have shown so far.
struct Search<'a> {
    settings: &'a ReadSettings,
    /// The names given that no row had yet.
    unseen: Vec<&'a str>,
    /// The reader that suits a row, and the fields that it uses of it.
    found: Option<(Reader, Vec<String>)>,
    /// The line and the fields of the first row.
    first: Option<(u64, Vec<String>)>,
    looked_at: usize,
}

fn find_shape(source: &Source, settings: &ReadSettings) -> Result<(Reader, Vec<String>), Error> {
    let unseen = Role::ALL.into_iter().filter_map(|role| settings.fields.get(role)).collect();
    let mut search = Search { settings, unseen, found: None, first: None, looked_at: 0 };
    let mut first_bad = None;
    for record in source.records()? {
        match record {
            Ok(record) => search.look_at(&record),
            Err(bad) => {
                let error = bad.fault.at(&source.label.display().to_string(), bad.line);
                let ends_file = error.ends_file();
                first_bad.get_or_insert(error);
                if ends_file {
                    break;
                }
            }
        }
        if search.is_over() {
            break;
        }
    }
    search.end(source, first_bad)
}

impl Search<'_> {
    fn look_at(&mut self, Record { line, fields }: &Record) {
        self.looked_at += 1;
        self.unseen.retain(|name| get(fields, name).is_none());
        if self.found.is_none() {
            let reader = Reader::detect(&self.settings.fields, self.settings.expect, fields);
            self.found = reader.map(|reader| {
                let used = reader.fields(fields);
                (reader, used)
            });
        }
        self.first.get_or_insert_with(|| (*line, fields.keys().cloned().collect()));
    }

    fn is_over(&self) -> bool {
        self.looked_at == ROWS_LOOKED_AT || (self.found.is_some() && self.unseen.is_empty())
    }

    fn end(self, source: &Source, first_bad: Option<RowError>) -> Result<(Reader, Vec<String>), Error> {
        let path = source.label.clone();
        let Some((line, fields)) = self.first else {
            return Err(match first_bad {
                Some(bad) => Error::NoReadableRow { path, source: Box::new(bad) },
                None => Error::NoRow { path },
            });
        };
        match (self.unseen.first(), self.found) {
            (Some(field), _) => Err(Error::NoField { path, line, field: field.to_string(), fields }),
            (None, None) => Err(match self.settings.expect {
                Expect::Responses => Error::NoShape { path, line, fields },
                Expect::Prompts => Error::NoPrompt { path, line, fields },
            }),
            (None, Some(found)) => Ok(found),
        }
    }
}

#[cfg(test)]
mod tests;
