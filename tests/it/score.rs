//! The main job.

use std::fs::read;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::project::{ANSWERS, Project, has_library, outcome};

fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn rewards_come_out_with_everything_they_rest_on() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("answers.jsonl", ANSWERS);
    let run = project.run("score answers.jsonl -o rewards.jsonl --audit-share 0");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("answers.jsonl: JSONL, prompt + several responses"), "{}", run.stderr);
    let rows = rows(&project.read("rewards.jsonl"));
    assert_eq!(rows.len(), 4);
    let reward = |at: usize| rows[at]["reward"].as_f64().unwrap();
    assert!(reward(0) > reward(1) && reward(2) > reward(3), "{rows:#?}");
    assert_eq!(rows[3]["route"], "review");
    assert!(rows[3]["route_reason"].as_str().unwrap().contains("rule.secrets"));
    assert!(
        !project.read("rewards.jsonl").contains("AKIAIOSFODNN7EXAMPLE"),
        "a secret must not reach a rationale"
    );
    for row in &rows {
        let verdicts = row["verdicts"].as_array().unwrap();
        let rests_on: f64 = verdicts
            .iter()
            .filter_map(|verdict| Some(verdict["score"].as_f64()? * verdict["weight"].as_f64()?))
            .sum();
        assert!((rests_on - row["reward"].as_f64().unwrap()).abs() < 1e-5, "{row:#}");
        for verdict in verdicts {
            assert_eq!(verdict["outcome"] == "scored", verdict["score"].is_number(), "{verdict:#}");
        }
    }
}

#[test]
fn threads_order_and_repetition_change_no_byte() {
    if !has_library() {
        return;
    }
    let lines: Vec<String> = (0..300)
        .map(|n| {
            format!(
                "{{\"prompt\":\"Count to {n}.\",\"response\":\"One, two, {n}.{}\"}}",
                " more".repeat(n % 40)
            )
        })
        .collect();
    let mut bytes = vec![];
    for (threads, order) in [("1", "x.jsonl y.jsonl"), ("2", "x.jsonl y.jsonl"), ("3", "y.jsonl x.jsonl")] {
        let project = Project::new();
        project.file("x.jsonl", lines[..200].join("\n"));
        project.file("y.jsonl", lines[200..].join("\n"));
        let first = project.run(&format!("score {order} -o out.jsonl --threads {threads} --panel rules"));
        assert_eq!(first.code, 0, "{}", first.stderr);
        bytes.push(read(project.path().join("out.jsonl")).unwrap());
        project.run(&format!("score {order} -o out.jsonl --threads {threads} --panel rules"));
        bytes.push(read(project.path().join("out.jsonl")).unwrap());
    }
    assert!(bytes.iter().all(|one| *one == bytes[0]));
}

#[test]
fn a_budget_is_kept() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let lines: Vec<String> = (0..100)
        .map(|n| {
            format!("{{\"prompt\":\"Tell me about {n}.\",\"response\":\"{}\"}}", "word ".repeat(1 + n % 17))
        })
        .collect();
    project.file("x.jsonl", lines.join("\n"));
    let run = project.run("score x.jsonl --panel rules --review-budget 10% --audit-share 0 --json");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["reward"]["routed"], 10, "{report:#}");
    assert_eq!(report["reward"]["responses"], 100);
}

#[test]
fn fields_that_are_kept_can_be_compared_by() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let row = |at: usize| {
        let topic = if at.is_multiple_of(2) { "tax" } else { "law" };
        format!(
            "{}\n",
            json!({"prompt": format!("q{at}"), "response": "It is four.", "topic": topic, "meta": {"n": at}})
        )
    };
    project.file("in.jsonl", (0..40).map(row).collect::<String>());
    for format in ["jsonl", "csv", "parquet"] {
        let out = format!("out.{format}");
        let run = project.run(&format!("score in.jsonl --panel rules --keep topic,meta.n,gone -o {out}"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stderr.contains("no file has the field `gone`"), "{}", run.stderr);
        let gate = project.run(&format!("gate {out} --min-mean 0.1 --pass-if not-refuted --by topic"));
        assert!(
            gate.stdout.contains("topic law") && gate.stdout.contains("topic tax"),
            "{}{}",
            gate.stdout,
            gate.stderr
        );
    }
    let first = &rows(&project.read("out.jsonl"))[1];
    assert_eq!(first["fields"], json!({"topic": "law", "meta.n": "1", "gone": ""}));
    for field in ["prompt", "model"] {
        let refused = project.run(&format!("score in.jsonl --panel rules --keep {field} -o x.jsonl"));
        assert_eq!(refused.code, 2, "{}", refused.stderr);
    }
}

