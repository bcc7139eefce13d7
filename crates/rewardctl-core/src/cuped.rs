//! Means of an experiment with what was known before it taken out: the same difference with less noise.
//!
//! Reference: A. Deng, Y. Xu, R. Kohavi, T. Walker, *Improving the sensitivity of online controlled experiments by utilizing
//! pre-experiment data*, WSDM 2013: `y − θ (x − x̄)` with `θ = cov(x, y) / var(x)` over all arms together.

use crate::moments::Moments;

/// One unit: its outcome, and a number that was known before the experiment began.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// What is compared.
    pub outcome: f64,
    /// What was known before, and no arm can have changed.
    pub before: f64,
}

/// The outcomes of all arms, adjusted.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjusted {
    /// Per arm, the adjusted outcomes.
    pub arms: Vec<Vec<f64>>,
    /// The slope that was taken out.
    pub theta: f64,
    /// The share of the variance that is gone, within arms: `r²`.
    pub variance_removed: f64,
}

/// Adjusts the outcomes of arms. None where what was known before does not vary within any arm.
///
/// The slope is taken within arms, so that a difference between them is not part of it.
pub fn adjusted(arms: &[Vec<Unit>]) -> Option<Adjusted> {
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    let mut overall = Moments::default();
    for arm in arms {
        let (x, y): (Vec<f64>, Vec<f64>) = arm.iter().map(|unit| (unit.before, unit.outcome)).unzip();
        let (x_mean, y_mean) = (Moments::of(&x).mean, Moments::of(&y).mean);
        for (x, y) in x.iter().zip(&y) {
            overall.add(*x);
            xx += (x - x_mean).powi(2);
            xy += (x - x_mean) * (y - y_mean);
            yy += (y - y_mean).powi(2);
        }
    }
    if xx <= 0.0 {
        return None;
    }
    let theta = xy / xx;
    let adjust = |unit: &Unit| unit.outcome - theta * (unit.before - overall.mean);
    let variance_removed = if yy > 0.0 { (xy * xy / (xx * yy)).min(1.0) } else { 0.0 };
    Some(Adjusted {
        arms: arms.iter().map(|arm| arm.iter().map(adjust).collect()).collect(),
        theta,
        variance_removed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Stream;
    use crate::welch::welch;

    fn arms(seed: u64, effect: f64) -> Vec<Vec<Unit>> {
        let mut stream = Stream::new(seed);
        let mut arm = |effect: f64| -> Vec<Unit> {
            let units = (0..400).map(|_| {
                let before = stream.normal();
                Unit { before, outcome: 2.0 * before + stream.normal() + effect }
            });
            units.collect()
        };
        vec![arm(0.0), arm(effect)]
    }

    /// Golden values: `scripts/golden/gates.py` (numpy, regression with an intercept for each arm).
    #[test]
    fn agrees_with_least_squares() {
        let unit = |outcome: f64, before: f64| Unit { outcome, before };
        let arms = vec![
            vec![unit(1.0, 0.5), unit(2.0, 1.5), unit(2.5, 1.0), unit(4.0, 3.0)],
            vec![unit(2.0, 0.0), unit(3.5, 1.0), unit(3.0, 2.0)],
        ];
        let found = adjusted(&arms).unwrap();
        assert!((found.theta - GOLDEN[0]).abs() < 1e-12, "{found:?}");
        let difference = Moments::of(&found.arms[1]).mean - Moments::of(&found.arms[0]).mean;
        assert!((difference - GOLDEN[1]).abs() < 1e-12, "{difference}");
    }
    const GOLDEN: [f64; 2] = [0.863_636_363_636_363_1, 0.890_151_515_151_514_2];

    #[test]
    fn the_difference_stays_and_the_noise_goes() {
        let arms = arms(3, 0.2);
        let found = adjusted(&arms).unwrap();
        let plain: Vec<Moments> = arms
            .iter()
            .map(|arm| Moments::of(&arm.iter().map(|unit| unit.outcome).collect::<Vec<f64>>()))
            .collect();
        let plain = welch(plain[0], plain[1], 0.05).unwrap();
        let less = welch(Moments::of(&found.arms[0]), Moments::of(&found.arms[1]), 0.05).unwrap();
        assert!((found.theta - 2.0).abs() < 0.1 && (found.variance_removed - 0.8).abs() < 0.05, "{found:?}");
        assert!(less.error < plain.error * 0.5 && (less.difference - 0.2).abs() < 0.2, "{less:?}");
    }

    #[test]
    fn what_was_always_the_same_takes_nothing_out() {
        assert_eq!(adjusted(&[vec![Unit { outcome: 1.0, before: 2.0 }]]), None);
    }
}
