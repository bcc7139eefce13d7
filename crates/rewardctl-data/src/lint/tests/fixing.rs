//! What is mended is mended for good, and nothing else is touched.

use super::{Files, found, settings};
use crate::lint::check::all;

/// Mends a file and checks that its text is `expected`, that nothing mended is found again, and that mending it once
/// more changes nothing.
#[track_caller]
fn check(target: Option<&str>, content: &str, expected: &str, codes: &[&str]) {
    let told = settings(target, &[]);
    let (fixed, text) = Files::new(&[("x.jsonl", content.into())]).fix(&told);
    assert_eq!(text, expected);
    assert_eq!(fixed.changes.keys().copied().collect::<Vec<_>>(), codes);
    let again = found("x.jsonl", text.clone(), &told);
    for code in codes {
        assert!(!again.iter().any(|found| found.starts_with(code)), "{code} is still found: {again:?}");
    }
    let (twice, same) = Files::new(&[("x.jsonl", text.clone().into_bytes())]).fix(&told);
    assert_eq!(same, text);
    assert!(twice.changes.is_empty(), "{:?}", twice.changes);
}

const PAIR: &str = r#"{"prompt": "a", "chosen": "b\u00e9", "rejected": " c "}"#;

#[test]
fn lines_lose_marks_blanks_and_returns_and_rows_stay_as_they_are() {
    let text = format!("\u{feff}{PAIR}\r\n\r\n{}\r\n", PAIR.replace('a', "x"));
    let expected = format!("{PAIR}\n{}\n", PAIR.replace('a', "x"));
    check(None, &text, &expected, &["F01", "F02", "F03"]);
}

#[test]
fn pairs_that_teach_nothing_are_left_out() {
    let text = format!(
        "{PAIR}\n{{\"prompt\":\"b\",\"chosen\":\"c\",\"rejected\":\"c\"}}\n{{\"prompt\":\"d\",\"chosen\":\"\",\"rejected\":\"c\"}}\n"
    );
    check(None, &text, &format!("{PAIR}\n"), &["E05", "S01"]);
}

#[test]
fn labels_and_numbers_get_one_type() {
    let text = "{\"prompt\":\"a\",\"completion\":\"b\",\"label\":1,\"s\":12345678901234,\"id\":123456789012345678901234}\n\
                {\"prompt\":\"c\",\"completion\":\"d\",\"label\":0,\"s\":0.50,\"id\":0.1}\n";
    let expected = "{\"prompt\":\"a\",\"completion\":\"b\",\"label\":true,\"s\":12345678901234.0,\"id\":123456789012345678901234}\n\
                    {\"prompt\":\"c\",\"completion\":\"d\",\"label\":false,\"s\":0.50,\"id\":0.1}\n";
    check(None, text, expected, &["E07", "E09"]);
}

#[test]
fn keys_get_one_order() {
    let text = "{\"prompt\":\"a\",\"completion\":\"b\"}\n{\"n\":1,\"completion\":\"d\",\"prompt\":\"c\"}\n";
    let expected = "{\"prompt\":\"a\",\"completion\":\"b\",\"n\":null}\n{\"prompt\":\"c\",\"completion\":\"d\",\"n\":1}\n";
    check(None, text, expected, &["E02"]);
    // A service takes no key that says nothing.
    let chats = "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]}\n{\"messages\":[{\"role\":\"user\",\"content\":\"c\"},{\"role\":\"assistant\",\"content\":\"d\"}],\"tools\":[]}\n";
    check(Some("openai-sft"), chats, chats, &[]);
}

#[test]
fn transcripts_get_a_prompt() {
    let text = r#"{"chosen":"\n\nHuman: a\n\nAssistant: He","rejected":"\n\nHuman: a\n\nAssistant: Hello"}"#;
    let expected = "{\"prompt\":[{\"role\":\"user\",\"content\":\"a\"}],\"chosen\":[{\"role\":\"assistant\",\"content\":\"He\"}],\
                    \"rejected\":[{\"role\":\"assistant\",\"content\":\"Hello\"}]}\n";
    check(None, text, expected, &["S03"]);
}

#[test]
fn transcripts_that_part_early_are_left_out_and_counted() {
    let row = |n: usize| {
        format!(
            "{{\"chosen\":\"\\n\\nHuman: q{n}\\n\\nAssistant: a\",\"rejected\":\"\\n\\nHuman: q{n}\\n\\nAssistant: b\"}}\n"
        )
    };
    let parted = "{\"chosen\":\"\\n\\nHuman: q\\n\\nAssistant: a\\n\\nHuman: c\\n\\nAssistant: d\",\"rejected\":\"\\n\\nHuman: q\\n\\nAssistant: b\\n\\nHuman: c\\n\\nAssistant: d\"}\n";
    let text = (0..30).map(row).collect::<String>() + parted;
    let (fixed, _) = Files::new(&[("x.jsonl", text.into_bytes())]).fix(&settings(None, &[]));
    assert_eq!((fixed.rows_in, fixed.rows_out, fixed.parted), (31, 30, 1));
    // Where most part, all stay.
    let (fixed, text) = Files::new(&[("x.jsonl", parted.as_bytes().to_vec())]).fix(&settings(None, &[]));
    assert_eq!((fixed.rows_out, fixed.parted, text.as_str()), (1, 0, parted));
}

#[test]
fn answers_are_trimmed_only_where_that_matters() {
    let row = |blank: &str| {
        format!(
            "{{\"messages\":[{{\"role\":\"user\",\"content\":\" a \"}}],\"chosen\":{{\"role\":\"assistant\",\"content\":\"{blank}Seven.\"}},\"rejected\":{{\"role\":\"assistant\",\"content\":\"Nine.\"}}}}\n"
        )
    };
    check(Some("axolotl-chat-template"), &row(" "), &row(""), &["S04"]);
    check(Some("trl-dpo"), &row(" "), &row(" "), &[]);
}

#[test]
fn rows_that_cannot_be_read_stay_or_are_counted() {
    let text = format!("{PAIR}\n{{\"a\":1,\"a\":2}}\nbroken\n");
    let (fixed, out) = Files::new(&[("x.jsonl", text.clone().into_bytes())]).fix(&settings(None, &[]));
    assert_eq!((fixed.copied, out), (2, text));
    let array = "[\n{\"text\": \"a\n b\"},\n{\"text\":\n \"c\"}\n]";
    let (fixed, out) = Files::new(&[("x.json", array.into())]).fix(&settings(None, &[]));
    assert_eq!((fixed.left_out, out.as_str()), (1, "{\"text\":\"c\"}\n"));
}

#[test]
fn no_row_no_file() {
    let equal = "{\"prompt\":\"b\",\"chosen\":\"c\",\"rejected\":\"c\"}\n";
    let files = Files::new(&[("x.jsonl", equal.into())]);
    let (fixed, _) = files.fix(&settings(None, &[]));
    assert_eq!(fixed.rows_out, 0);
    assert!(!files.folder.path().join("out.jsonl").exists());
}

#[test]
fn what_is_ignored_is_not_mended() {
    let codes: Vec<&str> =
        all().iter().map(|check| check.code).filter(|code| !["F02", "S01"].contains(code)).collect();
    let equal = "{\"prompt\":\"b\",\"chosen\":\"c\",\"rejected\":\"c\"}\n";
    let told = settings(None, &codes);
    let (fixed, out) = Files::new(&[("x.jsonl", equal.into())]).fix(&told);
    assert_eq!((fixed.changes.len(), out.as_str()), (0, equal));
}
