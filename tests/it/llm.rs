//! LLM critics against a scripted endpoint: what is said becomes a verdict, and what is not said never does.

use serde_json::Value;

use crate::endpoint::{Act, Asked, Endpoint, choice, completion, error, says, scores, tokens};
use crate::project::{Outcome, Project, has_library};

/// A panel of one critic, drawn once; more TOML follows.
pub const ONE_CRITIC: &str = "name = 'one'\n[quorum]\ncoverage = 0.5\ndimensions = 1\n\
    [[dimension]]\nname = 'accuracy'\nweight = 1\n\
    [[critic]]\nname = 'llm.accuracy'\nprompt = 'accuracy'\nsamples = 1\n";

/// Writes panel, settings and rows into a new project.
pub fn project(endpoint: &Endpoint, settings: &str, panel: &str, rows: &str) -> Project {
    let project = Project::new();
    project.file("rewardctl.toml", endpoint.settings(settings));
    project.file("panel.toml", panel);
    project.file("x.jsonl", rows);
    project
}

/// Rows whose responses are `texts`.
pub fn rows_of(texts: &[&str]) -> String {
    let row = |text: &&str| format!("{}\n", serde_json::json!({"prompt": "Say it.", "response": text}));
    texts.iter().map(row).collect()
}

pub fn score(project: &Project, more: &str) -> Outcome {
    project.run(&format!("score x.jsonl --panel panel.toml -o out.jsonl --audit-share 0 {more}"))
}

pub fn verdicts(project: &Project) -> Vec<Value> {
    let out = project.read("out.jsonl");
    let rows = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.flat_map(|row| row["verdicts"].as_array().unwrap().clone()).collect()
}

fn scored(endpoint: &Endpoint, panel: &str, texts: &[&str]) -> Vec<Value> {
    let project = project(endpoint, "", panel, &rows_of(texts));
    let run = score(&project, "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    verdicts(&project)
}

fn near(value: &Value, expected: f64) {
    assert!((value.as_f64().unwrap() - expected).abs() < 1e-9, "{value}, not {expected}");
}

#[test]
fn a_score_is_the_mean_of_its_tokens() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| {
        asked.probed(&["schema", "n", "logprobs"]).unwrap_or_else(|| {
            let said = r#"{"score": 4, "rationale": "Nearly."}"#;
            let parts = tokens(&[
                ("{\"", &[]),
                ("score", &[]),
                ("\": ", &[]),
                ("4", &[("4", 0.7), ("5", 0.3)]),
                (", \"rationale\": \"Nearly.\"}", &[]),
            ]);
            completion(vec![choice(said, "stop", Some(parts))])
        })
    });
    let verdicts = scored(&endpoint, ONE_CRITIC, &["It is."]);
    assert_eq!(verdicts[0]["method"], "probabilities");
    assert_eq!(verdicts[0]["rationale"], "Nearly.");
    near(&verdicts[0]["score"], (4.3 - 1.0) / 4.0);
    near(&verdicts[0]["variance"], 0.7 * 0.3 / 16.0);
    assert_eq!(endpoint.requests(), 2);
}

#[test]
fn probabilities_that_do_not_add_up_are_no_reason_to_ask_the_same_again() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| {
        asked.probed(&["schema", "n", "logprobs"]).unwrap_or_else(|| {
            let said = r#"{"score": 4, "rationale": "Nearly."}"#;
            let parts = tokens(&[("{\"score\": ", &[]), ("4", &[("4", 0.3), ("9", 0.3), ("x", 0.4)])]);
            completion(vec![choice(said, "stop", Some(parts))])
        })
    });
    let verdicts = scored(&endpoint, ONE_CRITIC, &["It is."]);
    assert_eq!((&verdicts[0]["score"], &verdicts[0]["method"]), (&Value::from(0.75), &Value::from("single")));
    assert_eq!(endpoint.bodies().len(), 1);
}

