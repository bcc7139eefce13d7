use proptest::prelude::*;

use super::*;
use crate::acquire::first::first;
use crate::acquire::greedy::cosine;
use crate::stream::Stream;

const OPEN: State = State::Open { accepted: false };
const ANY: Limits = Limits { per_cluster: None, near: None };

fn id(at: usize) -> ContentId {
    ContentId::of("pair", [(at as u64).to_le_bytes().as_slice()])
}

fn candidate<'a>(at: usize, mean: f64, difference: &'a [f64]) -> Candidate<'a> {
    Candidate {
        id: id(at),
        mean,
        difference,
        item_variance: 0.0,
        disagreement: 0.0,
        cluster: None,
        embedding: None,
        state: OPEN,
    }
}

fn ask(size: usize, before: usize) -> Ask {
    Ask { size, before, shares: SHARES, seed: 7 }
}

/// The rows and means of `scripts/golden/acquisition.py`.
fn example() -> (Vec<[f64; 3]>, Vec<f64>, Covariance) {
    let row = |at: i32| {
        let at = f64::from(at);
        [(at * 1.7).sin(), (at * 2.3).cos(), (at * 0.9 + 1.0).sin()]
    };
    let rows: Vec<[f64; 3]> = (0..40).map(row).collect();
    let means = rows.iter().map(|[a, b, c]| 0.8 * a - 0.5 * b + 0.3 * c).collect();
    let sigma = vec![2.0, 0.3, -0.4, 0.3, 1.0, 0.2, -0.4, 0.2, 0.5];
    (rows, means, Covariance::new(3, sigma).unwrap())
}

/// Golden values: `scripts/golden/acquisition.py` (numpy, determinants and variances by inversion after every pick).
#[test]
fn greedy_picks_are_those_of_inverting_anew() {
    let (rows, means, covariance) = example();
    let candidates: Vec<Candidate<'_>> =
        rows.iter().zip(&means).enumerate().map(|(at, (row, mean))| candidate(at, *mean, row)).collect();
    let mut greedy = Greedy::new(&candidates, covariance, Rule::DOptimal, ANY);
    for (place, gain) in GOLDEN {
        let (at, value) = greedy.pick().unwrap();
        assert_eq!(at, place);
        assert!((value - gain).abs() < 1e-9, "{at}: {value}, not {gain}");
    }
}
const GOLDEN: [(usize, f64); 8] = [
    (38, 0.318_856_238_002_269_6),
    (14, 0.237_793_960_484_036_25),
    (8, 0.198_433_214_615_169_88),
    (12, 0.150_549_829_690_460_66),
    (19, 0.129_419_825_001_838_2),
    (4, 0.115_979_759_035_610_66),
    (18, 0.107_472_661_939_210_44),
    (29, 0.097_237_273_733_127_72),
];

#[test]
fn what_is_picked_once_teaches_less_the_second_time() {
    let (same, other) = ([1.0, 0.0], [0.0, 0.8]);
    let candidates = [candidate(0, 0.0, &same), candidate(1, 0.0, &same), candidate(2, 0.0, &other)];
    let unit = Covariance::new(2, vec![4.0, 0.0, 0.0, 4.0]).unwrap();
    let mut greedy = Greedy::new(&candidates, unit.clone(), Rule::Bald, ANY);
    let first = greedy.pick().unwrap().0;
    assert!(first < 2);
    assert_eq!(greedy.pick().unwrap().0, 2);
    // By their margins alone all are alike.
    let mut margin = Greedy::new(&candidates, unit, Rule::Margin, ANY);
    assert_eq!((0..4).filter_map(|_| margin.pick()).count(), 3);
}

#[test]
fn rules_rank_by_what_they_say() {
    let row = [1.0];
    let mut candidates =
        [candidate(0, 2.0, &row), candidate(1, -0.1, &row), candidate(2, 1.0, &row), candidate(3, 0.0, &row)];
    candidates[0].disagreement = 0.5;
    candidates[2].disagreement = f64::NAN;
    candidates[3].state = State::Labelled { trust: None };
    let one = Covariance::new(1, vec![1.0]).unwrap();
    let first = |rule| Greedy::new(&candidates, one.clone(), rule, ANY).pick().unwrap().0;
    assert_eq!((first(Rule::Margin), first(Rule::Disagreement)), (1, 0));
}

