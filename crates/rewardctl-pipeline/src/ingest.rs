//! Ingest: every input file is read once and checked before any work is done, so that a bad row at the end of a
//! long file changes nothing and costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use rewardctl_core::id::ItemId;
use rewardctl_core::item::Item;
use rewardctl_critic::llm::family::family;
use rewardctl_data::fields::ReadSettings;
use rewardctl_data::input::{Input, open_all};
use rewardctl_data::row_error::RowError;

use crate::error::Error;

/// Bad rows that a report lists; the rest are counted.
pub const BAD_ROWS_LISTED: usize = 20;

/// Families of models told apart; more than that are a mistake in the input.
const FAMILIES: usize = 10_000;

/// What to do with a row that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnBadRow {
    /// Refuse the input.
    Fail,
    /// Leave the row out, count it and list it.
    Skip,
}

/// A file to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputFile {
    /// What rows and errors call it.
    pub label: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// The input files, checked.
#[derive(Debug)]
pub struct Checked {
    /// The files, in the order in which they are read: sorted, so that the order of arguments does not matter.
    pub inputs: Vec<Input>,
    /// Rows that can be used.
    pub items: u64,
    /// Responses in them.
    pub responses: u64,
    /// Responses by the family of the model that wrote them, where the input says so.
    pub families: BTreeMap<String, u64>,
    /// Rows left out.
    pub skipped: u64,
    /// The first of them.
    pub skipped_rows: Vec<RowError>,
    /// The items that are judged; None for all.
    pub only: Option<Arc<BTreeSet<ItemId>>>,
}

/// Opens and reads all files once; tells `progress` the rows read so far.
pub fn check(
    files: &[InputFile],
    settings: &ReadSettings,
    on_bad_row: OnBadRow,
    progress: &mut dyn FnMut(u64),
) -> Result<Checked, Error> {
    let mut sorted: Vec<&InputFile> = files.iter().collect();
    sorted.sort();
    let mut checked = Checked {
        inputs: vec![],
        items: 0,
        responses: 0,
        families: BTreeMap::new(),
        skipped: 0,
        skipped_rows: vec![],
        only: None,
    };
    let inputs = open_all(sorted.iter().map(|file| (file.path.as_path(), file.label.as_str())), settings)?;
    if let Some(first) = inputs.first().filter(|_| !inputs.iter().any(Input::has_items)) {
        return Err(first.needs().into());
    }
    for input in inputs {
        for row in input.rows()? {
            match row {
                Ok(row) => {
                    checked.items += 1;
                    checked.responses += row.item.responses.len() as u64;
                    count_families(&row.item, &mut checked.families);
                }
                Err(error) if error.ends_file() => return Err(Error::CutShort(error)),
                Err(error) => {
                    checked.skipped += 1;
                    if checked.skipped_rows.len() < BAD_ROWS_LISTED {
                        checked.skipped_rows.push(error);
                    }
                }
            }
            progress(checked.items + checked.skipped);
        }
        checked.inputs.push(input);
    }
    let nothing_left = checked.items == 0;
    if checked.skipped > 0 && (nothing_left || on_bad_row == OnBadRow::Fail) {
        return Err(Error::BadRows { count: checked.skipped, first: checked.skipped_rows });
    }
    Ok(checked)
}

fn count_families(item: &Item, families: &mut BTreeMap<String, u64>) {
    for generator in item.responses.iter().filter_map(|response| response.generator.as_deref()) {
        let family = family(generator);
        if families.len() < FAMILIES || families.contains_key(&family) {
            *families.entry(family).or_default() += 1;
        }
    }
}
