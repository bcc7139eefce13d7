//! Near-duplicates among the rows of files, and rows that contain items of a benchmark.

pub(crate) mod benchmark;
pub(crate) mod running;

mod reading;

use std::path::Path;

use rewardctl_data::fields::ReadSettings;
use rewardctl_data::near::{Components, Pair, Settings as Near, components};
use rewardctl_data::row_error::RowError;
use rewardctl_data::row_texts::{TextFile, write_rows};
use serde::Serialize;

use crate::duplicates::benchmark::Benchmark;
use crate::duplicates::reading::{BadRows, Places, Reading, kept_rows};
use crate::error::Error;
use crate::ingest::{InputFile, OnBadRow};

/// What is looked for, and where.
#[derive(Debug, Clone)]
pub struct DuplicateSettings {
    /// The fields whose texts are compared; without any, all texts of a row.
    pub fields: Vec<String>,
    /// How near-duplicates are looked for.
    pub near: Near,
    /// How files are read.
    pub read: ReadSettings,
    /// What to do with rows that cannot be read.
    pub on_bad_row: OnBadRow,
    /// Files of benchmarks that no row may contain.
    pub benchmarks: Vec<InputFile>,
    /// How many components, pairs and contaminated rows the report shows.
    pub shown: usize,
}

/// What was found.
#[derive(Debug, Serialize)]
pub struct Duplicates {
    /// Rows compared.
    pub rows: u64,
    /// Rows left out because they cannot be read.
    pub skipped: u64,
    /// The first of them.
    #[serde(skip)]
    pub skipped_rows: Vec<RowError>,
    /// Components of two rows or more.
    pub components: u64,
    /// Rows that have a near-duplicate before them.
    pub duplicates: u64,
    /// Those whose content an earlier row has.
    pub copies: u64,
    /// The largest components.
    pub largest: Vec<Component>,
    /// Pairs of rows that are alike and not equal, the least alike first.
    pub examples: Vec<Example>,
    /// What benchmarks share with the rows; None if there is no benchmark.
    pub contamination: Option<Contamination>,
    /// Rows that are neither near-duplicates of an earlier one nor contaminated.
    pub kept: u64,
    #[serde(skip)]
    found: Found,
}

/// A component.
#[derive(Debug, Serialize)]
pub struct Component {
    /// Its rows.
    pub rows: u64,
    /// Its first row.
    pub first: Place,
    /// The text of the first row, cut.
    pub text: String,
}

/// Two rows that are alike.
#[derive(Debug, Serialize)]
pub struct Example {
    /// The Jaccard similarity of their shingles.
    pub jaccard: f64,
    /// The earlier row.
    pub first: Place,
    /// Its text, cut.
    pub first_text: String,
    /// The later row.
    pub second: Place,
    /// Its text, cut.
    pub second_text: String,
}

/// Where a row stands.
#[derive(Debug, Clone, Serialize)]
pub struct Place {
    /// The file, as the user names it.
    pub file: String,
    /// The line.
    pub line: u64,
}

/// Rows that contain items of a benchmark.
#[derive(Debug, Serialize)]
pub struct Contamination {
    /// Items of the benchmarks.
    pub items: u64,
    /// Rows that contain one.
    pub rows: u64,
    /// The first of them.
    pub examples: Vec<Contaminated>,
}

/// A row that contains an item of a benchmark.
#[derive(Debug, Serialize)]
pub struct Contaminated {
    /// The row.
    pub row: Place,
    /// The item that it contains most of.
    pub item: Place,
    /// The share of the item's words that the row covers.
    pub score: f64,
    /// The row's text, cut.
    pub text: String,
}

/// Where the rows stand, and what is known of each.
#[derive(Debug)]
struct Found {
    files: Vec<TextFile>,
    places: Places,
    components: Components,
    /// Of each row, whether it contains an item of a benchmark.
    contaminated: Vec<bool>,
}

/// Characters of a text in the report.
const SHOWN_CHARS: usize = 400;

/// Reads the files, in the order of their names, and finds what is alike in them.
pub fn duplicates(
    files: &[InputFile],
    settings: &DuplicateSettings,
    progress: &mut dyn FnMut(u64),
) -> Result<Duplicates, Error> {
    let mut benchmark = Benchmark::read(settings)?;
    let files = open(files, settings)?;
    let mut reading = Reading::of(&files);
    let mut contaminated = vec![];
    let texts = reading.by_ref().map(|text| {
        let text = text?;
        let row = contaminated.len();
        contaminated.push(benchmark.as_mut().is_some_and(|benchmark| benchmark.is_in(&text, row)));
        progress(row as u64 + 1);
        Ok::<_, Error>(text)
    });
    let components = components(texts, &settings.near)?;
    let (places, bad) = reading.finish(settings.on_bad_row)?;
    let found = Found { files, places, components, contaminated };
    let contamination = benchmark.map(|benchmark| found.contamination(benchmark)).transpose()?;
    found.report(bad, contamination, settings.shown)
}

