//! Types by column, over all rows and files, as `datasets` guesses them from the first 10 MB.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::json::Fields;
use crate::lint::check::Severity;
use crate::lint::check::loader::{E01, E02, E09, E10};
use crate::lint::check::silent::S08;
use crate::lint::finding::{Findings, Place};

/// What the loader looks at before it decides on types.
const CHUNK_BYTES: u64 = 10 << 20;
/// More columns, nested ones counted, than any file of training data has; bounds the memory of hostile keys.
const MAX_COLUMNS: usize = 10_000;
/// Deeper objects are not told apart.
const MAX_DEPTH: usize = 8;

/// What was seen of every column.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    rows: u64,
    keys: u64,
    columns: BTreeMap<String, Column>,
}

#[derive(Debug, Default)]
struct Column {
    /// Where each kind of value comes first.
    firsts: BTreeMap<Kind, At>,
    null: Option<At>,
    texts: u64,
    dates: u64,
    /// What else is known of keys of rows.
    key: Option<Key>,
}

#[derive(Debug)]
struct Key {
    /// Where the key comes first, and how many rows came before.
    first: At,
    before: u64,
    present: u64,
    /// Where the key is missing after it was there.
    missing: Option<At>,
}

/// A place, and how far into its file it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct At {
    pub place: Place,
    pub offset: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Bool,
    Int,
    Float,
    Text,
    List,
    Object,
}

impl Columns {
    /// Takes in a row.
    pub(crate) fn read(&mut self, row: &Fields, at: &At) {
        for (name, value) in row {
            self.value(name.clone(), value, at, 0);
            if let Some(column) = self.columns.get_mut(name) {
                let before = self.rows;
                let new = || Key { first: at.clone(), before, present: 0, missing: None };
                let key = column.key.get_or_insert_with(new);
                self.keys += u64::from(key.present == 0);
                key.present += 1;
            }
        }
        self.rows += 1;
        if self.keys > row.len() as u64 {
            self.note_lacking(row, at);
        }
    }

    /// Says what is wrong with the columns; the labels of the files name places.
    pub(crate) fn report(&self, files: &[String], findings: &mut Findings) {
        for (name, column) in &self.columns {
            column.mixed(name, files, findings);
            column.null_first(name, files, findings);
            column.dates(name, files, findings);
            if let Some(key) = column.key.as_ref().filter(|key| key.present < self.rows) {
                key.lacking(name, self.rows, files, findings);
            }
        }
    }

    fn note_lacking(&mut self, row: &Fields, at: &At) {
        let keys = self.columns.iter_mut().filter_map(|(name, column)| Some((name, column.key.as_mut()?)));
        for (_, key) in keys.filter(|(name, _)| !row.contains_key(name.as_str())) {
            key.missing.get_or_insert_with(|| at.clone());
        }
    }

    fn value(&mut self, path: String, value: &Value, at: &At, depth: usize) {
        if self.columns.len() >= MAX_COLUMNS && !self.columns.contains_key(&path) {
            return;
        }
        let column = self.columns.entry(path.clone()).or_default();
        column.note(value, at);
        if depth == MAX_DEPTH {
            return;
        }
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.value(format!("{path}.{name}"), value, at, depth + 1);
                }
            }
            Value::Array(list) => {
                let path = format!("{path}[]");
                list.iter().for_each(|value| self.value(path.clone(), value, at, depth + 1));
            }
            _ => {}
        }
    }
}

impl Column {
    fn note(&mut self, value: &Value, at: &At) {
        let kind = match value {
            Value::Null => {
                if self.firsts.is_empty() {
                    self.null.get_or_insert_with(|| at.clone());
                }
                return;
            }
            Value::Bool(_) => Kind::Bool,
            Value::Number(number) if number.is_f64() => Kind::Float,
            Value::Number(_) => Kind::Int,
            Value::String(text) => {
                self.texts += 1;
                self.dates += u64::from(is_date(text));
                Kind::Text
            }
            Value::Array(_) => Kind::List,
            Value::Object(_) => Kind::Object,
        };
        self.firsts.entry(kind).or_insert_with(|| at.clone());
    }

    /// Returns the kinds, the first seen first; whole numbers and fractions are one.
    fn kinds(&self) -> Vec<(Kind, &At)> {
        let mut kinds: Vec<(Kind, &At)> = self.firsts.iter().map(|(kind, at)| (*kind, at)).collect();
        kinds.sort_by_key(|(_, at)| &at.place);
        let has_float = self.firsts.contains_key(&Kind::Float);
        kinds.retain(|(kind, _)| !(has_float && *kind == Kind::Int));
        kinds
    }

