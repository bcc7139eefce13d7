//! Candidates: drawn, revised, and read by scoring.

use serde_json::{Value, json};

use crate::endpoint::{Act, Asked, Endpoint, choice, completion, says};
use crate::project::{Project, has_library};

const PROMPTS: &str = r#"{"id":"sum","prompt":"What is 2+2?","reference":"4","topic":"maths"}
{"id":"chat","prompt":[{"role":"system","content":"Be brief."},{"role":"user","content":"Name a prime."}]}
{"id":"mat","prompt":"Who sat?","documents":["The cat sat on the mat."]}
"#;

const RUDE: &str = "SHUT UP, YOU IDIOT!!! I HATE YOU!!!";

/// Four answers to a prompt: a good one, the same with other blanks, one that is cut, a rude one.
fn four(asked: &Asked) -> Act {
    let texts =
        [("2+2 is 4.", "stop"), (" 2+2  is\n4. ", "stop"), ("It is, as everybody", "length"), (RUDE, "stop")];
    let choices = texts.map(|(text, finish)| choice(text, finish, None)).into();
    asked.probed(&["schema", "n"]).unwrap_or_else(|| completion(choices))
}

fn project(script: fn(&Asked) -> Act) -> (Project, Endpoint) {
    let endpoint = Endpoint::start(script);
    let project = Project::new();
    project.file("rewardctl.toml", endpoint.settings(r#"price = { input = "1", output = "2" }"#));
    project.file("p.jsonl", PROMPTS);
    (project, endpoint)
}

fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn texts(row: &Value) -> Vec<(&str, &str)> {
    let responses = row["responses"].as_array().unwrap().iter();
    responses.map(|one| (one["model"].as_str().unwrap(), one["text"].as_str().unwrap())).collect()
}

#[test]
fn prompts_become_candidates_that_scoring_reads() {
    let (project, endpoint) = project(four);
    let run = project.run("sample p.jsonl -o c.jsonl --top-p 0.9 --record t.jsonl --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let (sampled, lost) = (&report["sampled"], &report["sampled"]["lost"]);
    assert_eq!(
        (&sampled["candidates"], &lost["duplicates"], &lost["cut"]),
        (&json!(6), &json!(3), &json!(3))
    );
    let rows = rows(&project.read("c.jsonl"));
    assert_eq!(texts(&rows[0]), [("scripted", "2+2 is 4."), ("scripted", RUDE)]);
    assert_eq!((&rows[0]["reference"], &rows[0]["topic"]), (&json!("4"), &json!("maths")));
    assert_eq!(
        rows[0]["sampling"],
        json!({"n": 4, "temperature": 1.0, "top_p": 0.9, "max_reply_tokens": 1024})
    );
    assert_eq!(rows[1]["prompt"][0]["content"], "Be brief.");
    let bodies = endpoint.bodies();
    let about = |what: &str| bodies.iter().find(|body| body.contains(what)).unwrap();
    assert!(about("What is 2+2?").contains("\"n\":4"));
    assert!(about("Who sat?").contains("The cat sat on the mat."));
    let requests = endpoint.requests();

    let again = project.run("sample p.jsonl --top-p 0.9");
    assert_eq!(again.stdout, project.read("c.jsonl"));
    let elsewhere = Project::new();
    elsewhere.file("rewardctl.toml", project.read("rewardctl.toml"));
    elsewhere.file("p.jsonl", PROMPTS);
    elsewhere.file("t.jsonl", project.read("t.jsonl"));
    let played = elsewhere.run("sample p.jsonl --top-p 0.9 --replay t.jsonl --store none");
    assert_eq!(played.stdout, project.read("c.jsonl"), "{}", played.stderr);
    assert_eq!(endpoint.requests(), requests, "nothing is paid twice");

    if has_library() {
        let scored = project.run("score c.jsonl --panel rules --json");
        let report: Value = serde_json::from_str(&scored.stdout).unwrap();
        assert_eq!((&report["generators"][0]["name"], &report["responses"]), (&json!("scripted"), &json!(6)));
    }
}

#[test]
fn the_best_candidate_is_revised_and_marked() {
    if !has_library() {
        return;
    }
    let (project, endpoint) = project(|asked| {
        let is_revision = asked.text.contains("You correct responses.");
        match (is_revision, asked.text.contains("What is 2+2?")) {
            (true, _) => says("Four."),
            (false, true) => completion(vec![choice(RUDE, "stop", None); 4]),
            (false, false) => four(asked),
        }
    });
    let run = project.run("sample p.jsonl --revise --panel rules -o c.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let rows = rows(&project.read("c.jsonl"));
    let last = rows[0]["responses"].as_array().unwrap().last().unwrap();
    assert_eq!(last["model"], "scripted+revised", "{}", run.stderr);
    let findings = last["revision"]["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["critic"] == "rule.civility"), "{findings:#?}");
    assert!(findings.iter().all(|finding| finding["score"].as_f64().unwrap() < 0.75));
    let requests = endpoint.requests();
    let again = project.run("sample p.jsonl --revise --panel rules");
    assert_eq!(again.stdout, project.read("c.jsonl"));
    project.run("sample p.jsonl -o drawn.jsonl");
    let apart = project.run("sample drawn.jsonl -n 0 --revise --panel rules");
    assert_eq!(apart.stdout, project.read("c.jsonl"), "{}", apart.stderr);
    assert_eq!(endpoint.requests(), requests, "nothing is paid twice");
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let (project, _) = project(four);
    let check = |arguments: &str, code: i32, said: &str| {
        let run = project.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{}", run.stderr);
        assert!(run.stderr.contains(said), "{}", run.stderr);
    };
    check("sample p.jsonl --endpoint there", 2, "`sample` names endpoint `there`");
    check("sample p.jsonl --store none", 2, "keeps no ledger");
    check("sample p.jsonl -n 0", 2, "`-n 0` draws nothing");
    check("sample p.jsonl -o c.parquet", 2, "written as JSONL only");
    check("sample p.jsonl --max-calls 2", 4, "stopped by --max-calls after 0 of 12 responses");
    if has_library() {
        check("score p.jsonl --panel rules", 2, "`rewardctl sample FILE` draws responses");
    }
    let settings = "[endpoints.dead]\nbase-url = \"http://127.0.0.1:9/v1\"\nmodel = \"m\"\nattempts = 1\n";
    project.file("rewardctl.toml", settings);
    check("sample p.jsonl", 3, "endpoint `dead` cannot be asked");
}

#[test]
fn a_dry_run_tells_what_drawing_asks_and_sends_nothing() {
    let (project, endpoint) = project(four);
    let plan = |more: &str| -> Value {
        let run = project.run(&format!("sample p.jsonl --dry-run --json {more}"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    };
    let fresh = plan("");
    assert_eq!((&fresh["prompts"], &fresh["likely"]["calls"]), (&json!(3), &json!(3)));
    assert_eq!(fresh["endpoints"][0]["is_known"], false);
    assert!(!project.exists("store.db") && endpoint.requests() == 0);
    let run = project.run("sample p.jsonl --dry-run");
    for part in ["3 prompts: in all likely 3 calls", "was never asked", "300 tokens: a guess"] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    assert_eq!(project.run("sample p.jsonl -o c.jsonl").code, 0);
    let requests = endpoint.requests();
    let known = plan("");
    let only = &known["endpoints"][0];
    assert_eq!((&only["answered"], &only["likely"]["calls"]), (&json!(3), &json!(0)), "{known:#}");
    assert_eq!((&known["likely"]["cost_nano"], &only["learnt_from"]), (&json!(0), &json!(3)));
    assert_eq!(plan("-n 5")["likely"]["calls"], 3, "another number of candidates is another call");
    assert_eq!(endpoint.requests(), requests);
    let run = project.run("sample c.jsonl -n 0 --revise --dry-run");
    assert!(run.code == 2 && run.stderr.contains("rewardctl plan FILE"), "{}", run.stderr);
}

#[test]
fn a_dry_run_counts_each_draw_where_an_endpoint_gives_one_at_a_time() {
    let (project, _endpoint) = project(|asked| asked.probed(&["schema"]).unwrap_or_else(|| says("Four.")));
    assert_eq!(project.run("sample p.jsonl -n 1 -o c.jsonl").code, 0);
    let plan: Value = serde_json::from_str(&project.run("sample p.jsonl --dry-run --json").stdout).unwrap();
    let only = &plan["endpoints"][0];
    assert_eq!((&only["answered"], &only["likely"]["calls"]), (&json!(3), &json!(9)), "{plan:#}");
}