#[test]
fn near_duplicates_are_left_out_and_clusters_take_turns() {
    let rows: Vec<[f64; 1]> = (0..12).map(|at| [2.0 - f64::from(at) / 10.0]).collect();
    let embedding: Vec<[f64; 2]> =
        (0..12).map(|at| if at < 3 { [1.0, 0.01 * f64::from(at)] } else { [0.0, 1.0] }).collect();
    let mut candidates: Vec<Candidate<'_>> =
        rows.iter().enumerate().map(|(at, row)| candidate(at, 0.0, row)).collect();
    candidates[1].embedding = Some(&embedding[1]);
    candidates[0].embedding = Some(&embedding[0]);
    candidates.iter_mut().enumerate().for_each(|(at, candidate)| candidate.cluster = Some(at / 4));
    let one = Covariance::new(1, vec![1.0]).unwrap();
    let limits = Limits { per_cluster: Some(1), near: Some(NEAR) };
    let mut greedy = Greedy::new(&candidates, one, Rule::Margin, limits);
    let picks: Vec<usize> = std::iter::from_fn(|| Some(greedy.pick()?.0)).collect();
    let clusters: Vec<usize> = picks.iter().map(|at| at / 4).collect();
    let mut firsts = clusters[..3].to_vec();
    firsts.sort_unstable();
    assert_eq!(firsts, [0, 1, 2], "{clusters:?}");
    // All are taken in the end, but of the two near-duplicates only one.
    assert_eq!(picks.len(), 11);
    assert!(picks.contains(&0) != picks.contains(&1));
    assert!((cosine(&embedding[0], &embedding[1]) - 0.99995).abs() < 1e-6);
}

/// 200 pairs in two dimensions, the first 40 labelled, every fourth of the others accepted.
fn pool(rows: &[[f64; 2]]) -> Vec<Candidate<'_>> {
    rows.iter()
        .enumerate()
        .map(|(at, row)| {
            let mean = row[0] - row[1];
            let state = match at {
                0..40 => State::Labelled { trust: (at < 3).then_some(0.01 * at as f64) },
                _ => State::Open { accepted: at % 4 == 0 },
            };
            Candidate { state, embedding: None, ..candidate(at, mean, row) }
        })
        .collect()
}

fn rows() -> Vec<[f64; 2]> {
    let mut stream = Stream::of(7, "rows", 0);
    (0..200).map(|_| [stream.normal(), stream.normal()]).collect()
}

#[test]
fn a_batch_keeps_its_shares_and_says_why() {
    let rows = rows();
    let candidates = pool(&rows);
    let unit = Covariance::new(2, vec![1.0, 0.0, 0.0, 1.0]).unwrap();
    let picks = batch(&candidates, &unit, &ask(20, 40));
    let count = |kind: fn(&Why) -> bool| picks.iter().filter(|pick| kind(&pick.why)).count();
    assert_eq!(picks.len(), 20);
    assert_eq!(count(|why| *why == Why::Calibration), 4);
    assert_eq!(count(|why| *why == Why::Audit), 2);
    assert_eq!(count(|why| matches!(why, Why::Relabel { .. })), 2);
    assert_eq!(count(|why| matches!(why, Why::Informative { value } if *value > 0.0)), 12);
    let mut places: Vec<usize> = picks.iter().map(|pick| pick.at).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), 20);
    let relabelled: Vec<usize> =
        picks.iter().filter(|pick| matches!(pick.why, Why::Relabel { .. })).map(|pick| pick.at).collect();
    assert_eq!(relabelled, [0, 1]);
    for pick in &picks {
        let open = candidates[pick.at].state.open();
        assert_eq!(open, !matches!(pick.why, Why::Relabel { .. }));
        assert!(pick.why != Why::Audit || candidates[pick.at].state.accepted());
        assert!(!pick.why.reason().is_empty());
    }
}

#[test]
fn small_batches_do_not_round_shares_away() {
    let parts: Vec<usize> = (0..10).map(|number| ask(4, 4 * number).part(0.2)).collect();
    assert_eq!(parts.iter().sum::<usize>(), 8, "{parts:?}");
    assert_eq!((0..10).map(|number| ask(1, number).part(0.1)).sum::<usize>(), 1);
}

