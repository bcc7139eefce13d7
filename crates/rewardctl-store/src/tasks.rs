//! Tasks: pairs of responses that people are asked to compare, and whether they did.

use rewardctl_core::acquire::Purpose;
use rewardctl_core::id::{ItemId, ResponseId};
use rewardctl_core::item::Context;
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row};

use crate::error::Error;
use crate::open::Store;
use crate::read::id;
use crate::save::bytes;

/// A pair that somebody is to compare.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairTask {
    /// The item that both responses answer.
    pub item_id: ItemId,
    /// Of the two responses the one with the smaller id.
    #[serde(rename = "response_a_id")]
    pub a: ResponseId,
    /// The other one.
    #[serde(rename = "response_b_id")]
    pub b: ResponseId,
    /// What its label is for.
    pub purpose: Purpose,
    /// Why it was picked, in words.
    pub reason: String,
}

/// A pair that waits, with its texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpenPair {
    /// Its number, as `queue show` takes it.
    #[serde(rename = "task", skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// The task.
    #[serde(flatten)]
    pub task: PairTask,
    /// What both responses answer.
    pub prompt: String,
    /// The text of the first.
    pub response_a: String,
    /// The text of the second.
    pub response_b: String,
}

/// A task that people were asked, and that somebody took out of the queue.
const CLOSED: &str =
    "EXISTS (SELECT 1 FROM work WHERE work.source = 'plan|' || tasks.seq AND work.closed IS NOT NULL)";

/// A label of this pair that is younger than the task; `}` is the character after `|`, so that any annotator matches.
const ANSWERED: &str = "EXISTS (SELECT 1 FROM labels_in_force WHERE seq > tasks.after_label \
     AND target >= 'compare||' || lower(hex(a)) || '|' || lower(hex(b)) || '|' \
     AND target < 'compare||' || lower(hex(a)) || '|' || lower(hex(b)) || '}')";

impl Store {
    /// Adds tasks, all or none, after those that there are.
    pub async fn add_tasks(&self, tasks: &[PairTask], planned: &str) -> Result<(), Error> {
        let during = Error::during("add tasks");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&during)?;
        let sql = "INSERT INTO tasks (item, a, b, purpose, reason, after_label, planned) \
                   VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(seq), 0) FROM labels), ?)";
        for task in tasks {
            let insert = sqlx::query(sql).bind(bytes(task.item_id)).bind(bytes(task.a)).bind(bytes(task.b));
            let insert = insert.bind(task.purpose.name()).bind(&task.reason).bind(planned);
            insert.execute(&mut *transaction).await.map_err(&during)?;
        }
        transaction.commit().await.map_err(&during)
    }

    /// Returns every task in the order of planning, and whether somebody has answered it.
    pub async fn pair_tasks(&self) -> Result<Vec<(PairTask, bool)>, Error> {
        let sql = format!("SELECT *, {ANSWERED} AS answered FROM tasks ORDER BY seq");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&self.pool).await;
        let rows = rows.map_err(Error::during("read tasks"))?;
        rows.iter().map(|row| Ok((pair_task(row)?, row.get("answered")))).collect()
    }

    /// Returns up to `limit` tasks that nobody has answered, in the order of planning, and how many there are.
    pub async fn open_pairs(&self, limit: usize) -> Result<(Vec<OpenPair>, i64), Error> {
        let during = Error::during("list tasks");
        let sql = format!(
            "SELECT tasks.*, work.seq AS number, items.context, one.text AS text_a, other.text AS text_b FROM tasks \
             JOIN items ON items.id = tasks.item JOIN responses AS one ON one.id = a \
             JOIN responses AS other ON other.id = b \
             LEFT JOIN work ON work.source = 'plan|' || tasks.seq WHERE NOT {ANSWERED} AND NOT {CLOSED} ORDER BY tasks.seq LIMIT ?"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = rows.fetch_all(&self.pool).await.map_err(&during)?;
        let count = format!("SELECT count(*) FROM tasks WHERE NOT {ANSWERED} AND NOT {CLOSED}");
        let count = sqlx::query_scalar(sqlx::AssertSqlSafe(count)).fetch_one(&self.pool).await;
        Ok((rows.iter().map(open_pair).collect::<Result<_, _>>()?, count.map_err(&during)?))
    }
}

fn pair_task(row: &SqliteRow) -> Result<PairTask, Error> {
    Ok(PairTask {
        item_id: id("tasks", row, "item")?,
        a: id("tasks", row, "a")?,
        b: id("tasks", row, "b")?,
        purpose: Purpose::named(row.get("purpose")).unwrap_or(Purpose::Teach),
        reason: row.get("reason"),
    })
}

fn open_pair(row: &SqliteRow) -> Result<OpenPair, Error> {
    let context: Context = serde_json::from_str(row.get("context")).map_err(Error::broken("items"))?;
    Ok(OpenPair {
        number: row.get("number"),
        task: pair_task(row)?,
        prompt: context.question().to_owned(),
        response_a: row.get("text_a"),
        response_b: row.get("text_b"),
    })
}
