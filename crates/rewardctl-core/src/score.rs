//! Scores: numbers in 0..=1 that were really given, and the scales that they come from.

use serde::{Deserialize, Serialize};

/// A number in 0..=1, never NaN; 1 is best.
///
/// There is no default and no fallback: a verdict that failed has no score at all.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Score(f64);

/// Why a number is not a score.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScoreError {
    /// Below 0, above 1, or NaN.
    #[error("score `{0}` is not in 0..=1")]
    OutOfRange(f64),
    /// Off the scale that was declared, or between its steps.
    #[error("value `{value}` is not on the scale from `{min}` to `{max}`{steps}", steps = in_steps(*step))]
    OffScale {
        /// The value given.
        value: f64,
        /// The scale's least value.
        min: f64,
        /// The scale's greatest value.
        max: f64,
        /// The scale's step; 0 means that any value in between is legal.
        step: f64,
    },
    /// The scale itself makes no sense.
    #[error("a scale from `{min}` to `{max}` in steps of `{step}` is not possible")]
    NotAScale {
        /// The scale's least value.
        min: f64,
        /// The scale's greatest value.
        max: f64,
        /// The scale's step.
        step: f64,
    },
}

fn in_steps(step: f64) -> String {
    if step == 0.0 { String::new() } else { format!(" in steps of `{step}`") }
}

impl Score {
    /// The best score.
    pub const BEST: Self = Self(1.0);
    /// The worst score.
    pub const WORST: Self = Self(0.0);

    /// Accepts `value` if it is in 0..=1.
    pub fn new(value: f64) -> Result<Self, ScoreError> {
        // `+ 0.0` turns -0.0 into 0.0, which would otherwise print differently.
        if (0.0..=1.0).contains(&value) { Ok(Self(value + 0.0)) } else { Err(ScoreError::OutOfRange(value)) }
    }

    /// Clamps a finite `value` into 0..=1; for formulas that may overshoot by rounding. None if NaN.
    pub fn clamped(value: f64) -> Option<Self> {
        Self::new(value.clamp(0.0, 1.0)).ok()
    }

    /// Returns the number, in 0..=1.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Score {
    type Error = ScoreError;
    fn try_from(value: f64) -> Result<Self, ScoreError> {
        Self::new(value)
    }
}

impl From<Score> for f64 {
    fn from(score: Score) -> f64 {
        score.0
    }
}

/// A rating scale, declared as data and normalised once, at the parse: 1–5 stars, 0–1 and thumbs are instances.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
    /// The distance between legal values; 0 for any value in between.
    #[serde(default)]
    pub step: f64,
    /// Whether low values are the good ones, as with ranks.
    #[serde(default)]
    pub low_is_good: bool,
}

impl Scale {
    /// One to five stars.
    pub const STARS: Self = Self { min: 1.0, max: 5.0, step: 1.0, low_is_good: false };

    /// Maps a mean of values of this scale to 0..=1, and its variance with it; None off the scale.
    pub fn normalise_mean(&self, mean: f64, variance: Option<f64>) -> Option<(Score, Option<f64>)> {
        let between_steps = Self { step: 0.0, ..*self };
        let width = self.max - self.min;
        let score = between_steps.normalise(mean.clamp(self.min, self.max)).ok()?;
        Some((score, variance.map(|variance| variance / (width * width))))
    }

    /// Maps `value` to 0..=1, or says why it cannot be on this scale.
    pub fn normalise(&self, value: f64) -> Result<Score, ScoreError> {
        let Self { min, max, step, .. } = *self;
        let possible = min.is_finite() && max.is_finite() && min < max && (0.0..=max - min).contains(&step);
        if !possible {
            return Err(ScoreError::NotAScale { min, max, step });
        }
        let steps = (value - min) / step;
        let between_steps = step > 0.0 && (steps - steps.round()).abs() > 1e-9;
        if !(min..=max).contains(&value) || between_steps {
            return Err(ScoreError::OffScale { value, min, max, step });
        }
        let share = (value - min) / (max - min);
        Score::new(if self.low_is_good { 1.0 - share } else { share })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_score_is_always_in_range(value in proptest::num::f64::ANY) {
            match Score::new(value) {
                Ok(score) => prop_assert!((0.0..=1.0).contains(&score.get())),
                Err(_) => prop_assert!(!(0.0..=1.0).contains(&value)),
            }
        }
    }

    #[test]
    fn stars_become_scores() {
        assert_eq!(Scale::STARS.normalise(1.0).unwrap().get(), 0.0);
        assert_eq!(Scale::STARS.normalise(4.0).unwrap().get(), 0.75);
        assert!(Scale::STARS.normalise(4.5).is_err());
        assert!(Scale::STARS.normalise(6.0).is_err());
        assert!(Scale::STARS.normalise(f64::NAN).is_err());
    }

    #[test]
    fn a_mean_of_stars_becomes_a_score_with_its_variance() {
        let (score, variance) = Scale::STARS.normalise_mean(4.5, Some(1.6)).unwrap();
        assert_eq!((score.get(), variance), (0.875, Some(0.1)));
        assert_eq!(Scale::STARS.normalise_mean(f64::NAN, None), None);
    }

    #[test]
    fn a_rank_is_good_when_low() {
        let rank = Scale { min: 1.0, max: 3.0, step: 1.0, low_is_good: true };
        assert_eq!(rank.normalise(1.0).unwrap(), Score::BEST);
    }
}
