//! The rows of several files as one sequence, with the place of each.

use std::slice::Iter;

use rewardctl_data::error::Error as DataError;
use rewardctl_data::row_error::RowError;
use rewardctl_data::row_texts::{TextFile, TextRow, TextRows, WholeRow};

use crate::duplicates::Place;
use crate::error::Error;
use crate::ingest::{BAD_ROWS_LISTED, OnBadRow};

/// The texts of all rows, one file after the other; bad rows are counted and left out.
pub(super) struct Reading<'a> {
    files: Iter<'a, TextFile>,
    rows: Option<TextRows<TextRow>>,
    places: Places,
    bad: BadRows,
}

/// Where rows stand, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Places {
    labels: Vec<String>,
    /// The number of the first row of each file.
    starts: Vec<usize>,
    lines: Vec<u64>,
}

/// Rows that cannot be used.
#[derive(Debug, Default)]
pub(super) struct BadRows {
    pub count: u64,
    pub first: Vec<RowError>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(files: &'a [TextFile]) -> Self {
        Self { files: files.iter(), rows: None, places: Places::default(), bad: BadRows::default() }
    }

    /// Returns where the rows stand, and what could not be read if that is allowed.
    pub(super) fn finish(self, on_bad_row: OnBadRow) -> Result<(Places, BadRows), Error> {
        let nothing_left = self.places.lines.is_empty();
        if self.bad.count > 0 && (nothing_left || on_bad_row == OnBadRow::Fail) {
            return Err(Error::BadRows { count: self.bad.count, first: self.bad.first });
        }
        Ok((self.places, self.bad))
    }

    fn next_file(&mut self) -> Option<Result<(), DataError>> {
        let file = self.files.next()?;
        self.places.labels.push(file.label().to_owned());
        self.places.starts.push(self.places.lines.len());
        Some(file.texts().map(|rows| self.rows = Some(rows)))
    }
}

impl Iterator for Reading<'_> {
    type Item = Result<String, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.rows.as_mut().and_then(Iterator::next) {
                Some(Ok(row)) => {
                    self.places.lines.push(row.line);
                    return Some(Ok(row.text));
                }
                Some(Err(error)) if error.ends_file() => return Some(Err(Error::CutShort(error))),
                Some(Err(error)) => self.bad.add(error),
                None => match self.next_file()? {
                    Ok(()) => {}
                    Err(error) => return Some(Err(error.into())),
                },
            }
        }
    }
}

impl BadRows {
    fn add(&mut self, error: RowError) {
        self.count += 1;
        if self.first.len() < BAD_ROWS_LISTED {
            self.first.push(error);
        }
    }
}

impl Places {
    /// Returns where the row of this number stands.
    pub(super) fn of(&self, row: usize) -> Place {
        let file = self.starts.partition_point(|start| *start <= row) - 1;
        Place { file: self.labels[file].clone(), line: self.lines[row] }
    }
}

/// Reads the rows again and returns those that are kept, by their numbers among the readable ones.
///
/// # Errors
/// If there are not as many as before.
pub(super) fn kept_rows(
    files: &[TextFile],
    expected: usize,
    is_kept: impl Fn(usize) -> bool,
) -> impl Iterator<Item = Result<WholeRow, Error>> {
    let rows = files.iter().flat_map(|file| match file.whole() {
        Ok(rows) => Rows::Open(rows),
        Err(error) => Rows::Closed(Some(error)),
    });
    // A mark at the end, where the number of rows is known.
    let mut number = 0;
    rows.map(Some).chain([None]).filter_map(move |row| match row {
        Some(Ok(row)) => {
            number += 1;
            (number <= expected && is_kept(number - 1)).then_some(Ok(row))
        }
        Some(Err(error)) => Some(Err(error)),
        None if number == expected => None,
        None => Some(Err(Error::Changed { finished: number as u64, total: expected as u64 })),
    })
}

/// The readable rows of a file, or why it does not open.
#[expect(clippy::large_enum_variant, reason = "there is one for each file that is read")]
enum Rows {
    Open(TextRows<WholeRow>),
    Closed(Option<DataError>),
}

impl Iterator for Rows {
    type Item = Result<WholeRow, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Rows::Closed(error) => error.take().map(|error| Err(error.into())),
            Rows::Open(rows) => loop {
                match rows.next()? {
                    Ok(row) => return Some(Ok(row)),
                    Err(error) if error.ends_file() => return Some(Err(Error::CutShort(error))),
                    Err(_) => {}
                }
            },
        }
    }
}
