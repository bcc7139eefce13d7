//! The types of Parquet columns: E16.

use std::path::Path;

use crate::error::Error;
use crate::lint::check::loader::E16;
use crate::lint::finding::Findings;
use crate::parquet_read::refused_columns;

/// Checks the types of the columns of a Parquet file.
pub(crate) fn check(path: &Path, label: &str, findings: &mut Findings) -> Result<(), Error> {
    for (column, what) in refused_columns(path, Path::new(label))? {
        findings.add(&E16, Some(column), what);
    }
    Ok(())
}
