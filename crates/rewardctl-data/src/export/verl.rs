//! verl 0.9: <https://verl.readthedocs.io/en/latest/preparation/prepare_data.html>. Parquet, read by pandas.

use rewardctl_core::dataset::{Example, Kind};
use serde_json::json;

use crate::export::rules::{awaits_answer, has_answers, has_no_media, has_prompt, knows_roles};
use crate::export::schema::{MESSAGES, Type, column};
use crate::export::target::{PARQUET, Target};
use crate::export::trl;
use crate::export::turns::conversation;
use crate::export::written::Written;

/// Every target of verl.
pub const TARGETS: &[Target] = &[RL, SFT];

const RL: Target = Target {
    name: "verl-rl",
    reader: "verl `main_ppo` (PPO, GRPO)",
    kinds: &[Kind::Prompts],
    rules: &[has_prompt, knows_roles, awaits_answer, has_no_media],
    columns: &[
        column("data_source", Type::Text),
        column("prompt", MESSAGES),
        column("ability", Type::Text),
        column(
            "reward_model",
            Type::Object(&[column("style", Type::Text), column("ground_truth", Type::Text)]),
        ),
        column("extra_info", Type::Object(&[column("split", Type::Text), column("index", Type::Int)])),
    ],
    row: |row, number| {
        let Example::Prompt { reference } = &row.example else { return None };
        let style = if reference.is_some() { "rule" } else { "model" };
        Some(json!({
            "data_source": "rewardctl",
            "prompt": conversation(&row.prompt),
            "ability": "general",
            "reward_model": {"style": style, "ground_truth": reference.as_deref().unwrap_or("")},
            "extra_info": {"split": row.split.name(), "index": number},
        }))
    },
    formats: PARQUET,
    infers_types: false,
    packed: false,
    load: |written| {
        let reward = "custom_reward_function.path=reward.py custom_reward_function.name=compute_score";
        format!("python -m verl.trainer.main_ppo {} {reward}", train_files(written))
    },
    lost: "nothing: a row without a reference answer has the style `model` and an empty `ground_truth`",
    ..trl::PROMPTS
};

const SFT: Target = Target {
    name: "verl-sft",
    reader: "verl `sft_trainer`",
    rules: &[has_prompt, knows_roles, awaits_answer, has_answers, has_no_media],
    formats: PARQUET,
    infers_types: false,
    packed: false,
    load: |written| {
        format!("torchrun -m verl.trainer.sft_trainer {} data.messages_key=messages", train_files(written))
    },
    lost: "nothing: every turn of the assistant is learnt",
    ..trl::SFT
};

fn train_files(written: &Written) -> String {
    match &written.files[..] {
        [_] => format!("data.train_files={}", written.words()),
        _ => format!("'data.train_files={}'", written.yaml_files().replace('\'', "'\\''")),
    }
}
