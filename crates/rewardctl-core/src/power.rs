//! What a sample can show: the power of t tests and of tests of shares, and from it the smallest effect that would be
//! found, and the sample that an effect takes.
//!
//! References: J. Cohen, *Statistical Power Analysis for the Behavioral Sciences*, 2nd edition (1988); the noncentral t
//! distribution as the mean of normal tails over the chi distribution of the estimated deviation.

use std::f64::consts::LN_2;

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use statrs::function::gamma::ln_gamma;

use crate::normal::phi;

/// Steps of the integral over the deviation (Simpson): the error is then far below what a sample size can show.
const STEPS: usize = 400;
/// Deviations of the chi distribution that the integral covers.
const COVERED: f64 = 12.0;
/// Halvings and doublings of a search.
const HALVINGS: usize = 100;
/// No sample is larger.
const MOST: f64 = 1e12;
/// From so many degrees on t is normal: the power then differs by less than 10⁻⁴, and the tails of t take long to compute.
const NORMAL_FROM: f64 = 20_000.0;

/// Which differences count against "no difference".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sides {
    /// Those in one direction.
    One,
    /// Those in both.
    Two,
}

/// What a test promises.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Promise {
    /// The chance of finding a difference where there is none, in 0..1.
    pub alpha: f64,
    /// The chance of finding the effect where there is one, above `alpha` and below 1.
    pub power: f64,
    /// Which differences count.
    pub sides: Sides,
}

impl Promise {
    /// Returns what is wrong with it; None where it can be kept.
    pub fn fault(&self) -> Option<String> {
        let wrong = [("alpha", self.alpha), ("power", self.power)]
            .into_iter()
            .find(|(_, value)| !(*value > 0.0 && *value < 1.0));
        match wrong {
            Some((name, value)) => Some(format!("`{name}` is {value}, and must be between 0 and 1")),
            None if self.power <= self.alpha => Some("`power` must be above `alpha`".into()),
            None => None,
        }
    }
}

/// Returns the power of a t test of paired differences: `effect` is their mean over their standard deviation.
pub fn paired(effect: f64, pairs: f64, alpha: f64, sides: Sides) -> f64 {
    t_power(effect * pairs.sqrt(), pairs - 1.0, alpha, sides)
}

/// Returns the power of a t test of two independent groups of these sizes: `effect` is the difference of their means over
/// their common standard deviation.
pub fn unpaired(effect: f64, sizes: (f64, f64), alpha: f64, sides: Sides) -> f64 {
    let (first, second) = sizes;
    t_power(effect * (first * second / (first + second)).sqrt(), first + second - 2.0, alpha, sides)
}

/// Returns the power of a z test of two shares of groups of these sizes, by Cohen's `h = 2 asin √p₁ − 2 asin √p₂`.
pub fn proportions(shares: (f64, f64), sizes: (f64, f64), alpha: f64, sides: Sides) -> f64 {
    let (first, second) = sizes;
    let angle = |share: f64| 2.0 * share.clamp(0.0, 1.0).sqrt().asin();
    let shift = (angle(shares.0) - angle(shares.1)).abs() * (first * second / (first + second)).sqrt();
    z_power(shift, alpha, sides)
}

/// Returns the smallest mean of so many paired differences, in their standard deviations, that is found with the power
/// promised. None of fewer than two.
pub fn detectable_paired(pairs: u64, promise: Promise) -> Option<f64> {
    (pairs > 1)
        .then(|| least(|effect| paired(effect, pairs as f64, promise.alpha, promise.sides), promise))?
}

/// Returns the smallest difference of two independent means, in standard deviations, that is found with the power promised.
pub fn detectable_unpaired(sizes: (u64, u64), promise: Promise) -> Option<f64> {
    let sizes = (sizes.0 as f64, sizes.1 as f64);
    let enough = sizes.0.min(sizes.1) >= 1.0 && sizes.0 + sizes.1 > 2.0;
    enough.then(|| least(|effect| unpaired(effect, sizes, promise.alpha, promise.sides), promise))?
}

