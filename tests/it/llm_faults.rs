//! LLM critics under faults: nothing is paid twice, nothing is lost, no secret gets out, and every run ends.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::endpoint::{Act, Asked, Endpoint, error, scores};
use crate::llm::{ONE_CRITIC, project, rows_of, score, verdicts};
use crate::project::{Project, has_library, outcome};

/// Rows of `count` responses that differ.
fn rows(count: usize) -> String {
    (0..count).map(|n| format!("{{\"prompt\":\"Say {n}.\",\"response\":\"It is {n}.\"}}\n")).collect()
}

fn obedient(asked: &Asked) -> Act {
    asked.probed(&["schema"]).unwrap_or_else(|| scores(["1", "2", "3", "4", "5"][asked.text.len() % 5]))
}

/// Looks for `secret` in everything that the run left or said.
fn is_anywhere(project: &Project, secret: &str) -> bool {
    let has = |bytes: Vec<u8>| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
    fs::read_dir(project.path())
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().is_file())
        .any(|entry| has(fs::read(entry.path()).unwrap()))
}

#[test]
fn a_busy_server_is_waited_for_as_long_as_it_asks() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| match asked.before {
        0 => Act::Reply(429, vec![("retry-after-ms", "150".into())], "{\"error\": \"slow down\"}".into()),
        _ => obedient(asked),
    });
    let project = project(&endpoint, "", ONE_CRITIC, &rows(3));
    let start = Instant::now();
    let run = score(&project, "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(start.elapsed() >= Duration::from_millis(300), "the probe waits, then the calls do");
    assert!(verdicts(&project).iter().all(|verdict| verdict["outcome"] == "scored"));
    assert_eq!(endpoint.requests(), 8);
}

#[test]
fn every_fault_is_survived_by_asking_again() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| match (asked.before, asked.text.len() % 18) {
        (0, 0) => Act::Reply(500, vec![], "{\"error\": {\"message\": \"oops\"}}".into()),
        (0, 1) => Act::Reply(503, vec![], "<html><body>503</body></html>".into()),
        (0, 2) => Act::Cut(format!("{{\"choices\": [{}]}}", " ".repeat(200))),
        (0, 3) => Act::Close,
        (0, 4) => Act::Reply(200, vec![], "{\"choices\": []}".into()),
        (0, 5) => Act::Reply(200, vec![], "<html>login</html>".into()),
        _ => obedient(asked),
    });
    let lines: Vec<String> = (0..54).map(|n| "x".repeat(n + 1)).collect();
    let texts: Vec<&str> = lines.iter().map(String::as_str).collect();
    let project =
        project(&endpoint, "price = { input = \"1\", output = \"2\" }", ONE_CRITIC, &rows_of(&texts));
    let run = score(&project, "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(verdicts(&project).iter().all(|verdict| verdict["outcome"] == "scored"));
    assert_eq!(endpoint.bodies().len() - endpoint.repeats(), 54);
    assert_eq!(endpoint.repeats(), 18, "three of each fault");
}

#[test]
fn an_endpoint_that_is_down_ends_the_run_at_once() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = "model = \"m\"\nattempts = 2";
    project.file(
        "rewardctl.toml",
        format!("[endpoints.main]\nbase-url = \"http://127.0.0.1:{port}/v1\"\n{settings}\n"),
    );
    project.file("panel.toml", ONE_CRITIC);
    project.file("x.jsonl", rows(300));
    let start = Instant::now();
    let run = score(&project, "");
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("endpoint `main` cannot be asked"), "{}", run.stderr);
    assert!(!project.exists("out.jsonl"));
    assert!(start.elapsed() < Duration::from_secs(10), "300 rows must not probe 300 times");
}

const KEY: &str = "sk-test-0123456789abcdefghij";

