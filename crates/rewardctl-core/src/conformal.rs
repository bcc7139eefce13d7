//! Split conformal intervals: where a person's rating will lie, whatever the model is worth.
//!
//! With probability 1 − α, over the draw of calibration and new answer together, the rating lies in the interval. It
//! takes what [`crate::guarantee`] takes: a uniformly random calibration stream that the model was not fitted on.
//!
//! References: V. Vovk, A. Gammerman, G. Shafer, *Algorithmic Learning in a Random World* (2005); J. Lei et al., JASA
//! 113 (2018), for scores scaled by the spread. Given the calibration stream, coverage follows Beta(n + 1 − l, l) with
//! l = ⌊(n + 1) α⌋ (Vovk, ACML 2012).

use serde::Serialize;

/// One rated answer of the calibration stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rated {
    /// What the person gave.
    pub rating: f64,
    /// What the model foretold, on the same scale.
    pub foretold: f64,
    /// The model's standard deviation of it, positive; 1 for every answer gives intervals of one width.
    pub spread: f64,
}

/// The half width of intervals, in spreads.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Conformal {
    /// The quantile of the scaled errors; None where so few ratings bound nothing, and every interval is the whole scale.
    pub quantile: Option<f64>,
    /// How many calibration ratings it rests on.
    pub count: usize,
    /// α: the share of ratings that may lie outside, in 0..1.
    pub miss: f64,
}

/// Why there are no intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NoIntervals {
    /// α is no chance.
    #[error("the share of ratings outside, {miss}, must lie between 0 and 1, both excluded")]
    Miss {
        /// The share that was asked for.
        miss: f64,
    },
    /// A rating, what was foretold or its spread is not usable.
    #[error("calibration rating {at} needs finite numbers and a positive spread")]
    Rating {
        /// Its place in the stream, from 0.
        at: usize,
    },
}

/// Returns the half width for `stream`: of the scaled errors `|y − ŷ| / ŝ`, the k-th smallest, `k = ⌈(n + 1)(1 − α)⌉`.
pub fn conformal(stream: &[Rated], miss: f64) -> Result<Conformal, NoIntervals> {
    if !(miss > 0.0 && miss < 1.0) {
        return Err(NoIntervals::Miss { miss });
    }
    let mut errors = Vec::with_capacity(stream.len());
    for (at, rated) in stream.iter().enumerate() {
        let error = (rated.rating - rated.foretold).abs() / rated.spread;
        let usable = error.is_finite() && rated.spread.is_finite() && rated.spread > 0.0;
        errors.push(if usable { error } else { return Err(NoIntervals::Rating { at }) });
    }
    errors.sort_by(f64::total_cmp);
    let quantile = errors.get(rank(stream.len(), miss) - 1).copied();
    Ok(Conformal { quantile, count: stream.len(), miss })
}

/// Returns the least number of calibration ratings with which intervals are shorter than the scale: `⌈1/α⌉ − 1`.
///
/// None where α is not between 0 and 1.
pub fn least(miss: f64) -> Option<usize> {
    let bound = |count: usize| rank(count, miss) <= count;
    let near = (miss > 0.0 && miss < 1.0).then(|| (1.0 / miss) as usize)?;
    (near.saturating_sub(2)..=near + 1).find(|count| bound(*count))
}

/// Returns `⌈(n + 1)(1 − α)⌉`, at least 1. Rounding must not lift a whole number to the next.
fn rank(count: usize, miss: f64) -> usize {
    let exact = (count as f64 + 1.0) * (1.0 - miss);
    let nearest = exact.round();
    let whole = (exact - nearest).abs() < 1e-9 * (count as f64 + 1.0);
    (if whole { nearest } else { exact.ceil() }).max(1.0) as usize
}

/// The steps that people can give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The lowest rating.
    pub lowest: f64,
    /// The highest rating.
    pub highest: f64,
    /// The distance of two neighbouring ratings; None where any number between is possible.
    pub step: Option<f64>,
}

impl Conformal {
    /// Returns the interval around `foretold` with `spread`, rounded outward to the steps of `scale` and cut to its ends.
    ///
    /// The whole scale where the calibration bounds nothing, or where `foretold` or `spread` is not finite.
    pub fn interval(&self, foretold: f64, spread: f64, scale: Scale) -> (f64, f64) {
        let whole = (scale.lowest, scale.highest);
        let Some(half) = self.quantile.map(|quantile| quantile * spread).filter(|half| half.is_finite())
        else {
            return whole;
        };
        if !foretold.is_finite() {
            return whole;
        }
        let (low, high) = (scale.down(foretold - half), scale.up(foretold + half));
        (low.clamp(scale.lowest, scale.highest), high.clamp(scale.lowest, scale.highest))
    }
}

impl Scale {
    fn down(&self, value: f64) -> f64 {
        self.step
            .map_or(value, |step| self.lowest + ((value - self.lowest) / step + TOLERANCE).floor() * step)
    }

    fn up(&self, value: f64) -> f64 {
        self.step.map_or(value, |step| self.lowest + ((value - self.lowest) / step - TOLERANCE).ceil() * step)
    }
}

