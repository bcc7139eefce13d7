//! Near-duplicate rows and contaminated ones.

use serde_json::Value;

use crate::project::Project;

const LONG: &str = "The committee met on Tuesday to discuss the new library, its opening hours, the cost of heating, \
                    the colour of the shelves, and whether dogs that wait outside should be given water in summer; \
                    it heard the architect, two teachers and a plumber, read eleven letters, and walked through all rooms.";

fn row(id: usize, text: &str) -> String {
    format!("{}\n", serde_json::json!({"id": id, "prompt": text, "response": "It is settled.", "score": 1.0}))
}

fn rows(project: &Project, name: &str) -> Vec<Value> {
    project.read(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn with_duplicates() -> Project {
    let project = Project::new();
    let near = format!("{LONG} Everybody agreed.");
    let texts = ["Why?", LONG, "What is 2+2?", &near, &LONG.to_uppercase()];
    let file: String = texts.iter().enumerate().map(|(id, text)| row(id, text)).collect();
    project.file("rows.jsonl", file);
    project
}

#[test]
fn the_first_of_each_component_is_kept() {
    let project = with_duplicates();
    let run = project.run("duplicates rows.jsonl -o kept.jsonl --pairs pairs.jsonl --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    let counts =
        ["rows", "components", "duplicates", "copies", "kept"].map(|name| found[name].as_u64().unwrap());
    assert_eq!(counts, [5, 1, 2, 1, 3]);
    let kept = rows(&project, "kept.jsonl");
    assert_eq!(kept.iter().map(|row| row["id"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(project.read("kept.jsonl").lines().next().unwrap(), row(0, "Why?").trim());
    let pairs = rows(&project, "pairs.jsonl");
    assert_eq!(pairs.len(), 2);
    assert_eq!((&pairs[0]["first"]["line"], &pairs[0]["second"]["line"]), (&Value::from(2), &Value::from(4)));
    assert!(pairs[0]["jaccard"].as_f64().unwrap() < 1.0 && pairs[1]["jaccard"] == 1.0);
    assert!(
        run.stderr.contains("wrote 3 rows to kept.jsonl\nwrote 2 pairs to pairs.jsonl"),
        "{}",
        run.stderr
    );
}

#[test]
fn threads_and_seed_change_nothing_here() {
    let project = with_duplicates();
    let told = |more: &str| project.run(&format!("duplicates rows.jsonl --json {more}")).stdout;
    assert_eq!(told("--threads 1"), told("--threads 3"));
    assert_eq!(told(""), told("--seed 5"));
}

#[test]
fn a_person_reads_what_is_alike_and_no_terminal_is_driven() {
    let project = Project::new();
    let escaped = format!("\u{1b}[2J{LONG}");
    project.file("rows.jsonl", row(1, &escaped) + &row(2, &format!("{escaped} So it was.")));
    let run = project.run("duplicates rows.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.starts_with("2 rows: 1 component of two or more; 1 row (50.0 %)"), "{}", run.stdout);
    assert!(
        run.stdout.contains("The least alike pairs:\n0.") && run.stdout.contains("rows.jsonl:2: ·[2JThe")
    );
    assert!(!run.stdout.contains('\u{1b}'));
}

#[test]
fn a_field_may_be_named() {
    let project = with_duplicates();
    let all: Value =
        serde_json::from_str(&project.run("duplicates rows.jsonl --field response --json").stdout).unwrap();
    assert_eq!((&all["duplicates"], &all["copies"]), (&Value::from(4), &Value::from(4)));
    let run = project.run("duplicates rows.jsonl --field nothing");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("rows.jsonl:1: field `nothing`: missing"), "{}", run.stderr);
}

#[test]
fn a_row_that_holds_a_benchmark_item_is_not_kept() {
    let project = Project::new();
    let question = "A train leaves the station at noon and travels at sixty miles an hour; when is it home?";
    project.file("bench.jsonl", serde_json::json!({"task": 7, "question": question}).to_string());
    project.file("rows.jsonl", row(1, "Why?") + &row(2, &format!("Please answer. {question} Think first.")));
    let run = project.run("duplicates rows.jsonl --benchmark bench.jsonl -o - --show 1");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stdout, row(1, "Why?"));
    assert!(run.stderr.contains("1 row with one of 1 item of the benchmark\n1 row kept"), "{}", run.stderr);
    assert!(run.stderr.contains("1.00  bench.jsonl:1  rows.jsonl:2  Please answer."), "{}", run.stderr);
}

#[test]
fn what_cannot_be_read_is_refused_or_left_out() {
    let project = Project::new();
    project.file("rows.jsonl", row(1, LONG) + "{\n" + &row(2, "Why is the sky blue?"));
    let run = project.run("duplicates rows.jsonl -o kept.jsonl");
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("rows.jsonl:2: not valid JSON") && !project.exists("kept.jsonl"),
        "{}",
        run.stderr
    );
    let run = project.run("duplicates rows.jsonl -o kept.jsonl --on-bad-row skip");
    assert_eq!((run.code, rows(&project, "kept.jsonl").len()), (0, 2), "{}", run.stderr);
    assert!(run.stderr.starts_with("left out 1 row that cannot be used:\n  rows.jsonl:2:"), "{}", run.stderr);
    for refused in ["--threshold 0.2", "--threshold x", "-o rows.jsonl", "-o - --json", "--pairs - -o -"] {
        assert_eq!(project.run(&format!("duplicates rows.jsonl {refused}")).code, 2, "{refused}");
    }
}
