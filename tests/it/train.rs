//! Text heads, fitted on what a panel said.

use serde_json::Value;

use crate::project::{Project, has_library};

fn answers(prompts: usize) -> String {
    let row = |at| {
        let calm = format!("Water it twice a week, in the morning, until the soil of pot {at} is damp.");
        let loud = "water water water water!!! WATER IT NOW!!! water water water water";
        format!("{{\"prompt\": \"How do I water plant {at}?\", \"responses\": [\"{calm}\", \"{loud}\"]}}\n")
    };
    (0..prompts).map(row).collect()
}

/// A project whose answers the rules have scored.
fn scored(prompts: usize, flags: &str) -> Project {
    let project = Project::new();
    project.file("answers.jsonl", answers(prompts));
    let scored = project.run(&format!("score answers.jsonl --panel rules -o scored.jsonl {flags}"));
    assert_eq!(scored.code, 0, "{}", scored.stderr);
    project
}

#[test]
fn heads_learn_what_a_panel_said() {
    if !has_library() {
        return;
    }
    let project = scored(14, "--with-text");
    let fitted = project.run("train text --rewards scored.jsonl --out heads --json");
    assert_eq!(fitted.code, 0, "{}", fitted.stderr);
    let report: Value = serde_json::from_str(&fitted.stdout).unwrap();
    let names: Vec<&str> = report["dimensions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["dimension"].as_str().unwrap())
        .collect();
    // No rule could judge accuracy: that teaches nothing.
    assert_eq!(names, ["compliance", "style"]);
    assert_eq!(report["dimensions"][1]["sources"][0]["head"]["mean"], 1.0);
    assert!(project.read("heads/README.md").contains("rewardctl train text --rewards scored.jsonl"));
}

#[test]
fn without_texts_or_prompts_enough_nothing_is_learned() {
    if !has_library() {
        return;
    }
    for (flags, code, said) in [
        ("", 2, "scored.jsonl:1 has a reward without `prompt` and `response`"),
        ("--with-text", 4, "too few to fit on some and test on others"),
    ] {
        let project = scored(3, flags);
        let refused = project.run("train text --rewards scored.jsonl --out heads");
        assert!(refused.code == code && refused.stderr.contains(said), "{}", refused.stderr);
        assert!(!project.exists("heads"));
    }
}

#[test]
fn what_some_critics_said_where_the_panel_gave_no_reward_is_not_learned() {
    if !has_library() {
        return;
    }
    let project = scored(14, "--with-text");
    let without = |line: &str| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        row["reward"] = Value::Null;
        format!("{row}\n")
    };
    project.file("scored.jsonl", project.read("scored.jsonl").lines().map(without).collect::<String>());
    let refused = project.run("train text --rewards scored.jsonl --out heads");
    assert_eq!(refused.code, 4, "{}", refused.stderr);
}

#[test]
fn a_bad_row_has_a_way_out_that_the_verb_has() {
    let project = Project::new();
    project.file("scored.jsonl", "{\"reward\": 1.5}\n");
    for verb in ["train text --rewards scored.jsonl --out heads", "report scored.jsonl -o page.html"] {
        let refused = project.run(verb);
        assert!(refused.stderr.contains("scored.jsonl:1: field `reward`"), "{}", refused.stderr);
        assert!(refused.stderr.contains("mend or remove the rows that are named"), "{}", refused.stderr);
    }
    project.file("answers.jsonl", answers(1) + "{}\n");
    let skipped = project.run("score answers.jsonl --panel rules");
    assert!(skipped.stderr.contains("`--on-bad-row skip` leaves such rows out"), "{}", skipped.stderr);
}
