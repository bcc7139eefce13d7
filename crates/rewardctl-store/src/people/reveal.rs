//! What critics and others said, for those who have decided.

use rewardctl_core::id::ResponseId;
use rewardctl_core::review::decision::Answer;
use rewardctl_core::review::role::Permission;
use rewardctl_core::verdict::Verdict;
use serde::Serialize;
use sqlx::Row;

use crate::error::Error;
use crate::open::Store;
use crate::people::Person;
use crate::people::ids;
use crate::people::lease::{Opinion, opinions};
use crate::people::refusal::Refusal;
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

    /// Returns what is known of a task, to whoever has decided it or may see scores anyway.
    pub async fn reveal(&self, person: &Person, task: i64) -> Result<Revealed, Error> {
        let during = Error::during("read what critics say");
        let sql = "SELECT work.*, slots.decision, grants.shown AS order_shown FROM work \
                   LEFT JOIN slots ON slots.work = work.seq AND slots.reviewer = ? \
                   LEFT JOIN grants USING (token) WHERE work.seq = ?";
        let row = sqlx::query(sql).bind(&person.name).bind(task).fetch_optional(&self.pool).await;
        let row = row.map_err(&during)?.ok_or(Refusal::NoTask { task })?;
        let is_holding = row.get::<Option<&[u8]>, _>("order_shown").is_some();
        let has_decided = row.get::<Option<i64>, _>("decision").is_some();
        let is_onlooker = !is_holding && person.role.may(Permission::SeeScores);
        if !has_decided && !is_onlooker {
            return Err(Refusal::Blind { task }.into());
        }
        let column = if is_holding { "order_shown" } else { "responses" };
        let order = ids("work", &row, column)?;
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let opinions = opinions(&mut connection, task, &order).await?;
        drop(connection);
        let mut responses = vec![];
        for id in order {
            responses.push(self.judgement_of(id).await?);
        }
        let expected: Option<&str> = row.get("expected");
        let expected = expected.map(serde_json::from_str).transpose().map_err(Error::broken("work"))?;
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
