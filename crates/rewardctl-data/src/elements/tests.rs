use std::io::{BufReader, Cursor};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// Splits `text`, read in chunks of `chunk` bytes, and returns line and object of each element.
fn split(text: &str, chunk: usize) -> Vec<(u64, Value)> {
    let stream = Box::new(BufReader::with_capacity(chunk, Cursor::new(text.as_bytes().to_vec())));
    let mut elements = Elements::new(stream, 1 << 20);
    let mut found = vec![];
    while let Some(element) = elements.next_record() {
        let element = element.unwrap();
        found.push((element.line, Value::Object(element.fields)));
    }
    found
}

fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![any::<String>(), "[\\[\\]{}\",:\\\\\n ]{0,8}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9f64).prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..5)
                .prop_map(|f| Value::Object(f.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn splits_where_the_parser_does(
        values in prop::collection::vec(value(), 0..6),
        pretty in any::<bool>(),
        chunk in 1usize..40,
    ) {
        let rows: Vec<Value> = values.into_iter().map(|value| json!({"v": value})).collect();
        let text = |value: &Value| if pretty { format!("{value:#}") } else { value.to_string() };
        let list = split(&text(&json!(rows)), chunk);
        prop_assert_eq!(list.iter().map(|(_, row)| row.clone()).collect::<Vec<_>>(), rows.clone());
        let joined = rows.iter().map(text).collect::<Vec<_>>().join("\n");
        let objects = split(&joined, chunk);
        let mut line = 1;
        for ((found_line, found), row) in objects.iter().zip(&rows) {
            prop_assert_eq!((*found_line, found), (line, row));
            line += text(row).matches('\n').count() as u64 + 1;
        }
        prop_assert_eq!(objects.len(), rows.len());
    }
}
