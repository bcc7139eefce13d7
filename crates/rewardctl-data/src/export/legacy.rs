//! Shapes that old files have and some readers still want.

use rewardctl_core::dataset::{Example, Kind, Row};
use serde_json::json;

use crate::export::rules::{
    alternates, ends_with_user, has_answers, has_no_system, has_one_turn, has_prompt, knows_plain_roles,
};
use crate::export::schema::{Type, column};
use crate::export::target::Target;
use crate::export::trl;
use crate::export::turns::question;
use crate::export::unsloth;
use crate::export::withheld::Withheld;

/// Every legacy target.
pub const TARGETS: &[Target] = &[INPUT_OUTPUT, ALPACA, SHAREGPT];

/// The transcripts that Anthropic's fine-tuning once took; no provider takes them today.
const INPUT_OUTPUT: Target = Target {
    name: "input-output",
    reader: "no provider today: transcripts of `Human:` and `Assistant:`",
    kinds: &[Kind::Sft],
    rules: &[
        has_prompt,
        knows_plain_roles,
        has_no_system,
        alternates,
        ends_with_user,
        has_answers,
        has_no_marker,
    ],
    columns: &[column("input", Type::Text), column("output", Type::Text)],
    row: |row, _| {
        let Example::Demonstration { completion } = &row.example else { return None };
        let mut input = String::new();
        for turn in &row.prompt {
            let marker = if turn.role == "user" { HUMAN } else { ASSISTANT };
            input += &format!("\n\n{marker} {}", turn.content);
        }
        // The first of the blank lines between turns stands before no turn.
        let input = format!("{}\n\n{ASSISTANT}", input.trim_start_matches('\n'));
        Some(json!({"input": input, "output": completion}))
    },
    load: |written| written.load_dataset(),
    lost: "rows with a system turn, or with one of the markers within a turn",
    ..trl::SFT
};

const HUMAN: &str = "Human:";
const ASSISTANT: &str = "Assistant:";

/// A marker within a turn would be read as the start of the next.
fn has_no_marker(row: &Row) -> Result<(), Withheld> {
    let has_marker = |text: &str| text.contains("\n\nHuman:") || text.contains("\n\nAssistant:");
    if row.prompt.iter().any(|turn| has_marker(&turn.content)) { Err(Withheld::InTemplate) } else { Ok(()) }
}

const ALPACA: Target = Target {
    name: "alpaca",
    reader: "readers of Alpaca's files: Axolotl `alpaca`, torchtune, LLaMA-Factory",
    kinds: &[Kind::Sft],
    rules: &[has_prompt, has_no_system, has_one_turn, ends_with_user, has_answers],
    columns: &[column("instruction", Type::Text), column("input", Type::Text), column("output", Type::Text)],
    row: |row, _| {
        let Example::Demonstration { completion } = &row.example else { return None };
        Some(json!({"instruction": question(row), "input": "", "output": completion}))
    },
    load: |written| written.load_dataset(),
    lost: "rows with a system turn or several turns",
    ..trl::SFT
};

const SHAREGPT: Target = Target {
    name: "sharegpt",
    reader: "readers of ShareGPT's files",
    load: |written| written.load_dataset(),
    lost: "nothing",
    ..unsloth::SFT
};
