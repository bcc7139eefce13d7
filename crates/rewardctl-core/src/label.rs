//! Labels: what people said. A label outranks every model.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{ContentId, ItemId, ResponseId};
use crate::score::{Scale, Score};

/// The side that a comparison prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Winner {
    /// The first response.
    A,
    /// The second response.
    B,
    /// Neither.
    Tie,
}

/// What a person said of one or two responses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// How good a response is.
    Rate {
        /// The response.
        response: ResponseId,
        /// The value as given.
        value: f64,
        /// The scale that it was given on.
        scale: Scale,
        /// The dimension rated; None for the response as a whole.
        dimension: Option<String>,
    },
    /// Which of two responses is better.
    Compare {
        /// The first response.
        a: ResponseId,
        /// The second response.
        b: ResponseId,
        /// The better one.
        winner: Winner,
        /// How much better, in 0..=1; None if not said.
        strength: Option<Score>,
    },
    /// What the response should have been.
    Correct {
        /// The response.
        response: ResponseId,
        /// The better text.
        text: String,
    },
}

/// One person's judgement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// The item that the judged responses answer.
    pub item: ItemId,
    /// What was said.
    pub judgement: Judgement,
    /// Who said it.
    pub annotator: String,
    /// Why; may be empty.
    pub note: String,
}

impl Label {
    /// Returns the responses judged.
    pub fn responses(&self) -> Vec<ResponseId> {
        match &self.judgement {
            Judgement::Rate { response, .. } | Judgement::Correct { response, .. } => vec![*response],
            Judgement::Compare { a, b, .. } => vec![*a, *b],
        }
    }

    /// Names what the label is about: a later label with the same target replaces an earlier one.
    pub fn target(&self) -> String {
        let mut responses: Vec<String> = self.responses().iter().map(ContentId::to_string).collect();
        responses.sort();
        let dimension = match &self.judgement {
            Judgement::Rate { dimension, .. } => dimension.as_deref().unwrap_or(""),
            Judgement::Compare { .. } | Judgement::Correct { .. } => "",
        };
        format!("{}|{dimension}|{}|{}", self.judgement.kind(), responses.join("|"), self.annotator)
    }
}

impl Judgement {
    /// Returns `rate`, `compare` or `correct`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Rate { .. } => "rate",
            Self::Compare { .. } => "compare",
            Self::Correct { .. } => "correct",
        }
    }
}

/// Returns the labels that count, of labels in the order in which they were given: the last word of each person
/// on each target.
pub fn last_words(labels: &[Label]) -> Vec<&Label> {
    let mut last = BTreeMap::new();
    for (at, label) in labels.iter().enumerate() {
        last.insert(label.target(), at);
    }
    let mut places: Vec<usize> = last.into_values().collect();
    places.sort_unstable();
    places.into_iter().map(|at| &labels[at]).collect()
}

/// Returns the mean of the overall ratings of `response`, in 0..=1; None if nobody rated it.
pub fn mean_rating(labels: &[&Label], response: ResponseId) -> Option<f64> {
    let mut scores = vec![];
    for label in labels {
        match &label.judgement {
            Judgement::Rate { response: rated, value, scale, dimension: None } if *rated == response => {
                scores.extend(scale.normalise(*value).ok().map(Score::get));
            }
            Judgement::Rate { .. } | Judgement::Compare { .. } | Judgement::Correct { .. } => {}
        }
    }
    (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
}

/// What people together said of a pair of responses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The response preferred; None for a tie of the people or of their votes.
    pub preferred: Option<ResponseId>,
    /// How much, in 0..=1: the mean strength of the winning side (1 where none was said) times its lead in votes.
    pub strength: f64,
}

/// The response that a person prefers, None for a tie, and how much.
type Vote = (Option<ResponseId>, f64);

/// Returns the outcome of all comparisons, by pair of responses (the smaller id first).
pub fn comparisons(labels: &[&Label]) -> BTreeMap<(ResponseId, ResponseId), Comparison> {
    let mut votes: BTreeMap<(ResponseId, ResponseId), Vec<Vote>> = BTreeMap::new();
    for label in labels {
        if let Judgement::Compare { a, b, winner, strength } = &label.judgement {
            let preferred = match winner {
                Winner::A => Some(*a),
                Winner::B => Some(*b),
                Winner::Tie => None,
            };
            let strength = strength.map_or(1.0, Score::get);
            votes.entry((*a.min(b), *a.max(b))).or_default().push((preferred, strength));
        }
    }
    votes.into_iter().map(|(pair, votes)| (pair, majority(pair, &votes))).collect()
}

fn majority(pair: (ResponseId, ResponseId), votes: &[Vote]) -> Comparison {
    let of = |side| votes.iter().filter(move |(preferred, _)| *preferred == Some(side));
    let (first, second) = (of(pair.0).count(), of(pair.1).count());
    if first == second {
        return Comparison { preferred: None, strength: 0.0 };
    }
    let preferred = if first > second { pair.0 } else { pair.1 };
    let winning = first.max(second) as f64;
    let lead = first.abs_diff(second) as f64 / votes.len() as f64;
    let mean = of(preferred).map(|(_, strength)| strength).sum::<f64>() / winning;
    Comparison { preferred: Some(preferred), strength: mean * lead }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> ContentId {
        ContentId::of("t", [[n].as_slice()])
    }

    fn compare(annotator: &str, winner: Winner) -> Label {
        let judgement = Judgement::Compare { a: id(1), b: id(2), winner, strength: None };
        Label { item: id(0), judgement, annotator: annotator.into(), note: String::new() }
    }

    fn rate(annotator: &str, value: f64) -> Label {
        let judgement = Judgement::Rate { response: id(1), value, scale: Scale::STARS, dimension: None };
        Label { item: id(0), judgement, annotator: annotator.into(), note: String::new() }
    }

    #[test]
    fn the_last_word_counts() {
        let labels = [rate("ana", 1.0), rate("ben", 3.0), rate("ana", 5.0)];
        let last = last_words(&labels);
        assert_eq!(mean_rating(&last, id(1)), Some(0.75));
        assert_eq!(mean_rating(&last, id(2)), None);
    }

    #[test]
    fn split_votes_are_a_tie() {
        let split = [compare("ana", Winner::A), compare("ben", Winner::B)];
        let outcome = comparisons(&last_words(&split));
        assert!(outcome.values().all(|comparison| comparison.preferred.is_none()));
        let led = [compare("ana", Winner::A), compare("ben", Winner::A), compare("cem", Winner::Tie)];
        let outcome = comparisons(&last_words(&led));
        let only = outcome.values().next().unwrap();
        assert_eq!(only.preferred, Some(id(1)));
        assert!((only.strength - 2.0 / 3.0).abs() < 1e-12);
    }
}
