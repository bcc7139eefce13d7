//! Learning from stored verdicts, versions, and what may be accepted without a person.

use std::fmt::Write;

use serde_json::Value;

use crate::project::{Project, has_library};

/// Pairs with the verdicts of three critics: one is right four times of five, one is a coin, one is mostly wrong.
fn pairs(first: usize, count: usize) -> String {
    let mut rows = String::new();
    for at in first..first + count {
        let side = |is_a: bool| if is_a { "a" } else { "b" };
        let winner = at * 7 % 11 < 6;
        let good = winner != at.is_multiple_of(5);
        let (coin, bad) = (at * 13 % 7 < 3, winner == at.is_multiple_of(4));
        let _ = writeln!(
            rows,
            r#"{{"id":"p{at}","verdicts":{{"good":"{}","coin":"{}","bad":"{}"}},"winner":"{}"}}"#,
            side(good),
            side(coin),
            side(bad),
            side(winner)
        );
    }
    rows
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn learned() -> Option<Project> {
    if !has_library() {
        return None;
    }
    let project = Project::new();
    project.file("train.jsonl", pairs(0, 120));
    project.file("test.jsonl", pairs(120, 200));
    let run = project.run("learn --verdicts train.jsonl -o model --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = &json(&run.stdout)["report"];
    assert_eq!(report["pairs"], 120);
    assert!(report["preferences"]["accuracy"]["mean"].as_f64().unwrap() > 0.7, "{report}");
    Some(project)
}

#[test]
fn what_was_learnt_holds_on_other_pairs() {
    let Some(project) = learned() else { return };
    let run = project.run("eval aggregator model --verdicts test.jsonl --json -o forecasts.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = json(&run.stdout);
    let accuracy = |name: &str| {
        let measured = report["measured"].as_array().unwrap();
        let one = measured.iter().find(|one| one["name"] == name).unwrap();
        one["accuracy"]["mean"].as_f64().unwrap()
    };
    assert!(accuracy("this aggregator") >= accuracy("good") - 0.02, "{report}");
    assert!(accuracy("this aggregator") > accuracy("fixed weights") + 0.05, "{report}");
    assert_eq!(project.read("forecasts.jsonl").lines().count(), 200);
    let measured = project.run("eval probabilities forecasts.jsonl --json");
    assert_eq!(measured.code, 0, "{}", measured.stderr);
}

#[test]
fn the_same_labels_give_the_same_bytes() {
    let Some(project) = learned() else { return };
    let again = project.run("learn --verdicts train.jsonl -o again");
    assert_eq!(again.code, 0, "{}", again.stderr);
    for file in ["model.onnx", "model.toml", "report.json"] {
        assert_eq!(
            project.read_bytes(&format!("model/{file}")),
            project.read_bytes(&format!("again/{file}"))
        );
    }
}

#[test]
fn only_random_labels_carry_a_guarantee() {
    let Some(project) = learned() else { return };
    let aim = "--verdicts test.jsonl --error 0.3 --risk 0.1";
    let asked = project.run(&format!("calibrate model {aim}"));
    assert_eq!(asked.code, 0, "{}{}", asked.stdout, asked.stderr);
    assert!(asked.stdout.contains("Nothing is promised"), "{}", asked.stdout);
    assert!(!asked.stdout.contains("Guarantee"), "{}", asked.stdout);
    assert!(!project.exists("model/calibration.json"));
    let said = project.run(&format!("calibrate model {aim} --random-labels"));
    assert!(said.stdout.contains("Guarantee"), "{}", said.stdout);
    assert!(project.exists("model/calibration.json"));
    assert_eq!(project.run("learn --verdicts test.jsonl -o model").code, 0);
    assert!(!project.exists("model/calibration.json"), "the promise was of another fit");
    assert_eq!(project.run("learn --verdicts train.jsonl -o model").code, 0);
    let never = project.run("calibrate model --verdicts test.jsonl --error 0.01 --risk 0.1 --random-labels");
    assert_eq!(never.code, 4, "{}", never.stdout);
}

#[test]
fn what_a_fit_knows_already_calibrates_nothing() {
    let Some(project) = learned() else { return };
    project.file("copy.jsonl", pairs(0, 120));
    let own = project.run("calibrate model --verdicts copy.jsonl --random-labels");
    assert!(own.code == 2 && own.stderr.contains("fitted on labels of all"), "{}", own.stderr);
    let both =
        "calibrate model --verdicts copy.jsonl test.jsonl --error 0.3 --risk 0.1 --random-labels --json";
    let mixed = project.run(both);
    let found = json(&mixed.stdout);
    assert_eq!((&found["taken"]["prompts"], &found["taken"]["known"]), (&200.into(), &120.into()), "{found}");
    let seen = project.run("eval aggregator model --verdicts copy.jsonl");
    assert!(seen.stderr.contains("labels of 120 of these prompts"), "{}", seen.stderr);
    project.file("copy.jsonl", pairs(0, 120).replace("\"p", "\"q"));
    let other = project.run("eval aggregator model --verdicts copy.jsonl");
    assert!(!other.stderr.contains("these prompts"), "{}", other.stderr);
}

#[test]
fn the_order_of_the_rows_does_not_matter() {
    let Some(project) = learned() else { return };
    let rows = pairs(0, 120);
    project.file("back.jsonl", rows.lines().rev().map(|row| format!("{row}\n")).collect::<String>());
    let report =
        |file: &str| json(&project.run(&format!("learn --verdicts {file} --json")).stdout)["report"].clone();
    let (there, back) = (report("train.jsonl"), report("back.jsonl"));
    for figure in ["/temperature", "/preferences/accuracy/mean", "/preferences/log_loss/mean"] {
        let of = |report: &Value| report.pointer(figure).and_then(Value::as_f64).unwrap();
        assert!((of(&there) - of(&back)).abs() < 1e-6, "{figure}: {} {}", of(&there), of(&back));
    }
}

#[test]
fn a_label_on_what_no_critic_scored_teaches_nothing() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let (rows, labels) = judged_twice(60);
    // The second response of every other prompt has no verdict.
    let unjudged = |(at, row): (usize, &str)| match at % 4 {
        3 => format!("{{\"item\":\"i{}\",\"verdicts\":[]}}\n", at / 2),
        _ => format!("{row}\n"),
    };
    project.file("v.jsonl", rows.lines().enumerate().map(unjudged).collect::<String>());
    project.file("l.jsonl", labels);
    let run = project.run("learn --verdicts v.jsonl --labels l.jsonl --target b --json");
    let report = &json(&run.stdout)["report"];
    assert_eq!(report["ratings"], 90, "{}", run.stderr);
    assert!(report["warnings"].to_string().contains("no critic scored: 30"), "{report}");
}

#[test]
fn two_critics_of_one_name_are_refused() {
    let project = Project::new();
    let (rows, _) = judged_twice(3);
    let other = r#"[{"critic":"judge.b","score":0.5},"#;
    project.file("v.jsonl", rows.replace("[{", &format!("{other}{{")));
    let run = project.run("learn --verdicts v.jsonl");
    assert!(run.code == 2 && run.stderr.contains("`judge.b`"), "{}", run.stderr);
}

#[test]
fn a_mistake_in_a_verdict_file_is_named() {
    let project = Project::new();
    project.file("v.jsonl", "{\"item\":\"a\",\"verdicts\":[{\"critic\":\"x\",\"score\":2}]}\n");
    let run = project.run("learn --verdicts v.jsonl");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("v.jsonl") && run.stderr.contains("verdicts[0].score"), "{}", run.stderr);
}

#[test]
fn versions_are_put_in_force_and_taken_back() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let mut answers = String::new();
    for at in 0..30 {
        let _ = writeln!(
            answers,
            r#"{{"prompt":"What is {at} and 2?","chosen":"It is {}.","rejected":"IT IS {}!!! You idiot, you idiot, you idiot."}}"#,
            at + 2,
            at + 3
        );
    }
    project.file("answers.jsonl", answers);
    let run = project.run("learn answers.jsonl --panel rules --promote --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let outcome = json(&run.stdout);
    assert_eq!((&outcome["version"], &outcome["promoted"]), (&Value::from("v1"), &Value::from(true)));
    let scored = project.run("score answers.jsonl --panel rules -o out.jsonl");
    assert_eq!(scored.code, 0, "{}", scored.stderr);
    let row = json(project.read("out.jsonl").lines().next().unwrap());
    assert!(row["utility"].is_f64() && row["uncertainty"]["parameters"].as_f64().unwrap() > 0.0, "{row}");
    let back = project.run("model rollback --panel rules");
    assert_eq!(back.code, 0, "{}", back.stderr);
    project.run("score answers.jsonl --panel rules -o out.jsonl");
    assert!(json(project.read("out.jsonl").lines().next().unwrap())["utility"].is_null());
    assert_eq!(project.run("model rollback --panel rules").code, 2);
    assert_eq!(project.run("model promote v7 --panel rules").code, 2);
}

#[test]
fn a_response_that_no_critic_scored_has_no_forecast() {
    let Some(project) = learned() else { return };
    let missing = r#"{"id":"q","verdicts":{"good":null,"coin":null,"bad":null},"winner":"b"}"#;
    project.file("some.jsonl", format!("{}{missing}\n", pairs(120, 20)));
    let run = project.run("eval aggregator model --verdicts some.jsonl --json -o forecasts.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = json(&run.stdout);
    assert_eq!((&report["pairs"], &report["without_reward"]), (&Value::from(21), &Value::from(1)));
    assert_eq!(report["measured"][0]["pairs"], 20);
    assert_eq!(project.read("forecasts.jsonl").lines().count(), 20);
}

/// Responses with the score of one critic, and ratings that differ from it by up to a tenth of the scale.
fn rated(first: usize, count: usize) -> (String, String) {
    let (mut rows, mut labels) = (String::new(), String::new());
    for at in first..first + count {
        let score = (at * 37 % 101) as f64 / 100.0;
        let rating = 1.0 + 4.0 * (score + 0.1 * ((at * 13 % 21) as f64 / 10.0 - 1.0)).clamp(0.0, 1.0);
        let _ = writeln!(
            rows,
            r#"{{"item":"i{at}","response":"r{at}","verdicts":[{{"critic":"c","score":{score}}}]}}"#
        );
        let _ = writeln!(
            labels,
            r#"{{"kind":"rate","item":"i{at}","response":0,"value":{rating},"scale":{{"min":1,"max":5}},"annotator":"ana"}}"#
        );
    }
    (rows, labels)
}

#[test]
fn ratings_lie_where_they_are_foretold() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let (rows, labels) = rated(0, 120);
    project.file("rows.jsonl", rows);
    project.file("labels.jsonl", labels);
    let ask = "calibrate fixed --verdicts rows.jsonl --labels labels.jsonl --ratings --json";
    let run = project.run(ask);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let found = json(&run.stdout);
    assert_eq!(found["ratings"], 120);
    // One critic without a variance: the spread is the least, 0.01, and the errors reach 0.1.
    let quantile = found["quantile"].as_f64().unwrap();
    assert!((8.0..=10.0).contains(&quantile), "{found}");
    let (rows, labels) = rated(0, 5);
    project.file("rows.jsonl", rows);
    project.file("labels.jsonl", labels);
    let run = project.run("calibrate fixed --verdicts rows.jsonl --labels labels.jsonl --ratings");
    assert_eq!(run.code, 4);
    assert!(run.stdout.contains("9 are the least"), "{}", run.stdout);
}

/// Two responses a prompt, judged by one critic on two dimensions: right on `b`, wrong on `a`; and who won.
fn judged_twice(count: usize) -> (String, String) {
    let (mut rows, mut labels) = (String::new(), String::new());
    for at in 0..count {
        let first_wins = at * 7 % 11 < 6;
        for side in 0..2 {
            let good = if (side == 0) == first_wins { 0.9 } else { 0.2 };
            let _ = writeln!(
                rows,
                r#"{{"item":"i{at}","verdicts":[{{"critic":"judge","dimension":"a","score":{}}},{{"critic":"judge","dimension":"b","score":{good}}}]}}"#,
                1.0 - good
            );
            let value = if good > 0.5 { 5 } else { 1 + at % 2 };
            let _ = writeln!(
                labels,
                r#"{{"kind":"rate","item":"i{at}","response":{side},"dimension":"b","value":{value},"scale":{{"min":1,"max":5}},"annotator":"ana"}}"#
            );
        }
    }
    (rows, labels)
}

#[test]
fn a_critic_of_two_dimensions_is_a_critic_for_each() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let (rows, labels) = judged_twice(60);
    project.file("v.jsonl", rows);
    project.file("l.jsonl", labels);
    let run = project.run("learn --verdicts v.jsonl --labels l.jsonl --target b -o model --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = &json(&run.stdout)["report"];
    let weights = report["weights"].as_array().unwrap();
    assert_eq!((&weights[0]["feature"], weights.len()), (&Value::from("judge.b"), 1));
    let rivals = report["preferences"]["rivals"].as_array().unwrap();
    let fixed = rivals.iter().find(|rival| rival["name"] == "fixed weights").unwrap();
    assert_eq!(fixed["accuracy"]["mean"], 1.0);
    let held = project.run("eval aggregator model --verdicts v.jsonl --labels l.jsonl --target b --json");
    assert_eq!(json(&held.stdout)["measured"][0]["accuracy"]["mean"], 1.0, "{}", held.stderr);
}

#[test]
fn what_a_critic_says_as_a_whole_is_of_no_dimension() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let (rows, labels) = judged_twice(60);
    // The verdict as a whole comes first, and says nothing; in every other row there is none on `b`.
    let whole = |(at, row): (usize, &str)| {
        let row = row.replacen("[{", r#"[{"critic":"judge","score":0.5},{"#, 1);
        if at % 4 < 2 { row + "\n" } else { row.replacen("\"b\"", "\"c\"", 1) + "\n" }
    };
    project.file("v.jsonl", rows.lines().enumerate().map(whole).collect::<String>());
    project.file("l.jsonl", labels);
    let run = project.run("eval aggregator fixed --verdicts v.jsonl --labels l.jsonl --target b --json");
    let report = json(&run.stdout);
    assert_eq!((&report["pairs"], &report["without_reward"]), (&60.into(), &30.into()), "{}", run.stderr);
    assert_eq!(report["measured"][1]["accuracy"]["mean"], 1.0);
}

#[test]
fn a_critic_that_contradicts_itself_is_refused() {
    let project = Project::new();
    let twice = r#"{"item":"a","verdicts":[{"critic":"x","score":1},{"critic":"x","score":0}]}"#;
    project.file("v.jsonl", format!("{twice}\n"));
    let run = project.run("learn --verdicts v.jsonl");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("verdicts[1].critic"), "{}", run.stderr);
}

