use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::compressed;

/// Opens a file of this name and content and tells what came of it, a line each: what it is, its rows, errors,
/// hints.
fn read(name: &str, content: &[u8], settings: &ReadSettings) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let input = match Input::open_as(&path, name, settings) {
        Ok(input) => input,
        Err(error) => return failure(&error, error.hint()),
    };
    let mut told = vec![input.describe()];
    for row in input.rows().unwrap() {
        match row {
            Ok(row) => told.push(format!("{}: {}", row.line, shown(&row.item))),
            Err(error) => told.extend(failure(&error, &error.hint())),
        }
    }
    told
}

fn failure(error: &dyn std::error::Error, hint: &str) -> Vec<String> {
    let mut told = vec![error.to_string()];
    told.extend(error.source().map(|source| format!("because: {source}")));
    told.push(format!("hint: {hint}"));
    told
}

fn shown(item: &Item) -> String {
    let turns = item.context.prompt.iter().map(|turn| format!("{}={}", turn.role, turn.content));
    let mut text = turns.collect::<Vec<_>>().join(" ");
    for response in &item.responses {
        text += &format!(" -> {}", response.text);
        let about: Vec<&str> =
            [&response.role, &response.generator].into_iter().flatten().map(|s| s.as_str()).collect();
        if !about.is_empty() {
            text += &format!(" ({})", about.join(" "));
        }
    }
    let more = [
        item.name.as_ref().map(|name| format!(" id={name}")),
        item.context.reference.as_ref().map(|reference| format!(" reference={reference}")),
        (!item.context.documents.is_empty())
            .then(|| format!(" documents={}", item.context.documents.join("|"))),
        (!item.metadata.is_empty()).then(|| format!(" more={}", item.metadata)),
    ];
    text + &more.into_iter().flatten().collect::<String>()
}

fn check(name: &str, content: impl AsRef<[u8]>, expected: &[&str]) {
    assert_eq!(read(name, content.as_ref(), &ReadSettings::default()), expected);
}

fn check_bad_row(row: &str, expected: &[&str]) {
    let content = format!("{}\n{row}\n", json!({"prompt": "p", "response": "r"}));
    let told = read("f.jsonl", content.as_bytes(), &ReadSettings::default());
    assert_eq!(told[2..], *expected);
}

fn items(name: &str, content: &[u8]) -> Vec<String> {
    let told = read(name, content, &ReadSettings::default());
    told[1..].iter().map(|line| line.split_once(": ").map_or(line.clone(), |(_, item)| item.into())).collect()
}

const SKIP: &str = "hint: `--on-bad-row skip` leaves such rows out";
const LOST: &str = "hint: fetch it or make it again: a part of it is lost";
const MEND: &str = "hint: mend the file, or make it again: the rows after this place would be lost";

#[test]
fn a_bad_first_row_is_one_bad_row() {
    check(
        "f.jsonl",
        "{\"prompt\"\n{\"spec\":1}\n{\"prompt\":\"p\",\"response\":\"r\"}\n",
        &[
            "f.jsonl: JSONL, prompt + response (prompt, response)",
            "f.jsonl:1: field `prompt`: not valid JSON at column 9: EOF while parsing an object",
            SKIP,
            "f.jsonl:2: field `prompt`: missing",
            "hint: `--prompt-field NAME` names another field; `--on-bad-row skip` leaves such rows out",
            "3: user=p -> r",
        ],
    );
}

