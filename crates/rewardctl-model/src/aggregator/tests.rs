use proptest::prelude::*;
use rewardctl_core::panel::{Dimension, Part, Quorum, Slot};

use super::*;
use crate::testing;

/// Critics are given as (dimension, weight, part).
fn panel(dimensions: &[f64], critics: &[(usize, f64, Part)]) -> Panel {
    let dimension = |(at, weight): (usize, &f64)| Dimension { name: format!("d{at}"), weight: *weight };
    let slot = |(at, (dimension, weight, part)): (usize, &(usize, f64, Part))| Slot {
        critic: format!("c{at}"),
        dimension: format!("d{dimension}"),
        weight: *weight,
        part: *part,
    };
    let panel = Panel {
        name: "test".into(),
        dimensions: dimensions.iter().enumerate().map(dimension).collect(),
        slots: critics.iter().enumerate().map(slot).collect(),
        quorum: Quorum { coverage: 0.0, dimensions: 1 },
    };
    panel.check().unwrap();
    panel
}

fn row(scores: &[Option<f64>]) -> Row {
    let scores: Vec<Option<Score>> =
        scores.iter().map(|score| score.map(|score| Score::new(score).unwrap())).collect();
    Row { variances: vec![0.0; scores.len()], scores, style: None }
}

fn run(panel: &Panel, rows: &[Row]) -> Option<Vec<Aggregate>> {
    let runtime = testing::runtime()?;
    let mut aggregator = Aggregator::new(&runtime, &fixed_weights(panel), panel).unwrap();
    Some(aggregator.run(rows).unwrap())
}

/// Accuracy .5 with two critics and a cap, style .3 with one critic, compliance .2 with two caps.
fn three_dimensions() -> Panel {
    let critics = [
        (0, 3.0, Part::Mean),
        (0, 1.0, Part::Mean),
        (0, 1.0, Part::Cap),
        (1, 1.0, Part::Mean),
        (2, 1.0, Part::Cap),
        (2, 1.0, Part::Cap),
    ];
    panel(&[0.5, 0.3, 0.2], &critics)
}

#[track_caller]
fn check(scores: &[Option<f64>], reward: f64, dimensions: &[Option<f64>], weights: &[f64]) {
    let Some(found) = run(&three_dimensions(), &[row(scores)]) else { return };
    let close = |a: f64, b: f64| (a - b).abs() < 1e-6;
    assert!(close(found[0].reward, reward), "{found:?}");
    assert_eq!(found[0].dimensions.len(), dimensions.len());
    for (found, expected) in found[0].dimensions.iter().zip(dimensions) {
        assert!(found.is_some() == expected.is_some(), "{found:?} {expected:?}");
        assert!(close(found.unwrap_or(0.0), expected.unwrap_or(0.0)), "{found:?} {expected:?}");
    }
    for (found, expected) in found[0].weights.iter().zip(weights) {
        assert!(close(*found, *expected), "{found} {expected}");
    }
}

#[test]
fn dimensions_are_averaged_by_weight() {
    check(
        &[Some(0.8), Some(0.4), Some(1.0), Some(0.5), Some(1.0), Some(0.9)],
        0.68,
        &[Some(0.7), Some(0.5), Some(0.9)],
        &[0.375, 0.125, 0.0, 0.3, 0.0, 0.2],
    );
}

#[test]
fn a_cap_that_binds_takes_the_weight() {
    check(
        &[Some(0.8), Some(0.4), Some(0.2), Some(0.5), Some(0.0), Some(0.0)],
        0.25,
        &[Some(0.2), Some(0.5), Some(0.0)],
        &[0.0, 0.0, 0.5, 0.3, 0.1, 0.1],
    );
}

#[test]
fn a_cap_at_the_mean_does_not_bind() {
    check(
        &[Some(0.7), Some(0.7), Some(0.7), Some(0.7), Some(1.0), None],
        0.76,
        &[Some(0.7), Some(0.7), Some(1.0)],
        &[0.375, 0.125, 0.0, 0.3, 0.2, 0.0],
    );
}

