//! The fit as a whole: against scipy, and on labels that are strange.

use ndarray::{Array1, Array2};
use rewardctl_core::panel::{Dimension, Panel, Part, Quorum, Slot};

use super::*;
use crate::learn::evidence::log_evidence;
use crate::learn::labels::{PairLabel, RatingLabel};
use crate::learn::newton::{covariance, minimise};
use crate::learn::objective::{Objective, Rating};
use crate::learn::space::Space;
use crate::learn::sure::add_sureness;

/// Inputs and results of scripts/golden/aggregator_fit.py.
const GOLDEN: &str = include_str!("golden.json");

fn golden() -> serde_json::Value {
    serde_json::from_str(GOLDEN).unwrap()
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn table(value: &serde_json::Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(i, j)| rows[i][j])
}

#[track_caller]
fn close(found: impl IntoIterator<Item = f64>, expected: &serde_json::Value, tolerance: f64) {
    for (found, expected) in found.into_iter().zip(numbers(expected)) {
        assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "{found} is not {expected}");
    }
}

fn logistic(case: &serde_json::Value, bounded: usize) -> Objective {
    let rows = table(&case["X"]);
    let width = rows.ncols();
    Objective {
        targets: numbers(&case["y"]),
        weights: vec![1.0; rows.nrows()],
        rated: Array2::zeros((0, width)),
        ratings: vec![],
        slope: 1.0,
        mean: Array1::from(numbers(&case["w0"])),
        precision: Array1::from(numbers(&case["lam"])),
        nonnegative: (0..width).map(|at| at < bounded).collect(),
        differences: rows,
    }
}

#[test]
fn pairs_are_fitted_as_scipy_does() {
    let case = &golden()["map_logit"];
    let objective = logistic(case, 0);
    let minimum = minimise(&objective, &objective.mean).unwrap();
    close(minimum.beta.to_vec(), &case["w"], 1e-6);
    let found = covariance(&minimum.hessian, &minimum.free).unwrap();
    for (row, expected) in found.rows().into_iter().zip(case["cov"].as_array().unwrap()) {
        close(row.to_vec(), expected, 1e-6);
    }
    let evidence = log_evidence(&objective, &minimum).unwrap();
    assert!((evidence - case["laplace_log_evidence"].as_f64().unwrap()).abs() < 1e-6, "{evidence}");
}

#[test]
fn weights_that_may_not_be_negative_are_fitted_as_scipy_does() {
    let case = &golden()["map_logit"];
    let objective = logistic(case, 3);
    let minimum = minimise(&objective, &objective.mean).unwrap();
    close(minimum.beta.to_vec(), &case["w_nonneg_first3"], 1e-5);
}

#[test]
fn ratings_are_fitted_as_statsmodels_does() {
    let case = &golden()["ordinal"];
    let (rows, levels) = (table(&case["X"]), numbers(&case["y"]));
    let width = rows.ncols();
    let count = numbers(&case["thresholds"]).len();
    let size = width + count;
    let ratings = levels.into_iter().map(|level| Rating {
        level: level as usize,
        weight: 1.0,
        cuts: width..size,
        intercept: None,
    });
    let mut mean = Array1::zeros(size);
    (0..count).for_each(|at| mean[width + at] = at as f64 - 1.0);
    let objective = Objective {
        differences: Array2::zeros((0, width)),
        targets: vec![],
        weights: vec![],
        rated: rows,
        ratings: ratings.collect(),
        slope: 1.0,
        mean,
        precision: Array1::from_elem(size, 1e-9),
        nonnegative: vec![false; size],
    };
    let minimum = minimise(&objective, &objective.mean).unwrap();
    close(minimum.beta.iter().take(width).copied(), &case["coef"], 1e-4);
    close(minimum.beta.iter().skip(width).copied(), &case["thresholds"], 1e-4);
    assert!((objective.loss(&minimum.beta) + case["llf"].as_f64().unwrap()).abs() < 1e-6);
}

fn panel(critics: usize) -> Panel {
    let slot =
        |at: usize| Slot { critic: format!("c{at}"), dimension: "d".into(), weight: 1.0, part: Part::Mean };
    Panel {
        name: "test".into(),
        dimensions: vec![Dimension { name: "d".into(), weight: 1.0 }],
        slots: (0..critics).map(slot).collect(),
        quorum: Quorum { coverage: 0.0, dimensions: 1 },
    }
}

