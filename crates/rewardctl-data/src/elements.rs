//! JSON that is not one object a line: the elements of a list, or objects one after the other, taken one by one.
//!
//! The splitter knows only strings and depth; whether an element is valid is for the parser to say. So a broken
//! element costs that element, not the file.

use std::io;

use crate::compressed::Stream;
use crate::json::parse_row;
use crate::records::{BadRecord, Record, stopped};
use crate::row_error::RowProblem;

/// The objects of a JSON file.
pub(crate) struct Elements {
    stream: Stream,
    limit: usize,
    state: State,
    /// Where the stream stands: 1-based line and 0-based byte in it.
    line: u64,
    column: u64,
    text: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    List,
    Objects,
    End,
}

/// Follows strings and depth through an element.
struct Scanner {
    in_list: bool,
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Elements {
    pub(crate) fn new(stream: Stream, limit: usize) -> Self {
        Self { stream, limit, state: State::Start, line: 1, column: 0, text: vec![] }
    }

    /// Returns the element read last.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Returns the next object.
    pub(crate) fn next_record(&mut self) -> Option<Result<Record, BadRecord>> {
        let (line, column) = match self.next_text() {
            Ok(place) => place?,
            Err(bad) => {
                self.state = State::End;
                return Some(Err(bad));
            }
        };
        if self.text.len() > self.limit {
            let fault = RowProblem::TooLong { limit: self.limit }.into();
            return Some(Err(BadRecord { line, fault }));
        }
        Some(match parse_row(&self.text, column) {
            Ok(fields) => Ok(Record { line, fields }),
            Err(bad) => Err(BadRecord { line: line + bad.line, fault: bad.fault }),
        })
    }

    /// Fills `text` with the next element and returns its place; None at the end.
    fn next_text(&mut self) -> Result<Option<(u64, u64)>, BadRecord> {
        if self.state == State::End {
            return Ok(None);
        }
        if self.state == State::Start {
            self.start()?;
        }
        match (self.state, self.peek()?) {
            (State::List, None) => Err(self.broken("the list never ends")),
            (State::List, Some(b']')) => self.end_of_list(),
            (State::Objects, Some(b'{')) | (State::List, Some(_)) => self.take_element().map(Some),
            (State::Objects, Some(_)) => Err(self.broken("expected an object")),
            (State::Start | State::Objects | State::End, _) => Ok(None),
        }
    }

    fn start(&mut self) -> Result<(), BadRecord> {
        self.state = State::Objects;
        if self.peek()? == Some(b'[') {
            self.skip(1);
            self.state = State::List;
        }
        Ok(())
    }

    fn end_of_list(&mut self) -> Result<Option<(u64, u64)>, BadRecord> {
        self.skip(1);
        self.state = State::End;
        match self.peek()? {
            None => Ok(None),
            Some(_) => Err(self.broken("text follows the end of the list")),
        }
    }

    fn take_element(&mut self) -> Result<(u64, u64), BadRecord> {
        let place = (self.line, self.column);
        let in_list = self.state == State::List;
        let mut scanner = Scanner { in_list, depth: 0, in_string: false, escaped: false };
        self.text.clear();
        loop {
            let chunk = self.stream.fill_buf().map_err(|error| stopped(place.0, &error))?;
            // A list cut off between two elements has lost none that began.
            if chunk.is_empty() && in_list && scanner.depth == 0 && !scanner.in_string {
                break;
            }
            if chunk.is_empty() {
                return Err(BadRecord::stopped(place.0, "the element that starts here never ends"));
            }
            let end = scanner.scan(chunk);
            let taken = end.unwrap_or(chunk.len());
            // One byte more than allowed is kept, to tell that there were more.
            let room = (self.limit + 1).saturating_sub(self.text.len());
            self.text.extend_from_slice(&chunk[..taken.min(room)]);
            self.skip(taken);
            if end.is_some() {
                break;
            }
        }
        if in_list && self.peek()? == Some(b',') {
            self.skip(1);
        }
        Ok(place)
    }

    /// Skips blanks and returns the byte after them; None at the end.
    fn peek(&mut self) -> Result<Option<u8>, BadRecord> {
        loop {
            let chunk = self.stream.fill_buf().map_err(|error: io::Error| stopped(self.line, &error))?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let blanks = chunk.len() - chunk.trim_ascii_start().len();
            let next = chunk.get(blanks).copied();
            self.skip(blanks);
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    /// Moves on by `count` bytes of the buffer, which must hold them.
    fn skip(&mut self, count: usize) {
        let passed = &self.stream.fill_buf().unwrap_or_default()[..count];
        match passed.iter().rposition(|&b| b == b'\n') {
            None => self.column += count as u64,
            Some(last) => {
                self.line += passed.iter().filter(|&&b| b == b'\n').count() as u64;
                self.column = (count - last - 1) as u64;
            }
        }
        self.stream.consume(count);
    }

    fn broken(&self, what: &str) -> BadRecord {
        BadRecord::stopped(self.line, what)
    }
}

impl Scanner {
    /// Returns where the element ends in `chunk`, if it does.
    fn scan(&mut self, chunk: &[u8]) -> Option<usize> {
        for (at, &byte) in chunk.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b',' | b']' if self.depth == 0 && self.in_list => return Some(at),
                b'}' | b']' if self.depth == 1 && !self.in_list => return Some(at + 1),
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
