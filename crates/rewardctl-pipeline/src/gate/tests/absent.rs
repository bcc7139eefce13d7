//! What is gone, unsaid or unlike never helps to pass.

use super::*;

/// A response of a model to every prompt.
fn of_model(model: &str, rewards: f64, count: usize) -> Vec<RewardedRow> {
    let named = |item: usize| RewardedRow {
        generator: Some(model.into()),
        response: format!("{model} {item}"),
        ..row(item, Some(rewards + 0.001 * (item % 20) as f64))
    };
    (0..count).map(named).collect()
}

const RULES: [&str; 3] =
    ["[[rule]]\nmax-regression = 0.02\n", "[[rule]]\nmin-mean = 0.5\n", "[[rule]]\nmax-fail-rate = 0.1\n"];

#[test]
fn a_model_that_is_gone_is_missed() {
    let good = of_model("good", 0.9, 100);
    let both: Vec<RewardedRow> = good.iter().cloned().chain(of_model("bad", 0.3, 100)).collect();
    for text in RULES {
        assert_eq!(ruling(&both, Some(&both), text), Ruling::Pass, "{text}");
        let found = ruled(&good, Some(&both), text);
        assert_ne!(found.ruling, Ruling::Pass, "{text}");
        assert_eq!(found.checks[0].counts.lacking, 100);
        assert!(found.warnings.iter().any(|said| said.starts_with("100 responses are gone")), "{found:?}");
        let left_out = ruled(&good, Some(&both), &format!("removed = 'leave-out'\n{text}"));
        assert_eq!(left_out.ruling, Ruling::Pass, "{text}");
        assert!(left_out.warnings.iter().any(|said| said.ends_with("are left out")), "{left_out:?}");
    }
    assert_ne!(ruling(&good, Some(&both), "[[rule]]\nmax-uncertainty = 0.2\n"), Ruling::Pass);
    assert_ne!(
        ruling(&good[..50], Some(&good), "[[rule]]\nmax-uncertainty = 0.2\n"),
        Ruling::Pass,
        "prompts"
    );
}

#[test]
fn a_model_that_lacks_prompts_is_missed_there() {
    let old = of_model("m", 0.8, 100);
    let other = of_model("n", 0.8, 100);
    let new: Vec<RewardedRow> = old[..50].iter().cloned().chain(other).collect();
    let found = ruled(&new, Some(&old), "[[rule]]\nmax-fail-rate = 0.1\n");
    assert_eq!((found.ruling, found.checks[0].counts.lacking), (Ruling::Fail, 50));
}

#[test]
fn responses_cut_to_the_best_one_are_missed() {
    let four = |item: usize| {
        (0..4).map(move |at| RewardedRow {
            response: format!("r{item} {at}"),
            ..row(item, Some(0.3 + 0.2 * f64::from(at)))
        })
    };
    let old: Vec<RewardedRow> = (0..60).flat_map(four).collect();
    let best: Vec<RewardedRow> = old.iter().filter(|row| row.reward > Some(0.8)).cloned().collect();
    for text in RULES {
        assert_ne!(ruling(&best, Some(&old), text), Ruling::Pass, "{text}");
    }
    let must = "[[rule]]\nmust-pass = ['id3']\nmin-score = 0.6\n";
    let found = ruled(&best, Some(&old), must);
    assert_eq!((found.ruling, found.checks[0].places.len()), (Ruling::Fail, 3));
    assert!(found.checks[0].places[0].what.contains("3 responses more"), "{:?}", found.checks[0].places);
    assert_eq!(ruling(&best, None, must), Ruling::Pass);
}