/// Two responses a prompt; critic `k` scores the better one higher but for every `k + 2`-th prompt.
fn observed(prompts: usize, critics: usize) -> Vec<Observed> {
    let one = |at: usize| {
        let (group, is_better) = (at / 2, at.is_multiple_of(2));
        let score = |critic: usize| {
            let is_right = group % (critic + 2) != 0;
            Some(if is_right == is_better { 0.8 } else { 0.3 } + 0.01 * (group % 7) as f64)
        };
        Observed {
            group,
            scores: (0..critics).map(score).collect(),
            variances: vec![0.0; critics],
            style: None,
        }
    };
    (0..2 * prompts).map(one).collect()
}

fn pairs(prompts: usize, target: impl Fn(usize) -> f64) -> Labels {
    let pair =
        |group: usize| PairLabel { a: 2 * group, b: 2 * group + 1, target: target(group), annotator: 0 };
    Labels { pairs: (0..prompts).map(pair).collect(), annotators: vec!["ana".into()], ..Labels::default() }
}

const SETTINGS: LearnSettings = LearnSettings { signs: Signs::NonNegative, tried: Tried::All, seed: 0 };

#[track_caller]
fn sound(learned: &Learned, observed: &[Observed]) {
    for one in observed {
        let judged = learned.model.judge(one);
        assert!((0.0..=1.0).contains(&judged.reward), "{judged:?}");
        let numbers = [judged.raw, judged.raw_length_controlled, judged.imputed_variance, judged.distance];
        assert!(numbers.iter().chain(&judged.posterior).all(|number| number.is_finite()), "{judged:?}");
    }
}

#[test]
fn strange_labels_have_a_fit_or_a_reason() {
    let responses = observed(30, 3);
    let cases: [(&str, Labels); 5] = [
        ("separable", pairs(30, |_| 1.0)),
        ("ties", pairs(30, |_| 0.5)),
        ("contradictory", pairs(30, |group| (group % 2) as f64)),
        ("three", pairs(3, |_| 1.0)),
        ("against every critic", pairs(30, |_| 0.0)),
    ];
    for (name, labels) in cases {
        let learned =
            learn(&panel(3), &responses, &labels, SETTINGS).unwrap_or_else(|error| panic!("{name}: {error}"));
        sound(&learned, &responses);
    }
    let ties = learn(&panel(3), &responses, &pairs(30, |_| 0.5), SETTINGS).unwrap();
    assert!(ties.report.warnings.iter().any(|warning| warning.contains("tie")), "{:?}", ties.report.warnings);
}

#[test]
fn critics_that_never_differ_are_refused_in_words() {
    let mut responses = observed(30, 1);
    responses.iter_mut().for_each(|one| one.scores = vec![Some(0.5)]);
    let error = learn(&panel(1), &responses, &pairs(30, |_| 1.0), SETTINGS).unwrap_err();
    assert!(error.to_string().contains("nothing to fit"), "{error}");
    let error = learn(&panel(300), &[], &Labels::default(), SETTINGS).unwrap_err();
    assert!(error.to_string().contains("at most 256"), "{error}");
}

#[test]
fn one_prompt_with_equal_responses_among_single_ones_is_no_obstacle() {
    let mut observed = observed(20, 2);
    observed.iter_mut().enumerate().for_each(|(at, one)| one.group = at.max(1));
    observed[1].scores = observed[0].scores.clone();
    let ratings = (0..40).map(|at| RatingLabel { response: at, level: at % 2, scale: 0, annotator: 0 });
    let labels = Labels {
        ratings: ratings.collect(),
        scales: vec![2],
        annotators: vec!["a".into()],
        ..Labels::default()
    };
    sound(&learn(&panel(2), &observed, &labels, SETTINGS).unwrap(), &observed);
}

#[test]
fn what_three_people_say_alike_weighs_less_than_three_labels() {
    let observed = observed(40, 2);
    let once = pairs(40, |n| if n % 4 == 0 { 0.0 } else { 1.0 });
    let mut thrice = once.clone();
    thrice.annotators = vec!["a".into(), "b".into(), "c".into()];
    for person in 1..3 {
        thrice.pairs.extend(once.pairs.iter().map(|pair| PairLabel { annotator: person, ..*pair }));
    }
    let deviation = |labels: &Labels| {
        let learned = learn(&panel(2), &observed, labels, SETTINGS).unwrap();
        learned.report.weights[0].deviation
    };
    assert!(deviation(&thrice) > 0.75 * deviation(&once), "{} {}", deviation(&thrice), deviation(&once));
}

