use rewardctl_core::id::ContentId;
use rewardctl_core::panel::{Dimension, Quorum, Slot};
use rewardctl_core::random;
use rewardctl_core::score::Score;

use super::*;
use crate::aggregator::{Aggregator, Row};
use crate::learn::evidence::Tried;
use crate::learn::fit::{Pool, fit};
use crate::learn::labels::{Labels, Observed, PairLabel};
use crate::learn::space::Signs;
use crate::testing;

fn uniform(purpose: &str, at: usize) -> f64 {
    random::unit(11, purpose, ContentId::of("t", [(at as u64).to_le_bytes().as_slice()]))
}

/// Two dimensions of averaged critics, one of them capped, and one of a cap alone.
fn panel(critics: usize) -> Panel {
    let dimension = |name: &str, weight| Dimension { name: name.into(), weight };
    let slot = |at: usize, dimension: &str, part| Slot {
        critic: format!("c{at}"),
        dimension: dimension.into(),
        weight: 1.0 + at as f64,
        part,
    };
    let mut slots: Vec<Slot> =
        (0..critics).map(|at| slot(at, if at % 2 == 0 { "x" } else { "y" }, Part::Mean)).collect();
    slots.push(slot(critics, "x", Part::Cap));
    slots.push(slot(critics + 1, "x", Part::Cap));
    slots.push(slot(critics + 2, "z", Part::Cap));
    Panel {
        name: "test".into(),
        dimensions: vec![dimension("x", 0.5), dimension("y", 0.3), dimension("z", 0.2)],
        slots,
        quorum: Quorum { coverage: 0.0, dimensions: 1 },
    }
}

/// Correlated critics with a share of `missing` scores; the last of the averaged ones never changes.
fn observed(panel: &Panel, count: usize, missing: f64) -> Vec<Observed> {
    let constant = panel.slots.len() - 4;
    let one = |at: usize| {
        let quality = uniform("quality", at);
        let score = |slot: usize| {
            let noise = uniform("noise", at * 100 + slot);
            let present = uniform("missing", at * 100 + slot) >= missing;
            present.then_some(if slot == constant { 1.0 } else { 0.6 * quality + 0.4 * noise })
        };
        let variance = |slot: usize| uniform("variance", at * 100 + slot) * 0.01;
        let style = std::array::from_fn(|k| (uniform("style", at * 10 + k) * 300.0).floor() as f32);
        Observed {
            group: at / 3,
            scores: (0..panel.slots.len()).map(score).collect(),
            variances: (0..panel.slots.len()).map(variance).collect(),
            style: (!at.is_multiple_of(7)).then_some(style),
        }
    };
    (0..count).map(one).collect()
}

fn model(panel: &Panel, observed: &[Observed]) -> Model {
    let pool = Pool::new(panel, Signs::NonNegative, observed);
    let pairs = (0..observed.len() / 3).map(|group| PairLabel {
        a: 3 * group,
        b: 3 * group + 1,
        target: f64::from(u8::from(uniform("quality", 3 * group) > uniform("quality", 3 * group + 1))),
        annotator: 0,
    });
    let labels = Labels { pairs: pairs.collect(), annotators: vec!["ana".into()], ..Labels::default() };
    let mut model = Model::new(&pool, &fit(&pool, &labels, Tried::All).unwrap(), 1.3);
    model.any_sign =
        Some(model.theta.iter().enumerate().map(|(at, weight)| weight - 0.1 * at as f64).collect());
    model
}

fn row(observed: &Observed) -> Row {
    let score = |score: Option<f64>| score.map(|score| Score::new(score).unwrap());
    Row {
        scores: observed.scores.iter().map(|one| score(*one)).collect(),
        variances: observed.variances.clone(),
        style: observed.style,
    }
}

