//! Bad input: the exit code, a message that names file, line and field, and no half-written output.

use std::fs::create_dir;

use crate::project::{Project, has_library};

fn check(name: &str, content: &[u8], code: i32, message: &str) {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file(name, content);
    let run = project.run(&format!("score {name} -o out.jsonl --panel rules"));
    assert_eq!(run.code, code, "{}", run.stderr);
    assert!(run.stderr.contains(message), "expected `{message}` in\n{}", run.stderr);
    assert!(!project.exists("out.jsonl"), "no output of a refused input");
    assert!(!project.exists("store.db"), "nothing was changed");
}

const GOOD: &str = "{\"prompt\":\"a\",\"response\":\"b\"}\n";

#[test]
fn bad_rows_are_named() {
    let after_good = |row: &str| format!("{GOOD}{row}\n").into_bytes();
    check(
        "x.jsonl",
        &after_good("{\"prompt\":\"a\",\"response\":"),
        2,
        "x.jsonl:2: field `response`: not valid",
    );
    check(
        "x.jsonl",
        &after_good("{\"prompt\":\"a\",\"response\":7}"),
        2,
        "x.jsonl:2: field `response`: expected",
    );
    check("x.jsonl", &after_good("{\"prompt\":\"a\"}"), 2, "x.jsonl:2: field `response`: missing");
    check("x.jsonl", &after_good("{\"prompt\":\"a\",\"response\":\"\\ud800\"}"), 2, "`response`: not valid");
    check("x.jsonl", &after_good("{\"prompt\":\"a\",\"response\":\"b\0c\"}"), 2, "a raw NUL in a text");
    let too_long = format!("{{\"prompt\":\"a\",\"response\":\"{}\"}}", "x".repeat(17 << 20));
    check("x.jsonl", &after_good(&too_long), 2, "x.jsonl:2: longer than the");
}

#[test]
fn bad_files_are_named() {
    check("x.jsonl", b"", 2, "`x.jsonl` is empty");
    check("x.jsonl", b"\x00\x01\x02\xff\xfe\x00binary", 2, "x.jsonl");
    check("x.parquet", b"PAR1 cut off", 2, "x.parquet");
    check("x.csv", b"prompt,answer_text\na,b\n", 2, "--response-field");
}

#[test]
fn a_folder_and_a_missing_file_are_named() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    create_dir(project.path().join("folder")).unwrap();
    let cases = [
        ("score folder", "`folder` is a folder, not a file\nhint: name the files in it"),
        ("score nowhere.jsonl", "`nowhere.jsonl` does not exist\nhint: check the name"),
        ("score /dev/null", "`/dev/null` is a pipe or a device, not a file\nhint: `-` reads stdin"),
        (
            "status --store folder",
            "the store `folder` is a folder, not a file\nhint: `--store FOLDER/store.db`",
        ),
    ];
    for (arguments, message) in cases {
        let run = project.run(arguments);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains(message), "{}", run.stderr);
    }
}

#[test]
fn a_file_that_ends_early_has_a_way_out() {
    check("x.json", b"[{\"prompt\":\"a\",\"response\":\"b\"},", 2, "hint: mend the file, or make it again");
    check("x.jsonl", b"oh", 2, "hint: mend the file: docs/formats.md");
}

#[test]
fn skipped_rows_are_counted_and_listed() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("x.jsonl", format!("{GOOD}broken\n{GOOD}{{\"prompt\":1}}\n"));
    let run = project.run("score x.jsonl -o out.jsonl --panel rules --on-bad-row skip");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("left out 2 rows"), "{}", run.stderr);
    assert!(run.stderr.contains("x.jsonl:2: ") && run.stderr.contains("x.jsonl:4: "), "{}", run.stderr);
    assert_eq!(project.read("out.jsonl").lines().count(), 2);
}

#[test]
fn a_missing_or_broken_library_is_this_machines_fault() {
    let project = Project::new();
    project.file("x.jsonl", GOOD);
    project.file("fake.so", "not a library");
    for library in ["nowhere.so", "fake.so"] {
        let run = project.run(&format!("score x.jsonl -o out.jsonl --panel rules --onnxruntime {library}"));
        assert_eq!(run.code, 5, "{}", run.stderr);
        assert!(run.stderr.contains(library) && run.stderr.contains("hint: "), "{}", run.stderr);
        assert!(!project.exists("out.jsonl"));
    }
}

#[test]
fn a_full_disk_is_this_machines_fault() {
    if !has_library() || !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let project = Project::new();
    project.file("x.jsonl", GOOD);
    let run = project.run("score x.jsonl -o /dev/full --format jsonl --panel rules");
    assert_eq!(run.code, 5, "{}", run.stderr);
    assert!(run.stderr.contains("failed to write `/dev/full`"), "{}", run.stderr);
    assert!(run.stderr.contains("hint: make room on the disk"), "{}", run.stderr);
    let unnamed = project.run("score x.jsonl -o /dev/full --panel rules");
    assert_eq!(unnamed.code, 2);
    assert!(unnamed.stderr.contains("or say it with `--format`"), "{}", unnamed.stderr);
}

#[test]
fn what_hostile_testers_found_is_refused() {
    let conversation = br#"{"messages":[{"role":"assistant","content":"a"}]}"#;
    check(
        "x.jsonl",
        &[
            br#"{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}"#.as_slice(),
            b"\n",
            conversation,
        ]
        .concat(),
        2,
        "x.jsonl:2: field `messages`: holds no turn before",
    );
    check("x.csv", b"prompt,response\na,b\nc,d\0e\n", 2, "x.csv:3: field `response`: holds a raw NUL");
    check("x.jsonl", br#"{"prompt":"2+2?","response":"4","reference":[1]}"#, 2, "`reference`");
}

#[test]
fn an_input_is_not_overwritten() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("x.jsonl", GOOD);
    let run = project.run("score x.jsonl -o ./x.jsonl --panel rules");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("`x.jsonl` is input and output"), "{}", run.stderr);
    assert_eq!(project.read("x.jsonl"), GOOD);
}

#[test]
fn a_library_that_was_cut_off_is_refused_before_it_is_loaded() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("x.jsonl", GOOD);
    let library = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../.cache/onnxruntime/libonnxruntime.so.1.31.1");
    let Ok(whole) = std::fs::read(library) else { return };
    project.file("cut.so", &whole[..whole.len() / 2]);
    let run = project.run("score x.jsonl --panel rules --onnxruntime cut.so");
    assert_eq!(run.code, 5, "{}", run.stderr);
    assert!(run.stderr.contains("is cut off"), "{}", run.stderr);
}

#[test]
fn another_programs_database_is_left_alone() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("x.jsonl", GOOD);
    assert_eq!(project.run("status --store nowhere.db").code, 2);
    assert!(!project.exists("nowhere.db"));
}
