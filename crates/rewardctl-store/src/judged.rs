//! What was said of responses, all of it together: for reports.

use std::collections::{BTreeMap, HashMap};

use rewardctl_core::id::{ContentId, ResponseId, Version};
use rewardctl_core::reward::Reward;
use rewardctl_core::verdict::Verdict;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row};

use crate::body::unpack;
use crate::error::Error;
use crate::open::Store;
use crate::read::id;
use crate::said::{Said, said};
use crate::save::bytes;

/// Ids that one statement binds; SQLite allows 32,766.
const IDS_A_STATEMENT: usize = 10_000;

/// A response as its last run left it.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedResponse {
    /// The version of its reward.
    pub version: Version,
    /// What its file calls the item.
    pub name: Option<String>,
    /// Its reward, if it has one.
    pub reward: Option<Reward>,
    /// Why it has none.
    pub no_reward: Option<String>,
    /// Whether it goes to a person.
    pub reviewed: bool,
    /// Why.
    pub reason: String,
    /// What made the reward, by critic.
    pub verdicts: BTreeMap<String, Verdict>,
    /// Sources of verdicts of which nobody knows what they said for this reward: their settings changed between runs.
    pub unclear: u64,
}

/// What one run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFigures {
    /// When it began, as RFC 3339.
    pub started: String,
    /// The version of its rewards.
    pub version: Version,
    /// Responses routed.
    pub responses: u64,
    /// Of these, with a reward.
    pub scored: u64,
    /// Of these, sent to people.
    pub routed: u64,
    /// The mean reward.
    pub mean: Option<f64>,
    /// The standard deviation of the rewards, with `n - 1`; 0 for fewer than two.
    pub deviation: f64,
}

/// What a call cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Nano-dollars known to be spent on it; None where no attempt has a price.
    pub nano: Option<u64>,
    /// Attempts without a price, or whose end nobody saw.
    pub unpriced: u64,
    /// Tokens read and written.
    pub tokens: u64,
}

impl Store {
    /// Makes it quick to find the verdicts on a response, until the store is closed; in a temporary file, so that memory
    /// stays bounded.
    pub async fn index_verdicts(&self) -> Result<(), Error> {
        for sql in [
            "DROP TABLE IF EXISTS temp.verdicts_of",
            "CREATE TEMP TABLE verdicts_of AS SELECT response, rowid AS place FROM verdicts",
            "CREATE INDEX temp.verdicts_of_response ON verdicts_of (response)",
        ] {
            sqlx::query(sql).execute(&self.pool).await.map_err(Error::during("look up verdicts"))?;
        }
        Ok(())
    }

    /// Returns what is known of those of `responses` that were scored. After [`Store::index_verdicts`] alone.
    pub async fn judged(
        &self,
        responses: &[ResponseId],
    ) -> Result<HashMap<ResponseId, JudgedResponse>, Error> {
        let mut found = HashMap::with_capacity(responses.len());
        for ids in responses.chunks(IDS_A_STATEMENT) {
            for row in self.rows_of(include_str!("judged.sql"), ids).await? {
                found.insert(id("routes", &row, "response")?, judged(&row)?);
            }
            let rows = self.rows_of(include_str!("judged_verdicts.sql"), ids).await?;
            let mut of_response: HashMap<ResponseId, Vec<&SqliteRow>> = HashMap::new();
            for row in &rows {
                of_response.entry(id("verdicts", row, "response")?).or_default().push(row);
            }
            for (response, rows) in of_response {
                let Some(known) = found.get_mut(&response) else { continue };
                let Said { verdicts, unclear } = said(rows)?;
                known.unclear = unclear;
                known.verdicts =
                    verdicts.into_iter().map(|verdict| (verdict.critic.clone(), verdict)).collect();
            }
        }
        Ok(found)
    }

    /// Returns the verdicts behind the last reward of a response.
    pub async fn said_of(&self, response: ResponseId) -> Result<Said, Error> {
        let sql = "SELECT source, body, \
                   coalesce(run IN (SELECT id FROM runs WHERE version = \
                       (SELECT version FROM routes WHERE routes.response = verdicts.response ORDER BY seq DESC LIMIT 1)), 0) \
                       AS own \
                   FROM verdicts WHERE response = ? ORDER BY rowid";
        let rows = sqlx::query(sql).bind(bytes(response)).fetch_all(&self.pool).await;
        said(&rows.map_err(Error::during("read what critics say"))?)
    }

