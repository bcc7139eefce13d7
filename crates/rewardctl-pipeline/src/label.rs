//! Takes in what people say, and gives it out again.

use std::collections::BTreeMap;
use std::path::Path;

use rewardctl_core::id::{ItemId, ResponseId};
use rewardctl_core::label::{Judgement, Label, last_words};
use rewardctl_data::labels::{LabelRow, Said, Target, read_labels, write_labels};
use rewardctl_data::task_file::{Answer, TaskRecord, Tool, write_tasks};
use rewardctl_store::labels::Named;
use rewardctl_store::open::Store;
use rewardctl_store::read::StoredItem;
use serde::Serialize;

use crate::error::Error;
use crate::ingest::InputFile;

/// Items that are read of the store at once.
const ITEMS_AT_ONCE: usize = 256;

/// What an import came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Lines of the file.
    pub labels: usize,
    /// Of these, not yet known.
    pub new: usize,
    /// Dimensions that were rated, but that no panel has: typing errors, or panels to come.
    pub unknown_dimensions: BTreeMap<String, Sightings>,
    /// The dimensions of all panels that scored here.
    #[serde(skip)]
    pub dimensions: Vec<String>,
    /// What came with the labels, of the file of another tool.
    pub source: Taken,
}

/// What an import of the file of another tool took beside its labels, and what it left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Items that the store did not have.
    pub items: i64,
    /// Responses that the store did not have.
    pub responses: i64,
    /// Opinions of models, which are no labels.
    pub machine: u64,
    /// What else was left, by the reason.
    pub passed_over: BTreeMap<String, u64>,
    /// Rows that cannot be used.
    pub skipped: u64,
}

/// Where something stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sightings {
    /// The line where it stands first.
    pub line: u64,
    /// How many lines have it.
    pub count: usize,
}

/// Imports a label file: all of it, or nothing if any line cannot be used.
pub async fn import(store: &Store, file: &InputFile, now: &str) -> Result<Imported, Error> {
    let dimensions = store.dimensions().await?;
    let mut unknown_dimensions: BTreeMap<String, Sightings> = BTreeMap::new();
    let mut labels = vec![];
    for (line, row) in read(file)? {
        see(&mut unknown_dimensions, &dimensions, &row.said, line);
        labels.push(resolve(store, &file.label, line, row).await?);
    }
    let new = store.add_labels(&labels, now).await?;
    Ok(Imported { labels: labels.len(), new, unknown_dimensions, dimensions, source: Taken::default() })
}

/// Notes the dimension that is rated, if no panel has it.
pub(crate) fn see(unknown: &mut BTreeMap<String, Sightings>, dimensions: &[String], said: &Said, line: u64) {
    if let Some(name) = said.dimension().filter(|name| !dimensions.contains(name)) {
        unknown.entry(name.clone()).or_insert(Sightings { line, count: 0 }).count += 1;
    }
}

/// Reads a label file, without asking what its labels are about; an error if any line cannot be used.
pub fn read(file: &InputFile) -> Result<Vec<(u64, LabelRow)>, Error> {
    let (mut rows, mut bad) = (vec![], vec![]);
    for row in read_labels(&file.path, &file.label)? {
        match row {
            Ok(row) => rows.push(row),
            Err(error) => bad.push(error),
        }
    }
    if bad.is_empty() {
        return Ok(rows);
    }
    let count = bad.len() as u64;
    bad.truncate(crate::ingest::BAD_ROWS_LISTED);
    Err(Error::BadRows { count, first: bad })
}

/// Writes every label of the store, in the order in which they were given, to stdout if `path` is `-`; returns how
/// many.
pub async fn export(store: &Store, path: &Path) -> Result<u64, Error> {
    let rows = store.labels().await?.into_iter().map(label_row);
    Ok(write_labels(path, rows)?)
}

/// Writes every label of the store for `tool`, with the texts, to stdout if `path` is `-`; returns how many records.
///
/// Memory holds the records of all labels, not of all responses.
pub async fn export_for(store: &Store, path: &Path, tool: Tool) -> Result<u64, Error> {
    let (mut after, mut records) = (0, vec![]);
    loop {
        let items = store.items(after, ITEMS_AT_ONCE).await?;
        let Some(last) = items.last() else { break };
        after = last.seq;
        records.extend(items.iter().flat_map(labelled));
    }
    Ok(write_tasks(path, tool, records.into_iter())?)
}

