use super::*;
use crate::fit::testing::{corpus, pair, rating};

/// Golden value: `golden.py` in `../logistic` (scipy).
#[test]
fn the_temperature_agrees_with_scipy() {
    let found = temperature(&[(2.0, 1.0), (-1.0, 0.9), (0.5, 0.6), (3.0, 1.0)]);
    assert!((found - 1.050_573_766).abs() < 1e-6, "{found}");
}

#[test]
fn margins_that_are_too_bold_get_a_high_temperature() {
    let bold: Vec<(f64, f64)> = (0..300).map(|n| (8.0, if n % 4 == 0 { 0.0 } else { 1.0 })).collect();
    assert!(temperature(&bold) > 4.0);
    assert!((temperature(&[]) - 1.0).abs() < 1e-6);
}

#[test]
fn pairs_and_ratings_are_compared_and_ties_are_not() {
    let examples = [
        pair("p", "good", "bad", 1.0),
        pair("p", "a tie", "or so", 0.0),
        rating("q", "best", 1.0),
        rating("q", "fair", 0.5),
        rating("q", "as fair", 0.5),
        rating("alone", "nothing to compare", 0.1),
    ];
    let corpus = corpus(&examples);
    let rows: Vec<(usize, &Row<'_>)> = corpus.rows.iter().enumerate().collect();
    let mut found: Vec<(&str, &str, f64)> = comparisons(&rows)
        .iter()
        .map(|pair| (pair.better.response().text, pair.worse.response().text, pair.target))
        .collect();
    found.sort_by(|a, b| a.partial_cmp(b).unwrap());
    assert_eq!(found, [("best", "as fair", 0.75), ("best", "fair", 0.75), ("good", "bad", 1.0)]);
}
