//! Chunks: a few rows at a time travel from the reader through the critics to the store, so memory stays bounded.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use rewardctl_core::id::{ItemId, ResponseId};
use rewardctl_core::item::Item;
use rewardctl_data::input::Input;
use tokio::sync::mpsc;

use crate::error::Error;

/// When a chunk is full: at whichever comes first.
#[derive(Debug, Clone, Copy)]
pub struct Full {
    /// This many responses, or rows that have none.
    pub responses: usize,
    /// This many bytes of text.
    pub bytes: usize,
}

/// A row of input with its ids.
#[derive(Debug)]
pub struct Row {
    pub file: String,
    pub line: u64,
    pub item: Item,
    pub id: ItemId,
    pub responses: Vec<ResponseId>,
}

/// Rows that are judged and saved together.
#[derive(Debug, Default)]
pub struct Chunk {
    pub rows: Vec<Row>,
    pub responses: usize,
    bytes: usize,
}

/// Reads the rows of `inputs` in a thread of its own, a chunk at a time. Bad rows are left out: the check that ran
/// before has counted them, and so are items that are not among `only`.
pub fn read(
    inputs: Vec<Input>,
    only: Option<Arc<BTreeSet<ItemId>>>,
    full: Full,
) -> mpsc::Receiver<Result<Chunk, Error>> {
    let (sender, receiver) = mpsc::channel(2);
    thread::spawn(move || {
        let outcome = send_all(&inputs, only.as_deref(), full, &sender);
        if let Err(error) = outcome {
            // Nobody listens any more if this fails, so there is nobody to tell.
            let _ = sender.blocking_send(Err(error));
        }
    });
    receiver
}

fn send_all(
    inputs: &[Input],
    only: Option<&BTreeSet<ItemId>>,
    full: Full,
    sender: &mpsc::Sender<Result<Chunk, Error>>,
) -> Result<(), Error> {
    let mut chunk = Chunk::default();
    for input in inputs {
        for row in input.rows()? {
            match row {
                Ok(row) if only.is_some_and(|only| !only.contains(&row.item.context.id())) => continue,
                Ok(row) => chunk.push(input.label.clone(), row.line, row.item),
                Err(error) if error.ends_file() => return Err(Error::CutShort(error)),
                Err(_) => continue,
            }
            if chunk.is_full(full) && sender.blocking_send(Ok(std::mem::take(&mut chunk))).is_err() {
                return Ok(());
            }
        }
    }
    if !chunk.rows.is_empty() {
        let _ = sender.blocking_send(Ok(chunk));
    }
    Ok(())
}

impl Chunk {
    fn push(&mut self, file: String, line: u64, item: Item) {
        let id = item.context.id();
        let responses: Vec<ResponseId> = item.responses.iter().map(|response| response.id(id)).collect();
        self.responses += responses.len();
        self.bytes += size(&item);
        self.rows.push(Row { file, line, item, id, responses });
    }

    fn is_full(&self, full: Full) -> bool {
        self.responses.max(self.rows.len()) >= full.responses || self.bytes >= full.bytes
    }
}

fn size(item: &Item) -> usize {
    let prompt: usize = item.context.prompt.iter().map(|turn| turn.content.len()).sum();
    let documents: usize = item.context.documents.iter().map(String::len).sum();
    let responses: usize = item.responses.iter().map(|response| response.text.len()).sum();
    prompt + documents + responses + item.metadata.len()
}
