//! Token probabilities, with figures worked out by hand.

use rewardctl_core::score::Scale;

use crate::llm::reply::tokens::{Distribution, Odds, Position, from_tokens, winner_from_tokens};

const TEN: Scale = Scale { min: 1.0, max: 10.0, step: 1.0, low_is_good: false };

/// A token and the probabilities at its place; the token itself comes first.
type Place<'a> = (&'a str, &'a [(&'a str, f64)]);

fn with_positions<T>(places: &[Place<'_>], read: impl FnOnce(&[Position<'_>]) -> T) -> T {
    let tops: Vec<Vec<(String, f64)>> = places
        .iter()
        .map(|(_, top)| top.iter().map(|(text, p)| ((*text).to_owned(), p.ln())).collect())
        .collect();
    let positions: Vec<_> = places
        .iter()
        .zip(&tops)
        .map(|((text, _), top)| Position { text, logprob: top.first().map_or(0.0, |first| first.1), top })
        .collect();
    read(&positions)
}

fn score(places: &[Place<'_>], scale: &Scale) -> Option<Distribution> {
    with_positions(places, |positions| from_tokens(positions, scale))
}

fn odds(places: &[Place<'_>]) -> Option<Odds> {
    with_positions(places, winner_from_tokens)
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

#[test]
fn variants_of_a_value_are_one_value() {
    let top: &[_] = &[("4", 0.5), (" 4", 0.1), ("４", 0.1), ("5", 0.2), ("\"3", 0.05), ("Good", 0.05)];
    let found = score(
        &[("{\"", &[]), ("score", &[]), ("\":", &[]), (" ", &[]), ("4", top), ("}", &[])],
        &Scale::STARS,
    )
    .unwrap();
    close(found.mass, 0.95);
    close(found.mean, (4.0 * 0.7 + 5.0 * 0.2 + 3.0 * 0.05) / 0.95);
    let mean = found.mean;
    close(
        found.variance,
        ((4.0 - mean).powi(2) * 0.7 + (5.0 - mean).powi(2) * 0.2 + (3.0 - mean).powi(2) * 0.05) / 0.95,
    );
    assert_eq!(found.values.iter().map(|(value, _)| *value).collect::<Vec<_>>(), [3.0, 4.0, 5.0]);
}

#[test]
fn the_place_is_that_of_the_verdict() {
    let rubric: &[_] = &[("1", 1.0)];
    let verdict: &[_] = &[(" 2", 0.9), (" 3", 0.1)];
    let reply =
        [("Of ", rubric), ("1", rubric), ("-5", rubric), (". Score:", &[]), (" 2", verdict), (".", &[])];
    close(score(&reply, &Scale::STARS).unwrap().mean, 2.1);
}

#[test]
fn values_of_two_digits() {
    // One token for 10 exists, so a 1 is a 1.
    let whole: &[_] = &[("9", 0.6), ("10", 0.3), ("1", 0.1)];
    close(score(&[("9", whole)], &TEN).unwrap().mean, 9.0 * 0.6 + 3.0 + 0.1);
    // Single digits: what follows the sampled 1 is known.
    let first: &[_] = &[("1", 0.8), ("9", 0.2)];
    let second: &[_] = &[("0", 0.75), (" ", 0.25)];
    let found = score(&[("1", first), ("0", second), ("\n", &[])], &TEN).unwrap();
    close(found.mass, 1.0);
    close(found.mean, 10.0 * 0.6 + 0.2 + 9.0 * 0.2);
    // What would have followed a 1 that was not sampled is not.
    let open: &[_] = &[("9", 0.8), ("1", 0.2)];
    assert_eq!(score(&[("9", open), ("\n", second)], &TEN), None);
    // On 1 to 5 there is nothing to confuse a 1 with.
    assert!(score(&[("4", &[("4", 0.8), ("1", 0.2)])], &Scale::STARS).is_some());
}

#[test]
fn no_distribution_without_a_verdict_or_alternatives() {
    assert_eq!(score(&[("Good", &[("4", 1.0)])], &Scale::STARS), None);
    assert_eq!(score(&[("4", &[])], &Scale::STARS), None);
    assert_eq!(score(&[], &Scale::STARS), None);
    let halves = Scale { step: 0.5, ..Scale::STARS };
    assert_eq!(score(&[("4", &[("4", 1.0)])], &halves), None);
    assert_eq!(score(&[("4", &[("4", f64::NAN)])], &Scale::STARS), None);
}

#[test]
fn odds_of_sides() {
    let top: &[_] = &[("A", 0.6), ("B", 0.2), ("tie", 0.1), ("Both", 0.1)];
    let found = odds(&[("{\"winner\": \"", &[]), ("A", top), ("\"}", &[])]).unwrap();
    close(found.mass, 0.9);
    close(found.a, 0.6 / 0.9);
    close(found.b, 0.2 / 0.9);
    close(found.tie, 0.1 / 0.9);
    let cases: &[_] = &[("M", 0.7), ("m", 0.3)];
    close(odds(&[("M", cases)]).unwrap().b, 0.7);
    assert_eq!(odds(&[("[[", &[]), ("A", top), (">>", &[]), ("B", top), ("]]", &[])]), None);
    assert_eq!(odds(&[("t", &[("t", 1.0)]), ("ie", &[("ie", 1.0)])]), None);
}
