use proptest::prelude::*;

use super::*;
use crate::stream::Stream;

fn aim(error: f64, risk: f64) -> Aim {
    Aim { error, risk }
}

fn judged(confidence: f64, correct: bool) -> Judged {
    Judged { confidence, correct }
}

/// The seeded data of `scripts/golden/guarantees.py`.
fn example() -> Vec<Judged> {
    let one = |place: i64| {
        let part = (place * 37 % 120) as f64 / 120.0;
        let confidence = ((1.0 - 0.5 * part * part) * 100.0).round_ties_even() / 100.0;
        judged(confidence, (place * 53 % 97) as f64 / 97.0 < confidence + 0.05)
    };
    (0..120).map(one).collect()
}

/// Golden values: `scripts/golden/guarantees.py` (the loop in Python, bounds of scipy).
#[test]
fn agrees_with_the_reference() {
    for (error, risk, count) in
        [(0.05, 0.1, 45), (0.1, 0.1, 22), (0.15, 0.1, 15), (0.01, 0.1, 230), (0.2, 0.05, 14)]
    {
        assert_eq!(least(aim(error, risk)), Some(count));
    }
    for (error, threshold, kept, errors, bound) in [
        (0.1, 0.74, 88, 4, 0.088_786_490_863_984_53),
        (0.15, 0.57, 112, 11, 0.144_473_059_917_317_01),
        (0.2, 0.51, 120, 14, 0.163_408_029_871_860_4),
    ] {
        let got = guarantee(&example(), aim(error, 0.1)).unwrap();
        assert!((got.threshold - threshold).abs() < 1e-12, "{got:?}");
        assert_eq!((got.kept.hits, got.kept.count, got.errors.hits), (kept, 120, errors));
        assert!((got.bound - bound).abs() < 1e-9 * bound, "{got:?}");
    }
}

#[test]
fn what_proves_nothing_says_why() {
    let sure = vec![judged(0.9, true); 21];
    let enough = vec![judged(0.9, true); 22];
    assert_eq!(guarantee(&enough, aim(0.1, 0.1)).unwrap().kept.hits, 22);
    assert_eq!(guarantee(&sure, aim(0.1, 0.1)), Err(NoGuarantee::TooFew { have: 21, need: 22 }));
    assert_eq!(guarantee(&[], aim(0.1, 0.1)), Err(NoGuarantee::TooFew { have: 0, need: 22 }));
    for (error, risk) in [(0.0, 0.1), (1.0, 0.1), (0.1, 0.0), (0.1, f64::NAN), (f64::NAN, 0.1)] {
        assert!(matches!(guarantee(&sure, aim(error, risk)), Err(NoGuarantee::Aim { .. })));
    }
    let broken = vec![judged(0.9, true), judged(f64::NAN, true)];
    assert_eq!(guarantee(&broken, aim(0.9, 0.9)), Err(NoGuarantee::Confidence { at: 1 }));
    let wrong = vec![judged(0.9, false); 40];
    let Err(error @ NoGuarantee::TooManyErrors { bound: 1.0, .. }) = guarantee(&wrong, aim(0.1, 0.1)) else {
        panic!("all are wrong");
    };
    assert_eq!(
        error.to_string(),
        "40 of the 40 most confident calibration answers are wrong: the error may be up to 1.000"
    );
}

/// An error among the most confident answers is not the end: of 600 answers 2 % are wrong, wherever they stand.
#[test]
fn one_early_error_does_not_end_the_sequence() {
    let answers = (0..600).map(|at| judged(1.0 - f64::from(at) / 1200.0, at % 50 != 3));
    let found = guarantee(&answers.collect::<Vec<_>>(), aim(0.05, 0.1)).unwrap();
    assert_eq!((found.kept.hits, found.errors.hits), (600, 12));
}

/// A model that is good on few answers is trusted on these.
#[test]
fn few_good_answers_are_kept() {
    let answers = (0..600).map(|at| judged(1.0 - f64::from(at) / 1200.0, at < 90 || at % 3 == 0));
    let found = guarantee(&answers.collect::<Vec<_>>(), aim(0.1, 0.1)).unwrap();
    assert!((85..=100).contains(&found.kept.hits), "{found:?}");
}

