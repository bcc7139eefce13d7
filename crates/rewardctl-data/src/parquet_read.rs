//! Reads Parquet as JSON objects, in batches far smaller than a row group.
//!
//! Columns of bytes, and columns that JSON has no form for, are left out: nothing in them is text.

use std::fs::File;
use std::path::Path;

use arrow_array::new_empty_array;
use arrow_json::WriterBuilder;
use arrow_json::writer::{EncoderOptions, LineDelimited, make_encoder};
use arrow_schema::{DataType, FieldRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

use crate::error::Error;
use crate::json::parse_row;
use crate::records::{BadRecord, Record};
use crate::row_error::{RowProblem, quoted};

/// The most rows decoded at once.
const BATCH_ROWS: usize = 256;
/// About the most bytes decoded at once, by the average row of the fullest row group.
const BATCH_BYTES: i64 = 8 << 20;

/// The rows of a Parquet file.
pub(crate) struct ParquetRows {
    batches: ParquetRecordBatchReader,
    limit: usize,
    /// The batch at hand, one object a line, and how much of it was taken.
    json: Vec<u8>,
    taken: usize,
    /// The number of the last record.
    record: u64,
}

impl ParquetRows {
    pub(crate) fn open(path: &Path, label: &Path, limit: usize) -> Result<Self, Error> {
        Self::open_columns(path, label, limit, None)
    }

    /// Opens the file for these columns alone, as far as it has them; None is all.
    pub(crate) fn open_columns(
        path: &Path,
        label: &Path,
        limit: usize,
        wanted: Option<&[&str]>,
    ) -> Result<Self, Error> {
        let is_wanted =
            |column: &FieldRef| wanted.is_none_or(|names| names.contains(&column.name().as_str()));
        let file = File::open(path).map_err(|source| Error::Read { path: label.into(), source })?;
        let broken = |source: ParquetError| Error::Parquet { path: label.into(), source: Box::new(source) };
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(broken)?;
        if let Some(codec) = unread_codec(builder.metadata()) {
            return Err(Error::Codec { path: label.into(), codec });
        }
        let batch_rows = batch_rows(builder.metadata());
        let columns = builder.schema().fields().iter().enumerate();
        let readable: Vec<usize> = columns
            .filter(|(_, column)| is_readable(column) && is_wanted(column))
            .map(|(at, _)| at)
            .collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), readable);
        let batches = builder.with_projection(mask).with_batch_size(batch_rows).build().map_err(broken)?;
        Ok(Self { batches, limit, json: vec![], taken: 0, record: 0 })
    }

    /// Returns the next row.
    pub(crate) fn next_record(&mut self) -> Option<Result<Record, BadRecord>> {
        while self.taken == self.json.len() {
            match self.next_batch()? {
                Ok(()) => {}
                Err(what) => return Some(Err(BadRecord::stopped(self.record + 1, what))),
            }
        }
        let rest = &self.json[self.taken..];
        let length = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        let row = &rest[..length];
        self.record += 1;
        self.taken += (length + 1).min(rest.len());
        let line = self.record;
        if row.len() > self.limit {
            let fault = RowProblem::TooLong { limit: self.limit }.into();
            return Some(Err(BadRecord { line, fault }));
        }
        let row = parse_row(row, 0);
        Some(row.map(|fields| Record { line, fields }).map_err(|bad| BadRecord { line, fault: bad.fault }))
    }

    /// Returns the next rows, one object a line.
    pub(crate) fn next_lines(&mut self) -> Option<Result<Vec<u8>, String>> {
        Some(self.next_batch()?.map(|()| std::mem::take(&mut self.json)))
    }

    fn next_batch(&mut self) -> Option<Result<(), String>> {
        let batch = match self.batches.next()? {
            Ok(batch) => batch,
            Err(error) => return Some(Err(quoted(&error.to_string()))),
        };
        self.json.clear();
        self.taken = 0;
        // Nulls are written out, so that a null field is told from one that is not there.
        let mut writer =
            WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(&mut self.json);
        Some(writer.write(&batch).and_then(|()| writer.finish()).map_err(|error| quoted(&error.to_string())))
    }
}

/// Returns the codec of any column that cannot be unpacked.
fn unread_codec(metadata: &ParquetMetaData) -> Option<&'static str> {
    let columns = metadata.row_groups().iter().flat_map(|group| group.columns());
    columns.map(|column| column.compression()).find_map(|codec| match codec {
        Compression::BROTLI(_) => Some("brotli"),
        Compression::LZO => Some("LZO"),
        _ => None,
    })
}

fn batch_rows(metadata: &ParquetMetaData) -> usize {
    let averages =
        metadata.row_groups().iter().map(|group| group.total_byte_size() / group.num_rows().max(1));
    let average = averages.max().unwrap_or(0).max(1);
    usize::try_from(BATCH_BYTES / average).unwrap_or(1).clamp(1, BATCH_ROWS)
}

fn is_readable(column: &FieldRef) -> bool {
    let is_bytes = matches!(
        column.data_type(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_)
    );
    let empty = new_empty_array(column.data_type());
    !is_bytes && make_encoder(column, &empty, &EncoderOptions::default()).is_ok()
}

#[cfg(test)]
mod tests;
