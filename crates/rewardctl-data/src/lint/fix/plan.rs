//! What must be known of a whole file before its rows are mended.

use std::collections::BTreeMap;

use serde_json::{Number, Value};

use crate::json::Fields;
use crate::lint::check::loader::{E02, E05, E07, E09};
use crate::lint::check::silent::{S01, S03, S04};
use crate::lint::fix::mend::split;
use crate::lint::layout::Layout;
use crate::lint::parts::Parts;
use crate::lint::pass::LintSettings;
use crate::lint::raw::{Content, RawRows};
use crate::lint::target::Reader;

/// Transcripts are split only where nearly all can be: a column holds strings or lists, never both.
const SPLIT_SHARE: f64 = 0.95;
/// Whole numbers with more digits have no exact fraction beside them.
const EXACT_DIGITS: usize = 15;
/// More keys than any file of training data has.
const MAX_KEYS: usize = 10_000;

/// What is mended, and how.
#[derive(Debug)]
pub(crate) struct Plan {
    pub layout: Layout,
    /// The keys that every row gets, in order; None where rows keep theirs.
    pub keys: Option<Vec<String>>,
    /// Columns that mix whole numbers and fractions.
    pub pointed: Vec<String>,
    /// The column of labels that are wholly 0 and 1.
    pub zero_one: Option<String>,
    pub splits: bool,
    pub trims: bool,
    pub drops_equal: bool,
    pub drops_empty: bool,
}

/// What is seen of a top-level column.
#[derive(Debug, Default)]
struct Numbers {
    whole: bool,
    fraction: bool,
    other: bool,
    only_zero_one: bool,
}

#[derive(Debug, Default)]
struct Survey {
    layout: Option<Layout>,
    keys: Vec<String>,
    is_ragged: bool,
    numbers: BTreeMap<String, Numbers>,
    rows: u64,
    split: u64,
}

impl Plan {
    /// Reads all rows.
    pub(crate) fn of(rows: &mut RawRows, settings: &LintSettings) -> Self {
        let mut survey = Survey::default();
        for row in rows.by_ref() {
            if let Content::Fields(fields) = row.content {
                survey.read(&fields);
            }
        }
        survey.plan(settings)
    }
}

impl Survey {
    fn read(&mut self, fields: &Fields) {
        self.rows += 1;
        self.read_keys(fields);
        for (name, value) in fields {
            let new = || Numbers { only_zero_one: true, ..Numbers::default() };
            self.numbers.entry(name.clone()).or_insert_with(new).read(value);
        }
        let layout = self.layout.get_or_insert_with(|| Layout::detect(fields));
        if layout.is_implicit() {
            self.split += u64::from(split(&Parts::of(fields, layout)).is_some());
        }
    }

    fn read_keys(&mut self, fields: &Fields) {
        if self.keys.is_empty() {
            self.keys = fields.keys().cloned().collect();
        }
        self.is_ragged |= !fields.keys().eq(&self.keys);
        for key in fields.keys() {
            if self.keys.len() < MAX_KEYS && !self.keys.contains(key) {
                self.keys.push(key.clone());
            }
        }
    }

    fn plan(self, settings: &LintSettings) -> Plan {
        let wants = |check| settings.selection.wants(check);
        let reads_lines = settings.target.is_some_and(|target| target.reader != Reader::Datasets);
        let searches = settings.target.is_some_and(|target| target.searches_answers);
        let layout = self.layout.clone().unwrap_or_else(|| Layout::detect(&Fields::new()));
        let enough = self.split > 0 && self.split as f64 >= SPLIT_SHARE * self.rows as f64;
        let label =
            layout.label.clone().filter(|label| self.numbers.get(label).is_some_and(Numbers::is_zero_one));
        Plan {
            keys: (self.is_ragged && wants(&E02) && !reads_lines).then_some(self.keys),
            pointed: if wants(&E09) { mixed(&self.numbers) } else { vec![] },
            zero_one: label.filter(|_| wants(&E07)),
            splits: enough && wants(&S03),
            trims: (searches && wants(&S04)) || settings.selection.names(&S04),
            drops_equal: wants(&S01),
            drops_empty: wants(&E05),
            layout,
        }
    }
}

impl Numbers {
    fn read(&mut self, value: &Value) {
        match value {
            Value::Null => self.only_zero_one = false,
            Value::Number(number) if number.is_f64() => {
                self.fraction = true;
                self.only_zero_one = false;
            }
            Value::Number(number) => {
                self.whole = true;
                self.only_zero_one &= matches!(number.as_u64(), Some(0 | 1));
                self.other |= !is_exact(number);
            }
            _ => {
                self.other = true;
                self.only_zero_one = false;
            }
        }
    }

    fn is_zero_one(&self) -> bool {
        self.whole && self.only_zero_one
    }
}

fn is_exact(number: &Number) -> bool {
    number.to_string().len() <= EXACT_DIGITS
}

fn mixed(numbers: &BTreeMap<String, Numbers>) -> Vec<String> {
    let is_mixed = |seen: &Numbers| seen.whole && seen.fraction && !seen.other;
    numbers.iter().filter(|(_, seen)| is_mixed(seen)).map(|(name, _)| name.clone()).collect()
}
