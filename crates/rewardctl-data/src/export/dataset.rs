//! Writes a dataset in the shape that a trainer loads: one pass over its rows, a second one before it where files are
//! numbered, and memory for the rows that a writer gathers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rewardctl_core::dataset::{Kind, Row, Split};
use serde::Serialize;

use crate::dataset_file::{Rows, read_rows};
use crate::error::Error;
use crate::export::outputs::Outputs;
use crate::export::request::{Checked, Parts, Request, Sharding};
use crate::export::withheld::{Changed, Withheld};

/// What an export came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exported {
    /// The target.
    pub target: String,
    /// What the dataset is made of; None of a dataset without rows.
    pub kind: Option<Kind>,
    /// Rows written.
    pub rows: u64,
    /// The files with rows.
    pub files: Vec<ExportedFile>,
    /// Rows of parts of the dataset that were not asked for.
    pub left_out: BTreeMap<&'static str, u64>,
    /// Rows that the target cannot carry, by reason.
    pub withheld: BTreeMap<Withheld, u64>,
    /// Rows that were changed so that their loader reads them right, by what was done.
    pub changed: BTreeMap<Changed, u64>,
    /// The file that says where each row comes from; None beside stdout.
    pub provenance: Option<PathBuf>,
    /// How to load what was written; empty without rows.
    pub load: String,
}

/// A file with rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportedFile {
    /// Where it lies.
    pub path: PathBuf,
    /// The part of the dataset that it holds; None for a file of several.
    pub split: Option<&'static str>,
    /// Its rows.
    pub rows: u64,
}

/// Writes a dataset, given by its file of rows, and says what became of each row. Without any row there is no file.
pub fn export_dataset(dataset: &Path, request: &Request) -> Result<Exported, Error> {
    let mut exported = Exported::nothing(request.target);
    let Some(first) = read_rows(dataset)?.next().transpose()? else { return Ok(exported) };
    let checked = request.check(&first.example)?;
    exported.target = checked.target.call();
    exported.kind = Some(checked.kind);
    let counts = match request.sharding {
        Sharding::None => BTreeMap::new(),
        _ => count(read_rows(dataset)?, &checked, request)?,
    };
    let mut outputs = Outputs::new(&checked, request, &counts)?;
    for row in read_rows(dataset)? {
        let row = row?;
        if !checked.parts.has(row.split) {
            *exported.left_out.entry(row.split.name()).or_default() += 1;
            continue;
        }
        exported.add(row, &checked, request, &mut outputs)?;
    }
    if exported.rows > 0 {
        let written = outputs.finish(&checked)?;
        exported.load = (checked.target.load)(&written);
        exported.provenance = checked.has_provenance().then(|| super::provenance_path(request.out));
        exported.files = written.files.iter().map(ExportedFile::of).collect();
    }
    Ok(exported)
}

/// Counts the rows that will be written of each part.
fn count(rows: Rows, checked: &Checked, request: &Request) -> Result<BTreeMap<Option<Split>, u64>, Error> {
    let mut counts = BTreeMap::new();
    for row in rows {
        let row = row?;
        let key = checked.part(row.split);
        if checked.parts.has(row.split) && checked.target.make(row, 0, request.more).is_ok() {
            *counts.entry(key).or_default() += 1;
        }
    }
    Ok(counts)
}

impl Exported {
    fn nothing(target: &str) -> Self {
        Self {
            target: target.into(),
            kind: None,
            rows: 0,
            files: vec![],
            left_out: BTreeMap::new(),
            withheld: BTreeMap::new(),
            changed: BTreeMap::new(),
            provenance: None,
            load: String::new(),
        }
    }

    fn add(
        &mut self,
        row: Row,
        checked: &Checked,
        request: &Request,
        outputs: &mut Outputs,
    ) -> Result<(), Error> {
        let part = checked.part(row.split);
        let (split, provenance) = (row.split, row.provenance.clone());
        match checked.target.make(row, outputs.next_number(part), request.more) {
            Err(reason) => *self.withheld.entry(reason).or_default() += 1,
            Ok((made, changed)) => {
                self.rows += 1;
                if let Some(changed) = changed {
                    *self.changed.entry(changed).or_default() += 1;
                }
                outputs.write(part, &made, split, provenance)?;
            }
        }
        Ok(())
    }
}

impl ExportedFile {
    fn of(file: &super::written::DataFile) -> Self {
        Self { path: file.path.clone(), split: file.split.map(Split::name), rows: file.rows }
    }
}

impl Parts {
    fn has(self, split: Split) -> bool {
        match self {
            Self::All => true,
            Self::One(one) => one == split,
        }
    }
}

#[cfg(test)]
mod tests;
