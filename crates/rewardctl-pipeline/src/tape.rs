//! What happens beside the ledger: exchanges are recorded, or played, or calls are only noted down, or nothing.

use std::sync::Mutex;
use std::sync::PoisonError;

use rewardctl_core::id::ContentId;
use rewardctl_critic::llm::cassette::{Call, Player, Recorder};
use rewardctl_critic::llm::exchange::Exchange;
use rewardctl_critic::llm::request::Request;

use crate::error::Error;
use crate::note::{Note, Notes};

/// What happens with exchanges beside the ledger.
pub enum Tape {
    /// Nothing.
    Off,
    /// They are recorded; the recorder is gone once recording ended.
    Record(Mutex<Option<Recorder>>),
    /// They are played, and nothing is sent.
    Play(Player),
    /// Nothing is sent: it is noted down what would be.
    Note(Mutex<Notes>),
}

impl Tape {
    /// Tells whether exchanges are recorded or played.
    pub fn is_on(&self) -> bool {
        matches!(self, Self::Record(_) | Self::Play(_))
    }

    /// Tells whether calls are only noted down.
    pub fn only_notes(&self) -> bool {
        matches!(self, Self::Note(_))
    }

    /// Notes a call down, if calls are noted: with the request that would be sent, or without one if the ledger has
    /// the answer.
    pub fn note(&self, key: ContentId, who: &str, request: Option<&Request>) {
        if let Self::Note(notes) = self {
            notes.lock().unwrap_or_else(PoisonError::into_inner).add(key, who, request);
        }
    }

    /// Returns what was noted since it was last asked for.
    pub fn noted(&self) -> Vec<Note> {
        match self {
            Self::Note(notes) => notes.lock().unwrap_or_else(PoisonError::into_inner).take(),
            _ => vec![],
        }
    }

    /// Records one exchange, if exchanges are recorded.
    pub fn record(
        &self,
        key: ContentId,
        attempt: u32,
        endpoint: &str,
        model: &str,
        request: &Request,
        exchange: &Exchange,
    ) -> Result<(), Error> {
        let Self::Record(recorder) = self else { return Ok(()) };
        let recorder = recorder.lock().unwrap_or_else(PoisonError::into_inner);
        let call = Call { key, attempt, endpoint, model, request };
        recorder.as_ref().map_or(Ok(()), |recorder| recorder.record(&call, exchange)).map_err(Error::Llm)
    }

    /// Ends recording.
    pub fn finish(&self) -> Result<(), Error> {
        let Self::Record(recorder) = self else { return Ok(()) };
        let recorder = recorder.lock().unwrap_or_else(PoisonError::into_inner).take();
        recorder.map_or(Ok(()), Recorder::finish).map_err(Error::Llm)
    }
}
