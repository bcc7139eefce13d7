use std::collections::BTreeSet;

use rewardctl_core::gate::{PassIf, Ruling};
use rewardctl_core::stream::Stream;
use serde_json::{Map, Value};

use super::*;
use crate::gate::policy::Absent;
use rewardctl_data::measured::rewarded::Grounds;

mod absent;

const SETTINGS: GateSettings = GateSettings { seed: 1, extent: Extent::All, listed: 20 };

fn row(item: usize, reward: Option<f64>) -> RewardedRow {
    RewardedRow {
        id: Some(format!("id{item}")),
        source: Some(("x.jsonl".into(), item as u64 + 1)),
        read_at: None,
        item: format!("item{item}"),
        response: format!("response{item} {reward:?}"),
        generator: None,
        reward,
        dimensions: [("style".to_owned(), reward)].into(),
        uncertainty: reward.map(|_| 0.1),
        verdicts: 1,
        failed: vec![],
        abstained: BTreeSet::new(),
        by_llm: false,
        grounds: Grounds::Unsaid,
        by_fit: false,
        version: Some("v1".into()),
        length: Some(10),
        fields: Map::new(),
    }
}

/// Rewards around a mean, the same noise for the same seed.
fn rows(count: usize, mean: f64, seed: u64) -> Vec<RewardedRow> {
    let mut stream = Stream::of(seed, "rewards", 0);
    (0..count).map(|item| row(item, Some((mean + 0.1 * stream.normal()).clamp(0.0, 1.0)))).collect()
}

fn policy(text: &str) -> Policy {
    Policy::parse("p.toml", text).unwrap()
}

fn ruled(new: &[RewardedRow], old: Option<&[RewardedRow]>, text: &str) -> GateReport {
    gate(new, old, &policy(text), SETTINGS).unwrap()
}

fn ruling(new: &[RewardedRow], old: Option<&[RewardedRow]>, text: &str) -> Ruling {
    ruled(new, old, text).ruling
}

#[test]
fn a_mean_passes_fails_or_stays_open() {
    let rows = rows(100, 0.7, 1);
    for (threshold, expected) in [(0.6, Ruling::Pass), (0.8, Ruling::Fail), (0.7, Ruling::NotEnoughEvidence)]
    {
        let text = format!("[[rule]]\nmin-mean = {threshold}\n");
        assert_eq!(ruling(&rows, None, &text), expected, "{threshold}");
    }
    assert_eq!(ruling(&rows[..4], None, "[[rule]]\nmin-mean = 0.6\n"), Ruling::NotEnoughEvidence);
    assert_eq!(ruling(&rows[..4], None, "pass-if = 'observed'\n[[rule]]\nmin-mean = 0.5\n"), Ruling::Pass);
}

#[test]
fn a_gate_over_nothing_never_passes() {
    for pass_if in ["shown", "observed", "not-refuted"] {
        let text = format!(
            "pass-if = '{pass_if}'\n[[rule]]\nmin-mean = 0.0\nmax-fail-rate = 1.0\nmax-uncertainty = 1.0\n"
        );
        assert_eq!(ruling(&[], None, &text), Ruling::NotEnoughEvidence, "{pass_if}");
    }
    let refused = gate(&rows(5, 0.5, 1), None, &Policy::default(), SETTINGS).unwrap_err().to_string();
    assert!(refused.contains("no rule"), "{refused}");
    // Nothing that the baseline has is compared with nothing.
    let added: Vec<RewardedRow> = rows(50, 0.9, 1);
    let old: Vec<RewardedRow> = rows(90, 0.5, 1).split_off(50);
    let found = ruled(&added, Some(&old), "removed = 'leave-out'\n[[rule]]\nmax-regression = 0.1\n");
    assert_eq!(found.ruling, Ruling::NotEnoughEvidence);
}

