//! NeMo-RL 0.7: <https://docs.nvidia.com/nemo/rl/latest/>. One file, of which the extension says the format.

use rewardctl_core::dataset::{Example, Kind};
use serde_json::json;

use crate::export::rules::{
    awaits_answer, differs, ends_with_user, has_answers, has_no_system, has_one_turn, has_prompt,
    has_reference, knows_roles,
};
use crate::export::schema::{MESSAGES, Type, column};
use crate::export::target::Target;
use crate::export::trl;
use crate::export::turns::{answer, conversation, question};
use crate::export::written::Written;

/// Every target of NeMo-RL.
pub const TARGETS: &[Target] = &[PREFERENCE, BINARY, RESPONSE];

const PREFERENCE: Target = Target {
    name: "nemo-rl-preference",
    reader: "NeMo-RL `PreferenceDataset` (DPO, RM)",
    rules: &[has_prompt, knows_roles, awaits_answer, has_answers, differs],
    columns: &[
        column("context", MESSAGES),
        column(
            "completions",
            Type::List(&Type::Object(&[column("rank", Type::Int), column("completion", MESSAGES)])),
        ),
    ],
    row: |row, _| {
        let Example::Preference { chosen, rejected } = &row.example else { return None };
        // The lower rank is the better one.
        Some(json!({
            "context": conversation(&row.prompt),
            "completions": [
                {"rank": 0, "completion": [answer(chosen)]}, {"rank": 1, "completion": [answer(rejected)]},
            ],
        }))
    },
    packed: false,
    sharded: false,
    load: |written| config("PreferenceDataset", written),
    ..trl::DPO
};

const BINARY: Target = Target {
    name: "nemo-rl-binary",
    reader: "NeMo-RL `BinaryPreferenceDataset` (DPO, RM)",
    // As lists of messages the answers would be nested into themselves without complaint.
    columns: &[column("prompt", MESSAGES), column("chosen", Type::Text), column("rejected", Type::Text)],
    row: |row, _| {
        let Example::Preference { chosen, rejected } = &row.example else { return None };
        Some(json!({"prompt": conversation(&row.prompt), "chosen": chosen, "rejected": rejected}))
    },
    load: |written| {
        format!(
            "{}\n    prompt_key: prompt\n    chosen_key: chosen\n    rejected_key: rejected",
            config("BinaryPreferenceDataset", written)
        )
    },
    ..PREFERENCE
};

const RESPONSE: Target = Target {
    name: "nemo-rl-response",
    reader: "NeMo-RL `ResponseDataset` (SFT, GRPO)",
    kinds: &[Kind::Sft, Kind::Prompts],
    rules: &[has_prompt, has_no_system, has_one_turn, ends_with_user, has_answers, has_reference],
    columns: &[column("input", Type::Text), column("output", Type::Text)],
    row: |row, _| {
        let output = match &row.example {
            Example::Demonstration { completion } => completion,
            Example::Prompt { reference } => reference.as_ref()?,
            _ => return None,
        };
        Some(json!({"input": question(row), "output": output}))
    },
    strengths: &[],
    load: |written| {
        format!("{}\n    input_key: input\n    output_key: output", config("ResponseDataset", written))
    },
    lost: "rows with a system turn or several turns; prompts without a reference answer",
    ..PREFERENCE
};

fn config(dataset: &str, written: &Written) -> String {
    format!("data:\n  train:\n    dataset_name: {dataset}\n    data_path: {}", written.files[0].quoted())
}
