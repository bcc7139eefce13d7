use std::fs;

use tempfile::TempDir;

use super::*;

fn read(text: &str) -> Vec<Result<VerdictPair, String>> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pairs.jsonl");
    fs::write(&path, text).unwrap();
    let rows = read_verdict_pairs(&path, "pairs.jsonl").unwrap();
    rows.map(|row| row.map(|(_, row)| row).map_err(|error| error.to_string())).collect()
}

fn check(row: &str, expected: &str) {
    assert_eq!(read(row), [Err(format!("pairs.jsonl:1: {expected}"))]);
}

#[test]
fn a_row_with_everything() {
    let row = r#"{"id": 7, "group": "g", "prompt": "p", "response_a": "x", "response_b": "y", "year": 2026,
        "verdicts": {"one": 0.75, "two": "b", "three": [0.2, 0.9], "none": null}, "winner": "a", "labels": ["b", "tie"]}"#;
    let got = read(&row.replace('\n', " ")).remove(0).unwrap();
    assert_eq!((got.id.as_deref(), got.group.as_deref()), (Some("7"), Some("g")));
    assert_eq!(got.responses, Some(["x".into(), "y".into()]));
    let scores: Vec<(&str, [f64; 2])> =
        got.verdicts.iter().map(|(critic, scores)| (critic.as_str(), scores.map(Score::get))).collect();
    assert_eq!(scores, [("one", [0.75, 0.25]), ("three", [0.2, 0.9]), ("two", [0.0, 1.0])]);
    assert_eq!((got.labels, got.winner), (vec![0.0, 0.5], 1.0));
}

#[test]
fn what_is_left_out_follows_from_the_rest() {
    let got = read(r#"{"prompt": "p", "verdicts": {}, "labels": ["a", "a", "b", "tie"]}"#).remove(0).unwrap();
    assert_eq!((got.group.as_deref(), got.winner, got.responses), (Some("p"), 0.625, None));
    let got = read(r#"{"verdicts": {}, "winner": "tie"}"#).remove(0).unwrap();
    assert_eq!((got.labels, got.winner, got.group), (vec![0.5], 0.5, None));
}

#[test]
fn mistakes_are_named() {
    check(r#"{"verdicts": {}}"#, "field `winner`: missing");
    check(r#"{"verdicts": {}, "winner": "A"}"#, "field `winner`: `A` is not `a`, `b` or `tie`");
    check(
        r#"{"verdicts": {}, "labels": ["a", 1]}"#,
        "field `labels[1]`: expected `a`, `b` or `tie`, found a number",
    );
    check(r#"{"winner": "a"}"#, "field `verdicts`: missing");
    check(
        r#"{"verdicts": {"x": 1.5}, "winner": "a"}"#,
        "field `verdicts.x`: `1.5` is not `a`, `b`, `tie`, a chance from 0 to 1, or two scores from 0 to 1",
    );
    check(
        r#"{"verdicts": {"x": [1]}, "winner": "a"}"#,
        "field `verdicts.x`: expected `a`, `b`, `tie`, a chance from 0 to 1, or two scores from 0 to 1, found a list",
    );
    check(
        r#"{"verdicts": [], "winner": "a"}"#,
        "field `verdicts`: expected an object with a verdict for each critic, found a list",
    );
}