#[test]
fn missing_rewards_count_as_the_worst() {
    let mut new = rows(200, 0.7, 1);
    let text = "[[rule]]\nmin-mean = 0.65\n";
    assert_eq!(ruling(&new, None, text), Ruling::Pass);
    for row in new.iter_mut().take(40) {
        *row = RewardedRow { reward: None, dimensions: [("style".into(), None)].into(), ..row.clone() };
    }
    let found = ruled(&new, None, text);
    assert_eq!((found.ruling, found.checks[0].counts.missing), (Ruling::NotEnoughEvidence, 40));
    // The missing ones are the places that weigh most.
    assert!(found.checks[0].places[0].what.contains("no reward"), "{:?}", found.checks[0].places[0]);
    for pass_if in ["shown", "observed", "not-refuted"] {
        let none: Vec<RewardedRow> = (0..50).map(|item| row(item, None)).collect();
        let text = format!(
            "pass-if = '{pass_if}'\n[[rule]]\nmin-mean = 0.3\nmin-quantile = {{ share = 0.1, score = 0.2 }}\n"
        );
        assert_ne!(ruling(&none, None, &text), Ruling::Pass, "{pass_if}");
        assert_ne!(
            ruling(
                &none,
                Some(&rows(50, 0.5, 1)),
                &format!("pass-if = '{pass_if}'\n[[rule]]\nmax-regression = 0.05\n")
            ),
            Ruling::Pass,
            "{pass_if}"
        );
    }
}

#[test]
fn an_abstention_helps_only_where_the_policy_says_so() {
    let mut new = rows(100, 0.8, 1);
    for row in new.iter_mut().take(50) {
        row.dimensions.insert("style".into(), None);
        row.abstained.insert("style".into());
    }
    let text = "[[rule]]\ndimension = 'style'\nmin-mean = 0.7\n";
    let found = ruled(&new, None, text);
    assert_eq!((found.ruling, found.checks[0].counts.abstained), (Ruling::NotEnoughEvidence, 50));
    assert!(found.warnings[0].contains("leave-out"), "{:?}", found.warnings);
    assert_eq!(ruling(&new, None, &format!("abstained = 'leave-out'\n{text}")), Ruling::Pass);
    // A verdict that failed is no abstention.
    for row in new.iter_mut().take(50) {
        row.failed.push(("style".into(), "critic".into()));
    }
    assert_ne!(ruling(&new, None, &format!("abstained = 'leave-out'\n{text}")), Ruling::Pass);
}

#[test]
fn a_regression_is_found_and_equal_models_pass() {
    let old = rows(300, 0.7, 1);
    let text = "[[rule]]\nmax-regression = 0.05\n";
    let worse: Vec<RewardedRow> = old
        .iter()
        .enumerate()
        .map(|(item, before)| row(item, before.reward.map(|reward| (reward - 0.1).max(0.0))))
        .collect();
    let found = ruled(&worse, Some(&old), text);
    assert_eq!(found.ruling, Ruling::Fail);
    assert!(found.checks[0].why.contains("went from 0.70"), "{}", found.checks[0].why);
    assert!(found.checks[0].places[0].what.contains("fell from"));
    assert_eq!(ruling(&rows(300, 0.7, 2), Some(&old), text), Ruling::Pass);
    let small = ruled(&rows(20, 0.7, 2), Some(&old[..20]), text);
    assert_eq!(small.ruling, Ruling::NotEnoughEvidence);
    assert!(small.warnings[0].contains("too few prompts"), "{:?}", small.warnings);
}

#[test]
fn what_is_the_same_is_no_worse_however_little_there_is() {
    let old = rows(3, 0.7, 1);
    let found = ruled(&old, Some(&old), "[[rule]]\nmax-regression = 0.02\n");
    assert_eq!(
        (found.ruling, found.checks[0].why.as_str()),
        (Ruling::Pass, "every response is the one that the baseline has")
    );
    // Unless something is gone.
    assert_ne!(ruling(&old[..2], Some(&old), "[[rule]]\nmax-regression = 0.02\n"), Ruling::Pass);
    assert_eq!(
        ruling(&old[..2], Some(&old), "removed = 'leave-out'\n[[rule]]\nmax-regression = 0.02\n"),
        Ruling::Pass
    );
}

