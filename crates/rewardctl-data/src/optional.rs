//! What a row may hold beside prompt and responses: reference, documents, models, the user's own id.
//!
//! Each may stand under one of several names; the first that is there and not empty counts, row by row. A name
//! whose first value in the file is of another kind means something else there, and stays with the metadata, unless
//! it is the first of the names.

use serde_json::Value;

use crate::chat::{content, wrong_kind};
use crate::fields::{FieldMap, Role};
use crate::json::{Fields, drop_spent, get, get_mut};
use crate::row_error::{Fault, RowProblem};

const REFERENCES: [&str; 6] =
    ["reference", "reference_answer", "gold_answer", "expected", "target", "ground_truth"];
const DOCUMENTS: [&str; 4] = ["documents", "contexts", "context_documents", "passages"];
const GENERATORS: [&str; 5] = ["generator", "model", "model_name", "models", "generators"];
const IDS: [&str; 6] = ["id", "uid", "example_id", "prompt_id", "item_id", "key"];
const DOCUMENT_KEYS: [&str; 2] = ["text", "content"];

/// The names that each optional field may have in a file, the likeliest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Optional {
    pub references: Vec<String>,
    pub documents: Vec<String>,
    pub generators: Vec<String>,
    pub ids: Vec<String>,
}

impl Optional {
    /// Chooses the names, by the kinds of their values in `row`; `used` hold prompt and responses.
    pub(crate) fn detect(given: &FieldMap, row: &Fields, used: &[&str]) -> Self {
        let names = |role: Role, known: &[&str], fits: fn(&Value) -> bool| match given.get(role) {
            Some(name) => vec![name.to_string()],
            None => {
                let free = known.iter().filter(|name| !used.contains(name));
                // Under its first name a field cannot be meant otherwise: a wrong kind is that row's fault.
                let fits = |name: &&&str| **name == known[0] || row.get(**name).is_none_or(fits);
                free.filter(fits).map(|name| name.to_string()).collect()
            }
        };
        Self {
            references: names(Role::Reference, &REFERENCES, is_plain),
            documents: names(Role::Documents, &DOCUMENTS, is_documents),
            generators: names(Role::Generator, &GENERATORS, is_names),
            ids: names(Role::Id, &IDS, is_plain),
        }
    }

    /// Returns the fields in use that `row` has.
    pub(crate) fn fields(&self, row: &Fields) -> Vec<String> {
        let roles = [&self.ids, &self.references, &self.documents, &self.generators];
        roles.iter().filter_map(|names| present(row, names)).map(String::from).collect()
    }

    pub(crate) fn take_id(&self, row: &mut Fields) -> Result<Option<String>, Fault> {
        take_plain(row, &self.ids, Role::Id)
    }

    pub(crate) fn take_reference(&self, row: &mut Fields) -> Result<Option<String>, Fault> {
        take_plain(row, &self.references, Role::Reference)
    }

    pub(crate) fn take_documents(&self, row: &mut Fields) -> Result<Vec<String>, Fault> {
        let Some(name) = present(row, &self.documents) else { return Ok(vec![]) };
        let documents = match get_mut(row, name) {
            Some(Value::Array(list)) => {
                let texts = list.iter_mut().enumerate();
                texts.map(|(at, value)| document(value, &format!("{name}[{at}]"))).collect()
            }
            Some(value) => document(value, name).map(|text| vec![text]),
            None => Ok(vec![]),
        };
        drop_spent(row, name);
        documents.map_err(|fault: Fault| fault.with_role(Role::Documents))
    }

    /// Returns the model of each of `count` responses.
    pub(crate) fn take_generators(
        &self,
        row: &mut Fields,
        count: usize,
    ) -> Result<Vec<Option<String>>, Fault> {
        let Some(name) = present(row, &self.generators) else { return Ok(vec![None; count]) };
        let generators = match get_mut(row, name).map(Value::take) {
            Some(Value::Array(list)) => models(list, count, name),
            Some(Value::String(model)) => Ok(vec![Some(model); count]),
            Some(other) => Err(wrong_kind(name, "text or a list of texts", &other)),
            None => Ok(vec![None; count]),
        };
        drop_spent(row, name);
        generators.map_err(|fault| fault.with_role(Role::Generator))
    }
}

/// Takes the first of `names` that holds a text or a number.
pub(crate) fn take_plain(row: &mut Fields, names: &[String], role: Role) -> Result<Option<String>, Fault> {
    let Some(name) = present(row, names) else { return Ok(None) };
    let text = match get_mut(row, name).map(Value::take) {
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(other) => Err(wrong_kind(name, "text or a number", &other).with_role(role)),
        None => Ok(None),
    };
    drop_spent(row, name);
    text
}

fn present<'a>(row: &Fields, names: &'a [String]) -> Option<&'a str> {
    let is_there = |value: &Value| !value.is_null() && value.as_str() != Some("");
    names.iter().find(|name| get(row, name).is_some_and(is_there)).map(String::as_str)
}

fn models(list: Vec<Value>, count: usize, field: &str) -> Result<Vec<Option<String>>, Fault> {
    if list.len() != count {
        return Err(Fault::of_field(field, RowProblem::ModelCount { expected: count, found: list.len() }));
    }
    let name = |value| match value {
        Value::String(name) => Ok(Some(name)),
        Value::Null => Ok(None),
        other => Err(wrong_kind(field, "text or a list of texts", &other)),
    };
    list.into_iter().map(name).collect()
}

fn document(value: &mut Value, field: &str) -> Result<String, Fault> {
    let Value::Object(fields) = value else { return content(value.take(), field) };
    match DOCUMENT_KEYS.into_iter().find(|key| fields.contains_key(*key)) {
        Some(key) => content(fields.shift_remove(key).unwrap_or_default(), &format!("{field}.{key}")),
        None => Err(wrong_kind(field, "text or an object with a `text`", value)),
    }
}

fn is_plain(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Number(_) | Value::Null)
}

fn is_names(value: &Value) -> bool {
    let is_name = |value: &Value| matches!(value, Value::String(_) | Value::Null);
    is_name(value) || value.as_array().is_some_and(|list| list.iter().all(is_name))
}

fn is_documents(value: &Value) -> bool {
    let is_text = |value: &Value| {
        value.is_string() || DOCUMENT_KEYS.iter().any(|key| value.get(*key).is_some_and(Value::is_string))
    };
    value.is_null() || is_text(value) || value.as_array().is_some_and(|list| list.iter().all(is_text))
}
