//! What the other stages ask the store.

use std::collections::HashMap;

use rewardctl_core::id::{ContentId, ItemId, ResponseId, VerdictKey, Version};
use rewardctl_core::item::Context;
use rewardctl_core::label::Label;
use rewardctl_core::verdict::Verdict;
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row};

use crate::body::unpack;
use crate::error::Error;
use crate::open::Store;
use crate::save::bytes;

/// Rows per stage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Prompts.
    pub items: i64,
    /// Responses to them.
    pub responses: i64,
    /// Verdicts with a score.
    pub verdicts_scored: i64,
    /// Verdicts that had nothing to judge.
    pub verdicts_abstained: i64,
    /// Verdicts that failed.
    pub verdicts_failed: i64,
    /// Responses whose last run gave them a reward.
    pub rewards: i64,
    /// Responses whose last run gave them none.
    pub without_reward: i64,
    /// Responses accepted.
    pub accepted: i64,
    /// Responses sent to people.
    pub routed: i64,
    /// Of these, not yet labelled.
    pub queued: i64,
    /// Labels given, every word counted.
    pub labels: i64,
    /// Runs begun.
    pub runs: i64,
    /// Runs that came to their end.
    pub runs_finished: i64,
}

/// A response as routing left it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredResponse {
    /// The response.
    pub id: ResponseId,
    /// Its text.
    pub text: String,
    /// The model that wrote it.
    pub generator: Option<String>,
    /// The version of its reward; None if it was never scored.
    pub version: Option<Version>,
    /// The reward and its total uncertainty.
    pub reward: Option<(f64, f64)>,
    /// Whether the route is `accept`.
    pub accepted: bool,
}

/// An item with all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredItem {
    /// Its place in the store; pages continue after it.
    pub seq: i64,
    /// The item.
    pub id: ItemId,
    /// Its prompt, reference and documents.
    pub context: Context,
    /// Its responses, in the order in which they were first seen.
    pub responses: Vec<StoredResponse>,
    /// What people said, in order.
    pub labels: Vec<Label>,
}

/// A response that waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Task {
    /// The response.
    pub response_id: ResponseId,
    /// Its item.
    pub item_id: ItemId,
    /// Why it waits.
    pub reason: String,
    /// Its reward, if it has one.
    pub reward: Option<f64>,
    /// The uncertainty of that reward.
    pub uncertainty: Option<f64>,
    /// The model that wrote it.
    pub generator: Option<String>,
    /// What it answers.
    pub prompt: String,
    /// Its text.
    pub response: String,
}

