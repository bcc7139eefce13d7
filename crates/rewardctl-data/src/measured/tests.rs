use std::fs;
use std::path::Path;

use rewardctl_core::label::Winner;

use super::benchmark::read_rm_bench;
use super::benchmark::{
    RewardBenchRow, read_judge_bench, read_llmbar, read_reward_bench, read_reward_bench_2,
};
use super::comparison::read_comparisons;
use super::forecast::read_forecasts;
use super::judged::read_judged;
use super::scored_pair::read_scored_pairs;
use super::*;

/// Reads `text` as a file of that name, and returns the rows, and what is said of those that cannot be used.
fn read<T>(
    name: &str,
    text: &str,
    open: fn(&Path, &str) -> Result<Measured<T>, Error>,
) -> (Vec<T>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    let (mut rows, mut errors) = (vec![], vec![]);
    for row in open(&path, name).unwrap() {
        match row {
            Ok((_, row)) => rows.push(row),
            Err(error) => errors.push(error.to_string()),
        }
    }
    (rows, errors)
}

#[test]
fn forecasts_are_read_from_json_and_cells_alike() {
    let json = r#"{"probability":0.25,"label":1,"group":7}
{"p":1,"label":true,"slice":"x"}
{"score":"0.5","label":0.5}
{"p":null,"label":false}
"#;
    let (rows, errors) = read("a.jsonl", json, read_forecasts);
    assert_eq!(errors, [""; 0]);
    let cells = "p,label,group,slice\n0.25,1,7,\n1,TRUE,,x\n0.5,0.5,,\n,false,,\n";
    assert_eq!((rows.clone(), vec![]), read("a.csv", cells, read_forecasts));
    assert_eq!(rows[0].group.as_deref(), Some("7"));
    assert_eq!((rows[3].probability, rows[3].label), (None, Some(0.0)));
}

#[test]
fn a_wrong_forecast_names_its_field() {
    let json = r#"{"p":1.5,"label":1}
{"p":"high","label":1}
{"label":1}
{"p":0.5,"label":2}
{"p":0.5}
{"p":"NaN","label":1}
{"p":[0.5],"label":1}
"#;
    let (rows, errors) = read("a.jsonl", json, read_forecasts);
    assert_eq!(rows, []);
    assert_eq!(
        errors,
        [
            "a.jsonl:1: field `p`: `1.5` is not a probability from 0 to 1",
            "a.jsonl:2: field `p`: `high` is not a number",
            "a.jsonl:3: field `probability`: missing",
            "a.jsonl:4: field `label`: `2` is not 0, 1, true or false (or 0.5 for a tie)",
            "a.jsonl:5: field `label`: missing",
            "a.jsonl:6: field `p`: `NaN` is not a finite number",
            "a.jsonl:7: field `p`: expected a number, found a list",
        ]
    );
}

#[test]
fn a_winner_is_a_side_or_a_model() {
    let json = r#"{"model_a":"x","model_b":"y","winner":"a"}
{"model_a":"x","model_b":"y","winner":"model_b","weight":2}
{"model_a":"x","model_b":"y","winner":"y","annotator":"ana","group":"p1"}
{"model_a":"x","model_b":"y","winner":"tie (bothbad)"}
{"model_a":"x","model_b":"y","winner":null}
{"model_a":"b","model_b":"a","winner":"a"}
{"model_a":"x","model_b":"y","winner":"z"}
{"model_a":"x","model_b":"x","winner":"a"}
{"model_a":"x","model_b":"y","winner":"a","weight":0}
"#;
    let (rows, errors) = read("a.jsonl", json, read_comparisons);
    let winners: Vec<Option<Winner>> = rows.iter().map(|row| row.winner).collect();
    assert_eq!(winners, [Some(Winner::A), Some(Winner::B), Some(Winner::B), Some(Winner::Tie), None]);
    assert_eq!((rows[0].weight, rows[1].weight), (1.0, 2.0));
    assert_eq!(
        errors,
        [
            "a.jsonl:6: field `winner`: `a` is not clear: it is the name of a model and of the other side",
            "a.jsonl:7: field `winner`: `z` is not `a`, `b`, `tie` or the name of one of the two models",
            "a.jsonl:8: field `model_b`: `x` is not another model than `model_a`",
            "a.jsonl:9: field `weight`: `0` is not a number above 0; leave the row out instead",
        ]
    );
}

#[test]
fn verdicts_are_numbers_answers_or_sides() {
    let (rows, errors) =
        read("a.csv", "judge,human,group\n1,0,x\na,tie,\ntrue,,\n,b,\nmaybe,1,\n", read_judged);
    let verdicts: Vec<_> = rows.iter().map(|row| (row.judge, row.human)).collect();
    assert_eq!(
        verdicts,
        [(Some(1.0), Some(0.0)), (Some(1.0), Some(0.5)), (Some(1.0), None), (None, Some(0.0))]
    );
    assert_eq!(errors, ["a.csv:6: field `judge`: `maybe` is not a number"]);
}

