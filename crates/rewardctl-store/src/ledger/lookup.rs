//! What the ledger holds: answers to serve again, totals, and every attempt for a later look.
//!
//! Looking needs no lock, so that another process can watch a run that pays.

use std::collections::{BTreeMap, HashMap, HashSet};

use rewardctl_core::id::ContentId;
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{Answer, Purpose, State};
use crate::body::decompress;
use crate::error::Error;
use crate::open::Store;
use crate::read::id;
use crate::save::bytes;

/// Keys a statement; SQLite allows 32,766 values in one.
const KEYS_A_STATEMENT: usize = 10_000;

/// What was asked of one model at one endpoint for one purpose, and what it cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CallTotal {
    /// What the calls were for.
    pub purpose: String,
    /// The endpoint.
    pub endpoint: String,
    /// The model.
    pub model: String,
    /// Calls of which nothing has left this machine.
    pub planned: u64,
    /// Calls in flight, or left so by a run that died.
    pub sent: u64,
    /// Calls answered.
    pub done: u64,
    /// Calls whose last attempt failed.
    pub failed: u64,
    /// Calls of whose last attempt nobody saw the end.
    pub unknown: u64,
    /// Requests that left this machine.
    pub attempts: u64,
    /// Of these, those of which nobody saw the end.
    pub unknown_attempts: u64,
    /// Of these, those whose money is not known, so that it is missing below.
    pub unpriced_attempts: u64,
    /// Tokens read, as far as providers said.
    pub input_tokens: u64,
    /// Tokens written, as far as providers said.
    pub output_tokens: u64,
    /// Nano-dollars known to be spent, also on attempts that failed.
    pub spent_nano: u64,
    /// Nano-dollars reserved for attempts in flight and for those of which nobody saw the end.
    pub reserved_nano: u64,
}

impl CallTotal {
    /// Returns the most that may have been spent, in nano-dollars; unpriced attempts come on top.
    pub fn at_most_nano(&self) -> u64 {
        self.spent_nano.saturating_add(self.reserved_nano)
    }
}

/// One call with every attempt at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Names it.
    pub key: ContentId,
    /// What for.
    pub purpose: String,
    /// The endpoint.
    pub endpoint: String,
    /// The model.
    pub model: String,
    /// The body of the request.
    pub request: Vec<u8>,
    /// The attempts, in order.
    pub attempts: Vec<PastAttempt>,
}

/// One attempt at a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastAttempt {
    /// Its number at this call, from 1.
    pub number: u32,
    /// How it ended, or that it is in flight.
    pub state: State,
    /// When it was sent, as RFC 3339.
    pub sent: String,
    /// When it ended, as RFC 3339.
    pub ended: Option<String>,
    /// What was reserved for it, in nano-dollars.
    pub reserved_nano: Option<u64>,
    /// What it cost, in nano-dollars.
    pub cost_nano: Option<u64>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Why it has no answer.
    pub reason: Option<String>,
    /// What the provider calls the request.
    pub request_id: Option<String>,
    /// Tokens read.
    pub input_tokens: Option<u64>,
    /// Tokens written.
    pub output_tokens: Option<u64>,
    /// The reply as it came.
    pub body: Option<Vec<u8>>,
}

/// Which calls to list.
#[derive(Debug, Clone, Default)]
pub struct CallFilter {
    /// Only those that stand so.
    pub state: Option<State>,
    /// Only those made for this.
    pub purpose: Option<Purpose>,
    /// Only those after this place; zero for all.
    pub after: i64,
}

/// One line of a list of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallLine {
    /// Its place in the ledger; pages continue after it.
    pub seq: i64,
    /// Names it.
    pub key: ContentId,
    /// What for.
    pub purpose: String,
    /// The endpoint.
    pub endpoint: String,
    /// The model.
    pub model: String,
    /// Where it stands.
    pub state: State,
    /// How often it was sent.
    pub attempts: u32,
}