#[test]
fn prompts_that_are_gone_count_as_the_worst() {
    let old = rows(200, 0.7, 1);
    let new = rows(200, 0.75, 2);
    let text = "[[rule]]\nmax-regression = 0.03\nmax-fail-rate = 0.1\n";
    assert_eq!(ruling(&new, Some(&old), text), Ruling::Pass);
    let found = ruled(&new[..150], Some(&old), text);
    assert_ne!(found.ruling, Ruling::Pass);
    assert_eq!((found.checks[0].counts.removed, found.checks[1].ruling), (50, Ruling::Fail));
    assert_eq!(Policy::default().removed, Absent::Worst);
}

#[test]
fn changed_prompts_alone_can_be_looked_at() {
    let old = rows(100, 0.7, 1);
    let mut new = old.clone();
    for (item, changed) in new.iter_mut().enumerate().take(30) {
        *changed = row(item, Some(0.2));
    }
    let told = GateSettings { extent: Extent::Changed, ..SETTINGS };
    let found = gate(&new, Some(&old), &policy("[[rule]]\nmax-regression = 0.02\n"), told).unwrap();
    assert_eq!((found.prompts, found.ruling), (30, Ruling::Fail));
    let mut lost = old.clone();
    lost[7].reward = None;
    lost[9].failed = vec![("style".into(), "critic".into())];
    let found = gate(&lost, Some(&old), &policy("[[rule]]\nmax-fail-rate = 0.02\n"), told).unwrap();
    assert_eq!((found.prompts, found.ruling), (2, Ruling::Fail), "what was lost is a change");
    let same = gate(&old, Some(&old), &policy("[[rule]]\nmax-regression = 0.02\n"), told).unwrap();
    assert_eq!((same.prompts, same.ruling), (0, Ruling::NotEnoughEvidence));
}

#[test]
fn mixed_versions_are_refused() {
    let old: Vec<RewardedRow> =
        rows(5, 0.5, 1).into_iter().map(|row| RewardedRow { version: Some("v2".into()), ..row }).collect();
    let new = rows(5, 0.5, 1);
    let refused = gate(&new, Some(&old), &Policy::default(), SETTINGS).unwrap_err().to_string();
    assert!(refused.contains("`v1`") && refused.contains("`v2`"), "{refused}");
    let mut mixed = new.clone();
    mixed[3].version = None;
    assert!(gate(&mixed, None, &policy("[[rule]]\nmin-mean = 0.1\n"), SETTINGS).is_err());
}

#[test]
fn slices_and_models_are_told_apart() {
    let mut new = rows(200, 0.8, 1);
    for (at, row) in new.iter_mut().enumerate() {
        row.generator = Some(if at % 2 == 0 { "m1" } else { "m2" }.into());
        row.fields.insert("topic".into(), Value::from(if at < 60 { "tax" } else { "law" }));
        if at < 60 {
            row.reward = row.reward.map(|reward| reward - 0.5);
        }
    }
    let found =
        ruled(&new, None, "by = ['topic', 'model']\nby-pass-if = 'shown'\n[[rule]]\nmin-mean = 0.5\n");
    let slices: Vec<(&str, Ruling)> =
        found.checks.iter().map(|check| (check.slice.as_str(), check.ruling)).collect();
    assert_eq!(
        slices,
        [
            ("", Ruling::Pass),
            ("topic law", Ruling::Pass),
            ("topic tax", Ruling::Fail),
            ("model m1", Ruling::Pass),
            ("model m2", Ruling::Pass)
        ]
    );
    assert_eq!(found.ruling, Ruling::Fail);
    let one = ruled(&new, None, "[[rule]]\nmin-mean = 0.6\nwhere = { topic = 'law' }\nmodel = 'm1'\n");
    assert_eq!((one.ruling, one.checks[0].counts.responses), (Ruling::Pass, 70));
    // A field that is selected by is not looked at again, and a value that is nowhere is no missing field.
    let met = ruled(&new, None, "by = ['topic']\n[[rule]]\nmin-mean = 0.6\nwhere = { topic = 'law' }\n");
    assert_eq!(met.checks.len(), 1);
    let nowhere = ruled(&new, None, "by = ['topic']\n[[rule]]\nmin-mean = 0.6\nwhere = { topic = 'none' }\n");
    assert_ne!(nowhere.ruling, Ruling::Pass);
    for (text, said) in [
        ("by = ['tpoic']\n[[rule]]\nmin-mean = 0.5\n", "no row has a field `tpoic`"),
        ("[[rule]]\nmin-mean = 0.5\nmodel = 'm3'\n", "no response is of a model `m3`"),
        ("[[rule]]\nmin-mean = 0.5\ndimension = 'stile'\n", "no response was judged on a dimension `stile`"),
        ("[[rule]]\nmax-regression = 0.1\n", "needs a baseline"),
    ] {
        let refused = gate(&new, None, &policy(text), SETTINGS).unwrap_err().to_string();
        assert!(refused.contains(said), "{refused}");
    }
}

