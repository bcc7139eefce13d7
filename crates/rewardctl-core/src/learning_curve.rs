//! How many labels a target is likely to need: a power law through what subsets of the labels at hand gave.
//!
//! `error(n) = a + b·n^−c`: a is what no number of labels removes. Reference: C. Cortes et al., *Learning curves:
//! asymptotic values and rate of convergence* (NIPS 1993); T. Viering and M. Loog (arXiv 2103.10948) review how far such
//! curves can be trusted: they say the order of magnitude, not the number.

use serde::Serialize;

use crate::bootstrap;

/// What a fit on some of the labels was worth on others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// How many labels were fitted on, positive.
    pub labels: f64,
    /// The share of errors on labels that the fit did not see, in 0..=1.
    pub error: f64,
}

/// A power law.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Curve {
    /// a: the error that remains with labels without end, at least 0.
    pub floor: f64,
    /// b: how much one label leaves above the floor, at least 0.
    pub scale: f64,
    /// c: how fast it falls, in 0.05..=3.
    pub rate: f64,
}

/// How likely a target is to be met, and with how many labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outlook {
    /// The curve is there already.
    Reached,
    /// So many labels are likely to do.
    Likely {
        /// What the curve says.
        labels: f64,
        /// The low end of the 95 % interval; None where the labels at hand may do already.
        low: Option<f64>,
        /// The high end of the 95 % interval; None where the target may be out of reach.
        high: Option<f64>,
    },
    /// The curve flattens out below the target, or so late that nothing can be said.
    Unlikely,
}

/// What is foretold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Forecast {
    /// The curve through all repeats.
    pub curve: Curve,
    /// The highest accuracy that the curve comes near, with its 95 % interval where there is one.
    pub ceiling: (f64, Option<(f64, f64)>),
    /// The outlook of the target.
    pub outlook: Outlook,
}

/// Why nothing is foretold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NoForecast {
    /// A power law has three numbers.
    #[error("fits on {sizes} numbers of labels are too few for a curve: it takes {LEAST_SIZES}")]
    TooFewSizes {
        /// How many different numbers of labels were fitted on.
        sizes: usize,
    },
    /// A number is not usable.
    #[error("a learning curve needs positive numbers of labels, and errors between 0 and 1")]
    NotANumber,
    /// The target is no accuracy.
    #[error("the target must be an accuracy between 0 and 1, both excluded")]
    Target,
}

/// Different numbers of labels that a curve needs.
pub const LEAST_SIZES: usize = 4;

/// Beyond this many times the labels at hand a curve foretells nothing.
const HORIZON: f64 = 50.0;

const RATES: (f64, f64) = (0.05, 3.0);

/// Steps of the first, coarse search for the rate.
const COARSE: usize = 60;

/// Fits the power law to `points` by least squares, with a and b at least 0.
pub fn fit(points: &[Point]) -> Result<Curve, NoForecast> {
    let usable =
        |point: &Point| point.labels > 0.0 && point.labels.is_finite() && (0.0..=1.0).contains(&point.error);
    if !points.iter().all(usable) {
        return Err(NoForecast::NotANumber);
    }
    let mut sizes: Vec<f64> = points.iter().map(|point| point.labels).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    if sizes.len() < LEAST_SIZES {
        return Err(NoForecast::TooFewSizes { sizes: sizes.len() });
    }
    Ok(at_rate(points, best_rate(points)).0)
}

/// Foretells `accuracy` from `repeats`, each the points of one way to deal the labels into fits and tests, of which the
/// intervals are bootstrapped.
pub fn forecast(repeats: &[Vec<Point>], accuracy: f64, seed: u64) -> Result<Forecast, NoForecast> {
    if !(accuracy > 0.0 && accuracy < 1.0) {
        return Err(NoForecast::Target);
    }
    let curve = fit(&repeats.concat())?;
    let most = repeats.iter().flatten().map(|point| point.labels).fold(0.0, f64::max);
    let again = |drawn: &[u32]| {
        let taken =
            repeats.iter().zip(drawn).flat_map(|(points, times)| vec![points.as_slice(); *times as usize]);
        fit(&taken.collect::<Vec<_>>().concat()).ok()
    };
    let floor = bootstrap::interval(repeats.len(), seed, |drawn| Some(1.0 - again(drawn)?.floor));
    // What is never reached counts as beyond any number, so that the quantiles exist.
    let count = |curve: Curve| curve.labels_for(1.0 - accuracy).unwrap_or(f64::MAX).ln();
    let interval = bootstrap::interval(repeats.len(), seed, |drawn| again(drawn).map(count));
    let near = |labels: f64| (labels <= HORIZON * most).then_some(labels);
    let outlook = match curve.labels_for(1.0 - accuracy).and_then(near) {
        None => Outlook::Unlikely,
        Some(labels) if labels <= most => Outlook::Reached,
        Some(labels) => Outlook::Likely {
            labels,
            low: interval.map(|(low, _)| low.exp()).filter(|low| *low > most),
            high: interval.and_then(|(_, high)| near(high.exp())),
        },
    };
    Ok(Forecast { curve, ceiling: (1.0 - curve.floor, floor), outlook })
}

