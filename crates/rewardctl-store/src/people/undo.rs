//! Taking a decision back: a row says so, its labels count no more, and its question comes again.

use rewardctl_core::id::ContentId;
use rewardctl_core::review::decision::{Answer, Decision};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

use crate::error::Error;
use crate::open::Store;
use crate::people::audit::log;
use crate::people::decide::may_take;
use crate::people::lease::{Lease, lease, new_token};
use crate::people::refusal::Refusal;
use crate::people::{Now, Person, WorkSettings, ids};
use crate::save::bytes;

/// What was taken back.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Undone {
    /// The decision that counts no more.
    pub decision: i64,
    /// Labels that count no more.
    pub withdrawn: u64,
    /// Its question, held again.
    pub lease: Lease,
}

impl Store {
    /// Takes back the last decision of `person` that stands, unless they looked at what critics say of it: the next would
    /// not be blind. The same request twice takes back one.
    pub async fn undo(
        &self,
        person: &Person,
        request: Option<&str>,
        settings: &WorkSettings,
        now: &Now,
    ) -> Result<Undone, Error> {
        let during = Error::during("undo a decision");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&during)?;
        if let Some(request) = request
            && let Some(known) = known(&mut transaction, person, request).await?
        {
            return Ok(known);
        }
        let sql = "SELECT * FROM decisions WHERE reviewer = ? AND undoes IS NULL \
                   AND NOT EXISTS (SELECT 1 FROM decisions AS undo WHERE undo.undoes = decisions.seq) \
                   ORDER BY seq DESC LIMIT 1";
        let last = sqlx::query(sql).bind(&person.name).fetch_optional(&mut *transaction).await;
        let last = last.map_err(&during)?.ok_or(Refusal::NothingToUndo)?;
        let (decision, task): (i64, i64) = (last.get("seq"), last.get("work"));
        if has_seen(&mut transaction, person, task).await.map_err(&during)? {
            return Err(Refusal::Seen { task }.into());
        }
        let undo = insert(&mut transaction, person, (&last, request), now).await.map_err(&during)?;
        let withdrawn = withdraw(&mut transaction, decision, undo).await.map_err(&during)?;
        take_back_follow_ups(&mut transaction, task, decision).await.map_err(&during)?;
        hold_again(&mut transaction, person, &last, (settings, now)).await?;
        keep_correction(&mut transaction, person, &last, now).await?;
        let body = json!({"task": task, "decision": decision, "withdrawn": withdrawn});
        let head = log(&mut transaction, &person.name, "undo", &body, now).await?;
        let lease = lease(&mut transaction, task, person).await?;
        transaction.commit().await.map_err(&during)?;
        self.note_head(head)?;
        Ok(Undone { decision, withdrawn, lease })
    }
}

/// A correction that is taken back is a draft again: what was written is not lost.
async fn keep_correction(
    connection: &mut SqliteConnection,
    person: &Person,
    last: &SqliteRow,
    now: &Now,
) -> Result<(), Error> {
    let decision: Decision = serde_json::from_str(last.get("body")).map_err(Error::broken("decisions"))?;
    let Answer::Correct { place, text } = decision.answer else { return Ok(()) };
    let draft = json!({"note": decision.note, "tags": decision.tags, "place": place, "text": text});
    let sql = "INSERT INTO drafts (reviewer, work, body, at) VALUES (?, ?, ?, ?) \
               ON CONFLICT (reviewer, work) DO UPDATE SET body = excluded.body, at = excluded.at";
    let insert = sqlx::query(sql).bind(&person.name).bind(last.get::<i64, _>("work")).bind(draft.to_string());
    insert.bind(now.ms).execute(connection).await.map_err(Error::during("keep a draft"))?;
    Ok(())
}

async fn known(
    connection: &mut SqliteConnection,
    person: &Person,
    request: &str,
) -> Result<Option<Undone>, Error> {
    let during = Error::during("undo a decision");
    let sql = "SELECT * FROM decisions WHERE reviewer = ? AND request = ?";
    let row = sqlx::query(sql).bind(&person.name).bind(request).fetch_optional(&mut *connection).await;
    let Some(row) = row.map_err(&during)? else { return Ok(None) };
    let undone: i64 = row.get::<Option<i64>, _>("undoes").ok_or(Refusal::KeyReused)?;
    let task: i64 = row.get("work");
    let count = sqlx::query_scalar("SELECT count(*) FROM withdrawn_labels WHERE decision = ?");
    let withdrawn: i64 =
        count.bind(row.get::<i64, _>("seq")).fetch_one(&mut *connection).await.map_err(&during)?;
    let held =
        sqlx::query_scalar("SELECT count(*) FROM slots WHERE work = ? AND reviewer = ? AND decision IS NULL");
    let held: i64 = held.bind(task).bind(&person.name).fetch_one(&mut *connection).await.map_err(&during)?;
    if held == 0 {
        return Err(Refusal::LeaseLost { task }.into());
    }
    let lease = lease(connection, task, person).await?;
    Ok(Some(Undone { decision: undone, withdrawn: withdrawn as u64, lease }))
}

