//! A data file, opened: what it is, and its rows.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rewardctl_core::item::Item;
use rewardctl_core::score::Scale;
use serde_json::Value;

use crate::error::Error;
use crate::fields::{Expect, FieldMap, ReadSettings, Role};
use crate::format::{Compression, Format};
use crate::item::Reader;
use crate::json::{Fields, get};
use crate::records::Record;
use crate::row_error::RowError;
use crate::shape::Shape;
use crate::source::Source;
use crate::sources::companions::Companions;
use crate::sources::{Aid, Family, SourceReader, Yields, family_of, named};

pub mod said_rows;

use said_rows::SaidRows;

/// How many rows may pass before one has a known shape and every field that the user names was seen.
const ROWS_LOOKED_AT: usize = 100;

/// A file of which the format, the shape and the fields are known.
#[derive(Debug, Clone)]
pub struct Input {
    /// How its rows are laid out.
    pub format: Format,
    /// What it is packed with.
    pub compression: Compression,
    /// What its rows hold.
    pub shape: Shape,
    /// The fields in use: those of the prompt and the responses, then the others.
    pub fields: Vec<String>,
    /// The file, as the user names it.
    pub label: String,
    source: Source,
    reader: RowReader,
}

/// Makes items of the rows of a file.
#[derive(Debug, Clone)]
enum RowReader {
    /// Of fields that have a name that any file may use.
    Generic(Reader),
    /// Of the rows of a known tool.
    Source(SourceReader),
}

/// How files are read for what people said in them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told<'a> {
    /// The name of the first file's source; None to tell it by looking.
    pub from: Option<&'a str>,
    /// The scale of ratings whose file says none.
    pub scale: Option<Scale>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The 1-based line where it starts; the record's number for Parquet.
    pub line: u64,
    /// What it holds.
    pub item: Item,
}

/// The rows of a file that are items, one after the other; after a bad one the next, unless the error ends the file.
pub struct Rows(SaidRows);

impl Input {
    /// Finds out what the file is; reads as far as the first row of a known shape.
    pub fn open(path: &Path, settings: &ReadSettings) -> Result<Self, Error> {
        Self::open_as(path, &path.display().to_string(), settings)
    }

    /// Opens a file under another name: what was read from stdin and lies in a temporary file, say.
    pub fn open_as(path: &Path, label: &str, settings: &ReadSettings) -> Result<Self, Error> {
        let mut input = Self::alone(path, label, settings, None)?;
        join(std::slice::from_mut(&mut input), None)?;
        Ok(input)
    }

    /// Opens a file without the rows of others that it may need.
    fn alone(
        path: &Path,
        label: &str,
        settings: &ReadSettings,
        from: Option<&'static Family>,
    ) -> Result<Self, Error> {
        let source = Source::open(path, label, settings)?;
        let found = match from {
            Some(family) => Found::of_family(family),
            None => find_shape(&source, settings)?,
        };
        Ok(Self {
            format: source.format,
            compression: source.compression,
            shape: found.shape,
            fields: found.fields,
            label: label.into(),
            source,
            reader: found.reader,
        })
    }

    /// Tells whether its rows may hold responses to score, and not only what goes with those of other files.
    pub fn has_items(&self) -> bool {
        self.family().is_none_or(|family| family.yields == Yields::Items)
    }

    /// Returns why a file without responses is of no use alone.
    pub fn needs(&self) -> Error {
        let hint = match self.family().map(|family| family.yields) {
            Some(Yields::Nothing(hint)) => hint,
            _ => "`rewardctl label import FILE` takes what it says; score the file with the responses",
        };
        Error::NoResponses { path: self.label.clone().into(), what: self.shape.to_string(), hint }
    }

    fn family(&self) -> Option<&'static Family> {
        match &self.reader {
            RowReader::Generic(_) => None,
            RowReader::Source(reader) => Some(reader.family),
        }
    }

    /// Returns what the file is, in one line: `answers.jsonl: JSONL, prompt + response (prompt, response)`.
    pub fn describe(&self) -> String {
        let packed = self.compression.name().map(|name| format!(" in {name}")).unwrap_or_default();
        format!("{}: {}{packed}, {} ({})", self.label, self.format, self.shape, self.fields.join(", "))
    }

    /// Reads the rows that are items, from the first.
    pub fn rows(&self) -> Result<Rows, Error> {
        let rows = self.said_rows()?;
        Ok(Rows(if self.has_items() { rows } else { rows.ended() }))
    }

    /// Reads the rows with what they say of their responses.
    pub fn said_rows(&self) -> Result<SaidRows, Error> {
        Ok(SaidRows::new(self.label.clone(), self.reader.clone(), self.source.records()?))
    }
}

/// Opens files that may need each other: replies and their requests, feedback and its runs.
pub fn open_all<'a>(
    files: impl Iterator<Item = (&'a Path, &'a str)>,
    settings: &ReadSettings,
) -> Result<Vec<Input>, Error> {
    let opened = files.map(|(path, label)| Input::alone(path, label, settings, None));
    let mut inputs = opened.collect::<Result<Vec<_>, _>>()?;
    join(&mut inputs, None)?;
    Ok(inputs)
}

/// Opens files for what people said in them; None if the first is of no known source, and so may be a label file.
pub fn open_said<'a>(
    files: impl Iterator<Item = (&'a Path, &'a str)>,
    settings: &ReadSettings,
    told: Told<'_>,
) -> Result<Option<Vec<Input>>, Error> {
    let mut inputs = vec![];
    for (path, label) in files {
        let from = if inputs.is_empty() { told.from.and_then(named) } else { None };
        let family = match from {
            Some(family) => Some(family),
            None => said_family(path, label, settings)?,
        };
        match family {
            None if inputs.is_empty() => return Ok(None),
            family => inputs.push(Input::alone(path, label, settings, family)?),
        }
    }
    join(&mut inputs, told.scale)?;
    Ok(Some(inputs))
}