impl Store {
    /// Returns the answers to those of `keys` that were answered. A failure is never served.
    pub async fn answers(&self, keys: &[ContentId]) -> Result<HashMap<ContentId, Answer>, Error> {
        let sql = "SELECT calls.key, attempt_ends.* FROM calls \
                   JOIN attempts ON attempts.call = calls.seq \
                   JOIN attempt_ends ON attempt_ends.attempt = attempts.seq \
                   WHERE attempt_ends.state = 'done' AND calls.key IN (";
        let mut found = HashMap::with_capacity(keys.len());
        for keys in keys.chunks(KEYS_A_STATEMENT) {
            for row in self.rows_of_keys(sql, keys).await? {
                found.insert(id("calls", &row, "key")?, answer(&row)?);
            }
        }
        Ok(found)
    }

    /// Tells whether any call was answered.
    pub async fn has_answers(&self) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM attempt_ends WHERE state = 'done')";
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.map_err(Error::during("look up paid calls"))
    }

    /// Returns those of `keys` of whose last attempt nobody saw the end: asking again may pay again.
    pub async fn unknown_calls(&self, keys: &[ContentId]) -> Result<HashSet<ContentId>, Error> {
        let sql = "SELECT calls.key FROM calls JOIN call_states ON call_states.call = calls.seq \
                   WHERE call_states.state = 'unknown' AND calls.key IN (";
        let mut found = HashSet::new();
        for keys in keys.chunks(KEYS_A_STATEMENT) {
            for row in self.rows_of_keys(sql, keys).await? {
                found.insert(id("calls", &row, "key")?);
            }
        }
        Ok(found)
    }

    async fn rows_of_keys(&self, sql: &'static str, keys: &[ContentId]) -> Result<Vec<SqliteRow>, Error> {
        let mut select = QueryBuilder::<Sqlite>::new(sql);
        let mut list = select.separated(",");
        keys.iter().for_each(|key| {
            list.push_bind(bytes(*key));
        });
        select.push(")");
        select.build().fetch_all(&self.pool).await.map_err(Error::during("look up paid calls"))
    }

    /// Returns the totals by purpose, endpoint and model, in that order.
    pub async fn call_totals(&self) -> Result<Vec<CallTotal>, Error> {
        let during = Error::during("add up the ledger");
        // Both statements see the same moment.
        let mut reading = self.pool.begin().await.map_err(&during)?;
        let states = sqlx::query(include_str!("states.sql")).fetch_all(&mut *reading).await;
        let sums = sqlx::query(include_str!("sums.sql")).fetch_all(&mut *reading).await;
        reading.commit().await.map_err(&during)?;
        let mut totals = BTreeMap::new();
        states.map_err(&during)?.iter().for_each(|row| add_states(total_of(&mut totals, row), row));
        sums.map_err(&during)?.iter().for_each(|row| add_sums(total_of(&mut totals, row), row));
        Ok(totals.into_values().collect())
    }

    /// Returns a call with every attempt at it; None if the ledger does not know it.
    pub async fn call(&self, key: ContentId) -> Result<Option<Call>, Error> {
        let during = Error::during("look up a paid call");
        let row = sqlx::query("SELECT * FROM calls WHERE key = ?")
            .bind(bytes(key))
            .fetch_optional(&self.pool)
            .await
            .map_err(&during)?;
        let Some(row) = row else { return Ok(None) };
        let attempts = "SELECT attempts.number, attempts.reserved, attempts.sent, attempt_ends.* FROM attempts \
                        LEFT JOIN attempt_ends ON attempt_ends.attempt = attempts.seq \
                        WHERE attempts.call = ? ORDER BY attempts.number";
        let attempts = sqlx::query(attempts).bind(row.get::<i64, _>("seq")).fetch_all(&self.pool).await;
        Ok(Some(Call {
            key,
            purpose: row.get("purpose"),
            endpoint: row.get("endpoint"),
            model: row.get("model"),
            request: decompress("calls", row.get("request"))?,
            attempts: attempts.map_err(&during)?.iter().map(past_attempt).collect::<Result<_, _>>()?,
        }))
    }

    /// Returns up to `limit` calls, in the order in which they were planned.
    pub async fn calls(&self, filter: &CallFilter, limit: usize) -> Result<Vec<CallLine>, Error> {
        let rows = sqlx::query(include_str!("calls.sql"))
            .bind(filter.state.map(State::name))
            .bind(filter.purpose.map(Purpose::name))
            .bind(filter.after)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await
            .map_err(Error::during("list paid calls"))?;
        rows.iter().map(call_line).collect()
    }

    /// Returns the last `limit` calls, the latest last.
    pub async fn latest_calls(&self, filter: &CallFilter, limit: u32) -> Result<Vec<CallLine>, Error> {
        let rows = sqlx::query(include_str!("latest_calls.sql"))
            .bind(filter.state.map(State::name))
            .bind(filter.purpose.map(Purpose::name))
            .bind(filter.after)
            .bind(limit)
            .fetch_all(&self.pool)
            .await
            .map_err(Error::during("list paid calls"))?;
        rows.iter().rev().map(call_line).collect()
    }
}