    async fn rows_of(&self, sql: &'static str, ids: &[ContentId]) -> Result<Vec<SqliteRow>, Error> {
        let mut select = QueryBuilder::new(sql);
        let mut list = select.separated(",");
        ids.iter().for_each(|id| {
            list.push_bind(bytes(*id));
        });
        select.push(")");
        if sql.contains("verdicts_of") {
            select.push(" ORDER BY verdicts_of.place");
        }
        select.build().fetch_all(&self.pool).await.map_err(Error::during("read what was judged"))
    }

    /// Returns what the latest `count` runs came to that routed anything, the earliest first.
    pub async fn run_figures(&self, count: usize) -> Result<Vec<RunFigures>, Error> {
        let rows = sqlx::query(include_str!("run_figures.sql"))
            .bind(count as i64)
            .fetch_all(&self.pool)
            .await
            .map_err(Error::during("sum up its runs"))?;
        rows.iter().rev().map(run_figures).collect()
    }

    /// Returns what those of `keys` cost that the ledger has, over all attempts.
    pub async fn spent_on(&self, keys: &[ContentId]) -> Result<Vec<(ContentId, Spent)>, Error> {
        let mut found = vec![];
        for keys in keys.chunks(IDS_A_STATEMENT) {
            let mut select = QueryBuilder::new(
                "SELECT calls.key, sum(min(cost, 1 << 50)) AS nano, sum(cost IS NULL) AS unpriced, \
                 total(min(input_tokens, 1 << 40)) + total(min(output_tokens, 1 << 40)) AS tokens \
                 FROM calls JOIN attempts ON attempts.call = calls.seq \
                 LEFT JOIN attempt_ends ON attempt_ends.attempt = attempts.seq WHERE calls.key IN (",
            );
            let mut list = select.separated(",");
            keys.iter().for_each(|key| {
                list.push_bind(bytes(*key));
            });
            select.push(") GROUP BY calls.key");
            let rows = select.build().fetch_all(&self.pool).await;
            for row in rows.map_err(Error::during("look up paid calls"))? {
                let nano: Option<i64> = row.get("nano");
                let spent = Spent {
                    nano: nano.map(i64::cast_unsigned),
                    unpriced: row.get::<i64, _>("unpriced").cast_unsigned(),
                    tokens: row.get::<f64, _>("tokens") as u64,
                };
                found.push((id("calls", &row, "key")?, spent));
            }
        }
        Ok(found)
    }
}

fn judged(row: &SqliteRow) -> Result<JudgedResponse, Error> {
    let body: Option<&[u8]> = row.get("body");
    let reward: Option<Option<Reward>> = body.map(|body| unpack("rewards", body)).transpose()?;
    Ok(JudgedResponse {
        version: id("routes", row, "version")?,
        name: row.get("name"),
        reward: reward.flatten(),
        no_reward: row.get("no_reward"),
        reviewed: row.get::<&str, _>("route") == "review",
        reason: row.get("reason"),
        verdicts: BTreeMap::new(),
        unclear: 0,
    })
}

fn run_figures(row: &SqliteRow) -> Result<RunFigures, Error> {
    let scored = row.get::<i64, _>("scored").cast_unsigned();
    let (mean, squares): (Option<f64>, Option<f64>) = (row.get("mean"), row.get("squares"));
    let centred = mean.zip(squares).map_or(0.0, |(mean, squares)| (squares - mean * mean).max(0.0));
    let n = scored as f64;
    Ok(RunFigures {
        started: row.get("started"),
        version: id("runs", row, "version")?,
        responses: row.get::<i64, _>("responses").cast_unsigned(),
        scored,
        routed: row.get::<i64, _>("routed").cast_unsigned(),
        mean,
        deviation: if scored > 1 { (centred * n / (n - 1.0)).sqrt() } else { 0.0 },
    })
}
