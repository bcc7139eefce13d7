//! For each code a planted fault, found where it is.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::json;

use super::{Files, found, places, settings};
use crate::lint::check::{Severity, all};

const PAIR: &str = r#"{"prompt":"Name a prime.","chosen":"Seven.","rejected":"Nine, I think."}"#;
const CHAT: &str =
    r#"{"messages":[{"role":"user","content":"Name a prime."},{"role":"assistant","content":"Seven."}]}"#;

/// The code, the target, the file's name, its rows, and the line.
type Planted = (&'static str, Option<&'static str>, &'static str, Vec<String>, u64);

#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn planted() -> Vec<Planted> {
    let row = |text: &str| text.to_owned();
    let pairs = |rows: &[&str]| -> Vec<String> {
        std::iter::once(PAIR).chain(rows.iter().copied()).map(row).collect()
    };
    vec![
        ("E01", None, "x.jsonl", pairs(&[r#"{"prompt":["a"],"chosen":"b","rejected":"c"}"#]), 2),
        ("E02", None, "x.jsonl", pairs(&[r#"{"prompt":"b","chosen":"c","rejected":"d","more":1}"#]), 2),
        ("E03", None, "x.jsonl", pairs(&[r#"{"prompt":"\ud83d","chosen":"c","rejected":"d"}"#]), 2),
        ("E04", None, "x.jsonl", pairs(&[r#"{"prompt":"a","prompt":"b","chosen":"c","rejected":"d"}"#]), 2),
        ("E05", None, "x.jsonl", pairs(&[r#"{"prompt":"b","chosen":" ","rejected":"d"}"#]), 2),
        (
            "E06",
            None,
            "x.jsonl",
            vec![row(
                r#"{"prompt":[{"role":"user","content":"a"},{"role":"system","content":"b"}],"chosen":"c","rejected":"d"}"#,
            )],
            1,
        ),
        (
            "E07",
            None,
            "x.jsonl",
            vec![
                row(r#"{"prompt":"a","completion":"b","label":true}"#),
                row(r#"{"prompt":"c","completion":"d","label":"no"}"#),
            ],
            2,
        ),
        ("E08", None, "x.jsonl", vec![], 0),
        (
            "E09",
            None,
            "x.jsonl",
            vec![row(r#"{"text":"a","score":1}"#), row(r#"{"text":"b","score":0.5}"#)],
            2,
        ),
        (
            "E10",
            None,
            "x.jsonl",
            vec![row(r#"{"text":"a","note":null}"#), row(r#"{"text":"b","note":"c"}"#)],
            1,
        ),
        (
            "E11",
            Some("bedrock-messages"),
            "x.jsonl",
            vec![row(CHAT), CHAT.replace("}]}", r#"}],"id":1}"#)],
            2,
        ),
        ("E12", Some("trl-sft"), "x.jsonl", vec![row(CHAT), CHAT.replace("assistant", "gpt")], 2),
        (
            "E13",
            Some("llamafactory-sharegpt"),
            "x.jsonl",
            vec![row(
                r#"{"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"},{"from":"human","value":"c"}]}"#,
            )],
            1,
        ),
        ("E14", Some("mlx"), "train-00000.jsonl", vec![row(CHAT)], 0),
        ("E15", None, "x.jsonl", pairs(&[r#"{"prompt":"a","#]), 2),
        ("E17", Some("trl-dpo"), "x.jsonl", pairs(&[r#"{"prompt":"a","chosen":"b"}"#]), 2),
        ("F01", None, "x.jsonl", vec![format!("\u{feff}{PAIR}")], 1),
        ("F02", None, "x.jsonl", pairs(&["", r#"{"prompt":"b","chosen":"c","rejected":"d"}"#]), 2),
        ("F03", None, "x.jsonl", vec![row(PAIR), format!("{}\r", PAIR.replace("prime", "cube"))], 2),
        ("S01", None, "x.jsonl", pairs(&[r#"{"prompt":"b","chosen":"c","rejected":"c"}"#]), 2),
        (
            "S02",
            None,
            "x.jsonl",
            vec![row(
                r#"{"prompt":[{"role":"user","content":"a"}],"chosen":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"rejected":[{"role":"user","content":"a"},{"role":"assistant","content":"c"}]}"#,
            )],
            1,
        ),
        (
            "S03",
            None,
            "x.jsonl",
            vec![row(
                r#"{"chosen":"\n\nHuman: a\n\nAssistant: b","rejected":"\n\nHuman: a\n\nAssistant: c"}"#,
            )],
            1,
        ),
        (
            "S04",
            Some("axolotl-chat-template"),
            "x.jsonl",
            vec![row(
                r#"{"messages":[{"role":"user","content":"a"}],"chosen":{"role":"assistant","content":" Seven."},"rejected":{"role":"assistant","content":"Nine."}}"#,
            )],
            1,
        ),
        (
            "S05",
            Some("axolotl-chat-template"),
            "x.jsonl",
            vec![row(
                r#"{"messages":[{"role":"user","content":"a"}],"chosen":{"role":"assistant","content":"user"},"rejected":{"role":"assistant","content":"Nine."}}"#,
            )],
            1,
        ),
        (
            "S06",
            Some("axolotl-ultra"),
            "x.jsonl",
            vec![row(
                r#"{"prompt":"a","chosen":[{"role":"system","content":"s"},{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"rejected":[{"role":"user","content":"a"},{"role":"assistant","content":"c"}]}"#,
            )],
            1,
        ),
        ("S07", Some("trl-sft"), "x.jsonl", vec![CHAT.replace("}]}", r#"}],"labels":[1]}"#)], 1),
        ("S08", None, "x.jsonl", vec![row(r#"{"text":"a","at":"2026-11-20T10:00:00Z"}"#)], 1),
        ("S09", None, "x.jsonl", pairs(&[r#"{"prompt":"b","chosen":"c<|im_end|>","rejected":"d"}"#]), 2),
        (
            "S10",
            None,
            "x.jsonl",
            (0..20).map(|n| format!(r#"{{"prompt":"p{n}","completion":"c{n}","label":true}}"#)).collect(),
            0,
        ),
        (
            "S11",
            None,
            "x.jsonl",
            vec![row(
                r#"{"prompt":"a","chosen":"b","rejected":"c","score_chosen":4.0,"score_rejected":4.0}"#,
            )],
            1,
        ),
        (
            "S12",
            None,
            "x.jsonl",
            vec![
                row(r#"{"prompt":"a","chosen":"b","rejected":"c","split":"train"}"#),
                row(r#"{"prompt":"A","chosen":"d","rejected":"e","split":"test"}"#),
            ],
            2,
        ),
        (
            "S13",
            None,
            "x.jsonl",
            vec![row(
                r#"{"prompt":"a","chosen":[{"role":"assistant","content":"b"}],"rejected":[{"role":"assistant","content":"c"}]}"#,
            )],
            1,
        ),
        ("D01", None, "x.jsonl", biased("word ", ""), 0),
        ("D02", None, "x.jsonl", biased("", "- "), 0),
        ("D03", None, "x.jsonl", pairs(&[r#"{"prompt":"b","chosen":"**C**  d","rejected":"c d"}"#]), 2),
        (
            "D04",
            None,
            "x.jsonl",
            pairs(&[r####"{"prompt":"b","chosen":"c\n### Response: d","rejected":"e"}"####]),
            2,
        ),
        ("D06", None, "x.jsonl", pairs(&[PAIR]), 2),
        ("D07", None, "x.jsonl", vec![row(CHAT), CHAT.replace("Seven", "Five")], 2),
        ("D10", None, "x.jsonl", ring(), 3),
        (
            "D11",
            None,
            "x.jsonl",
            pairs(&[r#"{"prompt":"Name a prime.","chosen":"Nine, I think.","rejected":"Seven."}"#]),
            2,
        ),
        ("D12", None, "x.jsonl", disagreeing(), 0),
        (
            "D13",
            None,
            "x.jsonl",
            (0..30)
                .map(|n| format!(r#"{{"prompt":"p{n}","completion":"c{n}","label":{}}}"#, n % 3 == 0))
                .collect(),
            0,
        ),
        (
            "D14",
            None,
            "x.jsonl",
            (0..20)
                .map(|n| format!(r#"{{"prompt":"p{n}","completions":["a","b"],"labels":[true,true]}}"#))
                .collect(),
            0,
        ),
    ]
}

/// Pairs whose chosen answer has more of something.
fn biased(longer: &str, mark: &str) -> Vec<String> {
    let row = |n: usize| {
        let words = format!("answer {n} ");
        let chosen = format!("{mark}{words}{}", longer.repeat(5));
        let rejected = if mark.is_empty() { words } else { format!("..{words}") };
        json!({"prompt": format!("p{n}"), "chosen": chosen, "rejected": format!("{rejected}x")}).to_string()
    };
    (0..100).map(row).collect()
}

fn ring() -> Vec<String> {
    let row = |(won, lost): (&str, &str)| json!({"prompt": "p", "chosen": won, "rejected": lost}).to_string();
    [("one", "two"), ("two", "three"), ("three", "one")].map(row).into()
}

/// Thirty prompts that were compared twice, ten of them with two answers.
fn disagreeing() -> Vec<String> {
    let pair = |n: usize, won: &str, lost: &str| {
        json!({"prompt": format!("p{n}"), "chosen": won, "rejected": lost}).to_string()
    };
    let twice = |n: usize| match n < 10 {
        true => [pair(n, "one", "two"), pair(n, "two", "one")],
        false => [pair(n, "one", "two"), pair(n, "one", "two")],
    };
    (0..30).flat_map(twice).collect()
}

#[test]
fn every_planted_fault_is_found_where_it_is() {
    for (code, target, name, rows, line) in planted() {
        let text = rows.iter().fold(String::new(), |mut text, row| {
            let _ = writeln!(text, "{row}");
            text
        });
        let found = found(name, text, &settings(target, &[]));
        let wanted = format!("{code}:{line}");
        assert!(found.contains(&wanted), "{wanted} is not among {found:?}");
    }
}

#[test]
fn every_check_has_a_planted_fault() {
    // Tokens, Parquet types and comparisons of whole datasets have tests of their own.
    let elsewhere = ["D05", "D08", "D09", "E16"];
    let planted: BTreeSet<&str> = planted().iter().map(|(code, ..)| *code).chain(elsewhere).collect();
    let known: BTreeSet<&str> = all().iter().map(|check| check.code).collect();
    assert_eq!(planted, known);
}

#[test]
fn prompts_on_both_sides_of_a_split_are_told_by_the_names_of_the_files() {
    let row = |prompt: &str| format!("{{\"prompt\":\"{prompt}\",\"completion\":\"b\"}}\n").into_bytes();
    let report = |other: &str| {
        places(&Files::new(&[("train-0.jsonl", row("a")), (other, row("a"))]).lint(&settings(None, &["S12"])))
    };
    assert_eq!(report("my_test.jsonl"), ["S12:1"]);
    assert_eq!(report("train-1.jsonl"), Vec::<String>::new());
}

#[test]
fn types_must_agree_over_files() {
    let files = Files::new(&[
        ("a.jsonl", b"{\"text\":\"a\",\"n\":null}\n".to_vec()),
        ("b.jsonl", b"{\"text\":\"a\",\"n\":\"x\",\"new\":1}\n".to_vec()),
    ]);
    let report = files.lint(&settings(None, &["E0", "E1"]));
    assert_eq!(places(&report), ["E02:1", "E10:1"]);
    assert_eq!(report.totals.errors, 2);
    assert_eq!(report.groups[0].places[0].file.as_deref(), Some("b.jsonl"));
}

#[test]
fn a_fraction_after_ten_megabytes_is_an_error() {
    let mut text = String::new();
    let filler = "x".repeat(1 << 20);
    for n in 0..12 {
        let score = if n == 11 { "1.5" } else { "1" };
        let _ = writeln!(text, "{{\"text\":\"{filler}{n}\",\"score\":{score}}}");
    }
    let report = Files::new(&[("x.jsonl", text.into_bytes())]).lint(&settings(None, &["E09"]));
    assert_eq!(places(&report), ["E09:12"]);
    assert_eq!(report.groups[0].worst, Severity::Error);
}

#[test]
fn blank_lines_and_marks_stop_readers_of_lines() {
    let text = format!("\u{feff}{CHAT}\n\n{}\n", CHAT.replace("prime", "cube"));
    let report = Files::new(&[("train.jsonl", text.into_bytes())]).lint(&settings(Some("mlx"), &[]));
    assert_eq!(places(&report), ["F01:1", "F02:2"]);
    assert_eq!(report.totals.errors, 2);
}

#[test]
fn long_answers_that_differ_in_one_place_hardly_differ() {
    let row = |end: &str| {
        let text =
            "The answer follows from what was said above, and nothing else is needed for it: ".repeat(2);
        format!(
            "{}\n",
            json!({"prompt": "p", "chosen": format!("{text}4."), "rejected": format!("{text}{end}")})
        )
    };
    assert_eq!(found("x.jsonl", row("5."), &settings(None, &["D03"])), ["D03:1"]);
    assert_eq!(found("x.jsonl", row("five, I think."), &settings(None, &["D03"])), Vec::<String>::new());
}

#[test]
fn a_transcript_for_a_prompt_is_no_leak() {
    let row = |prompt: &str, answer: &str| {
        format!("{}\n", json!({"prompt": prompt, "chosen": answer, "rejected": "no"}))
    };
    let prompt = "\n\nHuman: a\n\nAssistant:";
    assert_eq!(found("x.jsonl", row(prompt, "b"), &settings(None, &[])), Vec::<String>::new());
    assert_eq!(found("x.jsonl", row(prompt, "b\n\nHuman: c"), &settings(None, &[])), ["D04:1"]);
}

#[test]
fn services_want_turns_in_order() {
    let chat = |roles: &[&str]| {
        let turns: Vec<_> = roles.iter().map(|role| json!({"role": role, "content": "x y z"})).collect();
        format!("{}\n", json!({"messages": turns}))
    };
    let found = |roles: &[&str]| found("x.jsonl", chat(roles), &settings(Some("bedrock-messages"), &["E12"]));
    assert_eq!(found(&["user", "assistant", "user", "assistant"]), Vec::<String>::new());
    for roles in [
        &["assistant"][..],
        &["user", "user", "assistant"],
        &["user", "assistant", "user"],
        &["assistant", "user", "assistant"],
        &["system", "user", "assistant"],
        &["user", "assistant", "assistant"],
    ] {
        assert_eq!(found(roles), ["E12:1"], "{roles:?}");
    }
}

#[test]
fn together_takes_one_message_a_side() {
    let row = |side: &str| {
        format!(
            "{{\"input\":{{\"messages\":[{{\"role\":\"user\",\"content\":\"a\"}}]}},\"preferred_output\":[{{\"role\":\"assistant\",\"content\":\"b\"}}],\"non_preferred_output\":{side}}}\n"
        )
    };
    let one = r#"[{"role":"assistant","content":"c"}]"#;
    let two = r#"[{"role":"assistant","content":"c"},{"role":"assistant","content":"d"}]"#;
    assert_eq!(found("x.jsonl", row(one), &settings(Some("together"), &[])), Vec::<String>::new());
    assert!(found("x.jsonl", row(two), &settings(Some("together"), &[])).contains(&"E17:1".to_owned()));
    assert_eq!(found("x.jsonl", row(two), &settings(Some("together"), &["E12"])), ["E12:1"]);
}

#[test]
fn scores_of_tables_are_numbers_too() {
    let text = "prompt,chosen,rejected,score_chosen,score_rejected\na,b,c,4,4.0\n";
    assert_eq!(found("x.csv", text, &settings(None, &[])), ["S11:2"]);
}