#[test]
fn a_rule_or_a_slice_that_passes_takes_no_fail_away() {
    let mut new = rows(200, 0.7, 1);
    for row in &mut new {
        row.fields.insert("topic".into(), Value::from(row.source.as_ref().map_or(0, |(_, line)| line % 5)));
    }
    // Where it is broken with p a little below 5 %.
    let p = |threshold: f64| {
        ruled(&new, None, &format!("[[rule]]\nmin-mean = {threshold}\n")).checks[0].p_holds.unwrap()
    };
    let threshold = (0..1000).map(|step| 0.68 + 0.0001 * f64::from(step)).find(|at| p(*at) < 0.04).unwrap();
    assert!(p(threshold) > 0.02, "{}", p(threshold));
    for pass_if in ["shown", "not-refuted"] {
        let text = format!("pass-if = '{pass_if}'\n[[rule]]\nmin-mean = {threshold}\n");
        assert_eq!(ruling(&new, None, &text), Ruling::Fail);
        let more = "[[rule]]\nmin-mean = 0.1\nmin-quantile = { share = 0.5, score = 0.2 }\n[[rule]]\nmin-mean = 0.2\n";
        assert_eq!(ruling(&new, None, &format!("by = ['topic']\n{text}{more}")), Ruling::Fail, "{pass_if}");
    }
}

#[test]
fn items_that_must_pass_are_looked_at_one_by_one() {
    let mut new = rows(20, 0.8, 1);
    let text = "[[rule]]\nmust-pass = ['id3', 'item7']\nmin-score = 0.4\n";
    assert_eq!(ruling(&new, None, text), Ruling::Pass);
    new[7].reward = Some(0.39);
    let found = ruled(&new, None, text);
    assert_eq!((found.ruling, found.checks[0].places.len()), (Ruling::Fail, 1));
    assert_eq!(found.checks[0].places[0].line, Some(8));
    new[7].reward = None;
    assert_eq!(ruling(&new, None, text), Ruling::Fail);
    new.remove(7);
    assert!(ruled(&new, None, text).checks[0].places[0].what.contains("not in the file"));
}

#[test]
fn failures_and_uncertainty_are_facts() {
    let mut new = rows(50, 0.8, 1);
    new[0].failed.push(("style".into(), "critic".into()));
    assert_eq!(ruling(&new, None, "[[rule]]\nmax-fail-rate = 0.02\n"), Ruling::Pass);
    assert_eq!(ruling(&new, None, "[[rule]]\nmax-fail-rate = 0.01\n"), Ruling::Fail);
    assert_eq!(ruling(&new, None, "[[rule]]\nmax-uncertainty = 0.1\n"), Ruling::Pass);
    new[1].reward = None;
    assert_eq!(ruling(&new, None, "[[rule]]\nmax-uncertainty = 0.1\n"), Ruling::Fail);
}

