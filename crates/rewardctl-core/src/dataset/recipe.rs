//! Recipes: every setting of a dataset, with its default. A recipe and the store make the same dataset every time.

use serde::{Deserialize, Serialize};

use crate::dataset::recipe::screening::{ContaminationRule, DuplicateRule, PrivacyRule};

pub mod screening;

mod defaults;

/// How a dataset is made. Every table and key may be left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Recipe {
    /// Whose word counts, and from which rating on.
    pub people: PeopleRule,
    /// When models alone may decide.
    pub models: ModelRule,
    /// How often prompts and responses are used in pairs.
    pub pairs: PairRule,
    /// Single answers called desirable or not.
    pub kto: KtoRule,
    /// Answers to imitate.
    pub sft: SftRule,
    /// Prompts for reinforcement learning.
    pub prompts: PromptRule,
    /// Answers with their rewards.
    pub rollouts: RolloutRule,
    /// Answers cut into steps.
    pub stepwise: StepRule,
    /// What users did.
    pub implicit: ImplicitRule,
    /// What must not tell chosen from rejected.
    pub balance: BalanceRule,
    /// What must not be learnt by heart.
    pub privacy: PrivacyRule,
    /// Rows that are alike.
    pub duplicates: DuplicateRule,
    /// What evaluations ask.
    pub contamination: ContaminationRule,
    /// How rows are split.
    pub split: SplitRule,
    /// What a dataset must have to be ready.
    pub gates: GateRule,
}

/// Whose word counts, and from which rating on. Ratings of any scale are mapped to 0..=1 first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PeopleRule {
    /// Annotators whose word is final where others disagree.
    pub adjudicators: Vec<String>,
    /// The least rating of a chosen answer: 0.75 is 4 of 5 stars.
    pub chosen_rating: f64,
    /// The greatest rating of a rejected answer: 0.25 is 2 of 5 stars.
    pub rejected_rating: f64,
    /// A single person against models that are at least this sure waits for a second label; 1 never does.
    pub second_look: f64,
}

/// When models alone may decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ModelRule {
    /// The least probability that the chosen answer is better, in 0.5..1.
    pub min_probability: f64,
    /// The least difference of two rewards, in standard deviations of all rewards.
    pub min_margin_sd: f64,
    /// Margins are capped at this quantile of theirs.
    pub margin_cap: f64,
    /// Which answer is rejected.
    pub rejected: Rejected,
    /// Whether an answer that waits for a person may be chosen.
    pub chosen_waiting: bool,
    /// Pairs that models may make of one prompt.
    pub pairs_per_prompt: u32,
}

/// Which answer is rejected, among those that are worse by the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rejected {
    /// The one with the least reward.
    BestVsWorst,
    /// A random one.
    BestVsRandom,
    /// With [`SIGMA_CANDIDATES`] answers or more the one closest to two standard deviations below the prompt's mean, with
    /// fewer a random one (arXiv 2502.16825).
    #[serde(rename = "mu-minus-2-sigma")]
    MuMinus2Sigma,
}

/// From how many rewarded answers on a prompt's spread says where its poor answers lie.
pub const SIGMA_CANDIDATES: usize = 8;

/// How often prompts and responses are used in pairs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PairRule {
    /// Pairs of one prompt, at most.
    pub per_prompt: u32,
    /// Pairs that one response takes part in, at most.
    pub uses: u32,
}

/// Single answers called desirable or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct KtoRule {
    /// Desirable from this probability on of being better than the pool's median.
    pub desirable: f64,
    /// Undesirable up to this probability.
    pub undesirable: f64,
    /// What is done where one side has more: weights are recommended, or the least certain rows dropped.
    pub balance: KtoBalance,
}

/// What is done where desirable and undesirable answers are not as many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KtoBalance {
    /// Weights for the trainer are recommended.
    Weights,
    /// The least certain rows of the larger side are dropped.
    Drop,
}

/// Answers to imitate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SftRule {
    /// The least probability of being better than the pool's median, where models decide.
    pub min_probability: f64,
    /// Answers of one prompt, at most.
    pub per_prompt: u32,
}

/// Prompts for reinforcement learning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PromptRule {
    /// The least standard deviation of a prompt's rewards, in standard deviations of all rewards: without spread there is
    /// no advantage to learn from.
    pub min_spread: f64,
    /// Whether prompts with fewer than two rewards stay.
    pub keep_unmeasured: bool,
    /// Whitened rewards are clipped here, in standard deviations.
    pub clip: f64,
}

/// Answers with their rewards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct RolloutRule {
    /// Standard deviations that the lower reward lies below the reward.
    pub k: f64,
}

/// Answers cut into steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct StepRule {
    /// The field of the input that holds the steps: texts, or objects with `text` and `label`.
    pub steps_field: String,
    /// The field that holds their labels, where the steps are texts: true or false each.
    pub labels_field: String,
    /// What the steps after the first wrong one become.
    pub after_first_error: AfterFirstError,
}

/// What the steps after the first wrong one become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterFirstError {
    /// Wrong.
    False,
    /// Left out.
    Truncate,
}

