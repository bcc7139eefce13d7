//! Guards texts against being taken for times.
//!
//! `datasets` reads JSON lines in chunks and finds the types of each by looking: where every text of a column is a
//! date, it makes times of them, or texts with hours that nobody wrote. Parquet says its types.

use serde_json::Value;

use crate::export::schema::{Column, Type};

/// The bytes that `datasets` looks at together; the line that they end in belongs to them.
const CHUNK_BYTES: u64 = 10 << 20;

/// What was seen of the texts in one chunk.
pub(crate) struct Dates {
    columns: Vec<Column>,
    /// One for each place of a text in a row, in the order of the columns.
    places: Vec<Place>,
    bytes: u64,
}

struct Place {
    name: String,
    seen: Seen,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Nothing,
    OnlyDates,
    Text,
}

impl Dates {
    pub(crate) fn new(columns: &[Column]) -> Self {
        let mut places = vec![];
        for column in columns {
            name_places(column.name.into(), &column.holds, &mut places);
        }
        Self { columns: columns.to_vec(), places, bytes: 0 }
    }

    /// Looks at a row that is `bytes` long as a line; the name of a column that would be misread is an error.
    pub(crate) fn see(&mut self, row: &Value, bytes: usize) -> Result<(), String> {
        let mut at = 0;
        for column in &self.columns {
            let places = count_texts(&column.holds);
            if let Some(value) = row.get(column.name) {
                look(&column.holds, value, &mut self.places[at..at + places]);
            }
            at += places;
        }
        self.bytes += bytes as u64;
        if self.bytes > CHUNK_BYTES { self.end() } else { Ok(()) }
    }

    /// Ends the chunk.
    pub(crate) fn end(&mut self) -> Result<(), String> {
        self.bytes = 0;
        for place in &mut self.places {
            if std::mem::replace(&mut place.seen, Seen::Nothing) == Seen::OnlyDates {
                return Err(place.name.clone());
            }
        }
        Ok(())
    }
}

fn name_places(name: String, holds: &Type, places: &mut Vec<Place>) {
    match holds {
        Type::Text => places.push(Place { name, seen: Seen::Nothing }),
        Type::List(each) => name_places(name, each, places),
        Type::Object(fields) => {
            for field in *fields {
                name_places(format!("{name}.{}", field.name), &field.holds, places);
            }
        }
        _ => {}
    }
}

fn count_texts(holds: &Type) -> usize {
    match holds {
        Type::Text => 1,
        Type::List(each) => count_texts(each),
        Type::Object(fields) => fields.iter().map(|field| count_texts(&field.holds)).sum(),
        _ => 0,
    }
}

fn look(holds: &Type, value: &Value, places: &mut [Place]) {
    match (holds, value) {
        (Type::Text, Value::String(text)) => {
            let is_date = places[0].seen != Seen::Text && is_date(text);
            places[0].seen = if is_date { Seen::OnlyDates } else { Seen::Text };
        }
        (Type::List(each), Value::Array(list)) => list.iter().for_each(|one| look(each, one, places)),
        (Type::Object(fields), Value::Object(values)) => {
            let mut at = 0;
            for field in *fields {
                let count = count_texts(&field.holds);
                if let Some(value) = values.get(field.name) {
                    look(&field.holds, value, &mut places[at..at + count]);
                }
                at += count;
            }
        }
        _ => {}
    }
}

/// Tells whether a text may be taken for a time: a date, and nothing behind it that no time has.
fn is_date(text: &str) -> bool {
    let Some((date, time)) = text.split_at_checked("2026-11-20".len()) else { return false };
    let is_digit_or_dash = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    date.bytes().enumerate().all(is_digit_or_dash)
        && time.bytes().all(|byte| byte.is_ascii_digit() || b"T:.Z+- ".contains(&byte))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::export::schema::{MESSAGES, column};

    fn prompt(text: &str) -> Value {
        json!({"prompt": [{"role": "user", "content": text}]})
    }

    #[test]
    fn a_column_of_dates_is_named() {
        let mut dates = Dates::new(&[column("prompt", MESSAGES)]);
        dates.see(&prompt("2026-11-20"), 60).unwrap();
        dates.see(&prompt("2026-11-20T10:00:00Z"), 60).unwrap();
        assert_eq!(dates.end(), Err("prompt.content".into()));
    }

    #[test]
    fn one_other_text_is_enough_for_a_chunk() {
        let mut dates = Dates::new(&[column("prompt", MESSAGES)]);
        dates.see(&prompt("2026-11-20"), 60).unwrap();
        dates.see(&prompt("on 2026-11-20"), CHUNK_BYTES as usize - 60).unwrap();
        // The line that begins where a chunk could end belongs to it.
        dates.see(&prompt("2026-11-20"), 60).unwrap();
        dates.see(&prompt("2026-11-20"), 60).unwrap();
        assert!(dates.end().is_err());
    }

    #[test]
    fn dates_are_told_from_texts() {
        for text in ["2026-11-20", "2026-11-20 10:00", "2026-11-20T10:00:00+02:00"] {
            assert!(is_date(text), "{text}");
        }
        for text in ["", "2026", "2026-11-20 was a Friday", " 2026-11-20", "20261120", "2026-11-2é"] {
            assert!(!is_date(text), "{text}");
        }
    }
}
