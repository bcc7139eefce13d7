//! ms-swift 4.6: <https://swift.readthedocs.io/en/latest/Customization/Custom-dataset.html>.

use rewardctl_core::dataset::{Example, Kind};
use serde_json::json;

use crate::export::rules::{
    awaits_answer, differs, has_answers, has_no_media, has_prompt, knows_plain_roles,
};
use crate::export::schema::{MESSAGES, Type, column};
use crate::export::target::{MARGIN, Target};
use crate::export::trl;
use crate::export::turns::{answered, conversation};
use crate::export::written::Written;

/// Every target of ms-swift.
pub const TARGETS: &[Target] = &[DPO, KTO, SFT, PROMPTS];

const DPO: Target = Target {
    name: "ms-swift-dpo",
    reader: "ms-swift `rlhf --rlhf_type dpo` (also orpo, simpo, cpo, rm)",
    rules: &[has_prompt, knows_plain_roles, awaits_answer, has_answers, differs, has_no_media],
    columns: &[column("messages", MESSAGES), column("rejected_response", Type::Text)],
    row: |row, _| {
        let Example::Preference { chosen, rejected } = &row.example else { return None };
        Some(json!({"messages": answered(&row.prompt, chosen), "rejected_response": rejected}))
    },
    packed: false,
    strengths: &[MARGIN],
    load: |written| command("rlhf --rlhf_type dpo", written),
    lost: "with `--strength-columns`, rows without a margin",
    ..trl::DPO
};

const KTO: Target = Target {
    name: "ms-swift-kto",
    reader: "ms-swift `rlhf --rlhf_type kto`",
    kinds: &[Kind::Kto],
    rules: &[has_prompt, knows_plain_roles, awaits_answer, has_answers, has_no_media],
    columns: &[column("messages", MESSAGES), column("label", Type::Bool)],
    row: |row, _| {
        let Example::Unpaired { completion, desirable } = &row.example else { return None };
        Some(json!({"messages": answered(&row.prompt, completion), "label": desirable}))
    },
    strengths: &[],
    load: |written| command("rlhf --rlhf_type kto", written),
    lost: "nothing",
    ..DPO
};

const SFT: Target = Target {
    name: "ms-swift-sft",
    reader: "ms-swift `sft`",
    rules: KTO.rules,
    packed: false,
    strengths: &[],
    load: |written| command("sft", written),
    lost: "nothing: turns of the assistant are learnt",
    ..trl::SFT
};

const PROMPTS: Target = Target {
    name: "ms-swift-prompts",
    reader: "ms-swift `rlhf --rlhf_type grpo`",
    rules: &[has_prompt, knows_plain_roles, awaits_answer, has_no_media],
    columns: &[column("messages", MESSAGES), column("solution", Type::Text)],
    row: |row, _| {
        let Example::Prompt { reference } = &row.example else { return None };
        Some(json!({"messages": conversation(&row.prompt), "solution": reference.as_deref().unwrap_or("")}))
    },
    packed: false,
    load: |written| command("rlhf --rlhf_type grpo", written),
    lost: "which rows have no reference answer: their `solution` is empty text",
    ..trl::PROMPTS
};

fn command(verb: &str, written: &Written) -> String {
    format!("swift {verb} --dataset {}", written.words())
}
