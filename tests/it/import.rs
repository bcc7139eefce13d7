//! Files of other tools: read for scoring, imported as labels, and written for annotation tools.

use serde_json::{Value, json};

use crate::project::Project;

const HH: &str = r#"{"chosen": "\n\nHuman: Name a prime.\n\nAssistant: Seven.", "rejected": "\n\nHuman: Name a prime.\n\nAssistant: Nine."}"#;

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_known_source_is_named_on_stderr() {
    let project = Project::new();
    let row = json!({"prompt": "Name a prime.", "response_1": "Seven.", "response_2": "Nine.", "preference_strength": -2});
    project.file("in.jsonl", row.to_string());
    let run = project.run("score in.jsonl -o out.jsonl --panel rules");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("in.jsonl: JSONL, HelpSteer2-preference (prompt, response_1"),
        "{}",
        run.stderr
    );
}

#[test]
fn pairs_become_labels_with_their_texts() {
    let project = Project::new();
    project.file("hh.jsonl", HH);
    let run = project.run("label import hh.jsonl --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("added 1 item and 2 responses that were not in the store"), "{}", run.stderr);
    let imported = json_of(&run.stdout);
    assert_eq!((&imported["labels"], &imported["new"]), (&json!(1), &json!(1)));
    let again = json_of(&project.run("label import hh.jsonl --json").stdout);
    assert_eq!(
        (&again["labels"], &again["new"], &again["source"]["responses"]),
        (&json!(1), &json!(0), &json!(0))
    );
    // Scoring the same file finds the very responses.
    assert_eq!(project.run("score hh.jsonl -o out.jsonl --panel rules").code, 0);
    let label = json_of(&project.run("label export -").stdout);
    assert_eq!(label["annotator"], "the file");
    let scored = project.read("out.jsonl");
    assert!(scored.contains(label["response_a_id"].as_str().unwrap()), "{scored}");
}

#[test]
fn what_models_said_is_a_label_only_by_name() {
    let project = Project::new();
    let row = json!({"instruction": "Name a prime.", "completions": [
        {"model": "m", "response": "Seven.", "annotations": {"helpfulness": {"Rating": "5"}}},
        {"model": "n", "response": "Nine.", "annotations": {"helpfulness": {"Rating": "N/A"}}}]});
    project.file("uf.jsonl", row.to_string());
    let run = project.run("label import uf.jsonl --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("left out 1 opinion of models"), "{}", run.stderr);
    assert_eq!(json_of(&run.stdout)["labels"], 0);
    let run = project.run("label import uf.jsonl --annotator gpt-4 --json");
    assert_eq!(json_of(&run.stdout)["labels"], 1);
    assert_eq!(json_of(&project.run("label export -").stdout)["annotator"], "gpt-4");
}

/// A project with one uncertain pair and one label on it.
fn labelled() -> Project {
    let project = Project::new();
    project.file("in.jsonl", r#"{"id": "1", "prompt": "Name a prime.", "responses": ["Seven.", "Nine."]}"#);
    assert_eq!(project.run("score in.jsonl -o out.jsonl --panel rules").code, 0);
    project
}

#[test]
fn labels_go_round_through_the_tools() {
    for tool in ["argilla", "label-studio"] {
        let project = labelled();
        let labels = [
            json!({"kind": "compare", "item": "1", "a": 0, "b": 1, "winner": "a", "annotator": "ana", "note": "seven is"}),
            json!({"kind": "compare", "item": "1", "a": 0, "b": 1, "winner": "tie", "annotator": "ben"}),
            json!({"kind": "rate", "item": "1", "response": 1, "value": 2, "scale": {"min": 1, "max": 5}, "annotator": "ana"}),
            json!({"kind": "correct", "item": "1", "response": 1, "text": "Five.", "annotator": "ana"}),
        ];
        project.file("labels.jsonl", labels.map(|label| label.to_string()).join("\n"));
        assert_eq!(project.run("label import labels.jsonl").code, 0);
        let run = project.run(&format!("label export tasks.json --for {tool}"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stderr.contains("wrote 2 records"), "{}", run.stderr);
        let before = sorted(&project.run("label export -").stdout);
        // Into another project, where the responses are known and the labels are not.
        let other = labelled();
        other.file("tasks.json", project.read("tasks.json"));
        let run = other.run("label import tasks.json --json");
        assert_eq!(run.code, 0, "{tool}: {}", run.stderr);
        assert_eq!(sorted(&other.run("label export -").stdout), before, "{tool}");
    }
}

/// Returns what each label says, whichever response it names first.
fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text
        .lines()
        .map(json_of)
        .map(|label| {
            let winner = match label["winner"].as_str() {
                Some("a") => label["response_a_id"].to_string(),
                Some("b") => label["response_b_id"].to_string(),
                _ => String::new(),
            };
            let of = |key: &str| label[key].to_string();
            format!(
                "{} {} {winner} {} {} {}",
                of("kind"),
                of("annotator"),
                of("response_id"),
                of("value"),
                of("text")
            )
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn the_queue_comes_back_answered() {
    let project = labelled();
    let run = project.run("queue plan -n 1 --panel rules");
    assert_eq!(run.code, 0, "{} {}", run.stdout, run.stderr);
    let run = project.run("queue export tasks.json --for argilla --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let mut tasks = json_of(&project.read("tasks.json"));
    let pair = tasks
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .find(|task| !task["fields"]["response_a"].is_null())
        .unwrap();
    pair["responses"] =
        json!({"preference": [{"value": "response_b", "user_id": "ana", "status": "submitted"}]});
    let better = pair["metadata"]["response_b_id"].clone();
    project.file("answered.json", tasks.to_string());
    let run = project.run("label import answered.json --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(json_of(&run.stdout)["labels"], 1);
    let label = json_of(&project.run("label export -").stdout);
    assert_eq!((&label["winner"], &label["response_b_id"]), (&json!("b"), &better));
    let run = project.run("queue export lines.jsonl --for jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn replies_without_their_requests_are_refused() {
    let project = Project::new();
    project.file("out.jsonl", r#"{"custom_id": "row-1", "response": {"status_code": 200, "body": {"choices": [{"message": {"role": "assistant", "content": "Seven."}}]}}, "error": null}"#);
    project.file("in.jsonl", r#"{"custom_id": "row-1", "method": "POST", "url": "/v1/chat/completions", "body": {"messages": [{"role": "user", "content": "Name a prime."}]}}"#);
    let run = project.run("score out.jsonl --panel rules");
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("no file has the batch request `row-1`"), "{}", run.stderr);
    let run = project.run("score in.jsonl --panel rules");
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("name the batch's output file beside it"), "{}", run.stderr);
    let run = project.run("score out.jsonl in.jsonl --panel rules -o scores.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
}
