//! JSONL: one object a line, each line bounded.

use std::io::{self, BufRead, Read};

use crate::compressed::Stream;
use crate::json::parse_row;
use crate::records::{BadRecord, Record, stopped};
use crate::row_error::RowProblem;

/// The lines of a JSONL file.
pub(crate) struct Lines {
    stream: Stream,
    limit: usize,
    line: u64,
    text: Vec<u8>,
    marks: Marks,
}

/// What readers forgive that take lines as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub blank: Mark,
    /// Ends with carriage return and line feed.
    pub crlf: Mark,
}

/// How many lines have a mark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub first: Option<u64>,
    pub count: u64,
}

enum Line {
    None,
    Whole,
    TooLong,
}

impl Lines {
    pub(crate) fn new(stream: Stream, limit: usize) -> Self {
        Self { stream, limit, line: 0, text: vec![], marks: Marks::default() }
    }

    /// Returns the line read last, with its end.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Returns the marks of the lines read so far.
    pub(crate) fn marks(&self) -> Marks {
        self.marks
    }

    /// Returns the next row; blank lines are none.
    pub(crate) fn next_record(&mut self) -> Option<Result<Record, BadRecord>> {
        loop {
            self.line += 1;
            match self.read_line() {
                Err(error) => return Some(Err(stopped(self.line, &error))),
                Ok(Line::None) => return None,
                Ok(Line::TooLong) => {
                    let fault = RowProblem::TooLong { limit: self.limit }.into();
                    return Some(Err(BadRecord { line: self.line, fault }));
                }
                Ok(Line::Whole) if self.text.trim_ascii().is_empty() => self.marks.blank.add(self.line),
                Ok(Line::Whole) => {
                    if self.text.ends_with(b"\r\n") {
                        self.marks.crlf.add(self.line);
                    }
                    return Some(self.parse());
                }
            }
        }
    }

    /// Reads a line into `text`; of a long one, the rest is passed over.
    fn read_line(&mut self) -> io::Result<Line> {
        self.text.clear();
        let with_end = self.limit as u64 + 1;
        let read = (&mut self.stream).take(with_end).read_until(b'\n', &mut self.text)?;
        if read == 0 {
            return Ok(Line::None);
        }
        if (read as u64) < with_end || self.text.ends_with(b"\n") {
            return Ok(Line::Whole);
        }
        self.stream.skip_until(b'\n')?;
        Ok(Line::TooLong)
    }

    fn parse(&self) -> Result<Record, BadRecord> {
        match parse_row(self.text.trim_ascii_end(), 0) {
            Ok(fields) => Ok(Record { line: self.line, fields }),
            Err(bad) => Err(BadRecord { line: self.line, fault: bad.fault }),
        }
    }
}

impl Mark {
    fn add(&mut self, line: u64) {
        self.first.get_or_insert(line);
        self.count += 1;
    }
}
