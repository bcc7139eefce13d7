//! What became of the calls of a run, by endpoint.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rewardctl_critic::llm::completion::{CallFailure, Completion};
use rewardctl_store::ledger::Purpose;
use rewardctl_store::ledger::counts::RunCounts;
use serde::Serialize;

use crate::call::Call;

/// Requests that a server must refuse before it counts as one that answers none: a single one may be to blame itself.
const LEAST_REFUSED: u64 = 3;

/// What a run asked, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallReport {
    /// What was sent, over all endpoints, probes among it.
    pub sent: RunCounts,
    /// What became of the calls, by endpoint.
    pub endpoints: Vec<EndpointCalls>,
}

/// What became of the calls to one endpoint; retries and probes are not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EndpointCalls {
    /// Its name in the settings.
    pub endpoint: String,
    /// Calls that the ledger answered, for nothing.
    pub served: u64,
    /// Calls that the endpoint answered.
    pub answered: u64,
    /// Calls that failed after all retries.
    pub failed: u64,
    /// Of these, those that the endpoint refused as they were asked.
    pub refused: u64,
    /// Calls that were not made again, since nobody saw the end of their last attempt.
    pub held: u64,
    /// Why the last one failed.
    pub last_failure: Option<String>,
}

/// Counts while calls are made.
#[derive(Debug, Default)]
pub struct Tally(Mutex<BTreeMap<String, EndpointCalls>>);

impl EndpointCalls {
    /// Tells whether the endpoint was asked and never answered.
    pub fn is_out(&self) -> bool {
        self.answered == 0 && (self.failed > self.refused || self.refused >= LEAST_REFUSED)
    }

    fn add(&mut self, reply: &Result<Completion, CallFailure>) {
        let Err(failure) = reply else {
            self.answered += 1;
            return;
        };
        self.failed += 1;
        self.refused += u64::from(matches!(failure.status, Some(400 | 413 | 422)));
        self.last_failure = Some(failure.reason.clone());
    }
}

impl Tally {
    /// Counts a call that the ledger answered.
    pub fn served(&self, call: &Call) {
        self.change(call, |calls| calls.served += 1);
    }

    /// Counts a call that is held.
    pub fn held(&self, call: &Call) {
        self.change(call, |calls| calls.held += 1);
    }

    /// Counts a call that was made.
    pub fn ended(&self, call: &Call, reply: &Result<Completion, CallFailure>) {
        self.change(call, |calls| calls.add(reply));
    }

    /// Returns the counts, by the names of the endpoints.
    pub fn counts(&self) -> Vec<EndpointCalls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn change(&self, call: &Call, change: impl FnOnce(&mut EndpointCalls)) {
        if call.purpose == Purpose::Probe {
            return;
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || EndpointCalls { endpoint: call.endpoint.clone(), ..EndpointCalls::default() };
        change(all.entry(call.endpoint.clone()).or_insert_with(new));
    }
}

#[cfg(test)]
mod tests {
    use rewardctl_critic::llm::completion::Retry;

    use super::*;

    fn check(statuses: &[Option<u16>], expected: bool) {
        let mut calls = EndpointCalls::default();
        for status in statuses {
            let failure =
                CallFailure { reason: "no".into(), retry: Retry::Never, status: *status, usage: None };
            calls.add(&Err(failure));
        }
        assert_eq!(calls.is_out(), expected, "{statuses:?}");
    }

    #[test]
    fn an_endpoint_is_out_when_it_answers_nothing() {
        check(&[], false);
        check(&[None], true);
        check(&[Some(503), Some(400)], true);
        check(&[Some(400), Some(413)], false);
        check(&[Some(400), Some(400), Some(400)], true);
    }
}
