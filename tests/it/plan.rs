//! What scoring would cost, without an endpoint and without a key.

use serde_json::Value;

use crate::project::{ANSWERS, Project, has_library};

/// An endpoint that nobody answers at, with a key that nobody has.
const SETTINGS: &str = r#"
panel = "panel.toml"
[endpoints.main]
base-url = "http://127.0.0.1:9/v1"
model = "gpt-4o-mini"
api-key-env = "REWARDCTL_TEST_NO_SUCH_KEY"
"#;

const PANEL: &str = r#"
name = "p"
[cascade]
max-uncertainty = 0.2
[[dimension]]
name = "accuracy"
weight = 1
[[critic]]
name = "llm.accuracy"
prompt = "accuracy"
[[critic]]
name = "llm.preference"
prompt = "preference"
dimension = "accuracy"
tier = 2
[[critic]]
name = "rule.number_match"
"#;

fn project() -> Project {
    let project = Project::new();
    project.file("answers.jsonl", ANSWERS);
    project.file("panel.toml", PANEL);
    project.file("rewardctl.toml", SETTINGS);
    project
}

#[test]
fn a_plan_needs_no_endpoint_and_no_key_and_leaves_nothing_behind() {
    if !has_library() {
        return;
    }
    let project = project();
    let run = project.run("plan answers.jsonl --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let plan: Value = serde_json::from_str(&run.stdout).unwrap();
    // Item `a` has a reference: the rule is sure of its responses. Item `b` has no reward yet.
    let (first, second) = (&plan["tiers"][0], &plan["tiers"][1]);
    assert_eq!((&first["responses"], &first["is_exact"]), (&2.into(), &true.into()), "{plan:#}");
    assert_eq!((&second["responses"], &second["is_exact"]), (&2.into(), &false.into()), "{plan:#}");
    let accuracy = &first["critics"][0];
    assert_eq!((&accuracy["likely"]["calls"], &accuracy["most"]["calls"]), (&2.into(), &4.into()));
    let (likely, most) = (&plan["likely"]["cost_nano"], &plan["most"]["cost_nano"]);
    assert!(likely.as_u64() > Some(0) && likely.as_u64() < most.as_u64(), "{plan:#}");
    let responses: Vec<u64> =
        plan["trade"].as_array().unwrap().iter().map(|row| row["responses"].as_u64().unwrap()).collect();
    assert!(responses[0] == 4 && responses.is_sorted_by(|a, b| a >= b), "{responses:?}");
    assert_eq!(plan["not_probed"][0], "main");
    assert!(!project.exists("store.db"));
    let dry = project.run("score answers.jsonl --dry-run --json");
    assert_eq!((dry.code, dry.stdout), (0, run.stdout));
}

#[test]
fn a_plan_is_a_table_for_people() {
    if !has_library() {
        return;
    }
    let run = project().run("plan answers.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    for part in ["4 responses; LLM critics would judge 2", "at most 2", "0.20 (this panel)", "never asked"] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    let free = project().run("plan answers.jsonl --panel rules");
    assert!(free.stdout.starts_with("Panel `rules` has no LLM critic"), "{}", free.stdout);
}

#[test]
fn a_critic_of_the_generators_family_is_refused_before_any_call() {
    if !has_library() {
        return;
    }
    let project = project();
    let unlocked = SETTINGS.lines().filter(|line| !line.starts_with("api-key-env"));
    project.file("rewardctl.toml", unlocked.collect::<Vec<_>>().join("\n"));
    let related = ANSWERS.replace("\"m1\"", "\"openai/o3-mini\"");
    project.file("related.jsonl", related);
    let run = project.run("score related.jsonl --require-independent");
    assert_eq!(run.code, 2, "{}", run.stderr);
    let said = "which is of the family `openai`, as are the models behind 2 of 4 responses";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    let status = project.run("status --json");
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["calls"], Value::Array(vec![]));
}

#[test]
fn the_ledger_can_be_looked_at() {
    let project = Project::new();
    let run = project.run("calls list");
    assert_eq!(run.code, 2, "{}", run.stderr);
    if !has_library() {
        return;
    }
    project.file("answers.jsonl", ANSWERS);
    project.run("score answers.jsonl --panel rules --json");
    assert_eq!(project.run("calls list").stdout, "The ledger has no such call.\n");
    for (key, why) in [("xyz", "is not an id"), ("00000000000000000000000000000000", "has no call")] {
        let run = project.run(&format!("calls show {key}"));
        assert!(run.code == 2 && run.stderr.contains(why), "{}", run.stderr);
    }
}
