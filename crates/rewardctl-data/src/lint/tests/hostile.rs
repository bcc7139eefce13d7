//! Files that nobody made in good faith, or that broke on the way.

use super::{Files, found, settings};
use crate::error::Error;
use crate::lint::check::dataset::D04;
use crate::lint::finding::Place;
use crate::lint::parts::Parts;
use crate::lint::pass::{LintSettings, Listeners, Remark, lint};

const PAIR: &str = r#"{"prompt":"a","chosen":"b","rejected":"c"}"#;

fn check(content: impl Into<Vec<u8>>, expected: &[&str]) {
    assert_eq!(found("x.jsonl", content, &settings(None, &["E03", "E04", "E08", "E15"])), expected);
}

#[test]
fn rows_that_break_are_findings_and_the_rest_is_read() {
    let long = format!("{{\"prompt\":\"{}\",\"chosen\":\"b\",\"rejected\":\"c\"}}", "x".repeat(10 << 20));
    check(format!("{long}\n{PAIR}\nbroken\n{PAIR}"), &["E15:3"]);
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    check(format!("{PAIR}\n{deep}\n"), &["E15:2"]);
    check([PAIR.as_bytes(), b"\n{\"prompt\":\"\xff\"}\n"].concat(), &["E03:2"]);
    check(format!("{PAIR}\n[1]\n7\n"), &["E15:2", "E15:3"]);
    check(format!("{PAIR}\n{{\"a\":\"x\0y\"}}\n"), &["E15:2"]);
    check("{\"a\":{\"b\":1,\"b\":2},\"prompt\":\"p\",\"completion\":\"c\"}\n", &["E04:1"]);
    let too_long = format!("{PAIR}\n{{\"a\":\"{}\"}}\n{PAIR}\n", "x".repeat(17 << 20));
    check(too_long, &["E15:2"]);
}

#[test]
fn files_without_rows_are_findings() {
    check("", &["E08:0"]);
    check(" \n\n\u{a0}".trim_end_matches('\u{a0}'), &["E08:0"]);
    check("\u{feff}", &["E08:0"]);
    assert_eq!(found("x.json", "[]", &settings(None, &[])), ["E08:0"]);
    assert_eq!(found("x.csv", "prompt,chosen,rejected\n", &settings(None, &[])), ["E08:0"]);
}

#[test]
fn what_is_no_text_cannot_be_read() {
    let files = Files::new(&[("x.bin", b"\x7fELF\0\x01\x02".to_vec())]);
    let error = lint(&files.files, &settings(None, &[]), &mut Listeners::default()).unwrap_err();
    assert!(matches!(error, Error::Binary { .. }), "{error}");
}

#[test]
fn texts_do_not_reach_messages_with_their_control_characters() {
    let row = "{\"prompt\":\"a\",\"\\u001b[2J\":1,\"chosen\":\"b\",\"rejected\":\"c\"}";
    let files = Files::new(&[("x.jsonl", format!("{PAIR}\n{row}\n").into_bytes())]);
    let report = files.lint(&settings(Some("together"), &[]));
    let places = report.groups.iter().flat_map(|group| &group.places);
    for place in places {
        let shown = format!("{}{}", place.message, place.field.as_deref().unwrap_or_default());
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }
}

#[test]
fn places_are_bounded_and_counts_are_not() {
    let text = "{\"prompt\":\"\",\"completion\":\"b\"}\n".repeat(1000);
    let few = LintSettings { max_places: 5, compared_rows: 10, ..settings(None, &[]) };
    let report = Files::new(&[("x.jsonl", text.into_bytes())]).lint(&few);
    let empty = report.groups.iter().find(|group| group.check.code == "E05").unwrap();
    assert_eq!((empty.count, empty.places.len()), (1000, 5));
}

#[test]
fn rows_beyond_the_limit_are_counted() {
    let text: String = (0..50).map(|n| format!("{{\"prompt\":\"p{n}\",\"completion\":\"b\"}}\n")).collect();
    let few = LintSettings { compared_rows: 10, ..settings(None, &[]) };
    let report = Files::new(&[("x.jsonl", text.into_bytes())]).lint(&few);
    assert_eq!((report.figures.prompts, report.figures.rows_not_compared), (10, 40));
}

#[test]
fn listeners_count_and_remark() {
    let rows = ["one two", "one", "one two three four"].map(|text| format!("{{\"text\":\"{text}\"}}\n"));
    let files = Files::new(&[("x.jsonl", rows.concat().into_bytes())]);
    let mut words = |text: &str| text.split(' ').count() as u64;
    let mut seen = vec![];
    let remark = || Remark { check: &D04, field: Some("text".into()), message: "heard".into() };
    let mut rows = |place: &Place, parts: &Parts| {
        seen.push((place.line, parts.answers.len()));
        if place.line == 2 { vec![remark()] } else { vec![] }
    };
    let mut end = || vec![(Place { file: 0, line: 1 }, remark())];
    let mut listeners = Listeners { tokens: Some(&mut words), rows: Some(&mut rows), end: Some(&mut end) };
    let most = LintSettings { max_tokens: Some(3), ..settings(None, &[]) };
    let report = lint(&files.files, &most, &mut listeners).unwrap();
    assert_eq!(super::places(&report), ["D04:1", "D04:2", "D05:3"]);
    let tokens = report.figures.tokens.unwrap();
    assert_eq!((tokens.median, tokens.p95, tokens.max, tokens.over), (2, 4, 4, Some(1)));
    assert_eq!(seen, [(1, 1), (2, 1), (3, 1)]);
}
