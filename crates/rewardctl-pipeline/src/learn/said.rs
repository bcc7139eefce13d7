//! What people said of responses, and how a fit reads it.

use std::collections::BTreeMap;

use rewardctl_core::label::Winner;
use rewardctl_core::score::Scale;
use rewardctl_model::learn::labels::{Labels, PairLabel, RatingLabel, target};

use crate::error::Error;
use crate::learn::gather::Gathered;

/// A scale of more levels than this is cut into as many equal parts.
const MOST_LEVELS: usize = 10;

/// What one person said.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Who.
    pub annotator: String,
    /// What.
    pub opinion: Opinion,
}

/// An opinion on responses, which are named by their places.
#[derive(Debug, Clone, PartialEq)]
pub enum Opinion {
    /// How good a response is, on a known scale.
    Rate {
        /// The response.
        response: usize,
        /// On the scale.
        value: f64,
        /// The scale.
        scale: Scale,
        /// The dimension; None for the response as a whole.
        dimension: Option<String>,
    },
    /// How good a response is, on a scale that the file does not say.
    Grade {
        /// The response.
        response: usize,
        /// Higher is better.
        value: f64,
        /// The dimension; None for the response as a whole.
        dimension: Option<String>,
    },
    /// Which of two is better.
    Compare {
        /// The first response.
        a: usize,
        /// The second response.
        b: usize,
        /// The better one.
        winner: Winner,
        /// How much better, in 0..=1; None if not said.
        strength: Option<f64>,
    },
}

impl Opinion {
    /// Returns what it is on: two responses, whichever is named first, or one and a dimension.
    pub(crate) fn subject(&self) -> (usize, Option<usize>, Option<String>) {
        match self {
            Self::Compare { a, b, .. } => (*a.min(b), Some(*a.max(b)), None),
            Self::Rate { response, dimension, .. } | Self::Grade { response, dimension, .. } => {
                (*response, None, dimension.clone())
            }
        }
    }
}

/// Returns the labels as a fit reads them: comparisons, and ratings of `dimension` or of responses as a whole.
pub fn labels(gathered: &Gathered, dimension: Option<&str>) -> Result<Labels, Error> {
    let mut reading = Reading::default();
    for said in &gathered.said {
        let annotator = reading.annotator(&said.annotator);
        match &said.opinion {
            Opinion::Compare { a, b, winner, strength } if dimension.is_none() => {
                let won = target(*strength);
                let target = match winner {
                    Winner::A => won,
                    Winner::B => 1.0 - won,
                    Winner::Tie => 0.5,
                };
                reading.labels.pairs.push(PairLabel { a: *a, b: *b, target, annotator });
            }
            Opinion::Compare { .. } => reading.other.push("no dimension (comparisons)".into()),
            Opinion::Rate { response, value, scale, dimension: of } if of.as_deref() == dimension => {
                let (level, levels) = level(*value, scale);
                let scale = reading.scale(&format!("{scale:?}"), levels);
                reading.labels.ratings.push(RatingLabel { response: *response, level, scale, annotator });
            }
            Opinion::Grade { response, value, dimension: of } if of.as_deref() == dimension => {
                reading.grades.push((*response, *value, annotator));
            }
            Opinion::Rate { dimension, .. } | Opinion::Grade { dimension, .. } => {
                reading.other.push(dimension.clone().unwrap_or("responses as a whole".into()));
            }
        }
    }
    reading.add_grades();
    if reading.labels.is_empty() && !reading.other.is_empty() {
        let mut known = reading.other;
        known.sort();
        known.dedup();
        return Err(Error::NoTarget { asked: dimension.map(Into::into), known });
    }
    Ok(reading.labels)
}

#[derive(Default)]
struct Reading {
    labels: Labels,
    people: BTreeMap<String, usize>,
    scales: BTreeMap<String, usize>,
    grades: Vec<(usize, f64, usize)>,
    other: Vec<String>,
}

impl Reading {
    fn annotator(&mut self, name: &str) -> usize {
        let next = self.labels.annotators.len();
        let place = *self.people.entry(name.into()).or_insert(next);
        if place == next {
            self.labels.annotators.push(name.into());
        }
        place
    }

    fn scale(&mut self, name: &str, levels: usize) -> usize {
        let next = self.labels.scales.len();
        let place = *self.scales.entry(name.into()).or_insert(next);
        if place == next {
            self.labels.scales.push(levels);
        }
        place
    }

    /// Grades have the levels that were given, or as many equal parts between the least and the greatest.
    fn add_grades(&mut self) {
        let mut values: Vec<f64> = self.grades.iter().map(|(_, value, _)| *value).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let (Some(least), Some(most)) = (values.first().copied(), values.last().copied()) else { return };
        let levels = values.len().clamp(2, MOST_LEVELS);
        let scale = self.scale("grades", levels);
        for (response, value, annotator) in std::mem::take(&mut self.grades) {
            let level = match values.len() <= MOST_LEVELS {
                true => values.partition_point(|other| *other < value),
                false => part((value - least) / (most - least)),
            };
            self.labels.ratings.push(RatingLabel { response, level, scale, annotator });
        }
    }
}

/// The level of a value, from 0, the worst, and how many there are.
fn level(value: f64, scale: &Scale) -> (usize, usize) {
    let share = (value - scale.min) / (scale.max - scale.min);
    let share = if scale.low_is_good { 1.0 - share } else { share };
    let steps = (scale.max - scale.min) / scale.step;
    // `is_finite`: a scale without steps has no end of them.
    if steps.is_finite() && (steps.round() as usize) < MOST_LEVELS {
        let steps = steps.round();
        return ((share * steps).round() as usize, steps as usize + 1);
    }
    (part(share), MOST_LEVELS)
}

fn part(share: f64) -> usize {
    ((share * MOST_LEVELS as f64) as usize).min(MOST_LEVELS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_count_from_the_worst() {
        assert_eq!(level(4.0, &Scale::STARS), (3, 5));
        assert_eq!(level(1.0, &Scale { low_is_good: true, ..Scale::STARS }), (4, 5));
        assert_eq!(level(73.0, &Scale { min: 1.0, max: 100.0, step: 1.0, low_is_good: false }), (7, 10));
        assert_eq!(level(1.0, &Scale { min: 0.0, max: 1.0, step: 0.0, low_is_good: false }), (9, 10));
    }
}
