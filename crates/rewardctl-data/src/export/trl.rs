//! TRL 1.16: <https://huggingface.co/docs/trl/dataset_formats>.
//!
//! Conversations are lists of messages: of bare strings TRL finds where the prompt ends by comparing characters.

use rewardctl_core::dataset::{Example, Kind, Row};
use serde_json::{Value, json};

use crate::export::rules::{
    awaits_answer, differs, has_answers, has_no_system, has_one_turn, has_prompt, has_reference, has_steps,
    knows_roles,
};
use crate::export::schema::{Column, MESSAGES, Type, column};
use crate::export::target::{ANY_FORMAT, Layout, MARGIN, PAIRS, STRENGTH, Target, WEIGHT};
use crate::export::turns::{answer, answered, conversation, question};
use crate::export::written::Written;

/// Every target of TRL.
pub const TARGETS: &[Target] = &[
    DPO,
    DPO_PLAIN,
    KTO,
    KTO_PLAIN,
    REWARD,
    PROMPTS,
    PROMPTS_PLAIN,
    GRPO,
    SFT,
    COMPLETION,
    COMPLETION_PLAIN,
    STEPWISE,
];

const WHOLE_ANSWERS: &str = "nothing";
const ONE_TURN: &str = "rows with a system turn or several turns";

/// Pairs with their prompt.
pub const DPO: Target = Target {
    name: "trl-dpo",
    plain: false,
    reader: "TRL `DPOTrainer` (also CPO, ORPO, KTO, Reward), Unsloth",
    kinds: PAIRS,
    rules: &[has_prompt, knows_roles, awaits_answer, has_answers, differs],
    columns: &[column("prompt", MESSAGES), column("chosen", MESSAGES), column("rejected", MESSAGES)],
    row: |row, _| {
        let Example::Preference { chosen, rejected } = &row.example else { return None };
        Some(json!({
            "prompt": conversation(&row.prompt), "chosen": [answer(chosen)], "rejected": [answer(rejected)],
        }))
    },
    mend: None,
    layout: Layout::File,
    formats: ANY_FORMAT,
    infers_types: true,
    packed: true,
    sharded: true,
    more_columns: true,
    strengths: &[STRENGTH, WEIGHT],
    load: |written| trainer("DPOTrainer", written),
    lost: WHOLE_ANSWERS,
};

const DPO_PLAIN: Target = Target {
    plain: true,
    rules: &[has_prompt, has_no_system, has_one_turn, awaits_answer, has_answers, differs],
    columns: &[column("prompt", Type::Text), column("chosen", Type::Text), column("rejected", Type::Text)],
    row: |row, _| {
        let Example::Preference { chosen, rejected } = &row.example else { return None };
        Some(json!({"prompt": question(row), "chosen": chosen, "rejected": rejected}))
    },
    lost: ONE_TURN,
    ..DPO
};

/// Single answers, good or bad.
pub const KTO: Target = Target {
    name: "trl-kto",
    reader: "TRL `KTOTrainer`, Unsloth",
    kinds: &[Kind::Kto],
    rules: &[has_prompt, knows_roles, awaits_answer, has_answers],
    columns: &[column("prompt", MESSAGES), column("completion", MESSAGES), column("label", Type::Bool)],
    row: |row, _| {
        let Example::Unpaired { completion, desirable } = &row.example else { return None };
        Some(json!({
            "prompt": conversation(&row.prompt), "completion": [answer(completion)], "label": desirable,
        }))
    },
    strengths: &[WEIGHT],
    load: |written| trainer("KTOTrainer", written),
    ..DPO
};

const KTO_PLAIN: Target = Target {
    plain: true,
    rules: &[has_prompt, has_no_system, has_one_turn, awaits_answer, has_answers],
    columns: &[column("prompt", Type::Text), column("completion", Type::Text), column("label", Type::Bool)],
    row: |row, _| {
        let Example::Unpaired { completion, desirable } = &row.example else { return None };
        Some(json!({"prompt": question(row), "completion": completion, "label": desirable}))
    },
    lost: ONE_TURN,
    ..KTO
};

/// Pairs of whole conversations, for reward models.
pub const REWARD: Target = Target {
    name: "trl-reward",
    reader: "TRL `RewardTrainer`; `--strength-columns` adds its `margin`",
    columns: WHOLE_PAIR,
    row: whole_pair,
    strengths: &[MARGIN],
    load: |written| trainer("RewardTrainer", written),
    lost: "with `--strength-columns`, rows without a margin",
    ..DPO
};

/// Two conversations that share all but their end.
pub(crate) const WHOLE_PAIR: &[Column] = &[column("chosen", MESSAGES), column("rejected", MESSAGES)];

