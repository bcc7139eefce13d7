//! Writes rows to a file, whole or not at all: JSONL, or Parquet when the name says so; `-` is stdout.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::atomic::Sink;
use crate::error::Error;
use crate::parquet_write::{Column, Table};

/// Writes JSON with a point in every float, so that no reader takes a column of whole scores for integers.
struct PointedFloats;

impl Formatter for PointedFloats {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(decimal(value).as_bytes())
    }
}

/// Returns the shortest decimal that reads back as `value`, with a point: `1.0`, `2.5e-9`.
pub(crate) fn decimal(value: f64) -> String {
    let text = format!("{value:?}");
    match text.split_once('e') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0e{exponent}"),
        _ => text,
    }
}

/// Appends `value` as JSON.
pub(crate) fn write_json<T: Serialize>(writer: &mut impl Write, value: &T) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(writer, PointedFloats))?)
}

/// Tells whether the name of a file asks for Parquet.
pub(crate) fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
}

/// Writes JSONL and returns the number of rows; without any row, or with a failed one, there is no file.
pub(crate) fn write_jsonl<T: Serialize, E: From<Error>>(
    path: &Path,
    rows: impl Iterator<Item = Result<T, E>>,
) -> Result<u64, E> {
    let failed = Sink::failed(path);
    let mut sink = Sink::create(path)?;
    let mut count = 0;
    for row in rows {
        write_json(&mut sink, &row?).and_then(|()| sink.write_all(b"\n")).map_err(&failed)?;
        count += 1;
    }
    if count > 0 {
        sink.finish().map_err(&failed)?;
    }
    Ok(count)
}

/// Writes Parquet and returns the number of rows; without any row, or with a failed one, there is no file.
pub(crate) fn write_parquet<T: Serialize, E: From<Error>>(
    path: &Path,
    columns: &[Column],
    rows: impl Iterator<Item = Result<(T, usize), E>>,
) -> Result<u64, E> {
    let failed = Sink::failed(path);
    let mut table = Table::new(Sink::create(path)?, columns).map_err(&failed)?;
    let mut count = 0;
    for row in rows {
        let (row, bytes) = row?;
        table.write(&row, bytes).map_err(&failed)?;
        count += 1;
    }
    if count > 0 {
        table.finish().and_then(Sink::finish).map_err(&failed)?;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_have_a_point() {
        let values = [1.0, 0.5, 1e-9, 2.5e-9, 1e300, -0.0].map(decimal);
        assert_eq!(values, ["1.0", "0.5", "1.0e-9", "2.5e-9", "1.0e300", "-0.0"]);
    }
}