impl Curve {
    /// Returns the error with so many labels, in 0..=1.
    pub fn error(&self, labels: f64) -> f64 {
        (self.floor + self.scale * labels.max(1.0).powf(-self.rate)).clamp(0.0, 1.0)
    }

    /// Returns how many labels bring the error down to `error`; None where none do.
    pub fn labels_for(&self, error: f64) -> Option<f64> {
        let above = error - self.floor;
        if self.scale == 0.0 {
            return (above >= 0.0).then_some(1.0);
        }
        let labels = (above > 0.0).then(|| (self.scale / above).powf(1.0 / self.rate))?;
        labels.is_finite().then_some(labels.max(1.0))
    }
}

/// Finds the rate of the least squared error: the best of a grid, then by golden section around it.
fn best_rate(points: &[Point]) -> f64 {
    let (low, high) = (RATES.0.ln(), RATES.1.ln());
    let step = (high - low) / COARSE as f64;
    let loss = |log_rate: f64| at_rate(points, log_rate.exp()).1;
    let best = (0..=COARSE)
        .map(|at| low + step * at as f64)
        .min_by(|a, b| loss(*a).total_cmp(&loss(*b)))
        .expect("the grid has places");
    let (mut left, mut right) = ((best - step).max(low), (best + step).min(high));
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    for _ in 0..60 {
        let (a, b) = (right - ratio * (right - left), left + ratio * (right - left));
        if loss(a) <= loss(b) { right = b } else { left = a }
    }
    f64::midpoint(left, right).exp()
}