/// Returns two conversations that share all but their end.
pub(crate) fn whole_pair(row: &Row, _: u64) -> Option<Value> {
    let Example::Preference { chosen, rejected } = &row.example else { return None };
    Some(json!({"chosen": answered(&row.prompt, chosen), "rejected": answered(&row.prompt, rejected)}))
}

/// Prompts alone.
pub const PROMPTS: Target = Target {
    name: "trl-prompts",
    reader: "TRL `GRPOTrainer`, `RLOOTrainer`",
    kinds: &[Kind::Prompts],
    rules: &[has_prompt, knows_roles, awaits_answer],
    columns: &[column("prompt", MESSAGES)],
    row: |row, _| Some(json!({"prompt": conversation(&row.prompt)})),
    strengths: &[],
    load: |written| trainer("GRPOTrainer", written),
    lost: "reference answers: `trl-grpo` has them",
    ..DPO
};

const PROMPTS_PLAIN: Target = Target {
    plain: true,
    rules: &[has_prompt, has_no_system, has_one_turn, awaits_answer],
    columns: &[column("prompt", Type::Text)],
    row: |row, _| Some(json!({"prompt": question(row)})),
    lost: "reference answers; rows with a system turn or several turns",
    ..PROMPTS
};

/// Prompts with the answer that a response should reach, under the name that the accuracy rewards read.
pub const GRPO: Target = Target {
    name: "trl-grpo",
    reader: "TRL `GRPOTrainer`, `RLOOTrainer` with `accuracy_reward`",
    rules: &[has_prompt, knows_roles, awaits_answer, has_reference],
    columns: &[column("prompt", MESSAGES), column("solution", Type::Text)],
    row: |row, _| {
        let Example::Prompt { reference } = &row.example else { return None };
        Some(json!({"prompt": conversation(&row.prompt), "solution": reference.as_ref()?}))
    },
    lost: "rows without a reference answer",
    ..PROMPTS
};

/// Whole conversations to imitate.
pub const SFT: Target = Target {
    name: "trl-sft",
    reader: "TRL `SFTTrainer`, Unsloth",
    kinds: &[Kind::Sft],
    rules: &[has_prompt, knows_roles, awaits_answer, has_answers],
    columns: &[column("messages", MESSAGES)],
    row: messages,
    strengths: &[WEIGHT],
    load: |written| trainer("SFTTrainer", written),
    lost: "which turns are learnt: all of the assistant's, with `assistant_only_loss`",
    ..DPO
};

/// Returns the whole conversation that is to be imitated.
pub(crate) fn messages(row: &Row, _: u64) -> Option<Value> {
    let Example::Demonstration { completion } = &row.example else { return None };
    Some(json!({"messages": answered(&row.prompt, completion)}))
}

/// Prompts with an answer to imitate, of which the answer alone is learnt.
pub const COMPLETION: Target = Target {
    name: "prompt-completion",
    columns: &[column("prompt", MESSAGES), column("completion", MESSAGES)],
    row: |row, _| {
        let Example::Demonstration { completion } = &row.example else { return None };
        Some(json!({"prompt": conversation(&row.prompt), "completion": [answer(completion)]}))
    },
    lost: WHOLE_ANSWERS,
    ..SFT
};

const COMPLETION_PLAIN: Target = Target {
    plain: true,
    rules: &[has_prompt, has_no_system, has_one_turn, awaits_answer, has_answers],
    columns: &[column("prompt", Type::Text), column("completion", Type::Text)],
    row: |row, _| {
        let Example::Demonstration { completion } = &row.example else { return None };
        Some(json!({"prompt": question(row), "completion": completion}))
    },
    lost: ONE_TURN,
    ..COMPLETION
};

/// Answers cut into steps. TRL's own trainer for them is gone since 1.14.
pub const STEPWISE: Target = Target {
    name: "trl-stepwise",
    reader: "TRL `PRMTrainer` up to 1.13",
    kinds: &[Kind::Stepwise],
    rules: &[has_prompt, has_no_system, has_one_turn, awaits_answer, has_steps, has_answers],
    columns: &[
        column("prompt", Type::Text),
        column("completions", Type::List(&Type::Text)),
        column("labels", Type::List(&Type::Bool)),
    ],
    row: |row, _| {
        let Example::Steps { completions, labels } = &row.example else { return None };
        Some(json!({"prompt": question(row), "completions": completions, "labels": labels}))
    },
    strengths: &[WEIGHT],
    load: |written| trainer("PRMTrainer", written),
    lost: ONE_TURN,
    ..DPO
};

fn trainer(class: &str, written: &Written) -> String {
    format!("{}\n{class}(..., train_dataset=dataset)", written.load_dataset())
}
