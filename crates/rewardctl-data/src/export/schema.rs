//! The columns of a trainer's rows, as constants: what Parquet and the card of a dataset are made from, and what every
//! row is held against.

use serde_json::{Map, Value};

use crate::parquet_write as parquet;

/// One column of a trainer's rows, or one field of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub holds: Type,
    /// Whether rows that have nothing to say leave it out; only for services that read no columns.
    pub optional: bool,
}

/// What a column holds; never null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// A number with a decimal point.
    Float,
    /// A whole number.
    Int,
    /// True or false.
    Bool,
    /// One or more values of one type.
    List(&'static Type),
    /// Named values.
    Object(&'static [Column]),
}

/// One turn of a conversation.
pub const MESSAGE: Type = Type::Object(&[column("role", Type::Text), column("content", Type::Text)]);

/// A conversation.
pub const MESSAGES: Type = Type::List(&MESSAGE);

/// Returns a column that every row has.
pub const fn column(name: &'static str, holds: Type) -> Column {
    Column { name, holds, optional: false }
}

/// Returns a column that a row may leave out.
pub const fn optional(name: &'static str, holds: Type) -> Column {
    Column { name, holds, optional: true }
}

impl Type {
    /// Returns how people write it: `text`, `list of {role, content}`.
    pub fn name(&self) -> String {
        match self {
            Self::Text => "text".into(),
            Self::Float => "float".into(),
            Self::Int => "integer".into(),
            Self::Bool => "bool".into(),
            Self::List(each) => format!("list of {}", each.name()),
            Self::Object(fields) => {
                let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
                format!("{{{}}}", names.join(", "))
            }
        }
    }

    /// Tells whether `value` is of this type, down to every field.
    pub(crate) fn fits(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Text, Value::String(_)) | (Self::Bool, Value::Bool(_)) => true,
            (Self::Float, Value::Number(number)) => number.is_f64(),
            (Self::Int, Value::Number(number)) => number.is_i64(),
            (Self::List(each), Value::Array(list)) => {
                !list.is_empty() && list.iter().all(|one| each.fits(one))
            }
            (Self::Object(columns), Value::Object(fields)) => fit(columns.iter(), fields),
            _ => false,
        }
    }

    fn parquet(&self) -> parquet::Kind {
        match self {
            Self::Text => parquet::Kind::Text,
            Self::Float => parquet::Kind::Float,
            Self::Int => parquet::Kind::Int,
            Self::Bool => parquet::Kind::Bool,
            Self::List(each) => parquet::Kind::List(Box::new(each.parquet())),
            Self::Object(fields) => parquet::Kind::Object(fields.iter().map(Column::parquet).collect()),
        }
    }
}

impl Column {
    /// Returns the column as Parquet has it.
    pub(crate) fn parquet(&self) -> parquet::Column {
        parquet::Column::new(self.name, self.holds.parquet())
    }
}

/// Tells whether a row has exactly these columns, in this order and of these types.
pub(crate) fn fit<'a>(columns: impl Iterator<Item = &'a Column>, fields: &Map<String, Value>) -> bool {
    let mut rest = fields.iter().peekable();
    for column in columns {
        match rest.next_if(|(name, _)| *name == column.name) {
            Some((_, value)) if column.holds.fits(value) => {}
            None if column.optional => {}
            _ => return false,
        }
    }
    rest.next().is_none()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(columns: &[Column], row: &Value, expected: bool) {
        assert_eq!(fit(columns.iter(), row.as_object().unwrap()), expected, "{row}");
    }

    #[test]
    fn rows_are_held_against_their_columns() {
        let columns = [column("prompt", MESSAGES), optional("margin", Type::Float)];
        let prompt = json!([{"role": "user", "content": "p"}]);
        check(&columns, &json!({"prompt": prompt, "margin": 1.0}), true);
        check(&columns, &json!({"prompt": prompt}), true);
        check(&columns, &json!({"prompt": prompt, "margin": 1}), false);
        check(&columns, &json!({"margin": 1.0, "prompt": prompt}), false);
        check(&columns, &json!({"prompt": [], "margin": 1.0}), false);
        check(&columns, &json!({"prompt": prompt, "more": 1.0}), false);
        check(&columns, &json!({"prompt": [{"role": "user"}]}), false);
    }

    #[test]
    fn types_have_names() {
        assert_eq!(MESSAGES.name(), "list of {role, content}");
    }
}
