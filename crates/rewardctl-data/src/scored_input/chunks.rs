//! Cuts a file into chunks of whole lines, one JSON object a line.

use std::io::{self, BufRead, Read};

use crate::compressed::Stream;
use crate::error::Error;
use crate::format::Format;
use crate::parquet_read::ParquetRows;
use crate::records::{BadRecord, Records, stopped};
use crate::row_error::RowProblem;
use crate::source::Source;

/// About the bytes of a chunk: enough that handing it over costs nothing beside parsing.
const CHUNK_BYTES: u64 = 1 << 20;
/// Records a chunk, of files that are no lines.
const CHUNK_RECORDS: usize = 256;

/// Lines to be parsed.
pub(super) struct Chunk {
    pub bytes: Vec<u8>,
    /// The number of the first line.
    pub first: u64,
    /// The numbers of all lines, where they do not follow one another.
    pub lines: Option<Vec<u64>>,
    /// What ended the file, or a row of it, early.
    pub bad: Vec<BadRecord>,
    pub limit: usize,
}

/// The chunks of one file, with their numbers from 0.
pub(super) struct Chunks {
    from: From,
    limit: usize,
    number: u64,
    line: u64,
    ended: bool,
}

enum From {
    Lines(Stream),
    Parquet(Box<ParquetRows>),
    Records(Records),
}

/// The columns that are read of Parquet.
pub(super) const COLUMNS: [&str; 10] = [
    "prompt",
    "response",
    "reward",
    "uncertainty",
    "item_id",
    "response_id",
    "generator",
    "model",
    "route",
    "versions",
];

impl Chunks {
    pub(super) fn open(source: &Source) -> Result<Self, Error> {
        let limit = source.settings.max_row_bytes;
        let from = match source.format {
            Format::Jsonl => From::Lines(source.stream()?),
            Format::Parquet => {
                let rows = ParquetRows::open_columns(&source.path, &source.label, limit, Some(&COLUMNS))?;
                From::Parquet(Box::new(rows))
            }
            _ => From::Records(source.records()?),
        };
        Ok(Self { from, limit, number: 0, line: 1, ended: false })
    }

    fn lines(stream: &mut Stream, limit: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(CHUNK_BYTES as usize + (64 << 10));
        stream.take(CHUNK_BYTES).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == CHUNK_BYTES && !bytes.ends_with(b"\n") {
            // A line that is longer than allowed is found out when it is parsed.
            stream.take(limit as u64 + 1).read_until(b'\n', &mut bytes)?;
            if !bytes.ends_with(b"\n") {
                stream.skip_until(b'\n')?;
            }
        }
        Ok(bytes)
    }

    fn records(records: &mut Records) -> (Vec<u8>, Vec<u64>, Vec<BadRecord>) {
        let (mut bytes, mut lines, mut bad) = (vec![], vec![], vec![]);
        for record in records.take(CHUNK_RECORDS) {
            match record {
                Ok(record) => {
                    // Memory to memory does not fail.
                    let _ = serde_json::to_writer(&mut bytes, &record.fields);
                    bytes.push(b'\n');
                    lines.push(record.line);
                }
                Err(error) => {
                    let ends = matches!(error.fault.problem, RowProblem::Stopped { .. });
                    bad.push(error);
                    if ends {
                        break;
                    }
                }
            }
        }
        (bytes, lines, bad)
    }

    fn read(&mut self) -> Option<Chunk> {
        let (limit, first) = (self.limit, self.line);
        let chunk = |bytes, lines, bad| Some(Chunk { bytes, first, lines, bad, limit });
        match &mut self.from {
            From::Lines(stream) => match Self::lines(stream, limit) {
                Ok(bytes) if bytes.is_empty() => None,
                Ok(bytes) => chunk(bytes, None, vec![]),
                Err(error) => {
                    self.ended = true;
                    chunk(vec![], None, vec![stopped(first, &error)])
                }
            },
            From::Parquet(rows) => match rows.next_lines()? {
                Ok(bytes) => chunk(bytes, None, vec![]),
                Err(what) => {
                    self.ended = true;
                    chunk(vec![], None, vec![BadRecord::stopped(first, what)])
                }
            },
            From::Records(records) => {
                let (bytes, lines, bad) = Self::records(records);
                let ends = bad.iter().any(|bad| matches!(bad.fault.problem, RowProblem::Stopped { .. }));
                self.ended = ends;
                if bytes.is_empty() && bad.is_empty() { None } else { chunk(bytes, Some(lines), bad) }
            }
        }
    }
}

impl Iterator for Chunks {
    type Item = (u64, Chunk);

    fn next(&mut self) -> Option<(u64, Chunk)> {
        if self.ended {
            return None;
        }
        let chunk = self.read()?;
        self.line += chunk.bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        let number = self.number;
        self.number += 1;
        Some((number, chunk))
    }
}
