//! What people are asked next, and what their answers are good for.

use std::fmt::Write;

use serde_json::Value;

use crate::project::{Project, has_library};

/// Prompts with a good and a bad answer, told apart by the rules on style.
fn answers(count: usize) -> String {
    let mut rows = String::new();
    for at in 0..count {
        let good =
            format!("Number {at} is even, because it is twice {}. You can check this by halving it.", at / 2);
        let hedges = "perhaps, maybe, I guess, ".repeat(at % 4);
        let bad = format!("{at} {hedges}it might be, OK!!!! WELL {}", "WHO KNOWS!!! ".repeat(at % 5));
        let _ = writeln!(rows, r#"{{"id":"p{at}","prompt":"Is {at} even?","responses":["{good}","{bad}"]}}"#);
    }
    rows
}

/// Few critics, so that fits are quick.
const PANEL: &str = r#"
name = "small"
[quorum]
coverage = 0.5
dimensions = 1
[[dimension]]
name = "style"
weight = 1.0
[[critic]]
name = "rule.shouting"
weight = 1
[[critic]]
name = "rule.hedging"
weight = 1
[[critic]]
name = "rule.readability"
weight = 1
"#;

/// A project with so many prompts, scored.
fn scored(prompts: usize) -> Project {
    let project = Project::new();
    project.file("small.toml", PANEL);
    project.file("in.jsonl", answers(prompts));
    let run = project.run("score in.jsonl --panel small.toml --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    project
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Adds the better answer to every pair that waits, and imports the lines as labels.
fn answer_all(project: &Project) -> usize {
    let run = project.run("queue list --json --limit 1000");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let pairs: Vec<Value> = lines(&run.stdout).into_iter().filter(|line| line["kind"] == "compare").collect();
    if pairs.is_empty() {
        return 0;
    }
    let mut labels = String::new();
    for pair in &pairs {
        let good = pair["response_a"].as_str().unwrap().starts_with("Number");
        let mut label = pair.clone();
        label["kind"] = "compare".into();
        label["winner"] = if good { "a" } else { "b" }.into();
        label["annotator"] = "ana".into();
        let _ = writeln!(labels, "{label}");
    }
    project.file("answers.jsonl", labels);
    let run = project.run("label import answers.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    pairs.len()
}

fn purposes(run: &str) -> impl Fn(&str) -> usize {
    let planned: Value = serde_json::from_str(run).unwrap();
    move |purpose| {
        planned["tasks"].as_array().unwrap().iter().filter(|task| task["purpose"] == purpose).count()
    }
}

#[test]
fn from_the_first_question_to_a_guarantee() {
    if !has_library() {
        return;
    }
    let project = scored(400);
    let run = project.run("queue plan -n 50 --panel small.toml --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let count = purposes(&run.stdout);
    assert_eq!((count("calibrate"), count("audit"), count("relabel"), count("teach")), (10, 5, 0, 35));
    // The same question is not asked twice, and answers take it off the list.
    assert_eq!(answer_all(&project), 50);
    assert_eq!(answer_all(&project), 0);

    let run = project.run("learn --panel small.toml --hold-back --promote --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("10 labels of pairs drawn for calibration held back"), "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["report"]["pairs"], 40);

    // Rewards of another aggregator are not ranked by this one.
    assert_eq!(project.run("queue plan --panel small.toml").code, 4);
    assert_eq!(project.run("score in.jsonl --panel small.toml --json").code, 0);
    let run = project.run("queue plan -n 200 --panel small.toml --json");
    let count = purposes(&run.stdout);
    assert!(count("calibrate") == 40 && count("teach") >= 130, "{}", run.stdout);
    assert!(run.stdout.contains("its label teaches most"), "{}", run.stdout);
    answer_all(&project);
    let run = project.run("calibrate --panel small.toml --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&found["guaranteed"], &found["calibration"]["wrong"]), (&true.into(), &0.into()), "{found}");
    // The audits of the second batch say whether the promise holds.
    let run = project.run("calibrate --panel small.toml --json");
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(found["drift"]["errors"]["hits"], 0, "{found}");
}

#[test]
fn what_was_learnt_from_promises_nothing() {
    if !has_library() {
        return;
    }
    let project = scored(200);
    assert_eq!(project.run("queue plan -n 150 --panel small.toml").code, 0);
    answer_all(&project);
    assert_eq!(project.run("learn --panel small.toml --promote --json").code, 0);
    assert_eq!(project.run("score in.jsonl --panel small.toml --json").code, 0);
    let run = project.run("calibrate --panel small.toml");
    assert!(
        run.stdout.contains("Nothing is promised. The aggregator learnt from these labels."),
        "{}",
        run.stdout
    );
    assert!(project.run("model list").code == 0);
}

#[test]
fn fixed_weights_keep_no_threshold() {
    if !has_library() {
        return;
    }
    let project = scored(3);
    let run = project.run("calibrate --panel small.toml");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("learn --hold-back"), "{}", run.stderr);
}

fn counted(tasks: usize) -> String {
    if tasks == 1 { "1 task".into() } else { format!("{tasks} tasks") }
}

/// The number of what waits is that of its task.
#[test]
fn what_waits_is_shown_by_its_number() {
    let project = scored(6);
    let listed = lines(&project.run("queue list --json").stdout);
    let waiting = listed.iter().find(|line| line["kind"] == "rate").unwrap();
    let number = waiting["task"].as_i64().unwrap();
    let shown: Value =
        serde_json::from_str(&project.run(&format!("queue show {number} --json")).stdout).unwrap();
    assert_eq!(shown["task"]["question"]["responses"][0], waiting["response_id"]);
    let table = project.run("queue list").stdout;
    let short = &waiting["response_id"].as_str().unwrap()[..12];
    let row = table.lines().find(|line| line.contains(short)).unwrap();
    assert_eq!(row.split_whitespace().find_map(|word| word.parse().ok()), Some(number), "{row}");
}

/// Whoever counts the queue counts the same, in the same words.
#[test]
fn status_and_stats_count_the_same() {
    let project = scored(6);
    assert_eq!(project.run("queue list").code, 0);
    assert_eq!(project.run("queue close 1").code, 0);
    let stats = project.run("queue stats").stdout;
    let sums = stats.lines().next().unwrap().trim_end_matches('.');
    assert!(sums.contains("open, 0 held, 0 decided, 0 labels in force"), "{sums}");
    let status = project.run("status").stdout;
    assert!(
        status.lines().any(|line| line.starts_with("review") && line.ends_with(sums)),
        "{sums}\n{status}"
    );
    let json = |command: &str| serde_json::from_str::<Value>(&project.run(command).stdout).unwrap();
    let (stats, status) = (json("queue stats --json"), json("status --json"));
    assert_eq!(stats["queue"], status["queue"]);
    assert!(status["counts"]["queued"].is_null());
}

#[test]
fn many_tasks_are_closed_and_reopened_at_once() {
    let project = scored(6);
    let listed = |filter: &str| lines(&project.run(&format!("queue list --json {filter}")).stdout).len();
    let waiting = listed("--purpose route");
    assert!(waiting > 1, "{waiting}");
    assert_eq!(listed("--purpose audit --reason nothing"), 0);
    assert_eq!(project.run("queue close").code, 2, "nothing named is no wish for all");
    assert_eq!(project.run("queue close 1 --purpose route").code, 2);
    let tried = project.run("queue close --purpose route --dry-run");
    assert!(tried.stdout.starts_with(&format!("Would close {waiting} tasks: 1, 2")), "{}", tried.stdout);
    let closed: Value =
        serde_json::from_str(&project.run("queue close --purpose route --json").stdout).unwrap();
    assert_eq!(closed["closed"].as_array().unwrap().len(), waiting);
    assert_eq!(listed("--purpose route"), 0);
    assert!(
        lines(&project.run("queue list --json --limit 100").stdout).is_empty(),
        "closed is closed everywhere"
    );
    let again = project.run("queue close 1");
    assert_eq!(again.stdout, "Closed 0 tasks.\n");
    assert!(again.stderr.contains("1 task as they were"), "{}", again.stderr);
    assert_eq!(project.run("queue reopen 1").stdout, "Reopened 1 task: 1.\n");
    assert_eq!(listed("--purpose route"), 1);
    let rest = project.run("queue reopen --purpose route");
    assert!(rest.stdout.starts_with(&format!("Reopened {}: 2", counted(waiting - 1))), "{}", rest.stdout);
    assert_eq!(listed("--purpose route"), waiting);
    assert!(project.run("audit log").stdout.contains("queue.close"));
}
