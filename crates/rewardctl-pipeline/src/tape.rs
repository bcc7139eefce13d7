//! The cassette of a run: exchanges are recorded to it or played from it, or there is none.

use std::sync::Mutex;
use std::sync::PoisonError;

use rewardctl_core::id::ContentId;
use rewardctl_critic::llm::cassette::{Call, Player, Recorder};
use rewardctl_critic::llm::exchange::Exchange;
use rewardctl_critic::llm::request::Request;

use crate::error::Error;

/// What happens with exchanges beside the ledger.
pub enum Tape {
    /// Nothing.
    Off,
    /// They are recorded; the recorder is gone once recording ended.
    Record(Mutex<Option<Recorder>>),
    /// They are played, and nothing is sent.
    Play(Player),
}

impl Tape {
    /// Tells whether exchanges are recorded or played.
    pub fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
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
