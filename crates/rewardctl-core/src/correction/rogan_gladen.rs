//! The rate behind an imperfect test: W. J. Rogan, B. Gladen, *Estimating prevalence from the results of a screening
//! test*, American Journal of Epidemiology 107 (1978), with the interval of its delta method.

use crate::correction::{Estimate, Judged};
use crate::proportion::Z95;

/// A corrected rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoganGladen {
    /// The rate, within 0..=1.
    pub rate: Estimate,
    /// How often the judge says yes where people do.
    pub sensitivity: f64,
    /// How often the judge says no where people do.
    pub specificity: f64,
}

/// Why there is no corrected rate.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Uncorrectable {
    /// A verdict between yes and no.
    #[error("a verdict of {0} is neither yes (1) nor no (0)")]
    NotYesOrNo(f64),
    /// No row that people did not look at.
    #[error("people looked at every response: their own rate is the answer")]
    AllSeen,
    /// People never said yes, or never no.
    #[error("people said yes to {yes} and no to {no}: both are needed to see how the judge errs")]
    OneSided {
        /// How often they said yes.
        yes: usize,
        /// How often no.
        no: usize,
    },
    /// A judge that is no better than a coin.
    #[error(
        "the judge says yes as often where people say no: sensitivity {sensitivity:.3}, specificity {specificity:.3}"
    )]
    NoBetterThanChance {
        /// How often it says yes where people do.
        sensitivity: f64,
        /// How often it says no where people do.
        specificity: f64,
    },
}

/// Returns `θ = (p + q₀ − 1)/(q₀ + q₁ − 1)`, with p the share of yes by the judge among the rows that people did not
/// look at, q₁ its sensitivity and q₀ its specificity on those that they did.
///
/// `Var θ = (p(1−p)/N + (1−θ)² q₀(1−q₀)/n₀ + θ² q₁(1−q₁)/n₁) / (q₀ + q₁ − 1)²`, rows taken one by one.
pub fn rogan_gladen(rows: &[Judged]) -> Result<RoganGladen, Uncorrectable> {
    let verdicts = rows.iter().flat_map(|row| [Some(row.judge), row.human]).flatten();
    if let Some(odd) = verdicts.into_iter().find(|value| *value != 0.0 && *value != 1.0) {
        return Err(Uncorrectable::NotYesOrNo(odd));
    }
    let rate = |human: Option<f64>, says: f64| {
        let these: Vec<&Judged> = rows.iter().filter(|row| row.human == human).collect();
        let hits = these.iter().filter(|row| row.judge == says).count();
        (hits as f64 / these.len() as f64, these.len())
    };
    let ((p, unseen), (q1, yes), (q0, no)) = (rate(None, 1.0), rate(Some(1.0), 1.0), rate(Some(0.0), 0.0));
    if unseen == 0 {
        return Err(Uncorrectable::AllSeen);
    }
    if yes == 0 || no == 0 {
        return Err(Uncorrectable::OneSided { yes, no });
    }
    let power = q0 + q1 - 1.0;
    if power <= 0.0 {
        return Err(Uncorrectable::NoBetterThanChance { sensitivity: q1, specificity: q0 });
    }
    let theta = ((p + q0 - 1.0) / power).clamp(0.0, 1.0);
    let binomial = |p: f64, n: usize| p * (1.0 - p) / n as f64;
    let variance =
        binomial(p, unseen) + (1.0 - theta).powi(2) * binomial(q0, no) + theta * theta * binomial(q1, yes);
    let error = variance.sqrt() / power;
    let interval = ((theta - Z95 * error).max(0.0), (theta + Z95 * error).min(1.0));
    let rate = Estimate { mean: theta, error: Some(error), interval: Some(interval) };
    Ok(RoganGladen { rate, sensitivity: q1, specificity: q0 })
}