/// Returns a record for every response or pair of an item that people said something of last.
fn labelled(item: &StoredItem) -> Vec<TaskRecord> {
    let text = |id: ResponseId| {
        let response = item.responses.iter().find(|response| response.id == id);
        response.map_or(String::new(), |response| response.text.clone())
    };
    let mut records: BTreeMap<Vec<ResponseId>, TaskRecord> = BTreeMap::new();
    for label in last_words(&item.labels) {
        let mut ids = label.responses();
        ids.sort();
        let record = records.entry(ids.clone()).or_insert_with(|| TaskRecord {
            item: item.id,
            prompt: item.context.question().to_owned(),
            responses: ids.iter().map(|id| (*id, text(*id))).collect(),
            reason: String::new(),
            answers: vec![],
        });
        let (annotator, note) = (label.annotator.clone(), label.note.clone());
        record.answers.push(Answer { annotator, judgement: label.judgement.clone(), note });
    }
    records.into_values().collect()
}

/// Finds the responses that a label names.
pub(crate) async fn resolve(store: &Store, file: &str, line: u64, row: LabelRow) -> Result<Label, Error> {
    let at = Place { store, file, line, item: row.item.as_deref() };
    let (judgement, item) = match row.said {
        Said::Rate { response, value, scale, dimension } => {
            scale.normalise(value).map_err(|error| at.problem(error.to_string()))?;
            let (response, item) = at.find(response).await?;
            (Judgement::Rate { response, value, scale, dimension }, item)
        }
        Said::Compare { a, b, winner, strength } => {
            let ((a, item), (b, other)) = (at.find(a).await?, at.find(b).await?);
            if item != other || a == b {
                return Err(at.problem("a comparison needs two different responses to one item".into()));
            }
            (Judgement::Compare { a, b, winner, strength }, item)
        }
        Said::Correct { response, text } => {
            if text.trim().is_empty() {
                return Err(at.problem("field `text`: a correction needs a text".into()));
            }
            let (response, item) = at.find(response).await?;
            (Judgement::Correct { response, text }, item)
        }
    };
    Ok(Label { item, judgement, annotator: row.annotator, note: row.note.unwrap_or_default() })
}

/// A line of a label file.
struct Place<'a> {
    store: &'a Store,
    file: &'a str,
    line: u64,
    item: Option<&'a str>,
}

impl Place<'_> {
    fn problem(&self, problem: String) -> Error {
        Error::Label { file: self.file.into(), line: self.line, problem }
    }

    async fn find(&self, target: Target) -> Result<(ResponseId, ItemId), Error> {
        let (index, item) = match (target, self.item) {
            (Target::Id(response), _) => {
                let item = self.store.item_of(response).await?;
                let unknown = || self.problem(format!("no response `{response}` was ever scored here"));
                return item.map(|item| (response, item)).ok_or_else(unknown);
            }
            (Target::Index(_), None) => {
                return Err(self.problem("field `item`: needed beside a response's index".into()));
            }
            (Target::Index(index), Some(item)) => (index, item),
        };
        let mut named = self.store.response_named(item, index).await?;
        if let (Named::Unknown, Ok(id)) = (named, item.parse()) {
            named = self.store.response_of_item(id, index).await?;
        }
        match named {
            Named::Response(response, item) => Ok((response, item)),
            Named::Unknown => {
                Err(self.problem(format!("item `{item}` with a response {index} was never scored here")))
            }
            Named::Ambiguous => Err(self.problem(format!(
                "the input calls several responses item `{item}`, response {index}: name it by `response_id`"
            ))),
        }
    }
}

fn label_row(label: Label) -> LabelRow {
    let said = match label.judgement {
        Judgement::Rate { response, value, scale, dimension } => {
            Said::Rate { response: Target::Id(response), value, scale, dimension }
        }
        Judgement::Compare { a, b, winner, strength } => {
            Said::Compare { a: Target::Id(a), b: Target::Id(b), winner, strength }
        }
        Judgement::Correct { response, text } => Said::Correct { response: Target::Id(response), text },
    };
    let note = (!label.note.is_empty()).then_some(label.note);
    LabelRow { item: Some(label.item.to_string()), said, annotator: label.annotator, note }
}
