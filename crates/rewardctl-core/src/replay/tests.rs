use super::*;
use crate::acquire::covariance::dot;
use crate::replay::summary::{Figure, summarise};
use crate::worlds::{self, CRITICS, MEDIUM, TEXT};

const WIDTH: usize = CRITICS + TEXT;

fn question(at: usize, difference: Vec<f64>, truth: f64, answers: Vec<f64>) -> Question {
    let id = ContentId::of("question", [(at as u64).to_le_bytes().as_slice()]);
    let disagreement = difference[0].abs();
    Question { id, prompt: at, difference, cluster: None, embedding: None, disagreement, answers, truth }
}

fn world(count: usize, seed: u64) -> Vec<Question> {
    let mut stream = Stream::of(seed, "answers", 0);
    let pairs = worlds::draw(MEDIUM, count, seed).into_iter().enumerate();
    pairs
        .map(|(at, pair)| {
            let answers = (0..2).map(|_| f64::from(u8::from(pair.label(&mut stream)))).collect();
            Question { cluster: Some(pair.cluster), ..question(at, pair.difference, pair.chance, answers) }
        })
        .collect()
}

/// Takes in one label after the other, each with a normal posterior (assumed density filtering): rough, but in the
/// tests' own hands.
fn filter(questions: &[Question], answers: &[Answer]) -> Option<Belief> {
    let unit = (0..WIDTH * WIDTH).map(|at| f64::from(u8::from(at % (WIDTH + 1) == 0))).collect();
    let mut covariance = Covariance::new(WIDTH, unit)?;
    let mut theta: Vec<f64> = (0..WIDTH).map(|at| if at < CRITICS { 0.3 } else { 0.0 }).collect();
    for answer in answers {
        let difference = &questions[answer.at].difference;
        let p = 1.0 / (1.0 + (-dot(&theta, difference)).exp());
        covariance.observe(difference, p * (1.0 - p));
        let moved = covariance.times(difference);
        theta.iter_mut().zip(moved).for_each(|(weight, by)| *weight += (answer.target - p) * by);
    }
    let means = questions.iter().map(|question| dot(&theta, &question.difference)).collect();
    Some(Belief { means, item_variances: vec![0.0; questions.len()], covariance })
}

const COURSE: Course = Course { start: 20, batch: 10, budget: 80 };

#[test]
fn halves_never_share_a_prompt() {
    let mut questions = world(60, 7);
    questions.iter_mut().for_each(|question| question.prompt /= 3);
    let (pool, test) = halves(&questions, 7);
    assert_eq!((pool.len(), test.len()), (30, 30));
    let prompts = |places: &[usize]| places.iter().map(|at| questions[*at].prompt).collect::<Vec<_>>();
    assert!(prompts(&pool).iter().all(|prompt| !prompts(&test).contains(prompt)));
    assert_ne!(halves(&questions, 8).0, pool);
}

#[test]
fn every_policy_starts_alike_and_spends_the_budget() {
    let questions = world(240, 7);
    let runs = replay(&questions, &POLICIES, COURSE, 7, &|answers| filter(&questions, answers));
    for (policy, curve) in POLICIES.iter().zip(&runs) {
        let labels: Vec<usize> = curve.iter().map(|measure| measure.labels).collect();
        assert_eq!(labels, [20, 30, 40, 50, 60, 70, 80], "{}", policy.name());
        assert_eq!(curve[0], runs[0][0]);
        assert!(
            curve
                .iter()
                .all(|measure| (0.0..=1.0).contains(&measure.accuracy) && measure.log_loss.is_finite())
        );
    }
    assert_eq!(runs, replay(&questions, &POLICIES, COURSE, 7, &|answers| filter(&questions, answers)));
}

/// What a pool cannot give ends the curve; a fit that fails leaves none.
#[test]
fn small_pools_end_early() {
    let questions = world(50, 7);
    let curves = replay(&questions, &[Policy::Random], COURSE, 7, &|answers| filter(&questions, answers));
    assert_eq!(curves[0].last().unwrap().labels, 25);
    let none = replay(&questions, &POLICIES, COURSE, 7, &|_| None);
    assert!(none.iter().all(Vec::is_empty));
    assert!(summarise(&POLICIES, &[none], 7).is_empty());
    assert!(replay(&[], &[Policy::Shipped], COURSE, 7, &|answers| filter(&[], answers))[0].is_empty());
}