#[test]
fn the_last_word_of_a_person_counts() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let (rows, labels) = judged_twice(60);
    project.file("v.jsonl", rows);
    let learn = |labels: String| {
        project.file("l.jsonl", labels);
        json(&project.run("learn --verdicts v.jsonl --labels l.jsonl --target b --json").stdout)["report"]
            .clone()
    };
    let corrected = learn(labels.replace("\"value\":5", "\"value\":1") + &labels);
    assert_eq!((corrected["ratings"].as_u64(), &corrected), (Some(120), &learn(labels)));
}

#[test]
fn of_a_prompt_one_pair_calibrates() {
    let Some(project) = learned() else { return };
    let grouped =
        |(at, row): (usize, &str)| row.replacen('{', &format!("{{\"group\":\"g{}\",", at / 4), 1) + "\n";
    let grouped: String = pairs(120, 200).lines().enumerate().map(grouped).collect();
    project.file("grouped.jsonl", grouped);
    let run =
        project.run("calibrate model --verdicts grouped.jsonl --error 0.4 --risk 0.1 --random-labels --json");
    let found = json(&run.stdout);
    assert_eq!((&found["taken"]["pairs"], &found["taken"]["prompts"]), (&Value::from(200), &Value::from(50)));
    assert_eq!(found["calibration"]["pairs"], 50, "{found}");
}

#[test]
fn a_rating_off_its_scale_has_a_way_out_that_there_is() {
    let project = Project::new();
    let (rows, labels) = judged_twice(5);
    project.file("v.jsonl", rows);
    project.file("l.jsonl", labels.replace("\"value\":5", "\"value\":7"));
    let run = project.run("learn --verdicts v.jsonl --labels l.jsonl --target b");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("is not on the scale from `1` to `5`\n"), "{}", run.stderr);
    assert!(!run.stderr.contains("--scale") && !run.stderr.contains("--on-bad-row"), "{}", run.stderr);
}
