//! Writes the consensus of annotators: a row an item, as JSONL.

use std::path::Path;

use serde::Serialize;

use crate::error::Error;
use crate::row_file::write_jsonl;

/// Writes the rows whole or not at all, or to stdout if `path` is `-`, and returns how many; without any row there is
/// no file.
pub fn write_consensus<T: Serialize>(path: &Path, rows: impl Iterator<Item = T>) -> Result<u64, Error> {
    write_jsonl(path, rows.map(Ok::<_, Error>))
}
