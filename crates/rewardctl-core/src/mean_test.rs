//! What independent numbers say of their mean against a threshold, with a method that holds for as few as there are.
//!
//! - Only the two ends of the range: the exact binomial test (Clopper and Pearson).
//! - Fewer than [`FEW`] numbers, or hardly any that differs from the others: [`crate::betting`], which holds for anything
//!   in the range.
//! - Otherwise Student's t test with the skewness taken out by Hall's transformation (P. Hall, *On the removal of skewness
//!   by transformation*, JRSS B 54, 1992): rewards crowd at one end of their range, and a plain t test of fifty such then
//!   passes up to twice as often by chance as promised (`scripts/golden/skewed_t.py`).

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::betting::Betting;
use crate::clopper_pearson;
use crate::moments::Moments;
use crate::proportion::Proportion;

/// With fewer numbers nothing is taken for known of how their mean is distributed.
pub const FEW: usize = 30;
/// As many must differ from the most frequent number for a t test: a standard deviation of fewer is a guess.
const LEAST_DIFFERENT: usize = 10;

/// How a mean was tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Student's t, with the skewness taken out.
    Student,
    /// Bets against the mean, valid for any numbers in the range.
    Betting,
    /// The exact binomial test.
    Binomial,
}

/// Numbers in a range, tested.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeanTest {
    /// How many there are.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub spread: f64,
    /// How they were tested.
    pub method: Method,
    /// Below it the mean lies with chance `alpha` at most.
    pub lower: f64,
    /// Above it the mean lies with chance `alpha` at most.
    pub upper: f64,
    /// The p-value of "the mean is at most the threshold": small where it is shown to lie above.
    pub p_at_most: f64,
    /// The p-value of "the mean is at least the threshold": small where it is shown to lie below.
    pub p_at_least: f64,
}

/// What a mean is tested for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    /// Where all numbers lie: least and most.
    pub range: (f64, f64),
    /// What the mean is held against.
    pub threshold: f64,
    /// One less the level of each bound.
    pub alpha: f64,
}

/// Tests `values`, which lie in the range and in an order that does not depend on them. None of none.
pub fn mean_test(values: &[f64], question: Question) -> Option<MeanTest> {
    if values.is_empty() {
        return None;
    }
    let moments = Moments::of(values);
    let (least, most) = question.range;
    let method = if values.iter().all(|value| *value == least || *value == most) {
        Method::Binomial
    } else if values.len() < FEW || different(values) < LEAST_DIFFERENT {
        Method::Betting
    } else {
        Method::Student
    };
    let (bounds, p) = match method {
        Method::Student => student(values, moments, question)?,
        Method::Betting => betting(values, question),
        Method::Binomial => binomial(values, question),
    };
    Some(MeanTest {
        count: values.len(),
        mean: moments.mean,
        spread: moments.spread(),
        method,
        lower: bounds[0].clamp(least, most),
        upper: bounds[1].clamp(least, most),
        p_at_most: p[0],
        p_at_least: p[1],
    })
}

type Tested = ([f64; 2], [f64; 2]);

/// With `t = (x̄ − μ) / (s / √n)`, γ the sample's skewness and `a = γ / √n`: `((1 + a t / 3)³ − 1) / a + a / 6` is distributed
/// as t would be without skewness.
fn student(values: &[f64], moments: Moments, question: Question) -> Option<Tested> {
    let error = (moments.variance()? / moments.count).sqrt();
    let student = StudentsT::new(0.0, 1.0, moments.count - 1.0).ok()?;
    let critical = student.inverse_cdf(1.0 - question.alpha);
    let a = skewness(values, moments.mean) / moments.count.sqrt();
    let t = (moments.mean - question.threshold) / error;
    let even = unskewed(t, a);
    let bounds = [critical, -critical].map(|critical| moments.mean - skewed(critical, a) * error);
    Some((bounds, [student.cdf(-even), student.cdf(even)]))
}

fn unskewed(t: f64, a: f64) -> f64 {
    t + a * t * t / 3.0 + a * a * t * t * t / 27.0 + a / 6.0
}

/// The inverse of [`unskewed`].
fn skewed(even: f64, a: f64) -> f64 {
    // So little is no skewness, and would be divided by.
    if a.abs() < 1e-9 { even } else { 3.0 / a * ((1.0 + a * (even - a / 6.0)).cbrt() - 1.0) }
}

