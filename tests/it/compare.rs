//! `rewardctl compare`: wired, what it prints, and how it fails.

use serde_json::{Value, json};

use crate::project::{Project, has_library};

/// Rewarded rows with texts: model `m2` is better by a little and writes more.
fn rewarded(model: &str, mean: f64, length: usize) -> String {
    let row = |at: usize| {
        let reward = mean + 0.2 * ((at * 37 % 41) as f64 / 40.0 - 0.5);
        let row = json!({"prompt": format!("p{at}"), "response": "x".repeat(length + at % 7), "reward": reward,
            "model": model, "topic": if at.is_multiple_of(2) { "tax" } else { "law" }});
        format!("{row}\n")
    };
    (0..80).map(row).collect()
}

fn with_files() -> Project {
    let project = Project::new();
    project.file("a.jsonl", rewarded("m1", 0.5, 40));
    project.file("b.jsonl", rewarded("m2", 0.6, 90));
    project.file("all.jsonl", rewarded("m1", 0.5, 40) + &rewarded("m2", 0.6, 90) + &rewarded("m3", 0.55, 60));
    project
}

#[test]
fn files_and_models_are_sides() {
    let project = with_files();
    let run = project.run("compare a.jsonl b.jsonl --by topic --mde");
    assert_eq!(run.code, 0, "{}", run.stderr);
    for said in
        ["b.jsonl over a.jsonl", "100.0 %", "topic law", "`b.jsonl` is better than `a.jsonl` by 0.100"]
    {
        assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
    }
    let run = project.run("compare all.jsonl --json");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let ranked = report["ranking"]["models"].as_array().unwrap();
    assert_eq!((&ranked[0]["model"], report["duels"].as_array().map(Vec::len)), (&json!("m2"), Some(3)));
    assert!(report["duels"][0]["length_controlled"]["rate"].is_number());
    let run = project.run("compare a.jsonl b.jsonl --sequential --markdown");
    assert!(run.stdout.starts_with("### rewardctl compare\n"), "{}", run.stdout);
    assert!(
        run.stdout.contains("However often one looks") && run.stdout.contains("after "),
        "{}",
        run.stdout
    );
    let run = project.run("compare all.jsonl --arm topic");
    assert!(run.stdout.contains("share no prompt"), "{}", run.stdout);
}

#[test]
fn an_experiment_is_read_as_traffic() {
    let project = Project::new();
    let arm = |name: &str, units: usize, right: usize, latency: f64| -> String {
        // Mixed, as traffic comes.
        (0..units)
            .map(|at| format!("{name},{},{latency}{}\n", u8::from(at * 389 % units < right), at % 3))
            .collect()
    };
    let rows =
        format!("variant,accuracy,latency\n{}{}", arm("current", 623, 542, 1.2), arm("new", 624, 568, 1.1));
    project.file("traffic.csv", rows);
    let run = project.run("compare --ab traffic.csv --arm variant --metric accuracy --metric latency:lower");
    assert_eq!(run.code, 0, "{}", run.stderr);
    for said in
        ["0.0230", "+4.6 %", "two proportions", "The split is as planned", "`new` improves accuracy by 4.6 %"]
    {
        assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
    }
    let run = project.run("compare --ab traffic.csv --arm variant --metric accuracy --split 60:40");
    assert!(
        run.code == 0 && run.stdout.contains("Hold:") && run.stderr.contains("not the planned one"),
        "{}",
        run.stdout
    );
    let run = project.run("compare --ab traffic.csv --arm variant --metric accuracy --sequential --json");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["metrics"][0]["contrasts"][0]["always_decided"], json!(false), "peeking needs more");
}

