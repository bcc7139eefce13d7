use std::collections::BTreeSet;

use rewardctl_core::stream::Stream;
use serde_json::{Map, Value};

use super::*;
use rewardctl_data::measured::rewarded::Grounds;

const SETTINGS: CompareSettings = CompareSettings {
    dimension: None,
    tie: 0.0,
    effect: 0.02,
    alpha: 0.05,
    power: 0.8,
    correction: Correction::Holm,
    looks: Looks::Once,
    by: vec![],
    seed: 1,
};

fn row(item: usize, reward: Option<f64>, length: usize) -> RewardedRow {
    RewardedRow {
        id: None,
        source: Some(("x".into(), item as u64 + 1)),
        read_at: None,
        item: format!("item{item}"),
        response: format!("response{item} {reward:?}"),
        generator: Some("m".into()),
        reward,
        dimensions: [("style".to_owned(), reward)].into(),
        uncertainty: None,
        verdicts: 1,
        failed: vec![],
        abstained: BTreeSet::new(),
        by_llm: false,
        grounds: Grounds::Unsaid,
        by_fit: false,
        version: Some("v1".into()),
        length: Some(length),
        fields: Map::new(),
    }
}

fn arm(name: &str, count: usize, mean: f64, seed: u64) -> Arm {
    let mut stream = Stream::of(seed, "arm", 0);
    let mut one = |item| row(item, Some((mean + 0.1 * stream.normal()).clamp(0.0, 1.0)), 100);
    Arm { name: name.into(), rows: (0..count).map(&mut one).collect() }
}

#[test]
fn the_better_side_is_named() {
    let report = compare(&[arm("old", 200, 0.5, 1), arm("new", 200, 0.6, 2)], &SETTINGS).unwrap();
    let duel = &report.duels[0];
    assert_eq!((duel.first.as_str(), duel.second.as_str(), duel.prompts), ("old", "new", 200));
    assert!(duel.win_rate.value.unwrap() > 0.65 && duel.p_adjusted.unwrap() < 0.001);
    assert!(report.advice[0].contains("`new` is better than `old` by 0."), "{:?}", report.advice);
    let turned = compare(&[arm("new", 200, 0.6, 2), arm("old", 200, 0.5, 1)], &SETTINGS).unwrap();
    assert!(turned.advice[0].contains("`new` is better than `old` by 0."), "{:?}", turned.advice);
    assert_eq!(turned.duels[0].wins, duel.losses);
}

#[test]
fn what_is_equal_or_open_is_said_so() {
    let equal = compare(&[arm("a", 2000, 0.5, 1), arm("b", 2000, 0.5, 2)], &SETTINGS).unwrap();
    assert!(equal.advice[0].contains("are equal within 0.02"), "{:?}", equal.advice);
    let open = compare(&[arm("a", 30, 0.5, 1), arm("b", 30, 0.5, 2)], &SETTINGS).unwrap();
    assert!(open.advice[0].contains("A difference of 0.02 takes"), "{:?}", open.advice);
    let same = compare(&[arm("a", 5, 0.5, 1), arm("b", 5, 0.5, 1)], &SETTINGS).unwrap();
    assert!(same.advice[0].contains("have the same scores on all 5 prompts"), "{:?}", same.advice);
}

#[test]
fn a_win_by_length_is_called_one() {
    // The second is longer by chance, and wins where it is much longer.
    let mut stream = Stream::new(6);
    let (mut first, mut second) = (vec![], vec![]);
    for item in 0..600 {
        let longer = 80.0 + 100.0 * stream.normal();
        let wins = longer + 20.0 * stream.normal() > 30.0;
        first.push(row(item, Some(0.5), 500));
        second.push(row(item, Some(if wins { 0.6 } else { 0.4 }), (500.0 + longer).max(1.0) as usize));
    }
    let arms = [Arm { name: "short".into(), rows: first }, Arm { name: "long".into(), rows: second }];
    let report = compare(&arms, &SETTINGS).unwrap();
    let duel = &report.duels[0];
    let controlled = duel.length_controlled.unwrap();
    assert!(duel.win_rate.value.unwrap() > 0.6 && controlled.rate < 0.45, "{controlled:?}");
    assert!(report.advice[0].contains("wins by length"), "{:?}", report.advice);
}