#[test]
fn a_quantile_is_about_the_share_that_falls_short() {
    let new: Vec<RewardedRow> =
        (0..200).map(|item| row(item, Some(if item < 10 { 0.1 } else { 0.9 }))).collect();
    let found = ruled(&new, None, "[[rule]]\nmin-quantile = { share = 0.1, score = 0.5 }\n");
    assert_eq!(
        (found.ruling, found.checks[0].estimate.map(|share| (share * 100.0).round())),
        (Ruling::Pass, Some(5.0))
    );
    let (low, high) = found.checks[0].bounds.unwrap();
    assert!(low < 0.05 && 0.05 < high && high < 0.1, "{low} {high}");
    assert_eq!(
        ruling(&new, None, "[[rule]]\nmin-quantile = { share = 0.05, score = 0.5 }\n"),
        Ruling::NotEnoughEvidence
    );
}

#[test]
fn critics_that_nobody_compared_with_people_are_marked() {
    let new: Vec<RewardedRow> =
        rows(50, 0.8, 1).into_iter().map(|row| RewardedRow { by_llm: true, ..row }).collect();
    let found = ruled(&new, None, "[[rule]]\nmin-mean = 0.5\n");
    assert!(found.uncalibrated && found.warnings[0].starts_with("uncalibrated"));
    let refused =
        gate(&new, None, &policy("require-calibrated = true\n[[rule]]\nmin-mean = 0.5\n"), SETTINGS);
    assert!(refused.is_err());
    let fitted: Vec<RewardedRow> = new.into_iter().map(|row| RewardedRow { by_fit: true, ..row }).collect();
    assert!(!ruled(&fitted, None, "require-calibrated = true\n[[rule]]\nmin-mean = 0.5\n").uncalibrated);
}

#[test]
fn responses_to_one_prompt_count_once() {
    // Ten prompts with fifty equal responses each are ten prompts.
    let new: Vec<RewardedRow> = (0..500)
        .map(|at| {
            let item = at / 50;
            RewardedRow { response: format!("r{at}"), ..row(item, Some(0.5 + 0.04 * item as f64)) }
        })
        .collect();
    let found = ruled(&new, None, "[[rule]]\nmin-mean = 0.62\n");
    assert_eq!((found.prompts, found.responses, found.ruling), (10, 500, Ruling::NotEnoughEvidence));
    let (low, high) = found.checks[0].bounds.unwrap();
    assert!(high - low > 0.15, "{low} {high}");
}

#[test]
fn the_order_of_rows_leaves_no_trace() {
    let (new, old) = (rows(15, 0.7, 1), rows(15, 0.7, 2));
    let mut turned: Vec<RewardedRow> = new.clone();
    turned.reverse();
    let json = |rows: &[RewardedRow]| {
        serde_json::to_string(&ruled(rows, Some(&old), "[[rule]]\nmin-mean = 0.6\nmax-regression = 0.1\n"))
            .unwrap()
    };
    assert_eq!(json(&new), json(&turned));
    assert_eq!(policy("pass-if = 'not-refuted'").pass_if, PassIf::NotRefuted);
}

#[test]
fn a_model_is_compared_with_itself_or_with_all_there_was() {
    let named = |rows: Vec<RewardedRow>, name: &str| -> Vec<RewardedRow> {
        rows.into_iter().map(|row| RewardedRow { generator: Some(name.into()), ..row }).collect()
    };
    let text = "by = ['model']\n[[rule]]\nmax-regression = 0.1\n";
    let renamed = ruled(&named(rows(200, 0.7, 2), "v2"), Some(&named(rows(200, 0.7, 1), "v1")), text);
    let slices: Vec<&str> = renamed.checks.iter().map(|check| check.slice.as_str()).collect();
    assert_eq!((slices, renamed.ruling), (vec!["", "model v2"], Ruling::Pass));
    assert_eq!(renamed.checks[1].regression.as_ref().map(|found| found.compared), Some(200));
    let mut both = named(rows(200, 0.7, 1), "v1");
    both.extend(named(rows(200, 0.3, 3), "v2"));
    let found =
        ruled(&named(rows(200, 0.5, 2), "v2"), Some(&both), "[[rule]]\nmodel = 'v2'\nmax-regression = 0.1\n");
    assert_eq!(found.ruling, Ruling::Pass, "against the same model it is better, not worse");
}
