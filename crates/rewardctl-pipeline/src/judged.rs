//! Rows of scored responses, read back: what critics said of candidates.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};

use rewardctl_core::id::ResponseId;
use serde::Deserialize;

use crate::error::Error;

/// What the panel said of one response.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct JudgedRow {
    /// The response.
    pub response_id: ResponseId,
    /// In 0..=1; None where there is no reward.
    pub reward: Option<f64>,
    /// In the panel's order.
    pub verdicts: Vec<JudgedVerdict>,
}

/// What one critic said.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct JudgedVerdict {
    /// The critic's name.
    pub critic: String,
    /// The dimension that it judged.
    pub dimension: String,
    /// In 0..=1; None unless it scored.
    pub score: Option<f64>,
    /// What the score rests on.
    pub rationale: String,
}

/// The rows of a file, in the order of the responses.
pub struct JudgedRows {
    path: PathBuf,
    lines: Lines<BufReader<File>>,
}

impl JudgedRows {
    /// Opens the JSONL that scoring wrote.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|source| Error::ReadVerdicts { path: path.into(), source })?;
        Ok(Self { path: path.into(), lines: BufReader::new(file).lines() })
    }

    /// Returns the rows of the next responses, which are `ids`.
    pub fn next(&mut self, ids: &[ResponseId]) -> Result<Vec<JudgedRow>, Error> {
        let rows: io::Result<Vec<JudgedRow>> = ids.iter().map(|id| self.row(*id)).collect();
        rows.map_err(|source| Error::ReadVerdicts { path: self.path.clone(), source })
    }

    fn row(&mut self, id: ResponseId) -> io::Result<JudgedRow> {
        let line = self.lines.next().unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))?;
        let row: JudgedRow = serde_json::from_str(&line)?;
        let is_other = row.response_id != id;
        if is_other { Err(io::Error::other("another response is next")) } else { Ok(row) }
    }
}