#[test]
fn what_is_missing_is_in_no_figure_and_counted() {
    let (first, mut second) = (arm("a", 100, 0.5, 1), arm("b", 90, 0.5, 2));
    for row in second.rows.iter_mut().take(10) {
        row.reward = None;
    }
    let report = compare(&[first, second], &SETTINGS).unwrap();
    let duel = &report.duels[0];
    assert_eq!((duel.prompts, duel.missing, duel.only_first, duel.only_second), (80, 10, 10, 0));
    assert!(
        report.advice[0].contains("10 without a score on one side, 10 that only `a`"),
        "{:?}",
        report.advice
    );
}

#[test]
fn many_are_ranked_even_if_one_always_wins() {
    let always = Arm { name: "best".into(), rows: (0..100).map(|item| row(item, Some(1.0), 100)).collect() };
    let arms = [arm("a", 100, 0.5, 1), arm("b", 100, 0.55, 2), always];
    let report = compare(&arms, &SETTINGS).unwrap();
    let ranked = report.ranking.unwrap();
    assert_eq!(ranked.models[0].model, "best");
    assert!(ranked.note.unwrap().contains("never won"));
    let usual =
        compare(&[arm("a", 100, 0.5, 1), arm("b", 100, 0.55, 2), arm("c", 100, 0.45, 3)], &SETTINGS).unwrap();
    let names: Vec<String> = usual.ranking.unwrap().models.into_iter().map(|model| model.model).collect();
    assert_eq!(names, ["b", "a", "c"]);
}

#[test]
fn slices_are_looked_at_besides() {
    let mut arms = [arm("a", 100, 0.5, 1), arm("b", 100, 0.5, 2)];
    for arm in &mut arms {
        let is_b = arm.name == "b";
        for (at, row) in arm.rows.iter_mut().enumerate() {
            row.fields.insert("topic".into(), Value::from(if at < 50 { "tax" } else { "law" }));
            if is_b && at < 50 {
                row.reward = row.reward.map(|reward| reward + 0.2);
            }
        }
    }
    let told = CompareSettings { by: vec!["topic".into()], ..SETTINGS };
    let report = compare(&arms, &told).unwrap();
    let slices: Vec<(&str, bool)> = report
        .slices
        .iter()
        .map(|slice| (slice.slice.as_str(), slice.duels[0].p_adjusted.unwrap() < 0.05))
        .collect();
    assert_eq!(slices, [("topic law", false), ("topic tax", true)]);
}

#[test]
fn at_any_time_it_takes_more() {
    let told = CompareSettings { looks: Looks::Always, ..SETTINGS };
    let report = compare(&[arm("old", 400, 0.5, 1), arm("new", 400, 0.6, 2)], &told).unwrap();
    let always = report.duels[0].always.unwrap();
    let (low, high) = report.duels[0].difference.interval.unwrap();
    let wider = always.interval.unwrap();
    assert!(wider.0 < low && wider.1 > high && !always.out_of_order, "{always:?}");
    assert_eq!(
        (report.duels[0].detectable, report.duels[0].planned.len()),
        (None, 0),
        "one looks at any time"
    );
    assert!(always.decided_after.is_some_and(|prompts| prompts < 400), "{always:?}");
    // Sorted by what is compared, nothing holds.
    let mut sorted = arm("new", 400, 0.5, 2);
    sorted.rows.sort_by(|a, b| b.reward.unwrap_or(0.0).total_cmp(&a.reward.unwrap_or(0.0)));
    let fixed = Arm { name: "old".into(), rows: (0..400).map(|item| row(item, Some(0.5), 100)).collect() };
    let report = compare(&[fixed.clone(), sorted.clone()], &told).unwrap();
    let always = report.duels[0].always.unwrap();
    assert_eq!((always.out_of_order, always.interval, always.p), (true, None, None));
    assert!(report.advice[0].starts_with("Hold:"), "{:?}", report.advice);
    // The order is that of the rows read, whatever lines they were scored from.
    for (at, row) in sorted.rows.iter_mut().enumerate() {
        row.source = Some(("x".into(), (at * 7919 % 400) as u64 + 1));
    }
    assert!(compare(&[fixed, sorted], &told).unwrap().duels[0].always.unwrap().out_of_order);
}

#[test]
fn p_at_any_time_is_adjusted_as_its_decision_is() {
    let p = |arms: &[Arm], correction| {
        let told = CompareSettings { looks: Looks::Always, correction, ..SETTINGS };
        compare(arms, &told).unwrap().duels[0].always.unwrap()
    };
    let three = [arm("a", 200, 0.5, 1), arm("b", 200, 0.53, 2), arm("c", 200, 0.5, 3)];
    let (alone, shared) = (p(&three[..2], Correction::Holm), p(&three, Correction::None));
    assert_eq!(alone.p, shared.p);
    for arms in [&three[..2], &three[..]] {
        for correction in [Correction::Holm, Correction::None] {
            let always = p(arms, correction);
            assert_eq!(always.decided_after.is_some(), always.p.is_some_and(|p| p <= 0.05), "{always:?}");
        }
    }
    assert!(p(&three, Correction::Holm).p > alone.p);
}

