use rewardctl_core::stream::Stream;
use serde_json::json;

use super::*;

fn settings(metrics: &[(&str, Better)]) -> ExperimentSettings {
    ExperimentSettings {
        arm: Some("arm".into()),
        unit: None,
        metrics: metrics
            .iter()
            .map(|(field, better)| Metric { field: (*field).into(), better: *better })
            .collect(),
        covariate: None,
        control: None,
        split: vec![],
        range: (0.0, 1.0),
        alpha: 0.05,
        power: 0.8,
        correction: Correction::Holm,
        looks: Looks::Once,
    }
}

fn row(fields: Value) -> Row {
    let Value::Object(fields) = fields else { panic!("an object") };
    Row { place: "x:1".into(), arm: None, fields }
}

/// 1,247 units, and six numbers that are known.
fn example() -> Vec<Row> {
    let arm = |name: &'static str, units: u32, right: u32, helpful: f64, latency: f64| {
        (0..units).map(move |unit| {
            // A spread that cancels out, so that the means are exact.
            let off = if unit % 2 == 0 { 0.1 } else { -0.1 } * f64::from(u32::from(unit < units / 2 * 2));
            row(json!({"arm": name, "accuracy": unit < right, "helpfulness": helpful + off, "latency": latency + off}))
        })
    };
    arm("current", 623, 542, 3.8, 1.2).chain(arm("new", 624, 568, 4.2, 1.1)).collect()
}

#[test]
fn six_numbers_of_a_known_experiment() {
    let metrics = [("accuracy", Better::Higher), ("helpfulness", Better::Higher), ("latency", Better::Lower)];
    let report = experiment(&example(), &[], &settings(&metrics)).unwrap();
    let of = |at: usize| &report.metrics[at].contrasts[0];
    assert!((of(0).p.unwrap() - 0.0230).abs() < 5e-5, "{:?}", of(0));
    let relative: Vec<String> =
        [1, 0, 2].iter().map(|at| format!("{:+.1}", of(*at).relative.unwrap() * 100.0)).collect();
    assert_eq!(relative, ["+10.5", "+4.6", "-8.3"]);
    assert_eq!((of(0).method, of(1).method), ("two_proportions", "welch"));
    assert!(!report.sample_ratio_mismatch);
    assert!(report.advice[0].contains("`new` improves accuracy by 4.6 %: take it"), "{:?}", report.advice);
    assert!(report.advice[2].contains("also improves latency by 8.3 %"), "{:?}", report.advice);
}

#[test]
fn a_broken_split_is_all_that_is_said() {
    let rows: Vec<Row> =
        (0..1000).map(|at| row(json!({"arm": if at < 420 { "a" } else { "b" }, "x": at % 2}))).collect();
    let report = experiment(&rows, &[], &settings(&[("x", Better::Higher)])).unwrap();
    assert!(report.sample_ratio_mismatch);
    assert!(report.advice.len() == 1 && report.advice[0].starts_with("Hold:"), "{:?}", report.advice);
    let planned = ExperimentSettings { split: vec![42.0, 58.0], ..settings(&[("x", Better::Higher)]) };
    assert!(!experiment(&rows, &[], &planned).unwrap().sample_ratio_mismatch);
}

#[test]
fn units_count_once_and_belong_to_one_arm() {
    let mut rows: Vec<Row> = (0..40)
        .map(|at| row(json!({"arm": at / 20, "user": at / 2, "x": f64::from(at % 7) / 7.0})))
        .collect();
    let told = ExperimentSettings { unit: Some("user".into()), ..settings(&[("x", Better::Higher)]) };
    let report = experiment(&rows, &[], &told).unwrap();
    assert_eq!(report.metrics[0].contrasts[0].counts, (10, 10));
    rows.push(row(json!({"arm": 1, "user": 0, "x": 0.5})));
    let refused = experiment(&rows, &[], &told).unwrap_err().to_string();
    assert!(refused.contains("unit `0` is in two arms"), "{refused}");
}