#[test]
fn another_model_with_as_many_responses_is_comparable() {
    let (old, new) = (of_model("v1", 0.7, 100), of_model("v2", 0.75, 100));
    let found = ruled(&new, Some(&old), "by = ['model']\n[[rule]]\nmax-regression = 0.02\n");
    assert_eq!((found.ruling, found.checks[0].counts.lacking), (Ruling::Pass, 0));
    // A model that the baseline does not have is held against all that it has, whose number says nothing of it.
    let both: Vec<RewardedRow> = old.iter().cloned().chain(of_model("w1", 0.7, 100)).collect();
    let mut newer = new.clone();
    newer.extend(of_model("w1", 0.7, 100));
    let found = ruled(&newer, Some(&both), "by = ['model']\n[[rule]]\nmax-regression = 0.02\n");
    let lacking: Vec<usize> = found.checks.iter().map(|check| check.counts.lacking).collect();
    assert_eq!((found.ruling, lacking), (Ruling::Pass, vec![0, 0, 0]));
}

#[test]
fn a_dimension_that_is_not_there_is_no_abstention() {
    let mut new = rows(100, 0.8, 1);
    new.iter_mut().take(50).for_each(|row| row.dimensions.clear());
    let text =
        "abstained = 'leave-out'\n[[rule]]\ndimension = 'style'\nmin-mean = 0.7\nmax-fail-rate = 0.1\n";
    let found = ruled(&new, None, text);
    assert_eq!((found.checks[0].counts.missing, found.checks[0].counts.abstained), (50, 0));
    assert!(found.checks[0].ruling != Ruling::Pass && found.checks[1].ruling == Ruling::Fail, "{found:?}");
}

#[test]
fn the_same_responses_with_other_rewards_are_not_the_same() {
    let unversioned = |rows: Vec<RewardedRow>| -> Vec<RewardedRow> {
        rows.into_iter().map(|row| RewardedRow { version: None, ..row }).collect()
    };
    let old = unversioned(rows(100, 0.8, 1));
    let lower =
        |row: &RewardedRow| RewardedRow { reward: row.reward.map(|reward| reward - 0.4), ..row.clone() };
    let new: Vec<RewardedRow> = old.iter().map(lower).collect();
    assert_eq!(ruling(&new, Some(&old), "[[rule]]\nmax-regression = 0.02\n"), Ruling::Fail);
}

#[test]
fn what_must_pass_must_do_so_where_nothing_changed() {
    let mut old = rows(100, 0.8, 1);
    old[7] = row(7, Some(0.1));
    let mut new = old.clone();
    new[3] = row(3, Some(0.9));
    let told = GateSettings { extent: Extent::Changed, ..SETTINGS };
    let must = |item: &str| policy(&format!("[[rule]]\nmust-pass = ['{item}']\n"));
    let ruling = |item: &str| gate(&new, Some(&old), &must(item), told).unwrap().ruling;
    assert_eq!((ruling("id5"), ruling("id7")), (Ruling::Pass, Ruling::Fail));
}

#[test]
fn what_must_be_calibrated_must_say_what_made_it() {
    let new: Vec<RewardedRow> =
        rows(50, 0.8, 1).into_iter().map(|row| RewardedRow { version: None, by_fit: true, ..row }).collect();
    let told = policy("require-calibrated = true\n[[rule]]\nmin-mean = 0.5\n");
    let refused = gate(&new, None, &told, SETTINGS).unwrap_err().to_string();
    assert!(refused.contains("x.jsonl:1: the row does not say what made its reward"), "{refused}");
}

#[test]
fn no_two_checks_have_one_title() {
    let new = rows(50, 0.8, 1);
    let text = "[[rule]]\nmin-mean = 0.5\n[[rule]]\nmin-mean = 0.6\n[[rule]]\nmin-mean = 0.9\npass-at = 0.5\n\
        [[rule]]\nname = 'x'\nmin-mean = 0.1\n[[rule]]\nname = 'x'\nmin-mean = 0.2\nmodel = 'm'\n";
    let titles = policy(text).titles();
    assert_eq!(titles, ["reward", "reward (2)", "reward from 0.5 on", "x", "x (2)"]);
    let refused = gate(&new, None, &policy(text), SETTINGS).unwrap_err().to_string();
    assert!(refused.starts_with("rule `x (2)`"), "{refused}");
}
