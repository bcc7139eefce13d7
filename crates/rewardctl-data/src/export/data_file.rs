//! A file of rows being written: JSONL, packed or not, or Parquet; the same rows give the same bytes.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use serde_json::Value;
use zstd::stream::Encoder;

use crate::atomic::{Sink, Staged};
use crate::error::Error;
use crate::export::dates::Dates;
use crate::export::refused::Refused;
use crate::export::schema::{Column, fit};
use crate::export::target::FileFormat;
use crate::format::Compression;
use crate::parquet_write::Table;
use crate::row_file::write_json;

/// zstd's own default.
const ZSTD_LEVEL: i32 = 3;

/// How a file is written.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub format: FileFormat,
    pub packing: Compression,
    pub columns: Vec<Column>,
    /// Whether its loader finds the types of columns by looking at the values.
    pub infers_types: bool,
}

/// A file of rows being written.
pub(crate) struct OpenFile {
    path: PathBuf,
    body: Body,
    columns: Vec<Column>,
    /// The row as JSON: what is written, and how long it is.
    line: Vec<u8>,
    rows: u64,
}

/// A file of rows that waits for its name.
pub(crate) struct WholeFile {
    pub rows: u64,
    staged: Staged,
    path: PathBuf,
}

enum Body {
    Lines(Packer, Option<Dates>),
    Table(Table),
}

enum Packer {
    Plain(Sink),
    Gzip(GzEncoder<Sink>),
    Zstd(Encoder<'static, Sink>),
}

impl OpenFile {
    pub(crate) fn create(path: &Path, form: &Form) -> Result<Self, Error> {
        let sink = Sink::create(path)?;
        let body = match form.format {
            FileFormat::Parquet => {
                let columns: Vec<_> = form.columns.iter().map(Column::parquet).collect();
                Body::Table(Table::new(sink, &columns).map_err(Sink::failed(path))?)
            }
            FileFormat::Jsonl => {
                let packer = Packer::new(sink, form.packing).map_err(Sink::failed(path))?;
                Body::Lines(packer, form.infers_types.then(|| Dates::new(&form.columns)))
            }
        };
        Ok(Self { path: path.into(), body, columns: form.columns.clone(), line: vec![], rows: 0 })
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    pub(crate) fn write(&mut self, row: &Value) -> Result<(), Error> {
        // Loaders take a file's types from its start, so a row of other columns must never come after it.
        let has_columns = row.as_object().is_some_and(|fields| fit(self.columns.iter(), fields));
        if !has_columns {
            return Err(Sink::failed(&self.path)(io::Error::other("a row does not have the file's columns")));
        }
        self.rows += 1;
        self.line.clear();
        let encoded = write_json(&mut self.line, row);
        self.line.push(b'\n');
        let bytes = self.line.len();
        let written = encoded.and_then(|()| match &mut self.body {
            Body::Table(table) => table.write(row, bytes),
            Body::Lines(packer, _) => packer.write_all(&self.line),
        });
        written.map_err(Sink::failed(&self.path))?;
        match &mut self.body {
            Body::Lines(_, Some(dates)) => dates.see(row, bytes).map_err(|column| self.dates(column)),
            _ => Ok(()),
        }
    }

    /// Ends the file; it has its name when it is committed.
    pub(crate) fn finish(mut self) -> Result<WholeFile, Error> {
        if let Body::Lines(_, Some(dates)) = &mut self.body {
            dates.end().map_err(|column| self.dates(column))?;
        }
        let sink = match self.body {
            Body::Table(table) => table.finish(),
            Body::Lines(packer, _) => packer.finish(),
        };
        let staged = sink.and_then(Sink::stage).map_err(Sink::failed(&self.path))?;
        Ok(WholeFile { rows: self.rows, staged, path: self.path })
    }

    fn dates(&self, column: String) -> Error {
        Refused::Dates { column, path: self.path.clone() }.into()
    }
}

impl WholeFile {
    /// Gives the file its name and returns its length in bytes; 0 of what is no file.
    pub(crate) fn commit(self) -> Result<u64, Error> {
        self.staged.commit().map_err(Sink::failed(&self.path))?;
        Ok(fs::metadata(&self.path).map_or(0, |metadata| metadata.len()))
    }
}

impl Packer {
    fn new(sink: Sink, packing: Compression) -> io::Result<Self> {
        Ok(match packing {
            Compression::None => Self::Plain(sink),
            Compression::Gzip => Self::Gzip(GzEncoder::new(sink, flate2::Compression::default())),
            Compression::Zstd => Self::Zstd(Encoder::new(sink, ZSTD_LEVEL)?),
        })
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(sink) => sink.write_all(bytes),
            Self::Gzip(encoder) => encoder.write_all(bytes),
            Self::Zstd(encoder) => encoder.write_all(bytes),
        }
    }

    fn finish(self) -> io::Result<Sink> {
        match self {
            Self::Plain(sink) => Ok(sink),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}
