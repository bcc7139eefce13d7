//! The one writer of the ledger: takes what waits, commits it in one go, then answers all who waited.
//!
//! A commit costs one wait for the disk, whatever it holds. While one is under way the next group gathers by itself,
//! so that a lone caller never waits for company and many callers share the disk.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rewardctl_core::id::ContentId;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::rows::SIZES;
use super::{State, statements};
use crate::error::Error;
use crate::open::options;

/// Operations in one commit: enough to share the disk's time, few enough that the first does not wait long.
const GROUP: usize = 512;

/// Statements kept ready: three in all their sizes, and the few that are said once.
const STATEMENTS: usize = 3 * SIZES + 8;

/// A row of the table `calls`.
#[derive(Debug)]
pub(super) struct PlannedRow {
    pub key: ContentId,
    pub purpose: &'static str,
    pub endpoint: String,
    pub model: String,
    pub request: Vec<u8>,
}

/// A row of the table `attempt_ends`.
#[derive(Debug)]
pub(super) struct End {
    pub state: State,
    pub ended: String,
    pub status: Option<u16>,
    pub reason: Option<String>,
    pub retryable: bool,
    pub request_id: Option<String>,
    pub input_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
    pub cost: Option<i64>,
    pub body: Option<Vec<u8>>,
}

impl End {
    /// Returns an end of which nothing more is known.
    pub fn without_answer(state: State, now: &str) -> Self {
        Self {
            state,
            ended: now.to_owned(),
            status: None,
            reason: None,
            retryable: false,
            request_id: None,
            input_tokens: None,
            output_tokens: None,
            cost: None,
            body: None,
        }
    }
}

/// What a caller asks of the writer.
#[derive(Debug)]
pub(super) enum Operation {
    Plan(Vec<PlannedRow>),
    Send { key: ContentId, reserved: Option<i64>, at: String },
    End { attempt: i64, end: End },
    Close,
}

/// What became of an operation.
#[derive(Debug)]
pub(super) enum Applied {
    Planned(u64),
    Sent {
        seq: i64,
        number: u32,
    },
    Ended,
    /// Against the rules; nothing was written for it.
    Refused,
    Closed,
}

/// An operation and the one who waits for it.
#[derive(Debug)]
pub(super) struct Waiting {
    pub operation: Operation,
    pub reply: oneshot::Sender<Result<Applied, Error>>,
}

pub(super) struct Writer {
    pub receiver: mpsc::Receiver<Waiting>,
    pub connection: SqliteConnection,
    pub path: PathBuf,
    pub turn: Arc<Mutex<()>>,
    /// Held to the last commit, not only as long as someone asks.
    pub lock: File,
}

impl Writer {
    /// Serves until it is told to close, or nobody is left to ask.
    pub async fn run(mut self) {
        let mut group = Vec::with_capacity(GROUP);
        while self.receiver.recv_many(&mut group, GROUP).await > 0 {
            let close = group.iter().position(|waiting| matches!(waiting.operation, Operation::Close));
            let after = group.split_off(close.unwrap_or(group.len()));
            self.serve(&mut group).await;
            if let Some(close) = after.into_iter().next() {
                return self.close(close).await;
            }
        }
    }

    async fn serve(&mut self, group: &mut Vec<Waiting>) {
        // Whoever does not wait for the answer any more has no need of it.
        match self.commit(group).await {
            Ok(applied) => {
                for (waiting, applied) in group.drain(..).zip(applied) {
                    let _ = waiting.reply.send(Ok(applied));
                }
            }
            Err(error) => {
                let source = Arc::new(error);
                for waiting in group.drain(..) {
                    let _ = waiting.reply.send(Err(Error::WriteLedger { source: source.clone() }));
                }
                self.reconnect().await;
            }
        }
    }

    async fn commit(&mut self, group: &[Waiting]) -> Result<Vec<Applied>, sqlx::Error> {
        if group.is_empty() {
            return Ok(vec![]);
        }
        let _turn = self.turn.lock().await;
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        let applied = statements::apply(&mut transaction, group).await?;
        transaction.commit().await?;
        Ok(applied)
    }

    /// A full disk makes SQLite roll back by itself, which leaves the old connection confused about where it is.
    async fn reconnect(&mut self) {
        if let Ok(connection) = connect(&self.path).await {
            self.connection = connection;
        }
    }

    async fn close(self, close: Waiting) {
        // All is on disk; an error here could only concern the tidying up.
        let _ = self.connection.close().await;
        drop(self.lock);
        let _ = close.reply.send(Ok(Applied::Closed));
    }
}

/// Connects to the store at `path` as the ledger does.
pub(super) async fn connect(path: &Path) -> Result<SqliteConnection, sqlx::Error> {
    options(path).statement_cache_capacity(STATEMENTS).connect().await
}