#[test]
fn the_better_critic_gets_the_greater_weight() {
    let responses = observed(60, 4);
    let learned = learn(&panel(4), &responses, &pairs(60, |_| 1.0), SETTINGS).unwrap();
    let weight = |at: usize| learned.model.theta[at];
    assert!(weight(3) > weight(0), "{}", learned.model.theta);
    assert!((0..4).all(|at| weight(at) >= 0.0), "{}", learned.model.theta);
    let found = learned.report.preferences.unwrap();
    let fixed = &found.rivals[0];
    assert!(found.pairs == 60 && found.log_loss.mean < fixed.log_loss.mean, "{found:?}");
}

#[test]
fn one_label_does_not_choose_a_critic() {
    let labels = Labels { pairs: vec![pairs(2, |_| 1.0).pairs[1]], ..pairs(0, |_| 1.0) };
    let learned = learn(&panel(8), &observed(60, 8), &labels, SETTINGS).unwrap();
    let weights = learned.model.theta.slice(ndarray::s![..8]);
    assert!(weights.iter().all(|weight| *weight < 3.0 * weights.sum() / 8.0), "{weights}");
}

#[test]
fn where_one_critic_knows_all_few_labels_say_so() {
    let mut responses = observed(24, 6);
    // The last critic is always right, the others vote together at random.
    for (at, one) in responses.iter_mut().enumerate() {
        let (is_better, coin) = (at % 2 == 0, (at / 2 * 7) % 3 == 0);
        one.scores = vec![Some(if is_better == coin { 0.8 } else { 0.2 }); 6];
        one.scores[5] = Some(if is_better { 0.7 } else { 0.3 });
    }
    let learned = learn(&panel(6), &responses, &pairs(24, |_| 1.0), SETTINGS).unwrap();
    let prior = learned.report.prior.unwrap();
    assert!(prior.direction.ends_with("alone"), "{prior:?}");
    assert!(learned.model.theta[5] > 2.0 * learned.model.theta[0], "{}", learned.model.theta);
}

#[test]
fn a_rule_that_seldom_fires_has_the_unit_of_a_step() {
    let mut responses = observed(150, 1);
    // Of three equal scores the mean is another number, by rounding.
    for (at, one) in responses.iter_mut().enumerate() {
        (one.group, one.scores) = (at / 3, vec![Some(if at == 0 { 1.1 } else { 0.1 })]);
    }
    let space = Space::measure(&panel(1), Signs::NonNegative, &responses);
    // One of three that differs by 1 makes a standard deviation of √⅓, however many others do not differ.
    assert!((space.critics[0].deviation - (1.0f64 / 3.0).sqrt()).abs() < 1e-12, "{:?}", space.critics[0]);
}

#[test]
fn an_annotator_who_rates_higher_is_not_a_better_response() {
    let responses = observed(40, 2);
    // Ana rates the better response 3 and the worse 1, Ben one level more.
    let rating = |at: usize, annotator: usize| RatingLabel {
        response: at,
        level: if at.is_multiple_of(2) { 2 } else { 0 } + annotator,
        scale: 0,
        annotator,
    };
    let labels = Labels {
        ratings: (0..80).flat_map(|at| [rating(at, 0), rating(at, 1)]).collect(),
        scales: vec![5],
        annotators: vec!["ana".into(), "ben".into()],
        ..Labels::default()
    };
    let learned = learn(&panel(2), &responses, &labels, SETTINGS).unwrap();
    sound(&learned, &responses);
    let leniency: Vec<f64> = learned.report.annotators.iter().map(|one| one.leniency.unwrap()).collect();
    assert!(leniency[1] > leniency[0] + 0.5, "{leniency:?}");
    let figures = learned.report.rating_figures.unwrap();
    assert!(figures.rmse < figures.rmse_mean_only, "{figures:?}");
}

