//! Writes tasks, answered or not, as the tools import them that people label with.
//!
//! Every record carries our ids, in its data and (for Argilla) in its own id, so that the tool's export names the same
//! responses when it comes back ([`crate::sources`]).

use std::io::Write;
use std::path::Path;

use rewardctl_core::id::{ItemId, ResponseId};
use rewardctl_core::label::{Judgement, Winner};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::atomic::Sink;
use crate::error::Error;
use crate::row_file::{write_json, write_jsonl};

/// A tool that people label with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Argilla: a JSON list of records.
    Argilla,
    /// Label Studio: a JSON list of tasks.
    LabelStudio,
}

/// One or two responses to one prompt, and what people said of them.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRecord {
    /// The item.
    pub item: ItemId,
    /// What the responses answer.
    pub prompt: String,
    /// One response to rate, or two to compare.
    pub responses: Vec<(ResponseId, String)>,
    /// Why it is asked; may be empty.
    pub reason: String,
    /// Who said what; empty for an open task.
    pub answers: Vec<Answer>,
}

/// What one person said.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Who.
    pub annotator: String,
    /// What, of the record's responses.
    pub judgement: Judgement,
    /// Why; may be empty.
    pub note: String,
}

/// The fields of one response, and of two.
const ONE: [&str; 1] = ["response"];
const TWO: [&str; 2] = ["response_a", "response_b"];

/// Writes a list of records whole or not at all, or to stdout if `path` is `-`, and returns how many; without any
/// there is no file.
pub fn write_tasks(path: &Path, tool: Tool, records: impl Iterator<Item = TaskRecord>) -> Result<u64, Error> {
    let failed = Sink::failed(path);
    let mut sink = Sink::create(path)?;
    let mut count = 0;
    for record in records {
        sink.write_all(if count == 0 { b"[\n" } else { b",\n" }).map_err(&failed)?;
        let value = match tool {
            Tool::Argilla => argilla(&record),
            Tool::LabelStudio => label_studio(&record),
        };
        write_json(&mut sink, &value).map_err(&failed)?;
        count += 1;
    }
    if count > 0 {
        sink.write_all(b"\n]\n").map_err(&failed)?;
        sink.finish().map_err(&failed)?;
    }
    Ok(count)
}

/// Writes tasks as the lines that they are, and returns how many; without any there is no file.
pub fn write_lines<T: Serialize>(path: &Path, rows: impl Iterator<Item = T>) -> Result<u64, Error> {
    write_jsonl(path, rows.map(Ok::<_, Error>))
}

impl TaskRecord {
    fn names(&self) -> &'static [&'static str] {
        if self.responses.len() == 1 { &ONE } else { &TWO }
    }

    fn texts(&self) -> Map<String, Value> {
        let mut fields = Map::from_iter([("prompt".to_owned(), json!(self.prompt))]);
        fields.extend(
            self.names().iter().zip(&self.responses).map(|(name, (_, text))| ((*name).into(), json!(text))),
        );
        fields
    }

    fn ids(&self) -> Map<String, Value> {
        let mut ids = Map::from_iter([("item_id".to_owned(), json!(self.item.to_string()))]);
        let named = self.names().iter().zip(&self.responses);
        ids.extend(named.map(|(name, (id, _))| (format!("{name}_id"), json!(id.to_string()))));
        ids.extend((!self.reason.is_empty()).then(|| ("reason".to_owned(), json!(self.reason))));
        ids
    }

    /// Returns the name of the field that holds the preferred response, `tie` for a tie.
    fn preferred(&self, judgement: &Judgement) -> Option<&'static str> {
        let Judgement::Compare { a, b, winner, .. } = judgement else { return None };
        let better = match winner {
            Winner::A => a,
            Winner::B => b,
            Winner::Tie => return Some("tie"),
        };
        let at = self.responses.iter().position(|(id, _)| id == better)?;
        self.names().get(at).copied()
    }
}

fn argilla(record: &TaskRecord) -> Value {
    let id: Vec<String> = record.responses.iter().map(|(id, _)| id.to_string()).collect();
    let mut responses: Map<String, Value> = Map::new();
    for answer in &record.answers {
        let given =
            |value: Value| json!({"value": value, "user_id": answer.annotator, "status": "submitted"});
        let (question, value) = match &answer.judgement {
            Judgement::Rate { value, dimension, .. } => {
                (dimension.clone().unwrap_or_else(|| "rating".into()), json!(value))
            }
            Judgement::Compare { .. } => ("preference".into(), json!(record.preferred(&answer.judgement))),
            Judgement::Correct { text, .. } => ("correction".into(), json!(text)),
        };
        push(&mut responses, question, given(value));
        if !answer.note.is_empty() {
            push(&mut responses, "comment".into(), given(json!(answer.note)));
        }
    }
    json!({
        "id": id.join("."), "fields": record.texts(), "metadata": record.ids(), "suggestions": {},
        "responses": responses, "vectors": {},
    })
}

fn push(responses: &mut Map<String, Value>, question: String, answer: Value) {
    if let Value::Array(list) = responses.entry(question).or_insert_with(|| json!([])) {
        list.push(answer);
    }
}

fn label_studio(record: &TaskRecord) -> Value {
    let mut data = record.texts();
    data.extend(record.ids());
    let annotations: Vec<Value> = record.answers.iter().map(|answer| annotation(record, answer)).collect();
    json!({"data": data, "annotations": annotations})
}

fn annotation(record: &TaskRecord, answer: &Answer) -> Value {
    let result = |name: &str, kind: &str, to: &str, value: Value| json!({"from_name": name, "to_name": to, "type": kind, "value": value});
    let mut results = vec![match &answer.judgement {
        Judgement::Rate { value, dimension, .. } => {
            result(dimension.as_deref().unwrap_or("rating"), "number", "response", json!({"number": value}))
        }
        Judgement::Compare { .. } => match record.preferred(&answer.judgement) {
            Some("tie") | None => result("preference", "choices", "prompt", json!({"choices": ["tie"]})),
            Some(name) => {
                let side = if name == TWO[0] { "left" } else { "right" };
                result("preference", "pairwise", "response_a,response_b", json!({"selected": side}))
            }
        },
        Judgement::Correct { text, .. } => {
            result("correction", "textarea", "response", json!({"text": [text]}))
        }
    }];
    if !answer.note.is_empty() {
        results.push(result("comment", "textarea", "prompt", json!({"text": [answer.note]})));
    }
    json!({"completed_by": {"email": answer.annotator}, "was_cancelled": false, "result": results})
}
