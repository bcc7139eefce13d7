use std::fs;

use proptest::prelude::*;
use rewardctl_core::id::ContentId;
use tempfile::TempDir;

use super::*;

fn read(text: &str) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("labels.jsonl");
    fs::write(&path, text).unwrap();
    let shown = |row| match row {
        Ok((line, row)) => format!("{line}: {row:?}"),
        Err(error) => RowError::to_string(&error),
    };
    read_labels(&path, "labels.jsonl").unwrap().map(shown).collect()
}

fn check(row: &str, expected: &str) {
    assert_eq!(read(row), [format!("labels.jsonl:1: {expected}")]);
}

const RATING: &str = r#"{"kind":"rate","item":"ex-1","response":0,"value":4,"scale":{"min":1,"max":5,"step":1},"annotator":"ana""#;

#[test]
fn the_three_kinds() {
    let id = "00000000000000000000000000000001";
    let compare = format!(
        r#"{{"kind":"compare","response_a_id":"{id}","item":"i","b":2,"winner":"tie","annotator":"a"}}"#
    );
    let correct = r#"{"kind":"correct","item":"i","response":1,"text":"better","annotator":"a","note":"n"}"#;
    assert_eq!(
        read(&format!("{RATING}}}\n\n{compare}\n{correct}\n")),
        [
            "1: LabelRow { item: Some(\"ex-1\"), said: Rate { response: Index(0), value: 4.0, scale: Scale \
             { min: 1.0, max: 5.0, step: 1.0, low_is_good: false }, dimension: None }, annotator: \"ana\", note: None }",
            &format!(
                "3: LabelRow {{ item: Some(\"i\"), said: Compare {{ a: Id({id}), b: Index(2), winner: Tie, \
             strength: None }}, annotator: \"a\", note: None }}"
            ),
            "4: LabelRow { item: Some(\"i\"), said: Correct { response: Index(1), text: \"better\" }, \
             annotator: \"a\", note: Some(\"n\") }",
        ]
    );
}

#[test]
fn mistakes_are_named() {
    check(&format!("{RATING},\"dimenson\":\"x\"}}"), "field `dimenson`: unknown; did you mean `dimension`?");
    check(&format!("{RATING},\"zzz\":1}}"), "field `zzz`: unknown");
    check(
        &format!("{}}}", RATING.replace("\"step\"", "\"stp\"")),
        "field `scale.stp`: unknown; did you mean `step`?",
    );
    check(
        &format!("{}}}", RATING.replace("\"value\":4", "\"value\":7")),
        "field `value`: value `7` is not on the scale from `1` to `5` in steps of `1`",
    );
    check(&format!("{}}}", RATING.replace(":4,", ":\"4\",")), "field `value`: expected a number, found text");
    check(&format!("{}}}", RATING.replace("\"item\":\"ex-1\",", "")), "field `item`: missing");
    check(
        &format!("{}}}", RATING.replace(":0,", ":-1,")),
        "field `response`: `-1` is not the number of a response, from 0",
    );
    check(&format!("{}}}", RATING.replace("\"ana\"", "\"\"")), "field `annotator`: empty");
    check(r#"{"kind":"rank"}"#, "field `kind`: `rank` is not `rate`, `compare` or `correct`");
    check(
        r#"{"kind":"compare","item":"i","a":1,"b":1,"winner":"a","annotator":"a"}"#,
        "field `b`: the same response as `a`",
    );
    check(
        r#"{"kind":"compare","item":"i","a":0,"b":1,"winner":"left","annotator":"a"}"#,
        "field `winner`: `left` is not `a`, `b` or `tie`",
    );
    check(
        r#"{"kind":"compare","item":"i","a":0,"b":1,"winner":"a","strength":2,"annotator":"a"}"#,
        "field `strength`: `2` is not a number from 0 to 1",
    );
    check(
        r#"{"kind":"correct","response_id":"xyz","text":"t","annotator":"a"}"#,
        "field `response_id`: `xyz` is not an id of 32 hexadecimal digits",
    );
    check("kind,item", "not valid JSON at column 1: expected value");
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        any::<[u8; 16]>().prop_map(|bytes| Target::Id(ContentId::from_bytes(bytes))),
        any::<u32>().prop_map(Target::Index),
    ]
}

fn said() -> impl Strategy<Value = Said> {
    let dimension = prop::option::of("[a-z]{1,5}");
    let rate = (target(), 1u8..=5, dimension).prop_map(|(response, value, dimension)| Said::Rate {
        response,
        value: value.into(),
        scale: Scale::STARS,
        dimension,
    });
    let winner = prop_oneof![Just(Winner::A), Just(Winner::B), Just(Winner::Tie)];
    let strength = prop::option::of((0.0..=1.0f64).prop_map(|value| Score::new(value).unwrap()));
    let compare = (target(), target(), winner, strength)
        .prop_filter("two responses", |(a, b, ..)| a != b)
        .prop_map(|(a, b, winner, strength)| Said::Compare { a, b, winner, strength });
    let correct = (target(), any::<String>()).prop_map(|(response, text)| Said::Correct { response, text });
    prop_oneof![rate, compare, correct]
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        said in said(),
        item in any::<String>(),
        annotator in ".{1,5}",
        note in prop::option::of(any::<String>()),
    ) {
        let row = LabelRow { item: Some(item), said, annotator, note };
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("labels.jsonl");
        prop_assert_eq!(write_labels(&path, std::iter::once(row.clone())).unwrap(), 1);
        let read: Vec<_> = read_labels(&path, "labels.jsonl").unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(read, vec![(1, row)]);
    }
}