#[test]
fn what_was_known_before_takes_noise_out() {
    let mut stream = Stream::new(4);
    let rows: Vec<Row> = (0..800)
        .map(|at| {
            let before = stream.normal();
            let x = before + 0.3 * stream.normal() + if at % 2 == 0 { 0.0 } else { 0.08 };
            row(json!({"arm": at % 2, "before": before, "x": x}))
        })
        .collect();
    let plain = experiment(&rows, &[], &settings(&[("x", Better::Higher)])).unwrap();
    let told = ExperimentSettings { covariate: Some("before".into()), ..settings(&[("x", Better::Higher)]) };
    let less = experiment(&rows, &[], &told).unwrap();
    let (plain, less) = (&plain.metrics[0].contrasts[0], &less.metrics[0].contrasts[0]);
    let width = |contrast: &Contrast| contrast.interval.map(|(low, high)| high - low).unwrap();
    assert!(width(less) < width(plain) * 0.4 && less.variance_removed.unwrap() > 0.8, "{less:?}");
    assert!(less.p.unwrap() < 0.01 && plain.p.unwrap() > less.p.unwrap());
}

#[test]
fn looking_at_any_time_needs_a_range() {
    let rows: Vec<Row> = (0..400)
        .map(|at| row(json!({"arm": at % 2, "x": if at % 2 == 0 { 0.2 } else { 0.8 }, "ms": at})))
        .collect();
    let told = |field| ExperimentSettings { looks: Looks::Always, ..settings(&[(field, Better::Higher)]) };
    let report = experiment(&rows, &[], &told("x")).unwrap();
    let found = &report.metrics[0].contrasts[0];
    assert_eq!((found.always_decided, found.p), (Some(true), None));
    assert_eq!((found.detectable, found.needed), (None, None), "power is of one look");
    assert!(experiment(&rows, &[], &told("ms")).unwrap_err().to_string().contains("not in 0 to 1"));
}

#[test]
fn what_is_not_there_is_refused() {
    let rows = [row(json!({"arm": "a", "x": 1})), row(json!({"arm": "b", "x": "high"}))];
    let said = |rows: &[Row], metric| {
        experiment(rows, &[], &settings(&[(metric, Better::Higher)])).unwrap_err().to_string()
    };
    assert!(said(&rows, "x").contains("x:1: field `x`"), "{}", said(&rows, "x"));
    assert!(said(&rows, "y").contains("no row has a field `y`"));
    assert!(said(&rows[..1], "x").contains("one arm, `a`"));
    assert!(said(&[row(json!({"x": 1}))], "x").contains("field `arm`: missing"));
}

#[test]
fn a_split_that_is_no_split_is_refused() {
    for split in [[50.0, -50.0], [90.0, 0.0], [f64::NAN, 1.0], [f64::INFINITY, 1.0]] {
        let told = ExperimentSettings { split: split.to_vec(), ..settings(&[("accuracy", Better::Higher)]) };
        let refused = experiment(&example(), &[], &told).unwrap_err().to_string();
        assert!(refused.starts_with("the planned split: a share is"), "{refused}");
    }
}

#[test]
fn the_control_is_named_or_the_first_by_name() {
    let mut rows = example();
    rows.reverse();
    let metrics = [("accuracy", Better::Higher)];
    let report = experiment(&rows, &[], &settings(&metrics)).unwrap();
    assert_eq!((report.arms[0].name.as_str(), report.arms[0].units), ("current", 623));
    let told =
        ExperimentSettings { control: Some("new".into()), split: vec![1.0, 2.0], ..settings(&metrics) };
    let report = experiment(&rows, &[], &told).unwrap();
    assert_eq!(
        (report.arms[0].name.as_str(), report.metrics[0].contrasts[0].arm.as_str()),
        ("new", "current")
    );
    assert!(report.sample_ratio.unwrap().expected[0] < 500.0, "the control's share comes first");
    let told = ExperimentSettings { control: Some("old".into()), ..settings(&metrics) };
    let refused = experiment(&rows, &[], &told).unwrap_err().to_string();
    assert!(refused.contains("no arm `old`; there are `current`, `new`"), "{refused}");
}