#[test]
fn scored_pairs_keep_what_is_missing_apart() {
    let (rows, _) = read("a.csv", "score_a,score_b,winner\n1,0.5,a\n,0.5,tie\n", read_scored_pairs);
    assert_eq!((rows[0].score_a, rows[0].label), (Some(1.0), Some(Winner::A)));
    assert_eq!((rows[1].score_a, rows[1].score_b), (None, Some(0.5)));
}

#[test]
fn reward_bench_is_read_row_by_row_and_as_a_table() {
    let json = r#"{"subset":"hep-go","id":3,"score_chosen":[1.5],"score_rejected":1.5}
{"subset":"hep-go","results":0.5}
{"subset":"hep-go","scores_chosen":2,"scores_rejected":1}
{"subset":"hep-go","score_chosen":null,"score_rejected":1}
{"subset":"hep-cobol","results":1}
{"model":"x"}
"#;
    let (rows, errors) = read("a.jsonl", json, read_reward_bench);
    let results: Vec<Option<f64>> = rows
        .iter()
        .map(|row| match row {
            RewardBenchRow::Pair { result, .. } => *result,
            RewardBenchRow::Table(_) => panic!("{row:?}"),
        })
        .collect();
    assert_eq!(results, [Some(0.0), Some(0.5), Some(1.0), None]);
    assert_eq!(
        errors,
        [
            "a.jsonl:5: field `subset`: `hep-cobol` is not a subset of RewardBench",
            "a.jsonl:6: field `subset`: missing",
        ]
    );
    let (rows, _) = read("a.json", "{\n \"model\": \"x\",\n \"hep-go\": 0.75\n}\n", read_reward_bench);
    assert_eq!(rows, [RewardBenchRow::Table([("hep-go".to_owned(), 0.75)].into())]);
}

#[test]
fn reward_bench_2_and_rm_bench_are_read() {
    let json = r#"{"subset":"Ties","id":"tied:1","scores":[[2.0],[1.5],[0.5]],"num_correct":2}
{"subset":"Math","id":4,"score_chosen":1,"score_rejected":[0,0,2]}
{"subset":"Math","id":5,"scores":[1]}
"#;
    let (rows, errors) = read("a.jsonl", json, read_reward_bench_2);
    assert_eq!(
        (rows[0].right.as_slice(), rows[0].wrong.as_slice()),
        ([2.0, 1.5].as_slice(), [0.5].as_slice())
    );
    assert_eq!((rows[1].id.as_str(), rows[1].wrong.len()), ("4", 3));
    assert_eq!(errors, ["a.jsonl:3: field `score_rejected`: empty"]);
    let cells = "id,score_chosen,score_rejected\nsafety-refuse/1,\"[1,2,3]\",\"[0,1,4]\"\nchat/1,1,2\n";
    let (rows, errors) = read("a.csv", cells, read_rm_bench);
    assert_eq!(rows[0].rejected, [0.0, 1.0, 4.0]);
    assert_eq!(
        errors,
        ["a.csv:3: field `score_chosen`: `1` is not the number of scores: 3, one for each style"]
    );
}

#[test]
fn verdicts_in_the_other_order_are_turned_where_the_benchmark_does_not() {
    let json = r#"{"label":"A>B","source":"x","judgments":[{"decision":"A>B"},{"decision":"A>B"}]}
{"label":"B>A","judgments":[null,{"decision":null}]}
{"label":"A=B","judgments":[null]}
{"label":"A>B","judgments":[]}
{"label":"A>B","judgments":[{"decision":"first"}]}
"#;
    let (rows, errors) = read("a.jsonl", json, read_judge_bench);
    assert_eq!(rows[0].verdicts, [Some(Winner::A), Some(Winner::B)]);
    assert_eq!(rows[1].verdicts, [None, None]);
    assert_eq!(errors.len(), 3, "{errors:?}");
    let json = r#"[{"label":1,"results":[["x"],{"swap = False":{"winner":"1"},"swap = True":{"winner":null}}]},
{"label":"2","subset":"Natural","winner":"2","winner_swapped":1},
{"label":3,"winner":"2","winner_swapped":1}]"#;
    let (rows, errors) = read("result.json", json, read_llmbar);
    assert_eq!(rows[0].verdicts, [Some(Winner::A), None]);
    assert_eq!((rows[1].label, rows[1].verdicts), (Winner::B, [Some(Winner::B), Some(Winner::A)]));
    assert_eq!(errors, ["result.json:3: field `label`: `3` is not `1` or `2`"]);
}
