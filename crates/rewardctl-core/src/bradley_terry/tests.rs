use proptest::prelude::*;

use super::connected::Apart;
use super::fit::Search;
use super::resampled::anchored;
use super::*;

fn golden() -> Tournament {
    let row = |line: &str| {
        let [a, b, winner, weight, cluster] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        Comparison {
            a: a.parse().unwrap(),
            b: b.parse().unwrap(),
            winner: match winner {
                "a" => Winner::A,
                "b" => Winner::B,
                _ => Winner::Tie,
            },
            weight: weight.parse().unwrap(),
            cluster: cluster.parse().unwrap(),
        }
    };
    let rows: Vec<Comparison> = include_str!("golden.csv").lines().map(row).collect();
    Tournament::new(5, &rows).unwrap()
}

fn won(winners_and_losers: &[(usize, usize)]) -> Vec<Comparison> {
    let row = |(cluster, (a, b)): (usize, &(usize, usize))| Comparison {
        a: *a,
        b: *b,
        winner: Winner::A,
        weight: 1.0,
        cluster,
    };
    winners_and_losers.iter().enumerate().map(row).collect()
}

#[track_caller]
fn check(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance * expected.abs(), "{found} is not {expected}");
    }
}

/// Golden values: `scripts/golden/rankings.py` (evalica, choix).
#[test]
fn agrees_with_evalica_and_choix() {
    let evalica = [
        0.650_982_975_451_895_3,
        0.509_076_440_672_183_7,
        -0.256_169_492_267_761_87,
        -0.172_051_739_451_935_05,
        -0.731_838_184_404_382_3,
    ];
    check(&golden().fit(0.0).unwrap().log_odds, &evalica, 1e-9);
    let choix = [
        0.639_162_695_467_302_9,
        0.499_691_071_322_620_5,
        -0.251_915_628_002_871_6,
        -0.169_803_480_135_155_28,
        -0.717_134_658_651_895_4,
    ];
    check(&golden().fit(0.5).unwrap().log_odds, &choix, 1e-6);
}

/// Golden values: `scripts/golden/rankings.py` (statsmodels, binomial regression with cluster-robust errors).
#[test]
fn the_sandwich_agrees_with_statsmodels() {
    let tournament = golden();
    let covariance = tournament.sandwich(&tournament.fit(0.0).unwrap()).unwrap().unwrap();
    let errors: Vec<f64> = (0..4).map(|model| covariance.error_of_difference(model, 4)).collect();
    let statsmodels = [0.320_234_296_404_5, 0.331_253_643_482_4, 0.313_880_666_785_2, 0.334_324_745_590_2];
    check(&errors, &statsmodels, 1e-9);
    // Strengths less their mean vary less than differences of two.
    assert!((0..4).all(|model| covariance.error(model) < errors[model]));
}

#[test]
fn resampling_and_sandwich_say_much_the_same() {
    let tournament = golden();
    let strengths = tournament.fit(0.0).unwrap();
    let covariance = tournament.sandwich(&strengths).unwrap().unwrap();
    let resampled = tournament.intervals(&strengths, Some(4), 7);
    let (low, high) = resampled[0].log_odds.unwrap();
    let width = 2.0 * 1.96 * covariance.error_of_difference(0, 4);
    assert!(((high - low) / width - 1.0).abs() < 0.25, "{low} {high} {width}");
    assert_eq!(resampled[4].log_odds, Some((0.0, 0.0)), "the anchor is fixed");
    assert_eq!(resampled, tournament.intervals(&strengths, Some(4), 7));
    let (low, high) = resampled[0].win_rate.unwrap();
    let rate = tournament.records()[0].win_rate().unwrap();
    assert!(low < rate && rate < high);
}

#[test]
fn a_search_that_goes_on_ends_where_a_new_one_does() {
    let tournament = golden();
    let drawn: Vec<u32> = (0..40).map(|n| n % 3).collect();
    let mut on = Search::new(5, 0.1);
    on.settle(&tournament.tally(None)).unwrap();
    on.settle(&tournament.tally(Some(&drawn))).unwrap();
    let mut anew = Search::new(5, 0.1);
    anew.settle(&tournament.tally(Some(&drawn))).unwrap();
    for (on, anew) in on.log_odds.iter().zip(&anew.log_odds) {
        assert!((on - anew).abs() < 1e-8, "{on} {anew}");
    }
}

