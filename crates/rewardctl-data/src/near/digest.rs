//! The first pass: every text is put aside on disk, and what is needed to compare it is computed, on several threads.
//!
//! One thread reads and writes, in order; the others turn batches of texts into digests. The number of batches on the
//! way is bounded, and so is memory.

use std::collections::BTreeMap;
use std::mem::take;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::error::Error;
use crate::near::Settings;
use crate::near::bands::{BandFile, Banding};
use crate::near::shingle::Units;
use crate::near::sketch::Sketcher;
use crate::near::texts::Texts;

/// Bytes of text in a batch; one text may be longer.
const BATCH_BYTES: usize = 512 << 10;

/// The most texts in a batch.
const BATCH_TEXTS: usize = 8192;

/// Batches on the way, for each thread.
const AHEAD: usize = 4;

/// What is known of all texts after the first pass.
pub(crate) struct Digested {
    pub texts: Texts,
    /// A hash of the content of each text.
    pub contents: Vec<[u64; 2]>,
    pub bands: BandFile,
}

/// Texts one behind the other.
#[derive(Debug, Default)]
struct Batch {
    texts: String,
    ends: Vec<usize>,
}

/// What a batch comes to.
#[derive(Debug, Default)]
struct Digest {
    contents: Vec<[u64; 2]>,
    /// Of each sketch, the text in the batch.
    owners: Vec<u32>,
    /// The bands of each sketch.
    bands: Vec<u32>,
}

/// A batch by its number; a thread that panics says so, since its batch would be waited for.
type Done = (usize, Batch, thread::Result<Digest>);

/// Reads all texts.
pub(crate) fn digest_all<T: AsRef<str>, E: From<Error>>(
    texts: impl Iterator<Item = Result<T, E>>,
    banding: Banding,
    settings: &Settings,
) -> Result<Digested, E> {
    let mut all = Digested {
        texts: Texts::create(&settings.folder)?,
        contents: vec![],
        bands: BandFile::create(banding.bands, &settings.folder)?,
    };
    let threads = settings.threads.max(1);
    let (batches, waiting) = channel();
    let (finished, done) = channel();
    let waiting = Arc::new(Mutex::new(waiting));
    thread::scope(|scope| {
        for _ in 0..threads {
            let (waiting, finished) = (Arc::clone(&waiting), finished.clone());
            let sketcher = Sketcher::new(banding, settings.seed);
            scope.spawn(move || work(&waiting, &finished, sketcher, banding.characters_below));
        }
        let mut line = Line { batches, done, sent: 0, taken: 0, early: BTreeMap::new() };
        let mut batch = Batch::default();
        for text in texts {
            let text = text?;
            batch.push(text.as_ref());
            if batch.is_full() {
                line.send(take(&mut batch), threads * AHEAD, &mut all)?;
            }
        }
        line.send(batch, 0, &mut all)?;
        Ok(all)
    })
}

/// Digests batches until there are no more.
fn work(
    waiting: &Mutex<Receiver<(usize, Batch)>>,
    finished: &Sender<Done>,
    mut sketcher: Sketcher,
    characters_below: usize,
) {
    let mut units = Units::default();
    loop {
        // Nothing panics while the lock is held.
        let Ok(received) = waiting.lock().map(|waiting| waiting.recv()) else { return };
        let Ok((number, batch)) = received else { return };
        let digest = || batch.digest(&mut units, &mut sketcher, characters_below);
        let digest = catch_unwind(AssertUnwindSafe(digest));
        if finished.send((number, batch, digest)).is_err() {
            return;
        }
    }
}

/// The batches on the way.
struct Line {
    batches: Sender<(usize, Batch)>,
    done: Receiver<Done>,
    sent: usize,
    taken: usize,
    /// Batches that were done before an earlier one.
    early: BTreeMap<usize, (Batch, Digest)>,
}

impl Line {
    /// Sends a batch, and takes in finished ones until at most `left` are on the way.
    fn send(&mut self, batch: Batch, left: usize, all: &mut Digested) -> Result<(), Error> {
        // The threads live as long as this end of the channel does.
        let _ = self.batches.send((self.sent, batch));
        self.sent += 1;
        while self.sent - self.taken > left {
            let Ok((number, batch, digest)) = self.done.recv() else { break };
            let digest = digest.unwrap_or_else(|panic| resume_unwind(panic));
            self.early.insert(number, (batch, digest));
            while let Some((batch, digest)) = self.early.remove(&self.taken) {
                all.take(&batch, &digest)?;
                self.taken += 1;
            }
        }
        Ok(())
    }
}

impl Digested {
    fn take(&mut self, batch: &Batch, digest: &Digest) -> Result<(), Error> {
        let start = self.texts.len();
        if start + batch.ends.len() > u32::MAX as usize {
            return Err(Error::TooManyTexts { limit: u32::MAX });
        }
        self.texts.add(&batch.texts, &batch.ends)?;
        self.contents.extend_from_slice(&digest.contents);
        self.bands.add(digest.owners.iter().map(|text| start as u32 + text), &digest.bands)
    }
}

impl Batch {
    fn push(&mut self, text: &str) {
        self.texts.push_str(text);
        self.ends.push(self.texts.len());
    }

    fn is_full(&self) -> bool {
        self.texts.len() >= BATCH_BYTES || self.ends.len() >= BATCH_TEXTS
    }

    fn digest(&self, units: &mut Units, sketcher: &mut Sketcher, characters_below: usize) -> Digest {
        let (mut digest, mut set, mut start) = (Digest::default(), vec![], 0);
        for (&end, text) in self.ends.iter().zip(0u32..) {
            units.read(&self.texts[start..end], characters_below);
            start = end;
            digest.contents.push(units.content());
            for shingles in [Units::word_shingles, Units::character_shingles] {
                set.clear();
                shingles(units, &mut set);
                if !set.is_empty() {
                    sketcher.bands(&mut set, &mut digest.bands);
                    digest.owners.push(text);
                }
            }
        }
        digest
    }
}
