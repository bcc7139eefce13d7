//! Rows of any kind, with every text in them: for what looks at texts, whatever they mean.
//!
//! Besides the formats of [`crate::input`], plain text is read: a few paragraphs at a time, so that memory stays bounded.

use std::fmt;
use std::io::{BufRead, Read, Write};
use std::path::Path;

use serde_json::Value;

use crate::atomic::Sink;
use crate::compressed::{self, Stream};
use crate::error::Error;
use crate::fields::ReadSettings;
use crate::records::{BadRecord, Record, Records, stopped};
use crate::row_error::{RowError, RowProblem};
use crate::row_file::write_json;
use crate::source::Source;

/// A piece of plain text ends with the first blank line after so many bytes, or with the first line after four times
/// as many.
const PIECE_BYTES: usize = 256 << 10;

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Rows of fields.
    Rows,
    /// Plain text.
    Plain,
}

/// One row, or a piece of plain text.
#[derive(Debug, Clone, PartialEq)]
pub struct TextRow {
    /// The 1-based line where it starts; the record's number for Parquet.
    pub line: u64,
    /// What it holds: an object, or a text.
    value: Value,
}

/// The rows of a file, one after the other; after a bad one the next, unless the error ends the file.
pub struct TextRows {
    label: String,
    rows: Option<Reading>,
}

enum Reading {
    Rows(Box<Records>),
    Plain(Plain),
}

/// A file that rows are written to: JSONL, and plain text as it is. It appears when it is finished.
pub struct TextWriter {
    sink: Sink,
    path: std::path::PathBuf,
    count: u64,
}

impl Layout {
    /// Tells the layout from a name: `.txt`, `.text`, `.md` and `.log` hold plain text, also in gzip or zstd.
    pub fn of(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let inner = [".gz", ".gzip", ".zst", ".zstd"].iter().find_map(|end| name.strip_suffix(end));
        let inner = inner.unwrap_or(&name);
        let is_plain = [".txt", ".text", ".md", ".log"].iter().any(|end| inner.ends_with(end));
        if is_plain { Self::Plain } else { Self::Rows }
    }
}

impl TextRow {
    /// Tells `each` every text with its place, such as `messages.0.content`; that of plain text is empty.
    ///
    /// Whole numbers are no texts: what stands without quotes keeps its type.
    pub fn texts<'a>(&'a self, each: &mut dyn FnMut(&str, &'a str)) {
        walk(&self.value, &mut String::new(), each);
    }

    /// Puts what `change` returns in the place of each text; None leaves it as it is.
    pub fn change(&mut self, change: &mut dyn FnMut(&str, &str) -> Option<String>) {
        rewrite(&mut self.value, &mut String::new(), change);
    }
}

fn walk<'a>(value: &'a Value, place: &mut String, each: &mut dyn FnMut(&str, &'a str)) {
    match value {
        Value::String(text) => each(place, text),
        Value::Number(_) | Value::Null | Value::Bool(_) => {}
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                within(place, &at.to_string(), |place| walk(value, place, each));
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                within(place, name, |place| walk(value, place, each));
            }
        }
    }
}

fn rewrite(value: &mut Value, place: &mut String, change: &mut dyn FnMut(&str, &str) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(changed) = change(place, text) {
                *text = changed;
            }
        }
        Value::Number(_) | Value::Null | Value::Bool(_) => {}
        Value::Array(list) => {
            for (at, value) in list.iter_mut().enumerate() {
                within(place, &at.to_string(), |place| rewrite(value, place, change));
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                within(place, name, |place| rewrite(value, place, change));
            }
        }
    }
}

fn within(place: &mut String, step: &str, inside: impl FnOnce(&mut String)) {
    let length = place.len();
    if length > 0 {
        place.push('.');
    }
    place.push_str(step);
    inside(place);
    place.truncate(length);
}