#[test]
fn who_never_won_stands_apart() {
    let apart =
        |games: &[(usize, usize)], models| match Tournament::new(models, &won(games)).unwrap().fit(0.0) {
            Err(RankingError::Apart(apart)) => apart,
            other => panic!("{other:?}"),
        };
    let lost = Apart { losers: vec![2], others: vec![0, 1], met: true };
    assert_eq!(apart(&[(0, 1), (1, 0), (0, 2)], 3), lost);
    let unbeaten = Apart { losers: vec![0, 1], others: vec![2], met: true };
    assert_eq!(apart(&[(0, 1), (1, 0), (2, 1)], 3), unbeaten);
    let islands = Apart { losers: vec![0, 1], others: vec![2, 3], met: false };
    assert_eq!(apart(&[(0, 1), (1, 0), (2, 3), (3, 2)], 4), islands);
}

#[test]
fn a_ridge_ranks_also_who_never_won() {
    let tournament = Tournament::new(3, &won(&[(0, 1), (1, 0), (0, 2)])).unwrap();
    let log_odds = tournament.fit(1e-6).unwrap().log_odds;
    assert!(log_odds.iter().all(|theta| theta.is_finite()) && log_odds[2] < log_odds[1], "{log_odds:?}");
    assert!(tournament.fit(-1.0).is_err() && tournament.fit(f64::NAN).is_err());
}

#[test]
fn all_ties_are_equals() {
    let tie = |a, b| Comparison { a, b, winner: Winner::Tie, weight: 1.0, cluster: a };
    let tournament = Tournament::new(3, &[tie(0, 1), tie(1, 2), tie(2, 0)]).unwrap();
    let strengths = tournament.fit(0.0).unwrap();
    assert_eq!(strengths.log_odds, [0.0; 3]);
    assert_eq!(tournament.records()[0].win_rate(), Some(0.5));
    assert_eq!(tournament.sandwich(&strengths).unwrap().unwrap().error(0), 0.0);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    assert_eq!(Tournament::new(1, &[]).unwrap_err(), RankingError::TooFewModels(1));
    assert_eq!(Tournament::new(3, &[]).unwrap_err(), RankingError::TooFewModels(3));
    assert_eq!(Tournament::new(9_999, &won(&[(0, 1)])).unwrap_err(), RankingError::TooManyModels(9_999));
    assert_eq!(Tournament::new(2, &won(&[(1, 1)])).unwrap_err(), RankingError::Impossible(0));
    let weightless = Comparison { weight: f64::NAN, ..won(&[(0, 1)])[0] };
    assert_eq!(Tournament::new(2, &[weightless]).unwrap_err(), RankingError::Impossible(0));
}

#[test]
fn one_cluster_has_no_interval() {
    let games: Vec<Comparison> =
        won(&[(0, 1), (1, 0), (0, 1)]).into_iter().map(|row| Comparison { cluster: 0, ..row }).collect();
    let tournament = Tournament::new(2, &games).unwrap();
    let strengths = tournament.fit(0.0).unwrap();
    assert!(tournament.sandwich(&strengths).unwrap().is_none());
    assert!(tournament.intervals(&strengths, None, 1).iter().all(|model| model.log_odds.is_none()));
}

proptest! {
    /// Of two models, the log odds are those of the win rate.
    #[test]
    fn two_models_have_the_odds_of_their_wins(wins in 1usize..40, losses in 1usize..40) {
        let games: Vec<(usize, usize)> = (0..wins).map(|_| (0, 1)).chain((0..losses).map(|_| (1, 0))).collect();
        let log_odds = Tournament::new(2, &won(&games)).unwrap().fit(0.0).unwrap().log_odds;
        prop_assert!((log_odds[0] - log_odds[1] - (wins as f64 / losses as f64).ln()).abs() < 1e-9);
    }

    /// At the top, each model won as much as the strengths expect.
    #[test]
    fn strengths_expect_the_wins_that_there_are(games in prop::collection::vec((0usize..4, 1usize..4), 1..60)) {
        let games: Vec<(usize, usize)> = games.into_iter().map(|(a, step)| (a, (a + step) % 4)).collect();
        let tournament = Tournament::new(4, &won(&games)).unwrap();
        match tournament.fit(0.0) {
            Err(RankingError::Apart(_)) => {}
            Err(other) => prop_assert!(false, "{other}"),
            Ok(strengths) => {
                let theta = anchored(&strengths.log_odds, Some(0));
                let mut left = [0.0; 4];
                for (a, b) in games {
                    let p = 1.0 / (1.0 + (theta[b] - theta[a]).exp());
                    left[a] += 1.0 - p;
                    left[b] -= 1.0 - p;
                }
                prop_assert!(left.iter().all(|rest| rest.abs() < 1e-7), "{left:?}");
            }
        }
    }
}