/// What users did; weak labels of `kto` alone, and never gold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ImplicitRule {
    /// What a row of it weighs in training, in 0..=1; 0 leaves what users did out.
    pub weight: f64,
    /// The field of the input that lists actions: texts, or objects with `action`.
    pub signals_field: String,
    /// The probability that an answer is good if it was asked for again.
    pub regenerate: f64,
    /// The same if it was edited.
    pub edit: f64,
    /// The same if it was copied.
    pub copy: f64,
    /// The same if the conversation went on.
    #[serde(rename = "continue")]
    pub continued: f64,
    /// The same if `reaction` is `done` within the dwell window.
    pub done: f64,
    /// The same if `reaction` is `dismiss` sooner than the limit.
    pub dismiss: f64,
    /// The dwell window of `done`, in milliseconds, both ends within.
    pub done_dwell_ms: [u64; 2],
    /// `dismiss` counts below this dwell time, in milliseconds.
    pub dismiss_dwell_ms: u64,
    /// What several signals on one answer come to.
    pub combine: Combine,
}

/// What several signals on one answer come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Combine {
    /// The sum of their log-odds.
    LogOdds,
    /// The last one.
    Last,
}

/// What must not tell chosen from rejected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct BalanceRule {
    /// Whether pairs are left out until, among pairs with a like difference of length, as many have the longer answer
    /// chosen as rejected.
    pub length: bool,
    /// The card warns where length tells chosen from rejected with a greater area under the ROC curve.
    pub warn: f64,
    /// The dataset is a draft where it does with a greater one.
    pub fail: f64,
}

/// How rows are split; all rows of prompts that are alike lie in one part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SplitRule {
    /// The share of prompts to choose settings by.
    pub validation: f64,
    /// The share of prompts to measure on.
    pub test: f64,
}

/// What a dataset must have to be ready.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct GateRule {
    /// The least number of good answers: chosen, desirable, to imitate; of prompts, rollouts or right steps.
    pub min_positive: u64,
    /// The least number of bad answers: rejected, undesirable; of wrong steps.
    pub min_negative: u64,
}

/// A setting out of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` must be {expected}")]
pub struct RecipeError {
    /// The key, with its table.
    pub key: &'static str,
    /// What it must be.
    pub expected: &'static str,
}

impl Recipe {
    /// Refuses values out of their range.
    pub fn check(&self) -> Result<(), RecipeError> {
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let fail = |key, expected| Err(RecipeError { key, expected });
        let shares = [
            ("people.chosen-rating", self.people.chosen_rating),
            ("people.rejected-rating", self.people.rejected_rating),
            ("people.second-look", self.people.second_look),
            ("models.margin-cap", self.models.margin_cap),
            ("kto.desirable", self.kto.desirable),
            ("kto.undesirable", self.kto.undesirable),
            ("sft.min-probability", self.sft.min_probability),
            ("implicit.weight", self.implicit.weight),
            ("balance.warn", self.balance.warn),
            ("balance.fail", self.balance.fail),
            ("split.validation", self.split.validation),
            ("split.test", self.split.test),
            ("contamination.min-coverage", self.contamination.min_coverage),
            ("contamination.warn-cosine", self.contamination.warn_cosine),
        ];
        if let Some((key, _)) = shares.into_iter().find(|(_, value)| !share(*value)) {
            return fail(key, "in 0..=1");
        }
        self.check_implicit()?;
        if !(0.3..=1.0).contains(&self.duplicates.threshold) {
            return fail("duplicates.threshold", "in 0.3..=1: below, most texts of one language are alike");
        }
        if self.people.rejected_rating >= self.people.chosen_rating {
            return fail("people.rejected-rating", "below `people.chosen-rating`");
        }
        if self.kto.undesirable >= self.kto.desirable {
            return fail("kto.undesirable", "below `kto.desirable`");
        }
        if self.split.validation + self.split.test >= 1.0 {
            return fail("split.test", "less than 1 together with `split.validation`");
        }
        if !(0.5..1.0).contains(&self.models.min_probability) {
            return fail("models.min-probability", "in 0.5..1");
        }
        self.check_counts()
    }

    fn check_implicit(&self) -> Result<(), RecipeError> {
        let rule = &self.implicit;
        let odds = [
            ("implicit.regenerate", rule.regenerate),
            ("implicit.edit", rule.edit),
            ("implicit.copy", rule.copy),
            ("implicit.continue", rule.continued),
            ("implicit.done", rule.done),
            ("implicit.dismiss", rule.dismiss),
        ];
        // The log-odds of 0 and 1 are not finite.
        match odds.into_iter().find(|(_, value)| !(0.001..=0.999).contains(value)) {
            Some((key, _)) => Err(RecipeError { key, expected: "in 0.001..=0.999" }),
            None => Ok(()),
        }
    }

    fn check_counts(&self) -> Result<(), RecipeError> {
        let least_one = [
            ("models.pairs-per-prompt", self.models.pairs_per_prompt),
            ("pairs.per-prompt", self.pairs.per_prompt),
            ("pairs.uses", self.pairs.uses),
            ("sft.per-prompt", self.sft.per_prompt),
        ];
        if let Some((key, _)) = least_one.into_iter().find(|(_, value)| *value == 0) {
            return Err(RecipeError { key, expected: "1 or more" });
        }
        let amounts = [
            ("models.min-margin-sd", self.models.min_margin_sd),
            ("prompts.min-spread", self.prompts.min_spread),
            ("prompts.clip", self.prompts.clip),
            ("rollouts.k", self.rollouts.k),
        ];
        match amounts.into_iter().find(|(_, value)| !(value.is_finite() && *value >= 0.0)) {
            Some((key, _)) => Err(RecipeError { key, expected: "0 or more" }),
            None => Ok(()),
        }
    }
}