#[test]
fn a_covariate_that_is_not_there_is_not_passed_over() {
    let rows = |both: bool| -> Vec<Row> {
        (0..600)
            .map(|at| match both || at % 2 == 0 {
                true => row(json!({"arm": at % 2, "x": f64::from(at % 7), "before": f64::from(at % 5)})),
                false => row(json!({"arm": at % 2, "x": f64::from(at % 7)})),
            })
            .collect()
    };
    let told = |field: &str, looks| ExperimentSettings {
        covariate: Some(field.into()),
        looks,
        ..settings(&[("x", Better::Higher)])
    };
    let refused = |told: &ExperimentSettings| experiment(&rows(true), &[], told).unwrap_err().to_string();
    assert!(refused(&told("befor", Looks::Once)).contains("no row has a field `befor`"));
    assert!(refused(&told("before", Looks::Always)).contains("however often one looks"));
    let report = experiment(&rows(false), &[], &told("before", Looks::Once)).unwrap();
    let contrast = &report.metrics[0].contrasts[0];
    assert_eq!((contrast.counts, contrast.missing), ((300, 0), (0, 300)));
    assert!(report.advice[0].starts_with("Hold:"), "{:?}", report.advice);
}

#[test]
fn the_mean_of_nothing_is_none() {
    let rows: Vec<Row> = (0..6)
        .map(|at| row(json!({"arm": at % 2, "ms": if at % 2 == 0 { json!(100 + at) } else { Value::Null }})))
        .collect();
    for looks in [Looks::Once, Looks::Always] {
        let told = ExperimentSettings { looks, range: (0.0, 1000.0), ..settings(&[("ms", Better::Lower)]) };
        let report = experiment(&rows, &[], &told).unwrap();
        let contrast = &report.metrics[0].contrasts[0];
        assert_eq!(
            (contrast.means, contrast.difference, contrast.interval),
            ((Some(102.0), None), None, None)
        );
        assert_eq!(report.advice, ["Hold: `1` has no ms at all."]);
    }
}

#[test]
fn intervals_of_shares_are_at_the_level_asked_for() {
    let width = |alpha: f64| {
        let told = ExperimentSettings { alpha, ..settings(&[("accuracy", Better::Higher)]) };
        let report = experiment(&example(), &[], &told).unwrap();
        report.metrics[0].contrasts[0].interval.map(|(low, high)| high - low).unwrap()
    };
    // The golden values of `two_proportions` in rewardctl-core.
    assert!((width(0.05) - 0.069_738_789_561).abs() < 1e-9 && (width(0.01) - 0.092_065_802_645).abs() < 1e-9);
}

#[test]
fn sorted_rows_say_nothing_at_any_time() {
    let rows: Vec<Row> = (0..600).map(|at| row(json!({"arm": at % 2, "x": u8::from(at < 400)}))).collect();
    let told = ExperimentSettings { looks: Looks::Always, ..settings(&[("x", Better::Higher)]) };
    let report = experiment(&rows, &[], &told).unwrap();
    let contrast = &report.metrics[0].contrasts[0];
    assert_eq!((contrast.always_decided, contrast.interval), (Some(false), None));
    assert!(report.advice[0].starts_with("Hold:"), "{:?}", report.advice);
}

#[test]
fn values_that_are_missing_in_one_arm_are_no_chance() {
    let rows: Vec<Row> = (0..600)
        .map(|at| {
            row(json!({"arm": at % 2, "x": if at % 6 == 1 { Value::Null } else { json!(f64::from(at % 7)) }}))
        })
        .collect();
    let report = experiment(&rows, &[], &settings(&[("x", Better::Higher)])).unwrap();
    assert_eq!(report.metrics[0].contrasts[0].missing, (0, 100));
    assert!(report.advice[0].starts_with("Hold: 100 units have no x"), "{:?}", report.advice);
}

#[test]
fn equal_arms_are_told_apart_as_seldom_as_promised() {
    for looks in [Looks::Once, Looks::Always] {
        let alarm = |seed: u64| {
            let mut stream = Stream::of(seed, "equal arms", 0);
            let rows: Vec<Row> =
                (0..200).map(|at| row(json!({"arm": at % 2, "x": stream.unit() < 0.3}))).collect();
            let told = ExperimentSettings { looks, ..settings(&[("x", Better::Higher)]) };
            let contrast = &experiment(&rows, &[], &told).unwrap().metrics[0].contrasts[0];
            contrast.always_decided.unwrap_or_else(|| contrast.p.is_some_and(|p| p <= 0.05))
        };
        let found = (0..200).filter(|seed| alarm(*seed)).count() as f64 / 200.0;
        // Three standard errors above 5 %.
        assert!(found <= 0.05 + 3.0 * (0.05f64 * 0.95 / 200.0).sqrt(), "{found} {looks:?}");
    }
}
