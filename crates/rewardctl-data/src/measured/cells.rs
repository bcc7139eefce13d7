//! Single values of a row, under one of several names, as JSON or as the text of a cell.

use rewardctl_core::label::Winner;
use serde_json::Value;

use crate::json::{Fields, get, kind, parse};
use crate::row_error::{Fault, RowProblem, quoted};

/// Returns the value under the first of `names` that is there, with that name; null and an empty cell are None.
///
/// A row without any of the names is at fault.
pub(crate) fn required<'a>(
    fields: &'a Fields,
    names: &[&'static str],
) -> Result<(&'static str, Option<&'a Value>), Fault> {
    let found = names.iter().find_map(|name| Some((*name, get(fields, name)?)));
    let (name, value) = found.ok_or_else(|| Fault::of_field(names[0], RowProblem::Missing))?;
    Ok((name, Some(value).filter(|value| !is_blank(value))))
}

/// Returns the value of a field that need not be there.
pub(crate) fn optional<'a>(fields: &'a Fields, name: &str) -> Option<&'a Value> {
    get(fields, name).filter(|value| !is_blank(value))
}

/// Reads a finite number, also from text.
pub(crate) fn number(name: &str, value: &Value) -> Result<f64, Fault> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.trim().parse::<f64>() {
            Ok(number) => Some(number),
            Err(_) => return Err(unfit(name, text, "a number")),
        },
        other => return Err(wrong(name, "a number", other)),
    };
    number.filter(|number| number.is_finite()).ok_or_else(|| unfit(name, &shown(value), "a finite number"))
}

/// Reads yes and no as 1 and 0: true, false, 1, 0, and 0.5 for a tie.
pub(crate) fn answer(name: &str, value: &Value) -> Result<f64, Fault> {
    let lower = shown(value).trim().to_ascii_lowercase();
    match lower.as_str() {
        "true" => Ok(1.0),
        "false" => Ok(0.0),
        _ => match lower.parse::<f64>() {
            Ok(number) if number == 0.0 || number == 0.5 || number == 1.0 => Ok(number),
            _ => Err(unfit(name, &shown(value), "0, 1, true or false (or 0.5 for a tie)")),
        },
    }
}

/// Reads a name: text, or a number as text.
pub(crate) fn name(field: &str, value: &Value) -> Result<String, Fault> {
    match value {
        Value::String(text) => Ok(text.trim().to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(wrong(field, "text", other)),
    }
}

/// Reads a name that need not be there.
pub(crate) fn optional_name(fields: &Fields, field: &str) -> Result<Option<String>, Fault> {
    optional(fields, field).map(|value| name(field, value)).transpose()
}

/// Reads numbers: a list, also as the text of a cell, or one number; lists of one number count as that number.
pub(crate) fn numbers(name: &str, value: &Value) -> Result<Vec<f64>, Fault> {
    let parsed;
    let value = match value {
        Value::String(text) if text.trim_start().starts_with('[') => {
            parsed = parse(text.as_bytes(), 0).map_err(|_| unfit(name, text, "a list of numbers"))?;
            &parsed
        }
        other => other,
    };
    let Value::Array(values) = value else { return Ok(vec![number(name, value)?]) };
    let one = |(at, value): (usize, &Value)| {
        let name = format!("{name}[{at}]");
        match value {
            Value::Array(inner) if inner.len() == 1 => number(&name, &inner[0]),
            other => number(&name, other),
        }
    };
    values.iter().enumerate().map(one).collect()
}

/// Reads a preference between a and b.
pub(crate) fn preference(name: &str, value: &Value) -> Result<Winner, Fault> {
    side(&shown(value)).ok_or_else(|| unfit(name, &shown(value), "`a`, `b` or `tie`"))
}

/// Returns the side that a word stands for, as the common data sets write it.
pub(crate) fn side(word: &str) -> Option<Winner> {
    match word.trim().to_ascii_lowercase().as_str() {
        "a" | "model_a" | "response_a" => Some(Winner::A),
        "b" | "model_b" | "response_b" => Some(Winner::B),
        "tie" | "draw" | "both" | "tie (bothbad)" | "bothbad" => Some(Winner::Tie),
        _ => None,
    }
}

/// Says that a value means nothing here.
pub(crate) fn unfit(name: &str, value: &str, expected: &'static str) -> Fault {
    Fault::of_field(name, RowProblem::Value { value: quoted(value), expected })
}

/// Says that a value is of the wrong kind.
pub(crate) fn wrong(name: &str, expected: &'static str, found: &Value) -> Fault {
    Fault::of_field(name, RowProblem::Kind { expected, found: kind(found) })
}

/// Returns a value as a message shows it.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}