/// What lies this near to a step, in steps, is the step: sums of decimal fractions miss it by a rounding error.
const TOLERANCE: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stream::Stream;

    const FIVE: Scale = Scale { lowest: 1.0, highest: 5.0, step: Some(1.0) };

    fn stream(errors: &[f64]) -> Vec<Rated> {
        errors.iter().map(|error| Rated { rating: 3.0 + error, foretold: 3.0, spread: 1.0 }).collect()
    }

    #[test]
    fn the_quantile_is_the_kth_smallest() {
        let errors: Vec<f64> = (1..=19).rev().map(|n| f64::from(n) / 10.0).collect();
        // k = ⌈20 · 0.9⌉ = 18 and ⌈20 · 0.95⌉ = 19; 20 would be beyond.
        for (miss, quantile) in [(0.1, Some(1.8)), (0.05, Some(1.9)), (0.04, None), (0.5, Some(1.0))] {
            let got = conformal(&stream(&errors), miss).unwrap();
            assert_eq!(got.quantile.map(|q| (q * 1e9).round() / 1e9), quantile, "{miss}");
        }
        assert_eq!(conformal(&[], 0.1).unwrap().quantile, None);
        assert_eq!((least(0.1), least(0.05), least(0.5), least(0.0)), (Some(9), Some(19), Some(1), None));
    }

    #[test]
    fn intervals_are_rounded_outward_to_the_scale() {
        let of = |quantile| Conformal { quantile, count: 20, miss: 0.1 };
        assert_eq!(of(Some(0.6)).interval(3.2, 1.0, FIVE), (2.0, 4.0));
        assert_eq!(of(Some(0.5)).interval(3.5, 1.0, FIVE), (3.0, 4.0));
        assert_eq!(of(Some(2.0)).interval(4.0, 1.0, FIVE), (2.0, 5.0));
        assert_eq!(of(None).interval(3.0, 1.0, FIVE), (1.0, 5.0));
        assert_eq!(of(Some(1.0)).interval(f64::NAN, 1.0, FIVE), (1.0, 5.0));
        assert_eq!(of(Some(0.0)).interval(3.0, f64::INFINITY, FIVE), (1.0, 5.0));
        let any = Scale { step: None, ..FIVE };
        assert_eq!(of(Some(0.5)).interval(3.25, 2.0, any), (2.25, 4.25));
    }

    #[test]
    fn what_is_not_usable_is_refused() {
        let mut broken = stream(&[0.1, 0.2]);
        broken[1].spread = 0.0;
        assert_eq!(conformal(&broken, 0.1), Err(NoIntervals::Rating { at: 1 }));
        broken[1] = Rated { rating: f64::NAN, foretold: 3.0, spread: 1.0 };
        assert_eq!(conformal(&broken, 0.1), Err(NoIntervals::Rating { at: 1 }));
        assert_eq!(conformal(&[], 1.0), Err(NoIntervals::Miss { miss: 1.0 }));
    }

    /// The coverage over 1,000 calibration streams follows Beta(90, 10): its mean, and the share outside of its central
    /// 95 %, which `scripts/golden/guarantees.py` takes from scipy.
    #[test]
    fn coverage_follows_the_beta_law() {
        let (low, high) = (0.834_431_024_257_989_7, 0.950_489_127_791_337_1);
        let (mut sum, mut outside) = (0.0, 0u32);
        for number in 0..1000 {
            let mut draws = Stream::of(20_261_127, "conformal", number);
            // Errors are uniform in 0..1, so the coverage of a quantile is the quantile itself.
            let errors: Vec<f64> = (0..99).map(|_| draws.unit()).collect();
            let coverage = conformal(&stream(&errors), 0.1).unwrap().quantile.unwrap();
            sum += coverage;
            outside += u32::from(coverage < low || coverage > high);
        }
        // Beta(90, 10) has a standard deviation of 0.03, so the mean of 1,000 one of 0.00095.
        assert!((sum / 1000.0 - 0.9).abs() < 0.003, "{}", sum / 1000.0);
        assert!((30..=71).contains(&outside), "{outside} of 1000, expected 50");
    }

    proptest! {
        #[test]
        fn enough_of_the_calibration_ratings_lie_inside(
            errors in prop::collection::vec(-2.0..2.0f64, 1..80), miss in 0.02..0.6f64,
        ) {
            let stream = stream(&errors);
            let conformal = conformal(&stream, miss).unwrap();
            let any = Scale { lowest: -9.0, highest: 9.0, step: None };
            let inside = stream.iter().filter(|rated| {
                let (low, high) = conformal.interval(rated.foretold, rated.spread, any);
                low - 1e-9 <= rated.rating && rated.rating <= high + 1e-9
            });
            prop_assert!(inside.count() as f64 >= (1.0 - miss) * errors.len() as f64 - 1e-6);
        }

        #[test]
        fn steps_only_widen(foretold in 0.0..6.0f64, quantile in 0.0..3.0f64) {
            let conformal = Conformal { quantile: Some(quantile), count: 20, miss: 0.1 };
            let (low, high) = conformal.interval(foretold, 1.0, FIVE);
            let (inner_low, inner_high) = conformal.interval(foretold, 1.0, Scale { step: None, ..FIVE });
            prop_assert!(low <= inner_low + 1e-6 && high >= inner_high - 1e-6);
            prop_assert!(low.fract() == 0.0 && high.fract() == 0.0);
        }
    }
}