#[test]
fn what_is_missing_gives_its_weight_to_the_rest() {
    check(
        &[None, Some(0.4), None, None, None, Some(1.0)],
        (0.5 * 0.4 + 0.2) / 0.7,
        &[Some(0.4), None, Some(1.0)],
        &[0.0, 5.0 / 7.0, 0.0, 0.0, 0.0, 2.0 / 7.0],
    );
    check(&[None, None, Some(0.6), None, None, None], 0.6, &[Some(0.6), None, None], &[0.0, 0.0, 1.0]);
    check(&[None; 6], 0.0, &[None; 3], &[0.0; 6]);
}

#[test]
fn a_dimension_without_critics_and_a_panel_of_one() {
    let lonely = panel(&[1.0, 2.0], &[(1, 5.0, Part::Mean)]);
    let Some(found) = run(&lonely, &[row(&[Some(0.5)]), row(&[None])]) else { return };
    let half =
        Aggregate { reward: 0.5, dimensions: vec![None, Some(0.5)], weights: vec![1.0], utility: None };
    let none = Aggregate { reward: 0.0, dimensions: vec![None, None], weights: vec![0.0], utility: None };
    assert_eq!(found, [half, none]);
}

#[test]
fn weights_of_any_size_count() {
    let extreme = panel(&[1e300, 1e-300], &[(0, 1e-300, Part::Mean), (1, 1e300, Part::Mean)]);
    let Some(found) = run(&extreme, &[row(&[Some(0.25), Some(0.5)]), row(&[None, Some(0.5)])]) else {
        return;
    };
    assert_eq!((found[0].reward, found[1].reward), (0.25, 0.5));
}

#[test]
fn a_masked_score_may_be_anything() {
    let Some(runtime) = testing::runtime() else { return };
    let bytes = fixed_weights(&panel(&[1.0], &[(0, 1.0, Part::Mean), (0, 1.0, Part::Cap)]));
    let mut graph = Graph::from_bytes(&runtime, "fixed", &bytes).unwrap();
    for hole in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -3.0] {
        let score = Tensor::F32 { dims: &[2, 2], data: &[0.25, hole, hole, 0.75] };
        let mask = Tensor::F32 { dims: &[2, 2], data: &[1.0, 0.0, 0.0, 1.0] };
        let [reward] = graph.run(&[("score", score), ("mask", mask)], [("reward", &[2, 1])]).unwrap();
        assert_eq!(reward, [0.25, 0.75]);
    }
}

#[test]
fn a_graph_for_another_panel_is_refused() {
    let Some(runtime) = testing::runtime() else { return };
    let other = panel(&[1.0, 1.0, 1.0], &[(0, 1.0, Part::Mean), (1, 1.0, Part::Mean)]);
    let bytes = fixed_weights(&three_dimensions());
    let error = Aggregator::new(&runtime, &bytes, &other).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ONNX graph `aggregator` has the input `score: f32[any, 6]`, but `score: f32[any, 2]` is needed"
    );
    let mut aggregator = Aggregator::new(&runtime, &bytes, &three_dimensions()).unwrap();
    let error = aggregator.run(&[row(&[None, None])]).unwrap_err();
    assert_eq!(error.to_string(), "a row has 2 scores, but the panel has 6 critics");
    assert_eq!(aggregator.run(&[]).unwrap(), []);
}

#[test]
fn a_folder_holds_an_aggregator() {
    let Some(runtime) = testing::runtime() else { return };
    let folder = tempfile::tempdir().unwrap();
    let panel = three_dimensions();
    write_fixed_weights(folder.path(), &panel).unwrap();
    let aggregator = Aggregator::load(&runtime, folder.path(), &panel).unwrap();
    assert_eq!(aggregator.sha256(), file::sha256_hex(&fixed_weights(&panel)));
    let checks = Manifest::load(folder.path()).unwrap().check(folder.path(), &runtime);
    assert!(checks.iter().all(|check| check.outcome.is_ok()), "{checks:?}");
}

