//! What the other stages ask the store.

use std::collections::HashMap;

use rewardctl_core::id::{ContentId, ItemId, ResponseId, VerdictKey, Version};
use rewardctl_core::item::Context;
use rewardctl_core::label::Label;
use rewardctl_core::reward::Utility;
use rewardctl_core::route::{Reason, Route};
use rewardctl_core::verdict::Verdict;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row};

use crate::body::unpack;
use crate::error::Error;
use crate::open::Store;
use crate::save::bytes;

/// Ids that one statement binds; SQLite allows 32,766.
const IDS_A_STATEMENT: usize = 10_000;

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
    /// Of these, not yet labelled and not closed; what waits is counted in places of tasks, with all that was asked beside.
    #[serde(skip)]
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
    /// Whether it was drawn for people at random.
    pub audited: bool,
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
    /// Further fields of the input, as the JSON object that it was; empty when there are none.
    pub metadata: String,
    /// Its responses, in the order in which they were first seen.
    pub responses: Vec<StoredResponse>,
    /// What people said, in order.
    pub labels: Vec<Label>,
}

/// A response that waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Task {
    /// The number of its task, as `queue show` takes it.
    #[serde(rename = "task", skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
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

/// What is read of the body of a reward.
#[derive(Deserialize)]
struct Beneath {
    utility: Option<Utility>,
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
        let rows =
            sqlx::query("SELECT seq, id, context, metadata FROM items WHERE seq > ? ORDER BY seq LIMIT ?")
                .bind(after)
                .bind(limit as i64)
                .fetch_all(&self.pool)
                .await
                .map_err(&during)?;
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            items.push(StoredItem {
                seq: row.get("seq"),
                id: id("items", &row, "id")?,
                context: serde_json::from_str(row.get("context")).map_err(Error::broken("items"))?,
                metadata: row.get("metadata"),
                responses: vec![],
                labels: vec![],
            });
        }
        let places: HashMap<ItemId, usize> =
            items.iter().enumerate().map(|(at, item)| (item.id, at)).collect();
        for row in self.of_items(include_str!("responses_of_items.sql"), &places).await? {
            items[places[&id("responses", &row, "item")?]].responses.push(stored_response(&row)?);
        }
        for row in self
            .of_items("SELECT seq AS place, item, body FROM labels_in_force WHERE item IN (", &places)
            .await?
        {
            let label = serde_json::from_str(row.get("body")).map_err(Error::broken("labels"))?;
            items[places[&id("labels", &row, "item")?]].labels.push(label);
        }
        Ok(items)
    }

    /// Returns the rows of `sql`, which ends in an open list of items, by their `place`.
    async fn of_items(
        &self,
        sql: &'static str,
        places: &HashMap<ItemId, usize>,
    ) -> Result<Vec<SqliteRow>, Error> {
        let mut rows = vec![];
        let ids: Vec<ItemId> = places.keys().copied().collect();
        for ids in ids.chunks(IDS_A_STATEMENT) {
            let mut select = QueryBuilder::new(sql);
            let mut list = select.separated(",");
            ids.iter().for_each(|item| {
                list.push_bind(bytes(*item));
            });
            // An item lies in one chunk alone, so its rows stay in order.
            select.push(") ORDER BY place");
            rows.extend(select.build().fetch_all(&self.pool).await.map_err(Error::during("read items"))?);
        }
        Ok(rows)
    }

    /// Returns the versions of the rewards in force, the one of most responses first, of equals the smaller.
    pub async fn reward_versions(&self) -> Result<Vec<(Version, u64)>, Error> {
        let rows = sqlx::query(include_str!("reward_versions.sql"))
            .fetch_all(&self.pool)
            .await
            .map_err(Error::during("count its rewards"))?;
        rows.iter()
            .map(|row| Ok((id("routes", row, "version")?, row.get::<i64, _>("responses") as u64)))
            .collect()
    }

    /// Returns the utilities beneath the rewards of this version, as far as a fitted aggregator made them.
    pub async fn utilities(
        &self,
        version: Version,
        responses: &[ResponseId],
    ) -> Result<HashMap<ResponseId, Utility>, Error> {
        let mut found = HashMap::new();
        for responses in responses.chunks(IDS_A_STATEMENT) {
            let mut select = QueryBuilder::new("SELECT response, body FROM rewards WHERE version = ");
            select.push_bind(bytes(version)).push(" AND reward IS NOT NULL AND response IN (");
            let mut list = select.separated(",");
            responses.iter().for_each(|response| {
                list.push_bind(bytes(*response));
            });
            select.push(")");
            let rows = select.build().fetch_all(&self.pool).await.map_err(Error::during("read rewards"))?;
            for row in rows {
                let beneath: Option<Beneath> = unpack("rewards", row.get("body"))?;
                let utility = beneath.and_then(|beneath| beneath.utility);
                found.extend(
                    utility
                        .map(|utility| Ok::<_, Error>((id("rewards", &row, "response")?, utility)))
                        .transpose()?,
                );
            }
        }
        Ok(found)
    }

    /// Returns the newest run that made rewards of this version: its panel, as JSON, and its seed.
    pub async fn run_of(&self, version: Version) -> Result<Option<(String, u64)>, Error> {
        let row = sqlx::query("SELECT panel, seed FROM runs WHERE version = ? ORDER BY id DESC LIMIT 1")
            .bind(bytes(version))
            .fetch_optional(&self.pool)
            .await
            .map_err(Error::during("look up a run"))?;
        Ok(row.map(|row| (row.get("panel"), row.get::<i64, _>("seed").cast_unsigned())))
    }

    /// Returns the seconds that all finished runs took together.
    pub async fn run_seconds(&self) -> Result<f64, Error> {
        let sql = "SELECT coalesce(sum(julianday(finished) - julianday(started)), 0.0) * 86400.0 FROM runs \
                   WHERE finished IS NOT NULL";
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.map_err(Error::during("add up its runs"))
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
        number: row.get("number"),
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
        audited: row.get::<Option<&str>, _>("reason") == Some(Route::Review(Reason::Audit).reason().as_str()),
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
