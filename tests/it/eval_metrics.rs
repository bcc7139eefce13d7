//! Figures of files: probabilities, rankings, benchmarks, corrected rates, pairs.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::project::Project;

#[track_caller]
fn report(project: &Project, arguments: &str) -> Value {
    let run = project.run(arguments);
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

#[track_caller]
fn is_close(found: &Value, expected: f64) {
    let number = found.as_f64().unwrap();
    assert!((number - expected).abs() < 1e-9, "{number} is not {expected}");
}

/// Probabilities of four kinds; every one happens as often as it says.
fn forecasts() -> String {
    let mut rows = String::new();
    for (p, hits) in [(0.1, 1), (0.4, 4), (0.6, 6), (0.9, 9)] {
        for n in 0..10 {
            let (label, slice) = (n < hits, if n % 2 == 0 { "even" } else { "odd" });
            let _ = writeln!(rows, "{}", json!({"p": p, "label": label, "slice": slice, "group": n}));
        }
    }
    rows + "{\"p\":null,\"label\":true}\n{\"p\":0.5,\"label\":null}\n"
}

#[test]
fn probabilities_that_hold_are_calibrated() {
    let project = Project::new();
    project.file("p.jsonl", forecasts());
    let found = report(&project, "eval probabilities p.jsonl --json --plot p.svg");
    let figures = &found["figures"];
    is_close(&figures["ece"]["value"], 0.0);
    is_close(&figures["brier"]["value"], (0.09 + 0.24) / 2.0);
    is_close(&figures["accuracy"]["value"], 0.75);
    assert!(figures["ece_by_chance"].as_f64().unwrap() > 0.05);
    assert_eq!((&found["rows"], &found["clusters"]), (&json!(40), &json!(10)));
    assert_eq!((&found["without_probability"], &found["without_label"]), (&json!(1), &json!(1)));
    assert_eq!(found["slices"]["even"]["rows"], 20);
    let plot = project.read("p.svg");
    assert!(plot.starts_with("<svg") && plot.contains("share wrong") && !plot.contains("NaN"), "{plot}");
    let table = project.run("eval probabilities p.jsonl").stdout;
    assert!(table.contains("AUROC") && table.contains("1 row without probability"), "{table}");
}

#[test]
fn one_class_or_one_row_has_no_curve_and_no_nan() {
    let project = Project::new();
    project.file("p.csv", "probability,label\n0.7,1\n0.7,1\n");
    let found = report(&project, "eval probabilities p.csv --json --plot p.svg");
    assert_eq!(found["figures"]["auroc"], json!({"value": null, "interval": null}));
    assert!(!project.read("p.svg").contains("NaN"));
    project.file("one.csv", "probability,label\n0.7,0\n");
    assert_eq!(
        report(&project, "eval probabilities one.csv --json")["figures"]["brier"]["interval"],
        Value::Null
    );
    project.file("none.csv", "probability,label\n,1\n");
    let refused = project.run("eval probabilities none.csv");
    assert_eq!(refused.code, 2, "{}", refused.stdout);
}

#[test]
fn a_bad_row_is_named_and_can_be_left_out() {
    let project = Project::new();
    project.file("p.jsonl", "{\"p\":0.2,\"label\":0}\n{\"p\":7,\"label\":1}\n{\"p\":0.8,\"label\":1}\n");
    let refused = project.run("eval probabilities p.jsonl");
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    assert!(refused.stderr.contains("p.jsonl:2: field `p`: `7` is not a probability"), "{}", refused.stderr);
    let kept = report(&project, "eval probabilities p.jsonl --on-bad-row skip --json");
    assert_eq!(kept["rows"], 2);
}

const BATTLES: &str = "model_a,model_b,winner,group
strong,weak,a,1
strong,weak,a,2
weak,strong,a,3
strong,middle,a,1
middle,strong,a,2
middle,weak,tie,3
middle,weak,middle,4
weak,middle,tie,4
strong,middle,strong,5
strong,weak,,6
";

#[test]
fn models_are_ranked_whatever_the_order_of_the_rows() {
    let project = Project::new();
    project.file("battles.csv", BATTLES);
    let found = report(&project, "eval ranking battles.csv --anchor weak --json");
    let models: Vec<&str> =
        found["models"].as_array().unwrap().iter().map(|m| m["model"].as_str().unwrap()).collect();
    assert_eq!(models, ["strong", "middle", "weak"]);
    assert_eq!(
        (&found["comparisons"], &found["ties"], &found["without_winner"]),
        (&json!(9), &json!(2), &json!(1))
    );
    is_close(&found["models"][2]["elo"]["value"], 1000.0);
    is_close(&found["models"][0]["win_rate"]["value"], 4.0 / 6.0);
    let mut lines: Vec<&str> = BATTLES.lines().collect();
    lines[1..].reverse();
    project.file("turned.csv", lines.join("\n"));
    assert_eq!(found, report(&project, "eval ranking turned.csv --anchor weak --json"));
    let table = project.run("eval ranking battles.csv").stdout;
    assert!(table.contains("the mean of all models at 1000"), "{table}");
}

#[test]
fn who_never_won_has_no_rank_without_a_ridge() {
    let project = Project::new();
    project.file("b.csv", "model_a,model_b,winner\nx,y,a\ny,x,a\nx,z,a\n");
    let refused = project.run("eval ranking b.csv");
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    let said = "`z` never won, nor tied, against `x`, `y`, so that there is no ranking";
    assert!(refused.stderr.contains(said) && refused.stderr.contains("--ridge"), "{}", refused.stderr);
    assert_eq!(report(&project, "eval ranking b.csv --ridge 1 --json")["models"][2]["model"], "z");
    let unknown = project.run("eval ranking b.csv --ridge 1 --anchor q");
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("known are `x`, `y`, `z`"), "{}", unknown.stderr);
    project.file("ties.csv", "model_a,model_b,winner\nx,y,tie\nx,y,tie\n");
    assert_eq!(report(&project, "eval ranking ties.csv --json")["models"][0]["rank"], 1);
}

