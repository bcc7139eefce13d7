//! What was said of responses, in the words of a label.

use rewardctl_core::label::Winner;
use rewardctl_core::score::{Scale, Score};

use crate::labels::{Said, Target};
use crate::row_error::{Fault, RowProblem};
use crate::sources::{By, Opinion, THE_FILE};

pub(super) fn the_file() -> By {
    By::Person(THE_FILE.into())
}

pub(super) const fn scale(min: f64, max: f64, step: f64) -> Scale {
    Scale { min, max, step, low_is_good: false }
}

/// Rates the response at `at`; an error, named by `field`, off the scale.
pub(super) fn rating(
    at: usize,
    value: f64,
    scale: Scale,
    dimension: Option<&str>,
    field: &str,
) -> Result<Said, Fault> {
    let off = |problem: String| Fault::of_field(field, RowProblem::OffScale(problem));
    scale.normalise(value).map_err(|error| off(error.to_string()))?;
    let dimension = dimension.map(String::from);
    Ok(Said::Rate { response: index(at), value, scale, dimension })
}

pub(super) fn comparison(a: usize, b: usize, winner: Winner, strength: Option<f64>) -> Said {
    let strength = strength.and_then(Score::clamped);
    Said::Compare { a: index(a), b: index(b), winner, strength }
}

/// Compares the first two responses on a scale from `-most` (the first is better) to `most`.
pub(super) fn leaning(value: f64, most: f64, field: &str) -> Result<Said, Fault> {
    let off = |problem: String| Fault::of_field(field, RowProblem::OffScale(problem));
    scale(-most, most, 0.0).normalise(value).map_err(|error| off(error.to_string()))?;
    let winner = match value {
        _ if value < 0.0 => Winner::A,
        _ if value > 0.0 => Winner::B,
        _ => return Ok(comparison(0, 1, Winner::Tie, None)),
    };
    Ok(comparison(0, 1, winner, Some(value.abs() / most)))
}

pub(super) fn correction(at: usize, text: String) -> Said {
    Said::Correct { response: index(at), text }
}

pub(super) fn index(at: usize) -> Target {
    Target::Index(at as u32)
}

pub(super) fn opinion(said: Said, by: By) -> Opinion {
    Opinion { said, by, note: None }
}

/// Turns ranks, the lowest of which is best, into comparisons of every two; `None` is not ranked.
pub(super) fn ranking(ranks: &[Option<f64>], by: &By) -> Vec<Opinion> {
    let mut opinions = vec![];
    for (a, first) in ranks.iter().enumerate() {
        for (b, second) in ranks.iter().enumerate().skip(a + 1) {
            let (Some(first), Some(second)) = (first, second) else { continue };
            let winner = match first.total_cmp(second) {
                std::cmp::Ordering::Less => Winner::A,
                std::cmp::Ordering::Greater => Winner::B,
                std::cmp::Ordering::Equal => Winner::Tie,
            };
            opinions.push(opinion(comparison(a, b, winner, None), by.clone()));
        }
    }
    opinions
}