/// Returns the family of a file by its first row, with pairs among them; None for labels of our own, and for what
/// nobody knows.
fn said_family(path: &Path, label: &str, settings: &ReadSettings) -> Result<Option<&'static Family>, Error> {
    let source = Source::open(path, label, settings)?;
    let Some(Ok(first)) = source.records()?.next() else { return Ok(None) };
    if matches!(first.fields.get("kind").and_then(Value::as_str), Some("rate" | "compare" | "correct")) {
        return Ok(None);
    }
    let is_pair = || {
        let reader = Reader::detect(&settings.fields, Expect::Responses, &first.fields);
        reader.is_some_and(|reader| reader.layout.shape == Shape::Pair)
    };
    Ok(family_of(&first.fields).or_else(|| is_pair().then(|| named("pairs")).flatten()))
}

/// Gives every reader the rows of all files that others may look up.
fn join(inputs: &mut [Input], scale: Option<Scale>) -> Result<(), Error> {
    let mut others = Companions::default();
    for input in inputs.iter() {
        let Some(lookup) = input.family().and_then(|family| family.lookup) else { continue };
        // Bad rows are told when the file is read for its items.
        for record in input.source.records()?.flatten() {
            if !others.keep(lookup(&record.fields), record.fields) {
                return Err(Error::TooManyToJoin { path: input.label.clone().into() });
            }
        }
    }
    let aid = Arc::new(Aid { others, scale });
    for input in inputs {
        if let RowReader::Source(reader) = &mut input.reader {
            reader.aid = Arc::clone(&aid);
        }
    }
    Ok(())
}

impl Iterator for Rows {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.0.next()? {
                Ok(row) => {
                    if let Some(item) = row.item {
                        return Some(Ok(Row { line: row.line, item }));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a file turned out to be.
struct Found {
    reader: RowReader,
    shape: Shape,
    fields: Vec<String>,
}

impl Found {
    fn of_family(family: &'static Family) -> Self {
        let reader = RowReader::Source(SourceReader { family, aid: Arc::default() });
        let fields = family.fields.iter().map(|field| field.to_string()).collect();
        Self { reader, shape: Shape::Source(family.title), fields }
    }

    fn generic(reader: Reader, row: &Fields) -> Self {
        let (shape, fields) = (reader.layout.shape, reader.fields(row));
        Self { reader: RowReader::Generic(reader), shape, fields }
    }
}

/// What the first rows have shown so far.
struct Search<'a> {
    settings: &'a ReadSettings,
    /// The names given that no row had yet.
    unseen: Vec<&'a str>,
    /// What suits a row.
    found: Option<Found>,
    /// The line and the fields of the first row.
    first: Option<(u64, Vec<String>)>,
    looked_at: usize,
}

fn find_shape(source: &Source, settings: &ReadSettings) -> Result<Found, Error> {
    let unseen = Role::ALL.into_iter().filter_map(|role| settings.fields.get(role)).collect();
    let mut search = Search { settings, unseen, found: None, first: None, looked_at: 0 };
    let mut first_bad = None;
    for record in source.records()? {
        match record {
            Ok(record) => search.look_at(&record),
            Err(bad) => {
                let error = bad.fault.at(&source.label.display().to_string(), bad.line);
                let ends_file = error.ends_file();
                first_bad.get_or_insert(error);
                if ends_file {
                    break;
                }
            }
        }
        if search.is_over() {
            break;
        }
    }
    search.end(source, first_bad)
}

impl Search<'_> {
    fn look_at(&mut self, Record { line, fields }: &Record) {
        self.looked_at += 1;
        self.unseen.retain(|name| get(fields, name).is_none());
        if self.found.is_none() {
            self.found = self.suited(fields);
        }
        self.first.get_or_insert_with(|| (*line, fields.keys().cloned().collect()));
    }

    /// A known source goes before the generic shapes, but not before names that the user gives, nor where prompts are
    /// enough.
    fn suited(&self, row: &Fields) -> Option<Found> {
        let ReadSettings { fields, expect, .. } = self.settings;
        let source = || family_of(row).filter(|_| *fields == FieldMap::default()).map(Found::of_family);
        let generic = || Reader::detect(fields, *expect, row).map(|reader| Found::generic(reader, row));
        match expect {
            Expect::Responses => source().or_else(generic),
            Expect::Prompts => generic().or_else(source),
        }
    }

    fn is_over(&self) -> bool {
        self.looked_at == ROWS_LOOKED_AT || (self.found.is_some() && self.unseen.is_empty())
    }

    fn end(self, source: &Source, first_bad: Option<RowError>) -> Result<Found, Error> {
        let path = source.label.clone();
        let Some((line, fields)) = self.first else {
            return Err(match first_bad {
                Some(bad) => Error::NoReadableRow { path, source: Box::new(bad) },
                None => Error::NoRow { path },
            });
        };
        match (self.unseen.first(), self.found) {
            (Some(field), _) => Err(Error::NoField { path, line, field: field.to_string(), fields }),
            (None, None) => Err(match self.settings.expect {
                Expect::Responses => Error::NoShape { path, line, fields },
                Expect::Prompts => Error::NoPrompt { path, line, fields },
            }),
            (None, Some(found)) => Ok(found),
        }
    }
}

#[cfg(test)]
mod tests;
