//! Agreement and consensus of annotators.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::project::{Outcome, Project};

fn report(run: &Outcome) -> Value {
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str::<Value>(&run.stdout).unwrap()
}

/// Five annotators on twenty items, of which `eve` says the opposite of what is right.
fn rows() -> String {
    let mut rows = String::new();
    for item in 0..20 {
        let truth = item % 2;
        for (at, annotator) in ["ana", "ben", "cem", "dee", "eve"].into_iter().enumerate() {
            let errs = annotator == "eve" || (item + 4 * at) % 17 == 0;
            let label = if errs { 1 - truth } else { truth };
            writeln!(rows, r#"{{"item":"q{item}","worker":"{annotator}","label":{label},"gold":{truth}}}"#)
                .unwrap();
        }
    }
    rows
}

#[test]
fn who_misleads_is_found_out() {
    let project = Project::new();
    project.file("labels.jsonl", rows());
    let run = project.run("eval annotators labels.jsonl --json -o consensus.jsonl");
    let found = report(&run);
    let only = &found["dimensions"][0];
    assert_eq!((&only["items"], &only["annotators"], &only["labels"]), (&json!(20), &json!(5), &json!(100)));
    assert_eq!(only["consensus"]["chosen"], "dawid-skene", "{:#}", only["consensus"]);
    let methods = only["consensus"]["methods"].as_array().unwrap();
    let method = |name: &str| methods.iter().find(|method| method["method"] == name).unwrap();
    for name in ["majority", "dawid-skene", "one-coin", "glad", "mace"] {
        assert_eq!(method(name)["accuracy"], 1.0, "{name}: {:#}", method(name));
    }
    assert!(methods.iter().all(|method| method["method"] != "crowdlab"), "there is no model");
    let of = |name: &str| {
        let all = only["reliability"].as_array().unwrap();
        all.iter().find(|annotator| annotator["annotator"] == name).unwrap().clone()
    };
    assert_eq!(of("eve")["accuracy"], 0.0);
    let trusted = |name: &str| of(name)["reliability"]["dawid-skene"].as_f64().unwrap();
    assert!(trusted("eve") < 0.1 && trusted("ana") > 0.9, "{} {}", trusted("eve"), trusted("ana"));
    let consensus = project.read("consensus.jsonl");
    let first: Value = serde_json::from_str(consensus.lines().next().unwrap()).unwrap();
    assert_eq!((consensus.lines().count(), &first["item"], &first["label"]), (20, &json!("q0"), &json!(0)));
    assert!(first["probability"].as_f64().unwrap() > 0.9, "{first}");
    let again = project.run("eval annotators labels.jsonl --json");
    assert_eq!(again.stdout, run.stdout);
}

#[test]
fn the_order_of_the_rows_decides_nothing_but_the_order_of_the_items() {
    let project = Project::new();
    let mut turned: Vec<String> = rows().lines().map(String::from).collect();
    turned.reverse();
    project.file("labels.jsonl", rows());
    project.file("turned.jsonl", turned.join("\n"));
    let alpha = |file: &str| {
        let run = project.run(&format!("eval annotators {file} --json --methods majority"));
        report(&run)["dimensions"][0]["agreement"]["krippendorff"][0]["value"].clone()
    };
    assert_eq!(alpha("labels.jsonl"), alpha("turned.jsonl"));
}

const TEXTS: &str = "item,rater,label,dimension\nx,a,good,style\nx,b,bad,style\ny,a,good,style\ny,b,good,style\n\
                     z,a,bad,style\nz,b,bad,style\nx,a,4,depth\nx,b,5,depth\ny,a,2,depth\ny,b,,depth\ny,a,3,depth\n\
                     y,c,3,depth\n";

#[test]
fn texts_are_categories_and_numbers_have_an_order() {
    let project = Project::new();
    project.file("labels.csv", TEXTS);
    let run = project.run("eval annotators labels.csv --json");
    let found = report(&run);
    assert_eq!((&found["unlabelled"], &found["repeated"]), (&json!(1), &json!(1)), "{found:#}");
    let names = |at: usize| {
        let levels = found["dimensions"][at]["agreement"]["krippendorff"].as_array().unwrap().iter();
        levels.map(|level| level["level"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found["dimensions"][0]["dimension"], "depth");
    assert_eq!(
        (names(0), names(1)),
        (vec!["nominal".into(), "ordinal".into(), "interval".into()], vec!["nominal".into()])
    );
    assert_eq!(found["dimensions"][1]["classes"], json!(["bad", "good"]));
    let pair = &found["dimensions"][1]["agreement"]["pairs"][0];
    assert_eq!((&pair["items"], &pair["kappa_linear"]), (&json!(3), &Value::Null), "{pair:#}");
    let table = project.run("eval annotators labels.csv");
    assert!(table.stdout.contains("Dimension depth: 2 items"), "{}", table.stdout);
    assert!(table.stderr.contains("1 label replaced by a later one"), "{}", table.stderr);
}

#[test]
fn an_order_is_asked_for_where_texts_have_none() {
    let project = Project::new();
    project.file("labels.jsonl", "{\"item\":1,\"annotator\":\"a\",\"label\":\"good\"}\n{\"item\":1,\"annotator\":\"b\",\"label\":\"bad\"}\n");
    let refused = project.run("eval annotators labels.jsonl --level ordinal");
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    assert!(refused.stderr.contains("`good`") && refused.stderr.contains("--order"), "{}", refused.stderr);
    let lacking = project.run("eval annotators labels.jsonl --order good,fair");
    assert_eq!(lacking.code, 2);
    assert!(lacking.stderr.contains("`bad` is not in the order"), "{}", lacking.stderr);
    let ordered = project.run("eval annotators labels.jsonl --order bad,fair,good --json");
    assert_eq!(report(&ordered)["dimensions"][0]["classes"], json!(["bad", "fair", "good"]));
}

#[test]
fn what_says_nothing_has_a_reason_and_no_number() {
    let project = Project::new();
    project.file("one.jsonl", "{\"item\":1,\"annotator\":\"a\",\"label\":1}\n");
    let found = report(&project.run("eval annotators one.jsonl --json"));
    let agreement = &found["dimensions"][0]["agreement"];
    for figure in [&agreement["observed"], &agreement["krippendorff"][0], &agreement["fleiss"]] {
        assert_eq!(figure["value"], Value::Null);
        assert_eq!(figure["reason"], "no item has labels of two annotators");
    }
    let same = "{\"item\":1,\"annotator\":\"a\",\"label\":1}\n{\"item\":1,\"annotator\":\"b\",\"label\":1}\n";
    project.file("same.jsonl", same);
    let found = report(&project.run("eval annotators same.jsonl --json"));
    assert_eq!(found["dimensions"][0]["agreement"]["fleiss"]["reason"], "all labels are the same");
    assert!(!found.to_string().contains("NaN"));
    let many: String = (0..300).fold(String::new(), |mut rows, item| {
        writeln!(rows, "{{\"item\":{item},\"annotator\":\"a\",\"label\":{item}.5}}").unwrap();
        rows
    });
    project.file("many.jsonl", many);
    let found = report(&project.run("eval annotators many.jsonl --json -o out.jsonl"));
    assert_eq!(found["dimensions"][0]["consensus"]["chosen"], Value::Null);
    assert!(!project.exists("out.jsonl"));
}

#[test]
fn mistakes_are_named_with_their_line() {
    let project = Project::new();
    let row = |gold: &str| format!("{{\"item\":1,\"annotator\":\"a{gold}\",\"label\":1,\"gold\":{gold}}}\n");
    project.file("golds.jsonl", row("1") + &row("2"));
    let run = project.run("eval annotators golds.jsonl");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("golds.jsonl:2") && run.stderr.contains("golds.jsonl:1"), "{}", run.stderr);
    project.file("bad.jsonl", rows() + "{\"item\":1}\n{\"item\":1,\"worker\":\"a\",\"label\":[1]}\n");
    let run = project.run("eval annotators bad.jsonl");
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("bad.jsonl:101") && run.stderr.contains("--label-field"), "{}", run.stderr);
    let run = project.run("eval annotators bad.jsonl --on-bad-row skip --json");
    assert_eq!(report(&run)["skipped"], 2);
    project.file("other.jsonl", "{\"item\":1,\"who\":\"a\",\"label\":1}\n");
    let run = project.run("eval annotators other.jsonl");
    assert!(run.stderr.contains("no field `annotator`, only `item`, `who`, `label`"), "{}", run.stderr);
    assert_eq!(project.run("eval annotators other.jsonl --annotator-field who").code, 0);
    let run = project.run("eval annotators other.jsonl -o out.csv");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("out.csv"), "{}", run.stderr);
}