/// Returns the smallest rise above the share `base` that is found with the power promised; None where none is.
pub fn detectable_rise(base: f64, sizes: (u64, u64), promise: Promise) -> Option<f64> {
    let sizes = (sizes.0 as f64, sizes.1 as f64);
    if sizes.0 < 1.0 || sizes.1 < 1.0 || !(0.0..1.0).contains(&base) {
        return None;
    }
    let power = |rise: f64| proportions((base + rise, base), sizes, promise.alpha, promise.sides);
    let most = 1.0 - base;
    (power(most) >= promise.power).then(|| halved((0.0, most), |rise| power(rise) < promise.power))
}

/// Returns how many pairs an effect takes, in standard deviations of the paired differences. None of no effect.
pub fn pairs_needed(effect: f64, promise: Promise) -> Option<f64> {
    let effect = effect.abs();
    needed(|pairs| paired(effect, pairs, promise.alpha, promise.sides), effect, promise)
}

/// Returns how many units each of two equal groups takes for an effect, in common standard deviations.
pub fn units_needed(effect: f64, promise: Promise) -> Option<f64> {
    let effect = effect.abs();
    needed(|units| unpaired(effect, (units, units), promise.alpha, promise.sides), effect, promise)
}

/// Returns how many units each of two equal groups takes to tell two shares apart.
pub fn units_needed_of_shares(shares: (f64, f64), promise: Promise) -> Option<f64> {
    let power = |units| proportions(shares, (units, units), promise.alpha, promise.sides);
    needed(power, shares.0 - shares.1, promise)
}

/// The power of a t test whose statistic is centred at `shift` standard errors.
fn t_power(shift: f64, degrees: f64, alpha: f64, sides: Sides) -> f64 {
    if degrees >= NORMAL_FROM {
        return z_power(shift, alpha, sides);
    }
    let Ok(student) = StudentsT::new(0.0, 1.0, degrees) else { return 0.0 };
    let critical = student.inverse_cdf(1.0 - tail(alpha, sides));
    match sides {
        Sides::One => noncentral_tail(critical, shift, degrees),
        Sides::Two => noncentral_tail(critical, shift, degrees) + noncentral_tail(critical, -shift, degrees),
    }
}

/// The power of a z test whose statistic is centred at `shift` standard errors.
fn z_power(shift: f64, alpha: f64, sides: Sides) -> f64 {
    let critical = Normal::standard().inverse_cdf(1.0 - tail(alpha, sides));
    let far = if sides == Sides::Two { phi(-critical - shift) } else { 0.0 };
    phi(shift - critical) + far
}

/// `P(T > t)` for a noncentral t: `∫ Φ(δ − t s) f(s) ds`, with `s² ν` chi-square on ν degrees.
fn noncentral_tail(t: f64, shift: f64, degrees: f64) -> f64 {
    let deviation = (2.0 * degrees).sqrt().recip();
    let (low, high) = ((1.0 - COVERED * deviation).max(0.0), 1.0 + COVERED * deviation);
    let step = (high - low) / STEPS as f64;
    let constant = LN_2 + degrees / 2.0 * (degrees.ln() - LN_2) - ln_gamma(degrees / 2.0);
    let at = |s: f64| {
        let density = if s > 0.0 {
            constant + (degrees - 1.0) * s.ln() - degrees * s * s / 2.0
        } else {
            f64::NEG_INFINITY
        };
        // One degree of freedom has its mode at 0.
        let density = if s == 0.0 && degrees == 1.0 { constant } else { density };
        phi(shift - t * s) * density.exp()
    };
    let weight = |place: usize| match place {
        0 | STEPS => 1.0,
        odd if odd % 2 == 1 => 4.0,
        _ => 2.0,
    };
    let sum: f64 = (0..=STEPS).map(|place| weight(place) * at(low + step * place as f64)).sum();
    (sum * step / 3.0).clamp(0.0, 1.0)
}

fn tail(alpha: f64, sides: Sides) -> f64 {
    match sides {
        Sides::One => alpha,
        Sides::Two => alpha / 2.0,
    }
}

/// Returns the least effect with the power promised.
fn least(power: impl Fn(f64) -> f64, promise: Promise) -> Option<f64> {
    let most = (0..HALVINGS)
        .map(|doubling| 2f64.powi(doubling as i32 - 20))
        .find(|effect| power(*effect) >= promise.power)?;
    Some(halved((0.0, most), |effect| power(effect) < promise.power))
}

