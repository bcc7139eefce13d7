//! Takes fields of a row by name, with an error for every mistake.

use rewardctl_core::item::{Message, Response};
use serde_json::Value;

use crate::chat::wrong_kind;
use crate::json::{Fields, get};
use crate::row_error::{Fault, RowProblem, quoted};

/// Tells whether the row has all of these fields, whatever they hold.
pub(super) fn has(row: &Fields, names: &[&str]) -> bool {
    names.iter().all(|name| row.contains_key(*name))
}

/// Returns the value at `path`; null counts as not there.
pub(super) fn present<'a>(row: &'a Fields, path: &str) -> Option<&'a Value> {
    get(row, path).filter(|value| !value.is_null())
}

pub(super) fn text(row: &Fields, path: &str) -> Result<String, Fault> {
    maybe_text(row, path)?.ok_or_else(|| missing(path))
}

pub(super) fn maybe_text(row: &Fields, path: &str) -> Result<Option<String>, Fault> {
    match present(row, path) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(wrong_kind(path, "text", other)),
    }
}

/// Returns a text or number as text: ids and names.
pub(super) fn plain(row: &Fields, path: &str) -> Option<String> {
    match present(row, path)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Returns the number at `path`; a text that is one counts, as in a CSV cell, and an empty one is none.
pub(super) fn number(row: &Fields, path: &str) -> Result<Option<f64>, Fault> {
    match present(row, path) {
        None => Ok(None),
        Some(Value::Bool(yes)) => Ok(Some(f64::from(u8::from(*yes)))),
        Some(Value::Number(number)) => Ok(number.as_f64()),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => {
            let parsed = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            parsed.map(Some).ok_or_else(|| unfit(path, text, "a number"))
        }
        Some(other) => Err(wrong_kind(path, "a number", other)),
    }
}

pub(super) fn required_number(row: &Fields, path: &str) -> Result<f64, Fault> {
    number(row, path)?.ok_or_else(|| missing(path))
}

pub(super) fn list<'a>(row: &'a Fields, path: &str) -> Result<&'a [Value], Fault> {
    match present(row, path) {
        None => Err(missing(path)),
        Some(Value::Array(list)) => Ok(list),
        Some(other) => Err(wrong_kind(path, "a list", other)),
    }
}

pub(super) fn object<'a>(row: &'a Fields, path: &str) -> Result<&'a Fields, Fault> {
    match present(row, path) {
        None => Err(missing(path)),
        Some(value) => as_object(value, path),
    }
}

pub(super) fn as_object<'a>(value: &'a Value, path: &str) -> Result<&'a Fields, Fault> {
    value.as_object().ok_or_else(|| wrong_kind(path, "an object", value))
}

pub(super) fn missing(path: &str) -> Fault {
    Fault::of_field(path, RowProblem::Missing)
}

pub(super) fn unfit(path: &str, value: &str, expected: &'static str) -> Fault {
    Fault::of_field(path, RowProblem::Value { value: quoted(value), expected })
}

pub(super) fn no_answer(path: &str, what: impl Into<String>) -> Fault {
    Fault::of_field(path, RowProblem::NoAnswer { what: what.into() })
}

pub(super) fn response(text: String, generator: Option<String>) -> Response {
    Response { text, generator, role: None }
}

pub(super) fn assistant(content: String) -> Message {
    Message { role: "assistant".into(), content }
}

/// Puts a fault of a part of the row at its place in the row.
pub(super) fn inside(place: &str, fault: Fault) -> Fault {
    let field = fault.field.map_or_else(|| place.to_owned(), |field| format!("{place}.{field}"));
    Fault { field: Some(field), ..fault }
}