    fn mixed(&self, name: &str, files: &[String], findings: &mut Findings) {
        let kinds = self.kinds();
        if let [(first, start), (second, change), ..] = kinds[..] {
            let message =
                format!("{} here, {} in {}", second.name(), first.name(), start.name(change, files));
            change.stand(files, findings);
            findings.add(&E01, Some(name.into()), message);
        }
        if let (Some(int), Some(float)) = (self.firsts.get(&Kind::Int), self.firsts.get(&Kind::Float)) {
            let (first, change) = if int.place < float.place { (int, float) } else { (float, int) };
            let severity = match change == float && change.is_late(first) {
                true => Severity::Error,
                false => Severity::Warning,
            };
            let (what, before) = if change == float {
                ("a fraction", "whole numbers")
            } else {
                ("a whole number", "fractions")
            };
            change.stand(files, findings);
            let message = format!("{what} here, {before} from {} on", first.name(change, files));
            findings.add_as(severity, &E09, Some(name.into()), message);
        }
    }

    fn null_first(&self, name: &str, files: &[String], findings: &mut Findings) {
        let Some(null) = &self.null else { return };
        match self.kinds().first() {
            None => {
                null.stand(files, findings);
                findings.add(&E10, Some(name.into()), "null in every row");
            }
            // Lists inside of a row mix null and values; the type is known by the end of the row.
            Some((_, value)) if value.place == null.place => {}
            Some((kind, value)) => {
                let severity = if value.is_late(null) { Severity::Error } else { Severity::Warning };
                null.stand(files, findings);
                let message = format!("null until {} comes in {}", kind.name(), value.name(null, files));
                findings.add_as(severity, &E10, Some(name.into()), message);
            }
        }
    }

    fn dates(&self, name: &str, files: &[String], findings: &mut Findings) {
        let Some(first) = self.firsts.get(&Kind::Text) else { return };
        if self.dates == self.texts && self.firsts.len() == 1 {
            first.stand(files, findings);
            findings.add(&S08, Some(name.into()), "every text of this column is an ISO date");
        }
    }
}

impl Key {
    fn lacking(&self, name: &str, rows: u64, files: &[String], findings: &mut Findings) {
        let lack = format!("{} of {rows} rows lack it", rows - self.present);
        let (at, what) = match &self.missing {
            Some(missing) if self.before == 0 => (missing, "missing here"),
            _ => (&self.first, "not in the rows before"),
        };
        let is_late = self.before > 0 && (self.first.offset > CHUNK_BYTES || self.first.place.file > 0);
        let severity = if is_late { Severity::Error } else { Severity::Warning };
        at.stand(files, findings);
        findings.add_as(severity, &E02, Some(name.into()), format!("{what}; {lack}"));
    }
}

impl At {
    /// Tells whether the loader has decided on the type of `first` when it comes here.
    fn is_late(&self, first: &At) -> bool {
        self.place.file != first.place.file || self.offset.saturating_sub(first.offset) > CHUNK_BYTES
    }

    /// Names the place, as seen from `other`.
    fn name(&self, other: &At, files: &[String]) -> String {
        match self.place.file == other.place.file {
            true => format!("line {}", self.place.line),
            false => {
                let file = files.get(self.place.file as usize).map_or("another file", String::as_str);
                format!("{file}:{}", self.place.line)
            }
        }
    }

    fn stand(&self, files: &[String], findings: &mut Findings) {
        let file = files.get(self.place.file as usize).map(String::as_str);
        findings.stand(file, Some(self.place.line));
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Bool => "true or false",
            Kind::Int | Kind::Float => "a number",
            Kind::Text => "text",
            Kind::List => "a list",
            Kind::Object => "an object",
        }
    }
}

/// Tells whether `text` is an ISO date, with a time or without.
fn is_date(text: &str) -> bool {
    let shape: Vec<u8> = text.bytes().take(40).map(|b| if b.is_ascii_digit() { b'0' } else { b }).collect();
    let Some(rest) = shape.strip_prefix(b"0000-00-00") else { return false };
    let Some(time) = rest.strip_prefix(b"T").or_else(|| rest.strip_prefix(b" ")) else {
        return rest.is_empty();
    };
    time.starts_with(b"00:00") && time.iter().all(|b| b"0:.+-Z".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_texts() {
        for date in ["2026-11-20", "2026-11-20T10:00:00Z", "2026-11-20 10:00:00.5+02:00"] {
            assert!(is_date(date), "{date}");
        }
        for text in ["", "2026-11", "2026-11-20 is a date", "n/a", "2026-11-20T"] {
            assert!(!is_date(text), "{text}");
        }
    }
}