fn answer(row: &SqliteRow) -> Result<Answer, Error> {
    Ok(Answer {
        status: row.get("status"),
        body: decompress("attempt_ends", row.get("body"))?,
        request_id: row.get("request_id"),
        input_tokens: count(row, "input_tokens"),
        output_tokens: count(row, "output_tokens"),
        cost_nano: count(row, "cost"),
    })
}

type Totals = BTreeMap<(String, String, String), CallTotal>;

fn total_of<'a>(totals: &'a mut Totals, row: &SqliteRow) -> &'a mut CallTotal {
    let (purpose, endpoint, model): (String, String, String) =
        (row.get("purpose"), row.get("endpoint"), row.get("model"));
    totals.entry((purpose.clone(), endpoint.clone(), model.clone())).or_insert_with(|| CallTotal {
        purpose,
        endpoint,
        model,
        ..CallTotal::default()
    })
}

fn add_states(total: &mut CallTotal, row: &SqliteRow) {
    total.planned = row.get("planned");
    total.sent = row.get("sent");
    total.done = row.get("done");
    total.failed = row.get("failed");
    total.unknown = row.get("unknown");
}

fn add_sums(total: &mut CallTotal, row: &SqliteRow) {
    total.attempts = row.get("attempts");
    total.unknown_attempts = row.get("unknown_attempts");
    total.unpriced_attempts = row.get("unpriced_attempts");
    total.input_tokens = joined(row, "input_high", "input_low");
    total.output_tokens = joined(row, "output_high", "output_low");
    total.spent_nano = joined(row, "spent_high", "spent_low");
    total.reserved_nano = joined(row, "reserved_high", "reserved_low");
}

/// Joins a sum that SQLite added up in two halves, where one of 64 bits could overflow and fail.
fn joined(row: &SqliteRow, high: &str, low: &str) -> u64 {
    let (high, low): (u64, u64) = (row.get(high), row.get(low));
    let sum = (u128::from(high) << 32) + u128::from(low);
    u64::try_from(sum).unwrap_or(u64::MAX)
}

fn past_attempt(row: &SqliteRow) -> Result<PastAttempt, Error> {
    let body: Option<&[u8]> = row.get("body");
    Ok(PastAttempt {
        number: row.get("number"),
        state: row.get::<Option<&str>, _>("state").map_or(Ok(State::Sent), state)?,
        sent: row.get("sent"),
        ended: row.get("ended"),
        reserved_nano: count(row, "reserved"),
        cost_nano: count(row, "cost"),
        status: row.get("status"),
        reason: row.get("reason"),
        request_id: row.get("request_id"),
        input_tokens: count(row, "input_tokens"),
        output_tokens: count(row, "output_tokens"),
        body: body.map(|body| decompress("attempt_ends", body)).transpose()?,
    })
}

fn call_line(row: &SqliteRow) -> Result<CallLine, Error> {
    Ok(CallLine {
        seq: row.get("seq"),
        key: id("calls", row, "key")?,
        purpose: row.get("purpose"),
        endpoint: row.get("endpoint"),
        model: row.get("model"),
        state: state(row.get("state"))?,
        attempts: row.get("attempts"),
    })
}

fn count(row: &SqliteRow, column: &str) -> Option<u64> {
    row.get::<Option<i64>, _>(column).map(i64::cast_unsigned)
}

/// A state that no version of the ledger writes.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no state of a call")]
struct NoState(String);

fn state(name: &str) -> Result<State, Error> {
    let state = State::ALL.into_iter().find(|state| state.name() == name);
    state.ok_or_else(|| NoState(name.into())).map_err(Error::broken("call_states"))
}
