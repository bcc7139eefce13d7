//! Rows on their way into a dataset: kept on disk until all of them are known, so that what must be known of all (caps,
//! balance, duplicates) can be decided before any is written.
//!
//! A row's texts are packed once, as the JSON that they stay; only where it comes from can still change.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use rewardctl_core::dataset::{Example, Provenance, Row, Split};
use rewardctl_core::item::Message;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::row_file::write_json;

/// Large enough that system calls cost nothing beside packing.
const BUFFER_BYTES: usize = 1 << 20;

/// Rows being gathered in a file that has no name.
pub struct Drafts {
    folder: PathBuf,
    file: BufWriter<File>,
}

/// A row as it lies in the file.
pub struct PackedDraft {
    json: Vec<u8>,
    /// The bytes of prompt and example; what follows says where the row comes from.
    texts: usize,
}

/// The rows, in the order in which they came.
pub struct DraftRows {
    folder: PathBuf,
    file: BufReader<File>,
}

/// A row without its part of the dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Prompt and example as JSON, without the brace that ends the row.
    pub(crate) head: Vec<u8>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// What a row shows to a model, as it was packed.
#[derive(Debug, Deserialize)]
pub struct DraftTexts {
    /// The prompt.
    pub prompt: Vec<Message>,
    /// What the row teaches.
    pub example: Example,
}

#[derive(Serialize)]
struct Head<'a> {
    prompt: &'a [Message],
    example: &'a Example,
}

impl Drafts {
    /// Starts in `folder`, which must be on a disk with room for all texts.
    pub fn create(folder: &Path) -> Result<Self, Error> {
        let file = tempfile::tempfile_in(folder).map_err(writing(folder))?;
        Ok(Self { folder: folder.into(), file: BufWriter::with_capacity(BUFFER_BYTES, file) })
    }

    /// Adds a row.
    pub fn push(&mut self, row: &PackedDraft) -> Result<(), Error> {
        let failed = writing(&self.folder);
        for length in [row.texts, row.json.len() - row.texts] {
            self.file.write_all(&(length as u64).to_le_bytes()).map_err(&failed)?;
        }
        self.file.write_all(&row.json).map_err(&failed)
    }

    /// Returns the rows that were added.
    pub fn rows(&mut self) -> Result<DraftRows, Error> {
        let failed = writing(&self.folder);
        self.file.flush().map_err(&failed)?;
        let mut file = self.file.get_ref().try_clone().map_err(&failed)?;
        file.rewind().map_err(&failed)?;
        Ok(DraftRows { folder: self.folder.clone(), file: BufReader::with_capacity(BUFFER_BYTES, file) })
    }
}

impl PackedDraft {
    /// Packs a row.
    pub fn new(prompt: &[Message], example: &Example, provenance: &Provenance) -> Self {
        let mut json = Vec::with_capacity(1024);
        let pack = |json: &mut Vec<u8>| {
            write_json(json, &Head { prompt, example })?;
            json.pop();
            let texts = json.len();
            write_json(json, provenance).map(|()| texts)
        };
        let texts =
            pack(&mut json).expect("a row is plain data with text keys, and memory takes what is written");
        Self { json, texts }
    }
}

impl DraftRows {
    fn read(&mut self) -> io::Result<Option<Draft>> {
        let Some(texts) = self.length()? else { return Ok(None) };
        let rest = self.length()?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut head = vec![0; texts + rest];
        self.file.read_exact(&mut head)?;
        let provenance = serde_json::from_slice(&head[texts..])?;
        head.truncate(texts);
        Ok(Some(Draft { head, provenance }))
    }

    fn length(&mut self) -> io::Result<Option<usize>> {
        let mut bytes = [0; 8];
        match self.file.read(&mut bytes[..1])? {
            0 => return Ok(None),
            _ => self.file.read_exact(&mut bytes[1..])?,
        }
        Ok(Some(u64::from_le_bytes(bytes) as usize))
    }
}

impl Iterator for DraftRows {
    type Item = Result<Draft, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let draft = self.read().transpose()?;
        Some(draft.map_err(|source| Error::Read { path: self.folder.clone(), source }))
    }
}

impl Draft {
    /// Returns the whole row, as one of `split`.
    pub fn row(&self, split: Split) -> Result<Row, Error> {
        let mut json = vec![];
        let failed = |source: io::Error| Error::Read { path: "a row".into(), source };
        self.write(&mut json, split).map_err(failed)?;
        serde_json::from_slice(&json).map_err(|error| failed(error.into()))
    }

    /// Returns what the row shows to a model.
    pub fn texts(&self) -> Result<DraftTexts, Error> {
        let json = [self.head.as_slice(), b"}"].concat();
        let failed = |error: serde_json::Error| Error::Read { path: "a row".into(), source: error.into() };
        serde_json::from_slice(&json).map_err(failed)
    }

    /// Writes the row as JSON.
    pub(crate) fn write(&self, to: &mut impl Write, split: Split) -> io::Result<()> {
        to.write_all(&self.head)?;
        write!(to, ",\"split\":\"{}\",\"provenance\":", split.name())?;
        write_json(to, &self.provenance)?;
        to.write_all(b"}")
    }
}

fn writing(folder: &Path) -> impl Fn(io::Error) -> Error + use<> {
    let path = folder.to_owned();
    move |source| Error::Write { path: path.clone(), source }
}