#[test]
fn a_key_that_is_not_accepted_ends_the_run_and_stays_secret() {
    if !has_library() {
        return;
    }
    // The key is revoked in the middle of the run, and the server repeats it in every place.
    let asked_so_far = AtomicUsize::new(0);
    let endpoint = Endpoint::start(move |asked| {
        assert_eq!(asked.key, format!("Bearer {KEY}"));
        match asked_so_far.fetch_add(1, Ordering::SeqCst) {
            0..10 => {
                let said = format!("{{\"score\": 4, \"rationale\": \"Your key is {KEY}.\"}}");
                asked.probed(&["schema"]).unwrap_or_else(|| crate::endpoint::says(&said))
            }
            _ => {
                let words = format!("{{\"error\": {{\"message\": \"Incorrect API key provided: {KEY}\"}}}}");
                Act::Reply(401, vec![("x-request-id", format!("req-{KEY}"))], words)
            }
        }
    });
    let project = project(&endpoint, "api-key-env = \"TEST_KEY\"\nconcurrency = 2", ONE_CRITIC, &rows(200));
    let mut command = project.command("score x.jsonl --panel panel.toml -o out.jsonl --record tape.jsonl");
    command.env("TEST_KEY", KEY);
    let run = outcome(command);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("endpoint `main` refuses every call"), "{}", run.stderr);
    assert!(run.stderr.contains("the key was not accepted"), "{}", run.stderr);
    assert!(endpoint.requests() <= 13, "what was about to leave, and no more: {}", endpoint.requests());
    assert!(!format!("{}{}", run.stdout, run.stderr).contains(KEY));
    assert!(!is_anywhere(&project, KEY));
    assert!(!is_anywhere(&project, &KEY[8..]), "not a part of it either");
    assert!(project.exists("store.db") && project.exists("tape.jsonl"));
}

#[test]
fn a_cap_on_calls_stops_the_run_and_a_higher_one_goes_on() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(obedient);
    let project = project(&endpoint, "concurrency = 8", ONE_CRITIC, &rows(40));
    let run = score(&project, "--max-calls 15");
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stderr.contains("--max-calls"), "{}", run.stderr);
    assert_eq!(endpoint.requests(), 15);
    let run = score(&project, "--max-calls 100");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(verdicts(&project).len(), 40);
    assert_eq!((endpoint.bodies().len(), endpoint.repeats()), (40, 0));
}

#[test]
fn a_cap_on_money_is_used_up_though_calls_reserve_more_than_they_need() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(obedient);
    // A call costs 100 × 1 + 10 × 1 micro-dollars and reserves some 1,500: three at once would pass the cap.
    let settings = "concurrency = 16\nprice = { input = \"1\", output = \"1\" }";
    let project = project(&endpoint, settings, ONE_CRITIC, &rows(200));
    let run = score(&project, "--max-cost 0.006");
    assert_eq!(run.code, 4, "{}", run.stderr);
    let spent = endpoint.requests() as f64 * 0.00011;
    assert!(spent <= 0.006 && spent > 0.003, "{spent} of 0.006");
}

#[test]
fn what_was_recorded_plays_elsewhere_without_an_endpoint() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| match (asked.before, asked.text.len() % 3) {
        (0, 0) => Act::Reply(500, vec![("x-request-id", "r1".into())], "{}".into()),
        (_, 1) => crate::endpoint::says("no verdict at all"),
        _ => obedient(asked),
    });
    let lines: Vec<String> = (0..12).map(|n| "y".repeat(n % 9 + 1)).collect();
    let texts: Vec<&str> = lines.iter().map(String::as_str).collect();
    let recorded = project(&endpoint, "", ONE_CRITIC, &rows_of(&texts));
    let run = score(&recorded, "--record tape.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let before = endpoint.requests();
    let played = project(&endpoint, "api-key-env = \"NOT_SET\"", ONE_CRITIC, &rows_of(&texts));
    played.file("tape.jsonl", recorded.read("tape.jsonl"));
    for _ in 0..2 {
        let run = score(&played, "--replay tape.jsonl");
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(played.read("out.jsonl") == recorded.read("out.jsonl"));
    }
    assert_eq!(endpoint.requests(), before, "a replay asks nobody");
    // Once more from the ledger alone: the cassette says the same.
    let again = score(&recorded, "--record tape2.jsonl");
    assert_eq!((again.code, endpoint.requests()), (0, before), "{}", again.stderr);
    played.file("tape.jsonl", recorded.read("tape2.jsonl"));
    let run = score(&played, "--replay tape.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(played.read("out.jsonl") == recorded.read("out.jsonl"));
    // Without a line that it needs, a replay stops instead of asking.
    let tape = recorded.read("tape.jsonl");
    let key = &tape[..40];
    let short: Vec<&str> = tape.lines().filter(|line| !line.starts_with(key)).collect();
    played.file("tape.jsonl", short.join("\n") + "\n");
    let run = score(&played, "--replay tape.jsonl --store other.db");
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("which is not in cassette"), "{}", run.stderr);
}

