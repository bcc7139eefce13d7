//! Datasets: what a trainer learns from, whatever shape its loader wants.
//!
//! A dataset holds [`Row`]s of one [`Kind`]. `build` makes them from rewards and labels, `export` writes them for a
//! trainer, and both know them by these types alone. The modules below select rows: a [`recipe`] says how, [`people`] sums
//! up labels, [`mod@pool`] rewards, [`pairs`] and [`singles`] pick rows of one [`prompt`] or give a [`reason`] why not,
//! [`balance`] evens them out, [`split`] says which part a row belongs to and [`quality`] what the rows are worth.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{ItemId, ResponseId};
use crate::item::Message;

pub mod balance;
pub mod implicit;
pub mod length;
pub mod pairs;
pub mod people;
pub mod pool;
pub mod prompt;
pub mod quality;
pub mod reason;
pub mod recipe;
pub mod singles;
pub mod split;
pub mod steps;

/// What a dataset is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Pairs for direct preference optimisation.
    Dpo,
    /// Single answers called desirable or not, for Kahneman-Tversky optimisation.
    Kto,
    /// Answers to imitate.
    Sft,
    /// Pairs for fitting a reward model, with their margins.
    Rm,
    /// Prompts alone, for reinforcement learning that samples its own answers.
    Prompts,
    /// Answers with their rewards.
    Rollouts,
    /// Answers cut into steps, each called right or wrong.
    Stepwise,
}

/// One example of a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The conversation up to the answer; never empty.
    pub prompt: Vec<Message>,
    /// What is learnt from it.
    pub example: Example,
    /// The part of the dataset that the row belongs to.
    pub split: Split,
    /// Where the row comes from and how sure it is; never among a trainer's columns.
    pub provenance: Provenance,
}

/// What a row teaches; texts are turns of the assistant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Example {
    /// Two answers, the better one known; of [`Kind::Dpo`] and [`Kind::Rm`].
    Preference {
        /// The better answer.
        chosen: String,
        /// The worse answer.
        rejected: String,
    },
    /// One answer, good or bad; of [`Kind::Kto`].
    Unpaired {
        /// The answer.
        completion: String,
        /// Whether it is to be learnt towards.
        desirable: bool,
    },
    /// An answer to imitate; of [`Kind::Sft`].
    Demonstration {
        /// The answer.
        completion: String,
    },
    /// A prompt alone; of [`Kind::Prompts`].
    Prompt {
        /// The answer that a checkable response should reach, if one is known.
        reference: Option<String>,
    },
    /// An answer with its reward; of [`Kind::Rollouts`].
    Rollout {
        /// The answer.
        completion: String,
        /// Its reward, in 0..=1.
        reward: f64,
        /// The reward less its uncertainty, against over-optimisation; may lie below 0. None where the uncertainty is
        /// not known.
        lower: Option<f64>,
    },
    /// An answer cut into steps; of [`Kind::Stepwise`].
    Steps {
        /// The steps, in order.
        completions: Vec<String>,
        /// Whether each is right; as many as steps.
        labels: Vec<bool>,
    },
}

/// The part of a dataset that a row belongs to. All rows of prompts that are alike lie in one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// To fit on.
    Train,
    /// To choose settings by.
    Validation,
    /// To measure on.
    Test,
}

/// Who vouches for a row; the first outranks the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vouch {
    /// A person decided where others disagreed.
    Adjudicated,
    /// Most of several people.
    Majority,
    /// One person.
    Single,
    /// The models alone.
    Model,
    /// What users did, not what they said.
    Implicit,
}

/// Where a row comes from and how sure it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The prompt's item.
    pub item: ItemId,
    /// The responses used, the better one first; a text that a person wrote has none.
    pub responses: Vec<ResponseId>,
    /// The models that wrote the responses, where known; as long as `responses`.
    pub generators: Vec<Option<String>>,
    /// Who vouches for it.
    pub source: Vouch,
    /// How many people took part.
    pub annotators: u32,
    /// The probability that the row says the truth, in 0..=1; None where nobody knows it.
    pub probability: Option<f64>,
    /// The difference of the two values, in score units; None without two measured values.
    pub margin: Option<f64>,
    /// How strong the preference is, in 0..=1.
    pub strength: Option<f64>,
    /// What the row should weigh in training, 1 for most.
    pub weight: f64,
    /// The rewards of the responses, where they have one; as long as `responses`.
    pub rewards: Vec<Option<f64>>,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Dpo, Self::Kto, Self::Sft, Self::Rm, Self::Prompts, Self::Rollouts, Self::Stepwise];

    /// Returns the name by which people ask for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dpo => "dpo",
            Self::Kto => "kto",
            Self::Sft => "sft",
            Self::Rm => "rm",
            Self::Prompts => "prompts",
            Self::Rollouts => "rollouts",
            Self::Stepwise => "stepwise",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let names = Self::ALL.map(Self::name).join(", ");
        let known = Self::ALL.into_iter().find(|kind| kind.name() == name);
        known.ok_or_else(|| format!("there is no kind of dataset `{name}`; there are {names}"))
    }
}

impl Split {
    /// Every part, the largest first.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// Returns the name by which loaders know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}