/// Where all are tied, it is all or nothing: a threshold cannot tell equals apart.
#[test]
fn ties_are_taken_whole() {
    let mut stream = vec![judged(0.5, true); 60];
    let all = guarantee(&stream, aim(0.1, 0.1)).unwrap();
    assert_eq!((all.threshold, all.kept.hits), (0.5, 60));
    stream[..10].fill(judged(0.5, false));
    assert!(matches!(guarantee(&stream, aim(0.1, 0.1)), Err(NoGuarantee::TooManyErrors { .. })));
}

/// The share of 600 calibration streams of which the promise is broken stays within δ + 3 standard errors, for models
/// that are honest, overconfident, and wrong about which answers are hard.
#[test]
fn the_promise_is_kept() {
    let honest = |confidence: f64| 1.0 - confidence;
    let overconfident = |confidence: f64| 1.0 - (0.85 * confidence + 0.075);
    let contrary = |confidence: f64| 0.04 + 0.12 * confidence;
    let borderline = |_: f64| 0.1001;
    let worlds: [(&str, &dyn Fn(f64) -> f64); 4] = [
        ("honest", &honest),
        ("overconfident", &overconfident),
        ("contrary", &contrary),
        ("borderline", &borderline),
    ];
    for (name, error_at) in worlds {
        for (count, aim) in [(150, aim(0.1, 0.1)), (600, aim(0.1, 0.1)), (300, aim(0.05, 0.2))] {
            let (broken, given) = count_broken(name, error_at, count, aim);
            let limit = aim.risk + 3.0 * (aim.risk * (1.0 - aim.risk) / f64::from(SPLITS)).sqrt();
            let share = f64::from(broken) / f64::from(SPLITS);
            assert!(share <= limit, "{name} {count}: {share} of {given} promises broken, at most {limit}");
            let expected = name == "honest" && count == 600;
            assert!(!expected || given > SPLITS * 9 / 10, "{name} {count}: only {given} promises");
        }
    }
}

const SPLITS: u32 = 600;

/// Returns how many promises are broken, and how many were given.
fn count_broken(name: &str, error_at: &dyn Fn(f64) -> f64, count: usize, aim: Aim) -> (u32, u32) {
    let (mut broken, mut given) = (0, 0);
    for split in 0..SPLITS {
        let mut stream = Stream::of(20_261_127, name, u64::from(split));
        let calibration: Vec<Judged> = (0..count)
            .map(|_| {
                let confidence = drawn(&mut stream);
                judged(confidence, stream.unit() >= error_at(confidence))
            })
            .collect();
        let Ok(found) = guarantee(&calibration, aim) else { continue };
        given += 1;
        broken += u32::from(true_risk(found.threshold, error_at) > aim.error);
    }
    (broken, given)
}

/// Confidences like those of a good panel: half of the answers are above 0.93.
fn drawn(stream: &mut Stream) -> f64 {
    confidence_at(stream.unit())
}

fn confidence_at(place: f64) -> f64 {
    1.0 - 0.5 * place.powi(3)
}

/// The share of errors above a threshold in the whole population, by the midpoint rule.
fn true_risk(threshold: f64, error_at: &dyn Fn(f64) -> f64) -> f64 {
    let last = (2.0 * (1.0 - threshold)).cbrt();
    let parts = 400;
    let at = |part: i32| error_at(confidence_at(last * (f64::from(part) + 0.5) / f64::from(parts)));
    (0..parts).map(at).sum::<f64>() / f64::from(parts)
}

proptest! {
    #[test]
    fn bounds_hold_and_order_does_not_matter(
        answers in prop::collection::vec((0u8..20, prop::bool::weighted(0.9)), 0..200),
        error in 0.02..0.5f64, risk in 0.02..0.5f64, seed: u64,
    ) {
        let mut stream: Vec<Judged> = answers.iter().map(|(c, ok)| judged(f64::from(*c) / 20.0, *ok)).collect();
        let found = guarantee(&stream, aim(error, risk));
        Stream::new(seed).shuffle(&mut stream);
        prop_assert_eq!(&found, &guarantee(&stream, aim(error, risk)));
        if let Ok(found) = found {
            let kept: Vec<_> = stream.iter().filter(|judged| judged.confidence >= found.threshold).collect();
            prop_assert_eq!(kept.len() as u64, found.kept.hits);
            prop_assert!(found.bound <= error);
            prop_assert!(found.errors.share().unwrap() <= found.bound);
            prop_assert!(found.errors.count >= least(found.aim).unwrap() as u64);
        }
    }
}