fn skewness(values: &[f64], mean: f64) -> f64 {
    let moment =
        |power: i32| values.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / values.len() as f64;
    let variance = moment(2);
    if variance > 0.0 { moment(3) / variance.powf(1.5) } else { 0.0 }
}

fn betting(values: &[f64], Question { range: (least, most), threshold, alpha }: Question) -> Tested {
    let width = most - least;
    let scaled: Vec<f64> = values.iter().map(|value| ((value - least) / width).clamp(0.0, 1.0)).collect();
    let bets = Betting::at_the_end(&scaled, alpha);
    let mean = Moments::of(&scaled).mean;
    let place = (threshold - least) / width;
    // Bets that won early may have refuted what all numbers together speak for: that counts as nothing.
    let bounds =
        [bets.lower(alpha).min(mean), bets.upper(alpha).max(mean)].map(|bound| least + width * bound);
    let at_most = if place >= mean { 1.0 } else { p_of(place, |place| bets.at_most(place)) };
    let at_least = if place <= mean { 1.0 } else { p_of(1.0 - place, |_| bets.at_least(place)) };
    (bounds, [at_most, at_least])
}

/// A threshold outside of the range is beyond doubt.
fn p_of(place: f64, p: impl Fn(f64) -> f64) -> f64 {
    match place {
        below if below < 0.0 => 0.0,
        above if above > 1.0 => 1.0,
        within => p(within),
    }
}

fn binomial(values: &[f64], Question { range: (least, most), threshold, alpha }: Question) -> Tested {
    let hits = values.iter().filter(|value| **value == most).count() as u64;
    let seen = Proportion { hits, count: values.len() as u64 };
    let place = (threshold - least) / (most - least);
    let bounds = [clopper_pearson::lower(seen, alpha), clopper_pearson::upper(seen, alpha)];
    let bounds = bounds.map(|bound| least + (most - least) * bound);
    let at_most = p_of(place, |rate| clopper_pearson::at_least(seen, rate));
    (bounds, [at_most, p_of(1.0 - place, |_| clopper_pearson::at_most(seen, place))])
}

