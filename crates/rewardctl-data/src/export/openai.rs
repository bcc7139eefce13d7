//! The shapes of OpenAI's fine-tuning, which Azure, Together and Fireworks take as well.

use rewardctl_core::dataset::{Example, Kind};
use serde_json::json;

use crate::export::rules::{
    alternates, differs, ends_with_user, has_answers, has_one_turn, has_prompt, has_reference,
    knows_plain_roles,
};
use crate::export::schema::{MESSAGES, Type, column};
use crate::export::target::{JSONL, Target};
use crate::export::trl;
use crate::export::turns::{answer, conversation};

/// Every target of OpenAI's shapes.
pub const TARGETS: &[Target] = &[SFT, PREFERENCE, RFT, TOGETHER, FIREWORKS];

const ALTERNATING: &str = "rows whose turns do not alternate";

/// Chats to imitate, for services: one file, no column that the service does not know.
pub(crate) const SFT: Target = Target {
    name: "openai-sft",
    reader: "OpenAI (until January 2027), Azure, Together, Fireworks",
    rules: &[has_prompt, knows_plain_roles, alternates, ends_with_user, has_answers],
    formats: JSONL,
    infers_types: false,
    packed: false,
    sharded: false,
    more_columns: false,
    strengths: &[],
    load: |written| format!("openai files create --purpose fine-tune --file {}", written.words()),
    lost: ALTERNATING,
    ..trl::SFT
};

const PREFERENCE: Target = Target {
    name: "openai-preference",
    reader: "OpenAI (until January 2027), Azure",
    kinds: trl::DPO.kinds,
    rules: &[has_prompt, knows_plain_roles, alternates, ends_with_user, has_answers, differs],
    columns: &[
        column("input", Type::Object(&[column("messages", MESSAGES)])),
        column("preferred_output", MESSAGES),
        column("non_preferred_output", MESSAGES),
    ],
    row: |row, _| {
        let Example::Preference { chosen, rejected } = &row.example else { return None };
        Some(json!({
            "input": {"messages": conversation(&row.prompt)},
            "preferred_output": [answer(chosen)],
            "non_preferred_output": [answer(rejected)],
        }))
    },
    ..SFT
};

const RFT: Target = Target {
    name: "openai-rft",
    reader: "OpenAI (until January 2027), Azure, Bedrock: reinforcement fine-tuning",
    kinds: &[Kind::Prompts],
    rules: &[has_prompt, knows_plain_roles, alternates, ends_with_user, has_reference],
    columns: &[column("messages", MESSAGES), column("reference_answer", Type::Text)],
    row: |row, _| {
        let Example::Prompt { reference } = &row.example else { return None };
        Some(json!({"messages": conversation(&row.prompt), "reference_answer": reference.as_ref()?}))
    },
    load: |written| {
        let grader = "# in the grader: {{item.reference_answer}}";
        format!("openai files create --purpose fine-tune --file {}\n{grader}", written.words())
    },
    // Every other key is free, and graders may read it.
    more_columns: true,
    lost: "rows without a reference answer, or whose turns do not alternate",
    ..SFT
};

const TOGETHER: Target = Target {
    name: "together",
    reader: "Together, direct preference optimisation",
    load: |written| {
        let file = written.words();
        format!("together files check {file} && together files upload {file}")
    },
    ..PREFERENCE
};

const FIREWORKS: Target = Target {
    name: "fireworks",
    reader: "Fireworks, direct preference optimisation",
    rules: &[has_prompt, knows_plain_roles, has_one_turn, ends_with_user, has_answers, differs],
    load: |written| format!("firectl create dataset {} {}", written.name(), written.words()),
    lost: "rows with several turns",
    ..PREFERENCE
};
