//! Gemini on Vertex AI: turns are `contents` of the roles `user` and `model`, the system's turn stands apart.

use rewardctl_core::dataset::{Example, Row};
use serde_json::{Value, json};

use crate::export::openai;
use crate::export::rules::{alternates, differs, ends_with_user, has_answers, has_prompt, knows_plain_roles};
use crate::export::schema::{Column, Type, column, optional};
use crate::export::target::Target;
use crate::export::trl;
use crate::export::turns::system_and_rest;

/// Every target of Vertex AI.
pub const TARGETS: &[Target] = &[PREFERENCE, SFT];

const PARTS: Type = Type::List(&Type::Object(&[column("text", Type::Text)]));
const CONTENT_FIELDS: &[Column] = &[column("role", Type::Text), column("parts", PARTS)];
const CONTENT: Type = Type::Object(CONTENT_FIELDS);

const PREFERENCE: Target = Target {
    name: "vertex-preference",
    reader: "Vertex AI, preference tuning of Gemini",
    kinds: trl::DPO.kinds,
    rules: &[has_prompt, knows_plain_roles, alternates, ends_with_user, has_answers, differs],
    columns: &[
        optional("system_instruction", CONTENT),
        column("contents", Type::List(&CONTENT)),
        column(
            "completions",
            Type::List(&Type::Object(&[column("score", Type::Int), column("completion", CONTENT)])),
        ),
    ],
    row: |row, _| {
        let Example::Preference { chosen, rejected } = &row.example else { return None };
        let completions = json!([
            {"score": 1, "completion": content("model", chosen)},
            {"score": 0, "completion": content("model", rejected)},
        ]);
        let mut made = with_system(row, "system_instruction");
        made["contents"] = contents(row).into();
        made["completions"] = completions;
        Some(made)
    },
    load: |written| {
        let name = written.files[0].path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        format!(
            "gcloud storage cp {} gs://BUCKET/\n# training_dataset: \"gs://BUCKET/{name}\"",
            written.words()
        )
    },
    ..openai::SFT
};

const SFT: Target = Target {
    name: "vertex-sft",
    reader: "Vertex AI, supervised tuning of Gemini",
    kinds: trl::SFT.kinds,
    rules: openai::SFT.rules,
    columns: &[optional("systemInstruction", CONTENT), column("contents", Type::List(&CONTENT))],
    row: |row, _| {
        let Example::Demonstration { completion } = &row.example else { return None };
        let mut turns = contents(row);
        turns.push(content("model", completion));
        let mut made = with_system(row, "systemInstruction");
        made["contents"] = turns.into();
        Some(made)
    },
    ..PREFERENCE
};

/// An empty system turn is left out, as the service refuses it.
fn with_system(row: &Row, name: &str) -> Value {
    match system_and_rest(row).0 {
        "" => json!({}),
        system => json!({name: content("system", system)}),
    }
}

fn contents(row: &Row) -> Vec<Value> {
    let role = |role: &str| if role == "assistant" { "model" } else { "user" };
    system_and_rest(row).1.iter().map(|turn| content(role(&turn.role), &turn.content)).collect()
}

fn content(role: &str, text: &str) -> Value {
    json!({"role": role, "parts": [{"text": text}]})
}
