//! Unsloth 2026.10: for preferences it takes TRL's files; chats to imitate it standardises from ShareGPT's.

use rewardctl_core::dataset::{Example, Kind};
use serde_json::{Value, json};

use crate::export::rules::{awaits_answer, has_answers, has_prompt, knows_plain_roles};
use crate::export::schema::{Type, column};
use crate::export::target::Target;
use crate::export::trl;

/// Every target of Unsloth.
pub const TARGETS: &[Target] = &[SFT];

/// A turn as ShareGPT has it.
pub(crate) const FROM_VALUE: Type =
    Type::List(&Type::Object(&[column("from", Type::Text), column("value", Type::Text)]));

/// Whole conversations as ShareGPT has them.
pub(crate) const SFT: Target = Target {
    name: "unsloth-sft",
    reader: "Unsloth `standardize_sharegpt`, then TRL `SFTTrainer`",
    kinds: &[Kind::Sft],
    rules: &[has_prompt, knows_plain_roles, awaits_answer, has_answers],
    columns: &[column("conversations", FROM_VALUE)],
    row: |row, _| {
        let Example::Demonstration { completion } = &row.example else { return None };
        let turns = row.prompt.iter().map(|turn| from_value(&turn.role, &turn.content));
        let turns: Value = turns.chain([from_value("assistant", completion)]).collect();
        Some(json!({"conversations": turns}))
    },
    load: |written| format!("{}\ndataset = standardize_sharegpt(dataset)", written.load_dataset()),
    lost: "which turns are learnt: `train_on_responses_only` says so",
    ..trl::SFT
};

fn from_value(role: &str, content: &str) -> Value {
    let from = match role {
        "user" => "human",
        "assistant" => "gpt",
        other => other,
    };
    json!({"from": from, "value": content})
}
