//! Counts of the queue and of what people did.

use rewardctl_core::review::decision::{Answer, Choice, Decision, word};
use rewardctl_core::review::question::Kind;
use serde::Serialize;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::error::Error;
use crate::open::Store;
use crate::people::work::question;
use crate::people::{Now, ids};

/// How far the queue is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct QueueCounts {
    /// Places that somebody could take now.
    pub open: i64,
    /// Of these, places that only a curator may take.
    pub conflicts: i64,
    /// Places that are held.
    pub held: i64,
    /// Decisions that stand, skips among them.
    pub decided: i64,
    /// Of these, skips.
    pub skipped: i64,
    /// Labels in force.
    pub labels: i64,
}

/// A decision that stands, as figures need it.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionRow {
    /// Its number.
    pub seq: i64,
    /// The task.
    pub work: i64,
    /// What the task is for.
    pub purpose: String,
    /// What kind of answer was asked for.
    pub kind: Kind,
    /// The dimension asked about.
    pub dimension: Option<String>,
    /// Who decided.
    pub reviewer: String,
    /// The answer.
    pub answer: Answer,
    /// Where the answer lies between worst and best, as [`word`] places it.
    pub word: Option<f64>,
    /// The same for the known answer of a gold task.
    pub expected: Option<f64>,
    /// The side that a comparison prefers, as it was seen: true for the left; None otherwise.
    pub left: Option<bool>,
    /// The decision whose question was asked again.
    pub repeats: Option<i64>,
    /// Milliseconds from seeing it to deciding.
    pub elapsed: Option<u32>,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

impl Store {
    /// Counts the queue and what was decided: the one count that commands, terminal and page show.
    pub async fn queue_counts(&self, now: &Now) -> Result<QueueCounts, Error> {
        let during = Error::during("count the queue");
        let row = sqlx::query(include_str!("queue_counts.sql")).bind(now.ms).fetch_one(&self.pool).await;
        let row = row.map_err(&during)?;
        Ok(QueueCounts {
            open: row.get("open"),
            conflicts: row.get("conflicts"),
            held: row.get("held"),
            decided: row.get("decided"),
            skipped: row.get("skipped"),
            labels: row.get("labels"),
        })
    }

    /// Returns what `reviewer` decided since `since`, in milliseconds since 1970: how many, and the median of the time
    /// that the last hundred took, in milliseconds.
    pub async fn pace(&self, reviewer: &str, since: i64) -> Result<(i64, Option<i64>), Error> {
        let during = Error::during("count decisions");
        let sql = "SELECT count(*) FROM decisions WHERE reviewer = ? AND at >= ? AND ends \
                   AND NOT EXISTS (SELECT 1 FROM decisions AS undo WHERE undo.undoes = decisions.seq)";
        let count = sqlx::query_scalar(sql).bind(reviewer).bind(since).fetch_one(&self.pool).await;
        let sql = "SELECT elapsed FROM decisions WHERE reviewer = ? AND elapsed IS NOT NULL ORDER BY seq DESC LIMIT 100";
        let times = sqlx::query_scalar(sql).bind(reviewer).fetch_all(&self.pool).await;
        let mut times: Vec<i64> = times.map_err(&during)?;
        times.sort_unstable();
        Ok((count.map_err(&during)?, times.get(times.len() / 2).copied()))
    }

    /// Returns every decision that stands and ends its task, in their order.
    pub async fn decisions(&self) -> Result<Vec<DecisionRow>, Error> {
        let rows = sqlx::query(include_str!("decisions.sql")).fetch_all(&self.pool).await;
        let rows = rows.map_err(Error::during("read decisions"))?;
        rows.iter().map(decision_row).collect()
    }
}

fn decision_row(row: &SqliteRow) -> Result<DecisionRow, Error> {
    let asked = question(row)?;
    let shown = ids("grants", row, "order_shown")?;
    let said: Decision = serde_json::from_str(row.get("body")).map_err(Error::broken("decisions"))?;
    let expected: Option<&str> = row.get("expected");
    let expected: Option<Answer> =
        expected.map(serde_json::from_str).transpose().map_err(Error::broken("work"))?;
    let left = match said.answer {
        Answer::Choose { choice: Choice::Left, .. } => Some(true),
        Answer::Choose { choice: Choice::Right, .. } => Some(false),
        _ => None,
    };
    Ok(DecisionRow {
        seq: row.get("decision"),
        work: row.get("seq"),
        purpose: row.get("purpose"),
        kind: asked.kind,
        reviewer: row.get("reviewer"),
        word: word(&asked, &shown, &said.answer),
        expected: expected.and_then(|answer| word(&asked, &asked.responses, &answer)),
        dimension: asked.dimension,
        answer: said.answer,
        left,
        repeats: row.get("repeats"),
        elapsed: row.get("elapsed"),
        at: row.get("at"),
    })
}
