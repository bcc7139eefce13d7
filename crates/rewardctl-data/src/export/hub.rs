//! A folder as the Hub of Hugging Face has datasets: Parquet under `data/`, a card whose head says the types and the
//! number of rows, and a description in Croissant.

use rewardctl_core::dataset::{Example, Kind};
use serde_json::json;

use crate::export::rules::{awaits_answer, has_answers, has_prompt, knows_roles};
use crate::export::schema::{MESSAGES, Type, column, optional};
use crate::export::target::{Folder, Layout, MARGIN, PARQUET, STRENGTH, Stem, Target, WEIGHT};
use crate::export::trl;
use crate::export::turns::{answer, conversation};
use crate::export::written::{Written, quoted};
use crate::export::{card, croissant, place};

/// Every target of the Hub: one name, other columns for each kind of dataset.
pub const TARGETS: &[Target] = &[
    PAIRS,
    on_hub(trl::KTO),
    on_hub(trl::SFT),
    // With an empty text where no reference answer is known: one column, one type.
    Target {
        columns: &[column("prompt", MESSAGES), column("reference", Type::Text)],
        row: |row, _| {
            let Example::Prompt { reference } = &row.example else { return None };
            Some(json!({
                "prompt": conversation(&row.prompt), "reference": reference.as_deref().unwrap_or(""),
            }))
        },
        lost: "which rows have no reference answer: their `reference` is empty text",
        ..on_hub(trl::PROMPTS)
    },
    ROLLOUTS,
    on_hub(trl::STEPWISE),
];

const PAIRS: Target = Target { strengths: &[MARGIN, STRENGTH, WEIGHT], ..on_hub(trl::DPO) };

const ROLLOUTS: Target = Target {
    kinds: &[Kind::Rollouts],
    rules: &[has_prompt, knows_roles, awaits_answer, has_answers],
    columns: &[
        column("prompt", MESSAGES),
        column("completion", MESSAGES),
        column("reward", Type::Float),
        optional("lower", Type::Float),
    ],
    row: |row, _| {
        let Example::Rollout { completion, reward, lower } = &row.example else { return None };
        let (prompt, completion) = (conversation(&row.prompt), [answer(completion)]);
        let mut made = json!({ "prompt": prompt, "completion": completion, "reward": reward });
        if let Some(lower) = lower {
            made["lower"] = json!(lower);
        }
        Some(made)
    },
    strengths: &[WEIGHT],
    lost: "nothing",
    ..PAIRS
};

/// Returns TRL's columns in a folder of the Hub.
const fn on_hub(target: Target) -> Target {
    Target {
        name: "hf",
        reader: "`load_dataset(FOLDER)`, the Hub of Hugging Face",
        layout: Layout::Folder(Folder { stem: Stem::Hub, extras: Some(describe) }),
        formats: PARQUET,
        infers_types: false,
        load: |written| format!("dataset = load_dataset({})", quoted(&written.out)),
        ..target
    }
}

fn describe(written: &Written) -> Vec<(&'static str, String)> {
    vec![
        ("README.md", place::signed(&card::card(written))),
        ("croissant.json", croissant::description(written)),
    ]
}