#[test]
fn a_side_that_fails_on_half_of_the_prompts_is_not_taken() {
    let (old, new) = (arm("old", 200, 0.5, 1), arm("new", 200, 0.7, 2));
    let mut failing = new.clone();
    failing.rows.iter_mut().step_by(2).for_each(|row| row.reward = None);
    let gone = Arm { name: "new".into(), rows: new.rows[..100].to_vec() };
    for (side, counts) in [(failing, (100, 0)), (gone, (0, 100))] {
        let report = compare(&[old.clone(), side], &SETTINGS).unwrap();
        let duel = &report.duels[0];
        assert_eq!(((duel.missing, duel.only_first), duel.scored_by_one), (counts, (100, 0)));
        assert!(report.advice[0].starts_with("Hold:"), "{:?}", report.advice);
    }
    // A few on either side are said, and no reason to hold.
    let few = Arm { name: "new".into(), rows: new.rows[..195].to_vec() };
    let said = compare(&[old, few], &SETTINGS).unwrap().advice.remove(0);
    assert!(said.contains("take `new`") && said.contains("5 that only `old` answered"), "{said}");
}

#[test]
fn power_is_said_of_the_t_test_alone() {
    let duel = |count: usize, differ: usize| {
        let fixed = |name: &str| Arm {
            name: name.into(),
            rows: (0..count).map(|item| row(item, Some(0.5), 9)).collect(),
        };
        let mut second = fixed("b");
        for (at, row) in second.rows.iter_mut().take(differ).enumerate() {
            row.reward = Some(0.6 + 0.001 * at as f64);
        }
        compare(&[fixed("a"), second], &SETTINGS).unwrap().duels.remove(0)
    };
    let of = |duel: DuelReport| (duel.detectable.is_some(), duel.planned.is_empty());
    assert_eq!(of(duel(100, 50)), (true, false));
    assert_eq!(of(duel(100, 9)), (false, true), "hardly any differs");
    assert_eq!(of(duel(20, 10)), (false, false), "too few to find, but not to plan");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let mut other = arm("b", 10, 0.5, 2);
    other.rows.iter_mut().for_each(|row| row.version = Some("v2".into()));
    let refused = |arms: &[Arm], settings: &CompareSettings| compare(arms, settings).unwrap_err().to_string();
    assert!(refused(&[arm("a", 10, 0.5, 1), other], &SETTINGS).contains("not made by the same critics"));
    assert!(refused(&[arm("a", 10, 0.5, 1)], &SETTINGS).contains("one side, `a`"));
    let told = CompareSettings { dimension: Some("stile".into()), ..SETTINGS };
    assert!(refused(&[arm("a", 10, 0.5, 1), arm("b", 10, 0.5, 1)], &told).contains("`stile`"));
}

/// The share of comparisons of two that are equal in which one is called better.
fn false_alarms(looks: Looks, runs: u64) -> f64 {
    let alarm = |seed: u64| {
        let side = |name: &str, number: u64| {
            let mut stream = Stream::of(seed, "equal", number);
            // Crowded at the upper end, as rewards are.
            let mut one = |item| row(item, Some(1.0 - 0.5 * stream.unit() * stream.unit()), 100);
            Arm { name: name.into(), rows: (0..80).map(&mut one).collect() }
        };
        let report = compare(&[side("a", 0), side("b", 1)], &CompareSettings { looks, ..SETTINGS }).unwrap();
        let duel = &report.duels[0];
        match looks {
            Looks::Once => duel.p_adjusted.is_some_and(|p| p <= 0.05),
            Looks::Always => duel.always.is_some_and(|always| always.decided_after.is_some()),
        }
    };
    (0..runs).filter(|seed| alarm(*seed)).count() as f64 / runs as f64
}

#[test]
fn equal_sides_are_told_apart_as_seldom_as_promised() {
    // Three standard errors above 5 %.
    let most = 0.05 + 3.0 * (0.05f64 * 0.95 / 200.0).sqrt();
    for looks in [Looks::Once, Looks::Always] {
        let found = false_alarms(looks, 200);
        assert!(found <= most, "{found} {looks:?}");
    }
}
