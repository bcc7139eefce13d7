//! Notes of calls that a run would make, taken where they would be sent.

use std::collections::HashSet;

use rewardctl_core::id::ContentId;
use rewardctl_critic::llm::request::Request;

/// Calls remembered, so that one that is asked for again counts once; beyond it, repetitions are counted as new.
const REMEMBERED: usize = 1 << 20;

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Who would make it.
    pub who: String,
    /// What would become of it.
    pub what: Noted,
}

/// What would become of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noted {
    /// The ledger has the answer.
    Answered,
    /// It would be sent, with this body.
    Sent(String),
    /// The same call was noted before: it would find the answer in the ledger.
    Repeated,
}

/// The notes of a plan.
#[derive(Debug, Default)]
pub struct Notes {
    seen: HashSet<ContentId>,
    fresh: Vec<Note>,
}

impl Notes {
    /// Notes a call down, without a request if the ledger has the answer.
    pub fn add(&mut self, key: ContentId, who: &str, request: Option<&Request>) {
        let what = match request {
            None => Noted::Answered,
            Some(_) if self.seen.contains(&key) => Noted::Repeated,
            Some(request) => Noted::Sent(request.body().into()),
        };
        if self.seen.len() < REMEMBERED {
            self.seen.insert(key);
        }
        self.fresh.push(Note { who: who.into(), what });
    }

    /// Returns the notes since the last time.
    pub fn take(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.fresh)
    }
}

#[cfg(test)]
mod tests;
