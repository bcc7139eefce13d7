//! Writes what can be mended without changing what a text says; everything else stays as it is, byte for byte.
//!
//! The file is read twice: once for the `plan` (which columns are wholly 0 and 1, which keys there are), once to
//! write. A row that needs nothing is copied; of a row that does, only the values at fault are written anew.

mod mend;
mod plan;
mod raw_row;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::atomic::Sink;
use crate::error::Error;
use crate::lint::fix::mend::{Mended, mend};
use crate::lint::fix::plan::Plan;
use crate::lint::fix::raw_row::compact;
use crate::lint::pass::{LintFile, LintSettings};
use crate::lint::raw::{Content, RawFile, RawRow, RawRows};

/// What was mended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Fixed {
    /// Rows read.
    pub rows_in: u64,
    /// Rows written; without any, there is no file.
    pub rows_out: u64,
    /// How often each check's fault was mended.
    pub changes: BTreeMap<&'static str, u64>,
    /// Rows that cannot be read and were copied as they are.
    pub copied: u64,
    /// Rows that cannot be read and were left out, because one line cannot hold them.
    pub left_out: u64,
    /// Rows left out because the two transcripts part before an answer.
    pub parted: u64,
}

/// Writes the rows of a JSON file to `output`, mended; None if the file is a table, which is not mended.
///
/// What is mended is what `settings` select: a check that is ignored leaves its faults.
pub fn fix(file: &LintFile, settings: &LintSettings, output: &Path) -> Result<Option<Fixed>, Error> {
    let Some(raw) = RawFile::open(&file.path, &file.label, settings.max_row_bytes)? else {
        return Err(Error::Empty { path: file.label.clone().into() });
    };
    if !raw.is_json() {
        return Ok(None);
    }
    let plan = Plan::of(&mut raw.rows()?, settings);
    let mut fixed = Fixed::default();
    let failed = Sink::failed(output);
    let mut sink = Sink::create(output)?;
    let mut rows = raw.rows()?;
    while let Some(row) = rows.next() {
        fixed.rows_in += 1;
        if let Some(line) = fixed.line(row, &rows, &plan) {
            sink.write_all(&line).and_then(|()| sink.write_all(b"\n")).map_err(&failed)?;
            fixed.rows_out += 1;
        }
    }
    fixed.note_marks(&raw, &rows, settings);
    if fixed.rows_out > 0 {
        sink.finish().map_err(&failed)?;
    }
    Ok(Some(fixed))
}

impl Fixed {
    /// Returns the line to write for a row; None where it is left out.
    fn line(&mut self, row: RawRow, rows: &RawRows, plan: &Plan) -> Option<Vec<u8>> {
        let text = rows.text().unwrap_or_default();
        let Content::Fields(fields) = row.content else { return self.unreadable(text) };
        match mend(&fields, text, plan) {
            Mended::Row(line, codes) => {
                codes.into_iter().for_each(|code| self.count(code, 1));
                Some(line.unwrap_or_else(|| compact(text)))
            }
            Mended::Dropped(code) => {
                self.count(code, 1);
                None
            }
            Mended::Parted => {
                self.parted += 1;
                None
            }
        }
    }

    fn unreadable(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        let fits = !text.contains(&b'\n');
        if fits {
            self.copied += 1
        } else {
            self.left_out += 1
        }
        fits.then(|| text.to_vec())
    }

    fn note_marks(&mut self, raw: &RawFile, rows: &RawRows, settings: &LintSettings) {
        use crate::lint::check::loader::{F01, F02, F03};
        let marks = rows.marks();
        let counts = [(&F01, u64::from(raw.has_mark)), (&F02, marks.blank.count), (&F03, marks.crlf.count)];
        for (check, count) in counts.into_iter().filter(|(check, _)| settings.selection.wants(check)) {
            self.count(check.code, count);
        }
    }

    fn count(&mut self, code: &'static str, count: u64) {
        if count > 0 {
            *self.changes.entry(code).or_default() += count;
        }
    }
}