#[test]
fn a_killed_run_pays_no_finished_call_again() {
    if !has_library() {
        return;
    }
    let late = |asked: &Asked| Act::Late(Duration::from_millis(15), Box::new(obedient(asked)));
    let endpoint = Endpoint::start(late);
    let killed = project(&endpoint, "concurrency = 4", ONE_CRITIC, &rows(60));
    for stop_at in [15, 35] {
        let mut command = killed.command("score x.jsonl --panel panel.toml -o out.jsonl --audit-share 0");
        let mut run = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while endpoint.requests() < stop_at && run.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(1));
        }
        run.kill().unwrap();
        run.wait().unwrap();
    }
    let run = score(&killed, "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(endpoint.repeats() <= 12, "at most what was about to leave at two kills: {}", endpoint.repeats());
    let undisturbed = project(&endpoint, "", ONE_CRITIC, &rows(60));
    assert_eq!(score(&undisturbed, "").code, 0);
    assert!(killed.read("out.jsonl") == undisturbed.read("out.jsonl"));
}

#[cfg(unix)]
#[test]
fn an_interrupt_wakes_whoever_waits_for_another_try() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| match asked.probed(&["schema"]) {
        Some(act) => act,
        None => Act::Reply(429, vec![("retry-after", "100".into())], "{}".into()),
    });
    let project = project(&endpoint, "concurrency = 4", ONE_CRITIC, &rows(50));
    let mut command = project.command("score x.jsonl --panel panel.toml -o out.jsonl");
    let mut run = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while endpoint.bodies().is_empty() {
        sleep(Duration::from_millis(5));
    }
    sleep(Duration::from_millis(100));
    Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap();
    let start = Instant::now();
    assert_eq!(run.wait().unwrap().code(), Some(130));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_server_that_hangs_costs_its_timeout_and_no_more() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| match asked.text.contains("It is 1.") {
        true => Act::Late(Duration::from_secs(60), Box::new(scores("5"))),
        false => obedient(asked),
    });
    let project = project(&endpoint, "timeout-s = 1\nattempts = 2", ONE_CRITIC, &rows(3));
    let run = score(&project, "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let outcomes: Vec<_> = verdicts(&project).iter().map(|verdict| verdict["outcome"].clone()).collect();
    assert_eq!(outcomes, ["scored", "failed", "scored"]);
    assert_eq!(endpoint.repeats(), 1);
}

#[test]
fn a_server_that_forgets_what_it_could_do_is_probed_again() {
    if !has_library() {
        return;
    }
    let has_changed = Arc::new(AtomicBool::new(false));
    let changed = Arc::clone(&has_changed);
    let endpoint = Endpoint::start(move |asked| {
        let is_schema = asked.body["response_format"]["type"] == "json_schema";
        match changed.load(Ordering::SeqCst) && is_schema {
            true => error(400, "json_schema is not supported", Some("response_format")),
            false => asked.probed(&["schema", "object"]).unwrap_or_else(|| scores("4")),
        }
    });
    let project = project(&endpoint, "", ONE_CRITIC, &rows(5));
    assert_eq!(score(&project, "").code, 0);
    has_changed.store(true, Ordering::SeqCst);
    project.file("x.jsonl", rows(30));
    let run = score(&project, "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(verdicts(&project).iter().all(|verdict| verdict["outcome"] == "scored"));
}

#[test]
fn one_request_that_a_server_cannot_take_fails_alone() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked| match asked.text.contains("It is 2.") {
        true => error(400, "max_tokens is too large: the context has 100 tokens", None),
        false => obedient(asked),
    });
    let project = project(&endpoint, "", ONE_CRITIC, &rows(6));
    let run = score(&project, "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let failed: Vec<usize> = (0..6).filter(|n| verdicts(&project)[*n]["outcome"] == "failed").collect();
    assert_eq!(failed, [2]);
    assert!(endpoint.requests() <= 12, "{} requests", endpoint.requests());
}
