//! Replays of active learning.

use serde_json::Value;

use crate::project::Project;

/// Pairs on which `good` sides with the winner three times of four, and `guess` knows nothing.
fn stored(pairs: usize) -> (String, String) {
    let (mut verdicts, mut labels) = (String::new(), String::new());
    for at in 0..pairs {
        let first_wins = at * 7 % 10 < 5;
        for side in 0..2 {
            let good = if (first_wins == (side == 0)) == (at % 4 != 0) { 0.9 } else { 0.2 };
            let guess = (at * 13 + side * 5) % 10;
            verdicts += &format!(
                "{{\"item\": \"i{at}\", \"verdicts\": [{{\"critic\": \"good\", \"score\": {good}}}, {{\"critic\": \"guess\", \"score\": 0.{guess}}}]}}\n"
            );
        }
        let winner = if first_wins { "a" } else { "b" };
        labels += &format!(
            "{{\"kind\": \"compare\", \"item\": \"i{at}\", \"a\": 0, \"b\": 1, \"winner\": \"{winner}\", \"annotator\": \"ana\"}}\n"
        );
    }
    (verdicts, labels)
}

fn project(pairs: usize) -> Project {
    let project = Project::new();
    let (verdicts, labels) = stored(pairs);
    project.file("verdicts.jsonl", verdicts);
    project.file("labels.jsonl", labels);
    project
}

const REPLAY: &str =
    "simulate --verdicts verdicts.jsonl --labels labels.jsonl --seeds 3 --budget 24 --batch 8";

#[test]
fn stored_verdicts_are_replayed_as_tables_json_and_a_drawing() {
    let project = project(120);
    let run = project.run(&format!("{REPLAY} --rules bald,shipped --plot curves.svg"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("verdicts.jsonl: 60 pairs to ask about, 60 to test on, 2 critics, 3 seeds"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("nothing follows"), "{}", run.stdout);
    assert!(project.read("curves.svg").starts_with("<svg"));
    let first = project.run(&format!("{REPLAY} --json --threads 1"));
    let again = project.run(&format!("{REPLAY} --json --threads 4"));
    assert_eq!(first.stdout, again.stdout, "threads change nothing");
    let json: Value = serde_json::from_str(&first.stdout).unwrap();
    let rules: Vec<&str> =
        json[0]["rules"].as_array().unwrap().iter().map(|rule| rule["policy"].as_str().unwrap()).collect();
    assert_eq!(rules, ["random", "margin", "bald", "d-optimal", "disagreement", "shipped"]);
    assert!(!project.exists("store.db"), "a replay keeps nothing");
}

#[test]
fn what_cannot_be_replayed_says_why() {
    let project = project(10);
    let run = project.run(REPLAY);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("has 5 pairs to ask about, and the start with one batch takes 16"),
        "{}",
        run.stderr
    );
    let run = project.run("simulate --budget 10");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("ends before the first batch"), "{}", run.stderr);
    let run = project.run("simulate --verdicts verdicts.jsonl");
    assert_eq!(run.code, 2, "labels must be given");
    project.file("labels.jsonl", "{\"kind\": \"compare\", \"item\": \"nobody\", \"a\": 0, \"b\": 1, \"winner\": \"a\", \"annotator\": \"ana\"}\n");
    let run = project.run(REPLAY);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("labels.jsonl:1: no verdict is on an item `nobody`"), "{}", run.stderr);
}
