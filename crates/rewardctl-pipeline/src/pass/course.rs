//! How far a pass is: the chunks under way, and what stops it.

use std::sync::Arc;

use rewardctl_core::verdict::Verdict;
use rewardctl_store::save::VerdictRecord;

use crate::budget::Spend;
use crate::chunk::Chunk;
use crate::error::Error;
use crate::judges::Judged;
use crate::score::Progress;

/// A chunk under way.
pub(super) struct Pending {
    pub number: u64,
    pub chunk: Arc<Chunk>,
    // Per row, until all rows are judged.
    pub rows: Vec<Option<Vec<Judged>>>,
    pub missing: usize,
    // Per response, from then on.
    pub verdicts: Vec<Vec<Verdict>>,
    pub fresh: Vec<VerdictRecord>,
    pub next_tier: usize,
    pub is_ready: bool,
}

/// How far a pass is, and what stops it.
pub(super) struct Course {
    pub finished: u64,
    pub total: u64,
    pub stopped: Option<Error>,
}

impl Course {
    /// Only the first reason counts, unless it says less than the next.
    pub(super) fn stop(&mut self, error: Error) {
        self.stopped = Some(Error::gravest(self.stopped.take(), error));
    }

    /// Returns how far it is, and what was spent.
    pub(super) fn progress(&self, spent: Spend) -> Progress {
        Progress { finished: self.finished, total: self.total, spent }
    }
}
