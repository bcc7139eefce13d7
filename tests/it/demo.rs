//! The demo's LLM critics: a cassette of a scripted endpoint, replayed without a network.

use std::fs;
use std::path::Path;

use crate::project::{Outcome, Project, has_library};

/// Plays the demo's cassette over the first examples, of which one response is uncertain.
fn replay(project: &Project) -> Outcome {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let answers = fs::read_to_string(examples.join("answers.jsonl")).unwrap();
    project.file("x.jsonl", answers.lines().take(2).collect::<Vec<_>>().join("\n"));
    let examples = examples.canonicalize().unwrap();
    let examples = examples.to_str().unwrap();
    project.run(&format!(
        "score x.jsonl --panel {examples}/panels/scripted.toml --replay {examples}/scripted-panel.cassette.jsonl -o y.jsonl"
    ))
}

#[test]
fn the_demos_cassette_plays() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let run = replay(&project);
    let hint = "after an edit of a critic or of how requests are written, run scripts/record_demo.sh";
    assert_eq!(run.code, 0, "{}\n{hint}", run.stderr);
    let asked = project.read("y.jsonl").matches("Scripted, no model").count();
    assert_eq!(asked, 3, "three critics judge the one uncertain response");
}

#[test]
fn a_critic_that_a_project_edited_is_asked_anew() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    assert_eq!(project.run("init").code, 0);
    assert_eq!(replay(&project).code, 0, "a copy that nobody edited is the shipped critic");
    let shipped = project.read("prompts/style.md");
    project.file("prompts/style.md", shipped.replacen("version = \"1\"", "version = \"mine\"", 1));
    let run = replay(&project);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("llm.style"), "{}", run.stderr);
}
