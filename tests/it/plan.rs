//! What scoring would cost, and what it did.

use std::time::Duration;

use serde_json::{Value, json};

use crate::endpoint::{Act, Asked, Endpoint, choice, error, scores};
use crate::llm::{self, ONE_CRITIC};
use crate::project::{ANSWERS, Project, has_library, outcome};

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
    // Nobody knows yet whether a call brings several replies: at most, each of five samples takes one of its own.
    assert_eq!((&accuracy["likely"]["calls"], &accuracy["most"]["calls"]), (&2.into(), &12.into()));
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

/// Rows of `count` responses that differ.
fn rows(name: &str, count: usize) -> String {
    (0..count).map(|n| format!("{{\"prompt\":\"Say {name} {n}.\",\"response\":\"It is {n}.\"}}\n")).collect()
}

fn status_of_calls(project: &Project) -> Value {
    let status: Value = serde_json::from_str(&project.run("status --json").stdout).unwrap();
    status["calls"].as_array().unwrap().iter().find(|total| total["purpose"] == "critic").unwrap().clone()
}

/// Bills a token for three characters, and replies with thirty words.
fn billing(asked: &Asked) -> Act {
    let said = format!(r#"{{"score": 4, "rationale": "{}"}}"#, "because ".repeat(30));
    let usage = json!({"prompt_tokens": asked.text.len() / 3, "completion_tokens": 90, "total_tokens": 0});
    let body = json!({"id": "c", "model": "m", "choices": [choice(&said, "stop", None)], "usage": usage});
    asked.probed(&["schema"]).unwrap_or_else(|| Act::Reply(200, vec![], body.to_string()))
}

#[test]
fn what_was_billed_before_makes_a_plan_true() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(billing);
    let price = "price = { input = \"1\", output = \"2\" }";
    let project = llm::project(&endpoint, price, ONE_CRITIC, &rows("once", 60));
    assert_eq!(llm::score(&project, "").code, 0);
    project.file("x.jsonl", rows("again", 60) + &rows("once", 60));
    let run = project.run("plan x.jsonl --panel panel.toml --json");
    let plan: Value = serde_json::from_str(&run.stdout).unwrap();
    let before = status_of_calls(&project);
    assert_eq!(llm::score(&project, "").code, 0);
    let after = status_of_calls(&project);
    let spent = |name: &str| after[name].as_u64().unwrap() - before[name].as_u64().unwrap();
    let likely = |name: &str| plan["likely"][name].as_u64().unwrap();
    assert_eq!((likely("calls"), spent("attempts")), (60, 60));
    for (planned, billed) in
        [("input_tokens", "input_tokens"), ("output_tokens", "output_tokens"), ("cost_nano", "spent_nano")]
    {
        let (planned, billed) = (likely(planned), spent(billed));
        assert!(planned.abs_diff(billed) * 10 <= billed, "{planned} planned, {billed} billed");
    }
    let critic = &plan["tiers"][0]["critics"][0];
    assert_eq!(critic["answered"], 60, "{critic:#}");
}

#[test]
fn a_run_that_nobody_answered_says_so_and_keeps_the_rest() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| {
        asked.probed(&["schema"]).unwrap_or_else(|| error(500, "\u{1b}[2Joops", None))
    });
    let project = llm::project(&endpoint, "attempts = 1", ONE_CRITIC, &rows("it", 3));
    let run = llm::score(&project, "");
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("endpoint `main` answered none of 3 calls"), "{}", run.stderr);
    assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
    let failed = llm::verdicts(&project);
    assert!(failed.len() == 3 && failed.iter().all(|verdict| verdict["outcome"] == "failed"), "{failed:#?}");
    let key = failed[0]["calls"][0].as_str().unwrap();
    assert!(project.run("calls list --state failed").stdout.contains(key));
    let shown = project.run(&format!("calls show {key}")).stdout;
    assert!(shown.contains("HTTP 500") && shown.contains("It is 0.") && !shown.contains('\u{1b}'), "{shown}");
}

#[test]
fn a_call_without_a_known_end_is_held_until_told_otherwise() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| match asked.before {
        0 if asked.text.contains("It is 1.") => Act::Late(Duration::from_secs(5), Box::new(scores("4"))),
        _ => asked.probed(&["schema"]).unwrap_or_else(|| scores("4")),
    });
    let settings = "timeout-s = 1\nattempts = 3\n[calls]\nunknown = \"hold\"";
    let project = llm::project(&endpoint, settings, ONE_CRITIC, &rows("it", 3));
    let outcomes = || -> Vec<String> {
        llm::verdicts(&project).iter().map(|verdict| verdict["outcome"].as_str().unwrap().into()).collect()
    };
    assert_eq!(llm::score(&project, "").code, 0);
    assert_eq!(outcomes(), ["scored", "failed", "scored"]);
    let run = llm::score(&project, "--json");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["calls"]["endpoints"][0]["held"], 1, "{report:#}");
    assert!(llm::verdicts(&project)[1]["rationale"].as_str().unwrap().contains("outcome is unknown"));
    assert_eq!((endpoint.bodies().len(), &status_of_calls(&project)["unknown"]), (3, &1.into()));
    let mut command = project.command("score x.jsonl --panel panel.toml -o out.jsonl");
    command.env("REWARDCTL_UNKNOWN_CALLS", "retry");
    assert_eq!(outcome(command).code, 0);
    assert_eq!(outcomes(), ["scored"; 3]);
    assert_eq!(endpoint.bodies().len(), 4);
}

#[test]
fn an_endpoint_that_nobody_asks_needs_no_key_and_no_price() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| asked.probed(&["schema"]).unwrap_or_else(|| scores("4")));
    let other = "[endpoints.other]\nbase-url = \"https://example.invalid/v1\"\nmodel = \"nobody-knows\"\n\
                 api-key-env = \"REWARDCTL_TEST_NO_SUCH_KEY\"";
    let settings = format!("price = {{ input = \"1\", output = \"2\" }}\n{other}");
    let panel = ONE_CRITIC.replace("prompt =", "endpoint = 'main'\nprompt =");
    let project = llm::project(&endpoint, &settings, &panel, &rows("it", 2));
    let run = llm::score(&project, "--max-cost 1");
    assert_eq!(run.code, 0, "{}", run.stderr);
    project.file("panel.toml", panel.replace("'main'", "'other'"));
    let run = llm::score(&project, "");
    assert!(run.code == 2 && run.stderr.contains("`other` needs a key"), "{}", run.stderr);
    project.file("panel.toml", ONE_CRITIC);
    let run = llm::score(&project, "");
    assert!(run.code == 2 && run.stderr.contains("does not say which: main, other"), "{}", run.stderr);
    let run = project.run("sample x.jsonl -n 1 --endpoint main --max-cost 1 -o c.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = project.run("sample x.jsonl -n 1 --endpoint main --endpoint other -o d.jsonl");
    assert!(run.code == 2 && run.stderr.contains("`other` needs a key"), "{}", run.stderr);
    let run =
        project.run("sample x.jsonl -n 1 --endpoint main --revise --reviser other -o d.jsonl --panel rules");
    assert!(run.code == 2 && run.stderr.contains("`other` needs a key"), "{}", run.stderr);
}