#[test]
fn bad_rows_say_where_and_what() {
    let named = |flag: &str| {
        format!("hint: `{flag} NAME` names another field; `--on-bad-row skip` leaves such rows out")
    };
    let (prompt, response) = (named("--prompt-field"), named("--response-field"));
    check_bad_row(
        r#"{"prompt":"p","response":3}"#,
        &["f.jsonl:2: field `response`: expected text, found a number", &response],
    );
    let sampled = format!("{response}; `rewardctl sample FILE` draws responses to prompts alone");
    check_bad_row(r#"{"prompt":"p"}"#, &["f.jsonl:2: field `response`: missing", &sampled]);
    check_bad_row(r#"{"prompt":null,"response":"r"}"#, &["f.jsonl:2: field `prompt`: missing", &prompt]);
    check_bad_row(r#"{"prompt":" ","response":"r"}"#, &["f.jsonl:2: field `prompt`: empty", &prompt]);
    check_bad_row(
        r#"{"prompt":[{"role":"user","content":[{"type":"image_url"}]}],"response":"r"}"#,
        &[
            "f.jsonl:2: field `prompt[0].content[0]`: holds a part of type `image_url`, and only text can be judged",
            &prompt,
        ],
    );
    check_bad_row(
        r#"{"prompt":"p","response":[{"role":"user","content":"r"}]}"#,
        &["f.jsonl:2: field `response`: does not end with a turn of the assistant but of `user`", &response],
    );
    check_bad_row("[1]", &["f.jsonl:2: expected an object, found a list", SKIP]);
}

#[test]
fn bad_json_is_a_bad_row() {
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    let many = format!(r#"{{"a":[{}0]}}"#, "0,".repeat(300_000));
    let cases = [
        ("{\"prompt\":\"p\"", "not valid JSON at column 13: EOF while parsing an object"),
        ("{\"a\":1,\"a\":2}", "not valid JSON at column 10: key `a` stands twice"),
        (
            r#"{"a":"\ud800"}"#,
            "field `a`: not valid JSON at column 13: a lone surrogate, which is half a character",
        ),
        (
            r#"{"a":[1,{"b":"\udc00"}]}"#,
            "field `a[1].b`: not valid JSON at column 20: a lone surrogate, which is half a character",
        ),
        ("{\"a\":\"\0\"}", "field `a`: not valid JSON at column 7: a raw NUL in a text"),
        (
            "{\"a\":\"\u{1}\"}",
            "field `a`: not valid JSON at column 7: a raw control character in a text, where JSON has `\\u0001`",
        ),
        (
            deep.as_str(),
            "field `a[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0…`: nested too deeply",
        ),
        (many.as_str(), "holds more than 200000 values"),
    ];
    for (row, expected) in cases {
        check_bad_row(row, &[&format!("f.jsonl:2: {expected}"), SKIP]);
    }
    let told = read(
        "f.jsonl",
        b"{\"prompt\":\"p\",\"response\":\"r\"}\n{\"a\":\"\xff\"}\n",
        &ReadSettings::default(),
    );
    assert_eq!(told[2..], ["f.jsonl:2: not valid UTF-8 from byte 7 on", SKIP]);
}

#[test]
fn bad_rows_of_lists_and_pairs() {
    let told = |first: &str, second: &str| {
        read("f.jsonl", format!("{first}\n{second}").as_bytes(), &ReadSettings::default())[2].clone()
    };
    let list = r#"{"prompt":"p","responses":["r"]}"#;
    assert_eq!(told(list, r#"{"prompt":"p","responses":[]}"#), "f.jsonl:2: field `responses`: empty");
    assert_eq!(
        told(list, r#"{"prompt":"p","responses":["r",null]}"#),
        "f.jsonl:2: field `responses[1]`: missing"
    );
    assert_eq!(
        told(list, r#"{"prompt":"p","responses":["r"],"models":["m","n"]}"#),
        "f.jsonl:2: field `models`: names 2 models for 1 response"
    );
    let pair = r#"{"chosen":"\n\nHuman: p\n\nAssistant: r","rejected":"\n\nHuman: p\n\nAssistant: s"}"#;
    assert_eq!(
        told(pair, r#"{"chosen":"\n\nHuman: p\n\nAssistant: r","rejected":"\n\nHuman: q\n\nAssistant: s"}"#),
        "f.jsonl:2: field `rejected`: the two conversations differ before their last turn"
    );
    assert_eq!(told(pair, r#"{"chosen":"r","rejected":"s"}"#), "f.jsonl:2: field `prompt`: missing");
}

#[test]
fn rows_after_a_bad_one_are_read() {
    let good = r#"{"prompt":"p","response":"r"}"#;
    let is = "f.json: JSON, prompt + response (prompt, response)";
    check(
        "f.json",
        format!("[{good},\n {{\"prompt\": oh}},\n 7,\n\n{good}]"),
        &[
            is,
            "1: user=p -> r",
            "f.json:2: field `prompt`: not valid JSON at column 13: expected value",
            SKIP,
            "f.json:3: expected an object, found a number",
            SKIP,
            "5: user=p -> r",
        ],
    );
    check(
        "f.csv",
        "prompt,response\np,r\np\n\"p\"x,r\n\"p\nq\",r\n",
        &[
            "f.csv: CSV, prompt + response (prompt, response)",
            "2: user=p -> r",
            "f.csv:3: 1 cell under a header of 2 columns",
            SKIP,
            "f.csv:4: text follows the closing quote of cell 1",
            SKIP,
            "5: user=p\nq -> r",
        ],
    );
    check(
        "f.json",
        format!("[{good},{good}"),
        &[
            is,
            "1: user=p -> r",
            "1: user=p -> r",
            "f.json:1: the list never ends; what follows cannot be read",
            MEND,
        ],
    );
    check(
        "f.csv",
        "prompt,response\np,r\np,\"r\np,r\n",
        &[
            "f.csv: CSV, prompt + response (prompt, response)",
            "2: user=p -> r",
            "f.csv:3: the quote that opens cell 2 never closes",
            MEND,
        ],
    );
}

#[test]
fn long_rows_are_passed_over() {
    let long = "x".repeat(500);
    let settings = ReadSettings { max_row_bytes: 100, ..ReadSettings::default() };
    let good = r#"{"prompt":"p","response":"r"}"#;
    let bad = format!(r#"{{"prompt":"p","response":"{long}"}}"#);
    let files = [
        ("f.jsonl", format!("{good}\n{bad}\n{good}\n"), [1, 2, 3]),
        ("f.json", format!("[\n{good},\n{bad},\n{good}]"), [2, 3, 4]),
        ("f.csv", format!("prompt,response\np,r\np,\"{long}\"\np,r"), [2, 3, 4]),
    ];
    for (name, content, [first, second, third]) in files {
        let told = read(name, content.as_bytes(), &settings);
        let expected = [
            format!("{first}: user=p -> r"),
            format!("{name}:{second}: longer than the 100 bytes that a row may have"),
            SKIP.replace("hint: ", "hint: `input.max-row-mib` raises the limit; "),
            format!("{third}: user=p -> r"),
        ];
        assert_eq!(told[1..], expected);
    }
}

#[test]
fn files_that_cannot_be_read() {
    let no_row = "hint: a file needs at least one row";
    check("f.jsonl", "", &["`f.jsonl` is empty", no_row]);
    check("f.jsonl", "\u{feff} \r\n", &["`f.jsonl` is empty", no_row]);
    check("f.json", "[]", &["`f.json` has no row", no_row]);
    check("f.csv", "prompt,response\n", &["`f.csv` has no row", no_row]);
    check(
        "f.bin",
        b"\x89PNG\x00\x01",
        &[
            "`f.bin` is neither JSON, CSV nor Parquet",
            "hint: docs/formats.md lists the formats that are read, plain, gzip or zstd",
        ],
    );
    check(
        "f.csv",
        b"\xff\xfep\x00",
        &["`f.csv` is UTF-16 text, and only UTF-8 is read", "hint: save it as UTF-8"],
    );
    check(
        "f.jsonl",
        "{\"prompt\":\"p\"\n{",
        &[
            "no row of `f.jsonl` can be read",
            "because: f.jsonl:1: not valid JSON at column 13: EOF while parsing an object",
            "hint: mend the file: docs/formats.md says what a row looks like",
        ],
    );
    check(
        "f.jsonl",
        "{\"text\":\"p\",\"label\":1}\n",
        &[
            "`f.jsonl:1` has no prompt with a response: its fields are `text`, `label`",
            "hint: name the fields with `--prompt-field` and `--response-field` (or `--responses-field`, \
         `--messages-field`, `--chosen-field` and `--rejected-field`); for prompts alone, `rewardctl sample FILE` \
         draws responses",
        ],
    );
    check(
        "f.parquet",
        b"PAR1 and no end",
        &[
            "`f.parquet` is cut off or is no valid Parquet file",
            "because: Parquet error: Invalid Parquet file. Corrupt footer",
            LOST,
        ],
    );
}

#[test]
fn headers_that_name_no_columns() {
    let cases = [
        ("prompt,prompt\na,b\n", "the header names `prompt` twice"),
        (",\na,b\n", "the header names no column"),
        ("a,\"b\na,b\n", "the header cannot be read: the quote that opens cell 2 never closes"),
    ];
    for (content, expected) in cases {
        let hint = "hint: the first line must name every column, each once";
        check("f.csv", content, &[&format!("`f.csv:1`: {expected}"), hint]);
    }
}

#[test]
fn files_that_are_no_files() {
    let folder = TempDir::new().unwrap();
    let error = |path: &Path| Input::open(path, &ReadSettings::default()).unwrap_err();
    assert!(matches!(error(&folder.path().join("none")), Error::NotFound { .. }));
    assert!(matches!(error(folder.path()), Error::Folder { .. }));
    #[cfg(unix)]
    assert!(matches!(error(Path::new("/dev/null")), Error::Pipe { .. }));
}

#[test]
fn files_that_are_cut_off() {
    let row = format!("{}\n", json!({"prompt": "p", "response": "r"}));
    for (compression, name) in [(Compression::Gzip, "gzip"), (Compression::Zstd, "zstd")] {
        let packed = compressed::pack(row.repeat(10).as_bytes(), compression);
        let expected = format!("`f` ends in the middle of its {name} data");
        check("f", &packed[..packed.len() - 5], &[&expected, LOST]);
        // Beyond the head that the format is told from, rows come before the error.
        let noise: String =
            (0u64..40_000).map(|n| format!("{{\"prompt\":\"{}\",\"response\":\"r\"}}\n", n * n)).collect();
        let packed = compressed::pack(noise.as_bytes(), compression);
        let told = read("f", &packed[..packed.len() - 5], &ReadSettings::default());
        assert!(told.len() > 1000, "{}", told.len());
        let [.., error, hint] = &told[..] else { panic!("{told:?}") };
        assert!(error.ends_with("the compressed data end in the middle; what follows cannot be read"));
        assert_eq!(hint, MEND);
    }
}

#[test]
fn what_follows_gzip_and_is_none_is_named() {
    let row = format!("{}\n", json!({"prompt": "p", "response": "r"}));
    for rest in ["\n", "a longer text than any header of gzip"] {
        let packed = compressed::pack(row.as_bytes(), Compression::Gzip);
        check(
            "f",
            [&packed, rest.as_bytes()].concat(),
            &[
                "failed to read `f`",
                "because: bytes that are no gzip follow the end of the gzip data",
                "hint: fetch it or make it again: it is damaged, or its disk is",
            ],
        );
    }
}

#[test]
fn members_of_gzip_follow_each_other() {
    let row = format!("{}\n", json!({"prompt": "p", "response": "r"}));
    for compression in [Compression::Gzip, Compression::Zstd] {
        let packed = compressed::pack(row.as_bytes(), compression).repeat(3);
        assert_eq!(items("f", &packed).len(), 3);
    }
}

mod shapes;
