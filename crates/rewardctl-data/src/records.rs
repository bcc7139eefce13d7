//! The records of a file as JSON objects, whatever the format.

use std::io;

use crate::delimited::Cells;
use crate::elements::Elements;
use crate::json::Fields;
use crate::lines::{Lines, Marks};
use crate::parquet_read::ParquetRows;
use crate::row_error::{Fault, RowProblem};

/// A record that could be read.
pub(crate) struct Record {
    pub line: u64,
    pub fields: Fields,
}

/// A record that could not.
#[derive(Debug)]
pub(crate) struct BadRecord {
    pub line: u64,
    pub fault: Fault,
}

/// The records of a file, one after the other.
pub(crate) enum Records {
    Lines(Lines),
    Elements(Elements),
    Cells(Cells),
    Parquet(Box<ParquetRows>),
}

impl Iterator for Records {
    type Item = Result<Record, BadRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Records::Lines(lines) => lines.next_record(),
            Records::Elements(elements) => elements.next_record(),
            Records::Cells(cells) => cells.next_record(),
            Records::Parquet(rows) => rows.next_record(),
        }
    }
}

impl Records {
    /// Returns the JSON of the record read last, as it stands in the file; None for tables.
    pub(crate) fn text(&self) -> Option<&[u8]> {
        match self {
            Records::Lines(lines) => Some(lines.text()),
            Records::Elements(elements) => Some(elements.text()),
            Records::Cells(_) | Records::Parquet(_) => None,
        }
    }

    /// Returns the marks of the lines read so far.
    pub(crate) fn marks(&self) -> Marks {
        match self {
            Records::Lines(lines) => lines.marks(),
            Records::Elements(_) | Records::Cells(_) | Records::Parquet(_) => Marks::default(),
        }
    }
}

impl BadRecord {
    /// Says that nothing after `line` can be read.
    pub(crate) fn stopped(line: u64, what: impl Into<String>) -> Self {
        Self { line, fault: RowProblem::Stopped { what: what.into() }.into() }
    }
}

/// Says that reading failed at `line`.
pub(crate) fn stopped(line: u64, error: &io::Error) -> BadRecord {
    let what = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the compressed data end in the middle".into(),
        _ => format!("reading failed ({error})"),
    };
    BadRecord::stopped(line, what)
}
