use proptest::prelude::*;

use super::*;
use crate::consensus::crowdlab::crowdlab;
use crate::consensus::dawid_skene::dawid_skene;
use crate::consensus::glad::glad;
use crate::consensus::mace::{Start, mace, mace_from};
use crate::consensus::majority::majority;
use crate::consensus::one_coin::one_coin;
use crate::votes::{Extent, Vote};

mod golden;

const TIGHT: Stop = Stop { iterations: 200, tolerance: 1e-9 };

fn all(iterations: usize) -> Stop {
    Stop { iterations, tolerance: f64::NEG_INFINITY }
}

fn votes_of(extent: Extent, votes: &[(u32, u32, u32)]) -> Votes {
    let vote = |(item, annotator, class): &(u32, u32, u32)| Vote {
        item: *item,
        annotator: *annotator,
        class: *class,
    };
    Votes::new(extent, votes.iter().map(vote).collect()).unwrap()
}

fn golden_votes() -> Votes {
    let extent = Extent { items: golden::ITEMS, annotators: golden::ANNOTATORS, classes: golden::CLASSES };
    votes_of(extent, &golden::VOTES)
}

fn check(found: &[f64], golden: &[f64], tolerance: f64) {
    assert_eq!(found.len(), golden.len());
    for (at, (found, golden)) in found.iter().zip(golden).enumerate() {
        assert!((found - golden).abs() <= tolerance, "at {at}: {found} for {golden}");
    }
}

#[test]
fn majority_agrees_with_crowd_kit() {
    let found = majority(&golden_votes());
    check(&found.posterior, &golden::MAJORITY, 1e-12);
    check(&found.reliability, &golden::MAJORITY_SKILLS, 1e-12);
}

#[test]
fn dawid_skene_agrees_with_crowd_kit() {
    for (iterations, posterior, prior, confusion) in [
        (3, golden::DAWID_SKENE_3, golden::DAWID_SKENE_3_PRIOR, golden::DAWID_SKENE_3_CONFUSION),
        (40, golden::DAWID_SKENE_40, golden::DAWID_SKENE_40_PRIOR, golden::DAWID_SKENE_40_CONFUSION),
    ] {
        let found = dawid_skene(&golden_votes(), all(iterations));
        // crowd-kit lifts its posterior to 1e-10 afterwards.
        check(&found.consensus.posterior, &posterior, 2e-9);
        check(&found.prior, &prior, 2e-9);
        check(&found.confusion.concat(), &confusion, 2e-9);
    }
}

#[test]
fn one_coin_agrees_with_crowd_kit() {
    let found = one_coin(&golden_votes(), all(25));
    check(&found.posterior, &golden::ONE_COIN_25, 2e-9);
    check(&found.reliability, &golden::ONE_COIN_25_SKILLS, 2e-9);
}

/// The bound that ends a fit is crowd-kit's, to the iteration.
#[test]
fn fits_end_where_those_of_crowd_kit_do() {
    let stop = Stop { iterations: 1000, tolerance: 1e-10 };
    let found = dawid_skene(&golden_votes(), stop).consensus;
    assert_eq!(found.fit.unwrap().iterations, golden::DAWID_SKENE_ITERATIONS[0]);
    check(&found.posterior, &golden::DAWID_SKENE_END, 2e-9);
    let found = one_coin(&golden_votes(), stop);
    assert_eq!(found.fit.unwrap().iterations, golden::ONE_COIN_ITERATIONS[0]);
    check(&found.posterior, &golden::ONE_COIN_END, 2e-9);
}

#[test]
fn glad_agrees_with_crowd_kit() {
    let found = glad(&golden_votes(), all(6));
    check(&found.consensus.posterior, &golden::GLAD_6, 1e-6);
    check(&found.abilities, &golden::GLAD_6_ABILITIES, 1e-6);
    check(&found.ease, &golden::GLAD_6_EASE, 1e-6);
}

