use proptest::prelude::*;

use super::auprc::auprc;
use super::auroc::auroc;
use super::brier::brier;
use super::ece::{BINS, debiased, ece, ece_by_chance};
use super::log_loss::log_loss;
use super::reliability::{Binning, bins};
use super::*;
use crate::selective::{aurc, curve};

const WIDTH: Binning = Binning::EqualWidth(BINS);
const MASS: Binning = Binning::EqualMass(BINS);

fn golden() -> Vec<Forecast> {
    let lines = include_str!("golden.csv").lines();
    let read = |line: &str| {
        let (p, y) = line.split_once(',').unwrap();
        Forecast::new(p.parse().unwrap(), y.parse().unwrap()).unwrap()
    };
    lines.map(read).collect()
}

#[track_caller]
fn check(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    assert!((found / expected - 1.0).abs() < 1e-9, "{found} is not {expected}");
}

/// Golden values: `scripts/golden/probabilities.py` (scikit-learn, uncertainty-calibration).
#[test]
fn agrees_with_scikit_learn() {
    let forecasts = Forecasts::independent(&golden());
    let all = forecasts.all();
    assert_eq!(forecasts.count(), 150);
    check(brier(all), 0.257_410_666_666_666_6);
    check(log_loss(all), 0.765_513_215_161_366_3);
    check(auroc(all), 0.653_621_601_897_464);
    check(auprc(all), 0.568_943_038_399_276_2);
    check(ece(all, WIDTH), 0.153_466_666_666_666_67);
    check(ece(all, MASS), 0.15);
    check(ece_by_chance(all, WIDTH), 0.081_075_054_767_198_3);
    check(debiased(all, WIDTH), 0.138_725_253_717_015_88);
}

/// Golden values: `scripts/golden/probabilities.py` (numpy).
#[test]
fn confidence_sorts_decisions() {
    let confident: Vec<Forecast> = golden().into_iter().map(Forecast::confidence).collect();
    let forecasts = Forecasts::independent(&confident);
    check(aurc(forecasts.all()), 0.323_713_485_712_744_05);
    let points = curve(forecasts.all());
    assert_eq!(points[2].confidence, 0.98);
    check(Some(points[2].risk), 0.3);
    check(points.last().map(|last| last.risk), 0.396_666_666_666_666_67);
    assert_eq!(points.last().map(|last| last.coverage), Some(1.0));
}

#[test]
fn what_is_no_probability_is_refused() {
    for wrong in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert!(matches!(Forecast::new(wrong, 1.0), Err(ForecastError::Probability(_))));
        assert!(matches!(Forecast::new(0.5, wrong), Err(ForecastError::Outcome(_))));
    }
}

#[test]
fn nothing_has_no_figure_and_one_class_no_curve() {
    fn figures(all: Sample<'_>) -> [Option<f64>; 6] {
        [brier(all), log_loss(all), ece(all, WIDTH), debiased(all, MASS), auroc(all), auprc(all)]
    }
    let none = Forecasts::independent(&[]);
    assert_eq!(figures(none.all()), [None; 6]);
    assert_eq!(none.intervals(1, figures), [None; 6]);
    let never = Forecasts::independent(&[Forecast::new(0.2, 0.0).unwrap(); 3]);
    assert_eq!((auroc(never.all()), auprc(never.all())), (None, None));
    assert_eq!(bins(never.all(), Binning::EqualMass(0)), vec![]);
}

#[test]
fn certainty_that_is_wrong_costs_much_but_not_everything() {
    let wrong = Forecasts::independent(&[Forecast::new(1.0, 0.0).unwrap()]);
    check(log_loss(wrong.all()), 36.043_653_389_117_15);
}

#[test]
fn the_last_bin_is_closed_and_edges_belong_to_the_upper_one() {
    let edges = [0.0, 0.1, 0.3, 0.7, 1.0].map(|p| Forecast::new(p, 1.0).unwrap());
    let forecasts = Forecasts::independent(&edges);
    let lows: Vec<f64> = bins(forecasts.all(), WIDTH).iter().map(|bin| bin.low).collect();
    assert_eq!(lows, [0.0, 0.1, 0.3, 0.7, 0.9]);
}

