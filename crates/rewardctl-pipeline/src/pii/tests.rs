use std::fs;

use rewardctl_data::fields::DEFAULT_MAX_ROW_BYTES;

use super::*;

fn run(name: &str, content: &str, operator: Option<Operator<'_>>) -> (PiiReport, Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let output = folder.path().join("out");
    let settings = PiiSettings {
        options: Options::default(),
        masking: operator.map(|operator| (output.clone(), operator)),
        layout: None,
        max_row_bytes: DEFAULT_MAX_ROW_BYTES,
        on_bad_row: OnBadRow::Fail,
    };
    let files = [InputFile { path, label: name.into() }];
    let report = scan(&files, &settings, &mut |_| {}).unwrap();
    (report, fs::read_to_string(output).ok())
}

#[test]
fn one_placeholder_for_one_datum_of_a_row() {
    let rows = r#"{"prompt": "I am jane@acme.org", "response": "Hi JANE@acme.org, joe@acme.org", "n": 1}
{"prompt": "joe@acme.org", "response": "<EMAIL_1>"}
"#;
    let (report, written) = run("a.jsonl", rows, Some(Operator::Placeholder));
    assert_eq!((report.rows, report.texts, report.sure, report.rows_with_findings), (2, 4, 4, 2));
    assert_eq!(
        written.unwrap(),
        r#"{"prompt":"I am <EMAIL_1>","response":"Hi <EMAIL_1>, <EMAIL_2>","n":1}
{"prompt":"<EMAIL_2>","response":"<EMAIL_1>"}
"#
    );
}

#[test]
fn examples_say_where_and_hide_what() {
    let (report, _) =
        run("a.jsonl", r#"{"m": [{"content": "card 4111 1111 1111 1111 and 10.0.0.1"}]}"#, None);
    let json = serde_json::to_string(&report.kinds).unwrap();
    assert_eq!(
        json,
        concat!(
            r#"[{"kind":"credit-card","class":"personal","sure":1,"possible":0,"examples":[{"file":"a.jsonl","line":1,"#,
            r#""field":"m.0.content","certainty":"validated","masked":"0000 0000 0000 1111"}]},"#,
            r#"{"kind":"ip-address","class":"personal","sure":0,"possible":1,"examples":[{"file":"a.jsonl","line":1,"#,
            r#""field":"m.0.content","certainty":"possible","masked":"00.0.0.0"}]}]"#
        )
    );
}

#[test]
fn plain_text_stays_plain_and_knows_its_lines() {
    let (report, written) =
        run("a.txt", "one\ntwo jane@acme.org\n\nbob@acme.org", Some(Operator::KeepFormat));
    let lines: Vec<u64> = report.kinds[0].examples.iter().map(|example| example.line).collect();
    assert_eq!(lines, [2, 4]);
    assert_eq!(written.unwrap(), "one\ntwo xxxx@xxxx.xxx\n\nxxx@xxxx.xxx");
}

#[test]
fn the_column_says_what_its_digits_are() {
    let (report, _) = run("a.csv", "name,npi\nJane,1234567893\n", None);
    assert_eq!(report.kinds[0].kind, "us-npi");
    assert_eq!(report.kinds[0].examples[0].line, 2);
}