#[test]
fn stdin_goes_in_and_rows_come_out() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let rows_file = project.file("x.csv", "prompt,response\nSay hi,\"Hi, there\"\n");
    let mut command = project.command("score --panel rules");
    command.stdin(std::fs::File::open(rows_file).unwrap());
    let run = outcome(command);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let rows = rows(&run.stdout);
    assert_eq!(rows[0]["source"], "stdin");
    assert_eq!(rows[0]["row"], 2);
}

#[test]
fn two_masters_of_stdout_are_refused() {
    let project = Project::new();
    project.file("x.jsonl", "{\"prompt\":\"a\",\"response\":\"b\"}");
    if has_library() {
        let run = project.run("score x.jsonl -o - --json");
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    }
}

#[test]
fn a_reader_that_goes_away_ends_a_command_in_silence() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("x.jsonl", "{\"prompt\":\"a\",\"response\":\"b\"}\n".repeat(1000));
    for arguments in ["score x.jsonl --panel rules", "status", "queue list", "export --for trl-prompts -o -"]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = project.command(arguments);
        command.stdout(writer).stderr(Stdio::piped());
        let output = command.spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(141), "{arguments}");
        assert!(!String::from_utf8(output.stderr).unwrap().contains("error"), "{arguments}");
    }
}

#[test]
fn a_gate_that_is_not_met_says_why() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("x.jsonl", "{\"prompt\":\"a\",\"response\":\"b\"}");
    let run = project.run("score x.jsonl --panel rules --review-budget 100% --fail-on review --json");
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("`--fail-on review`, and 1 of 1 response to people"), "{}", run.stderr);
}

#[test]
fn no_reward_at_all_stands_out() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("x.jsonl", "{\"prompt\":\"a\",\"response\":\"b\"}");
    project.file(
        "panel.toml",
        "name = 'x'\n[[dimension]]\nname = 'accuracy'\nweight = 1\n[[critic]]\nname = 'rule.exact_match'\n",
    );
    let run = project.run("score x.jsonl --panel panel.toml --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("warning: no reward at all for 1 response: too few critics"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_interrupted_run_goes_on_where_it_was() {
    if !has_library() {
        return;
    }
    let lines: Vec<String> = (0..20_000)
        .map(|n| {
            format!("{{\"prompt\":\"Explain {n}.\",\"response\":\"{} {n}\"}}", "It is a number. ".repeat(5))
        })
        .collect();
    let undisturbed = Project::new();
    undisturbed.file("x.jsonl", lines.join("\n"));
    undisturbed.run("score x.jsonl -o out.jsonl --panel rules");
    let killed = Project::new();
    killed.file("x.jsonl", lines.join("\n"));
    for _ in 0..3 {
        let mut run = killed.command("score x.jsonl -o out.jsonl --panel rules").spawn().unwrap();
        // Until it has saved something new, or is done.
        let before = saved(&killed);
        while saved(&killed) == before && run.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        run.kill().unwrap();
        run.wait().unwrap();
        assert!(!killed.exists("out.jsonl") || saved(&killed) == before, "no half-written output");
    }
    killed.run("score x.jsonl -o out.jsonl --panel rules");
    assert!(killed.read("out.jsonl") == undisturbed.read("out.jsonl"));
}

/// The size of the store's write-ahead log: it grows with every commit.
fn saved(project: &Project) -> u64 {
    std::fs::metadata(project.path().join("store.db-wal")).map_or(0, |log| log.len())
}

#[test]
fn the_library_keeps_no_telemetry() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("answers.jsonl", ANSWERS);
    let mut command = project.command("score answers.jsonl --panel rules -o rewards.jsonl");
    command.env("HOME", project.path()).env_remove("XDG_CACHE_HOME").env_remove("ORT_DISABLE_TELEMETRY");
    let run = outcome(command);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!project.exists(".cache"), "something was kept in the user's cache");
}
