//! The ledger of paid calls: nothing paid for is lost, and nothing is paid for twice.
//!
//! A call is planned, then each attempt at it is written down as sent *before* its first byte leaves, and its
//! answer is written down *before* anyone uses it. Killed at any moment, a run leaves on disk every answer that it
//! used and every attempt that may have cost money; the next run serves the answers for nothing and counts the
//! attempts in flight as unknown. Times come in as arguments, and money is in nano-dollars.

pub mod counts;
pub mod finished;
pub mod lookup;

mod lock;
mod rows;
mod statements;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};

use rewardctl_core::id::ContentId;
use tokio::sync::{mpsc, oneshot};

use crate::body::compress;
use crate::error::Error;
use crate::ledger::counts::RunCounts;
use crate::open::Store;
use writer::{Applied, End, Operation, PlannedRow, Waiting, Writer};

/// Operations that may wait for the writer; who comes later waits for a place.
const QUEUE: usize = 4_096;

/// What a call is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Judging a response.
    Critic,
    /// Finding out what an endpoint is able to do.
    Probe,
    /// Drawing a response from a model.
    Sample,
    /// Bettering a response.
    Revise,
}

impl Purpose {
    /// Returns the name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Purpose::Critic => "critic",
            Purpose::Probe => "probe",
            Purpose::Sample => "sample",
            Purpose::Revise => "revise",
        }
    }
}

/// Where a call or an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// To be made; nothing left this machine.
    Planned,
    /// In flight.
    Sent,
    /// Answered, and the answer is kept.
    Done,
    /// Known to have no answer worth keeping.
    Failed,
    /// Nobody saw how it ended. It may have been paid for.
    Unknown,
}

impl State {
    const ALL: [State; 5] = [State::Planned, State::Sent, State::Done, State::Failed, State::Unknown];

    /// Returns the name in the table.
    pub fn name(self) -> &'static str {
        match self {
            State::Planned => "planned",
            State::Sent => "sent",
            State::Done => "done",
            State::Failed => "failed",
            State::Unknown => "unknown",
        }
    }
}

/// A call that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCall {
    /// Names everything that the answer depends on.
    pub key: ContentId,
    /// What for.
    pub purpose: Purpose,
    /// The endpoint, without any secret.
    pub endpoint: String,
    /// The model asked for.
    pub model: String,
    /// The body of the request.
    pub request: String,
}

/// An attempt in flight; it ends once, with [`Ledger::done`], [`Ledger::failed`] or [`Ledger::unknown`].
#[derive(Debug)]
#[must_use = "an attempt that is not ended stays in flight until the ledger is opened again"]
pub struct Attempt {
    key: ContentId,
    seq: i64,
    number: u32,
    reserved: Option<u64>,
}

impl Attempt {
    /// Returns the call that is attempted.
    pub fn key(&self) -> ContentId {
        self.key
    }

    /// Returns the number of the attempt at its call, from 1, over all runs.
    pub fn number(&self) -> u32 {
        self.number
    }
}

/// An answer that is worth keeping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body as it came.
    pub body: Vec<u8>,
    /// What the provider calls the request.
    pub request_id: Option<String>,
    /// Tokens read; None if the provider did not say.
    pub input_tokens: Option<u64>,
    /// Tokens written; None if the provider did not say.
    pub output_tokens: Option<u64>,
    /// What it cost; None if the price is not known.
    pub cost_nano: Option<u64>,
}

/// An attempt that has no answer worth keeping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub reason: String,
    /// Whether another attempt may fare better.
    pub retryable: bool,
    /// The HTTP status, if one came.
    pub status: Option<u16>,
    /// What the provider calls the request.
    pub request_id: Option<String>,
    /// Tokens read, if the provider said so: a reply cut off is paid for.
    pub input_tokens: Option<u64>,
    /// Tokens written, if the provider said so.
    pub output_tokens: Option<u64>,
    /// What it cost, zero for nothing; None if the price is not known.
    pub cost_nano: Option<u64>,
    /// The body as it came, if one did.
    pub body: Option<Vec<u8>>,
}

/// The one that may write to the ledger of a store; a clone writes to the same one.
///
/// Operations that wait together reach the disk together, in the order in which they were asked for. When a method
/// returns, what it wrote is on disk.
#[derive(Debug, Clone)]
pub struct Ledger {
    sender: mpsc::Sender<Waiting>,
    interrupted: u64,
    counts: Arc<Mutex<RunCounts>>,
}

impl Ledger {
    /// Opens the ledger of `store` for paying, and marks what a dead run left in flight as unknown.
    ///
    /// One run at a time pays with a store: a second one is refused until the first has closed its ledger or died.
    /// Looking things up, with the methods of [`Store`], needs no ledger.
    pub async fn open(store: &Store, now: &str) -> Result<Self, Error> {
        let lock = lock::take(&store.path)?;
        let during = Error::during("open the ledger");
        let mut connection = writer::connect(&store.path).await.map_err(&during)?;
        let interrupted = {
            let _turn = store.turn.lock().await;
            statements::mark_unknown(&mut connection, now).await.map_err(&during)?
        };
        let (sender, receiver) = mpsc::channel(QUEUE);
        let writer =
            Writer { receiver, connection, path: store.path.clone(), turn: store.turn.clone(), lock };
        tokio::spawn(writer.run());
        Ok(Self { sender, interrupted, counts: Arc::default() })
    }

