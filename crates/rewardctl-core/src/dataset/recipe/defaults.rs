//! The defaults of recipes; docs/datasets.md says where they come from.

use super::{
    AfterFirstError, BalanceRule, Combine, GateRule, ImplicitRule, KtoBalance, KtoRule, ModelRule, PairRule,
    PeopleRule, PromptRule, Rejected, RolloutRule, SftRule, SplitRule, StepRule,
};

impl Default for PeopleRule {
    fn default() -> Self {
        Self { adjudicators: vec![], chosen_rating: 0.75, rejected_rating: 0.25, second_look: 0.97 }
    }
}

impl Default for ModelRule {
    fn default() -> Self {
        Self {
            min_probability: 0.8,
            min_margin_sd: 0.5,
            margin_cap: 0.99,
            rejected: Rejected::MuMinus2Sigma,
            chosen_waiting: false,
            pairs_per_prompt: 1,
        }
    }
}

impl Default for PairRule {
    fn default() -> Self {
        Self { per_prompt: 2, uses: 2 }
    }
}

impl Default for KtoRule {
    fn default() -> Self {
        Self { desirable: 0.65, undesirable: 0.35, balance: KtoBalance::Weights }
    }
}

impl Default for SftRule {
    fn default() -> Self {
        Self { min_probability: 0.65, per_prompt: 1 }
    }
}

impl Default for PromptRule {
    fn default() -> Self {
        Self { min_spread: 0.1, keep_unmeasured: false, clip: 5.0 }
    }
}

impl Default for RolloutRule {
    fn default() -> Self {
        Self { k: 1.0 }
    }
}

impl Default for StepRule {
    fn default() -> Self {
        Self {
            steps_field: "steps".into(),
            labels_field: "labels".into(),
            after_first_error: AfterFirstError::False,
        }
    }
}

impl Default for ImplicitRule {
    fn default() -> Self {
        Self {
            weight: 0.0,
            signals_field: "implicit_signals".into(),
            regenerate: 0.2,
            edit: 0.3,
            copy: 0.8,
            continued: 0.7,
            done: 0.8,
            dismiss: 0.2,
            done_dwell_ms: [15_000, 120_000],
            dismiss_dwell_ms: 5_000,
            combine: Combine::LogOdds,
        }
    }
}

impl Default for BalanceRule {
    fn default() -> Self {
        Self { length: false, warn: 0.6, fail: 0.7 }
    }
}

impl Default for SplitRule {
    fn default() -> Self {
        Self { validation: 0.05, test: 0.05 }
    }
}

impl Default for GateRule {
    fn default() -> Self {
        Self { min_positive: 500, min_negative: 500 }
    }
}
