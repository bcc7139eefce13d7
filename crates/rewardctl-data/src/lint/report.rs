//! What a lint comes to.

use serde::Serialize;

use crate::format::{Compression, Format};
use crate::lint::balance::Count;
use crate::lint::bias::PairFigures;
use crate::lint::finding::{Group, Totals};
use crate::lint::seen::Repeated;
use crate::lint::tokens::TokenFigures;

/// What a lint comes to.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The target, by name; None where the shape alone was judged.
    pub target: Option<&'static str>,
    /// The files, in the order given.
    pub files: Vec<FileReport>,
    /// The findings by check, in the order of the codes.
    pub groups: Vec<Group>,
    /// How many findings there are.
    pub totals: Totals,
    /// What was measured.
    pub figures: Figures,
}

/// A file that was judged.
#[derive(Debug, Clone, Serialize)]
pub struct FileReport {
    /// The file, as the user named it.
    pub file: String,
    /// Such as `JSONL`; None for an empty file.
    pub format: Option<String>,
    /// Such as `gzip`; None for nothing.
    pub compression: Option<&'static str>,
    /// What its rows hold.
    pub shape: &'static str,
    /// How many rows it has, readable or not.
    pub rows: u64,
}

/// What was measured over all files.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Figures {
    /// Different prompts, after blanks and case are folded.
    pub prompts: u64,
    /// Of pairs.
    pub pairs: Option<PairFigures>,
    /// Labels of unpaired answers.
    pub labels: Option<Count>,
    /// Labels of steps.
    pub steps: Option<Count>,
    /// Tokens of rows, where they were counted.
    pub tokens: Option<TokenFigures>,
    /// Comparisons of the same two answers.
    pub repeated: Option<Repeated>,
    /// Rows that were not compared with others, because there are more than the limit.
    pub rows_not_compared: u64,
}

impl FileReport {
    pub(crate) fn new(file: &str, format: Option<Format>, compression: Compression) -> Self {
        let format = format.map(|format| format.to_string());
        Self { file: file.into(), format, compression: compression.name(), shape: "nothing", rows: 0 }
    }
}