/// Returns the least size with the power promised, a fraction as formulas give it.
fn needed(power: impl Fn(f64) -> f64, effect: f64, promise: Promise) -> Option<f64> {
    if effect == 0.0 || !effect.is_finite() {
        return None;
    }
    let mut most = 4.0;
    while power(most) < promise.power {
        most *= 2.0;
        if most > MOST {
            return None;
        }
    }
    Some(halved((2.0, most), |size| power(size) < promise.power))
}

fn halved((mut low, mut high): (f64, f64), before: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if before(middle) { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USUAL: Promise = Promise { alpha: 0.05, power: 0.8, sides: Sides::Two };

    fn near(found: f64, golden: f64, tolerance: f64) {
        assert!((found - golden).abs() < tolerance, "{found}, not {golden}");
    }

    /// Golden values: `scripts/golden/gates.py` (statsmodels, `TTestPower`, `TTestIndPower`, `NormalIndPower`).
    #[test]
    fn power_agrees_with_statsmodels() {
        near(paired(0.3, 90.0, 0.05, Sides::Two), 0.803_794_296_893_221_5, 1e-7);
        near(paired(0.2, 40.0, 0.05, Sides::One), 0.343_882_054_207_869, 1e-7);
        near(paired(0.5, 12.0, 0.01, Sides::One), 0.211_544_189_695_677_23, 1e-7);
        near(unpaired(0.3, (175.0, 175.0), 0.05, Sides::Two), 0.799_133_490_186_352_7, 1e-7);
        near(unpaired(0.25, (60.0, 180.0), 0.05, Sides::One), 0.510_940_964_912_182_1, 1e-7);
        near(proportions((0.6, 0.5), (300.0, 300.0), 0.05, Sides::Two), 0.693_631_516_654_610_4, 1e-9);
    }

    #[test]
    fn sizes_and_effects_agree_with_statsmodels() {
        near(pairs_needed(0.3, USUAL).unwrap(), 89.149_364_720_458_34, 1e-4);
        let one = Promise { power: 0.9, sides: Sides::One, ..USUAL };
        near(pairs_needed(0.1, one).unwrap(), 857.739_321_280_804_1, 1e-3);
        near(units_needed(0.3, USUAL).unwrap(), 175.384_669_470_474_76, 1e-4);
        near(units_needed_of_shares((0.6, 0.5), USUAL).unwrap(), 387.167_746_857_810_7, 1e-4);
        // statsmodels stops its search at about this distance.
        near(detectable_paired(50, USUAL).unwrap(), 0.404_182_999_737_785_9, 2e-6);
        near(detectable_unpaired((100, 100), USUAL).unwrap(), 0.398_139_113_894_596_9, 2e-6);
    }

    #[test]
    fn from_many_degrees_on_t_is_normal() {
        for shift in [0.0, 1.0, 2.5] {
            for sides in [Sides::One, Sides::Two] {
                let (below, above) =
                    (t_power(shift, 19_999.0, 0.05, sides), t_power(shift, 20_000.0, 0.05, sides));
                near(below, above, 5e-5);
            }
        }
        // (z at 97.5 % and at 80 %)² over the squared effect.
        near(pairs_needed(0.001, USUAL).unwrap() / 7_848_879.0, 1.0, 1e-4);
        assert_eq!(pairs_needed(1e-9, USUAL), None);
    }

    #[test]
    fn nothing_shows_nothing() {
        assert_eq!(pairs_needed(0.0, USUAL), None);
        assert_eq!(detectable_paired(1, USUAL), None);
        assert_eq!(detectable_rise(0.99, (5, 5), USUAL), None);
        assert_eq!(detectable_unpaired((0, 5), USUAL), None);
    }

    proptest! {
        #[test]
        fn what_is_detectable_is_found_as_often_as_promised(pairs in 2u64..2000, alpha in 0.001..0.2f64, power in 0.3..0.99f64) {
            let promise = Promise { alpha, power, sides: Sides::One };
            let effect = detectable_paired(pairs, promise).unwrap();
            prop_assert!((paired(effect, pairs as f64, alpha, Sides::One) - power).abs() < 1e-6);
        }
    }
}
