//! The rows of a file, with what the file says of their responses.

use std::collections::VecDeque;
use std::fmt;

use rewardctl_core::item::Item;
use serde_json::Value;

use super::RowReader;
use crate::json::Fields;
use crate::records::{Record, Records};
use crate::row_error::{Fault, RowError};
use crate::sources::{Found, Opinion, RowsMean};

/// The most responses that neighbouring rows make one item of, so that memory stays bounded.
const MOST_NEIGHBOURS: usize = 256;

/// What a row holds.
#[derive(Debug, Clone, PartialEq)]
pub struct SaidRow {
    /// The 1-based line where it starts; the record's number for Parquet.
    pub line: u64,
    /// The item; None where labels name their responses by id, and where nothing was taken.
    pub item: Option<Item>,
    /// What is said of the item's responses.
    pub opinions: Vec<Opinion>,
    /// Why something was not taken.
    pub passed_over: Vec<&'static str>,
}

/// The rows of a file, one after the other; after a bad one the next, unless the error ends the file.
pub struct SaidRows {
    label: String,
    reader: RowReader,
    records: Option<Records>,
    /// What neighbours may join.
    held: Option<(u64, Found)>,
    ready: VecDeque<(u64, Found)>,
    /// The value of the field for which the file repeats its rows.
    first: Option<Value>,
}

impl SaidRows {
    pub(super) fn new(label: String, reader: RowReader, records: Records) -> Self {
        let (held, ready, first) = (None, VecDeque::new(), None);
        Self { label, reader, records: Some(records), held, ready, first }
    }

    /// Gives no row at all.
    pub(super) fn ended(self) -> Self {
        Self { records: None, ..self }
    }

    fn take(&mut self, line: u64, fields: Fields) -> Result<(), Fault> {
        let source = match &self.reader {
            RowReader::Generic(reader) => {
                let found = Found { item: Some(reader.item(fields)?), ..Found::nothing() };
                self.ready.push_back((line, found));
                return Ok(());
            }
            RowReader::Source(source) => source,
        };
        let rows = source.family.rows;
        if let RowsMean::OnceFor(field) = rows {
            let value = fields.get(field).cloned().unwrap_or_default();
            if *self.first.get_or_insert_with(|| value.clone()) != value {
                return Ok(());
            }
        }
        for found in (source.family.read)(fields, &source.aid)? {
            match rows {
                RowsMean::Neighbours => self.hold(line, found),
                RowsMean::Alone | RowsMean::OnceFor(_) => self.ready.push_back((line, found)),
            }
        }
        Ok(())
    }

    fn hold(&mut self, line: u64, found: Found) {
        let room = |held: &Found| held.each.len() < MOST_NEIGHBOURS;
        match &mut self.held {
            Some((_, held)) if held.joins(&found) && room(held) => held.absorb(found),
            _ => self.ready.extend(self.held.replace((line, found))),
        }
    }
}

impl Iterator for SaidRows {
    type Item = Result<SaidRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((line, found)) = self.ready.pop_front() {
                let Found { item, opinions, passed_over, .. } = found.finished();
                return Some(Ok(SaidRow { line, item, opinions, passed_over }));
            }
            let record = self.records.as_mut().and_then(Iterator::next);
            let Some(record) = record else {
                self.ready.push_back(self.held.take()?);
                continue;
            };
            let (line, taken) = match record {
                Ok(Record { line, fields }) => (line, self.take(line, fields)),
                Err(bad) => (bad.line, Err(bad.fault)),
            };
            if let Err(fault) = taken {
                let error = fault.at(&self.label, line);
                if error.ends_file() {
                    self.records = None;
                }
                return Some(Err(error));
            }
        }
    }
}

impl fmt::Debug for SaidRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SaidRows").field("label", &self.label).finish_non_exhaustive()
    }
}
