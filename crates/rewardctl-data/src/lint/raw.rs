//! Rows as they stand in the file: with what other readers forgive or refuse said of each.

use std::io::Read;
use std::path::Path;

use crate::compressed;
use crate::error::Error;
use crate::fields::ReadSettings;
use crate::format::{Compression, Format};
use crate::json::{Fields, MAX_VALUES};
use crate::lines::Marks;
use crate::records::{BadRecord, Record, Records};
use crate::row_error::{Fault, RowProblem};
use crate::source::Source;

const MARK: &[u8] = b"\xef\xbb\xbf";

/// A file whose format is known.
pub(crate) struct RawFile {
    source: Source,
    pub has_mark: bool,
}

/// The rows of a file.
pub(crate) struct RawRows {
    records: Records,
    bytes: u64,
}

/// A row, or why there is none.
pub(crate) struct RawRow {
    /// The 1-based line, or record.
    pub line: u64,
    /// How many bytes of JSON came before the row.
    pub offset: u64,
    pub content: Content,
}

pub(crate) enum Content {
    Fields(Fields),
    /// Readable all the same, though a key stands twice.
    Twice(Fields, Fault),
    Broken(Fault),
}

impl RawFile {
    /// Opens a file; None if there is nothing in it but blanks.
    pub(crate) fn open(path: &Path, label: &str, max_row_bytes: usize) -> Result<Option<Self>, Error> {
        let settings = ReadSettings { max_row_bytes, ..ReadSettings::default() };
        let source = match Source::open(path, label, &settings) {
            Err(Error::Empty { .. }) => return Ok(None),
            other => other?,
        };
        let mut head = vec![];
        let read = compressed::open(path, source.compression).and_then(|s| s.take(3).read_to_end(&mut head));
        read.map_err(|source| Error::Read { path: label.into(), source })?;
        let has_mark = source.format != Format::Parquet && head == MARK;
        Ok(Some(Self { source, has_mark }))
    }

    pub(crate) fn format(&self) -> Format {
        self.source.format
    }

    pub(crate) fn compression(&self) -> Compression {
        self.source.compression
    }

    /// Tells whether the values are JSON as they stand, so that their types are the file's own.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.source.format, Format::Jsonl | Format::Json)
    }

    pub(crate) fn rows(&self) -> Result<RawRows, Error> {
        Ok(RawRows { records: self.source.records()?, bytes: 0 })
    }
}

impl RawRows {
    /// Returns the JSON of the row read last, without blanks around it; None for tables.
    pub(crate) fn text(&self) -> Option<&[u8]> {
        self.records.text().map(<[u8]>::trim_ascii)
    }

    pub(crate) fn marks(&self) -> Marks {
        self.records.marks()
    }

    fn row(&self, read: Result<Record, BadRecord>) -> RawRow {
        let offset = self.bytes;
        match read {
            Ok(Record { line, fields }) => RawRow { line, offset, content: Content::Fields(fields) },
            Err(BadRecord { line, fault }) => {
                let forgiven = if is_twice(&fault) { self.records.text().and_then(forgive) } else { None };
                let content = match forgiven {
                    Some(fields) => Content::Twice(fields, fault),
                    None => Content::Broken(fault),
                };
                RawRow { line, offset, content }
            }
        }
    }
}

impl Iterator for RawRows {
    type Item = RawRow;

    fn next(&mut self) -> Option<RawRow> {
        let read = self.records.next()?;
        let row = self.row(read);
        self.bytes += self.records.text().map_or(0, |text| text.len() as u64);
        Some(row)
    }
}

/// Tells whether nothing is wrong but a key that stands twice.
fn is_twice(fault: &Fault) -> bool {
    matches!(&fault.problem, RowProblem::Json { what, .. } if what.ends_with("stands twice"))
}

/// Parses a row as readers do that keep the last of two values.
fn forgive(text: &[u8]) -> Option<Fields> {
    let values = text.iter().filter(|&&b| b == b',').count();
    if values > MAX_VALUES { None } else { serde_json::from_slice(text).ok() }
}
