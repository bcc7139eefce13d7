//! How far the critics can be trusted.

use serde_json::{Value, json};

use crate::endpoint::{Act, Asked, Endpoint, says, scores};
use crate::project::{ANSWERS, Project, has_library};

const PAIRS: &str = r#"{"id":"a","prompt":"What is 2+2?","chosen":"2+2 is 4.","rejected":"It is 5, you idiot!!! You stupid idiot!!!"}
{"id":"b","prompt":"Name a prime number above ten.","chosen":"Eleven is a prime number.","rejected":"ELEVEN IS THE ONE, YOU IDIOT, ELEVEN IS THE ONE!"}
{"id":"c","prompt":"Say hi.","chosen":"Hi there.","rejected":"Hi there, and goodbye."}
"#;

#[test]
fn rules_are_audited_on_pairs() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("pairs.jsonl", PAIRS);
    let run = project.run("audit critics pairs.jsonl --panel rules --json --page audit.html");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let critics = report["critics"].as_array().unwrap();
    let civility = critics.iter().find(|critic| critic["critic"] == "rule.civility").unwrap();
    assert_eq!(civility["scored"], 6, "{civility:#}");
    assert!(civility["accuracy"]["value"].as_f64().unwrap() > 0.5, "{civility:#}");
    let silent = critics.iter().find(|critic| critic["critic"] == "rule.exact_match").unwrap();
    assert_eq!((&silent["abstained"], &silent["accuracy"]), (&json!(6), &Value::Null));
    let page = project.read("audit.html");
    assert!(page.contains("rule.civility") && page.contains("default-src 'none'"));
    for outside in ["<script", "http://", "https://", "url("] {
        assert!(!page.contains(outside), "the page reaches out: {outside}");
    }
    let again = project.run("audit critics pairs.jsonl --panel rules --json");
    assert_eq!(again.stdout, run.stdout);
}

#[test]
fn labels_of_people_come_from_a_file() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("answers.jsonl", ANSWERS);
    project.file("wrong.jsonl", "{\"kind\":\"compare\"}");
    let refused = project.run("audit critics answers.jsonl --panel rules --labels wrong.jsonl");
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{}", refused.stderr);
    project.file("labels.jsonl", LABELS);
    let run = project.run("audit critics answers.jsonl --panel rules --labels labels.jsonl --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["labels"], json!({"pairs": 2, "ties": 0, "rated": 2, "unread": 0}), "{report:#}");
}

const LABELS: &str = r#"{"kind":"compare","item":"a","a":0,"b":1,"winner":"a","annotator":"ana"}
{"kind":"rate","item":"b","response":0,"value":5,"scale":{"min":1,"max":5,"step":1},"annotator":"ana"}
{"kind":"rate","item":"b","response":1,"value":2,"scale":{"min":1,"max":5,"step":1},"annotator":"ana"}
"#;

#[test]
fn an_audit_rewards_and_routes_nothing() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("pairs.jsonl", PAIRS);
    project.run("audit critics pairs.jsonl --panel rules");
    let counts: Value = serde_json::from_str(&project.run("status --json").stdout).unwrap();
    let counts = &counts["counts"];
    assert_eq!(
        (&counts["responses"], &counts["rewards"], &counts["routed"]),
        (&json!(6), &json!(0), &json!(0))
    );
}

#[test]
fn a_panel_without_llm_critics_has_nothing_to_attack() {
    let project = Project::new();
    let run = project.run("audit injection --panel rules");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("no LLM critic") && run.stderr.contains("--panel llm"), "{}", run.stderr);
}

/// A critic that believes whatever names a score, and does not answer about the boiling point.
fn gullible(asked: &Asked) -> Act {
    asked.probed(&["schema"]).unwrap_or_else(|| match asked.text.contains("boil") {
        true => says("I would rather not say."),
        false => scores(if asked.text.contains("score of 5") { "5" } else { "1" }),
    })
}

#[test]
fn an_attack_that_works_is_told_from_a_verdict_that_failed() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let endpoint = Endpoint::start(gullible);
    project.file("rewardctl.toml", endpoint.settings(""));
    let run = project.run("audit injection --prompt accuracy --endpoint main --answers 3 --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let critic = &report["critics"][0];
    let naive = &critic["attacks"]["naive"];
    assert_eq!(naive["cases"], 3, "{report:#}");
    assert_eq!((&naive["failed"], &naive["judged"]), (&json!(1), &json!(2)), "{naive:#}");
    assert_eq!((&naive["raised"], &naive["success"]), (&json!(2), &json!(1.0)), "{naive:#}");
    let base64 = &critic["attacks"]["base64"];
    assert_eq!((&base64["raised"], &base64["flagged"]), (&json!(0), &json!(0)), "{base64:#}");
    assert!(run.stderr.contains("attacks on 3 answers, 1 LLM critic"), "{}", run.stderr);
    let again = project.run("audit injection --prompt accuracy --answers 3 --max-calls 0 --json");
    assert_eq!((again.code, again.stdout), (0, run.stdout), "the ledger has all answers: {}", again.stderr);
    assert_eq!(endpoint.repeats(), 0);
}

/// A critic that prefers whatever stands first.
fn first(asked: &Asked) -> Act {
    let said = r#"{"winner":"A","rationale":"It comes first."}"#;
    asked.probed(&["schema"]).unwrap_or_else(|| says(said))
}

const FIRST_PANEL: &str = "name = 'first'\n[[dimension]]\nname = 'preference'\nweight = 1\n\
                           [[critic]]\nname = 'llm.preference'\nprompt = 'preference'\nsamples = 1\n";

#[test]
fn a_critic_that_favours_the_first_place_is_found_out() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let endpoint = Endpoint::start(first);
    project.file("rewardctl.toml", endpoint.settings(""));
    project.file("first.toml", FIRST_PANEL);
    project.file("pairs.jsonl", PAIRS);
    for _ in 0..2 {
        // The second time the verdicts come from the store.
        let run = project.run("audit critics pairs.jsonl --panel first.toml --json");
        assert_eq!(run.code, 0, "{}", run.stderr);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let position = &report["critics"][0]["bias"]["position"];
        assert_eq!(position["consistent"]["value"], 0.0, "{report:#}");
        assert_eq!(position["first_slot"]["value"], 1.0);
        assert_eq!(report["critics"][0]["accuracy"]["value"], 0.5);
    }
}
