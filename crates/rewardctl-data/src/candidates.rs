//! Writes prompts with the responses that models were asked for, as JSONL that scoring reads.
//!
//! A row keeps what the input's row had: its id, reference, documents, further fields, and the responses that were
//! there before, in front of the new ones.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use rewardctl_core::item::{Item, Message};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::atomic::Sink;
use crate::error::Error;
use crate::json::Fields;
use crate::row_file::write_json;

/// The field that holds the responses.
const RESPONSES: &str = "responses";

/// A response that a model was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// The text.
    pub text: String,
    /// The model that wrote it: what scoring groups by.
    pub model: String,
    /// The endpoint that was asked.
    pub endpoint: String,
    /// Which draw it is, from 1; None for a revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// The seed that the endpoint was given; None where it takes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Whether it ran out of tokens.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// What it corrects, if it is a correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
}

/// What a corrected response rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Revision {
    /// The place of the corrected response among those of its row, from 0.
    pub of: usize,
    /// What was held against it.
    pub findings: Vec<RevisionFinding>,
}

/// What one critic held against a response.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RevisionFinding {
    /// The critic's name.
    pub critic: String,
    /// The dimension that it judged.
    pub dimension: String,
    /// Its score, in 0..=1.
    pub score: f64,
    /// What it says.
    pub rationale: String,
}

/// How the candidates of a file were asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SamplingRow {
    /// Responses asked of each endpoint.
    pub n: u32,
    /// As asked for; an endpoint that takes none went its own way.
    pub temperature: f64,
    /// None leaves it to the endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// The most tokens of a response, without reasoning.
    pub max_reply_tokens: u32,
    /// The seed that the draws' own seeds derive from, beside the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The system message of prompts that have none of their own; no part of the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
}

/// Writes candidates. What is not finished leaves no file.
pub struct CandidateWriter {
    path: PathBuf,
    sink: Sink,
    rows: u64,
    /// The row at hand, encoded; kept to spare allocations.
    text: Vec<u8>,
}

impl CandidateWriter {
    /// Writes to what `path` names: a file, which appears when it is finished, or `-` for stdout.
    pub fn create(path: &Path) -> Result<Self, Error> {
        Ok(Self { path: path.into(), sink: Sink::create(path)?, rows: 0, text: vec![] })
    }

    /// Writes one prompt with its responses; `sampling` is None if nothing was drawn, and what the input's row says
    /// of it is kept.
    pub fn write(
        &mut self,
        item: &Item,
        candidates: &[Candidate],
        sampling: Option<&SamplingRow>,
    ) -> Result<(), Error> {
        self.text.clear();
        let written = write_json(&mut self.text, &row(item, candidates, sampling));
        self.text.push(b'\n');
        written.and_then(|()| self.sink.write_all(&self.text)).map_err(Sink::failed(&self.path))?;
        self.rows += 1;
        Ok(())
    }

    /// Ends the file, gives it its name and returns the number of rows; without any row there is no file.
    pub fn finish(self) -> Result<u64, Error> {
        if self.rows > 0 {
            self.sink.finish().map_err(Sink::failed(&self.path))?;
        }
        Ok(self.rows)
    }
}

impl fmt::Debug for CandidateWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CandidateWriter")
            .field("path", &self.path)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

fn row(item: &Item, candidates: &[Candidate], sampling: Option<&SamplingRow>) -> Fields {
    // What is no object was not read as a row's further fields, so nothing is lost.
    let mut further: Fields = serde_json::from_str(&item.metadata).unwrap_or_default();
    let mut row = Map::new();
    row.extend(item.name.as_ref().map(|name| ("id".into(), json!(name))));
    row.insert("prompt".into(), prompt(&item.context.prompt));
    let before = before(item, further.shift_remove(RESPONSES));
    let drawn = candidates.iter().map(|candidate| json!(candidate));
    row.insert(RESPONSES.into(), before.into_iter().chain(drawn).collect());
    row.extend(item.context.reference.as_ref().map(|reference| ("reference".into(), json!(reference))));
    let documents = &item.context.documents;
    row.extend((!documents.is_empty()).then(|| ("documents".into(), json!(documents))));
    row.extend(sampling.map(|sampling| ("sampling".into(), json!(sampling))));
    for (name, value) in further {
        row.entry(name).or_insert(value);
    }
    row
}

/// Returns a plain prompt as text, a conversation as its messages.
fn prompt(turns: &[Message]) -> Value {
    match turns {
        [only] if only.role == "user" => json!(only.content),
        turns => json!(turns),
    }
}

/// Returns the responses that the row had, each with the fields that its object had beside text and model.
fn before(item: &Item, further: Option<Value>) -> Vec<Value> {
    let further = match further {
        Some(Value::Array(list)) if list.len() == item.responses.len() => list,
        _ => vec![Value::Null; item.responses.len()],
    };
    let each = item.responses.iter().zip(further);
    let object = each.map(|(response, further)| {
        let mut object = Map::from_iter([("text".into(), json!(response.text))]);
        object.extend(response.generator.as_ref().map(|generator| ("model".into(), json!(generator))));
        object.extend(response.role.as_ref().map(|role| ("role".into(), json!(role))));
        if let Value::Object(further) = further {
            object.extend(further);
        }
        Value::Object(object)
    });
    object.collect()
}

#[cfg(test)]
mod tests;