#[test]
fn at_one_half_a_pair_is_half_right() {
    let forecast = |p, y| Forecast::new(p, y).unwrap();
    assert_eq!(forecast(0.5, 0.0).confidence(), forecast(0.5, 0.5));
    assert_eq!(forecast(0.25, 0.0).confidence(), forecast(0.75, 1.0));
    assert_eq!(forecast(0.75, 0.0).confidence(), forecast(0.75, 0.0));
}

#[test]
fn a_cluster_is_drawn_whole() {
    // Two clusters, one always right and one always wrong: samples hold either or both, nothing in between.
    let rows: Vec<Forecast> = (0..40).map(|n| Forecast::new(1.0, f64::from(n % 2)).unwrap()).collect();
    let clusters: Vec<usize> = (0..40).map(|n| n % 2).collect();
    let clustered = Forecasts::clustered(&rows, &clusters).intervals(1, |sample| [brier(sample)]);
    let independent = Forecasts::independent(&rows).intervals(1, |sample| [brier(sample)]);
    assert_eq!(clustered, [Some((0.0, 1.0))]);
    let [Some((low, high))] = independent else { panic!("no interval") };
    assert!(low > 0.2 && high < 0.8, "{low} {high}");
}

#[test]
fn the_order_of_the_input_leaves_no_trace() {
    let figures = |rows: &[Forecast]| {
        let forecasts = Forecasts::independent(rows);
        let all =
            |s: Sample<'_>| [brier(s), log_loss(s), ece(s, WIDTH), ece(s, MASS), auroc(s), auprc(s), aurc(s)];
        (all(forecasts.all()), forecasts.intervals(3, all))
    };
    let turned: Vec<Forecast> = golden().into_iter().rev().collect();
    assert_eq!(figures(&golden()), figures(&turned));
}

fn rows() -> impl Strategy<Value = Vec<Forecast>> {
    let row = (0u8..=20, any::<bool>());
    let row = row.prop_map(|(p, y)| Forecast::new(f64::from(p) / 20.0, f64::from(u8::from(y))).unwrap());
    prop::collection::vec(row, 1..60)
}

proptest! {
    #[test]
    fn auroc_is_what_counting_all_pairs_gives(rows in rows()) {
        let (mut above, mut pairs) = (0.0, 0.0);
        for so in rows.iter().filter(|row| row.outcome == 1.0) {
            for not in rows.iter().filter(|row| row.outcome == 0.0) {
                pairs += 1.0;
                above += match so.probability.total_cmp(&not.probability) {
                    std::cmp::Ordering::Greater => 1.0,
                    std::cmp::Ordering::Equal => 0.5,
                    std::cmp::Ordering::Less => 0.0,
                };
            }
        }
        match auroc(Forecasts::independent(&rows).all()) {
            Some(found) => prop_assert!((found - above / pairs).abs() < 1e-12),
            None => prop_assert_eq!(pairs, 0.0),
        }
    }

    #[test]
    fn doubling_all_rows_changes_no_mean(rows in rows()) {
        let doubled: Vec<Forecast> = rows.iter().chain(&rows).copied().collect();
        let (one, two) = (Forecasts::independent(&rows), Forecasts::independent(&doubled));
        for figure in [brier, log_loss, auprc, |s: Sample<'_>| ece(s, WIDTH), |s: Sample<'_>| ece(s, MASS)] {
            match (figure(one.all()), figure(two.all())) {
                (Some(one), Some(two)) => prop_assert!((one - two).abs() < 1e-12),
                (one, two) => prop_assert_eq!(one, two),
            }
        }
    }

    #[test]
    fn bins_hold_every_forecast_once(rows in rows(), number in 1usize..12) {
        let forecasts = Forecasts::independent(&rows);
        for binning in [Binning::EqualWidth(number), Binning::EqualMass(number)] {
            let bins = bins(forecasts.all(), binning);
            let count: f64 = bins.iter().map(|bin| bin.count).sum();
            prop_assert_eq!(count, rows.len() as f64);
            prop_assert!(bins.iter().all(|bin| bin.low <= bin.probability + 1e-12 && bin.probability <= bin.high + 1e-12));
        }
    }
}
