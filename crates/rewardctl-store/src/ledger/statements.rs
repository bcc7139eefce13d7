//! What one commit of the ledger says to SQLite.
//!
//! Operations of one kind go in one statement: talking to SQLite costs more than what it then does. Plans come first
//! and sends last, an order that all can agree on: nobody waits at once for a send and for its end.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use rewardctl_core::id::ContentId;
use sqlx::sqlite::{SqliteQueryResult, SqliteRow};
use sqlx::{Row, SqliteConnection};

use super::rows::{MOST_ROWS, ManyRows};
use super::writer::{Applied, End, Operation, PlannedRow, Waiting};
use crate::save::bytes;

/// Ends every attempt that a dead run left in flight; only the holder of the lock may say that it is dead.
pub(super) async fn mark_unknown(connection: &mut SqliteConnection, now: &str) -> Result<u64, sqlx::Error> {
    let insert = "INSERT INTO attempt_ends (attempt, state, ended, reason, retryable) \
                  SELECT seq, 'unknown', ?, 'the run died while the call was in flight', 1 FROM attempts \
                  WHERE NOT EXISTS (SELECT 1 FROM attempt_ends WHERE attempt = attempts.seq)";
    Ok(sqlx::query(insert).bind(now).execute(connection).await?.rows_affected())
}

/// Applies a group; returns what became of each operation, in order.
pub(super) async fn apply(
    connection: &mut SqliteConnection,
    group: &[Waiting],
) -> Result<Vec<Applied>, sqlx::Error> {
    let (mut sends, mut ends, mut planned) = (vec![], vec![], vec![]);
    for waiting in group {
        match &waiting.operation {
            Operation::Plan(rows) => planned.push(rows.as_slice()),
            Operation::Send { key, reserved, at } => sends.push((*key, *reserved, at.as_str())),
            Operation::End { attempt, end } => ends.push((*attempt, end)),
            Operation::Close => {}
        }
    }
    let planned = plan_all(connection, &planned).await?;
    let mut ended = end_all(connection, &ends).await?;
    let mut sent = send_all(connection, &sends).await?;
    let mut planned = planned.into_iter();
    let applied = group.iter().map(|waiting| match &waiting.operation {
        Operation::Plan(_) => planned.next().map(Applied::Planned),
        // Taken out, so that of two who ask for the same call only one may send it.
        Operation::Send { key, .. } => sent.remove(key).map(|(seq, number)| Applied::Sent { seq, number }),
        Operation::End { attempt, .. } => ended.remove(attempt).then_some(Applied::Ended),
        Operation::Close => Some(Applied::Closed),
    });
    Ok(applied.map(|applied| applied.unwrap_or(Applied::Refused)).collect())
}

static PLAN: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new("INSERT OR IGNORE INTO calls (key, purpose, endpoint, model, request) ", 5, "")
});

/// Returns how many of each operation's calls were new.
async fn plan_all(
    connection: &mut SqliteConnection,
    operations: &[&[PlannedRow]],
) -> Result<Vec<u64>, sqlx::Error> {
    let mut new = HashSet::new();
    let all: Vec<&PlannedRow> = operations.iter().copied().flatten().collect();
    for rows in all.chunks(MOST_ROWS) {
        let mut insert = sqlx::query(PLAN.for_rows(rows.len()));
        for row in rows {
            insert = insert.bind(bytes(row.key)).bind(row.purpose);
            insert = insert.bind(&row.endpoint).bind(&row.model).bind(&row.request);
        }
        let done = insert.execute(&mut *connection).await?;
        new.extend(new_keys(connection, rows, &done).await?);
    }
    // Taken out: of two operations that plan the same call it is new to one.
    let count = |rows: &&[PlannedRow]| rows.iter().filter(|row| new.remove(&row.key)).count() as u64;
    Ok(operations.iter().map(count).collect())
}

