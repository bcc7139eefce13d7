use proptest::prelude::*;

use super::*;
use crate::votes::tests::table;

/// Four annotators on twelve items, in classes from 0; 9 is no label.
const RATINGS: [[u32; 4]; 12] = [
    [2, 2, 3, 3],
    [1, 3, 2, 2],
    [4, 3, 9, 3],
    [0, 1, 0, 0],
    [2, 4, 2, 2],
    [9, 2, 2, 3],
    [3, 9, 9, 9],
    [1, 2, 1, 1],
    [0, 0, 0, 1],
    [4, 4, 4, 9],
    [2, 3, 2, 3],
    [3, 3, 4, 4],
];
/// What the classes stand for: an uneven scale, so that each level sees another difference.
const VALUES: [f64; 5] = [1.0, 2.0, 3.5, 4.0, 8.0];

fn ratings() -> Votes {
    let row = |row: &[u32; 4]| row.iter().map(|class| (*class < 9).then_some(*class)).collect();
    table(5, &RATINGS.iter().map(row).collect::<Vec<_>>())
}

/// Golden values: `scripts/golden/agreement.py` (krippendorff, `alpha`).
#[test]
fn agrees_with_krippendorff() {
    for (level, golden) in [
        (Level::Nominal, NOMINAL),
        (Level::Ordinal, ORDINAL),
        (Level::Interval(&VALUES), INTERVAL),
        (Level::Ratio(&VALUES), RATIO),
    ] {
        let prepared = Krippendorff::new(&ratings(), level).unwrap();
        let alpha = prepared.alpha().unwrap();
        assert!((alpha - golden).abs() < 1e-12, "{level:?}: {alpha}");
        let (low, high) = prepared.interval(3).unwrap();
        assert!(low < alpha && alpha < high, "{low} {alpha} {high}");
        assert_eq!(prepared.interval(3), Some((low, high)));
    }
}
const NOMINAL: f64 = 0.290_780_141_843_971_6;
const ORDINAL: f64 = 0.747_037_624_462_276_2;
const INTERVAL: f64 = 0.664_925_468_212_511_2;
const RATIO: f64 = 0.731_830_921_296_628_1;

#[test]
fn what_has_no_alpha_says_why() {
    let single = table(2, &[vec![Some(0), None], vec![None, Some(1)]]);
    assert_eq!(Krippendorff::new(&single, Level::Nominal).unwrap_err(), Undefined::NoOverlap);
    let constant = table(2, &[vec![Some(1), Some(1)], vec![Some(1), Some(1)]]);
    for level in [Level::Nominal, Level::Ordinal, Level::Interval(&[0.0, 1.0]), Level::Ratio(&[0.0, 1.0])] {
        let constant = Krippendorff::new(&constant, level).unwrap();
        assert_eq!((constant.alpha(), constant.interval(0)), (Err(Undefined::NoVariation), None));
    }
    let negative = Krippendorff::new(&constant, Level::Ratio(&[-1.0, 1.0]));
    assert_eq!(negative.unwrap_err(), Undefined::Negative);
    let many: Vec<f64> = (0..=MOST_RATIO_VALUES).map(|value| value as f64).collect();
    let many = Krippendorff::new(&constant, Level::Ratio(&many));
    assert!(matches!(many.unwrap_err(), Undefined::TooManyValues { .. }));
}

#[test]
fn perfect_agreement_is_one() {
    let perfect = table(2, &[vec![Some(0), Some(0)], vec![Some(1), Some(1)]]);
    for level in [Level::Nominal, Level::Ordinal, Level::Interval(&[0.0, 1.0]), Level::Ratio(&[0.0, 1.0])] {
        assert_eq!(Krippendorff::new(&perfect, level).unwrap().alpha(), Ok(1.0));
    }
}

proptest! {
    #[test]
    fn a_unit_drawn_twice_is_as_if_it_stood_there_twice(
        rows in prop::collection::vec(prop::collection::vec(0u32..4, 3), 2..8),
        weights in prop::collection::vec(0u32..3, 8),
    ) {
        let given = |row: &Vec<u32>| -> Vec<Option<u32>> { row.iter().copied().map(Some).collect() };
        let repeated: Vec<Vec<Option<u32>>> = rows
            .iter()
            .zip(&weights)
            .flat_map(|(row, weight)| vec![given(row); *weight as usize])
            .collect();
        prop_assume!(!repeated.is_empty());
        let votes = table(4, &rows.iter().map(given).collect::<Vec<_>>());
        for level in [Level::Nominal, Level::Ordinal, Level::Interval(&VALUES[..4]), Level::Ratio(&VALUES[..4])] {
            let drawn = Krippendorff::new(&votes, level).unwrap().weighted(&weights[..rows.len()]);
            let written = Krippendorff::new(&table(4, &repeated), level).unwrap().alpha();
            match (drawn, written) {
                (Ok(drawn), Ok(written)) => prop_assert!((drawn - written).abs() < 1e-9),
                (drawn, written) => prop_assert_eq!(drawn, written),
            }
        }
    }

    #[test]
    fn a_scale_moved_and_stretched_agrees_alike(factor in 0.1f64..9.0, shift in -50.0f64..50.0) {
        let moved: Vec<f64> = VALUES.iter().map(|value| value * factor + shift).collect();
        let alpha = Krippendorff::new(&ratings(), Level::Interval(&moved)).unwrap().alpha().unwrap();
        prop_assert!((alpha - INTERVAL).abs() < 1e-9);
        let larger: Vec<f64> = VALUES.iter().map(|value| value * factor).collect();
        let alpha = Krippendorff::new(&ratings(), Level::Ratio(&larger)).unwrap().alpha().unwrap();
        prop_assert!((alpha - RATIO).abs() < 1e-9);
    }
}