#[track_caller]
fn check_parity(critics: usize, missing: f64) {
    let Some(runtime) = testing::runtime() else { return };
    let panel = panel(critics);
    let observed = observed(&panel, 240, missing);
    let model = model(&panel, &observed);
    let mut aggregator = Aggregator::new(&runtime, &graph(&model), &panel).unwrap();
    let rows: Vec<Row> = observed.iter().map(row).collect();
    for (found, one) in aggregator.run(&rows).unwrap().iter().zip(&observed) {
        let (utility, expected) = (found.utility.as_ref().unwrap(), model.judge(one));
        let pairs = [
            (found.reward, expected.reward),
            (utility.value, expected.raw),
            (utility.length_controlled, expected.raw_length_controlled),
            (utility.imputed_variance, expected.imputed_variance),
            (utility.critic_variance, expected.critic_variance),
            (utility.any_sign.unwrap(), expected.raw_any_sign),
            (utility.distance, expected.distance),
        ];
        let columns = Columns::new(&model.space);
        let posterior =
            columns.places.iter().map(|place| f64::from(utility.posterior[*place])).zip(expected.posterior);
        for (found, expected) in pairs.into_iter().chain(posterior) {
            let near = (found - expected).abs() <= 1e-5 * expected.abs().max(1.0);
            assert!(near, "{found} is not {expected}, of {one:?}");
        }
    }
}

#[test]
fn the_graph_computes_what_the_fit_found() {
    check_parity(5, 0.0);
    check_parity(5, 0.3);
    check_parity(24, 0.6);
    check_parity(40, 0.2);
    check_parity(8, 0.95);
}

#[test]
fn a_reward_does_not_depend_on_its_neighbours() {
    let Some(runtime) = testing::runtime() else { return };
    let panel = panel(12);
    let observed = observed(&panel, 300, 0.2);
    let mut aggregator = Aggregator::new(&runtime, &graph(&model(&panel, &observed)), &panel).unwrap();
    let rows: Vec<Row> = observed.iter().map(row).collect();
    let together = aggregator.run(&rows).unwrap();
    let reversed: Vec<Row> = rows.iter().rev().cloned().collect();
    let backwards = aggregator.run(&reversed).unwrap();
    for (at, (one, other)) in together.iter().zip(backwards.iter().rev()).enumerate() {
        assert_eq!(one, other, "row {at}");
    }
    for (row, together) in rows.iter().zip(&together).step_by(17) {
        assert_eq!(aggregator.run(std::slice::from_ref(row)).unwrap()[0], *together);
    }
}

#[test]
fn weights_are_what_a_small_change_changes() {
    let Some(runtime) = testing::runtime() else { return };
    let panel = panel(6);
    let observed = observed(&panel, 240, 0.1);
    let model = model(&panel, &observed);
    let mut aggregator = Aggregator::new(&runtime, &graph(&model), &panel).unwrap();
    for one in observed.iter().step_by(11) {
        let weights = aggregator.run(&[row(one)]).unwrap()[0].weights.clone();
        for (slot, weight) in weights.iter().enumerate() {
            let Some(score) = one.scores[slot] else {
                assert_eq!(*weight, 0.0);
                continue;
            };
            let step = 1e-5;
            let moved = |by: f64| {
                let mut scores = one.scores.clone();
                scores[slot] = Some(score + by);
                model.judge(&Observed { scores, ..one.clone() }).reward
            };
            let slope = (moved(step) - moved(-step)) / (2.0 * step);
            assert!((slope - weight).abs() < 1e-3, "slot {slot}: {slope} is not {weight}, of {one:?}");
        }
    }
}

/// A leaked key is not made up for: the utility falls with what a cap cuts.
#[test]
fn a_cap_that_binds_lowers_the_reward() {
    let panel = panel(5);
    let observed = observed(&panel, 240, 0.0);
    let model = model(&panel, &observed);
    let mut scores: Vec<Option<f64>> = vec![Some(0.8); panel.slots.len()];
    let judge = |scores: &[Option<f64>]| {
        model
            .judge(&Observed {
                scores: scores.into(),
                variances: vec![0.0; scores.len()],
                group: 0,
                style: None,
            })
            .raw
    };
    let before = judge(&scores);
    scores[5] = Some(0.0);
    assert!(judge(&scores) < before, "{} {before}", judge(&scores));
}
