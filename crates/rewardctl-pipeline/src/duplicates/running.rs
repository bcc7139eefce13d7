//! A comparison of texts in a thread of its own, so that whoever reads the texts reads them once.

use std::mem::take;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{JoinHandle, spawn};

use rewardctl_data::near::numbers::numbers;
use rewardctl_data::near::{Components, Settings, components};

use crate::error::Error;

/// Texts handed over at once: enough that waking a thread costs little beside them.
const BATCH_TEXTS: usize = 256;
/// About the most bytes handed over at once.
const BATCH_BYTES: usize = 1 << 20;
/// Batches on their way; enough that neither side waits for the other.
const WAITING: usize = 4;

/// A comparison under way.
pub(crate) struct Comparison {
    texts: SyncSender<Vec<String>>,
    batch: Vec<String>,
    batch_bytes: usize,
    numbers: Vec<u64>,
    found: JoinHandle<Result<Components, Error>>,
}

/// A text with a hash of its numbers.
pub(crate) struct Numbered {
    text: String,
    numbers: u64,
}

/// Which texts are alike: those of one component that also have the same numbers.
pub(crate) struct Groups {
    components: Components,
    numbers: Vec<u64>,
}

impl Comparison {
    /// Starts a comparison; one that is dropped ends by itself.
    pub(crate) fn start(near: &Settings) -> Self {
        let (texts, read) = sync_channel::<Vec<String>>(WAITING);
        let near = near.clone();
        let found = spawn(move || components(read.into_iter().flatten().map(Ok::<_, Error>), &near));
        Self { texts, batch: vec![], batch_bytes: 0, numbers: vec![], found }
    }

    /// Takes in the next text.
    pub(crate) fn send(&mut self, text: Numbered) {
        self.numbers.push(text.numbers);
        self.batch_bytes += text.text.len();
        self.batch.push(text.text);
        if self.batch.len() >= BATCH_TEXTS || self.batch_bytes >= BATCH_BYTES {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        self.batch_bytes = 0;
        // A comparison that failed has hung up; the error is its result.
        let _ = self.texts.send(take(&mut self.batch));
    }

    /// Waits for what was found.
    pub(crate) fn finish(mut self) -> Result<Groups, Error> {
        self.hand_over();
        drop(self.texts);
        let components = self.found.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok(Groups { components, numbers: self.numbers })
    }
}

impl Numbered {
    pub(crate) fn of(text: String) -> Self {
        Self { numbers: numbers(&text), text }
    }
}

impl Groups {
    /// Returns what texts that are alike have in common.
    pub(crate) fn of(&self, text: usize) -> (usize, u64) {
        (self.components.of(text), self.numbers[text])
    }

    /// Returns the number of texts.
    pub(crate) fn texts(&self) -> usize {
        self.numbers.len()
    }
}
