//! Candidates: drawn, revised, and read by scoring.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::project::{Project, has_library};

const PROMPTS: &str = r#"{"id":"sum","prompt":"What is 2+2?","reference":"4","topic":"maths"}
{"id":"chat","prompt":[{"role":"system","content":"Be brief."},{"role":"user","content":"Name a prime."}]}
{"id":"mat","prompt":"Who sat?","documents":["The cat sat on the mat."]}
"#;

/// What a request gets: the texts of its choices, each with why it ended.
type Script = fn(&str, u64) -> Vec<(String, &'static str)>;

/// Serves chat completions by `script` as long as the process lives; returns the address and the requests so far.
fn serve(script: Script) -> (String, Arc<Mutex<Vec<Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(vec![]));
    let kept = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let asked = Arc::clone(&kept);
            thread::spawn(move || while answer(&stream, script, &asked).is_some() {});
        }
    });
    (format!("http://{address}/v1"), asked)
}

fn answer(stream: &TcpStream, script: Script, asked: &Mutex<Vec<Value>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if let Some(("content-length", value)) = line.to_lowercase().split_once(':') {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body: Value = serde_json::from_slice(&body).unwrap();
    let text = body["messages"].to_string();
    let choices = script(&text, body["n"].as_u64().unwrap_or(1)).into_iter().enumerate().map(|(at, (text, end))| {
        json!({"index": at, "finish_reason": end, "message": {"role": "assistant", "content": text}})
    });
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15});
    let reply =
        json!({"id": "x", "model": "m", "choices": choices.collect::<Vec<_>>(), "usage": usage}).to_string();
    asked.lock().unwrap().push(body);
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        reply.len()
    );
    (&mut &*stream).write_all((head + &reply).as_bytes()).ok()
}

/// Four answers to a prompt: a good one, the same with other blanks, one that is cut, a rude one; a revision; and
/// what a probe hears from a server that heeds schemas and gives several choices.
fn four(text: &str, n: u64) -> Vec<(String, &'static str)> {
    let whole = |text: &str| (text.to_string(), "stop");
    if text.contains("You correct responses.") {
        return vec![whole("The answer is four, because two and two make four.")];
    }
    if !["2+2", "prime", "Who sat?"].iter().any(|prompt| text.contains(prompt)) {
        return vec![whole(r#"{"colour": "q7"}"#); n as usize];
    }
    let cut = ("It is, as everybody".to_string(), "length");
    vec![whole("2+2 is 4."), whole(" 2+2  is\n4. "), cut, whole("SHUT UP, YOU IDIOT!!! I HATE YOU!!!")]
}

fn project(script: Script) -> (Project, Arc<Mutex<Vec<Value>>>) {
    let (address, asked) = serve(script);
    let project = Project::new();
    let price = r#"price = { input = "1", output = "2" }"#;
    let settings = format!("[endpoints.here]\nbase-url = \"{address}\"\nmodel = \"m-1\"\n{price}\n");
    project.file("rewardctl.toml", settings);
    project.file("p.jsonl", PROMPTS);
    (project, asked)
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
    let (project, asked) = project(four);
    let run = project.run("sample p.jsonl -o c.jsonl --top-p 0.9 --record t.jsonl --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let (sampled, lost) = (&report["sampled"], &report["sampled"]["lost"]);
    assert_eq!(
        (&sampled["candidates"], &lost["duplicates"], &lost["cut"]),
        (&json!(6), &json!(3), &json!(3))
    );
    let rows = rows(&project.read("c.jsonl"));
    let rude = "SHUT UP, YOU IDIOT!!! I HATE YOU!!!";
    assert_eq!(texts(&rows[0]), [("m-1", "2+2 is 4."), ("m-1", rude)]);
    assert_eq!((&rows[0]["reference"], &rows[0]["topic"]), (&json!("4"), &json!("maths")));
    assert_eq!(
        rows[0]["sampling"],
        json!({"n": 4, "temperature": 1.0, "top_p": 0.9, "max_reply_tokens": 1024})
    );
    assert_eq!(rows[1]["prompt"][0]["content"], "Be brief.");
    let calls = asked.lock().unwrap().clone();
    let about = |what: &str| calls.iter().find(|body| body["messages"].to_string().contains(what)).unwrap();
    assert_eq!(about("2+2")["n"], 4);
    assert_eq!(about("2+2")["messages"].as_array().unwrap().len(), 1, "the reference is not shown");
    assert!(about("Who sat?")["messages"].to_string().contains("The cat sat on the mat."));

    let again = project.run("sample p.jsonl --top-p 0.9");
    assert_eq!(again.stdout, project.read("c.jsonl"));
    let elsewhere = Project::new();
    elsewhere.file("rewardctl.toml", project.read("rewardctl.toml"));
    elsewhere.file("p.jsonl", PROMPTS);
    elsewhere.file("t.jsonl", fs::read(project.path().join("t.jsonl")).unwrap());
    let played = elsewhere.run("sample p.jsonl --top-p 0.9 --replay t.jsonl --store none");
    assert_eq!(played.stdout, project.read("c.jsonl"), "{}", played.stderr);
    assert_eq!(asked.lock().unwrap().len(), calls.len(), "nothing is paid twice");

    if has_library() {
        let scored = project.run("score c.jsonl --panel rules --json");
        let report: Value = serde_json::from_str(&scored.stdout).unwrap();
        assert_eq!((&report["generators"][0]["name"], &report["responses"]), (&json!("m-1"), &json!(6)));
    }
}

#[test]
fn the_best_candidate_is_revised_and_marked() {
    if !has_library() {
        return;
    }
    let (project, asked) = project(|text, n| {
        let answers = four(text, n);
        let all_rude = |(text, end): (String, _)| {
            (if text.starts_with("The answer") { text } else { text + " YOU IDIOT!!!" }, end)
        };
        if text.contains("2+2") { answers.into_iter().map(all_rude).collect() } else { answers }
    });
    let run = project.run("sample p.jsonl --revise --panel rules -o c.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let rows = rows(&project.read("c.jsonl"));
    let last = rows[0]["responses"].as_array().unwrap().last().unwrap();
    assert_eq!(last["model"], "m-1+revised", "{}", run.stderr);
    let findings = last["revision"]["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["critic"] == "rule.civility"), "{findings:#?}");
    assert!(findings.iter().all(|finding| finding["score"].as_f64().unwrap() < 0.75));
    let calls = asked.lock().unwrap().len();
    let again = project.run("sample p.jsonl --revise --panel rules");
    assert_eq!(again.stdout, project.read("c.jsonl"));
    project.run("sample p.jsonl -o drawn.jsonl");
    let apart = project.run("sample drawn.jsonl -n 0 --revise --panel rules");
    assert_eq!(apart.stdout, project.read("c.jsonl"), "{}", apart.stderr);
    assert_eq!(asked.lock().unwrap().len(), calls, "nothing is paid twice");
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