#[test]
fn mace_agrees_with_crowd_kit() {
    let start =
        Start { guessing: golden::MACE_START_GUESSING.into(), guesses: golden::MACE_START_GUESSES.into() };
    let found = mace_from(&golden_votes(), all(20), &start);
    check(&found.posterior, &golden::MACE_20, 1e-9);
    check(&found.reliability, &golden::MACE_20_KNOWING, 1e-9);
}

#[test]
fn crowdlab_agrees_with_cleanlab() {
    let found = crowdlab(&golden_votes(), &golden::MODEL).unwrap();
    assert_eq!(found.consensus.labels, golden::CROWDLAB_LABELS);
    let probabilities: Vec<f64> = (0..golden::ITEMS).map(|item| found.consensus.probability(item)).collect();
    check(&probabilities, &golden::CROWDLAB_PROBABILITIES, 1e-9);
    check(&found.consensus.reliability, &golden::CROWDLAB_WEIGHTS, 1e-9);
    check(&[found.model_weight], &golden::CROWDLAB_MODEL_WEIGHT, 1e-9);
    let quality: Vec<f64> = found.quality.into_iter().map(Option::unwrap).collect();
    check(&quality, &golden::CROWDLAB_QUALITY, 1e-9);
}

/// Returns what every method makes of the votes.
fn every(votes: &Votes) -> Vec<(&'static str, Consensus)> {
    vec![
        ("majority", majority(votes)),
        ("dawid-skene", dawid_skene(votes, TIGHT).consensus),
        ("one-coin", one_coin(votes, TIGHT)),
        ("glad", glad(votes, TIGHT).consensus),
        ("mace", mace(votes, TIGHT, 3, 7)),
    ]
}

fn check_sound(votes: &Votes) {
    for (method, found) in every(votes) {
        let extent = votes.extent();
        assert_eq!((found.labels.len(), found.reliability.len()), (extent.items, extent.annotators));
        for item in 0..extent.items {
            let sum: f64 = found.of(item).iter().sum();
            assert!((sum - 1.0).abs() < 1e-9, "{method}: {:?}", found.of(item));
            assert!(found.of(item).iter().all(|one| (0.0..=1.0).contains(one)), "{method}");
        }
        assert!(found.reliability.iter().all(|one| (0.0..=1.0).contains(one)), "{method}: {found:?}");
        assert!(found.fit.is_none_or(|fit| fit.log_likelihood.is_finite()), "{method}: {found:?}");
    }
}