#[test]
fn figures_are_those_by_hand() {
    let row = |x: f64| {
        let mut row = vec![0.0; WIDTH];
        row[0] = x;
        row
    };
    let questions = [
        question(0, row(2.0), 1.0, vec![1.0]),
        question(1, row(-1.0), 1.0, vec![1.0]),
        question(2, row(0.5), 0.5, vec![0.5]),
    ];
    let none = Covariance::new(WIDTH, vec![0.0; WIDTH * WIDTH]).unwrap();
    let belief = Belief { means: vec![2.0, -1.0, 0.5], item_variances: vec![0.0; 3], covariance: none };
    let got = measure(3, &questions, &[0, 1, 2], &belief).unwrap();
    let p = |m: f64| 1.0 / (1.0 + (-m).exp());
    assert!((got.accuracy - 1.5 / 3.0).abs() < 1e-12, "{got:?}");
    let loss = -(p(2.0).ln() + p(-1.0).ln() + 0.5 * p(0.5).ln() + 0.5 * p(-0.5).ln()) / 3.0;
    assert!((got.log_loss - loss).abs() < 1e-12, "{got:?}");
    let error = ((1.0 - p(2.0)) + p(1.0) + (p(0.5) - 0.5)) / 3.0;
    assert!((got.calibration_error - error).abs() < 1e-12, "{got:?}");
    assert_eq!(measure(3, &questions, &[], &belief), None);
}

fn curve(accuracies: [f64; 4]) -> Vec<Measure> {
    let of = |(at, accuracy): (usize, f64)| Measure {
        labels: 10 * (at + 1),
        accuracy,
        log_loss: 1.0 - accuracy,
        calibration_error: 0.1,
    };
    accuracies.into_iter().enumerate().map(of).collect()
}

#[test]
fn savings_are_counted_where_the_mean_curve_first_meets_the_target() {
    let policies = [Policy::Random, Policy::Shipped, Policy::Pure(Rule::Margin)];
    let run = |by: f64| {
        vec![
            curve([0.6, 0.7, 0.8, 0.9].map(|a| a + by)),
            curve([0.6, 0.8, 0.9, 0.9].map(|a| a + by)),
            curve([0.6, 0.6, 0.6, 0.65].map(|a| a + by)),
        ]
    };
    let runs: Vec<_> = [-0.02, -0.01, 0.0, 0.01, 0.02].map(run).to_vec();
    let summary = summarise(&policies, &runs, 7);
    let saving = |policy: usize, at: f64, figure: Figure| {
        *summary[policy].savings.iter().find(|saving| saving.at == at && saving.figure == figure).unwrap()
    };
    // At 60 % of the budget (20 of 40 labels, the nearest step) random asking has 0.7, the other between 10 and 20.
    let found = saving(1, 0.6, Figure::Accuracy);
    assert!((found.target - 0.7).abs() < 1e-9 && (found.random - 20.0).abs() < 1e-6, "{found:?}");
    assert!((found.share.unwrap() - 0.25).abs() < 1e-6, "{found:?}");
    assert!(
        (found.low.unwrap() - 0.25).abs() < 1e-6 && (found.high.unwrap() - 0.25).abs() < 1e-6,
        "{found:?}"
    );
    assert!((saving(1, 1.0, Figure::Accuracy).needed.unwrap() - 30.0).abs() < 1e-6);
    assert!((saving(1, 1.0, Figure::LogLoss).target - 0.1).abs() < 1e-9);
    assert_eq!(saving(2, 1.0, Figure::Accuracy).needed, None);
    assert_eq!(saving(2, 1.0, Figure::Accuracy).share, None);
    assert_eq!((saving(2, 1.0, Figure::Accuracy).low, saving(2, 1.0, Figure::Accuracy).high), (None, None));
    assert!((summary[0].area.mean - 0.75).abs() < 1e-9 && summary[0].savings.is_empty());
    assert!((summary[1].difference.unwrap().mean - 0.2 / 3.0).abs() < 1e-9);
    assert_eq!(summary[1].test.unwrap().count, 5);
    assert_eq!(summary[0].test, None);
}

/// On worlds where text features come in clusters, expected information needs fewer labels than chance.
#[test]
fn expected_information_saves_labels() {
    let policies = [Policy::Random, Policy::Pure(Rule::Bald)];
    let course = Course { start: 20, batch: 10, budget: 120 };
    let runs: Vec<_> = (0..8)
        .map(|seed| {
            let questions = world(500, seed);
            replay(&questions, &policies, course, seed, &|answers| filter(&questions, answers))
        })
        .collect();
    let summary = summarise(&policies, &runs, 7);
    let difference = summary[1].difference.unwrap();
    assert!(difference.mean > 0.0, "{difference:?}");
}