/// Counts the numbers that differ from the most frequent one.
fn different(values: &[f64]) -> usize {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let longest = sorted.chunk_by(|a, b| a == b).map(<[f64]>::len).max().unwrap_or(0);
    values.len() - longest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stream::Stream;

    /// Around .005, one side as the other.
    fn even() -> Vec<f64> {
        (1..=16)
            .flat_map(|n| [f64::from(n) * 0.01, f64::from(n) * -0.01])
            .map(|value| value + 0.005)
            .collect()
    }

    /// Crowded at one end, as rewards are.
    fn crowded() -> Vec<f64> {
        (0..36).map(|n| 1.0 - f64::from(n * n) / 1500.0).collect()
    }

    fn ask(threshold: f64) -> Question {
        Question { range: (-1.0, 1.0), threshold, alpha: 0.05 }
    }

    /// Golden values: `scripts/golden/gates.py` (scipy, `ttest_1samp`).
    #[test]
    fn without_skewness_it_is_the_t_test_of_scipy() {
        for (threshold, above, below) in EVEN {
            let found = mean_test(&even(), ask(threshold)).unwrap();
            assert_eq!(found.method, Method::Student);
            assert!((found.p_at_most - above).abs() < 1e-9, "{found:?}");
            assert!((found.p_at_least - below).abs() < 1e-9, "{found:?}");
            assert!((found.lower - EVEN_BOUNDS.0).abs() < 1e-9, "{found:?}");
            assert!((found.upper - EVEN_BOUNDS.1).abs() < 1e-9, "{found:?}");
        }
    }
    const EVEN: [(f64, f64, f64); 2] = [
        (-0.02, 0.080_014_038_129_869_53, 0.919_985_961_870_130_5),
        (0.03, 0.919_985_961_870_130_4, 0.080_014_038_129_869_8),
    ];
    const EVEN_BOUNDS: (f64, f64) = (-0.024_446_085_153_772_77, 0.034_446_085_153_772_77);

    /// Golden values: `scripts/golden/gates.py` (Hall's transformation in numpy, its inverse found by search).
    #[test]
    fn skewness_is_taken_out() {
        let found =
            mean_test(&crowded(), Question { range: (0.0, 1.0), threshold: 0.65, alpha: 0.05 }).unwrap();
        assert!((found.p_at_most - CROWDED[0]).abs() < 1e-9, "{found:?}");
        assert!((found.lower - CROWDED[1]).abs() < 1e-9, "{found:?}");
        assert!((found.upper - CROWDED[2]).abs() < 1e-9, "{found:?}");
    }
    const CROWDED: [f64; 3] = [0.057_405_840_326_632_596, 0.646_493_781_441_041_7, 0.790_832_690_622_157_2];

    #[test]
    fn few_equal_numbers_are_no_certainty() {
        let found = mean_test(&[0.9, 0.9, 0.9], Question { range: (0.0, 1.0), threshold: 0.8, alpha: 0.05 });
        let found = found.unwrap();
        assert_eq!((found.method, found.mean), (Method::Betting, 0.9));
        assert!(found.p_at_most > 0.05 && found.lower < 0.8, "{found:?}");
        // 49 pairs that did not change and one that did.
        let mut nearly = vec![0.0; 50];
        nearly[7] = -0.5;
        assert_eq!(mean_test(&nearly, ask(-0.02)).unwrap().method, Method::Betting);
        assert_eq!(mean_test(&[], ask(0.0)), None);
    }

    #[test]
    fn yes_and_no_is_tested_exactly() {
        let values: Vec<f64> = (0..20).map(|n| f64::from(u8::from(n != 3))).collect();
        let found = mean_test(&values, Question { range: (0.0, 1.0), threshold: 0.7, alpha: 0.05 }).unwrap();
        assert_eq!(found.method, Method::Binomial);
        // P(at least 19 of 20 at .7) = 20 · .7¹⁹ · .3 + .7²⁰
        assert!((found.p_at_most - (6.0 * 0.7f64.powi(19) + 0.7f64.powi(20))).abs() < 1e-9, "{found:?}");
    }

    /// The share of samples whose mean is shown to lie above the true one, which is to happen in 5 % at most.
    fn false_alarms(count: usize, draw: impl Fn(&mut Stream) -> f64, mean: f64) -> f64 {
        let alarms = (0..400).filter(|number| {
            let mut stream = Stream::of(3, "mean test", *number);
            let values: Vec<f64> = (0..count).map(|_| draw(&mut stream)).collect();
            mean_test(&values, Question { range: (0.0, 1.0), threshold: mean, alpha: 0.05 })
                .unwrap()
                .p_at_most
                <= 0.05
        });
        alarms.count() as f64 / 400.0
    }

    #[test]
    fn false_alarms_are_as_rare_as_promised() {
        // Three standard errors above 5 %.
        let most = 0.05 + 3.0 * (0.05f64 * 0.95 / 400.0).sqrt();
        for count in [3, 10, 30, 60, 200] {
            let rare = |stream: &mut Stream| if stream.unit() < 0.1 { 0.2 } else { 0.9 };
            let even = |stream: &mut Stream| stream.unit();
            assert!(false_alarms(count, rare, 0.83) <= most, "rare, {count}");
            assert!(false_alarms(count, even, 0.5) <= most, "even, {count}");
        }
    }

    proptest! {
        #[test]
        fn p_values_and_bounds_agree(values in prop::collection::vec(0u8..=8, 1..60), threshold in 0.0..=1.0f64) {
            let values: Vec<f64> = values.iter().map(|value| f64::from(*value) / 8.0).collect();
            let found = mean_test(&values, Question { range: (0.0, 1.0), threshold, alpha: 0.05 }).unwrap();
            prop_assert!(found.lower <= found.mean + 1e-9 && found.mean <= found.upper + 1e-9);
            if threshold < found.lower - 1e-6 {
                prop_assert!(found.p_at_most <= 0.05 + 1e-6);
            }
            if threshold > found.lower + 1e-6 {
                prop_assert!(found.p_at_most >= 0.05 - 1e-6);
            }
            prop_assert!((0.0..=1.0).contains(&found.p_at_most) && (0.0..=1.0).contains(&found.p_at_least));
        }
    }
}