/// Returns the keys of the calls that an insert added; mostly these are all.
async fn new_keys(
    connection: &mut SqliteConnection,
    rows: &[&PlannedRow],
    done: &SqliteQueryResult,
) -> Result<Vec<ContentId>, sqlx::Error> {
    let added = done.rows_affected();
    if added == rows.len() as u64 {
        return Ok(rows.iter().map(|row| row.key).collect());
    }
    // Rows get numbers in a row, and the last ones are the new ones.
    let select = "SELECT key FROM calls ORDER BY seq DESC LIMIT ?";
    let found = sqlx::query(select).bind(added.cast_signed()).fetch_all(connection).await?;
    found.iter().map(key).collect()
}

fn key(row: &SqliteRow) -> Result<ContentId, sqlx::Error> {
    let key = row.try_get::<&[u8], _>("key")?.try_into().map_err(|_| sqlx::Error::RowNotFound)?;
    Ok(ContentId::from_bytes(key))
}

static END: LazyLock<ManyRows> = LazyLock::new(|| {
    let insert = "INSERT OR IGNORE INTO attempt_ends (attempt, state, ended, status, reason, retryable, \
         request_id, input_tokens, output_tokens, cost, body) ";
    ManyRows::new(insert, 11, " RETURNING attempt")
});

/// Returns the attempts that were in flight until now.
async fn end_all(
    connection: &mut SqliteConnection,
    ends: &[(i64, &End)],
) -> Result<HashSet<i64>, sqlx::Error> {
    let mut ended = HashSet::with_capacity(ends.len());
    for ends in ends.chunks(MOST_ROWS) {
        let mut insert = sqlx::query_scalar::<_, i64>(END.for_rows(ends.len()));
        for (attempt, end) in ends {
            insert = insert.bind(*attempt).bind(end.state.name()).bind(&end.ended);
            insert = insert.bind(end.status).bind(&end.reason).bind(end.retryable);
            insert = insert.bind(&end.request_id).bind(end.input_tokens).bind(end.output_tokens);
            insert = insert.bind(end.cost).bind(&end.body);
        }
        ended.extend(insert.fetch_all(&mut *connection).await?);
    }
    Ok(ended)
}

/// No attempt may be in flight or done: the one would pay twice, the other for nothing. `CROSS` keeps SQLite from
/// walking through all calls in search of the few wanted.
static SEND: LazyLock<ManyRows> = LazyLock::new(|| {
    let insert = ") INSERT OR IGNORE INTO attempts (call, number, reserved, sent) \
     SELECT seq, 1 + (SELECT count(*) FROM attempts WHERE call = calls.seq), wanted.reserved, wanted.at \
     FROM wanted CROSS JOIN calls ON calls.key = wanted.key WHERE NOT EXISTS ( \
         SELECT 1 FROM attempts LEFT JOIN attempt_ends ON attempt = attempts.seq \
         WHERE call = calls.seq AND (state IS NULL OR state = 'done')) \
     RETURNING seq, number, (SELECT key FROM calls WHERE calls.seq = call) AS key";
    ManyRows::new("WITH wanted (key, reserved, at) AS (", 3, insert)
});

/// Returns the place and the number of the attempt at each call that may be sent now.
async fn send_all(
    connection: &mut SqliteConnection,
    sends: &[(ContentId, Option<i64>, &str)],
) -> Result<HashMap<ContentId, (i64, u32)>, sqlx::Error> {
    let mut sent = HashMap::with_capacity(sends.len());
    for sends in sends.chunks(MOST_ROWS) {
        let mut insert = sqlx::query(SEND.for_rows(sends.len()));
        for (key, reserved, at) in sends {
            insert = insert.bind(bytes(*key)).bind(*reserved).bind(*at);
        }
        for row in insert.fetch_all(&mut *connection).await? {
            sent.insert(key(&row)?, (row.get("seq"), row.get("number")));
        }
    }
    Ok(sent)
}
