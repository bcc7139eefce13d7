//! What one run wrote into the ledger, counted as it goes.

use serde::Serialize;

use crate::ledger::{Answer, Failure};

/// What left this machine in one run, and what came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RunCounts {
    /// Requests that left this machine, repeated ones among them.
    pub requests: u64,
    /// Of these, those that were answered.
    pub answered: u64,
    /// Of these, those that failed.
    pub failed: u64,
    /// Of these, those of which nobody saw the end: they may have been paid for.
    pub unknown: u64,
    /// Of these, those whose money is not known, so that it is missing below.
    pub unpriced: u64,
    /// Tokens read, as far as providers said.
    pub input_tokens: u64,
    /// Tokens written, as far as providers said.
    pub output_tokens: u64,
    /// Nano-dollars known to be spent, also on attempts that failed.
    pub spent_nano: u64,
    /// Nano-dollars reserved for those of which nobody saw the end.
    pub reserved_nano: u64,
}

impl RunCounts {
    pub(super) fn send(&mut self) {
        self.requests += 1;
    }

    pub(super) fn answer(&mut self, answer: &Answer) {
        self.answered += 1;
        self.add(answer.input_tokens, answer.output_tokens, answer.cost_nano);
    }

    pub(super) fn fail(&mut self, failure: &Failure) {
        self.failed += 1;
        self.add(failure.input_tokens, failure.output_tokens, failure.cost_nano);
    }

    pub(super) fn lose(&mut self, reserved: Option<u64>) {
        self.unknown += 1;
        self.unpriced += u64::from(reserved.is_none());
        self.reserved_nano = self.reserved_nano.saturating_add(reserved.unwrap_or(0));
    }

    fn add(&mut self, input: Option<u64>, output: Option<u64>, cost: Option<u64>) {
        self.input_tokens = self.input_tokens.saturating_add(input.unwrap_or(0));
        self.output_tokens = self.output_tokens.saturating_add(output.unwrap_or(0));
        self.unpriced += u64::from(cost.is_none());
        self.spent_nano = self.spent_nano.saturating_add(cost.unwrap_or(0));
    }
}