impl TextRows {
    /// Opens a file, which errors call `label`.
    pub fn open(path: &Path, label: &str, layout: Layout, max_row_bytes: usize) -> Result<Self, Error> {
        let settings = ReadSettings { max_row_bytes, ..ReadSettings::default() };
        let rows = match layout {
            Layout::Rows => Reading::Rows(Box::new(Source::open(path, label, &settings)?.records()?)),
            Layout::Plain => Reading::Plain(Plain::open(path, label, max_row_bytes)?),
        };
        Ok(Self { label: label.into(), rows: Some(rows) })
    }
}

impl Iterator for TextRows {
    type Item = Result<TextRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = match self.rows.as_mut()? {
            Reading::Rows(records) => {
                records.next()?.map(|Record { line, fields }| TextRow { line, value: Value::Object(fields) })
            }
            Reading::Plain(plain) => plain.next_piece()?,
        };
        Some(row.map_err(|bad| {
            let error = bad.fault.at(&self.label, bad.line);
            if error.ends_file() {
                self.rows = None;
            }
            error
        }))
    }
}

impl fmt::Debug for TextRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextRows").field("label", &self.label).finish_non_exhaustive()
    }
}

/// A plain text, read piece by piece.
struct Plain {
    stream: Stream,
    limit: usize,
    line: u64,
}

impl Plain {
    fn open(path: &Path, label: &str, limit: usize) -> Result<Self, Error> {
        let label = Path::new(label);
        if path.is_dir() {
            return Err(Error::Folder { path: label.into() });
        }
        if !path.exists() {
            return Err(Error::NotFound { path: label.into() });
        }
        let opened = std::fs::File::open(path).and_then(|mut file| compressed::detect(&mut file)).and_then(
            |compression| {
                let mut stream = compressed::open(path, compression)?;
                compressed::skip_mark(&mut stream)?;
                Ok(stream)
            },
        );
        let stream = opened.map_err(|source| Error::Read { path: label.into(), source })?;
        Ok(Self { stream, limit, line: 1 })
    }

    fn next_piece(&mut self) -> Option<Result<TextRow, BadRecord>> {
        let (start, mut text) = (self.line, vec![]);
        loop {
            let before = text.len();
            let most = (self.limit as u64 + 1).saturating_sub(before as u64);
            match (&mut self.stream).take(most).read_until(b'\n', &mut text) {
                Err(error) => return Some(Err(stopped(self.line, &error))),
                Ok(0) if text.is_empty() => return None,
                Ok(0) => break,
                Ok(_) => self.line += u64::from(text.ends_with(b"\n")),
            }
            if text.len() > self.limit {
                let what = format!("a line has more than {} bytes", self.limit);
                return Some(Err(BadRecord::stopped(self.line, what)));
            }
            let is_blank = text[before..].trim_ascii().is_empty();
            if text.len() >= 4 * PIECE_BYTES || (is_blank && text.len() >= PIECE_BYTES) {
                break;
            }
        }
        Some(match String::from_utf8(text) {
            Ok(text) => Ok(TextRow { line: start, value: Value::String(text) }),
            Err(error) => {
                let at = error.utf8_error().valid_up_to() as u64 + 1;
                Err(BadRecord { line: start, fault: RowProblem::NotUtf8 { at }.into() })
            }
        })
    }
}

impl TextWriter {
    /// Opens what `path` names; `-` is stdout.
    pub fn create(path: &Path) -> Result<Self, Error> {
        Ok(Self { sink: Sink::create(path)?, path: path.into(), count: 0 })
    }

    /// Writes a row.
    pub fn write(&mut self, row: &TextRow) -> Result<(), Error> {
        let written = match &row.value {
            Value::String(text) => self.sink.write_all(text.as_bytes()),
            value => write_json(&mut self.sink, value).and_then(|()| self.sink.write_all(b"\n")),
        };
        self.count += 1;
        written.map_err(Sink::failed(&self.path))
    }

    /// Gives the file its name and returns how many rows it has.
    pub fn finish(self) -> Result<u64, Error> {
        self.sink.finish().map_err(Sink::failed(&self.path))?;
        Ok(self.count)
    }
}

impl fmt::Debug for TextWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextWriter").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
