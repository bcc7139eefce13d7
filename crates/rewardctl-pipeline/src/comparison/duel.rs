//! What two arms came to on the prompts that both answered.

use rewardctl_core::length_control::Contest;
use rewardctl_data::measured::rewarded::RewardedRow;

use crate::comparison::CompareSettings;
use crate::rewarded::prompts::{Prompt, Worth};

/// One prompt that both arms answered, with a score on both sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Met {
    /// The share of response pairs that the second arm won, ties as half.
    pub won: f64,
    /// The mean score of the second arm less that of the first.
    pub difference: f64,
    /// The mean length of the second arm's responses less that of the first's, in characters; None where a text is not known.
    pub longer_by: Option<f64>,
    /// Where the second arm's response stands among those read: what came later.
    pub order: usize,
}

/// Two arms.
#[derive(Debug, Clone, Copy)]
pub struct Duel<'m> {
    /// The prompts with a score on both sides.
    pub met: &'m [Met],
    /// Prompts that both answered, without a score on one side.
    pub missing: usize,
    /// Prompts with a score of the first arm alone, and of the second alone, whatever the reason.
    pub scored_by_one: (usize, usize),
    /// Prompts that only the first arm answered.
    pub only_first: usize,
    /// Prompts that only the second arm answered.
    pub only_second: usize,
}

impl Met {
    /// Compares the responses to a prompt: `before` are the first arm's; `order` is where it stands. None where a side has no
    /// score.
    pub fn of(prompt: &Prompt<'_>, order: usize, settings: &CompareSettings) -> Option<Self> {
        let first = scores(&prompt.before, settings)?;
        let second = scores(&prompt.after, settings)?;
        let mut won = 0.0;
        for one in &second {
            for other in &first {
                won += match one - other {
                    apart if apart > settings.tie => 1.0,
                    apart if apart < -settings.tie => 0.0,
                    _ => 0.5,
                };
            }
        }
        Some(Self {
            won: won / (first.len() * second.len()) as f64,
            difference: mean(&second) - mean(&first),
            longer_by: length(&prompt.after)
                .zip(length(&prompt.before))
                .map(|(second, first)| second - first),
            order,
        })
    }

    /// Returns it as what length control is fitted to.
    pub fn contest(&self, cluster: usize) -> Option<Contest> {
        Some(Contest { won: self.won, longer_by: self.longer_by?, cluster })
    }
}

/// Returns the scores of responses; None if one has none, or there is no response.
pub fn scores(rows: &[&RewardedRow], settings: &CompareSettings) -> Option<Vec<f64>> {
    let score = |row: &&RewardedRow| match settings.measure().worth(row) {
        Worth::Score(score) => Some(score),
        Worth::Abstained | Worth::Missing => None,
    };
    rows.iter().map(score).collect::<Option<Vec<f64>>>().filter(|scores| !scores.is_empty())
}

fn length(rows: &[&RewardedRow]) -> Option<f64> {
    let lengths: Option<Vec<f64>> = rows.iter().map(|row| row.length.map(|length| length as f64)).collect();
    lengths.filter(|lengths| !lengths.is_empty()).map(|lengths| mean(&lengths))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
