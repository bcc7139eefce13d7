use proptest::prelude::*;

use super::*;
use crate::stream::Stream;

/// Golden values: `scripts/golden/betting.py` (the process of the paper in numpy, written apart from this).
#[test]
fn agrees_with_the_paper_in_numpy() {
    let values: Vec<f64> = (0..60).map(|place| f64::from(place * 37 % 61) / 60.0).collect();
    let [end, any] = [Betting::at_the_end(&values, 0.05), Betting::at_any_time(&values, 0.05)];
    for (found, golden) in [
        (end.lower(0.05), GOLDEN[0]),
        (end.upper(0.05), GOLDEN[1]),
        (any.lower(0.05), GOLDEN[2]),
        (any.upper(0.05), GOLDEN[3]),
        (any.at_most(0.3), GOLDEN[4]),
    ] {
        assert!((found - golden).abs() < 1e-7, "{found}, not {golden}");
    }
}
const GOLDEN: [f64; 5] = [
    0.412_977_370_027_212_6,
    0.591_476_512_825_812_5,
    0.374_820_100_914_115_7,
    0.585_159_544_515_069,
    0.000_719_882_232_887_074_6,
];

#[test]
fn few_numbers_say_little_and_none_nothing() {
    let three = Betting::at_the_end(&[1.0, 1.0, 1.0], 0.05);
    assert!(three.lower(0.05) < 0.45 && three.upper(0.05) == 1.0, "{}", three.lower(0.05));
    let none = Betting::at_the_end(&[], 0.05);
    assert_eq!((none.at_most(0.0), none.at_least(1.0)), (1.0, 1.0));
    assert!(none.lower(0.05) == 0.0 && none.upper(0.05) == 1.0);
    let many = vec![1.0; 200];
    assert!(Betting::at_the_end(&many, 0.05).lower(0.05) > 0.97);
}

/// A draw of a mean of 0.1, 0.5 or 0.9 that is hard for bounds of normal theory: few values that are far away.
fn skewed(stream: &mut Stream, mean: f64) -> f64 {
    f64::from(u8::from(stream.unit() < mean))
}

fn flat(stream: &mut Stream, mean: f64) -> f64 {
    (mean + (stream.unit() - 0.5) * 0.2).clamp(0.0, 1.0)
}

/// The share of streams that are ever refuted although their mean is right, with a look after every number.
fn false_alarms(draw: fn(&mut Stream, f64) -> f64, mean: f64, streams: u64) -> f64 {
    let alarms = (0..streams).filter(|number| {
        let mut stream = Stream::of(11, "betting", *number);
        let values: Vec<f64> = (0..400).map(|_| draw(&mut stream, mean)).collect();
        Betting::at_any_time(&values, 0.025).refuted_after(mean, 0.05).is_some()
    });
    alarms.count() as f64 / streams as f64
}

/// `cargo run --release --example gate_rates` does the same with thousands of streams.
#[test]
fn looking_all_the_time_does_not_raise_false_alarms() {
    let streams = 300;
    // Three standard errors above the promised 5 %.
    let most = 0.05 + 3.0 * (0.05f64 * 0.95 / streams as f64).sqrt();
    for mean in [0.1, 0.5, 0.9] {
        for draw in [skewed, flat] {
            let found = false_alarms(draw, mean, streams);
            assert!(found <= most, "{found} at {mean}");
        }
    }
}

#[test]
fn a_difference_is_found_early() {
    let mut stream = Stream::new(5);
    let values: Vec<f64> = (0..500).map(|_| skewed(&mut stream, 0.7)).collect();
    let after = Betting::at_any_time(&values, 0.025).refuted_after(0.5, 0.05).unwrap();
    assert!((10..300).contains(&after), "{after}");
}

proptest! {
    #[test]
    fn a_bound_and_its_p_value_agree(values in prop::collection::vec(0.0..=1.0f64, 0..60), mean in 0.01..0.99f64) {
        let bets = Betting::at_the_end(&values, 0.05);
        let (low, high) = (bets.lower(0.05), bets.upper(0.05));
        prop_assert!(low <= high + 1e-9);
        prop_assert!(mean > low + 1e-9 || bets.at_most(mean) <= 0.05 + 1e-9);
        prop_assert!(mean < low - 1e-9 || bets.at_most(mean + 1e-6) >= 0.05 - 1e-6 || mean < low + 1e-6);
        prop_assert!(mean < high - 1e-9 || bets.at_least(mean) <= 0.05 + 1e-9 || mean < high + 1e-9);
    }

    #[test]
    fn sides_are_alike(values in prop::collection::vec(0.0..=1.0f64, 1..40)) {
        let turned: Vec<f64> = values.iter().map(|value| 1.0 - value).collect();
        let (one, other) = (Betting::at_the_end(&values, 0.05), Betting::at_the_end(&turned, 0.05));
        prop_assert!((one.lower(0.05) - (1.0 - other.upper(0.05))).abs() < 1e-6);
    }
}
