//! JudgeBench: S. Tan et al., *JudgeBench: a benchmark for evaluating LLM-based judges*, arXiv 2410.12784.
//!
//! Ties: a pair is judged in both orders; a verdict for the right response counts +1, for the wrong one −1, a tie or a
//! verdict that is missing 0. The pair is right if the sum is above 0, and wrong if not: a tie, or two verdicts that
//! contradict each other, is wrong. With ties as half right the same verdicts give several points more, so both numbers
//! are given.

use crate::benchmark::BenchmarkError;
use crate::label::Winner;

/// What the score says of ties.
pub const TIE_RULE: &str =
    "both orders are summed up; ties and contradictions are wrong (official), or half right (tie-half)";

/// A pair with the verdicts on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Where it comes from, such as `mmlu-pro-law`.
    pub source: String,
    /// The right response; not a tie.
    pub label: Winner,
    /// The verdicts, one for each order shown, all with a and b as in the label; None for one that is missing.
    pub verdicts: Vec<Option<Winner>>,
}

/// What the pairs came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JudgeBench {
    /// The number of pairs.
    pub pairs: u64,
    /// Pairs with a sum above 0.
    pub correct: u64,
    /// Pairs with a sum of 0.
    pub undecided: u64,
    /// Pairs of which the verdicts are not all the same, or one is missing.
    pub inconsistent: u64,
    /// Pairs with a verdict missing.
    pub missing: u64,
}

/// The sections that the paper groups the sources in, by how their names start.
pub const SECTIONS: [(&str, &str); 4] = [
    ("Knowledge", "mmlu-pro"),
    ("Reasoning", "livebench-reasoning"),
    ("Math", "livebench-math"),
    ("Coding", "livecodebench"),
];

/// Scores the pairs.
pub fn judge_bench(pairs: &[Pair]) -> Result<JudgeBench, BenchmarkError> {
    if pairs.is_empty() {
        return Err(BenchmarkError::Empty);
    }
    let mut found = JudgeBench::default();
    for pair in pairs {
        let worth = |verdict: &Option<Winner>| match verdict {
            Some(Winner::Tie) | None => 0,
            Some(side) if *side == pair.label => 1,
            Some(_) => -1,
        };
        let sum: i32 = pair.verdicts.iter().map(worth).sum();
        let is_missing = pair.verdicts.is_empty() || pair.verdicts.contains(&None);
        let is_same = pair.verdicts.windows(2).all(|two| two[0] == two[1]);
        found.pairs += 1;
        found.correct += u64::from(sum > 0);
        found.undecided += u64::from(sum == 0);
        found.missing += u64::from(is_missing);
        found.inconsistent += u64::from(is_missing || !is_same);
    }
    Ok(found)
}

/// Returns the section of a source; None for another one.
pub fn section(source: &str) -> Option<&'static str> {
    SECTIONS.into_iter().find(|(_, start)| source.starts_with(start)).map(|(section, _)| section)
}

impl JudgeBench {
    /// Returns the share of pairs that are right by the benchmark's own rule; None without pairs.
    pub fn official(&self) -> Option<f64> {
        (self.pairs > 0).then(|| self.correct as f64 / self.pairs as f64)
    }

    /// Returns the share with undecided pairs as half right; None without pairs.
    pub fn tie_half(&self) -> Option<f64> {
        (self.pairs > 0).then(|| (self.correct as f64 + self.undecided as f64 / 2.0) / self.pairs as f64)
    }
}
