//! A row as keys with the JSON of their values, untouched.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The fields of a row in the order of the file, each value as it stands there.
#[derive(Debug)]
pub(crate) struct RawFields(pub Vec<(String, Box<RawValue>)>);

/// Returns the JSON without blanks between its tokens, so that a line can hold it.
pub(crate) fn compact(json: &[u8]) -> Vec<u8> {
    if !json.contains(&b'\n') && !json.contains(&b'\r') {
        return json.to_vec();
    }
    let (mut in_string, mut escaped) = (false, false);
    let mut out = Vec::with_capacity(json.len());
    for &byte in json {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
        } else if byte.is_ascii_whitespace() {
            continue;
        } else if byte == b'"' {
            in_string = true;
        }
        out.push(byte);
    }
    out
}

impl<'de> Deserialize<'de> for RawFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = RawFields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<RawFields, A::Error> {
        let mut fields = vec![];
        while let Some(field) = object.next_entry()? {
            fields.push(field);
        }
        Ok(RawFields(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_in_texts_stay() {
        let pretty = b"{\n  \"a\": \" x \\\" \\n y \",\r\n  \"b\": [ 1, 2.50 ]\n}";
        assert_eq!(compact(pretty), b"{\"a\":\" x \\\" \\n y \",\"b\":[1,2.50]}");
        assert_eq!(compact(b"{\"a\": 1}"), b"{\"a\": 1}");
    }
}
