use std::fs;
use std::path::{Path, PathBuf};

use rewardctl_core::label::Winner;
use rewardctl_core::score::Scale;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::fields::ReadSettings;
use crate::input::said_rows::SaidRow;
use crate::input::{Input, Told, open_all, open_said};
use crate::labels::Target;

mod logs;
mod people;
mod preferences;
mod refusals;

/// Files of these rows, one a line.
fn jsonl(folder: &TempDir, files: &[&[Value]]) -> Vec<(PathBuf, String)> {
    let written = files.iter().enumerate().map(|(at, rows)| {
        let label = format!("{}.jsonl", at + 1);
        let path = folder.path().join(&label);
        fs::write(&path, rows.iter().map(|row| format!("{row}\n")).collect::<String>()).unwrap();
        (path, label)
    });
    written.collect()
}

fn borrowed(files: &[(PathBuf, String)]) -> impl Iterator<Item = (&Path, &str)> {
    files.iter().map(|(path, label)| (path.as_path(), label.as_str()))
}

/// What the rows of files say when they are read for labels: a line for each row, opinion, and thing passed over.
fn said(files: &[&[Value]], told: Told<'_>) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let files = jsonl(&folder, files);
    let inputs =
        open_said(borrowed(&files), &ReadSettings::default(), told).unwrap().expect("a known source");
    inputs.iter().flat_map(|input| rows_of(input.said_rows().unwrap())).collect()
}

fn rows_of(rows: impl Iterator<Item = Result<SaidRow, crate::row_error::RowError>>) -> Vec<String> {
    let mut lines = vec![];
    for row in rows {
        match row {
            Ok(row) => {
                lines.extend(row.item.iter().map(shown));
                lines.extend(row.opinions.iter().map(opinion));
                lines.extend(row.passed_over.iter().map(|why| format!("left: {why}")));
            }
            Err(error) => lines.push(format!("{error} ({})", error.hint())),
        }
    }
    lines
}

fn shown(item: &Item) -> String {
    let name = item.name.as_ref().map_or(String::new(), |name| format!("{name}: "));
    let turns: Vec<String> =
        item.context.prompt.iter().map(|turn| format!("{}={}", turn.role, turn.content)).collect();
    let responses: Vec<String> = item
        .responses
        .iter()
        .map(|response| match &response.generator {
            Some(generator) => format!("{} ({generator})", response.text),
            None => response.text.clone(),
        })
        .collect();
    let reference = item.context.reference.as_ref().map_or(String::new(), |text| format!(" [{text}]"));
    format!("{name}{} -> {}{reference}", turns.join(" "), responses.join(" | "))
}

fn opinion(opinion: &Opinion) -> String {
    let who = match &opinion.by {
        By::Person(name) => name.as_str(),
        By::Machine => "machine",
    };
    let at = |target: &Target| match target {
        Target::Index(at) => at.to_string(),
        Target::Id(id) => id.to_string()[..4].to_owned(),
    };
    let what = match &opinion.said {
        Said::Rate { response, value, scale, dimension } => {
            let Scale { min, max, .. } = scale;
            format!("{} {}={value} of {min}..{max}", at(response), dimension.as_deref().unwrap_or("whole"))
        }
        Said::Compare { a, b, winner, strength } => {
            let sign = match winner {
                Winner::A => '>',
                Winner::B => '<',
                Winner::Tie => '=',
            };
            let strength = strength.map_or(String::new(), |strength| format!(" by {:.2}", strength.get()));
            format!("{} {sign} {}{strength}", at(a), at(b))
        }
        Said::Correct { response, text } => format!("{} should be {text}", at(response)),
    };
    let note = opinion.note.as_ref().map_or(String::new(), |note| format!(" ({note})"));
    format!("{who}: {what}{note}")
}

fn check(rows: &[Value], expected: &[&str]) {
    assert_eq!(said(&[rows], Told::default()), expected);
}

/// What scoring sees of files: what they are, and their items.
fn scored(files: &[&[Value]]) -> (Vec<String>, Vec<Item>) {
    let folder = TempDir::new().unwrap();
    let files = jsonl(&folder, files);
    let inputs = open_all(borrowed(&files), &ReadSettings::default()).unwrap();
    let items = inputs.iter().flat_map(|input| input.rows().unwrap()).map(|row| row.unwrap().item).collect();
    (inputs.iter().map(Input::describe).collect(), items)
}

fn is_called(row: Value, expected: &str) {
    let (told, _) = scored(&[&[row]]);
    assert_eq!(told, [format!("1.jsonl: JSONL, {expected}")]);
}

