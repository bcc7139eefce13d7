//! CSV and TSV: cells under a header, each record bounded.
//!
//! Read by hand, because common readers take a quote that never closes for one long cell: the rows in it would
//! be lost without a word. Here it is an error that names the line. Written as RFC 4180 says.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::compressed::Stream;
use crate::error::{Error, HeaderProblem};
use crate::json::{Fields, parse};
use crate::layout::is_list_name;
use crate::records::{BadRecord, Record, stopped};
use crate::row_error::{Fault, RowProblem, quoted};
use crate::source::Source;

/// More columns than any table of prompts has; bounds the memory of a hostile header.
const MAX_COLUMNS: usize = 10_000;

/// The rows of a CSV or TSV file.
pub(crate) struct Cells {
    stream: Stream,
    separator: u8,
    limit: usize,
    header: Vec<String>,
    /// The columns that hold lists because the user says so.
    lists: Vec<String>,
    /// The 1-based line that the stream stands in.
    line: u64,
    cells: CellBuffer,
}

/// The cells of one record, in one run of bytes.
#[derive(Default)]
struct CellBuffer {
    text: Vec<u8>,
    /// Where each cell ends; no more than `most`.
    ends: Vec<usize>,
    most: usize,
    /// How many cells there are, kept or not.
    count: usize,
    /// How many bytes the record has, kept or not.
    bytes: usize,
    fault: Option<RowProblem>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    CellStart,
    Plain,
    Quoted,
    AfterQuote,
}

impl Cells {
    /// Reads the header of `source`.
    pub(crate) fn new(stream: Stream, source: &Source) -> Result<Self, Error> {
        let given = &source.settings.fields;
        let lists = [&given.responses, &given.documents, &given.generator];
        let mut new = Self {
            stream,
            separator: source.separator,
            limit: source.settings.max_row_bytes,
            header: vec![],
            lists: lists.into_iter().flatten().cloned().collect(),
            line: 1,
            cells: CellBuffer { most: MAX_COLUMNS, ..CellBuffer::default() },
        };
        let path = &source.label;
        let problem = match new.read_record() {
            None => return Err(Error::Empty { path: path.into() }),
            Some(Ok(line)) => match new.names() {
                Ok(header) => {
                    new.cells.most = header.len();
                    new.header = header;
                    return Ok(new);
                }
                Err(problem) => (line, problem),
            },
            Some(Err(bad)) => (bad.line, HeaderProblem::Unreadable(bad.fault.problem)),
        };
        Err(Error::Header { path: path.into(), line: problem.0, problem: problem.1 })
    }

    /// Returns the next row; blank lines are none.
    pub(crate) fn next_record(&mut self) -> Option<Result<Record, BadRecord>> {
        let line = match self.read_record()? {
            Ok(line) => line,
            Err(bad) => return Some(Err(bad)),
        };
        Some(self.fields().map(|fields| Record { line, fields }).map_err(|fault| BadRecord { line, fault }))
    }

    /// Reads the next record that is not blank into `cells` and returns its line.
    fn read_record(&mut self) -> Option<Result<u64, BadRecord>> {
        loop {
            let line = self.line;
            self.cells.clear();
            match self.fill() {
                Err(bad) => return Some(Err(bad)),
                Ok(false) => return None,
                Ok(true) if self.cells.is_blank() => {}
                Ok(true) => {
                    let too_long = self.cells.bytes > self.limit;
                    let too_long = too_long.then_some(RowProblem::TooLong { limit: self.limit });
                    return Some(match too_long.or_else(|| self.cells.fault.take()) {
                        None => Ok(line),
                        Some(problem) => Err(BadRecord { line, fault: problem.into() }),
                    });
                }
            }
        }
    }

    /// Reads to the end of a record; false if there is none.
    fn fill(&mut self) -> Result<bool, BadRecord> {
        let mut place = Place::CellStart;
        let mut quote_line = self.line;
        loop {
            let chunk = self.stream.fill_buf().map_err(|error| stopped(self.line, &error))?;
            if chunk.is_empty() {
                return self.end_of_file(place, quote_line);
            }
            for (at, &byte) in chunk.iter().enumerate() {
                let before = place;
                self.line += u64::from(byte == b'\n');
                place = self.cells.step(place, byte, self.separator, self.limit);
                if place == Place::Quoted && before == Place::CellStart {
                    quote_line = self.line;
                }
                if byte == b'\n' && place == Place::CellStart {
                    self.stream.consume(at + 1);
                    return Ok(true);
                }
            }
            let passed = chunk.len();
            self.stream.consume(passed);
        }
    }

    fn end_of_file(&mut self, place: Place, quote_line: u64) -> Result<bool, BadRecord> {
        if place == Place::Quoted {
            let fault = RowProblem::OpenQuote { cell: self.cells.count + 1 }.into();
            return Err(BadRecord { line: quote_line, fault });
        }
        if self.cells.bytes == 0 {
            return Ok(false);
        }
        self.cells.end_record(place);
        Ok(true)
    }

