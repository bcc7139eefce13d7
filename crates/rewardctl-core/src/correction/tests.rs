use proptest::prelude::*;

use super::ppi::{Trust, ppi};
use super::rogan_gladen::{Uncorrectable, rogan_gladen};
use super::*;

fn golden() -> Vec<Judged> {
    let row = |(cluster, line): (usize, &str)| {
        let (judge, human) = line.split_once(',').unwrap();
        Judged { judge: judge.parse().unwrap(), human: human.parse().ok(), cluster }
    };
    include_str!("golden.csv").lines().enumerate().map(row).collect()
}

fn judged(rows: &[(f64, Option<f64>)]) -> Vec<Judged> {
    let row = |(cluster, (judge, human)): (usize, &(f64, Option<f64>))| Judged {
        judge: *judge,
        human: *human,
        cluster,
    };
    rows.iter().enumerate().map(row).collect()
}

#[track_caller]
fn check(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 1e-9, "{found} is not {expected}");
}

/// Golden values: `scripts/golden/corrections.py` (ppi-python for the mean and λ, numpy and scipy for error and interval).
#[test]
fn ppi_agrees_with_ppi_python() {
    let (full, lambda) = ppi(&golden(), Trust::Full).unwrap();
    assert_eq!(lambda, 1.0);
    check(full.mean, 0.454_166_666_666_666_7);
    check(full.error.unwrap(), 0.066_020_527_341_240_57);
    check(full.interval.unwrap().0, 0.322_059_896_597_894_25);
    check(full.interval.unwrap().1, 0.586_273_436_735_439_2);
    let (tuned, lambda) = ppi(&golden(), Trust::Tuned).unwrap();
    check(lambda, 0.481_828_703_703_674_75);
    check(tuned.mean, 0.452_007_619_598_765_34);
    check(tuned.error.unwrap(), 0.054_372_616_012_215_69);
    check(tuned.interval.unwrap().1, 0.560_806_972_933_777);
}

/// Golden values: `scripts/golden/corrections.py` (the gradient of the rate, taken numerically).
#[test]
fn rogan_gladen_has_the_error_of_its_gradient() {
    let found = rogan_gladen(&golden()).unwrap();
    check(found.sensitivity, 0.851_851_851_851_851_9);
    check(found.specificity, 0.757_575_757_575_757_6);
    check(found.rate.mean, 0.456_837_016_574_585_5);
    assert!((found.rate.error.unwrap() / 0.099_232_732_913_446_16 - 1.0).abs() < 1e-6);
}

/// Golden values: `scripts/golden/corrections.py` (numpy).
#[test]
fn what_comes_in_clusters_varies_more() {
    let clustered: Vec<Judged> =
        golden().into_iter().map(|row| Judged { cluster: row.cluster / 3, ..row }).collect();
    let people = people_alone(&clustered).unwrap();
    check(people.mean, 0.45);
    check(people.error.unwrap(), 0.060_577_146_212_700_17);
}

#[test]
fn a_judge_that_says_nothing_is_not_trusted() {
    let rows = judged(&[(1.0, Some(1.0)), (1.0, Some(0.0)), (1.0, Some(0.0)), (1.0, None), (1.0, None)]);
    let (tuned, lambda) = ppi(&rows, Trust::Tuned).unwrap();
    assert_eq!(lambda, 0.0);
    check(tuned.mean, 1.0 / 3.0);
    assert_eq!(tuned.error, people_alone(&rows).unwrap().error);
}

#[test]
fn without_people_or_without_others_nothing_is_corrected() {
    let unseen = judged(&[(1.0, None), (0.0, None)]);
    assert_eq!((ppi(&unseen, Trust::Full), people_alone(&unseen)), (None, None));
    assert_eq!(rogan_gladen(&unseen), Err(Uncorrectable::OneSided { yes: 0, no: 0 }));
    let seen = judged(&[(1.0, Some(1.0)), (0.0, Some(0.0))]);
    assert_eq!((ppi(&seen, Trust::Full), ppi(&seen, Trust::Tuned)), (None, None));
    assert_eq!(rogan_gladen(&seen), Err(Uncorrectable::AllSeen));
    assert_eq!((judge_alone(&[]), rogan_gladen(&[])), (None, Err(Uncorrectable::AllSeen)));
    let one = judge_alone(&judged(&[(1.0, None)])).unwrap();
    assert_eq!((one.error, one.interval), (None, None));
}

#[test]
fn a_coin_cannot_be_corrected() {
    let rows = [(1.0, Some(1.0)), (0.0, Some(1.0)), (1.0, Some(0.0)), (0.0, Some(0.0)), (1.0, None)];
    let coin = Uncorrectable::NoBetterThanChance { sensitivity: 0.5, specificity: 0.5 };
    assert_eq!(rogan_gladen(&judged(&rows)), Err(coin));
    assert_eq!(rogan_gladen(&judged(&[(0.5, None)])), Err(Uncorrectable::NotYesOrNo(0.5)));
}

proptest! {
    /// A judge that is always right leaves the rate that it counts.
    #[test]
    fn a_perfect_judge_needs_no_correction(truth in prop::collection::vec(any::<bool>(), 8..60)) {
        let rows: Vec<(f64, Option<f64>)> = truth.iter().enumerate().map(|(n, yes)| {
            let y = f64::from(u8::from(*yes));
            (y, (n % 3 == 0).then_some(y))
        }).collect();
        let rows = judged(&rows);
        let unseen: Vec<f64> = rows.iter().filter(|row| row.human.is_none()).map(|row| row.judge).collect();
        let rate = unseen.iter().sum::<f64>() / unseen.len() as f64;
        let (full, _) = ppi(&rows, Trust::Full).unwrap();
        prop_assert!((full.mean - rate).abs() < 1e-12);
        if let Ok(found) = rogan_gladen(&rows) {
            prop_assert!((found.rate.mean - rate).abs() < 1e-12);
        }
    }
}
