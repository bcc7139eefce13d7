//! Public benchmarks of reward models and judges, scored as their own code scores them.
//!
//! One protocol a file. Each differs in what a tie is worth, and in what is averaged over what; both change the numbers by
//! several points, so each file says it first, and so does every report.

pub mod judge_bench;
pub mod llmbar;
pub mod reward_bench;
pub mod reward_bench_2;
pub mod rm_bench;

/// Why results cannot be scored.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BenchmarkError {
    /// A subset that the benchmark does not have.
    #[error("the benchmark has no subset `{subset}`")]
    UnknownSubset {
        /// The name given.
        subset: String,
    },
    /// Nothing to score.
    #[error("there is no result to score")]
    Empty,
    /// A prompt of the subset Ties without a right and a wrong response.
    #[error("prompt `{id}` of the subset `Ties` needs a right and a wrong response")]
    OneSidedPrompt {
        /// The prompt's id.
        id: String,
    },
}

/// Returns the mean; None of nothing.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values {
        sum += value;
        count += 1.0;
    }
    (count > 0.0).then(|| sum / count)
}

#[cfg(test)]
mod tests;
