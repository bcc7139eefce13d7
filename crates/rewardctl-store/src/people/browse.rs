//! Pages of what is stored, for lists: each page continues after a place of the one before.

use rewardctl_core::id::{ItemId, ResponseId, Version};
use rewardctl_core::label::Label;
use rewardctl_core::review::question::{Kind, Question};
use serde::Serialize;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite};

use crate::error::Error;
use crate::open::Store;
use crate::people::Now;
use crate::people::work::{TaskFilter, question};
use crate::read::{StoredItem, id};
use crate::save::bytes;

/// Which tasks are wanted. A filter that is None takes everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkFilter {
    /// Which, as those who work on them choose.
    pub tasks: TaskFilter,
    /// Only about this item.
    pub item: Option<ItemId>,
    /// Only those in this state.
    pub state: Option<WorkState>,
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkState {
    /// Somebody could take it.
    Open,
    /// All places are held or filled, and one is held.
    Held,
    /// All places are filled.
    Done,
    /// It was answered elsewhere.
    Closed,
}

/// A task for a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkRow {
    /// The task.
    pub task: i64,
    /// What is asked.
    pub question: Question,
    /// What it is for.
    pub purpose: String,
    /// Why, in words.
    pub reason: String,
    /// How far it is.
    pub state: WorkState,
    /// How many people are to answer.
    pub needed: i64,
    /// Places that nobody holds or filled.
    pub open: i64,
    /// Places that are filled.
    pub filled: i64,
    /// Whether a curator is to decide.
    pub conflict: bool,
    /// When it was added, in milliseconds since 1970.
    pub added_ms: i64,
    /// Who holds it and until when.
    pub held: Vec<(String, i64)>,
}

/// A reward for a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RewardRow {
    /// Its place; pages continue after it.
    #[serde(skip)]
    pub place: i64,
    /// The response.
    pub response: ResponseId,
    /// The version of the panel and its models.
    pub version: Version,
    /// The reward; None if there is none.
    pub reward: Option<f64>,
    /// Its standard deviation.
    pub uncertainty: Option<f64>,
    /// Why there is none.
    pub no_reward: Option<String>,
}