#[test]
fn a_server_without_n_is_asked_as_often_as_there_are_samples() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| {
        let draw = asked.body["seed"].as_u64().unwrap_or(0) % 2;
        asked.probed(&["schema"]).unwrap_or_else(|| scores(["3", "5"][draw as usize]))
    });
    let verdicts = scored(&endpoint, &ONE_CRITIC.replace("samples = 1", "samples = 4"), &["It is."]);
    assert_eq!(verdicts[0]["method"], "samples");
    near(&verdicts[0]["score"], 0.75);
    assert_eq!((endpoint.bodies().len(), endpoint.repeats()), (4, 0));
    assert!(endpoint.bodies().iter().all(|body| !body.contains("\"n\":")));
}

#[test]
fn a_server_without_schemas_gets_the_next_best_and_says_why_once() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| {
        let is_schema = asked.body["response_format"]["type"] == "json_schema";
        match is_schema {
            true => error(400, "This response_format type is unavailable now", Some("response_format")),
            false => asked.probed(&["object"]).unwrap_or_else(|| scores("5")),
        }
    });
    let verdicts = scored(&endpoint, ONE_CRITIC, &["It is.", "It is not."]);
    assert_eq!(verdicts[0]["score"], 1.0);
    assert!(endpoint.bodies().iter().all(|body| body.contains("json_object")));
    assert_eq!(endpoint.requests(), 4, "two to probe, two to judge");
}

#[test]
fn what_is_no_score_never_becomes_one() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| asked.probed(&["schema"]).unwrap_or_else(|| no_score(asked)));
    let texts = ["garbage", "refused", "cut", "not applicable", "filtered", "wrong shape", "no text", "fine"];
    let verdicts = scored(&endpoint, ONE_CRITIC, &texts);
    let found: Vec<(&str, &str)> = verdicts
        .iter()
        .map(|verdict| (verdict["outcome"].as_str().unwrap(), verdict["rationale"].as_str().unwrap_or("")))
        .collect();
    let expected = [
        ("failed", "the reply has no verdict"),
        ("abstained", "the model refused"),
        ("failed", "the reply was cut off"),
        ("abstained", "not applicable"),
        ("abstained", "the model refused"),
        ("failed", "the reply has no verdict"),
        ("failed", "the reply has no verdict"),
        ("scored", ""),
    ];
    for ((text, found), expected) in texts.iter().zip(&found).zip(expected) {
        assert!(found.0 == expected.0 && found.1.starts_with(expected.1), "{text}: {found:?}");
    }
    assert!(verdicts[..7].iter().all(|verdict| verdict["score"].is_null()));
    let asked_about = |text: &str| {
        let quoted = format!("\\n{text}\\n");
        endpoint.bodies().iter().filter(|body| body.contains(&quoted)).count()
    };
    assert_eq!(texts.map(asked_about), [3, 1, 1, 1, 1, 3, 3, 1], "two repairs, and only where they can help");
}

fn no_score(asked: &Asked) -> Act {
    let judged = |text: &str| asked.text.contains(&format!("\n{text}\n"));
    let said = r#"{"score": 5, "rationale": "It is"#;
    if judged("garbage") {
        says("I like it a lot, really.")
    } else if judged("refused") {
        let message = serde_json::json!({"role": "assistant", "content": null, "refusal": "I can't."});
        completion(vec![serde_json::json!({"index": 0, "message": message, "finish_reason": "stop"})])
    } else if judged("cut") {
        completion(vec![choice(&format!("{said}\"}}"), "length", None)])
    } else if judged("not applicable") {
        scores("null")
    } else if judged("filtered") {
        completion(vec![choice(said, "content_filter", None)])
    } else if judged("wrong shape") {
        says(r#"{"score": 9999}"#)
    } else if judged("no text") {
        says("")
    } else {
        scores("4")
    }
}

#[test]
fn the_same_text_is_asked_about_once() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| asked.probed(&["schema"]).unwrap_or_else(|| scores("2")));
    let verdicts = scored(&endpoint, ONE_CRITIC, &["Twice.", "Once.", "Twice.", "Twice."]);
    assert_eq!(verdicts.len(), 4);
    assert!(verdicts.iter().all(|verdict| verdict["score"] == 0.25));
    assert_eq!(endpoint.bodies().len(), 2);
}