/// However the other shares choose, calibration pairs are a uniform sample: pairs that active selection prefers are
/// among them as often as they are in the pool.
#[test]
fn calibration_pairs_are_not_biased_by_what_else_is_labelled() {
    let rows = rows();
    let unit = Covariance::new(2, vec![1.0, 0.0, 0.0, 1.0]).unwrap();
    let (mut hard, mut all) = (0.0, 0.0);
    for seed in 0..100 {
        let mut candidates = pool(&rows);
        candidates.iter_mut().for_each(|candidate| candidate.state = OPEN);
        for number in 0..6 {
            let ask = Ask { seed, ..ask(20, 20 * number) };
            for pick in batch(&candidates, &unit, &ask) {
                let calibrates = pick.why == Why::Calibration;
                assert_eq!(calibrates, reserved(&candidates[pick.at], seed));
                all += f64::from(u8::from(calibrates));
                hard += f64::from(u8::from(calibrates && candidates[pick.at].mean.abs() < 0.5));
                candidates[pick.at].state = State::Labelled { trust: None };
            }
        }
    }
    assert!(all >= 2_000.0, "{all}");
    let share = candidates_below(&rows, 0.5);
    // Three standard errors, as if all draws were independent.
    let error = 3.0 * (share * (1.0 - share) / all).sqrt();
    assert!((hard / all - share).abs() < error, "{} against {share} ± {error}", hard / all);
}

fn candidates_below(rows: &[[f64; 2]], limit: f64) -> f64 {
    rows.iter().filter(|row| (row[0] - row[1]).abs() < limit).count() as f64 / rows.len() as f64
}

#[test]
fn without_labels_typical_pairs_come_first() {
    let rows = rows();
    let spread: Vec<[f64; 2]> =
        (0..200).map(|at| [20.0 * f64::from(at % 4), f64::from(at % 50) / 50.0]).collect();
    let mut candidates = pool(&rows);
    for (candidate, embedding) in candidates.iter_mut().zip(&spread) {
        (candidate.state, candidate.embedding) = (OPEN, Some(embedding.as_slice()));
    }
    let picks = first(&candidates, &ask(5, 0));
    assert_eq!(picks.len(), 5);
    assert_eq!(picks.iter().filter(|pick| pick.why == Why::Calibration).count(), 1);
    let mut clouds: Vec<usize> =
        picks.iter().filter(|pick| pick.why != Why::Calibration).map(|pick| pick.at % 4).collect();
    clouds.sort_unstable();
    assert_eq!(clouds, [0, 1, 2, 3]);
    assert_eq!(picks.iter().filter(|pick| matches!(pick.why, Why::Contested { .. })).count(), 2);
    // Without embeddings, all is random.
    let bare = pool(&rows);
    let picks = first(&bare, &ask(6, 0));
    assert_eq!(picks.iter().filter(|pick| pick.why == Why::Any).count(), 5);
    assert_eq!(picks.iter().filter(|pick| pick.why == Why::Calibration).count(), 1);
}

#[test]
fn nothing_open_gives_nothing() {
    let unit = Covariance::new(2, vec![1.0, 0.0, 0.0, 1.0]).unwrap();
    assert_eq!(batch(&[], &unit, &ask(5, 0)), []);
    assert_eq!(first(&[], &ask(5, 0)), []);
    let row = [1.0, f64::NAN];
    let broken = [candidate(0, f64::NAN, &row), candidate(1, 0.0, &[])];
    let picks = batch(&broken, &unit, &ask(5, 0));
    assert_eq!(picks.len(), 2);
}

proptest! {
    #[test]
    fn the_order_of_candidates_does_not_matter(seed: u64, size in 1usize..30) {
        let rows = rows();
        let unit = Covariance::new(2, vec![1.0, 0.0, 0.0, 1.0]).unwrap();
        let candidates = pool(&rows);
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        Stream::new(seed).shuffle(&mut order);
        let shuffled: Vec<Candidate<'_>> = order.iter().map(|at| candidates[*at].clone()).collect();
        let ids = |candidates: &[Candidate<'_>]| -> Vec<ContentId> {
            batch(candidates, &unit, &ask(size, 0)).iter().map(|pick| candidates[pick.at].id).collect()
        };
        prop_assert_eq!(ids(&candidates), ids(&shuffled));
    }
}
