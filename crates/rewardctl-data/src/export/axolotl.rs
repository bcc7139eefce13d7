//! Axolotl 0.19: <https://docs.axolotl.ai/docs/dataset-formats/>.

use rewardctl_core::dataset::{Example, Kind, Row};
use serde_json::json;

use crate::export::rules::{
    awaits_answer, differs, ends_with_user, has_answers, has_one_turn, has_prompt, knows_plain_roles,
};
use crate::export::schema::{MESSAGE, MESSAGES, Type, column};
use crate::export::target::Target;
use crate::export::trl;
use crate::export::turns::{answer, conversation, question, system_and_rest};
use crate::export::withheld::{Changed, Withheld};
use crate::export::written::Written;

/// Every target of Axolotl.
pub const TARGETS: &[Target] = &[DPO, INTEL, BT, KTO, STEPWISE, SFT];

/// What stands around an answer when Axolotl looks for it in a rendered chat: ChatML, Llama 3, Gemma, Mistral, Phi,
/// Command R, DeepSeek, and the system turns that some templates write by themselves. Answers to be found in here
/// would be found in the wrong place.
const TEMPLATES: [&str; 7] = [
    "<s><|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n\
     <|im_start|>user\n[[dummy_message]]<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
    "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n\
     Today Date: 0123456789 Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec\n\n<|eot_id|>\
     <|start_header_id|>user<|end_header_id|>\n\n[[dummy_message]]<|eot_id|>\
     <|start_header_id|>assistant<|end_header_id|>\n\n",
    "<bos><start_of_turn>user\n[[dummy_message]]<end_of_turn>\n<start_of_turn>model\n",
    "<s> [INST] [[dummy_message]] [/INST] ",
    "<|system|>\n<|end|>\n<|user|>\n[[dummy_message]]<|end|>\n<|assistant|>\n",
    "<BOS_TOKEN><|START_OF_TURN_TOKEN|><|USER_TOKEN|>[[dummy_message]]<|END_OF_TURN_TOKEN|>\
     <|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
    "<｜begin▁of▁sentence｜><｜User｜>[[dummy_message]]<｜Assistant｜></think>User: Human: Assistant: ",
];

const DPO: Target = Target {
    name: "axolotl-dpo",
    reader: "Axolotl `rl: dpo` (ipo, orpo, simpo), `chat_template.default`",
    rules: &[has_prompt, knows_plain_roles, awaits_answer, has_answers, differs, stands_out],
    columns: &[column("messages", MESSAGES), column("chosen", MESSAGE), column("rejected", MESSAGE)],
    row: |row, _| {
        let Example::Preference { chosen, rejected } = &row.example else { return None };
        Some(json!({
            "messages": conversation(&row.prompt), "chosen": answer(chosen), "rejected": answer(rejected),
        }))
    },
    mend: Some(trim_answers),
    load: |written| config(written, "rl: dpo", "chat_template.default"),
    lost: "white space around answers; answers so short that the template has them too",
    ..trl::DPO
};

/// Takes off the space around answers: templates that trim make Axolotl look for what is not there.
fn trim_answers(row: &mut Row) -> Option<Changed> {
    let Example::Preference { chosen, rejected } = &mut row.example else { return None };
    let mut changed = None;
    for text in [chosen, rejected] {
        if text.trim() != text {
            *text = text.trim().into();
            changed = Some(Changed::Trimmed);
        }
    }
    changed
}

/// No answer is part of what templates write around answers.
fn stands_out(row: &Row) -> Result<(), Withheld> {
    let answers = crate::export::rules::answers(row);
    let is_hidden = |answer: &&str| TEMPLATES.iter().any(|template| template.contains(*answer));
    if answers.iter().any(is_hidden) { Err(Withheld::InTemplate) } else { Ok(()) }
}

const ONE_TURN: &str = "rows with several turns";

const INTEL: Target = Target {
    name: "axolotl-intel",
    reader: "Axolotl `rl: dpo`, `chatml.intel` or `llama3.intel`",
    rules: &[has_prompt, has_one_turn, ends_with_user, has_answers, differs],
    columns: &[
        column("system", Type::Text),
        column("question", Type::Text),
        column("chosen", Type::Text),
        column("rejected", Type::Text),
    ],
    row: |row, _| {
        let Example::Preference { chosen, rejected } = &row.example else { return None };
        let system = system_and_rest(row).0;
        Some(json!({"system": system, "question": question(row), "chosen": chosen, "rejected": rejected}))
    },
    load: |written| config(written, "rl: dpo", "chatml.intel"),
    lost: ONE_TURN,
    ..trl::DPO
};

const BT: Target = Target {
    name: "axolotl-bt",
    reader: "Axolotl `reward_model: true`, `bradley_terry.chat_template`",
    columns: &[
        column("system", Type::Text),
        column("input", Type::Text),
        column("chosen", Type::Text),
        column("rejected", Type::Text),
    ],
    row: |row, _| {
        let Example::Preference { chosen, rejected } = &row.example else { return None };
        let system = system_and_rest(row).0;
        Some(json!({"system": system, "input": question(row), "chosen": chosen, "rejected": rejected}))
    },
    load: |written| config(written, "reward_model: true", "bradley_terry.chat_template"),
    ..INTEL
};

const KTO: Target = Target {
    name: "axolotl-kto",
    reader: "Axolotl `rl: kto`, `chatml.prompt_pairs` or `llama3.prompt_pairs`",
    rules: &[has_prompt, has_one_turn, ends_with_user, has_answers],
    columns: &[
        column("system", Type::Text),
        column("prompt", Type::Text),
        column("completion", Type::Text),
        column("label", Type::Bool),
    ],
    row: |row, _| {
        let Example::Unpaired { completion, desirable } = &row.example else { return None };
        let system = system_and_rest(row).0;
        Some(json!({"system": system, "prompt": question(row), "completion": completion, "label": desirable}))
    },
    load: |written| config(written, "rl: kto", "chatml.prompt_pairs"),
    lost: ONE_TURN,
    ..trl::KTO
};

const STEPWISE: Target = Target {
    name: "axolotl-stepwise",
    reader: "Axolotl `process_reward_model: true`, `stepwise_supervised`",
    load: |written| config(written, "process_reward_model: true", "stepwise_supervised"),
    ..trl::STEPWISE
};

const SFT: Target = Target {
    name: "axolotl-sft",
    reader: "Axolotl, `chat_template`",
    kinds: &[Kind::Sft],
    rules: &[has_prompt, knows_plain_roles, awaits_answer, has_answers],
    load: |written| config(written, "chat_template: tokenizer_default", "chat_template"),
    lost: "nothing: turns of the assistant are learnt",
    ..trl::SFT
};

fn config(written: &Written, head: &str, kind: &str) -> String {
    let (folder, files) = (written.folder(), written.yaml_files());
    let place = match &written.files[..] {
        [one] => format!("path: {}", one.quoted()),
        _ => format!("path: {folder}\n    data_files: {files}"),
    };
    format!("{head}\ndatasets:\n  - {place}\n    ds_type: {}\n    type: {kind}", written.format.loader())
}
