//! LLMBar: Z. Zeng et al., *Evaluating large language models at evaluating instruction following*, arXiv 2310.07641.
//!
//! Ties: there are none in the data; a verdict that is missing, or that is a tie, is wrong.
//!
//! Each pair is judged in both orders. A subset has the mean accuracy of the two orders and the positional agreement: how
//! often both give the same answer. The headline is Natural, and the plain mean of the four adversarial subsets.

use crate::benchmark::{BenchmarkError, mean};
use crate::label::Winner;

/// What the score says of ties.
pub const TIE_RULE: &str =
    "a tie, or a verdict that is missing, is wrong; accuracy is the mean of the two orders";

/// The subsets: the natural one, then the adversarial ones.
pub const SUBSETS: [&str; 5] = ["Natural", "Neighbor", "GPTInst", "GPTOut", "Manual"];

/// A pair with its verdicts in both orders.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// One of [`SUBSETS`].
    pub subset: String,
    /// The right response; not a tie.
    pub label: Winner,
    /// The verdicts with a shown first and with b shown first, both with a and b as in the label; None for one that is
    /// missing.
    pub verdicts: [Option<Winner>; 2],
}

/// What a subset came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Subset {
    /// Its name.
    pub name: &'static str,
    /// The number of pairs.
    pub pairs: usize,
    /// The mean accuracy of the two orders; None without pairs.
    pub accuracy: Option<f64>,
    /// The share of pairs with the same answer in both orders; None without pairs.
    pub agreement: Option<f64>,
    /// How many verdicts are missing.
    pub missing: usize,
}

/// What the benchmark came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Llmbar {
    /// The five subsets.
    pub subsets: Vec<Subset>,
    /// The accuracy on Natural.
    pub natural: Option<f64>,
    /// The mean accuracy on the four adversarial subsets; None where one is missing.
    pub adversarial: Option<f64>,
}

/// Scores the pairs.
pub fn llmbar(pairs: &[Pair]) -> Result<Llmbar, BenchmarkError> {
    if pairs.is_empty() {
        return Err(BenchmarkError::Empty);
    }
    if let Some(odd) = pairs.iter().find(|pair| named(&pair.subset).is_none()) {
        return Err(BenchmarkError::UnknownSubset { subset: odd.subset.clone() });
    }
    let subsets: Vec<Subset> = SUBSETS.into_iter().map(|name| subset(name, pairs)).collect();
    let accuracies: Vec<Option<f64>> = subsets.iter().map(|subset| subset.accuracy).collect();
    let adversarial: Option<Vec<f64>> = accuracies[1..].iter().copied().collect();
    Ok(Llmbar { natural: accuracies[0], adversarial: adversarial.and_then(mean), subsets })
}

/// Returns the subset that a name or a path such as `Adversarial/GPTInst` or `llmbar-adver-neighbor` ends with, whatever
/// the case.
pub fn named(subset: &str) -> Option<&'static str> {
    let lower = subset.to_ascii_lowercase();
    SUBSETS.into_iter().find(|name| lower.ends_with(&name.to_ascii_lowercase()))
}

fn subset(name: &'static str, pairs: &[Pair]) -> Subset {
    let these: Vec<&Pair> = pairs.iter().filter(|pair| named(&pair.subset) == Some(name)).collect();
    let right = |pair: &&Pair| {
        let hits = pair.verdicts.iter().filter(|verdict| **verdict == Some(pair.label)).count();
        hits as f64 / 2.0
    };
    let same = |pair: &&Pair| f64::from(u8::from(pair.verdicts[0] == pair.verdicts[1]));
    Subset {
        name,
        pairs: these.len(),
        accuracy: mean(these.iter().map(right)),
        agreement: mean(these.iter().map(same)),
        missing: these.iter().flat_map(|pair| pair.verdicts).filter(Option::is_none).count(),
    }
}
