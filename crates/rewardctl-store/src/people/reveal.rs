//! What critics and others said, for those who have decided.

use rewardctl_core::id::ResponseId;
use rewardctl_core::review::decision::Answer;
use rewardctl_core::review::role::Permission;
use rewardctl_core::verdict::Verdict;
use serde::Serialize;
use sqlx::{Connection, Row};

use crate::error::Error;
use crate::open::Store;
use crate::people::opinion::{Opinion, opinions, turned};
use crate::people::refusal::Refusal;
use crate::people::{Now, Person, ids};
use crate::save::bytes;

/// What is known of a task beside what its question shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Revealed {
    /// The task.
    pub task: i64,
    /// Why it was asked.
    pub reason: String,
    /// The responses, in the order in which the person saw them.
    pub responses: Vec<Judged>,
    /// What everybody said who has decided, without names.
    pub opinions: Vec<Opinion>,
    /// The known answer of a gold task.
    pub expected: Option<Answer>,
}

/// What critics say of a response.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// The response.
    pub id: ResponseId,
    /// The model that wrote it.
    pub generator: Option<String>,
    /// The reward and its standard deviation; None if it has none.
    pub reward: Option<f64>,
    /// The uncertainty of the reward.
    pub uncertainty: Option<f64>,
    /// What each critic said.
    pub verdicts: Vec<Verdict>,
}

impl Store {
    /// Makes what critics say of a response quick to find. Scoring alone does not need it, so it is made where people work.
    pub async fn index_for_review(&self) -> Result<(), Error> {
        let during = Error::during("index verdicts");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let sql = "CREATE INDEX IF NOT EXISTS verdicts_of_response ON verdicts (response)";
        sqlx::query(sql).execute(&mut *connection).await.map_err(&during)?;
        Ok(())
    }

    /// Returns what is known of a task, to whoever has decided it (a skip decides nothing) or may see scores anyway, and
    /// notes that they saw it: they answer it no more.
    pub async fn reveal(&self, person: &Person, task: i64, now: &Now) -> Result<Revealed, Error> {
        let during = Error::during("read what critics say");
        let sql = "SELECT work.responses, decisions.kind AS decided, grants.shown AS order_shown FROM work \
                   LEFT JOIN slots ON slots.work = work.seq AND slots.reviewer = ? \
                   LEFT JOIN decisions ON decisions.seq = slots.decision \
                   LEFT JOIN grants ON grants.token = slots.token WHERE work.seq = ?";
        let row = sqlx::query(sql).bind(&person.name).bind(task).fetch_optional(&self.pool).await;
        let row = row.map_err(&during)?.ok_or(Refusal::NoTask { task })?;
        let is_holding = row.get::<Option<&[u8]>, _>("order_shown").is_some();
        let has_decided = row.get::<Option<&str>, _>("decided").is_some_and(|kind| kind != "skip");
        let is_onlooker = !is_holding && person.role.may(Permission::SeeScores);
        if !has_decided && !is_onlooker {
            return Err(Refusal::Blind { task }.into());
        }
        let order = ids("work", &row, if is_holding { "order_shown" } else { "responses" })?;
        self.note_reveal(person, task, now).await.map_err(&during)?;
        self.said_of_task(task, &order).await
    }

    /// Notes who saw what is known of a task; a repeat that still waits for them would not be blind, and closes.
    async fn note_reveal(&self, person: &Person, task: i64, now: &Now) -> Result<(), sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let sql = "INSERT INTO reveals (reviewer, work, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
        let note = sqlx::query(sql).bind(&person.name).bind(task).bind(now.ms);
        note.execute(&mut *transaction).await?;
        let sql = "UPDATE work SET closed = ?3 WHERE closed IS NULL AND open_slots > 0 AND source IN \
                   (SELECT 'repeat|' || seq FROM decisions WHERE work = ?2 AND reviewer = ?1)";
        let close = sqlx::query(sql).bind(&person.name).bind(task).bind(now.ms);
        close.execute(&mut *transaction).await?;
        transaction.commit().await
    }

    /// Returns what is known of a task, for those who will not answer it, with its responses in `order`.
    pub async fn said_of_task(&self, task: i64, order: &[ResponseId]) -> Result<Revealed, Error> {
        let during = Error::during("read what critics say");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let row = sqlx::query("SELECT * FROM work WHERE seq = ?").bind(task).fetch_optional(&mut *connection);
        let row = row.await.map_err(&during)?.ok_or(Refusal::NoTask { task })?;
        let opinions = opinions(&mut connection, task, order).await?;
        drop(connection);
        let mut responses = vec![];
        for id in order {
            responses.push(self.judgement_of(*id).await?);
        }
        let expected: Option<&str> = row.get("expected");
        let expected: Option<Answer> =
            expected.map(serde_json::from_str).transpose().map_err(Error::broken("work"))?;
        let asked = ids("work", &row, "responses")?;
        let expected = expected.map(|answer| turned(answer, &asked, order));
        Ok(Revealed { task, reason: row.get("reason"), responses, opinions, expected })
    }

    /// Returns what critics say of a response; nothing of one that is not known.
    pub async fn judgement_of(&self, response: ResponseId) -> Result<Judged, Error> {
        let during = Error::during("read what critics say");
        let sql = "SELECT responses.generator, rewards.reward, rewards.uncertainty FROM responses \
                   LEFT JOIN routes ON routes.seq = (SELECT max(seq) FROM routes AS last WHERE last.response = responses.id) \
                   LEFT JOIN rewards ON rewards.response = routes.response AND rewards.version = routes.version \
                   WHERE responses.id = ?";
        let row = sqlx::query(sql).bind(bytes(response)).fetch_optional(&self.pool).await.map_err(&during)?;
        let verdicts = self.said_of(response).await?.verdicts;
        Ok(Judged {
            id: response,
            generator: row.as_ref().and_then(|row| row.get("generator")),
            reward: row.as_ref().and_then(|row| row.get("reward")),
            uncertainty: row.as_ref().and_then(|row| row.get("uncertainty")),
            verdicts,
        })
    }
}