#[test]
fn a_model_takes_part_where_it_has_probabilities() {
    let project = Project::new();
    let mut rows = String::new();
    for item in 0..10 {
        for (annotator, label) in [("a", item % 2), ("b", item % 2), ("c", 1)] {
            let sure = if item % 2 == 1 { 0.9 } else { 0.1 };
            writeln!(
                rows,
                r#"{{"item":{item},"annotator":"{annotator}","label":{label},"gold":{},"probabilities":{{"0":{},"1":{sure}}}}}"#,
                item % 2,
                1.0 - sure
            )
            .unwrap();
        }
    }
    project.file("labels.jsonl", rows);
    let run = project.run("eval annotators labels.jsonl --method crowdlab --json -o c.jsonl");
    assert_eq!(report(&run)["dimensions"][0]["consensus"]["chosen"], "crowdlab");
    assert!(project.read("c.jsonl").lines().all(|row| row.contains("\"method\":\"crowdlab\"")));
}

/// Real labels with a known truth; what majority voting and Dawid-Skene of thirty iterations reach on them.
#[test]
fn crowds_are_aggregated_as_they_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/crowd");
    for (name, majority, dawid_skene) in [
        ("weather_sentiment_amt", 0.847, 0.840),
        ("sentiment_polarity_amt", 0.944, 0.944),
        ("music_genre", 0.711, 0.767),
    ] {
        let file = folder.join(format!("{name}.jsonl.gz"));
        if !file.exists() {
            eprintln!("skipped: there is no {name} beside the checkout");
            continue;
        }
        let project = Project::new();
        let mut command =
            project.command("eval annotators --json --iterations 30 --methods majority,dawid-skene");
        command.arg(&file);
        let found = report(&crate::project::outcome(command));
        let methods = &found["dimensions"][0]["consensus"]["methods"];
        for (method, accuracy) in [(&methods[0], majority), (&methods[1], dawid_skene)] {
            let reached = method["accuracy"].as_f64().unwrap();
            // Repeated labels count once here.
            assert!((reached - accuracy).abs() < 0.006, "{name}: {method:#}");
        }
    }
}