#[test]
fn a_comparison_is_asked_in_both_orders() {
    if !has_library() {
        return;
    }
    // Favours whatever stands first, unless it is bad.
    let endpoint = Endpoint::start(|asked| {
        let a_is_bad = asked.text.find("\nbad\n") < asked.text.find("response B");
        let has_bad = asked.text.contains("\nbad\n");
        let winner = if has_bad && a_is_bad { "B" } else { "A" };
        let said = format!(r#"{{"winner": "{winner}", "rationale": "It is better."}}"#);
        asked.probed(&["schema"]).unwrap_or_else(|| says(&said))
    });
    let panel = "name = 'pairs'\n[quorum]\ncoverage = 0.5\ndimensions = 1\n[[dimension]]\nname = 'preference'\n\
        weight = 1\n[[critic]]\nname = 'llm.preference'\nprompt = 'preference'\nsamples = 1\n";
    let row = r#"{"prompt": "Say it.", "responses": ["good", "good too", "bad"]}"#;
    let project = project(&endpoint, "", panel, row);
    let run = score(&project, "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let verdicts = verdicts(&project);
    assert_eq!(endpoint.bodies().len(), 6, "three pairs in two orders");
    near(&verdicts[0]["score"], (0.5 + 0.99) / 2.0);
    near(&verdicts[2]["score"], 0.01);
    assert_eq!(verdicts[0]["method"], "comparisons");
    assert!(verdicts[0]["rationale"].as_str().unwrap().contains("ahead in 1 of 2, 1 changed with the order"));
}

const TWO_CRITICS: &str = "name = 'two'\nFLAGS\n[quorum]\ncoverage = 0.5\ndimensions = 1\n\
    [[dimension]]\nname = 'accuracy'\nweight = 1\n[[dimension]]\nname = 'style'\nweight = 1\n\
    [[critic]]\nname = 'llm.accuracy'\nprompt = 'accuracy'\nsamples = 1\n\
    [[critic]]\nname = 'llm.style'\nprompt = 'style'\nsamples = 1\n";

/// Answers with 5 for style and 1 for accuracy; with 3 to whoever is shown a finding.
fn swayed(asked: &Asked) -> Act {
    let is_style = asked.text.contains("# Before you answer") && asked.text.contains("Judge style only");
    let sees = asked.text.contains("<<<finding 1");
    let score = if sees {
        "3"
    } else if is_style {
        "5"
    } else {
        "1"
    };
    asked.probed(&["schema"]).unwrap_or_else(|| scores(score))
}

#[test]
fn critics_in_sequence_see_what_the_ones_before_them_found() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(swayed);
    let panel = TWO_CRITICS.replace("FLAGS", "sequential = true");
    let verdicts = scored(&endpoint, &panel, &["It is."]);
    assert_eq!((&verdicts[0]["score"], &verdicts[1]["score"]), (&Value::from(0.0), &Value::from(0.5)));
    assert_eq!(endpoint.bodies().len(), 2);
}

#[test]
fn critics_that_disagree_are_asked_a_second_time() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(swayed);
    let panel = TWO_CRITICS.replace("FLAGS\n[quorum]", "[second-round]\nwhen-apart = 0.5\n[quorum]");
    let verdicts = scored(&endpoint, &panel, &["It is."]);
    assert_eq!((&verdicts[0]["score"], &verdicts[1]["score"]), (&Value::from(0.5), &Value::from(0.5)));
    assert_eq!(endpoint.bodies().len(), 4);
}
