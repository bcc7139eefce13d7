//! Reads files of rewarded responses, one response a row: what `rewardctl score --with-text` writes, or `prompt`,
//! `response` and `reward` from anywhere.
//!
//! Files are read once, by several threads, a chunk of lines each. Texts go to a file without a name; what stays in memory
//! is an entry of fixed size for each response.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};
use std::thread;

use rewardctl_core::id::{ItemId, ResponseId};
use rewardctl_core::item::Message;

use crate::error::Error;
use crate::fields::ReadSettings;
use crate::row_error::RowError;
use crate::scored_input::chunks::Chunks;
use crate::scored_input::parse::{Parsed, parse};
use crate::source::Source;

mod chunks;
mod parse;

/// A response with its reward, and where its texts lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoredEntry {
    /// What it answers.
    pub item: ItemId,
    /// The response.
    pub response: ResponseId,
    /// Its reward, of any scale; None where the row has none.
    pub reward: Option<f64>,
    /// The standard deviation of the reward, where the row has one.
    pub deviation: Option<f64>,
    /// Names what made the reward; 0 where the row does not say.
    pub version: u64,
    /// Whether the row does not send it to a person.
    pub accepted: bool,
    /// Whether the prompt is kept as JSON of its turns; else it is one turn of the user.
    is_chat: bool,
    /// Where its texts start: prompt, response, model.
    at: u64,
    /// Their lengths.
    lengths: [u32; 3],
}

/// The texts of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoredTexts {
    /// The conversation up to the response.
    pub prompt: Vec<Message>,
    /// The response.
    pub response: String,
    /// The model that wrote it.
    pub generator: Option<String>,
}

/// Rewarded responses, those to one prompt together, prompts in the order of the files.
pub struct ScoredInput {
    entries: Vec<ScoredEntry>,
    /// Rows that repeat a response.
    pub repeated: u64,
    texts: File,
    folder: PathBuf,
}

/// Reads files, which errors call by their labels; texts are kept in `folder`. Bad rows refuse the input, and are returned.
pub fn read_scored(
    files: &[(PathBuf, String)],
    settings: &ReadSettings,
    threads: usize,
    folder: &Path,
) -> Result<Result<ScoredInput, Vec<RowError>>, Error> {
    let writing = |source| Error::Write { path: folder.into(), source };
    let texts = tempfile::tempfile_in(folder).map_err(writing)?;
    let mut gathered = Gathered { entries: vec![], bad: vec![], texts, length: 0 };
    for (path, label) in files {
        let source = Source::open(path, label, settings)?;
        let chunks = Mutex::new(Chunks::open(&source)?);
        gather(&chunks, label, threads.max(1), &mut gathered).map_err(writing)?;
    }
    if !gathered.bad.is_empty() {
        return Ok(Err(gathered.bad));
    }
    let read = gathered.entries.len();
    let entries = grouped(gathered.entries);
    let repeated = (read - entries.len()) as u64;
    Ok(Ok(ScoredInput { entries, repeated, texts: gathered.texts, folder: folder.into() }))
}

struct Gathered {
    entries: Vec<ScoredEntry>,
    bad: Vec<RowError>,
    texts: File,
    length: u64,
}

/// Lets threads take chunks and parse them, and takes in what they found in the order of the file.
fn gather(chunks: &Mutex<Chunks>, label: &str, threads: usize, into: &mut Gathered) -> io::Result<()> {
    let (send, receive) = sync_channel(threads);
    thread::scope(|scope| {
        for _ in 0..threads {
            let send = send.clone();
            scope.spawn(move || {
                loop {
                    let next = chunks.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((number, chunk)) = next else { return };
                    // Nobody listens only after a failure, which ends everything.
                    if send.send((number, parse(chunk, label))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let (mut waiting, mut due) = (BTreeMap::new(), 0);
        for (number, parsed) in &receive {
            waiting.insert(number, parsed);
            while let Some(parsed) = waiting.remove(&due) {
                if let Err(error) = into.take(parsed) {
                    drop(receive);
                    return Err(error);
                }
                due += 1;
            }
        }
        Ok(())
    })
}

impl Gathered {
    fn take(&mut self, parsed: Parsed) -> io::Result<()> {
        self.bad.extend(parsed.bad);
        self.texts.write_all(&parsed.texts)?;
        let base = self.length;
        self.entries
            .extend(parsed.entries.into_iter().map(|entry| ScoredEntry { at: base + entry.at, ..entry }));
        self.length += parsed.texts.len() as u64;
        Ok(())
    }
}

/// Puts responses to one prompt together, in the order of the first; of a response that is there twice the first stays.
fn grouped(entries: Vec<ScoredEntry>) -> Vec<ScoredEntry> {
    let (mut places, mut seen) = (HashMap::new(), HashSet::with_capacity(entries.len()));
    let mut numbered = Vec::with_capacity(entries.len());
    for entry in entries {
        let next = places.len();
        let group = *places.entry(entry.item).or_insert(next);
        if seen.insert((group, entry.response)) {
            numbered.push((group, entry));
        }
    }
    // Stable: within a prompt the order of the files stays.
    numbered.sort_by_key(|(group, _)| *group);
    numbered.into_iter().map(|(_, entry)| entry).collect()
}

impl ScoredInput {
    /// Returns all responses.
    pub fn entries(&self) -> &[ScoredEntry] {
        &self.entries
    }

    /// Returns the responses by prompt.
    pub fn prompts(&self) -> impl Iterator<Item = &[ScoredEntry]> {
        self.entries.chunk_by(|a, b| a.item == b.item)
    }

    /// Reads the texts of a response.
    pub fn texts(&self, entry: &ScoredEntry) -> Result<ScoredTexts, Error> {
        self.read(entry).map_err(|source| Error::Read { path: self.folder.clone(), source })
    }

    fn read(&self, entry: &ScoredEntry) -> io::Result<ScoredTexts> {
        let [prompt, response, generator] = entry.lengths.map(|length| length as usize);
        let mut bytes = vec![0; prompt + response + generator];
        self.texts.read_exact_at(&mut bytes, entry.at)?;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(io::Error::other);
        let model = text(bytes.split_off(prompt + response))?;
        let response = text(bytes.split_off(prompt))?;
        let prompt = match entry.is_chat {
            true => serde_json::from_slice(&bytes)?,
            false => vec![Message::user(text(bytes)?)],
        };
        Ok(ScoredTexts { prompt, response, generator: Some(model).filter(|model| !model.is_empty()) })
    }
}

#[cfg(test)]
mod tests;
