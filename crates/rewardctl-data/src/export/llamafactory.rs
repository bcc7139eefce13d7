//! LLaMA-Factory 0.9.5: <https://llamafactory.readthedocs.io/en/latest/getting_started/data_preparation.html>.
//!
//! A folder with a file for each part and `dataset_info.json`, which names every column and every tag: what it leaves
//! out counts as absent. Chats are `sharegpt` and not `openai`, which adds a sentence to the system turn.

use rewardctl_core::dataset::{Example, Kind};
use serde_json::{Map, Value, json};

use crate::export::rules::{
    alternates, differs, ends_with_user, has_answers, has_no_media, has_one_turn, has_prompt,
    knows_plain_roles,
};
use crate::export::schema::{MESSAGE, MESSAGES, Type, column};
use crate::export::target::{Folder, Layout, Stem, Target};
use crate::export::trl;
use crate::export::turns::{answer, answered, conversation, question, system_and_rest};
use crate::export::written::Written;

/// Every target of LLaMA-Factory.
pub const TARGETS: &[Target] = &[ALPACA, ALPACA_DPO, ALPACA_KTO, SHAREGPT, SHAREGPT_DPO, SHAREGPT_KTO];

const FOLDER: Layout = Layout::Folder(Folder { stem: Stem::Split, extras: Some(dataset_info) });

const ALPACA: Target = Target {
    name: "llamafactory-alpaca",
    reader: "LLaMA-Factory `stage: sft`",
    kinds: &[Kind::Sft],
    rules: &[has_prompt, has_one_turn, ends_with_user, has_answers, has_no_media],
    columns: &[
        column("instruction", Type::Text),
        column("input", Type::Text),
        column("output", Type::Text),
        column("system", Type::Text),
    ],
    row: |row, _| {
        let Example::Demonstration { completion } = &row.example else { return None };
        let system = system_and_rest(row).0;
        Some(json!({"instruction": question(row), "input": "", "output": completion, "system": system}))
    },
    layout: FOLDER,
    packed: false,
    load: |written| config("sft", written),
    lost: "rows with several turns",
    ..trl::SFT
};

const ALPACA_DPO: Target = Target {
    name: "llamafactory-alpaca-dpo",
    reader: "LLaMA-Factory `stage: dpo` or `rm`",
    kinds: trl::DPO.kinds,
    rules: &[has_prompt, has_one_turn, ends_with_user, has_answers, differs, has_no_media],
    columns: &[
        column("instruction", Type::Text),
        column("input", Type::Text),
        column("chosen", Type::Text),
        column("rejected", Type::Text),
        column("system", Type::Text),
    ],
    row: |row, _| {
        let Example::Preference { chosen, rejected } = &row.example else { return None };
        let system = system_and_rest(row).0;
        Some(json!({
            "instruction": question(row), "input": "", "chosen": chosen, "rejected": rejected, "system": system,
        }))
    },
    strengths: trl::DPO.strengths,
    load: |written| config("dpo", written),
    ..ALPACA
};

const ALPACA_KTO: Target = Target {
    name: "llamafactory-alpaca-kto",
    reader: "LLaMA-Factory `stage: kto`",
    kinds: &[Kind::Kto],
    columns: &[
        column("instruction", Type::Text),
        column("input", Type::Text),
        column("output", Type::Text),
        column("system", Type::Text),
        column("kto_tag", Type::Bool),
    ],
    row: |row, _| {
        let Example::Unpaired { completion, desirable } = &row.example else { return None };
        let system = system_and_rest(row).0;
        Some(json!({
            "instruction": question(row), "input": "", "output": completion, "system": system, "kto_tag": desirable,
        }))
    },
    load: |written| config("kto", written),
    ..ALPACA
};

const SHAREGPT: Target = Target {
    name: "llamafactory-sharegpt",
    rules: &[has_prompt, knows_plain_roles, alternates, ends_with_user, has_answers, has_no_media],
    columns: &[column("conversations", MESSAGES)],
    row: |row, _| {
        let Example::Demonstration { completion } = &row.example else { return None };
        Some(json!({"conversations": answered(&row.prompt, completion)}))
    },
    lost: NOT_ALTERNATING,
    ..ALPACA
};

const NOT_ALTERNATING: &str = "rows whose turns do not alternate";

const SHAREGPT_DPO: Target = Target {
    name: "llamafactory-sharegpt-dpo",
    rules: &[has_prompt, knows_plain_roles, alternates, ends_with_user, has_answers, differs, has_no_media],
    columns: &[column("conversations", MESSAGES), column("chosen", MESSAGE), column("rejected", MESSAGE)],
    row: |row, _| {
        let Example::Preference { chosen, rejected } = &row.example else { return None };
        Some(json!({
            "conversations": conversation(&row.prompt), "chosen": answer(chosen), "rejected": answer(rejected),
        }))
    },
    lost: NOT_ALTERNATING,
    ..ALPACA_DPO
};

const SHAREGPT_KTO: Target = Target {
    name: "llamafactory-sharegpt-kto",
    rules: SHAREGPT.rules,
    columns: &[column("conversations", MESSAGES), column("kto_tag", Type::Bool)],
    row: |row, _| {
        let Example::Unpaired { completion, desirable } = &row.example else { return None };
        Some(json!({"conversations": answered(&row.prompt, completion), "kto_tag": desirable}))
    },
    lost: NOT_ALTERNATING,
    ..ALPACA_KTO
};

/// The names by which LLaMA-Factory knows the columns.
const KNOWN: [(&str, &str); 8] = [
    ("instruction", "prompt"),
    ("input", "query"),
    ("output", "response"),
    ("conversations", "messages"),
    ("chosen", "chosen"),
    ("rejected", "rejected"),
    ("system", "system"),
    ("kto_tag", "kto_tag"),
];

fn dataset_info(written: &Written) -> Vec<(&'static str, String)> {
    let has = |name: &str| written.columns.iter().any(|column| column.name == name);
    let known = KNOWN.into_iter().filter(|(name, _)| has(name));
    let columns: Map<String, Value> = known.map(|(name, known)| (known.into(), name.into())).collect();
    let mut info = Map::new();
    for (split, files) in written.parts() {
        let path = match files[..] {
            [one] => one.path.as_path(),
            _ => files[0].path.parent().unwrap_or(&files[0].path),
        };
        let mut entry = json!({
            "file_name": path.strip_prefix(&written.out).unwrap_or(path).to_string_lossy(),
            "formatting": if has("conversations") { "sharegpt" } else { "alpaca" },
            "ranking": has("chosen"),
            "columns": columns,
        });
        if has("conversations") {
            entry["tags"] = tags();
        }
        info.insert(format!("{}_{}", written.name(), split.name()), entry);
    }
    vec![("dataset_info.json", format!("{:#}\n", Value::Object(info)))]
}

/// All seven: a tag that is left out is none.
fn tags() -> Value {
    json!({
        "role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant",
        "observation_tag": "tool", "function_tag": "function_call", "system_tag": "system",
    })
}

fn config(stage: &str, written: &Written) -> String {
    let names: Vec<String> =
        written.parts().iter().map(|(split, _)| format!("{}_{}", written.name(), split.name())).collect();
    let folder = crate::export::written::quoted(&written.out);
    let mut lines = format!("stage: {stage}\ndataset_dir: {folder}\ndataset: {}", names[0]);
    if let Some(second) = names.get(1) {
        lines += &format!("\neval_dataset: {second}");
    }
    lines
}