#[test]
fn the_same_answer_in_both_arms_is_a_tie() {
    let project = Project::new();
    let row = |at: usize, arm: &str| {
        let (answer, reward) = if at < 40 || arm == "a" { ("same", 0.5) } else { ("better", 0.8) };
        format!(
            "{}\n",
            json!({"prompt": format!("p{at}"), "response": answer, "reward": reward, "variant": arm})
        )
    };
    let rows: String = (0..60).flat_map(|at| [row(at, "a"), row(at, "b")]).collect();
    project.file("var.jsonl", rows);
    let run = project.run("compare var.jsonl --arm variant");
    assert!(run.code == 0 && run.stdout.contains("20 / 40 / 0"), "{}{}", run.stdout, run.stderr);
    // Arms may say something else of the same answer; one arm may not say two things.
    let other = |arm: &str| {
        format!("{}\n", json!({"prompt": "p0", "response": "same", "reward": 0.4, "variant": arm}))
    };
    project.file("var.jsonl", project.read("var.jsonl") + &other("c"));
    let run = project.run("compare var.jsonl --arm variant");
    assert_eq!(run.code, 0, "{}", run.stderr);
    project.file("var.jsonl", project.read("var.jsonl") + &other("b"));
    let run = project.run("compare var.jsonl --arm variant");
    assert!(run.code == 2 && run.stderr.contains("var.jsonl:2 and var.jsonl:122"), "{}", run.stderr);
}

#[test]
fn every_unit_of_an_experiment_counts_whatever_it_was_answered() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let row = |at: usize| {
        let text = if at.is_multiple_of(3) { "I do not know." } else { "It is four." };
        format!("{}\n", json!({"prompt": "What is 2+2?", "response": text, "variant": at % 2, "user": at}))
    };
    project.file("raw.jsonl", (0..200).map(row).collect::<String>());
    let run =
        project.run("compare --ab raw.jsonl --arm variant --metric dimensions.style --panel rules --json");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let units: Vec<&Value> = report["arms"].as_array().unwrap().iter().map(|arm| &arm["units"]).collect();
    assert_eq!(units, [&json!(100), &json!(100)], "{}", run.stderr);
}

#[test]
fn raw_files_are_judged_first() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let rows = |text: &str| -> String {
        (0..30).map(|at| format!("{}\n", json!({"prompt": format!("Say {at}."), "response": format!("{text} {at}, {}.", "as far as I know ".repeat(at % 4))}))).collect()
    };
    project.file("a.jsonl", rows("Shut up, you idiot!!! It is"));
    project.file("b.jsonl", rows("It is"));
    let run = project.run("compare a.jsonl b.jsonl --panel rules");
    assert!(run.code == 0 && run.stdout.contains("`b.jsonl` is better"), "{}{}", run.stdout, run.stderr);
    let run = project.run("compare --ab a.jsonl b.jsonl --panel rules --metric reward --metric length");
    assert!(
        run.code == 0 && run.stdout.contains("`b.jsonl` improves reward"),
        "{}{}",
        run.stdout,
        run.stderr
    );
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let project = with_files();
    project.file(
        "other.jsonl",
        rewarded("m1", 0.5, 40).replace("\"topic\"", "\"versions\":{\"panel\":\"v2\"},\"topic\""),
    );
    for (arguments, said) in [
        ("compare a.jsonl", "one side, `m1`"),
        ("compare a.jsonl other.jsonl", "not made by the same critics"),
        ("compare a.jsonl b.jsonl --dimension style", "`style`"),
        ("compare a.jsonl b.jsonl --by nothing", "no row has a field `nothing`"),
        ("compare a.jsonl b.jsonl --alpha 2", "between 0 and 1"),
        ("compare --ab a.jsonl", "one file is no experiment"),
        ("compare --ab a.jsonl b.jsonl --metric speed", "no row has a field `speed`"),
        ("compare --ab a.jsonl b.jsonl --metric topic", "a.jsonl:1: field `topic`"),
        ("compare --ab a.jsonl b.jsonl --split 1:1:1", "3 shares, and there are 2 arms"),
        ("compare --ab a.jsonl b.jsonl --split 50:nan", "a share is NaN"),
        ("compare --ab a.jsonl b.jsonl --control c.jsonl", "there are `a.jsonl`, `b.jsonl`"),
        ("compare --ab a.jsonl b.jsonl --covariate nothing", "no row has a field `nothing`"),
        ("compare --ab a.jsonl b.jsonl --range 5", "is no range"),
        ("compare a.jsonl b.jsonl --metric x", "--ab"),
    ] {
        let run = project.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{arguments}: {}", run.stderr);
    }
}
