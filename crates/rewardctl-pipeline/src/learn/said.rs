//! What people said of responses, and how a fit reads it.

use std::collections::BTreeMap;

use rewardctl_core::label::Winner;
use rewardctl_core::panel::Dimension;
use rewardctl_core::score::Scale;
use rewardctl_model::learn::labels::{Labels, PairLabel, RatingLabel, target};

use crate::error::Error;
use crate::learn::gather::Gathered;

/// A scale of more levels than this is cut into as many equal parts.
const MOST_LEVELS: usize = 10;

/// What errors call a rating of no dimension.
const WHOLE: &str = "responses as a whole";

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

/// The labels as a fit reads them, and what a person should know of how they were read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Read {
    /// The labels.
    pub labels: Labels,
    /// Which ratings were taken together or left out.
    pub note: Option<String>,
}

/// Returns the labels as a fit reads them; see [`read`].
pub fn labels(gathered: &Gathered, dimension: Option<&str>) -> Result<Labels, Error> {
    Ok(read(gathered, dimension)?.labels)
}

/// Reads comparisons and ratings of responses as a whole, or ratings of `dimension`.
///
/// Where people rated dimensions alone, what one of them said of a response is taken together as the fixed weights take
/// scores: the mean of the dimensions rated, by the panel's weights.
pub fn read(gathered: &Gathered, dimension: Option<&str>) -> Result<Read, Error> {
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
            Opinion::Compare { .. } => {}
            Opinion::Rate { response, value, scale, dimension: of } if of.as_deref() == dimension => {
                let (level, levels) = level(*value, scale);
                let scale = reading.scale(&format!("{scale:?}"), levels);
                reading.labels.ratings.push(RatingLabel { response: *response, level, scale, annotator });
            }
            Opinion::Grade { response, value, dimension: of } if of.as_deref() == dimension => {
                reading.grades.push((*response, *value, annotator));
            }
            Opinion::Rate { response, value, scale, dimension } => {
                let rating = ((*response, annotator), share(*value, scale));
                reading.others.entry(dimension.clone()).or_default().rated.push(rating);
            }
            Opinion::Grade { response, value, dimension } => {
                let grade = ((*response, annotator), *value);
                reading.others.entry(dimension.clone()).or_default().graded.push(grade);
            }
        }
    }
    reading.finish(gathered, dimension)
}

#[derive(Default)]
struct Reading {
    labels: Labels,
    people: BTreeMap<String, usize>,
    scales: BTreeMap<String, usize>,
    grades: Vec<(usize, f64, usize)>,
    // By dimension, what is not asked for.
    others: BTreeMap<Option<String>, Others>,
}

/// Ratings of one dimension: by response and annotator, as shares of their scale, and as numbers without one.
#[derive(Default)]
struct Others {
    rated: Vec<((usize, usize), f64)>,
    graded: Vec<((usize, usize), f64)>,
}

impl Others {
    /// Returns all as shares; a number without a scale has its place between the least and the greatest.
    fn shares(&self) -> impl Iterator<Item = ((usize, usize), f64)> {
        let values = || self.graded.iter().map(|(_, value)| *value);
        let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::MIN, f64::max));
        let spread = (most - least).max(f64::MIN_POSITIVE);
        let graded = self.graded.iter().map(move |(of, value)| (*of, (value - least) / spread));
        self.rated.iter().copied().chain(graded)
    }
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

    fn finish(mut self, gathered: &Gathered, dimension: Option<&str>) -> Result<Read, Error> {
        self.add_grades();
        if self.labels.is_empty() && !self.others.is_empty() {
            let note = match dimension {
                None => self.fold(&gathered.panel.dimensions),
                Some(_) => None,
            };
            let known = self.others.into_keys().map(|name| name.unwrap_or_else(|| WHOLE.into()));
            let refused = || Error::NoTarget { asked: dimension.map(Into::into), known: known.collect() };
            return Ok(Read { note: Some(note.ok_or_else(refused)?), labels: self.labels });
        }
        // Who names a dimension wants it alone.
        let left = self.others.values().map(|others| others.rated.len() + others.graded.len()).sum::<usize>();
        let note = (dimension.is_none() && left > 0).then(|| {
            format!(
                "{left} ratings of dimensions were left out beside the labels on responses as a whole; `--target \
                 DIMENSION` fits those of one"
            )
        });
        Ok(Read { labels: self.labels, note })
    }

    /// Takes ratings of the panel's dimensions together, and says so; None where nobody rated any of them.
    fn fold(&mut self, dimensions: &[Dimension]) -> Option<String> {
        let mut sums: BTreeMap<(usize, usize), (f64, f64)> = BTreeMap::new();
        let mut folded = vec![];
        for dimension in dimensions {
            let Some(others) = self.others.remove(&Some(dimension.name.clone())) else { continue };
            folded.push(format!("{} ({})", dimension.name, dimension.weight));
            for (of, share) in others.shares() {
                let sum = sums.entry(of).or_default();
                (sum.0, sum.1) = (sum.0 + dimension.weight * share, sum.1 + dimension.weight);
            }
        }
        let means =
            sums.into_iter().map(|((response, who), (sum, weight))| (response, rounded(sum / weight), who));
        self.grades.extend(means);
        self.add_grades();
        let left: Vec<String> = self.others.keys().flatten().cloned().collect();
        let left = match left.as_slice() {
            [] => String::new(),
            left => format!("; {} is no dimension of the panel and was left out", left.join(", ")),
        };
        (!folded.is_empty()).then(|| {
            format!(
                "no label is on responses as a whole: ratings of {} were taken together by the panel's weights{left}; \
                 `--target DIMENSION` fits those of one",
                folded.join(", ")
            )
        })
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
    let share = share(value, scale);
    let steps = (scale.max - scale.min) / scale.step;
    // `is_finite`: a scale without steps has no end of them.
    if steps.is_finite() && (steps.round() as usize) < MOST_LEVELS {
        let steps = steps.round();
        return ((share * steps).round() as usize, steps as usize + 1);
    }
    (part(share), MOST_LEVELS)
}

/// The place of a value between the worst of its scale, 0, and the best, 1.
fn share(value: f64, scale: &Scale) -> f64 {
    let share = (value - scale.min) / (scale.max - scale.min);
    if scale.low_is_good { 1.0 - share } else { share }
}

/// Without what rounding adds: equal means are one level.
fn rounded(share: f64) -> f64 {
    (share * 1e9).round() / 1e9
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
