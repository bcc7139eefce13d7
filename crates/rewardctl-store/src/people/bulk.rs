//! What is done with many tasks at once: out of the queue, into it again, and away from those who hold them.

use rewardctl_core::id::ContentId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Connection, Row, SqliteConnection};

use crate::error::Error;
use crate::open::Store;
use crate::people::audit::log;
use crate::people::browse::{WorkFilter, WorkState, listed};
use crate::people::lease::sweep;
use crate::people::refusal::Refusal;
use crate::people::work::{TaskFilter, open_slots};
use crate::people::{Now, Person};
use crate::save::bytes;

/// What is done with tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Takes those out of the queue that are open: nobody is asked them any more, and who holds one may still decide.
    Close,
    /// Takes closed ones into the queue again.
    Reopen,
    /// Takes leases away, so that others may have their tasks.
    Release {
        /// Of this person; None for all.
        of: Option<String>,
    },
}

/// What came of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The tasks that are changed, by their numbers.
    pub tasks: Vec<i64>,
    /// Leases that were taken away.
    pub leases: u64,
}

impl Change {
    /// Returns the state of the tasks that it changes.
    pub fn of_state(&self) -> WorkState {
        match self {
            Self::Close => WorkState::Open,
            Self::Reopen => WorkState::Closed,
            Self::Release { .. } => WorkState::Held,
        }
    }

    fn action(&self) -> &'static str {
        match self {
            Self::Close => "queue.close",
            Self::Reopen => "queue.reopen",
            Self::Release { .. } => "queue.release",
        }
    }
}

impl Store {
    /// Returns the first `most` tasks that the filter leaves and that the change would change; of the closed ones those that
    /// somebody closed, not those that were answered elsewhere.
    pub async fn changeable(
        &self,
        change: &Change,
        tasks: &TaskFilter,
        most: i64,
        now: &Now,
    ) -> Result<Vec<i64>, Error> {
        let state = Some(change.of_state());
        let filter = WorkFilter { tasks: tasks.clone(), state, ..WorkFilter::default() };
        let rows = listed(&filter, (0, most), now).fetch_all(&self.pool).await;
        let rows = rows.map_err(Error::during("list tasks"))?;
        let meant = rows.iter().filter(|row| *change != Change::Reopen || row.get("by_hand"));
        Ok(meant.map(|row| row.get("seq")).collect())
    }

    /// Changes tasks, all or none, and returns those that were not so already. The same request again changes nothing more,
    /// and returns the same; one that changed nothing is made anew.
    pub async fn change_work(
        &self,
        change: &Change,
        tasks: &[i64],
        (actor, request): (&Person, Option<&str>),
        now: &Now,
    ) -> Result<Changed, Error> {
        let during = Error::during("change tasks");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&during)?;
        let asked = json!([change, tasks]).to_string();
        let fingerprint = bytes(ContentId::of("change", [asked.as_bytes()]));
        if let Some(request) = request
            && let Some(known) = known(&mut transaction, actor, (request, &fingerprint)).await?
        {
            return Ok(known);
        }
        check_all_known(&mut transaction, tasks).await?;
        sweep(&mut transaction, now).await.map_err(&during)?;
        let changed = carried_out(&mut transaction, change, tasks, now).await.map_err(&during)?;
        if changed.tasks.is_empty() {
            transaction.commit().await.map_err(&during)?;
            return Ok(changed);
        }
        if let Some(request) = request {
            let sql = "INSERT INTO changes (actor, request, fingerprint, answer) VALUES (?, ?, ?, ?)";
            let insert = sqlx::query(sql).bind(&actor.name).bind(request).bind(fingerprint);
            insert.bind(json!(changed).to_string()).execute(&mut *transaction).await.map_err(&during)?;
        }
        let body = match change {
            Change::Release { of } => json!({"tasks": changed.tasks, "of": of, "leases": changed.leases}),
            _ => json!({"tasks": changed.tasks}),
        };
        let head = log(&mut transaction, &actor.name, change.action(), &body, now).await?;
        transaction.commit().await.map_err(&during)?;
        self.note_head(head)?;
        Ok(changed)
    }
}

/// Returns what the same request came to before; an error if its key named another one.
async fn known(
    connection: &mut SqliteConnection,
    actor: &Person,
    (request, fingerprint): (&str, &[u8]),
) -> Result<Option<Changed>, Error> {
    let row = sqlx::query("SELECT fingerprint, answer FROM changes WHERE actor = ? AND request = ?");
    let row = row.bind(&actor.name).bind(request).fetch_optional(connection).await;
    let Some(row) = row.map_err(Error::during("change tasks"))? else { return Ok(None) };
    match row.get::<&[u8], _>("fingerprint") == fingerprint {
        true => Ok(Some(serde_json::from_str(row.get("answer")).map_err(Error::broken("changes"))?)),
        false => Err(Refusal::KeyReused.into()),
    }
}

async fn check_all_known(connection: &mut SqliteConnection, tasks: &[i64]) -> Result<(), Error> {
    let sql = "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT seq FROM work) LIMIT 1";
    let missing = sqlx::query_scalar(sql).bind(json!(tasks).to_string()).fetch_optional(connection).await;
    let missing: Option<i64> = missing.map_err(Error::during("look up tasks"))?;
    missing.map_or(Ok(()), |task| Err(Refusal::NoTask { task }.into()))
}

const CLOSE: &str = "UPDATE work SET closed = ?2, by_hand = 1 \
                     WHERE closed IS NULL AND open_slots > 0 AND seq IN (SELECT value FROM json_each(?1)) RETURNING seq";
const REOPEN: &str = "UPDATE work SET closed = NULL \
                      WHERE closed IS NOT NULL AND seq IN (SELECT value FROM json_each(?1)) RETURNING seq";
const RELEASE: &str = "DELETE FROM slots WHERE decision IS NULL AND (?2 IS NULL OR reviewer = ?2) \
                       AND work IN (SELECT value FROM json_each(?1)) RETURNING work";

async fn carried_out(
    connection: &mut SqliteConnection,
    change: &Change,
    tasks: &[i64],
    now: &Now,
) -> Result<Changed, sqlx::Error> {
    let named = json!(tasks).to_string();
    let query = match change {
        Change::Close => sqlx::query_scalar(CLOSE).bind(named).bind(now.ms),
        Change::Reopen => sqlx::query_scalar(REOPEN).bind(named),
        Change::Release { of } => sqlx::query_scalar(RELEASE).bind(named).bind(of),
    };
    let mut tasks: Vec<i64> = query.fetch_all(&mut *connection).await?;
    let mut leases = 0;
    if let Change::Release { .. } = change {
        leases = tasks.len() as u64;
        for task in &tasks {
            open_slots(connection, *task, 1).await?;
        }
    }
    tasks.sort_unstable();
    tasks.dedup();
    Ok(Changed { tasks, leases })
}