    fn names(&self) -> Result<Vec<String>, HeaderProblem> {
        if self.cells.count > MAX_COLUMNS {
            let problem = RowProblem::CellCount { expected: MAX_COLUMNS, found: self.cells.count };
            return Err(HeaderProblem::Unreadable(problem));
        }
        let mut names = vec![];
        for (at, cell) in self.cells.iter().enumerate() {
            let name = text(cell).map_err(HeaderProblem::Unreadable)?.trim();
            // Tables that carry an index leave its name out.
            names.push(if name.is_empty() { format!("column {}", at + 1) } else { name.into() });
        }
        if self.cells.iter().all(|cell| cell.trim_ascii().is_empty()) {
            return Err(HeaderProblem::Missing);
        }
        let mut seen = BTreeSet::new();
        match names.iter().find(|name| !seen.insert(name.as_str())) {
            Some(twice) => Err(HeaderProblem::Twice(quoted(twice))),
            None => Ok(names),
        }
    }

    fn fields(&self) -> Result<Fields, Fault> {
        if self.cells.count != self.header.len() {
            let (expected, found) = (self.header.len(), self.cells.count);
            return Err(RowProblem::CellCount { expected, found }.into());
        }
        let mut fields = Map::new();
        for (name, cell) in self.header.iter().zip(self.cells.iter()) {
            let cell = text(cell).map_err(|problem| Fault::of_field(name, problem))?;
            if cell.contains('\0') {
                return Err(Fault::of_field(name, RowProblem::Nul));
            }
            fields.insert(name.clone(), self.unfolded(name, cell));
        }
        Ok(fields)
    }

    /// Returns the value of a cell: the list that its column asks for, the chat that it spells out, else its text.
    fn unfolded(&self, name: &str, cell: &str) -> Value {
        let asks_for_list = || is_list_name(name) || self.lists.iter().any(|list| list == name);
        if cell.trim_start().starts_with(['[', '{'])
            && let Ok(value) = parse(cell.as_bytes(), 0)
            && (is_chat(&value) || (value.is_array() && asks_for_list()))
        {
            return value;
        }
        Value::String(cell.into())
    }
}

impl CellBuffer {
    fn clear(&mut self) {
        *self = Self {
            text: std::mem::take(&mut self.text),
            ends: std::mem::take(&mut self.ends),
            most: self.most,
            ..Self::default()
        };
        self.text.clear();
        self.ends.clear();
    }

    /// Takes one byte and returns the place after it.
    fn step(&mut self, place: Place, byte: u8, separator: u8, limit: usize) -> Place {
        self.bytes += 1;
        match (place, byte) {
            (Place::Quoted, b'"') => return Place::AfterQuote,
            (Place::CellStart, b'"') => return Place::Quoted,
            (Place::Quoted, _) => {}
            (_, b'\n') => {
                self.end_record(place);
                return Place::CellStart;
            }
            (_, byte) if byte == separator => {
                self.end_cell();
                return Place::CellStart;
            }
            (Place::AfterQuote, b'\r') => return place,
            (Place::AfterQuote, b'"') => {}
            (Place::AfterQuote, _) => {
                self.fault.get_or_insert(RowProblem::AfterQuote { cell: self.count + 1 });
            }
            (Place::CellStart | Place::Plain, _) => {}
        }
        if self.bytes <= limit && self.count < self.most {
            self.text.push(byte);
        }
        match place {
            Place::Quoted => Place::Quoted,
            Place::AfterQuote if byte == b'"' => Place::Quoted,
            Place::CellStart | Place::Plain | Place::AfterQuote => Place::Plain,
        }
    }

    fn end_cell(&mut self) {
        self.count += 1;
        if self.count <= self.most {
            self.ends.push(self.text.len());
        }
    }

    fn end_record(&mut self, place: Place) {
        let from = self.ends.last().copied().unwrap_or(0);
        if place == Place::Plain && self.text[from..].ends_with(b"\r") {
            self.text.pop();
        }
        self.end_cell();
    }

    fn is_blank(&self) -> bool {
        // A quoted empty cell has two more bytes.
        self.count == 1 && self.text.is_empty() && self.bytes <= 2
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.text[start..end])
    }
}

/// Writes one record.
pub(crate) fn write_record(out: &mut Vec<u8>, cells: &[String]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            out.push(b'"');
            out.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        } else {
            out.extend_from_slice(cell.as_bytes());
        }
    }
    out.push(b'\n');
}

fn text(cell: &[u8]) -> Result<&str, RowProblem> {
    std::str::from_utf8(cell).map_err(|error| RowProblem::NotUtf8 { at: error.valid_up_to() as u64 + 1 })
}

fn is_chat(value: &Value) -> bool {
    let is_turn = |value: &Value| {
        (value.get("role").is_some() && value.get("content").is_some())
            || (value.get("from").is_some() && value.get("value").is_some())
    };
    match value {
        Value::Array(turns) => !turns.is_empty() && turns.iter().all(is_turn),
        other => is_turn(other),
    }
}

#[cfg(test)]
mod tests;