#[test]
fn benchmarks_say_their_tie_rule() {
    let project = Project::new();
    let rows = "{\"subset\":\"hep-go\",\"score_chosen\":1,\"score_rejected\":1}\n{\"subset\":\"hep-go\",\"results\":1}\n";
    project.file("rb.jsonl", rows);
    let found = report(&project, "eval benchmark --protocol reward-bench rb.jsonl --json");
    assert_eq!((&found["parts"][3]["figures"], &found["scores"]["score"]), (&json!([0.5]), &Value::Null));
    let table = project.run("eval benchmark --protocol reward-bench rb.jsonl").stdout;
    assert!(
        table.contains("Ties: equal scores are wrong") && table.contains("Chat lacks alpacaeval-easy"),
        "{table}"
    );

    project.file("rb2.jsonl", "{\"subset\":\"Math\",\"id\":\"1\",\"scores\":[2,2,1,0]}\n");
    let found = report(&project, "eval benchmark --protocol reward-bench-2 rb2.jsonl --json");
    assert_eq!(found["parts"][2]["figures"], json!([0.5]));

    let rm: String = ["chat/1", "code/1", "math/1", "safety-refuse/1"]
        .iter()
        .map(|id| format!("{}\n", json!({"id": id, "score_chosen": [1, 2, 3], "score_rejected": [1, 2, 3]})))
        .collect();
    project.file("rm.jsonl", rm);
    let found = report(&project, "eval benchmark --protocol rm-bench rm.jsonl --json");
    assert_eq!((&found["scores"]["easy"], &found["scores"]["hard"]), (&json!(1.0), &json!(0.0)));

    let judged = r#"{"label":"A>B","source":"mmlu-pro-law","judgments":[{"decision":"A>B"},{"decision":"B>A"}]}
{"label":"A>B","source":"livebench-math","judgments":[{"decision":"A>B"},{"decision":"A>B"}]}
"#;
    project.file("jb.jsonl", judged);
    let found = report(&project, "eval benchmark --protocol judge-bench jb.jsonl --json");
    assert_eq!(found["scores"], json!({"official": 0.5, "tie-half": 0.75}));

    let result = r#"[{"label":1,"results":[{"swap = False":{"winner":"1"},"swap = True":{"winner":"2"}}]}]"#;
    project.folder("GPTOut");
    project.file("GPTOut/result.json", result);
    let found = report(&project, "eval benchmark --protocol llmbar GPTOut/result.json --json");
    assert_eq!(found["parts"][3]["figures"], json!([0.5, 0.0]));
    project.file("result.json", result);
    let refused = project.run("eval benchmark --protocol llmbar result.json");
    assert!(refused.code == 2 && refused.stderr.contains("`subset`"), "{}", refused.stderr);
}

