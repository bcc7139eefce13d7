//! What a fit is told: responses as the critics saw them, and what people said of them.

use crate::learn::style::STYLE;

/// One response, as the critics saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The prompt that it answers: responses with the same number compete.
    pub group: usize,
    /// Per slot of the panel, in its order: the score in 0..=1; None where there is none.
    pub scores: Vec<Option<f64>>,
    /// Per slot: the critic's own variance of its score; 0 where it knows none.
    pub variances: Vec<f64>,
    /// How the text looks; None where it is not at hand.
    pub style: Option<[f32; STYLE]>,
}

/// One person's comparison of two responses, by their places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairLabel {
    /// The first response.
    pub a: usize,
    /// The second response.
    pub b: usize,
    /// The probability that `a` is better, as the label says it: 1 for a clear win, 0.5 for a tie.
    pub target: f64,
    /// Who said it, by place in [`Labels::annotators`].
    pub annotator: usize,
}

/// One person's rating of a response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatingLabel {
    /// The response, by place.
    pub response: usize,
    /// The level, from 0, the worst.
    pub level: usize,
    /// The scale, by place in [`Labels::scales`].
    pub scale: usize,
    /// Who said it, by place in [`Labels::annotators`].
    pub annotator: usize,
}

/// Everything that people said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labels {
    /// Comparisons.
    pub pairs: Vec<PairLabel>,
    /// Ratings.
    pub ratings: Vec<RatingLabel>,
    /// Per scale: how many levels it has.
    pub scales: Vec<usize>,
    /// The names of the people.
    pub annotators: Vec<String>,
}

impl Labels {
    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.pairs.len() + self.ratings.len()
    }

    /// Tells whether nobody said anything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the labels of which `keep` is true of the groups of their responses.
    pub fn of_groups(&self, observed: &[Observed], keep: impl Fn(usize) -> bool) -> Self {
        self.of(|response| keep(observed[response].group))
    }

    /// Returns the labels on responses that some critic scored: of the others nothing is known but what would be imputed.
    pub fn judged(&self, observed: &[Observed]) -> Self {
        self.of(|response| observed[response].scores.iter().any(Option::is_some))
    }

    fn of(&self, kept: impl Fn(usize) -> bool) -> Self {
        Self {
            pairs: self.pairs.iter().filter(|pair| kept(pair.a) && kept(pair.b)).copied().collect(),
            ratings: self.ratings.iter().filter(|rating| kept(rating.response)).copied().collect(),
            scales: self.scales.clone(),
            annotators: self.annotators.clone(),
        }
    }
}

/// The target of a comparison of which only the winner is known, and of one with a strength in 0..=1.
///
/// Nobody is certain: a win is taken as a probability of 0.95 where it is much better, 0.7 where slightly.
pub fn target(strength: Option<f64>) -> f64 {
    const SLIGHTLY: f64 = 0.70;
    const MUCH: f64 = 0.95;
    strength.map_or(1.0, |strength| SLIGHTLY + (MUCH - SLIGHTLY) * strength)
}
