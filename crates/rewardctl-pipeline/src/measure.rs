//! Figures of files that were measured elsewhere: probabilities, comparisons, verdicts of judges, benchmark results.
//!
//! Nothing is scored here and nothing is kept. A row without a verdict takes part in no figure, and is counted.

pub mod benchmark;
pub mod corrected;
pub mod pairs;
pub mod plot;
pub mod probabilities;
pub mod ranking;

mod clusters;

use std::path::Path;

use rewardctl_data::error::Error as DataError;
use rewardctl_data::measured::Measured;
use rewardctl_data::row_error::RowError;
use serde::Serialize;

use crate::error::Error;
use crate::ingest::{BAD_ROWS_LISTED, InputFile, OnBadRow};

/// A figure with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figure {
    /// The figure; None where it does not exist, such as a curve over one class.
    pub value: Option<f64>,
    /// Its 95 % interval; None where there is too little to tell.
    pub interval: Option<(f64, f64)>,
}

/// The rows of some files.
#[derive(Debug)]
pub struct Gathered<T> {
    /// The rows, each with the place of its file among those given.
    pub rows: Vec<(usize, T)>,
    /// How many rows cannot be used.
    pub skipped: u64,
    /// The first of them.
    pub skipped_rows: Vec<RowError>,
}

/// Opens a file, which errors call by the name given, as rows of one kind.
pub type Open<T> = fn(&Path, &str) -> Result<Measured<T>, DataError>;

/// Reads all rows of the files, each with its line.
pub fn gather_lines<T>(
    files: &[InputFile],
    on_bad_row: OnBadRow,
    open: Open<T>,
) -> Result<Gathered<(u64, T)>, Error> {
    let mut gathered = Gathered { rows: vec![], skipped: 0, skipped_rows: vec![] };
    for (at, file) in files.iter().enumerate() {
        for row in open(&file.path, &file.label)? {
            match row {
                Ok(row) => gathered.rows.push((at, row)),
                Err(error) if error.ends_file() => return Err(Error::CutShort(error)),
                Err(error) => {
                    gathered.skipped += 1;
                    if gathered.skipped_rows.len() < BAD_ROWS_LISTED {
                        gathered.skipped_rows.push(error);
                    }
                }
            }
        }
    }
    let nothing_left = gathered.rows.is_empty();
    if gathered.skipped > 0 && (nothing_left || on_bad_row == OnBadRow::Fail) {
        return Err(Error::BadRows { count: gathered.skipped, first: gathered.skipped_rows });
    }
    Ok(gathered)
}

/// Reads all rows of the files.
pub fn gather<T>(files: &[InputFile], on_bad_row: OnBadRow, open: Open<T>) -> Result<Gathered<T>, Error> {
    let Gathered { rows, skipped, skipped_rows } = gather_lines(files, on_bad_row, open)?;
    let rows = rows.into_iter().map(|(file, (_, row))| (file, row)).collect();
    Ok(Gathered { rows, skipped, skipped_rows })
}

impl Figure {
    pub(crate) fn new(value: Option<f64>, interval: Option<(f64, f64)>) -> Self {
        Self { value, interval: interval.filter(|_| value.is_some()) }
    }
}