#[test]
fn without_labels_the_report_says_what_is_assumed() {
    let responses = observed(30, 3);
    let learned = learn(&panel(3), &responses, &Labels::default(), SETTINGS).unwrap();
    sound(&learned, &responses);
    assert!(learned.report.warnings[0].contains("assumptions"), "{:?}", learned.report.warnings);
}

/// Two critics: one sees the quality and what fools, the other what fools alone.
fn fooled(prompts: usize) -> (Vec<Observed>, Labels) {
    let draw = |what: &str, at: usize| {
        let id = rewardctl_core::id::ContentId::of("at", [at.to_le_bytes().as_slice()]);
        rewardctl_core::random::unit(5, what, id)
    };
    let one = |at: usize| Observed {
        group: at / 2,
        scores: vec![Some((draw("quality", at) + draw("fools", at)) / 2.0), Some(draw("fools", at))],
        variances: vec![0.0; 2],
        style: None,
    };
    let better = |group: usize| draw("quality", 2 * group) > draw("quality", 2 * group + 1);
    let labels = pairs(prompts, |group| f64::from(u8::from(better(group))));
    ((0..2 * prompts).map(one).collect(), labels)
}

#[test]
fn critics_that_are_fooled_alike_tell_how_sure_an_order_is() {
    let (responses, labels) = fooled(200);
    let fit = |settings| learn(&panel(2), &responses, &labels, settings).unwrap();
    let free = LearnSettings { signs: Signs::Free, tried: Tried::Sureness, seed: 0 };
    let (mut learned, free) = (fit(SETTINGS), fit(free));
    let before = learned.report.preferences.clone().unwrap();
    add_sureness(&mut learned, &free);
    let after = learned.report.preferences.clone().unwrap();
    assert!(learned.report.is_sure_by_any_sign && learned.model.any_sign.as_ref().unwrap()[1] < 0.0);
    assert!(after.log_loss.mean < before.log_loss.mean, "{after:?} is not better than {before:?}");
    assert_eq!(after.accuracy, before.accuracy, "the order is the reward's");
}

#[test]
fn an_order_is_as_sure_as_the_fit_where_weights_of_any_sign_predict_worse() {
    let (responses, labels) = (observed(60, 4), pairs(60, |_| 1.0));
    let mut learned = learn(&panel(4), &responses, &labels, SETTINGS).unwrap();
    let (before, mut worse) = (learned.report.clone(), learned.clone());
    worse.crossed.preferences.iter_mut().for_each(|one| one.margin = -one.margin);
    add_sureness(&mut learned, &worse);
    assert_eq!(learned.report, before);
    assert!(learned.model.any_sign.is_none());
}

#[test]
fn the_evidence_of_a_bounded_weight_is_its_integral() {
    // One weight, one label: ∫₀^∞ σ(x β) N(β; m, 1/λ) dβ / P(β ≥ 0), by Simpson's rule.
    for (difference, mean, precision) in [(0.4, 0.3, 4.0), (-1.5, 0.2, 9.0), (-3.0, 0.0, 1.0)] {
        let objective = Objective {
            targets: vec![1.0],
            weights: vec![1.0],
            rated: Array2::zeros((0, 1)),
            ratings: vec![],
            slope: 1.0,
            mean: Array1::from(vec![mean]),
            precision: Array1::from(vec![precision]),
            nonnegative: vec![true],
            differences: Array2::from_elem((1, 1), difference),
        };
        let found = log_evidence(&objective, &minimise(&objective, &objective.mean).unwrap()).unwrap();
        let prior = |beta: f64| (-precision * (beta - mean).powi(2) / 2.0).exp();
        let integral = |f: &dyn Fn(f64) -> f64| {
            let (steps, most) = (20_000, 20.0);
            let step = most / steps as f64;
            let weight = |at: usize| {
                if at == 0 || at == steps {
                    1.0
                } else if at % 2 == 1 {
                    4.0
                } else {
                    2.0
                }
            };
            (0..=steps).map(|at| weight(at) * f(at as f64 * step)).sum::<f64>() * step / 3.0
        };
        let label = |beta: f64| (1.0 + (-difference * beta).exp()).recip();
        let expected = (integral(&|beta| label(beta) * prior(beta)) / integral(&prior)).ln();
        // Laplace's approximation is not exact; without the bounds it would be off by up to 1.1.
        assert!((found - expected).abs() < 0.05, "{found} is not {expected}");
    }
}
