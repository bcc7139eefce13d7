//! OpenRLHF 0.11: <https://github.com/OpenRLHF/OpenRLHF>. Its flags are dotted since 0.10.

use rewardctl_core::dataset::{Example, Kind};
use serde_json::json;

use crate::export::rules::{awaits_answer, differs, has_answers, has_no_media, has_prompt, knows_roles};
use crate::export::schema::{MESSAGES, Type, column};
use crate::export::target::{MARGIN, Target};
use crate::export::trl;
use crate::export::turns::{answered, conversation};
use crate::export::written::Written;

/// Every target of OpenRLHF.
pub const TARGETS: &[Target] = &[SFT, RM, DPO, PROMPTS];

const SFT: Target = Target {
    name: "openrlhf-sft",
    reader: "OpenRLHF `train_sft`",
    columns: &[column("input", MESSAGES)],
    row: |row, _| {
        let Example::Demonstration { completion } = &row.example else { return None };
        Some(json!({"input": answered(&row.prompt, completion)}))
    },
    packed: false,
    load: |written| {
        command("train_sft", "dataset", written, "--data.input_key input --data.apply_chat_template")
    },
    lost: "nothing: the last turn is learnt, with `--data.multiturn` every turn of the assistant",
    ..trl::SFT
};

const PAIR_KEYS: &str = "--data.prompt_key prompt --data.chosen_key chosen --data.rejected_key rejected \
                         --data.apply_chat_template";

const DPO: Target = Target {
    name: "openrlhf-dpo",
    reader: "OpenRLHF `train_dpo`",
    packed: false,
    load: |written| command("train_dpo", "dataset", written, PAIR_KEYS),
    ..trl::DPO
};

const RM: Target = Target {
    name: "openrlhf-rm",
    reader: "OpenRLHF `train_rm`; `--strength-columns` adds `margin` for `--model.margin_loss_enable`",
    rules: &[has_prompt, knows_roles, awaits_answer, has_answers, differs],
    strengths: &[MARGIN],
    load: |written| command("train_rm", "dataset", written, PAIR_KEYS),
    lost: "with `--strength-columns`, rows without a margin",
    ..DPO
};

const PROMPTS: Target = Target {
    name: "openrlhf-prompts",
    reader: "OpenRLHF `train_ppo_ray` (PPO, GRPO, RLOO)",
    kinds: &[Kind::Prompts],
    // Of a prompt with such a mark, OpenRLHF makes a place for an image.
    rules: &[has_prompt, knows_roles, awaits_answer, has_no_media],
    columns: &[column("input", MESSAGES), column("answer", Type::Text), column("datasource", Type::Text)],
    row: |row, _| {
        let Example::Prompt { reference } = &row.example else { return None };
        let answer = reference.as_deref().unwrap_or("");
        Some(json!({"input": conversation(&row.prompt), "answer": answer, "datasource": "rewardctl"}))
    },
    load: |written| {
        let keys = "--data.input_key input --data.label_key answer --data.apply_chat_template";
        command("train_ppo_ray", "prompt_dataset", written, keys)
    },
    lost: "which rows have no reference answer: their `answer` is empty text",
    packed: false,
    ..trl::PROMPTS
};

fn command(program: &str, flag: &str, written: &Written, keys: &str) -> String {
    format!("python -m openrlhf.cli.{program} --data.{flag} {} {keys}", written.comma_list())
}
