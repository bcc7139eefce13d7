//! Writes Parquet that every loader of training data reads: plain text, numbers, lists and objects, zstd, no
//! metadata of any library, and the same bytes for the same rows.

use std::io;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_json::ReaderBuilder;
use arrow_json::reader::Decoder;
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use serde::Serialize;

use crate::atomic::Sink;
use crate::behind::Behind;

/// Rows gathered before they are encoded; fewer when they are long.
const BATCH_ROWS: usize = 512;
/// About the most bytes gathered before they are encoded.
const BATCH_BYTES: usize = 8 << 20;
/// About the most bytes of a row group, as encoded: what a writer must hold in memory.
const ROW_GROUP_BYTES: usize = 16 << 20;

/// A column, or a field of an object.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub name: String,
    pub kind: Kind,
}

/// What a column holds.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Text,
    Float,
    Int,
    Bool,
    List(Box<Kind>),
    Object(Vec<Column>),
}

/// A Parquet file being written.
pub(crate) struct Table {
    writer: Behind<RecordBatch, ArrowWriter<Sink>>,
    rows: Decoder,
    gathered: usize,
    gathered_bytes: usize,
}

impl Column {
    pub(crate) fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.into(), kind }
    }

    fn field(&self) -> Field {
        Field::new(&self.name, self.kind.data_type(), true)
    }
}

impl Kind {
    fn data_type(&self) -> DataType {
        match self {
            Kind::Text => DataType::Utf8,
            Kind::Float => DataType::Float64,
            Kind::Int => DataType::Int64,
            Kind::Bool => DataType::Boolean,
            Kind::List(kind) => DataType::List(Arc::new(Field::new("element", kind.data_type(), true))),
            Kind::Object(columns) => DataType::Struct(columns.iter().map(Column::field).collect::<Fields>()),
        }
    }
}

impl Table {
    pub(crate) fn new(sink: Sink, columns: &[Column]) -> io::Result<Self> {
        let schema = Arc::new(Schema::new(columns.iter().map(Column::field).collect::<Fields>()));
        let rows = ReaderBuilder::new(schema.clone()).build_decoder().map_err(arrow_failure)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by("rewardctl".into())
            .build();
        // The embedded Arrow schema says nothing that the Parquet schema does not.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(sink, schema, options).map_err(parquet_failure)?;
        Ok(Self { writer: Behind::start(writer, encode), rows, gathered: 0, gathered_bytes: 0 })
    }

    /// Writes one row, of which `bytes` is about the length.
    pub(crate) fn write<T: Serialize>(&mut self, row: &T, bytes: usize) -> io::Result<()> {
        self.rows.serialize(std::slice::from_ref(row)).map_err(arrow_failure)?;
        self.gathered += 1;
        self.gathered_bytes += bytes;
        if self.gathered == BATCH_ROWS || self.gathered_bytes >= BATCH_BYTES {
            self.hand_over()?;
        }
        Ok(())
    }

    /// Ends the table and returns what it was written to.
    pub(crate) fn finish(mut self) -> io::Result<Sink> {
        self.hand_over()?;
        self.writer.finish()?.into_inner().map_err(parquet_failure)
    }

    fn hand_over(&mut self) -> io::Result<()> {
        (self.gathered, self.gathered_bytes) = (0, 0);
        match self.rows.flush().map_err(arrow_failure)? {
            Some(batch) => self.writer.send(batch),
            None => Ok(()),
        }
    }
}

fn encode(writer: &mut ArrowWriter<Sink>, batch: RecordBatch) -> io::Result<()> {
    writer.write(&batch).map_err(parquet_failure)?;
    match writer.in_progress_size() >= ROW_GROUP_BYTES {
        true => writer.flush().map_err(parquet_failure),
        false => Ok(()),
    }
}

/// Returns the system's own error where there is one, so that a full disk is told from anything else.
fn parquet_failure(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(source) => io::Error::other(source),
        },
        other => io::Error::other(other),
    }
}

fn arrow_failure(error: ArrowError) -> io::Error {
    io::Error::other(error)
}
