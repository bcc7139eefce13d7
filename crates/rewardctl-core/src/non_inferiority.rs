//! Whether what is new is worse than what was, by more than a margin, prompt by prompt.
//!
//! References: *Guideline on the choice of the non-inferiority margin*, EMEA/CPMP/EWP/2158/99 (2005), for the test: with
//! `δ = after − before`, "δ ≤ −margin" is refuted where the lower bound of `δ` lies above `−margin`. Prompts without a value
//! on one side are counted twice, as bad and as good for the new side as they can be, so that the truth lies between.

use serde::Serialize;

use crate::bootstrap;
use crate::mean_test::{FEW, MeanTest, Method, Question, mean_test};
use crate::power::{Promise, detectable_paired, paired, pairs_needed};
use crate::wilcoxon::{SignedRank, signed_rank};

/// One prompt: its value before and after, in 0..=1, as the least and the greatest that it may be. They are equal unless
/// something is missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The value of what was.
    pub before: (f64, f64),
    /// The value of what is new.
    pub after: (f64, f64),
}

/// What a value may be of which nothing is known.
pub const UNKNOWN: (f64, f64) = (0.0, 1.0);

/// What pairs say of a margin.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Regression {
    /// Prompts with both values.
    pub compared: usize,
    /// Prompts without a whole value after.
    pub missing_after: usize,
    /// Prompts without a whole value before, but with one after.
    pub missing_before: usize,
    /// The mean before, of prompts with both values; None of none.
    pub before: Option<f64>,
    /// The mean after, of the same.
    pub after: Option<f64>,
    /// The test with every missing value as bad for the new side as it can be: 0 after, 1 before.
    pub worst: MeanTest,
    /// The test with every missing value as good for it as it can be.
    pub best: MeanTest,
    /// The 95 % bootstrap interval of the mean difference of prompts with both values.
    pub bootstrap: Option<(f64, f64)>,
    /// Wilcoxon's test of the same differences, against no change.
    pub wilcoxon: Option<SignedRank>,
    /// What so many pairs can show; None where they were not tested with Student's t.
    pub power: Option<PairedPower>,
}

/// What a number of pairs of this spread can show.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairedPower {
    /// The smallest difference that is found with the power promised.
    pub detectable: Option<f64>,
    /// The chance that two that are equal pass at the margin.
    pub equal_passes: f64,
    /// Pairs with which this chance is the power promised; None at a margin of 0.
    pub needed: Option<u64>,
}

/// Compares `pairs` at a `margin` from 0 on. None of none.
pub fn regression(pairs: &[Pair], margin: f64, promise: Promise, seed: u64) -> Option<Regression> {
    let (worst, best) = worst_and_best(pairs, margin, promise.alpha)?;
    let is_known = |(least, most): (f64, f64)| least == most;
    let both: Vec<(f64, f64)> = pairs
        .iter()
        .filter(|pair| is_known(pair.before) && is_known(pair.after))
        .map(|pair| (pair.before.0, pair.after.0))
        .collect();
    let differences: Vec<f64> = both.iter().map(|(before, after)| after - before).collect();
    let mean = |side: fn(&(f64, f64)) -> f64| {
        (!both.is_empty()).then(|| both.iter().map(side).sum::<f64>() / both.len() as f64)
    };
    Some(Regression {
        compared: both.len(),
        missing_after: pairs.iter().filter(|pair| !is_known(pair.after)).count(),
        missing_before: pairs.iter().filter(|pair| is_known(pair.after) && !is_known(pair.before)).count(),
        before: mean(|pair| pair.0),
        after: mean(|pair| pair.1),
        worst,
        best,
        bootstrap: bootstrap::mean_interval(&differences, seed),
        wilcoxon: signed_rank(&differences),
        power: (worst.method == Method::Student)
            .then(|| paired_power(worst.count as u64, worst.spread, margin, promise))
            .flatten(),
    })
}

/// Tests the mean difference at a margin, with whatever is missing as bad and as good for the new side as it can be.
pub fn worst_and_best(pairs: &[Pair], margin: f64, alpha: f64) -> Option<(MeanTest, MeanTest)> {
    let differences = |of: fn(&Pair) -> f64| -> Vec<f64> { pairs.iter().map(of).collect() };
    let question = Question { range: (-1.0, 1.0), threshold: -margin, alpha };
    let worst = mean_test(&differences(|pair| pair.after.0 - pair.before.1), question)?;
    let best = mean_test(&differences(|pair| pair.after.1 - pair.before.0), question)?;
    Some((worst, best))
}

/// Returns what so many pairs, whose differences spread so much, can show at a margin. None of so few, or of differences that
/// are all the same: they are not tested with the t test, whose formulas these are.
pub fn paired_power(pairs: u64, spread: f64, margin: f64, promise: Promise) -> Option<PairedPower> {
    let shift = margin / spread;
    (pairs as usize >= FEW && spread > 0.0).then(|| PairedPower {
        detectable: detectable_paired(pairs, promise).map(|effect| effect * spread),
        equal_passes: paired(shift, pairs as f64, promise.alpha, promise.sides),
        needed: pairs_needed(shift, promise).map(|pairs| (pairs.ceil() as u64).max(FEW as u64)),
    })
}

#[cfg(test)]
mod tests;
