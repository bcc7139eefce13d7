//! Benchmarks that the rows must not contain.

use std::path::Path;

use rewardctl_core::dataset::recipe::screening::ContaminationRule;
use rewardctl_data::contamination::{Hit, Index, Limits};
use rewardctl_data::fields::ReadSettings;
use rewardctl_data::row_texts::TextFile;

use crate::duplicates::reading::{Places, Reading};
use crate::duplicates::{DuplicateSettings, open};
use crate::error::Error;
use crate::ingest::OnBadRow;

/// A benchmark, with where its items stand and the rows that contain one.
pub(super) struct Benchmark {
    index: Index,
    pub places: Places,
    /// The first rows that contain an item, with the item that they contain most of.
    pub hits: Vec<(usize, Hit)>,
    shown: usize,
}

/// Reads the benchmarks of a recipe, item by item through `seen`; None if there are none.
pub(crate) fn index(rule: &ContaminationRule, seen: &mut dyn FnMut(&str)) -> Result<Option<Index>, Error> {
    if rule.benchmarks.is_empty() {
        return Ok(None);
    }
    let mut names = rule.benchmarks.clone();
    names.sort();
    let open = |name: &String| TextFile::open(Path::new(name), name, &ReadSettings::default(), &[]);
    let files: Vec<TextFile> = names.iter().map(open).collect::<Result<_, _>>()?;
    let mut reading = Reading::of(&files);
    let limits = Limits { above: rule.min_coverage, ..Limits::default() };
    let items = reading.by_ref().inspect(|item| item.iter().for_each(|text| seen(text)));
    let index = Index::of(items, limits)?;
    reading.finish(OnBadRow::Fail)?;
    Ok(Some(index))
}

impl Benchmark {
    /// Reads the files of the settings; None if there are none. Every row of them must be readable.
    pub(super) fn read(settings: &DuplicateSettings) -> Result<Option<Self>, Error> {
        if settings.benchmarks.is_empty() {
            return Ok(None);
        }
        // The fields are those of the rows; a benchmark has others.
        let all_texts = DuplicateSettings { fields: vec![], ..settings.clone() };
        let files = open(&settings.benchmarks, &all_texts)?;
        let mut reading = Reading::of(&files);
        let index = Index::of(reading.by_ref(), Limits::default())?;
        let (places, _) = reading.finish(settings.on_bad_row)?;
        Ok(Some(Self { index, places, hits: vec![], shown: settings.shown }))
    }

    pub(super) fn items(&self) -> usize {
        self.index.items()
    }

    /// Tells whether a row contains an item, and keeps the first such rows to be shown.
    pub(super) fn is_in(&mut self, text: &str, row: usize) -> bool {
        let Some(hit) = self.index.hits(text).into_iter().next() else { return false };
        if self.hits.len() < self.shown {
            self.hits.push((row, hit));
        }
        true
    }
}
