//! What people are asked.

use serde::{Deserialize, Serialize};

use crate::id::{ContentId, ItemId, ResponseId};
use crate::random;
use crate::score::Scale;

/// What kind of answer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// How good a response is, on a scale.
    Rate,
    /// Which of two responses is better.
    Choose,
    /// The order of three to nine responses.
    Rank,
    /// A better text in place of a response.
    Correct,
    /// Whether a response may pass.
    Approve,
    /// Which tags a response deserves.
    Tag,
}

/// A question about the responses to one item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Question {
    /// What kind of answer is asked for.
    pub kind: Kind,
    /// The item that the responses answer.
    pub item: ItemId,
    /// The responses; their number follows from the kind.
    pub responses: Vec<ResponseId>,
    /// The dimension that is judged; None for the response as a whole.
    pub dimension: Option<String>,
    /// The scale of ratings; [`Scale::STARS`] unless said.
    pub scale: Scale,
}

/// Whether a response passes: 1 for yes, 0 for no.
pub const PASS: Scale = Scale { min: 0.0, max: 1.0, step: 1.0, low_is_good: false };

/// The most responses that people are asked to rank.
pub const MOST_RANKED: usize = 9;

/// The most values that a rating offers: one key each.
const MOST_VALUES: usize = 10;

/// Values that a scale without steps offers.
const VALUES_OF_CONTINUUM: usize = 5;

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Rate, Self::Choose, Self::Rank, Self::Correct, Self::Approve, Self::Tag];

    /// Returns the name under which it is kept.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Choose => "choose",
            Self::Rank => "rank",
            Self::Correct => "correct",
            Self::Approve => "approve",
            Self::Tag => "tag",
        }
    }

    /// Returns the kind that is kept under `name`; None where there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Tells whether a question of this kind can be about as many responses.
    pub fn takes(self, responses: usize) -> bool {
        match self {
            Self::Choose => responses == 2,
            Self::Rank => (3..=MOST_RANKED).contains(&responses),
            Self::Rate | Self::Correct | Self::Approve | Self::Tag => responses == 1,
        }
    }
}

impl Question {
    /// Returns the responses in the order in which `reviewer` sees them: random over questions and people, and the
    /// same whenever the same person is asked the same.
    pub fn shown(&self, seed: u64, reviewer: &str) -> Vec<ResponseId> {
        let purpose = format!("shown to {reviewer}");
        let together: Vec<&[u8]> = self.responses.iter().map(|id| id.as_bytes().as_slice()).collect();
        let question = ContentId::of("question", together);
        let draw = |id: &ResponseId| {
            let both = ContentId::of("place", [question.as_bytes().as_slice(), id.as_bytes()]);
            random::bits(seed, &purpose, both)
        };
        let mut shown = self.responses.clone();
        shown.sort_by_key(|id| (draw(id), *id));
        shown
    }
}

/// Returns the values that a rating on `scale` offers, from low to high: each step where these are few, else evenly
/// spaced ones.
pub fn values(scale: &Scale) -> Vec<f64> {
    let width = scale.max - scale.min;
    let steps = if scale.step > 0.0 { ((width / scale.step).round() as usize).saturating_add(1) } else { 0 };
    let count = if (2..=MOST_VALUES).contains(&steps) { steps } else { VALUES_OF_CONTINUUM };
    let at = |place: usize| scale.min + width * place as f64 / (count - 1) as f64;
    let on_scale = |value: f64| match scale.step > 0.0 {
        true => scale.min + ((value - scale.min) / scale.step).round() * scale.step,
        false => value,
    };
    (0..count).map(|place| on_scale(at(place))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u32) -> ContentId {
        ContentId::of("t", [n.to_le_bytes().as_slice()])
    }

    #[test]
    fn the_order_is_random_over_questions_and_people_and_stays() {
        let question = |n: u32| Question {
            kind: Kind::Choose,
            item: id(0),
            responses: vec![id(2 * n), id(2 * n + 1)],
            dimension: None,
            scale: Scale::STARS,
        };
        let first_on_the_left =
            |name: &str| (0..2000).filter(|n| question(*n).shown(7, name)[0] == id(2 * n)).count();
        // The share of 2,000 fair draws has a standard error of 0.011.
        assert!((900..1100).contains(&first_on_the_left("ana")));
        let differ =
            (0..2000).filter(|n| question(*n).shown(7, "ana") != question(*n).shown(7, "ben")).count();
        assert!((900..1100).contains(&differ));
        assert_eq!(question(5).shown(7, "ana"), question(5).shown(7, "ana"));
    }

    #[test]
    fn a_scale_offers_values_that_lie_on_it() {
        assert_eq!(values(&Scale::STARS), [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(values(&PASS), [0.0, 1.0]);
        let percent = Scale { min: 0.0, max: 100.0, step: 1.0, low_is_good: false };
        assert_eq!(values(&percent), [0.0, 25.0, 50.0, 75.0, 100.0]);
        // As many steps as no number counts.
        let fine = Scale { step: 1e-300, ..Scale::STARS };
        assert_eq!(values(&fine), [1.0, 2.0, 3.0, 4.0, 5.0]);
        let share = Scale { min: 0.0, max: 1.0, step: 0.0, low_is_good: false };
        assert!(values(&share).iter().all(|value| share.normalise(*value).is_ok()));
    }
}
