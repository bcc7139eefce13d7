use std::fs;

use super::*;
use crate::fields::DEFAULT_MAX_ROW_BYTES;

fn rows(name: &str, content: &str) -> Vec<TextRow> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let rows = TextRows::open(&path, name, Layout::of(&path), DEFAULT_MAX_ROW_BYTES).unwrap();
    rows.map(Result::unwrap).collect()
}

fn places(row: &TextRow) -> Vec<String> {
    let mut places = vec![];
    row.texts(&mut |place, text| places.push(format!("{place}={text}")));
    places
}

#[test]
fn every_text_has_a_place() {
    let found =
        rows("a.jsonl", r#"{"id": 7, "messages": [{"role": "user", "content": "hi"}], "x": {"y": "z"}}"#);
    assert_eq!(places(&found[0]), ["messages.0.role=user", "messages.0.content=hi", "x.y=z"]);
    let found = rows("a.csv", "name,phone\nJane,1\nJoe,2\n");
    assert_eq!((found[1].line, places(&found[1])), (3, vec!["name=Joe".to_owned(), "phone=2".to_owned()]));
}

#[test]
fn changed_rows_are_written_and_the_rest_stays() {
    let mut found = rows("a.jsonl", r#"{"b": 1.0, "a": ["x", null, "y"]}"#);
    found[0].change(&mut |place, text| (place == "a.2").then(|| text.to_uppercase()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.jsonl");
    let mut writer = TextWriter::create(&path).unwrap();
    writer.write(&found[0]).unwrap();
    assert!(!path.exists());
    assert_eq!(writer.finish().unwrap(), 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\"b\":1.0,\"a\":[\"x\",null,\"Y\"]}\n");
}

#[test]
fn plain_text_comes_in_pieces_that_make_the_whole() {
    let content = "line\n".repeat(300_000) + "\n" + &"other\n".repeat(10);
    let found = rows("a.txt", &content);
    assert!(found.len() > 1);
    let mut whole = String::new();
    let mut lines = vec![];
    for row in &found {
        lines.push(row.line);
        row.texts(&mut |place, text| {
            assert_eq!(place, "");
            assert_eq!(row.line, whole.matches('\n').count() as u64 + 1);
            whole.push_str(text);
        });
    }
    assert_eq!(whole, content);
}