/// Opens the files, sorted, so that the order of arguments does not matter.
fn open(files: &[InputFile], settings: &DuplicateSettings) -> Result<Vec<TextFile>, Error> {
    let mut sorted: Vec<&InputFile> = files.iter().collect();
    sorted.sort();
    let open = |file: &InputFile| TextFile::open(&file.path, &file.label, &settings.read, &settings.fields);
    Ok(sorted.into_iter().map(open).collect::<Result<_, _>>()?)
}

impl Found {
    fn is_kept(&self, row: usize) -> bool {
        self.components.is_first(row) && !self.contaminated[row]
    }

    fn text(&self, row: usize) -> Result<String, Error> {
        Ok(self.components.text(row)?.chars().take(SHOWN_CHARS).collect())
    }

    fn contamination(&self, benchmark: Benchmark) -> Result<Contamination, Error> {
        let mut examples = vec![];
        for (row, hit) in &benchmark.hits {
            let item = benchmark.places.of(hit.item);
            let (row, text) = (self.places.of(*row), self.text(*row)?);
            examples.push(Contaminated { row, item, score: hit.score, text });
        }
        let rows = self.contaminated.iter().filter(|is_hit| **is_hit).count() as u64;
        Ok(Contamination { items: benchmark.items() as u64, rows, examples })
    }

    fn report(
        self,
        bad: BadRows,
        contamination: Option<Contamination>,
        shown: usize,
    ) -> Result<Duplicates, Error> {
        let rows = self.components.texts();
        let sizes = self.components.sizes();
        let mut largest = vec![];
        for (first, size) in sizes.iter().take(shown) {
            let (place, text) = (self.places.of(*first), self.text(*first)?);
            largest.push(Component { rows: *size as u64, first: place, text });
        }
        Ok(Duplicates {
            rows: rows as u64,
            skipped: bad.count,
            skipped_rows: bad.first,
            components: sizes.len() as u64,
            duplicates: sizes.iter().map(|(_, size)| *size as u64 - 1).sum(),
            copies: self.components.copies() as u64,
            largest,
            examples: self.examples(shown)?,
            contamination,
            kept: (0..rows).filter(|row| self.is_kept(*row)).count() as u64,
            found: self,
        })
    }

    /// Returns the pairs that are the least alike: those by which to see whether the threshold is right.
    fn examples(&self, shown: usize) -> Result<Vec<Example>, Error> {
        let pairs = self.components.pairs.iter().filter(|pair| pair.jaccard < 1.0);
        let mut pairs: Vec<&Pair> = pairs.collect();
        pairs.sort_by(|one, other| one.jaccard.total_cmp(&other.jaccard));
        pairs.truncate(shown);
        let example = |pair: &Pair| {
            Ok(Example {
                jaccard: pair.jaccard,
                first: self.places.of(pair.first),
                first_text: self.text(pair.first)?,
                second: self.places.of(pair.second),
                second_text: self.text(pair.second)?,
            })
        };
        pairs.into_iter().map(example).collect()
    }
}

impl Duplicates {
    /// Writes the rows that are kept as JSONL, in their order; the files are read once more.
    pub fn write_kept(&self, path: &Path) -> Result<u64, Error> {
        let is_kept = |row: usize| self.found.is_kept(row);
        write_rows(path, kept_rows(&self.found.files, self.rows as usize, is_kept))
    }

    /// Writes the verified pairs as JSONL.
    pub fn write_pairs(&self, path: &Path) -> Result<u64, Error> {
        let place = |row: usize| self.found.places.of(row);
        let row = |pair: &Pair| {
            let (first, second) = (place(pair.first), place(pair.second));
            Ok::<_, Error>(PairRow { first, second, jaccard: pair.jaccard })
        };
        write_rows(path, self.found.components.pairs.iter().map(row))
    }
}

/// A verified pair, as it is written.
#[derive(Debug, Serialize)]
struct PairRow {
    first: Place,
    second: Place,
    jaccard: f64,
}