/// A text with everything that a careless reader changes.
const AWKWARD: &str = "  \r\n\u{feff}é\u{301} <b>&amp;</b>\t\"\\n\" \u{2028}\n\n Human: no turn \u{0}0 ";

#[test]
fn names_are_told_apart() {
    let mut all = names();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
    assert!(all.iter().all(|name| named(name).is_some()));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn texts_are_kept_byte_for_byte() {
    let (t, turn) = (AWKWARD, |role: &str, text: &str| json!({"role": role, "content": text}));
    let sources: Vec<Vec<Vec<Value>>> = vec![
        vec![vec![json!({"instruction": t, "completions": [{"response": t, "annotations": {}}]})]],
        vec![vec![json!({"prompt": t, "response": t, "helpfulness": 1, "verbosity": 1})]],
        vec![vec![
            json!({"context": [turn("user", t)], "response1": t, "response2": t, "overall_preference": 1}),
        ]],
        vec![vec![
            json!({"question": {"full_text": t}, "answer_0": t, "answer_1": t, "score_0": 0, "score_1": 0}),
        ]],
        vec![vec![
            json!({"winner": "tie", "judge": "j", "conversation_a": [turn("user", t), turn("assistant", t)], "conversation_b": [turn("user", t), turn("assistant", t)]}),
        ]],
        vec![vec![
            json!({"prompt": json!([t]).to_string(), "response_a": json!([t]).to_string(), "response_b": json!([t]).to_string(), "winner_model_a": 1, "winner_model_b": 0, "winner_tie": 0}),
        ]],
        vec![vec![
            json!({"message_tree_id": "t", "prompt": {"role": "prompter", "text": t, "replies": [{"role": "assistant", "text": t}]}}),
        ]],
        vec![vec![
            json!({"run_id": "r", "event_id": 0, "sample_id": "s", "type": "sampling", "data": {"prompt": t, "sampled": [t]}}),
        ]],
        vec![
            vec![
                json!({"custom_id": "1", "error": null, "response": {"status_code": 200, "body": {"choices": [{"message": turn("assistant", t)}]}}}),
            ],
            vec![
                json!({"custom_id": "1", "method": "POST", "url": "u", "body": {"messages": [turn("user", t)]}}),
            ],
        ],
        vec![
            vec![
                json!({"custom_id": "1", "result": {"type": "succeeded", "message": {"content": [{"type": "text", "text": t}]}}}),
            ],
            vec![json!({"custom_id": "1", "params": {"messages": [turn("user", t)]}})],
        ],
        vec![vec![
            json!({"results": {"results": [{"prompt": {"raw": t}, "response": {"output": t}, "provider": {"id": "m"}}]}}),
        ]],
        vec![vec![
            json!({"doc_id": 0, "arguments": {"gen_args_0": {"arg_0": t}}, "resps": [[t]], "filtered_resps": [t]}),
        ]],
        vec![vec![json!({"status": "success", "samples": [{"input": t, "output": {"completion": t}}]})]],
        vec![vec![json!({"id": "1", "fields": {"prompt": t, "response": t}, "responses": {}})]],
        vec![vec![json!({"id": 1, "data": {"prompt": t, "response": t}, "annotations": []})]],
        vec![vec![json!({"id": "1", "projectId": "p", "input": t, "output": t})]],
        vec![vec![
            json!({"id": "1", "run_type": "llm", "inputs": {"question": t}, "outputs": {"answer": t}}),
        ]],
        vec![vec![
            json!({"question": {"problem": t}, "label": {"steps": [{"completions": [{"text": t, "rating": 1}]}]}}),
        ]],
        vec![vec![json!({"prompt": t, "chosen": [t], "rejected": [t], "subset": "s"})]],
        vec![vec![json!({"items": [{"from": "human", "value": t}, {"from": "gpt", "value": t}]})]],
        vec![
            vec![json!({"question_id": 1, "model_id": "m", "choices": [{"turns": [t]}]})],
            vec![json!({"question_id": 1, "turns": [t]})],
        ],
    ];
    for files in sources {
        let files: Vec<&[Value]> = files.iter().map(Vec::as_slice).collect();
        let (told, items) = scored(&files);
        assert_eq!(items.len(), 1, "{told:?}");
        assert_eq!(items[0].context.prompt[0].content, t, "{told:?}");
        assert!(items[0].responses.iter().all(|response| response.text == t), "{told:?}");
    }
}