    /// Returns how many attempts a dead run had left in flight.
    pub fn interrupted(&self) -> u64 {
        self.interrupted
    }

    /// Returns what was written down since the ledger was opened.
    pub fn counts(&self) -> RunCounts {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes calls that are to be made; those that the ledger knows already stay as they are.
    ///
    /// Returns how many were new.
    pub async fn plan(&self, calls: &[PlannedCall]) -> Result<u64, Error> {
        let rows = calls.iter().map(|call| PlannedRow {
            key: call.key,
            purpose: call.purpose.name(),
            endpoint: call.endpoint.clone(),
            model: call.model.clone(),
            request: compress(call.request.as_bytes()),
        });
        match self.ask(Operation::Plan(rows.collect())).await? {
            Applied::Planned(new) => Ok(new),
            _ => Err(Error::LedgerClosed),
        }
    }

    /// Notes that the call is about to be sent, and reserves the most that it is expected to cost; None if the price
    /// is not known.
    ///
    /// Only when this has returned may the first byte leave. Refused while an attempt at the call is in flight, and
    /// once it is done. A future dropped on the way may leave an attempt that is unknown to the next run.
    pub async fn sent(
        &self,
        key: ContentId,
        reserved_nano: Option<u64>,
        now: &str,
    ) -> Result<Attempt, Error> {
        let operation = Operation::Send { key, reserved: reserved_nano.map(stored), at: now.to_owned() };
        match self.ask(operation).await? {
            Applied::Sent { seq, number } => {
                self.count(RunCounts::send);
                Ok(Attempt { key, seq, number, reserved: reserved_nano })
            }
            _ => Err(Error::NotSendable { key }),
        }
    }

    /// Keeps the answer to an attempt. Only when this has returned may the answer be used.
    pub async fn done(&self, attempt: Attempt, answer: &Answer, now: &str) -> Result<(), Error> {
        let end = End {
            status: Some(answer.status),
            request_id: answer.request_id.clone(),
            input_tokens: answer.input_tokens.map(stored),
            output_tokens: answer.output_tokens.map(stored),
            cost: answer.cost_nano.map(stored),
            body: Some(compress(&answer.body)),
            ..End::without_answer(State::Done, now)
        };
        self.end(attempt, end).await?;
        self.count(|counts| counts.answer(answer));
        Ok(())
    }

    /// Notes that an attempt failed; what it cost still counts. The call may be sent again.
    pub async fn failed(&self, attempt: Attempt, failure: &Failure, now: &str) -> Result<(), Error> {
        let end = End {
            status: failure.status,
            reason: Some(failure.reason.clone()),
            retryable: failure.retryable,
            request_id: failure.request_id.clone(),
            input_tokens: failure.input_tokens.map(stored),
            output_tokens: failure.output_tokens.map(stored),
            cost: failure.cost_nano.map(stored),
            body: failure.body.as_deref().map(compress),
            ..End::without_answer(State::Failed, now)
        };
        self.end(attempt, end).await?;
        self.count(|counts| counts.fail(failure));
        Ok(())
    }

    /// Notes that nobody will see how an attempt ends, such as after a timeout: it may have been paid for, so it
    /// keeps its reservation. The call may be sent again.
    pub async fn unknown(&self, attempt: Attempt, reason: &str, now: &str) -> Result<(), Error> {
        let end = End {
            reason: Some(reason.to_owned()),
            retryable: true,
            ..End::without_answer(State::Unknown, now)
        };
        let reserved = attempt.reserved;
        self.end(attempt, end).await?;
        self.count(|counts| counts.lose(reserved));
        Ok(())
    }

    /// Writes what waits, and lets another run have the ledger. Clones are of no more use.
    ///
    /// Dropping every clone does the same, some time later.
    pub async fn close(self) {
        // Whoever closed it before did the same.
        let _ = self.ask(Operation::Close).await;
    }

    fn count(&self, add: impl FnOnce(&mut RunCounts)) {
        add(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn end(&self, attempt: Attempt, end: End) -> Result<(), Error> {
        match self.ask(Operation::End { attempt: attempt.seq, end }).await? {
            Applied::Ended => Ok(()),
            _ => Err(Error::AttemptEnded { key: attempt.key, number: attempt.number }),
        }
    }

    async fn ask(&self, operation: Operation) -> Result<Applied, Error> {
        let (reply, answer) = oneshot::channel();
        self.sender.send(Waiting { operation, reply }).await.map_err(|_| Error::LedgerClosed)?;
        answer.await.map_err(|_| Error::LedgerClosed)?
    }
}

/// Returns a count as SQLite keeps it; what no provider could mean becomes the largest number there is.
fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