impl WorkState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Held, Self::Done, Self::Closed];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Held => "held",
            Self::Done => "done",
            Self::Closed => "closed",
        }
    }

    /// Returns the state of this name; None where there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl Store {
    /// Returns up to `limit` tasks after `after`, in the order in which they were added.
    pub async fn work_list(
        &self,
        filter: &WorkFilter,
        after: i64,
        limit: i64,
        now: &Now,
    ) -> Result<Vec<WorkRow>, Error> {
        let during = Error::during("list tasks");
        let rows = listed(filter, (after, limit), now).fetch_all(&self.pool).await.map_err(&during)?;
        let mut list = Vec::with_capacity(rows.len());
        for row in rows {
            let mut work = work_row(&row)?;
            let sql = "SELECT reviewer, expires FROM slots WHERE work = ? AND expires > ? ORDER BY reviewer";
            let held = sqlx::query_as(sql).bind(work.task).bind(now.ms).fetch_all(&self.pool).await;
            work.held = held.map_err(&during)?;
            list.push(work);
        }
        Ok(list)
    }

    /// Returns one task; None if there is none.
    pub async fn work_row(&self, task: i64, now: &Now) -> Result<Option<WorkRow>, Error> {
        let found = self.work_list(&WorkFilter::default(), task.saturating_sub(1), 1, now).await?;
        Ok(found.into_iter().find(|work| work.task == task))
    }

    /// Returns the text of a response; None if the store does not know it.
    pub async fn response_text(&self, response: ResponseId) -> Result<Option<String>, Error> {
        let sql = "SELECT text FROM responses WHERE id = ?";
        let text = sqlx::query_scalar(sql).bind(bytes(response)).fetch_optional(&self.pool).await;
        text.map_err(Error::during("read a response"))
    }

    /// Returns an item with all that is known of it; None if the store does not know it.
    pub async fn item(&self, item: ItemId) -> Result<Option<StoredItem>, Error> {
        let seq = sqlx::query_scalar("SELECT seq FROM items WHERE id = ?").bind(bytes(item));
        let seq: Option<i64> = seq.fetch_optional(&self.pool).await.map_err(Error::during("read items"))?;
        let Some(seq) = seq else { return Ok(None) };
        Ok(self.items(seq - 1, 1).await?.into_iter().next())
    }

    /// Returns up to `limit` labels in force after `after` with their places, of one person or of all.
    pub async fn label_page(
        &self,
        annotator: Option<&str>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, Label)>, Error> {
        let sql = "SELECT seq, body FROM labels_in_force WHERE seq > ?1 AND (?3 IS NULL OR annotator = ?3) \
                   ORDER BY seq LIMIT ?2";
        let rows = sqlx::query(sql).bind(after).bind(limit).bind(annotator).fetch_all(&self.pool).await;
        let label = |row: &SqliteRow| {
            let label = serde_json::from_str(row.get("body")).map_err(Error::broken("labels"))?;
            Ok((row.get("seq"), label))
        };
        rows.map_err(Error::during("read labels"))?.iter().map(label).collect()
    }

    /// Returns up to `limit` rewards after `after` in `range`, in the order in which they came.
    pub async fn reward_page(
        &self,
        range: (f64, f64),
        after: i64,
        limit: i64,
    ) -> Result<Vec<RewardRow>, Error> {
        let sql = "SELECT rowid AS place, response, version, reward, uncertainty, no_reward FROM rewards \
                   WHERE rowid > ?1 AND ((reward >= ?3 AND reward <= ?4) OR (reward IS NULL AND ?3 <= 0.0 AND ?4 >= 1.0)) \
                   ORDER BY rowid LIMIT ?2";
        let rows = sqlx::query(sql).bind(after).bind(limit).bind(range.0).bind(range.1);
        let rows = rows.fetch_all(&self.pool).await.map_err(Error::during("read rewards"))?;
        let reward = |row: &SqliteRow| {
            Ok(RewardRow {
                place: row.get("place"),
                response: id("rewards", row, "response")?,
                version: id("rewards", row, "version")?,
                reward: row.get("reward"),
                uncertainty: row.get("uncertainty"),
                no_reward: row.get("no_reward"),
            })
        };
        rows.iter().map(reward).collect()
    }
}

pub(crate) const LIST: &str = concat!(
    include_str!("work_list.sql"),
    include_str!("matches.sql"),
    ") WHERE ?11 IS NULL OR state = ?11 ORDER BY seq LIMIT ?2"
);

/// Asks for up to `limit` rows of tasks after `after`.
pub(crate) fn listed<'q>(
    filter: &'q WorkFilter,
    (after, limit): (i64, i64),
    now: &Now,
) -> Query<'q, Sqlite, SqliteArguments> {
    let tasks = &filter.tasks;
    sqlx::query(LIST)
        .bind(after)
        .bind(limit)
        .bind(tasks.kind.map(Kind::name))
        .bind(&tasks.dimension)
        .bind(&tasks.purpose)
        .bind(&tasks.generator)
        .bind(&tasks.reason)
        .bind(&tasks.tag)
        .bind(now.ms)
        .bind(filter.item.map(bytes))
        .bind(filter.state.map(WorkState::name))
}

fn work_row(row: &SqliteRow) -> Result<WorkRow, Error> {
    Ok(WorkRow {
        task: row.get("seq"),
        question: question(row)?,
        purpose: row.get("purpose"),
        reason: row.get("reason"),
        state: WorkState::named(row.get("state")).unwrap_or(WorkState::Open),
        needed: row.get("needed"),
        open: row.get("open_slots"),
        filled: row.get("filled"),
        conflict: row.get("curator"),
        added_ms: row.get("added"),
        held: vec![],
    })
}
