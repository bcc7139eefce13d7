//! Personal data and secrets in files: what is shown, what is written, how it ends.

use serde_json::Value;

use crate::project::{Outcome, Project};

const CHATS: &str = r#"{"messages":[{"role":"user","content":"I am jane@acme.org, card 4111 1111 1111 1111"},{"role":"assistant","content":"Hi jane@acme.org"}],"n":1}
{"messages":[{"role":"user","content":"my server is 10.0.0.1"}]}
"#;
const RAW: [&str; 2] = ["jane@acme.org", "4111 1111 1111 1111"];

fn project() -> Project {
    let project = Project::new();
    project.file("chats.jsonl", CHATS);
    project
}

fn shows_no_datum(run: &Outcome) {
    for raw in RAW {
        assert!(!run.stdout.contains(raw) && !run.stderr.contains(raw), "{run:?}");
    }
}

#[test]
fn the_report_counts_and_hides() {
    let project = project();
    let run = project.run("pii scan chats.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    shows_no_datum(&run);
    assert!(
        run.stdout.starts_with("3 for sure and 1 possible, in 2 rows of 6 texts in 2 rows."),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("0000 0000 0000 1111"), "{}", run.stdout);
    assert!(run.stdout.contains("chats.jsonl:1 messages.0.content"), "{}", run.stdout);
    let run = project.run("pii scan chats.jsonl --json");
    shows_no_datum(&run);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["kinds"][0]["kind"], "email");
    assert_eq!(report["kinds"][0]["sure"], 2);
}

#[test]
fn masked_rows_are_clean() {
    let project = project();
    for mask in ["placeholder", "keep-format", "hash"] {
        let run = project.run(&format!("pii scan chats.jsonl --mask {mask} -o {mask}.jsonl"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        let again = project.run(&format!("pii scan {mask}.jsonl --fail-on-found"));
        assert_eq!(again.code, 0, "{mask}: {}", again.stdout);
        assert!(again.stdout.starts_with("Nothing found in 6 texts in 2 rows."), "{}", again.stdout);
    }
    assert_eq!(
        project.read("placeholder.jsonl").lines().next().unwrap(),
        r#"{"messages":[{"role":"user","content":"I am <EMAIL_1>, card <CREDIT_CARD_1>"},{"role":"assistant","content":"Hi <EMAIL_1>"}],"n":1}"#
    );
}

#[test]
fn a_hash_depends_on_its_key_alone() {
    let project = project();
    project.file("key", "0123456789abcdef0123456789abcdef\n");
    let hashed = |name: &str, flags: &str, key: &str| {
        let mut command = project.command(&format!("pii scan chats.jsonl --mask hash -o {name} {flags}"));
        command
            .env("REWARDCTL_PII_HASH_KEY_ENV", if key.is_empty() { "" } else { "MY_KEY" })
            .env("MY_KEY", key);
        let run = crate::project::outcome(command);
        assert_eq!(run.code, 0, "{}", run.stderr);
        project.read(name)
    };
    let by_file = hashed("a.jsonl", "--key-file key", "");
    assert_eq!(by_file, hashed("b.jsonl", "", "0123456789abcdef0123456789abcdef"));
    let by_store = hashed("c.jsonl", "", "");
    assert_ne!(by_file, by_store);
    assert_eq!(by_store, hashed("d.jsonl", "", ""));
}

#[test]
fn the_gate_ends_with_one() {
    let project = project();
    assert_eq!(project.run("pii scan chats.jsonl --fail-on-found").code, 1);
    project.file("local.csv", "note\nsee 10.0.0.1\n");
    assert_eq!(project.run("pii scan local.csv --fail-on-found").code, 1);
    assert_eq!(project.run("pii scan local.csv --fail-on-found=sure").code, 0);
    project.file("clean.txt", "Nothing here.\n");
    assert_eq!(project.run("pii scan clean.txt --fail-on-found").code, 0);
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_written() {
    let project = project();
    project.file("notes.txt", "jane@acme.org\n");
    project.file("broken.jsonl", "{\"a\":\"jane@acme.org\"}\n{\"a\":\n");
    project.file("short", "abc");
    for (arguments, said) in [
        ("pii scan chats.jsonl notes.txt --mask placeholder -o out.jsonl", "plain text and rows"),
        ("pii scan broken.jsonl --mask placeholder -o out.jsonl", "cannot be used"),
        ("pii scan chats.jsonl --mask placeholder -o chats.jsonl", "input and output"),
        ("pii scan chats.jsonl --mask placeholder -o out.parquet", "JSONL"),
        ("pii scan chats.jsonl --mask hash --key-file short -o out.jsonl", "at least 16"),
        ("pii scan chats.jsonl --mask hash -o out.jsonl --store none", "no key"),
        ("pii scan none.jsonl", "does not exist"),
        ("pii scan chats.jsonl --mask placeholder", "--output"),
    ] {
        let run = project.run(arguments);
        assert_eq!(run.code, 2, "{arguments}: {run:?}");
        assert!(run.stderr.contains(said), "{arguments}: {}", run.stderr);
        assert!(!project.exists("out.jsonl"), "{arguments}");
    }
    assert_eq!(project.read("chats.jsonl"), CHATS);
}

#[test]
fn names_are_looked_for_on_demand() {
    let project = Project::new();
    project.file("a.txt", "I spoke with Maria Garcia.\n");
    assert!(project.run("pii scan a.txt").stdout.starts_with("Nothing found"));
    let run = project.run("pii scan a.txt --names --mask placeholder -o b.txt");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(project.read("b.txt"), "I spoke with <PERSON_NAME_1>.\n");
}
