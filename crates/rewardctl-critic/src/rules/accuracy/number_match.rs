//! `rule.number_match`: are the numbers of the reference in the response?

use crate::rules::RuleInfo;
use crate::rules::accuracy::NO_REFERENCE;
use crate::rules::accuracy::number_match::quantity::{Quantity, QuantityReader};
use crate::rules::judgement::Judgement;
use crate::rules::subject::{Subject, shown};
use crate::rules::text::word::key_of;

pub(crate) mod quantity;
pub(crate) mod unit;

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.number_match",
    dimension: "accuracy",
    measures: "The share of the reference's numbers that the response has, after conversion of common units; a wrong \
               unit does not match, a missing one does.",
};

/// Numbers beyond are not looked at, which bounds the comparisons.
const MOST_EXPECTED: usize = 64;
const MOST_GIVEN: usize = 5000;
/// What floating point may lose.
const EXACT: f64 = 1e-9;
/// What a conversion may lose by rounding: 5 miles are 8 km.
const CONVERTED: f64 = 0.01;
/// A number with fewer digits is not the rounding of another.
const LEAST_ROUNDED_DIGITS: usize = 3;

const NUMBER_WORDS: &[&str] = &[
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
];

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    let Some(reference) = subject.reference() else {
        return Judgement::abstained(NO_REFERENCE);
    };
    let (expected, given) = read_both(subject, reference);
    if expected.is_empty() {
        return Judgement::abstained("the reference has no number");
    }
    let (met, missed): (Vec<&Quantity>, Vec<&Quantity>) =
        expected.iter().partition(|number| is_met(subject, number, &given));
    let mut rationale = format!("{} of {} numbers of the reference", met.len(), expected.len());
    if let Some(first) = missed.first() {
        rationale += &format!("; missing is `{}`", shown(&reference[first.start..first.end]));
    }
    let places = met.iter().filter_map(|number| given.iter().find(|other| same(number, other)));
    let score = met.len() as f64 / expected.len() as f64;
    Judgement::scored(score, rationale).at(places.map(|place| place.start..place.end))
}

/// Tells whether the reference has numbers and the response has them all.
pub(crate) fn all_numbers_match(subject: &Subject<'_>, reference: &str) -> bool {
    let (expected, given) = read_both(subject, reference);
    !expected.is_empty() && expected.iter().all(|number| is_met(subject, number, &given))
}

fn read_both(subject: &Subject<'_>, reference: &str) -> (Vec<Quantity>, Vec<Quantity>) {
    let reader: &QuantityReader = &subject.rules.quantities;
    (reader.read(reference, MOST_EXPECTED), reader.read(subject.response.raw, MOST_GIVEN))
}

/// A number without a unit may stand for one with it, unless the same number has another unit elsewhere: in `so it
/// is 24, hence 24 m/s`, neither means 24 km/h.
fn is_met(subject: &Subject<'_>, expected: &Quantity, given: &[Quantity]) -> bool {
    let has_unit = |number: &&Quantity| number.unit.is_some();
    let with_unit = given.iter().filter(has_unit).any(|number| same(expected, number));
    let contradicted = given.iter().any(|number| {
        is_rounding(expected, number) && expected.unit.zip(number.unit).is_some_and(|(a, b)| a != b)
    });
    let without_unit = given.iter().filter(|number| !has_unit(number)).any(|number| same(expected, number));
    with_unit || (without_unit && !contradicted) || is_spelt(subject, expected)
}

/// Tells whether `given` says what `expected` says.
fn same(expected: &Quantity, given: &Quantity) -> bool {
    let close = |a: f64, b: f64, tolerance: f64| (a - b).abs() <= tolerance * a.abs().max(b.abs());
    match (expected.unit, given.unit) {
        (Some(a), Some(b)) if a.dimension != b.dimension => false,
        (Some(a), Some(b)) if a != b => close(a.base(expected.value), b.base(given.value), CONVERTED),
        (Some(unit), None) | (None, Some(unit)) if unit.is_percent() => {
            is_rounding(expected, given) || close(expected.fraction(), given.fraction(), EXACT)
        }
        _ => is_rounding(expected, given),
    }
}

/// Tells whether `given` is `expected`, or `expected` rounded to as many decimals as `given` has.
fn is_rounding(expected: &Quantity, given: &Quantity) -> bool {
    let difference = (expected.value - given.value).abs();
    let equal = difference <= EXACT * expected.value.abs();
    let rounded = given.digits >= LEAST_ROUNDED_DIGITS && difference <= given.half_step;
    equal || rounded
}

fn is_spelt(subject: &Subject<'_>, number: &Quantity) -> bool {
    if number.unit.is_some() {
        return false;
    }
    let spelling = NUMBER_WORDS.iter().enumerate().find(|(value, _)| *value as f64 == number.value);
    let key = spelling.map(|(_, word)| key_of(word));
    key.is_some_and(|key| subject.response.words.iter().any(|word| word.key == key))
}
