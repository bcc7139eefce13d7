//! `rewardctl lint`: wired, exit codes, what it prints, and mending.

use serde_json::Value;

use crate::project::Project;

const CLEAN: &str = r#"{"prompt":"Name a prime.","chosen":"Seven.","rejected":"Nine."}
{"prompt":"Name a cube.","chosen":"Eight.","rejected":"Nine."}
"#;
const EMPTY: &str = r#"{"prompt":"Name a prime.","chosen":"Seven.","rejected":"Nine."}
{"prompt":"Name a cube.","chosen":"","rejected":"Nine."}
"#;
const EQUAL: &str = r#"{"prompt":"Name a prime.","chosen":"Seven.","rejected":"Seven."}
{"prompt":"Name a cube.","chosen":"Eight.","rejected":"Nine."}
"#;

#[test]
fn exit_codes_say_what_was_found() {
    let project = Project::new();
    project.file("clean.jsonl", CLEAN);
    project.file("empty.jsonl", EMPTY);
    project.file("equal.jsonl", EQUAL);
    project.file("x.bin", b"\x7fELF\0\x01");
    let cases = [
        ("lint clean.jsonl", 0, "0 errors, 0 warnings, 0 notes"),
        ("lint --for trl-dpo clean.jsonl", 0, "0 errors, 0 warnings, 0 notes for trl-dpo"),
        ("lint empty.jsonl", 1, "empty.jsonl:2: field `chosen`: the answer is empty"),
        ("lint equal.jsonl", 0, "equal.jsonl:1: field `rejected`"),
        ("lint equal.jsonl --deny warnings", 1, "1 warning"),
        ("lint empty.jsonl --ignore E05", 0, "0 errors"),
        ("lint empty.jsonl --select S", 0, "0 errors"),
    ];
    for (arguments, code, said) in cases {
        let run = project.run(arguments);
        assert_eq!(run.code, code, "{arguments}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(said), "{arguments}: {}", run.stdout);
    }
    for (arguments, said) in [
        ("lint x.bin", "is neither JSON, CSV nor Parquet"),
        ("lint nowhere.jsonl", "does not exist"),
        ("lint clean.jsonl --select X9", "no check has the code `X9`"),
        ("lint clean.jsonl --for trl-dpp", "trl-dpo"),
        ("lint clean.jsonl --fix", "--output"),
        ("lint clean.jsonl --fix -o clean.jsonl", "is input and output"),
        ("lint clean.jsonl --fix -o out.csv", ".jsonl"),
    ] {
        let run = project.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{arguments}: {}", run.stderr);
    }
}

#[test]
fn machines_read_json_and_sarif() {
    let project = Project::new();
    project.file("a b.jsonl", EMPTY);
    let run = |flag: &str| {
        let mut command = project.command("lint");
        command.args(["a b.jsonl", flag]);
        let outcome = crate::project::outcome(command);
        assert_eq!(outcome.code, 1, "{}", outcome.stderr);
        serde_json::from_str::<Value>(&outcome.stdout).unwrap()
    };
    let json = run("--json");
    assert_eq!(json["totals"]["errors"], 1);
    assert_eq!(json["groups"][0]["check"]["code"], "E05");
    assert_eq!(json["groups"][0]["places"][0]["line"], 2);
    assert_eq!(json["files"][0]["shape"], "preference pairs");
    let sarif = run("--sarif");
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "E05");
    let result = &run["results"][0];
    assert_eq!(
        (&result["ruleId"], &result["ruleIndex"], &result["level"]),
        (&"E05".into(), &0.into(), &"error".into())
    );
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.jsonl");
    assert_eq!(place["region"]["startLine"], 2);
}

#[test]
fn a_terminal_is_not_driven_by_a_file() {
    let project = Project::new();
    project.file("x.jsonl", "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}\n{\"\\u001b[2J\\u202e\":1,\"prompt\":\"d\"}\n");
    let run = project.run("lint --for together x.jsonl");
    assert_eq!(run.code, 1);
    assert!(!run.stdout.contains(['\u{1b}', '\u{202e}']), "{}", run.stdout);
    assert!(run.stdout.contains("E11"), "{}", run.stdout);
}

#[test]
fn what_is_mended_is_said_and_checked() {
    let project = Project::new();
    project.file("x.jsonl", format!("{EQUAL}\n"));
    let run = project.run("lint x.jsonl --fix -o out.jsonl --deny warnings");
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stderr.contains("wrote 1 of 2 rows to out.jsonl"), "{}", run.stderr);
    assert!(run.stderr.contains("S01: mended 1 time") && run.stderr.contains("F02"), "{}", run.stderr);
    assert_eq!(project.read("out.jsonl").lines().count(), 1);
    project.file("gone.jsonl", EQUAL.lines().next().unwrap());
    let run = project.run("lint gone.jsonl --fix -o nothing.jsonl");
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(!project.exists("nothing.jsonl"));
    project.file("x.csv", "prompt,chosen,rejected\na,b,c\n");
    let run = project.run("lint x.csv --fix -o y.jsonl");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("is a table"), "{}", run.stderr);
}

#[test]
fn tokens_are_those_of_the_encoder() {
    let project = Project::new();
    project.file("x.jsonl", CLEAN);
    let run = project.run("lint x.jsonl --max-tokens 6 --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    // `name a prime .` and `seven .`
    assert_eq!(report["figures"]["tokens"], serde_json::json!({"median": 6, "p95": 6, "max": 6, "over": 0}));
    let run = project.run("lint x.jsonl --max-tokens 5");
    assert!(run.stdout.contains("D05") && run.stdout.contains("6 tokens, 5 allowed"), "{}", run.stdout);
}

#[test]
fn rows_that_are_alike_and_items_of_benchmarks_are_found() {
    let project = Project::new();
    let long = "Ice ages come and go because the orbit of the earth changes a little over tens of thousands of years. \
                Less light then falls on the north in summer, snow lies longer, and white land throws more light back \
                into space, which makes it colder still and lets the ice grow over hundreds of years";
    let row = |prompt: &str, chosen: &str| {
        format!("{{\"prompt\":\"{prompt}\",\"chosen\":\"{chosen}\",\"rejected\":\"Nobody knows.\"}}\n")
    };
    let rows = [
        row("Why are there ice ages?", long),
        row("Why is there rain?", long),
        row("Why are there ice ages?", &format!("{long} or so")),
        row("Why are there ice ages?", "The sun."),
    ];
    project.file("rows.jsonl", rows.concat());
    project.file(
        "benchmark.jsonl",
        "{\"question\":\"Ice ages come and go because the orbit of the earth changes?\"}\n",
    );
    let run = project.run("lint rows.jsonl --select D08,D09 --benchmark benchmark.jsonl --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let lines = |code: &str| -> Vec<u64> {
        let groups = report["groups"].as_array().unwrap().iter();
        let group = groups.filter(|group| group["check"]["code"] == code);
        group
            .flat_map(|group| group["places"].as_array().unwrap())
            .map(|place| place["line"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(lines("D08"), [3]);
    assert_eq!(lines("D09"), [1, 2, 3]);
    let missing = project.run("lint rows.jsonl --benchmark nowhere.jsonl");
    assert_eq!(missing.code, 2, "{}", missing.stdout);
    assert!(missing.stderr.contains("nowhere.jsonl"), "{}", missing.stderr);
}
