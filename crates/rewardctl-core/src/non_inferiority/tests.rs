use proptest::prelude::*;

use super::*;
use crate::power::Sides;
use crate::stream::Stream;

const PROMISE: Promise = Promise { alpha: 0.05, power: 0.8, sides: Sides::One };

fn pair(before: f64, after: f64) -> Pair {
    Pair { before: (before, before), after: (after, after) }
}

/// Prompts of unlike difficulty, whose answers after are better by `shift`.
fn prompts(seed: u64, count: usize, shift: f64) -> Vec<Pair> {
    let mut stream = Stream::of(seed, "non-inferiority", 0);
    let mut one = |_| {
        let hard = 0.5 + 0.15 * stream.normal();
        let value = |shift: f64, noise: f64| (hard + shift + 0.08 * noise).clamp(0.0, 1.0);
        pair(value(0.0, stream.normal()), value(shift, stream.normal()))
    };
    (0..count).map(&mut one).collect()
}

fn passes(pairs: &[Pair], margin: f64) -> bool {
    worst_and_best(pairs, margin, PROMISE.alpha).unwrap().0.p_at_most <= PROMISE.alpha
}

fn share(runs: u64, outcome: impl Fn(u64) -> bool) -> f64 {
    (0..runs).filter(|seed| outcome(*seed)).count() as f64 / runs as f64
}

#[test]
fn equal_models_pass_as_often_as_promised() {
    let spread = worst_and_best(&prompts(99, 4000, 0.0), 0.02, PROMISE.alpha).unwrap().0.spread;
    for count in [60, 200] {
        let promised = paired_power(count as u64, spread, 0.02, PROMISE).unwrap().equal_passes;
        let found = share(300, |seed| passes(&prompts(seed, count, 0.0), 0.02));
        // Three standard errors of a share of 300.
        assert!(
            (found - promised).abs() < 3.0 * (promised * (1.0 - promised) / 300.0).sqrt(),
            "{found} {promised}"
        );
    }
}

#[test]
fn a_regression_as_large_as_the_margin_passes_as_seldom_as_promised() {
    for count in [10, 60, 200] {
        let found = share(300, |seed| passes(&prompts(seed, count, -0.02), 0.02));
        assert!(found <= 0.05 + 3.0 * (0.05f64 * 0.95 / 300.0).sqrt(), "{found} of {count}");
    }
}

#[test]
fn a_regression_that_is_detectable_is_found_as_often_as_promised() {
    let (margin, count) = (0.02, 150);
    let spread = worst_and_best(&prompts(99, 4000, 0.0), margin, PROMISE.alpha).unwrap().0.spread;
    let drop = margin + paired_power(count as u64, spread, margin, PROMISE).unwrap().detectable.unwrap();
    let found = share(300, |seed| {
        let (_, best) = worst_and_best(&prompts(seed, count, -drop), margin, PROMISE.alpha).unwrap();
        best.p_at_least <= PROMISE.alpha
    });
    assert!((found - 0.8).abs() < 3.0 * (0.8f64 * 0.2 / 300.0).sqrt() + 0.01, "{found}");
}

#[test]
fn what_is_missing_never_helps() {
    let mut pairs = prompts(1, 200, 0.05);
    assert!(passes(&pairs, 0.02));
    pairs.iter_mut().take(20).for_each(|pair| pair.after = UNKNOWN);
    let found = regression(&pairs, 0.02, PROMISE, 0).unwrap();
    assert_eq!((found.compared, found.missing_after, found.missing_before), (180, 20, 0));
    assert!(found.worst.mean < 0.02 && found.best.mean > 0.05, "{found:?}");
    let mut unknown = prompts(1, 200, 0.0);
    unknown.iter_mut().take(40).for_each(|pair| pair.before = UNKNOWN);
    assert!(!passes(&unknown, 0.02));
    let none = [Pair { before: UNKNOWN, after: UNKNOWN }; 30];
    let found = regression(&none, 0.02, PROMISE, 0).unwrap();
    assert_eq!((found.worst.mean, found.best.mean, found.before), (-1.0, 1.0, None));
    assert_eq!(regression(&[], 0.02, PROMISE, 0), None);
}

#[test]
fn power_is_promised_of_the_t_test_alone() {
    let power = |pairs: &[Pair]| {
        let found = regression(pairs, 0.02, PROMISE, 0).unwrap();
        (found.worst.method, found.power.is_some())
    };
    assert_eq!(power(&prompts(1, 100, 0.0)), (Method::Student, true));
    assert_eq!(power(&prompts(1, 29, 0.0)), (Method::Betting, false));
    assert_eq!(power(&[pair(0.5, 0.5); 100]), (Method::Betting, false), "nothing varies");
    let mut rare = vec![pair(0.5, 0.5); 100];
    rare[..9].fill(pair(0.5, 0.4));
    assert_eq!(power(&rare), (Method::Betting, false), "hardly anything varies");
    let turned: Vec<Pair> =
        (0..100).map(|at| if at < 50 { pair(0.0, 1.0) } else { pair(1.0, 0.0) }).collect();
    assert_eq!(power(&turned), (Method::Binomial, false));
    assert_eq!((paired_power(50, 0.0, 0.02, PROMISE), paired_power(29, 0.1, 0.02, PROMISE)), (None, None));
    assert_eq!(paired_power(50, 0.1, 0.0, PROMISE).unwrap().needed, None);
}

proptest! {
    #[test]
    fn leaving_out_a_value_never_helps_to_pass(
        values in prop::collection::vec((0u8..=10, 0u8..=10), 1..40),
        gone in prop::collection::vec(prop::bool::ANY, 40),
        side in prop::bool::ANY,
    ) {
        let full: Vec<Pair> =
            values.iter().map(|(a, b)| pair(f64::from(*a) / 10.0, f64::from(*b) / 10.0)).collect();
        let mut less = full.clone();
        for (pair, gone) in less.iter_mut().zip(gone) {
            if gone && side {
                pair.after = UNKNOWN;
            } else if gone {
                pair.before = UNKNOWN;
            }
        }
        let mean = |pairs: &[Pair]| worst_and_best(pairs, 0.02, 0.05).unwrap().0.mean;
        prop_assert!(mean(&less) <= mean(&full) + 1e-12);
    }
}