impl Store {
    /// Returns the verdicts of up to `limit` rows of `source`, in the order of their keys: these are hashes, so that it
    /// is a fair sample, and the same one each time.
    pub async fn some_verdicts(&self, source: &str, limit: u32) -> Result<Vec<Verdict>, Error> {
        let rows = sqlx::query("SELECT body FROM verdicts WHERE source = ? ORDER BY key LIMIT ?")
            .bind(source)
            .bind(limit)
            .fetch_all(&self.pool)
            .await
            .map_err(Error::during("look at verdicts"))?;
        let each = rows.iter().map(|row| unpack::<Vec<Verdict>>("verdicts", row.get("body")));
        Ok(each.collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// Returns the stored verdicts of `keys`. What failed is left out, since it is to be tried again.
    pub async fn verdicts(&self, keys: &[VerdictKey]) -> Result<HashMap<VerdictKey, Vec<Verdict>>, Error> {
        let mut known = HashMap::with_capacity(keys.len());
        for keys in keys.chunks(10_000) {
            let mut select =
                QueryBuilder::new("SELECT key, body FROM verdicts WHERE failed = 0 AND key IN (");
            let mut list = select.separated(",");
            keys.iter().for_each(|key| {
                list.push_bind(bytes(*key));
            });
            select.push(")");
            let rows =
                select.build().fetch_all(&self.pool).await.map_err(Error::during("look up verdicts"))?;
            for row in rows {
                known.insert(id("verdicts", &row, "key")?, unpack("verdicts", row.get("body"))?);
            }
        }
        Ok(known)
    }

    /// Counts the rows of every stage.
    pub async fn counts(&self) -> Result<Counts, Error> {
        let sql = include_str!("counts.sql");
        let row = sqlx::query(sql).fetch_one(&self.pool).await.map_err(Error::during("count its rows"))?;
        Ok(Counts {
            items: row.get("items"),
            responses: row.get("responses"),
            verdicts_scored: row.get("verdicts_scored"),
            verdicts_abstained: row.get("verdicts_abstained"),
            verdicts_failed: row.get("verdicts_failed"),
            rewards: row.get("rewards"),
            without_reward: row.get("without_reward"),
            accepted: row.get("accepted"),
            routed: row.get("routed"),
            queued: row.get("queued"),
            labels: row.get("labels"),
            runs: row.get("runs"),
            runs_finished: row.get("runs_finished"),
        })
    }

    /// Returns up to `limit` responses that wait for a person: no reward first, then flagged, audits, and the
    /// uncertain ones by falling uncertainty.
    pub async fn tasks(&self, limit: usize) -> Result<Vec<Task>, Error> {
        let sql = include_str!("tasks.sql");
        let rows = sqlx::query(sql)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await
            .map_err(Error::during("list the queue"))?;
        rows.iter().map(task).collect()
    }

    /// Returns up to `limit` items whose place is after `after`, in the order in which they came.
    pub async fn items(&self, after: i64, limit: usize) -> Result<Vec<StoredItem>, Error> {
        let during = Error::during("read items");
        let rows = sqlx::query("SELECT seq, id, context FROM items WHERE seq > ? ORDER BY seq LIMIT ?")
            .bind(after)
            .bind(limit as i64)
            .fetch_all(&self.pool)
            .await
            .map_err(&during)?;
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            let item = id("items", &row, "id")?;
            items.push(StoredItem {
                seq: row.get("seq"),
                id: item,
                context: serde_json::from_str(row.get("context")).map_err(Error::broken("items"))?,
                responses: self.responses_of(item).await?,
                labels: self.labels_of(item).await?,
            });
        }
        Ok(items)
    }

    async fn responses_of(&self, item: ItemId) -> Result<Vec<StoredResponse>, Error> {
        let rows = sqlx::query(include_str!("responses_of_item.sql"))
            .bind(bytes(item))
            .fetch_all(&self.pool)
            .await
            .map_err(Error::during("read responses"))?;
        rows.iter().map(stored_response).collect()
    }

    /// Finds the uncertainty of the `places`-th most uncertain response among those ranked with
    /// [`Store::rank`]; None if there are fewer.
    pub async fn rank_at(&self, places: usize) -> Result<Option<(f64, ResponseId)>, Error> {
        let Some(offset) = places.checked_sub(1) else { return Ok(None) };
        let sql = "SELECT uncertainty, response FROM temp.ranking ORDER BY uncertainty DESC, response LIMIT 1 OFFSET ?";
        let row = sqlx::query(sql)
            .bind(offset as i64)
            .fetch_optional(&self.pool)
            .await
            .map_err(Error::during("rank responses"))?;
        row.map(|row| Ok((row.get("uncertainty"), id("ranking", &row, "response")?))).transpose()
    }

    /// Starts a ranking of responses by uncertainty; it lives in a temporary file, so memory stays bounded.
    pub async fn start_ranking(&self) -> Result<(), Error> {
        for sql in [
            "DROP TABLE IF EXISTS temp.ranking",
            "CREATE TEMP TABLE ranking (response BLOB PRIMARY KEY, uncertainty REAL NOT NULL) WITHOUT ROWID",
        ] {
            sqlx::query(sql).execute(&self.pool).await.map_err(Error::during("rank responses"))?;
        }
        Ok(())
    }

    /// Adds responses to the ranking.
    pub async fn rank(&self, responses: &[(ResponseId, f64)]) -> Result<(), Error> {
        for rows in responses.chunks(10_000) {
            let mut insert = QueryBuilder::new("INSERT OR IGNORE INTO temp.ranking (response, uncertainty) ");
            insert.push_values(rows, |mut row, (response, uncertainty)| {
                row.push_bind(bytes(*response)).push_bind(*uncertainty);
            });
            insert.build().execute(&self.pool).await.map_err(Error::during("rank responses"))?;
        }
        Ok(())
    }
}

fn task(row: &SqliteRow) -> Result<Task, Error> {
    let context: Context = serde_json::from_str(row.get("context")).map_err(Error::broken("items"))?;
    Ok(Task {
        response_id: id("responses", row, "id")?,
        item_id: id("responses", row, "item")?,
        reason: row.get("reason"),
        reward: row.get("reward"),
        uncertainty: row.get("uncertainty"),
        generator: row.get("generator"),
        prompt: context.question().to_owned(),
        response: row.get("text"),
    })
}

fn stored_response(row: &SqliteRow) -> Result<StoredResponse, Error> {
    let version: Option<&[u8]> = row.get("version");
    let reward: Option<f64> = row.get("reward");
    let uncertainty: Option<f64> = row.get("uncertainty");
    Ok(StoredResponse {
        id: id("responses", row, "id")?,
        text: row.get("text"),
        generator: row.get("generator"),
        version: version.map(|_| id("routes", row, "version")).transpose()?,
        reward: reward.zip(uncertainty),
        accepted: row.get::<Option<&str>, _>("route") == Some("accept"),
    })
}

/// A stored id that is not 16 bytes long.
#[derive(Debug, thiserror::Error)]
#[error("an id of {0} bytes where 16 are due")]
struct IdLength(usize);

/// Reads an id from a column.
pub(crate) fn id(table: &'static str, row: &SqliteRow, column: &str) -> Result<ContentId, Error> {
    let bytes: &[u8] = row.get(column);
    let sixteen = <[u8; 16]>::try_from(bytes).map_err(|_| IdLength(bytes.len()));
    sixteen.map(ContentId::from_bytes).map_err(Error::broken(table))
}