/// The same again, in plain Rust and 64 bits.
fn expected(panel: &Panel, scores: &[Option<Score>]) -> (f64, Vec<Option<f64>>) {
    let of = |dimension: &str, part: Part| -> Vec<(f64, f64)> {
        let slots = panel.slots.iter().zip(scores);
        slots
            .filter(|(slot, _)| slot.dimension == dimension && slot.part == part)
            .filter_map(|(slot, score)| Some((slot.weight, f64::from(score.as_ref()?.get() as f32))))
            .collect()
    };
    let score = |dimension: &Dimension| {
        let mean = weighted_mean(&of(&dimension.name, Part::Mean));
        let caps = of(&dimension.name, Part::Cap).into_iter().map(|(_, score)| score);
        mean.into_iter().chain(caps).min_by(f64::total_cmp)
    };
    let dimensions: Vec<Option<f64>> = panel.dimensions.iter().map(score).collect();
    let present = panel.dimensions.iter().zip(&dimensions);
    let present: Vec<(f64, f64)> = present.filter_map(|(d, score)| Some((d.weight, (*score)?))).collect();
    (weighted_mean(&present).unwrap_or(0.0), dimensions)
}

fn weighted_mean(pairs: &[(f64, f64)]) -> Option<f64> {
    let weight: f64 = pairs.iter().map(|(weight, _)| weight).sum();
    let sum: f64 = pairs.iter().map(|(weight, score)| weight * score).sum();
    (weight > 0.0).then(|| sum / weight)
}

type Critic = (usize, f64, Part);

/// A panel and some rows; scores lie on a coarse grid often enough for ties.
fn a_case() -> impl Strategy<Value = (Panel, Vec<Row>)> {
    let weights = prop::collection::vec(0.01..10.0, 1..4);
    let a_panel = weights.prop_flat_map(|weights| {
        let critics = prop::collection::vec(a_critic(weights.len()), 1..8);
        critics.prop_map(move |critics| panel(&weights, &critics))
    });
    a_panel.prop_flat_map(|panel| {
        let scores = prop::collection::vec(a_score(), panel.slots.len());
        let rows = prop::collection::vec(scores.prop_map(|scores| row(&scores)), 1..12);
        (Just(panel), rows)
    })
}

fn a_critic(dimensions: usize) -> impl Strategy<Value = Critic> {
    let part = prop_oneof![2 => Just(Part::Mean), 1 => Just(Part::Cap)];
    (0..dimensions, 0.01..10.0, part)
}

fn a_score() -> impl Strategy<Value = Option<f64>> {
    let grid = (0..=4u8).prop_map(|step| Some(f64::from(step) / 4.0));
    prop_oneof![Just(None), grid, (0.0..=1.0).prop_map(Some)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn it_is_what_plain_arithmetic_gives((panel, rows) in a_case()) {
        let Some(found) = run(&panel, &rows) else { return Ok(()) };
        for (row, found) in rows.iter().zip(&found) {
            let (reward, dimensions) = expected(&panel, &row.scores);
            prop_assert!((found.reward - reward).abs() < 1e-5, "{found:?} {reward}");
            for (found, expected) in found.dimensions.iter().zip(&dimensions) {
                prop_assert_eq!(found.is_some(), expected.is_some());
                prop_assert!((found.unwrap_or(0.0) - expected.unwrap_or(0.0)).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn the_weights_are_what_made_the_reward((panel, rows) in a_case()) {
        let Some(found) = run(&panel, &rows) else { return Ok(()) };
        for (row, found) in rows.iter().zip(&found) {
            let used = row.scores.iter().zip(&found.weights);
            let reward: f64 = used.clone().map(|(score, w)| w * score.map_or(0.0, Score::get)).sum();
            prop_assert!((found.reward - reward).abs() < 1e-5, "{found:?} {reward}");
            prop_assert!(used.clone().all(|(score, w)| *w >= 0.0 && (score.is_some() || *w == 0.0)));
            let total: f64 = found.weights.iter().sum();
            let anything = row.scores.iter().any(Option::is_some);
            prop_assert!((total - if anything { 1.0 } else { 0.0 }).abs() < 1e-5, "{total}");
        }
    }

    #[test]
    fn a_row_does_not_depend_on_its_neighbours((panel, rows) in a_case()) {
        let Some(together) = run(&panel, &rows) else { return Ok(()) };
        for (at, row) in rows.iter().enumerate() {
            let Some(alone) = run(&panel, std::slice::from_ref(row)) else { return Ok(()) };
            prop_assert_eq!(&alone[0], &together[at]);
        }
    }
}