#[test]
fn a_judge_is_corrected_by_what_people_checked() {
    let project = Project::new();
    let mut rows = String::new();
    for n in 0..60 {
        // The judge says yes to everything that people say yes to, and to half of the rest.
        let (truth, judge) = (n % 3 == 0, n % 3 == 0 || n % 2 == 0);
        let human = if n < 30 { json!(truth) } else { Value::Null };
        let _ = writeln!(rows, "{}", json!({"judge": judge, "human": human}));
    }
    project.file("j.jsonl", rows);
    let found = report(&project, "eval correct j.jsonl --json");
    is_close(&found["judge_alone"]["mean"], 2.0 / 3.0);
    is_close(&found["ppi"]["mean"], 1.0 / 3.0);
    is_close(&found["rogan_gladen"]["mean"], 1.0 / 3.0);
    assert!(found["ppi"]["interval"][0].as_f64().unwrap() < 1.0 / 3.0);
    project.file("none.jsonl", "{\"judge\":1,\"human\":null}\n{\"judge\":0,\"human\":null}\n");
    let table = project.run("eval correct none.jsonl").stdout;
    assert!(table.contains("No prediction-powered mean: people checked none."), "{table}");
}

#[test]
fn ties_are_counted_in_three_ways() {
    let project = Project::new();
    project.file("s.csv", "score_a,score_b,label\n1,0,a\n0,0,b\n0.1,0,tie\n,1,a\n");
    let found = report(&project, "eval pairs s.csv --json");
    assert_eq!((&found["strict"], &found["tie_half"]), (&json!(0.5), &json!(0.75)));
    is_close(&found["equal"], 1.0 / 3.0);
    assert_eq!((&found["pairs"], &found["left_out"]), (&json!(3), &json!(1)));
    let tuned: String =
        (0..700).map(|n| format!("{},0,{}\n", n % 7, if n % 7 < 3 { "tie" } else { "a" })).collect();
    let turned: String = tuned.lines().rev().map(|line| format!("{line}\n")).collect();
    project.file("tuned.csv", format!("score_a,score_b,label\n{tuned}"));
    project.file("turned.csv", format!("score_a,score_b,label\n{turned}"));
    let found = report(&project, "eval pairs tuned.csv --json");
    is_close(&found["equal_tuned"], 1.0);
    assert_eq!(found, report(&project, "eval pairs turned.csv --json"));
    assert!(project.run("eval pairs s.csv").stdout.contains("people see a tie"));
}

/// The shared golden numbers, where they are at hand: scikit-learn and choix on 200 forecasts and 150 comparisons.
#[test]
fn golden_numbers_are_reached_through_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/science/golden.json");
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("skipped: there are no golden numbers beside the repository");
        return;
    };
    let golden: Value = serde_json::from_str(&text).unwrap();
    let project = Project::new();
    let both = golden["prob"].as_array().unwrap().iter().zip(golden["label"].as_array().unwrap());
    let rows: String = both.map(|(p, y)| format!("{}\n", json!({"p": p, "label": y}))).collect();
    project.file("p.jsonl", rows);
    let figures = &report(&project, "eval probabilities p.jsonl --json")["figures"];
    for (ours, theirs) in [
        ("brier", "brier"),
        ("log_loss", "log_loss"),
        ("auroc", "auroc"),
        ("auprc", "auprc"),
        ("ece", "ece10_eqwidth_posclass"),
    ] {
        is_close(&figures[ours]["value"], golden[theirs].as_f64().unwrap());
    }
    let games = golden["bt_pairs_winner_loser"].as_array().unwrap().iter();
    let rows: String = games.map(|game| format!("m{},m{},a\n", game[0], game[1])).collect();
    project.file("bt.csv", format!("model_a,model_b,winner\n{rows}"));
    let ranked = report(&project, "eval ranking bt.csv --json");
    let choix: Vec<f64> =
        golden["bt_choix_ilsr_alpha0"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
    let mean = choix.iter().sum::<f64>() / choix.len() as f64;
    for model in ranked["models"].as_array().unwrap() {
        let at: usize = model["model"].as_str().unwrap()[1..].parse().unwrap();
        let found = model["strength"]["value"].as_f64().unwrap();
        assert!((found - (choix[at] - mean)).abs() < 1e-6, "{model}");
    }
}
