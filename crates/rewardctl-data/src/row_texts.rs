//! The texts of rows, whatever their shape: all that a row says, or what stands in the fields that the user names.

use std::io::Write;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::atomic::Sink;
use crate::error::Error;
use crate::fields::ReadSettings;
use crate::json::{Fields, get};
use crate::records::{Record, Records};
use crate::row_error::{Fault, RowError, RowProblem};
use crate::row_file::write_json;
use crate::source::Source;

/// Keys whose texts name something and say nothing.
const NAMES: [&str; 14] = [
    "id",
    "uid",
    "example_id",
    "prompt_id",
    "item_id",
    "response_id",
    "key",
    "generator",
    "model",
    "model_name",
    "models",
    "generators",
    "role",
    "from",
];

/// A file of rows of any shape.
#[derive(Debug, Clone)]
pub struct TextFile {
    source: Source,
    label: String,
    fields: Vec<String>,
}

/// A row by its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRow {
    /// The 1-based line where it starts; the record's number for Parquet.
    pub line: u64,
    /// All its texts, one a line.
    pub text: String,
}

/// A row as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeRow(Fields);

/// The records of a file, each made into something.
pub struct TextRows<T> {
    records: Option<Records>,
    file: TextFile,
    make: fn(&TextFile, Record) -> Result<T, Fault>,
}

impl TextFile {
    /// Finds out what the file is, under the name `label`; with `fields` only their texts count, without all do.
    ///
    /// A dotted path such as `doc.text` reaches into objects. Names of models, ids and roles are no text.
    pub fn open(path: &Path, label: &str, settings: &ReadSettings, fields: &[String]) -> Result<Self, Error> {
        let source = Source::open(path, label, settings)?;
        Ok(Self { source, label: label.into(), fields: fields.to_vec() })
    }

    /// Returns the name of the file.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Reads the texts of the rows, from the first row.
    pub fn texts(&self) -> Result<TextRows<TextRow>, Error> {
        self.rows(|file, record| Ok(TextRow { line: record.line, text: file.text(&record.fields)? }))
    }

    /// Reads the rows whole, from the first; where [`TextFile::texts`] has an error, so has this.
    pub fn whole(&self) -> Result<TextRows<WholeRow>, Error> {
        self.rows(|file, record| file.check(&record.fields).map(|()| WholeRow(record.fields)))
    }

    fn rows<T>(&self, make: fn(&TextFile, Record) -> Result<T, Fault>) -> Result<TextRows<T>, Error> {
        Ok(TextRows { records: Some(self.source.records()?), file: self.clone(), make })
    }

    fn text(&self, row: &Fields) -> Result<String, Fault> {
        let mut text = String::new();
        if self.fields.is_empty() {
            append_fields(row, &mut text);
        }
        for field in &self.fields {
            append(self.value(row, field)?, &mut text);
        }
        Ok(text)
    }

    fn check(&self, row: &Fields) -> Result<(), Fault> {
        self.fields.iter().try_for_each(|field| self.value(row, field).map(|_| ()))
    }

    fn value<'a>(&self, row: &'a Fields, field: &str) -> Result<&'a Value, Fault> {
        get(row, field).ok_or_else(|| Fault::of_field(field, RowProblem::Missing))
    }
}

/// Appends the texts under a value.
fn append(value: &Value, text: &mut String) {
    match value {
        Value::String(said) => {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(said);
        }
        Value::Array(list) => list.iter().for_each(|value| append(value, text)),
        Value::Object(fields) => append_fields(fields, text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn append_fields(fields: &Fields, text: &mut String) {
    let said = fields.iter().filter(|(key, _)| !NAMES.contains(&key.as_str()));
    said.for_each(|(_, value)| append(value, text));
}

impl<T> Iterator for TextRows<T> {
    type Item = Result<T, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let error = match self.records.as_mut()?.next()? {
            Ok(record) => {
                let line = record.line;
                match (self.make)(&self.file, record) {
                    Ok(made) => return Some(Ok(made)),
                    Err(fault) => fault.at(&self.file.label, line),
                }
            }
            Err(bad) => bad.fault.at(&self.file.label, bad.line),
        };
        if error.ends_file() {
            self.records = None;
        }
        Some(Err(error))
    }
}

/// Writes rows as JSONL, whole or not at all, or to stdout if `path` is `-`, and returns how many.
///
/// Whole numbers beyond 64 bits become floats; everything else comes back as it was.
///
/// # Errors
/// Whatever `rows` gives, and a file that cannot be written.
pub fn write_rows<T: Serialize, E: From<Error>>(
    path: &Path,
    rows: impl Iterator<Item = Result<T, E>>,
) -> Result<u64, E> {
    let failed = Sink::failed(path);
    let mut sink = Sink::create(path)?;
    let mut count = 0;
    for row in rows {
        let row = row?;
        write_json(&mut sink, &row).and_then(|()| sink.write_all(b"\n")).map_err(&failed)?;
        count += 1;
    }
    sink.finish().map_err(&failed)?;
    Ok(count)
}

impl Serialize for WholeRow {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &str, fields: &[&str]) -> Vec<Result<String, String>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.jsonl");
        std::fs::write(&path, content).unwrap();
        let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
        let file = TextFile::open(&path, "rows.jsonl", &ReadSettings::default(), &fields).unwrap();
        let (texts, whole) = (file.texts().unwrap(), file.whole().unwrap());
        let read: Vec<_> =
            texts.map(|row| row.map(|row| row.text).map_err(|error| error.to_string())).collect();
        assert_eq!(
            whole.map(|row| row.is_ok()).collect::<Vec<_>>(),
            read.iter().map(Result::is_ok).collect::<Vec<_>>()
        );
        read
    }

    #[test]
    fn a_row_says_what_its_texts_say() {
        let row = r#"{"id":"7","prompt":[{"role":"user","content":"a"}],"responses":[{"text":"b","model":"m"},"c"],"n":1}"#;
        assert_eq!(read(row, &[]), [Ok("a\nb\nc".into())]);
        assert_eq!(read(row, &["prompt"]), [Ok("a".into())]);
        assert_eq!(read(row, &["responses.1", "id"]), [Ok("c\n7".into())]);
    }

    #[test]
    fn a_missing_field_and_a_broken_row_are_named() {
        let read = read("{\"a\":\"x\"}\n{\"b\":\"y\"}\n{\n", &["a"]);
        assert_eq!(read[0], Ok("x".into()));
        assert_eq!(read[1], Err("rows.jsonl:2: field `a`: missing".into()));
        assert!(read[2].as_ref().is_err_and(|error| error.starts_with("rows.jsonl:3: not valid JSON")));
    }
}