#[test]
fn votes_that_say_little_break_nothing() {
    let one = Extent { items: 1, annotators: 1, classes: 1 };
    check_sound(&votes_of(one, &[(0, 0, 0)]));
    check_sound(&votes_of(Extent { classes: 4, ..one }, &[(0, 0, 2)]));
    let tied = Extent { items: 2, annotators: 2, classes: 2 };
    check_sound(&votes_of(tied, &[(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]));
    check_sound(&votes_of(tied, &[(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 0)]));
    let many: Vec<(u32, u32, u32)> = (0..900).map(|annotator| (0, annotator, annotator % 3)).collect();
    check_sound(&votes_of(Extent { items: 1, annotators: 900, classes: 3 }, &many));
}

#[test]
fn equals_are_the_first_class() {
    let extent = Extent { items: 1, annotators: 2, classes: 3 };
    for (method, found) in every(&votes_of(extent, &[(0, 0, 2), (0, 1, 1)])) {
        // MACE starts at random, and so knows no equals.
        assert!(found.labels == [1] || method == "mace", "{method}: {found:?}");
    }
}

#[test]
fn without_overlap_crowdlab_knows_nothing() {
    let extent = Extent { items: 2, annotators: 2, classes: 2 };
    assert_eq!(crowdlab(&votes_of(extent, &[(0, 0, 0), (1, 1, 1)]), &[0.5; 4]), None);
    let single = Extent { classes: 1, ..extent };
    assert_eq!(crowdlab(&votes_of(single, &[(0, 0, 0), (0, 1, 0), (1, 1, 0)]), &[1.0; 2]), None);
}

#[test]
fn a_seed_gives_the_same_start() {
    let found = mace(&golden_votes(), TIGHT, 4, 1);
    assert_eq!(found, mace(&golden_votes(), TIGHT, 4, 1));
    let best = |restarts| mace(&golden_votes(), TIGHT, restarts, 1).fit.unwrap().log_likelihood;
    assert!(best(9) >= best(1));
}

prop_compose! {
    fn random_votes()(
        labels in prop::collection::vec(prop::collection::vec(prop::option::weighted(0.7, 0u32..3), 4), 2..12),
    ) -> Votes {
        let mut votes = vec![];
        for (item, row) in (0u32..).zip(&labels) {
            votes.extend((0u32..).zip(row).filter_map(|(annotator, class)| Some((item, annotator, (*class)?))));
            // Everyone labels something, and everything is labelled.
            if row[item as usize % 4].is_none() {
                votes.push((item, item % 4, 0));
            }
        }
        let first = labels.len() as u32;
        votes.extend((0..4).map(|annotator| (first, annotator, annotator % 3)));
        votes_of(Extent { items: labels.len() + 1, annotators: 4, classes: 3 }, &votes)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn posteriors_are_probabilities(votes in random_votes()) {
        check_sound(&votes);
    }

    #[test]
    fn more_iterations_are_never_less_likely(votes in random_votes()) {
        let likelihood = |found: Consensus| found.fit.unwrap().log_likelihood;
        for iterations in 1..6 {
            let gain = likelihood(dawid_skene(&votes, all(iterations + 1)).consensus)
                - likelihood(dawid_skene(&votes, all(iterations)).consensus);
            prop_assert!(gain > -1e-7, "dawid-skene {iterations}: {gain}");
            let gain = likelihood(one_coin(&votes, all(iterations + 1)))
                - likelihood(one_coin(&votes, all(iterations)));
            prop_assert!(gain > -1e-7, "one-coin {iterations}: {gain}");
            let gain = likelihood(glad(&votes, all(iterations + 1)).consensus)
                - likelihood(glad(&votes, all(iterations)).consensus);
            prop_assert!(gain > -1e-6, "glad {iterations}: {gain}");
        }
    }

    #[test]
    fn names_of_classes_do_not_matter(votes in random_votes()) {
        let renamed: Vec<(u32, u32, u32)> =
            votes.all().iter().map(|vote| (vote.item, vote.annotator, (vote.class + 1) % 3)).collect();
        let renamed = votes_of(votes.extent(), &renamed);
        let (one, other) = (dawid_skene(&votes, all(10)).consensus, dawid_skene(&renamed, all(10)).consensus);
        for item in 0..votes.extent().items {
            for class in 0..3 {
                prop_assert!((one.of(item)[class] - other.of(item)[(class + 1) % 3]).abs() < 1e-6);
            }
        }
    }
}

/// Below 30 votes an item the posterior is a product, above it a sum of logarithms.
#[test]
fn items_of_many_votes_are_like_those_of_few() {
    let extent = |annotators| Extent { items: 3, annotators, classes: 2 };
    // Nine in ten are right, in the same pattern whatever their number.
    let votes = |annotators: u32| -> Vec<(u32, u32, u32)> {
        let class = |item: u32, annotator: u32| if annotator % 10 == item { 1 - item % 2 } else { item % 2 };
        (0..3).flat_map(|item| (0..annotators).map(move |one| (item, one, class(item, one)))).collect()
    };
    for annotators in [20, 29, 30, 31, 700] {
        let found = dawid_skene(&votes_of(extent(annotators as usize), &votes(annotators)), all(20));
        assert_eq!(found.consensus.labels, [0, 1, 0], "{annotators}");
        assert!(found.consensus.fit.unwrap().log_likelihood.is_finite());
        assert!(found.consensus.probability(0) > 0.99, "{annotators}: {found:?}");
    }
}
