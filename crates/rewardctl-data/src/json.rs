//! JSON as every reader understands it alike: no key twice, no lone surrogate, no raw control byte, and no more
//! values than a row of prompts and responses has.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::row_error::{Fault, RowProblem, quoted};

/// The most values in one row: each takes some hundred bytes of memory, however few bytes it has in the file.
pub(crate) const MAX_VALUES: usize = 200_000;

/// The most bytes of a path to a broken value; nobody reads a longer one.
const MAX_PLACE_BYTES: usize = 200;

/// The fields of a row, in the order of the file.
pub(crate) type Fields = Map<String, Value>;

/// A text that is no row.
#[derive(Debug)]
pub(crate) struct Unreadable {
    /// The 0-based line of the text where it went wrong.
    pub line: u64,
    pub fault: Fault,
}

/// Parses one object; `column` is where the text starts in its line, from 0.
pub(crate) fn parse_row(text: &[u8], column: u64) -> Result<Fields, Unreadable> {
    match parse(text, column)? {
        Value::Object(fields) => Ok(fields),
        other => {
            let problem = RowProblem::Kind { expected: "an object", found: kind(&other) };
            Err(Unreadable { line: 0, fault: problem.into() })
        }
    }
}

/// Parses one value.
pub(crate) fn parse(text: &[u8], column: u64) -> Result<Value, Unreadable> {
    let text = std::str::from_utf8(text).map_err(|error| Unreadable {
        line: text[..error.valid_up_to()].iter().filter(|&&b| b == b'\n').count() as u64,
        fault: RowProblem::NotUtf8 { at: error.valid_up_to() as u64 + 1 }.into(),
    })?;
    let (left, place) = (Cell::new(MAX_VALUES), RefCell::new(String::new()));
    let mut parser = serde_json::Deserializer::from_str(text);
    let strict = Strict { left: &left, place: &place };
    let parsed = strict.deserialize(&mut parser);
    let ended = parsed.and_then(|value| parser.end().map(|()| value));
    ended.map_err(|error| unreadable(&error, text, column, strict))
}

/// Returns the kind of a value, as a message names it.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Returns the value at `path`: a field of that very name, else dotted steps into objects and lists.
pub(crate) fn get<'a>(fields: &'a Fields, path: &str) -> Option<&'a Value> {
    if let Some(value) = fields.get(path) {
        return Some(value);
    }
    let (first, rest) = path.split_once('.')?;
    rest.split('.').try_fold(fields.get(first)?, |value, step| match value {
        Value::Object(fields) => fields.get(step),
        Value::Array(list) => list.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Returns the value at `path`, to be changed.
pub(crate) fn get_mut<'a>(fields: &'a mut Fields, path: &str) -> Option<&'a mut Value> {
    if fields.contains_key(path) {
        return fields.get_mut(path);
    }
    let (first, rest) = path.split_once('.')?;
    rest.split('.').try_fold(fields.get_mut(first)?, |value, step| match value {
        Value::Object(fields) => fields.get_mut(step),
        Value::Array(list) => list.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Removes the field at `path` if nothing but nulls is left in it; what a row's item does not use stays.
pub(crate) fn drop_spent(fields: &mut Fields, path: &str) {
    let name = if fields.contains_key(path) { path } else { path.split('.').next().unwrap_or(path) };
    if fields.get(name).is_some_and(is_spent) {
        fields.shift_remove(name);
    }
}

fn is_spent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.iter().all(is_spent),
        Value::Object(fields) => fields.values().all(is_spent),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn unreadable(error: &serde_json::Error, text: &str, column: u64, strict: Strict<'_>) -> Unreadable {
    let said = error.to_string();
    // The parser's own ending counts lines from the start of the row.
    let what = said.rfind(" at line ").map_or(said.as_str(), |end| &said[..end]);
    let offset = if error.line() <= 1 { column } else { 0 };
    let mut field = Some(strict.place.take()).filter(|place| !place.is_empty());
    let problem = if strict.left.get() == 0 {
        // The whole row has too many; the last one is no more at fault than the others.
        field = None;
        RowProblem::TooManyValues { limit: MAX_VALUES }
    } else if what == "recursion limit exceeded" {
        RowProblem::TooDeep
    } else {
        RowProblem::Json { column: error.column() as u64 + offset, what: plainer(what, text, error) }
    };
    let line = (error.line() as u64).saturating_sub(1);
    Unreadable { line, fault: Fault { field, ..Fault::from(problem) } }
}

/// Returns what the parser says, in words for those who did not write one.
fn plainer(what: &str, text: &str, error: &serde_json::Error) -> String {
    match what {
        "unexpected end of hex escape" | "lone leading surrogate in hex escape" => {
            "a lone surrogate, which is half a character".into()
        }
        _ if what.starts_with("control character") => match control(text, error) {
            Some('\0') => "a raw NUL in a text".into(),
            Some(c) => format!("a raw control character in a text, where JSON has `\\u{:04x}`", u32::from(c)),
            None => what.into(),
        },
        _ => what.into(),
    }
}

/// Returns the character just before the place of the error.
fn control(text: &str, error: &serde_json::Error) -> Option<char> {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    text.get(..before + error.column())?.chars().next_back()
}

/// Builds a value, counting down what may still come.
#[derive(Clone, Copy)]
struct Strict<'a> {
    left: &'a Cell<usize>,
    /// The path to the value that went wrong; grows on the way out of it.
    place: &'a RefCell<String>,
}

impl Strict<'_> {
    /// Notes that the value went wrong inside of `step`.
    fn came_through<E>(self, step: &str, error: E) -> E {
        let mut place = self.place.borrow_mut();
        let dot = if place.is_empty() || place.starts_with('[') { "" } else { "." };
        *place = format!("{step}{dot}{place}");
        let end = place.floor_char_boundary(MAX_PLACE_BYTES);
        place.truncate(end);
        error
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let left = self.left.get().checked_sub(1).filter(|&left| left > 0);
        self.left.set(left.unwrap_or(0));
        left.ok_or_else(|| D::Error::custom("too many values"))?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = vec![];
        loop {
            let next = list.next_element_seed(self);
            match next.map_err(|error| self.came_through(&format!("[{}]", values.len()), error))? {
                Some(value) => values.push(value),
                None => break,
            }
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            if fields.contains_key(&key) {
                return Err(A::Error::custom(format_args!("key `{}` stands twice", quoted(&key))));
            }
            let value = object.next_value_seed(self).map_err(|error| self.came_through(&key, error))?;
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }
}
