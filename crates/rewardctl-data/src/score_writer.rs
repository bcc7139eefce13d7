//! Writes scored rows in any of four formats, whole or not at all.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::atomic::Sink;
use crate::delimited::write_record;
use crate::error::Error;
use crate::parquet_write::Table;
use crate::row_file::write_json;
use crate::scored::ScoredRow;
use crate::scored_columns::{cells, header, parquet_columns};

/// The format of a file of rewards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    /// One JSON object a line.
    Jsonl,
    /// A JSON list, one object a line.
    Json,
    /// One record a response: what JSON nests has a dotted column, the verdicts are JSON in one cell.
    ///
    /// A text that a spreadsheet would take for a formula (it starts with `=`, `+`, `-`, `@`, a tab or a
    /// carriage return) gets an apostrophe in front.
    Csv,
    /// Columns, compressed with zstd.
    Parquet,
}

/// The columns that depend on the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreColumns {
    /// The panel's dimensions, in its order.
    pub dimensions: Vec<String>,
    /// The fields of the input that are written too; every row must then have them, in this order.
    pub fields: Vec<String>,
    /// Whether the texts of prompt and response are written; every row must then have them.
    pub with_text: bool,
}

/// Writes scored rows. What is not finished leaves no file.
pub struct ScoreWriter {
    path: PathBuf,
    columns: ScoreColumns,
    rows: u64,
    body: Body,
    /// The row at hand, encoded; kept to spare allocations.
    text: Vec<u8>,
}

enum Body {
    Text(OutputFormat, Sink),
    Parquet(Box<Table>, Named),
}

/// Whether what is written has a name of its own, which a file without rows must not get.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    File,
    Stream,
}

impl OutputFormat {
    /// Tells the format from the extension of a file.
    pub fn of_path(path: &Path) -> Result<Self, Error> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("jsonl" | "ndjson") => Ok(OutputFormat::Jsonl),
            Some("json") => Ok(OutputFormat::Json),
            Some("csv") => Ok(OutputFormat::Csv),
            Some("parquet") => Ok(OutputFormat::Parquet),
            _ => Err(Error::UnknownExtension { path: path.into() }),
        }
    }
}

impl ScoreWriter {
    /// Writes to a file, which appears under its name when it is finished.
    pub fn to_file(path: &Path, format: OutputFormat, columns: ScoreColumns) -> Result<Self, Error> {
        Self::new(path.into(), Sink::create(path)?, format, columns)
    }

    /// Writes to a stream, such as stdout; `name` is what errors call it.
    pub fn to_stream(
        stream: Box<dyn Write + Send>,
        name: &str,
        format: OutputFormat,
        columns: ScoreColumns,
    ) -> Result<Self, Error> {
        Self::new(name.into(), Sink::stream(stream), format, columns)
    }

    /// Writes one row.
    pub fn write(&mut self, row: &ScoredRow<'_>) -> Result<(), Error> {
        self.write_row(row).map_err(|source| Error::Write { path: self.path.clone(), source })?;
        self.rows += 1;
        Ok(())
    }

    /// Hands on what was written to a stream so far: for readers that follow it.
    pub fn flush(&mut self) -> Result<(), Error> {
        match &mut self.body {
            Body::Text(_, sink) => {
                sink.flush().map_err(|source| Error::Write { path: self.path.clone(), source })
            }
            Body::Parquet(..) => Ok(()),
        }
    }

    /// Ends the file, gives it its name and returns the number of rows; without any row there is no file.
    pub fn finish(self) -> Result<u64, Error> {
        let (rows, path) = (self.rows, self.path.clone());
        self.end().map_err(|source| Error::Write { path, source })?;
        Ok(rows)
    }

    fn new(path: PathBuf, sink: Sink, format: OutputFormat, columns: ScoreColumns) -> Result<Self, Error> {
        let named = if matches!(sink, Sink::File(_)) { Named::File } else { Named::Stream };
        let body = match format {
            OutputFormat::Parquet => Table::new(sink, &parquet_columns(&columns))
                .map(|table| Body::Parquet(Box::new(table), named))
                .map_err(|source| Error::Write { path: path.clone(), source })?,
            text => Body::Text(text, sink),
        };
        Ok(Self { path, columns, rows: 0, body, text: vec![] })
    }

    fn write_row(&mut self, row: &ScoredRow<'_>) -> io::Result<()> {
        self.text.clear();
        let is_first = self.rows == 0;
        let (format, sink) = match &mut self.body {
            Body::Parquet(table, _) => return table.write(row, text_length(row)),
            Body::Text(format, sink) => (*format, sink),
        };
        match format {
            OutputFormat::Csv => {
                if is_first {
                    write_record(&mut self.text, &header(&self.columns));
                }
                write_record(&mut self.text, &cells(row, &self.columns)?);
            }
            OutputFormat::Json => {
                self.text.extend_from_slice(if is_first { b"[\n" } else { b",\n" });
                write_json(&mut self.text, row)?;
            }
            OutputFormat::Jsonl | OutputFormat::Parquet => {
                write_json(&mut self.text, row)?;
                self.text.push(b'\n');
            }
        }
        sink.write_all(&self.text)
    }

    fn end(self) -> io::Result<()> {
        let is_empty = self.rows == 0;
        match self.body {
            Body::Text(_, Sink::File(_)) | Body::Parquet(_, Named::File) if is_empty => Ok(()),
            Body::Parquet(table, _) => table.finish()?.finish(),
            Body::Text(format, mut sink) => {
                if format == OutputFormat::Json {
                    sink.write_all(if is_empty { b"[]\n" } else { b"\n]\n" })?;
                }
                sink.finish()
            }
        }
    }
}

impl fmt::Debug for ScoreWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScoreWriter")
            .field("path", &self.path)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

fn text_length(row: &ScoredRow<'_>) -> usize {
    let texts = [row.prompt.as_deref(), row.response].map(|text| text.map_or(0, str::len));
    texts.iter().sum::<usize>() + row.verdicts.iter().map(|verdict| verdict.rationale.len()).sum::<usize>()
}

#[cfg(test)]
mod tests;