/// Returns the best curve of this rate, with its squared error.
fn at_rate(points: &[Point], rate: f64) -> (Curve, f64) {
    let count = points.len() as f64;
    let powers: Vec<f64> = points.iter().map(|point| point.labels.powf(-rate)).collect();
    let (x, y) =
        (powers.iter().sum::<f64>() / count, points.iter().map(|point| point.error).sum::<f64>() / count);
    let (mut xx, mut xy, mut raw_xx, mut raw_xy) = (0.0, 0.0, 0.0, 0.0);
    for (power, point) in powers.iter().zip(points) {
        xx += (power - x) * (power - x);
        xy += (power - x) * (point.error - y);
        raw_xx += power * power;
        raw_xy += power * point.error;
    }
    let scale = if xx > 0.0 { (xy / xx).max(0.0) } else { 0.0 };
    let free = Curve { floor: y - scale * x, scale, rate };
    let curve = if free.floor >= 0.0 { free } else { Curve { floor: 0.0, scale: raw_xy / raw_xx, rate } };
    let error = |(power, point): (&f64, &Point)| (point.error - curve.floor - curve.scale * power).powi(2);
    (curve, powers.iter().zip(points).map(error).sum())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stream::Stream;

    fn points(counts: &[f64], errors: &[f64]) -> Vec<Point> {
        counts.iter().zip(errors).map(|(labels, error)| Point { labels: *labels, error: *error }).collect()
    }

    /// Golden values: `scripts/golden/acquisition.py` (scipy, Nelder and Mead).
    #[test]
    fn agrees_with_scipy() {
        let five = points(&[20.0, 40.0, 80.0, 160.0, 320.0], &[0.262, 0.214, 0.182, 0.161, 0.148]);
        let six = points(&[10.0, 20.0, 40.0, 80.0, 160.0, 320.0], &[0.30, 0.24, 0.20, 0.165, 0.15, 0.138]);
        for (points, floor, scale, rate) in [
            (five, 0.122_006_353_437_655_66, 0.873_169_018_097_216_6, 0.610_831_432_561_868_6),
            (six, 0.108_688_187_639_848_71, 0.689_489_515_291_031_5, 0.555_477_376_029_262),
        ] {
            let got = fit(&points).unwrap();
            for (got, golden) in [(got.floor, floor), (got.scale, scale), (got.rate, rate)] {
                assert!((got - golden).abs() < 1e-5 * golden, "{got}, not {golden}");
            }
        }
    }

    /// Ten repeats of a known curve, with the noise of 200 test labels.
    fn repeats(floor: f64, seed: u64) -> Vec<Vec<Point>> {
        let mut stream = Stream::of(seed, "repeats", 0);
        let mut point = |labels: f64| {
            let error: f64 = floor + 0.8 * labels.powf(-0.6);
            let noise = (error * (1.0 - error) / 200.0).sqrt() * stream.normal();
            Point { labels, error: (error + noise).clamp(0.0, 1.0) }
        };
        (0..10).map(|_| [20.0, 40.0, 80.0, 160.0, 320.0].map(&mut point).to_vec()).collect()
    }

    #[test]
    fn the_outlook_fits_what_is_true() {
        // 0.1 + 0.8·n^−0.6 = 0.115 at n = 756.
        let forecast = forecast(&repeats(0.1, 1), 0.885, 7).unwrap();
        let Outlook::Likely { labels, low, high } = forecast.outlook else { panic!("{forecast:?}") };
        assert!((400.0..1600.0).contains(&labels), "{forecast:?}");
        assert!(low.is_none_or(|low| low <= 756.0) && high.is_none_or(|high| high >= 756.0), "{forecast:?}");
        let (ceiling, interval) = forecast.ceiling;
        let (low, high) = interval.unwrap();
        assert!(low <= 0.9 && 0.9 <= high && (ceiling - 0.9).abs() < 0.02, "{forecast:?}");
        assert_eq!(forecast.outlook, super::forecast(&repeats(0.1, 1), 0.885, 7).unwrap().outlook);
    }

    #[test]
    fn what_the_curve_does_not_reach_is_unlikely() {
        assert_eq!(forecast(&repeats(0.2, 2), 0.9, 7).unwrap().outlook, Outlook::Unlikely);
        assert_eq!(forecast(&repeats(0.1, 3), 0.7, 7).unwrap().outlook, Outlook::Reached);
        // What does not fall at all has its ceiling where it is.
        let flat = points(&[20.0, 40.0, 80.0, 160.0], &[0.3; 4]);
        let forecast = forecast(&[flat.clone(), flat], 0.8, 7).unwrap();
        assert_eq!(forecast.outlook, Outlook::Unlikely);
        assert!((forecast.ceiling.0 - 0.7).abs() < 1e-9, "{forecast:?}");
    }

    #[test]
    fn what_cannot_be_fitted_says_why() {
        let three = points(&[20.0, 40.0, 80.0, 80.0], &[0.3, 0.2, 0.1, 0.1]);
        assert_eq!(fit(&three), Err(NoForecast::TooFewSizes { sizes: 3 }));
        assert_eq!(fit(&[]), Err(NoForecast::TooFewSizes { sizes: 0 }));
        assert_eq!(fit(&points(&[0.0], &[0.3])), Err(NoForecast::NotANumber));
        assert_eq!(fit(&points(&[10.0], &[f64::NAN])), Err(NoForecast::NotANumber));
        assert_eq!(forecast(&[], 1.0, 7), Err(NoForecast::Target));
    }

    proptest! {
        #[test]
        fn curves_never_rise_and_meet_what_they_promise(
            errors in prop::collection::vec(0.0..1.0f64, 5..9), target in 0.01..0.99f64,
        ) {
            let counts: Vec<f64> = (0..errors.len()).map(|at| 10.0 * 2f64.powi(at as i32)).collect();
            let curve = fit(&points(&counts, &errors)).unwrap();
            prop_assert!(curve.floor >= 0.0 && curve.scale >= 0.0);
            prop_assert!(curve.error(100.0) >= curve.error(200.0));
            if let Some(labels) = curve.labels_for(target) {
                prop_assert!(curve.error(labels) <= target + 1e-6);
            }
        }
    }
}
