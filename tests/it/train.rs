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

#[test]
fn heads_learn_what_a_panel_said() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("answers.jsonl", answers(14));
    let scored = project.run("score answers.jsonl --panel rules --with-text -o scored.jsonl");
    assert_eq!(scored.code, 0, "{}", scored.stderr);
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
    let project = Project::new();
    project.file("answers.jsonl", answers(3));
    for (flags, code, said) in [
        ("", 2, "bare.jsonl:1 has a reward without `prompt` and `response`"),
        ("--with-text", 4, "too few to fit on some and test on others"),
    ] {
        let scored = project.run(&format!("score answers.jsonl --panel rules -o bare.jsonl {flags}"));
        assert_eq!(scored.code, 0, "{}", scored.stderr);
        let refused = project.run("train text --rewards bare.jsonl --out heads");
        assert!(
            refused.code == code && refused.stderr.contains(said),
            "{}: {}",
            refused.code,
            refused.stderr
        );
        assert!(!project.exists("heads"));
    }
}