async fn insert(
    connection: &mut SqliteConnection,
    person: &Person,
    (last, request): (&SqliteRow, Option<&str>),
    now: &Now,
) -> Result<i64, sqlx::Error> {
    let decision: i64 = last.get("seq");
    let sql = "INSERT INTO decisions (work, token, reviewer, kind, body, ends, undoes, at, request, fingerprint) \
               VALUES (?, ?, ?, 'undo', '{}', 0, ?, ?, ?, ?)";
    let done = sqlx::query(sql)
        .bind(last.get::<i64, _>("work"))
        .bind(last.get::<i64, _>("token"))
        .bind(&person.name)
        .bind(decision)
        .bind(now.ms)
        .bind(request)
        .bind(bytes(ContentId::of("undo", [decision.to_le_bytes().as_slice()])))
        .execute(connection)
        .await?;
    Ok(done.last_insert_rowid())
}

/// Makes the labels of a decision count no more; returns how many there were.
async fn withdraw(connection: &mut SqliteConnection, decision: i64, undo: i64) -> Result<u64, sqlx::Error> {
    let sql = "INSERT INTO withdrawn_labels (label, decision) SELECT label, ? FROM labels_of_decisions WHERE decision = ?";
    let done = sqlx::query(sql).bind(undo).bind(decision).execute(&mut *connection).await?;
    let sql = "DELETE FROM labelled_responses WHERE label IN (SELECT label FROM labels_of_decisions WHERE decision = ?1) \
               AND response IN (SELECT responses.id FROM responses JOIN work ON work.item = responses.item \
               JOIN decisions ON decisions.work = work.seq WHERE decisions.seq = ?1)";
    sqlx::query(sql).bind(decision).execute(&mut *connection).await?;
    sqlx::query(include_str!("reopen_rated.sql")).bind(decision).execute(&mut *connection).await?;
    sqlx::query(include_str!("reopen_compared.sql")).bind(decision).execute(connection).await?;
    Ok(done.rows_affected())
}

/// A place that was opened because of what people said closes again, whoever of them takes it back, unless somebody took
/// it: what follows is decided anew with the next decision.
async fn take_back_follow_ups(
    connection: &mut SqliteConnection,
    task: i64,
    decision: i64,
) -> Result<(), sqlx::Error> {
    let sql = "UPDATE work SET needed = needed - 1, open_slots = open_slots - 1, curator = 0 \
               WHERE seq = ?1 AND open_slots > 0 AND EXISTS (SELECT 1 FROM follow_ups WHERE work = ?1) \
               AND (SELECT ends FROM decisions WHERE seq = ?2)";
    let closed = sqlx::query(sql).bind(task).bind(decision).execute(&mut *connection).await?.rows_affected();
    if closed > 0 {
        let sql =
            "DELETE FROM follow_ups WHERE decision = (SELECT max(decision) FROM follow_ups WHERE work = ?)";
        sqlx::query(sql).bind(task).execute(&mut *connection).await?;
    }
    let sql = "UPDATE work SET closed = added WHERE source = 'repeat|' || ? AND open_slots > 0";
    sqlx::query(sql).bind(decision).execute(connection).await.map(drop)
}

/// Tells whether the person looked at what critics say of the task.
async fn has_seen(
    connection: &mut SqliteConnection,
    person: &Person,
    task: i64,
) -> Result<bool, sqlx::Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM reveals WHERE reviewer = ? AND work = ?)";
    sqlx::query_scalar(sql).bind(&person.name).bind(task).fetch_one(connection).await
}

/// The question comes again in the order in which it was seen, under a lease of its own.
async fn hold_again(
    connection: &mut SqliteConnection,
    person: &Person,
    last: &SqliteRow,
    (settings, now): (&WorkSettings, &Now),
) -> Result<(), Error> {
    let during = Error::during("undo a decision");
    let (task, token): (i64, i64) = (last.get("work"), last.get("token"));
    let grant = sqlx::query("SELECT shown FROM grants WHERE token = ?").bind(token);
    let grant = grant.fetch_one(&mut *connection).await.map_err(&during)?;
    let shown = ids("grants", &grant, "shown")?;
    let token = new_token(connection, task, person, (&shown, None), now).await.map_err(&during)?;
    let held = "SELECT count(*) FROM slots WHERE work = ? AND reviewer = ?";
    let held: i64 = sqlx::query_scalar(held)
        .bind(task)
        .bind(&person.name)
        .fetch_one(&mut *connection)
        .await
        .map_err(&during)?;
    if held == 0 {
        // A correction beside a question whose lease was lost meanwhile.
        let work = sqlx::query("SELECT * FROM work WHERE seq = ?").bind(task);
        let work = work.fetch_one(&mut *connection).await.map_err(&during)?;
        let is_open = work.get::<i64, _>("open_slots") > 0 && may_take(&work, person);
        let sql = match is_open {
            true => "UPDATE work SET open_slots = open_slots - 1 WHERE seq = ?",
            // A place of its own is made for it.
            false => "UPDATE work SET needed = needed + 1 WHERE seq = ?",
        };
        sqlx::query(sql).bind(task).execute(&mut *connection).await.map_err(&during)?;
    }
    let sql = "INSERT INTO slots (work, reviewer, token, expires) VALUES (?, ?, ?, ?) ON CONFLICT (work, reviewer) \
               DO UPDATE SET token = excluded.token, expires = excluded.expires, decision = NULL";
    sqlx::query(sql)
        .bind(task)
        .bind(&person.name)
        .bind(token)
        .bind(now.ms + settings.lease_ms)
        .execute(connection)
        .await
        .map_err(&during)?;
    Ok(())
}
