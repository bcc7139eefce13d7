//! The gate before an export: no personal data and no secrets leave in rows, unless the user says so.

use std::collections::BTreeMap;
use std::path::Path;

use rewardctl_core::dataset::Row;
use rewardctl_core::dataset::recipe::screening::PersonalData;
use rewardctl_data::dataset_file::read_rows;
use rewardctl_model::file::sha256_of_file;
use rewardctl_pii::finding::Certainty;
use rewardctl_pii::scanner::{Options, Scanner};

use crate::dataset::manifest::Manifest;
use crate::dataset::screen::shown;
use crate::error::Error;

/// Personal data and secrets in the rows of a dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonalDataFound {
    /// Rows with any.
    pub rows: u64,
    /// How many of each kind.
    pub kinds: BTreeMap<&'static str, u64>,
}

/// Looks for personal data in a file of rows. Rows that were looked at when they were built, by their manifest and its
/// hash, are not looked at again.
pub fn personal_data(rows: &Path) -> Result<PersonalDataFound, Error> {
    let mut found = PersonalDataFound::default();
    if is_screened(rows)? {
        return Ok(found);
    }
    let scanner = Scanner::new(Options::default());
    for row in read_rows(rows)? {
        found.add(&scanner, &row?);
    }
    Ok(found)
}

fn is_screened(rows: &Path) -> Result<bool, Error> {
    let Some(manifest) = rows.parent().and_then(|folder| Manifest::read(folder).ok()) else {
        return Ok(false);
    };
    let withheld = manifest.recipe.privacy.personal_data != PersonalData::Allow;
    Ok(withheld && manifest.rows_sha256 == sha256_of_file(rows)?)
}

impl PersonalDataFound {
    fn add(&mut self, scanner: &Scanner, row: &Row) {
        let named = row.provenance.generators.iter().flatten().map(String::as_str);
        let texts = shown(&row.prompt, &row.example).into_iter().chain(named);
        let found = texts.flat_map(|text| scanner.scan(text));
        let sure: Vec<_> = found.filter(|finding| finding.certainty > Certainty::Possible).collect();
        self.rows += u64::from(!sure.is_empty());
        sure.iter().for_each(|finding| *self.kinds.entry(finding.kind.name()).or_default() += 1);
    }
}
