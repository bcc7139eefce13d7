//! What scoring writes.

use rewardctl_core::id::{ItemId, ResponseId, VerdictKey, Version};
use rewardctl_core::item::Item;
use rewardctl_core::panel::Panel;
use rewardctl_core::reward::Reward;
use rewardctl_core::route::Route;
use rewardctl_core::verdict::{Outcome, Verdict};
use sqlx::{Connection, QueryBuilder, Sqlite, Transaction};

use crate::body::pack;
use crate::error::Error;
use crate::open::Store;

/// Rows a statement; SQLite allows 32,766 values in one.
const ROWS_A_STATEMENT: usize = 2_000;

/// What a run is about to do.
#[derive(Debug)]
pub struct NewRun<'a> {
    /// The version of the rewards that it makes.
    pub version: Version,
    /// The panel that judges.
    pub panel: &'a Panel,
    /// The seed of its random choices.
    pub seed: u64,
    /// The names of its input files.
    pub inputs: &'a [String],
    /// Now, as RFC 3339.
    pub started: &'a str,
}

/// The number of a run in this store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunId(pub(crate) i64);

/// One row of input with its ids.
#[derive(Debug)]
pub struct ItemRecord<'a> {
    /// The item's id.
    pub id: ItemId,
    /// The item.
    pub item: &'a Item,
    /// The ids of its responses, in order.
    pub responses: &'a [ResponseId],
}

/// What one source of verdicts said of one response, packed for the store.
#[derive(Debug)]
pub struct VerdictRecord {
    key: VerdictKey,
    response: ResponseId,
    source: &'static str,
    scored: i64,
    abstained: i64,
    failed: i64,
    body: Vec<u8>,
}

impl VerdictRecord {
    /// Packs the verdicts of one source.
    pub fn new(key: VerdictKey, response: ResponseId, source: &'static str, verdicts: &[Verdict]) -> Self {
        let count = |is: fn(&Outcome) -> bool| verdicts.iter().filter(|v| is(&v.outcome)).count() as i64;
        Self {
            key,
            response,
            source,
            scored: count(|outcome| matches!(outcome, Outcome::Scored { .. })),
            abstained: count(|outcome| matches!(outcome, Outcome::Abstained { .. })),
            failed: count(|outcome| matches!(outcome, Outcome::Failed { .. })),
            body: pack(&verdicts),
        }
    }
}

/// The reward of one response, or why there is none, and where it goes.
#[derive(Debug)]
pub struct RewardRecord<'a> {
    /// The response.
    pub response: ResponseId,
    /// The reward, or why there is none.
    pub reward: Result<&'a Reward, &'a str>,
    /// Where it goes; None while that is still open.
    pub route: Option<&'a Route>,
}

/// One batch of a run; saved whole or not at all.
#[derive(Debug, Default)]
pub struct Batch<'a> {
    /// The rows of input.
    pub items: Vec<ItemRecord<'a>>,
    /// Verdicts that the store did not have.
    pub verdicts: Vec<VerdictRecord>,
    /// Rewards and routes.
    pub rewards: Vec<RewardRecord<'a>>,
}

impl Store {
    /// Notes that a run begins.
    pub async fn begin_run(&self, run: &NewRun<'_>) -> Result<RunId, Error> {
        let panel = serde_json::to_string(run.panel).map_err(Error::broken("runs"))?;
        let inputs = serde_json::to_string(run.inputs).map_err(Error::broken("runs"))?;
        let insert = "INSERT INTO runs (version, panel, seed, inputs, started) VALUES (?, ?, ?, ?, ?)";
        let during = Error::during("note a new run");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let done = sqlx::query(insert)
            .bind(bytes(run.version))
            .bind(panel)
            .bind(run.seed.cast_signed())
            .bind(inputs)
            .bind(run.started)
            .execute(&mut *connection)
            .await
            .map_err(&during)?;
        Ok(RunId(done.last_insert_rowid()))
    }

    /// Notes that a run came to its end.
    pub async fn finish_run(&self, run: RunId, finished: &str) -> Result<(), Error> {
        let during = Error::during("note the end of a run");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        sqlx::query("UPDATE runs SET finished = ? WHERE id = ?")
            .bind(finished)
            .bind(run.0)
            .execute(&mut *connection)
            .await
            .map_err(&during)?;
        Ok(())
    }

    /// Saves a batch in one transaction.
    pub async fn save(&self, run: RunId, version: Version, batch: &Batch<'_>) -> Result<(), Error> {
        let during = Error::during("save a batch");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&during)?;
        save_items(&mut transaction, &batch.items).await.map_err(&during)?;
        save_responses(&mut transaction, &batch.items).await.map_err(&during)?;
        save_names(&mut transaction, run, &batch.items).await.map_err(&during)?;
        save_verdicts(&mut transaction, run, &batch.verdicts).await.map_err(&during)?;
        save_rewards(&mut transaction, version, &batch.rewards).await.map_err(&during)?;
        save_routes(&mut transaction, run, version, &batch.rewards).await.map_err(&during)?;
        transaction.commit().await.map_err(&during)
    }
}

/// What an import calls its run: no run of scoring has this number.
const IMPORT: RunId = RunId(0);

impl Store {
    /// Adds items and responses that nobody has scored here; returns how many of each were not known.
    pub async fn add_items(&self, items: &[ItemRecord<'_>]) -> Result<(i64, i64), Error> {
        let during = Error::during("add items");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&during)?;
        let before = counted(&mut transaction).await.map_err(&during)?;
        save_items(&mut transaction, items).await.map_err(&during)?;
        save_responses(&mut transaction, items).await.map_err(&during)?;
        save_names(&mut transaction, IMPORT, items).await.map_err(&during)?;
        let after = counted(&mut transaction).await.map_err(&during)?;
        transaction.commit().await.map_err(&during)?;
        Ok((after.0 - before.0, after.1 - before.1))
    }
}

async fn counted(saving: &mut Saving<'_>) -> Result<(i64, i64), sqlx::Error> {
    let sql = "SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM responses)";
    sqlx::query_as(sql).fetch_one(&mut **saving).await
}

type Saving<'a> = Transaction<'a, Sqlite>;

async fn save_items(saving: &mut Saving<'_>, items: &[ItemRecord<'_>]) -> Result<(), sqlx::Error> {
    for items in items.chunks(ROWS_A_STATEMENT) {
        let mut insert = QueryBuilder::new("INSERT OR IGNORE INTO items (id, context, metadata) ");
        insert.push_values(items, |mut row, record| {
            let context = serde_json::to_string(&record.item.context).expect("a context is plain data");
            row.push_bind(bytes(record.id)).push_bind(context).push_bind(&record.item.metadata);
        });
        insert.build().execute(&mut **saving).await?;
    }
    Ok(())
}

async fn save_responses(saving: &mut Saving<'_>, items: &[ItemRecord<'_>]) -> Result<(), sqlx::Error> {
    let rows: Vec<_> = items
        .iter()
        .flat_map(|record| record.item.responses.iter().zip(record.responses).map(|pair| (record.id, pair)))
        .collect();
    for rows in rows.chunks(ROWS_A_STATEMENT) {
        let mut insert =
            QueryBuilder::new("INSERT OR IGNORE INTO responses (id, item, text, generator, role) ");
        insert.push_values(rows, |mut row, (item, (response, id))| {
            row.push_bind(bytes(**id)).push_bind(bytes(*item)).push_bind(&response.text);
            row.push_bind(&response.generator).push_bind(&response.role);
        });
        insert.build().execute(&mut **saving).await?;
    }
    Ok(())
}

/// A name that one run gives to different responses names none of them.
const ON_NAME_CONFLICT: &str = " ON CONFLICT (name, position) DO UPDATE SET run = excluded.run, response = CASE \
     WHEN run = excluded.run AND response IS NOT excluded.response THEN NULL ELSE excluded.response END";

async fn save_names(
    saving: &mut Saving<'_>,
    run: RunId,
    items: &[ItemRecord<'_>],
) -> Result<(), sqlx::Error> {
    let mut rows = vec![];
    for record in items {
        if let Some(name) = &record.item.name {
            rows.extend(record.responses.iter().enumerate().map(|(at, response)| (name, at, *response)));
        }
    }
    for rows in rows.chunks(ROWS_A_STATEMENT) {
        let mut insert = QueryBuilder::new("INSERT INTO names (name, position, response, run) ");
        insert.push_values(rows, |mut row, (name, at, response)| {
            row.push_bind(*name).push_bind(*at as i64).push_bind(bytes(*response)).push_bind(run.0);
        });
        insert.push(ON_NAME_CONFLICT);
        insert.build().execute(&mut **saving).await?;
    }
    Ok(())
}

/// Only what failed may be said again.
const ON_VERDICT_CONFLICT: &str = " ON CONFLICT (key) DO UPDATE SET scored = excluded.scored, \
     abstained = excluded.abstained, failed = excluded.failed, body = excluded.body, run = excluded.run \
     WHERE verdicts.failed > 0";

async fn save_verdicts(
    saving: &mut Saving<'_>,
    run: RunId,
    verdicts: &[VerdictRecord],
) -> Result<(), sqlx::Error> {
    for verdicts in verdicts.chunks(ROWS_A_STATEMENT) {
        let mut insert = QueryBuilder::new(
            "INSERT INTO verdicts (key, response, source, scored, abstained, failed, body, run) ",
        );
        insert.push_values(verdicts, |mut row, verdict| {
            row.push_bind(bytes(verdict.key)).push_bind(bytes(verdict.response)).push_bind(verdict.source);
            row.push_bind(verdict.scored).push_bind(verdict.abstained).push_bind(verdict.failed);
            row.push_bind(&verdict.body).push_bind(run.0);
        });
        insert.push(ON_VERDICT_CONFLICT);
        insert.build().execute(&mut **saving).await?;
    }
    Ok(())
}

/// A response that had no reward because critics failed may get one.
const ON_REWARD_CONFLICT: &str = " ON CONFLICT (response, version) DO UPDATE SET reward = excluded.reward, \
     uncertainty = excluded.uncertainty, no_reward = excluded.no_reward, body = excluded.body \
     WHERE rewards.body <> excluded.body OR rewards.no_reward IS NOT excluded.no_reward";

async fn save_rewards(
    saving: &mut Saving<'_>,
    version: Version,
    rewards: &[RewardRecord<'_>],
) -> Result<(), sqlx::Error> {
    for rewards in rewards.chunks(ROWS_A_STATEMENT) {
        let mut insert = QueryBuilder::new(
            "INSERT INTO rewards (response, version, reward, uncertainty, no_reward, body) ",
        );
        insert.push_values(rewards, |mut row, record| {
            let reward = record.reward.ok();
            row.push_bind(bytes(record.response)).push_bind(bytes(version));
            row.push_bind(reward.map(|reward| reward.reward.get()));
            row.push_bind(reward.map(|reward| reward.uncertainty.total));
            row.push_bind(record.reward.err()).push_bind(pack(&reward));
        });
        insert.push(ON_REWARD_CONFLICT);
        insert.build().execute(&mut **saving).await?;
    }
    Ok(())
}

/// A route is added only where it differs from the last one, so that a run repeated adds nothing.
const NEW_ROUTES: &str = " INSERT INTO routes (response, version, route, reason, run) \
     SELECT DISTINCT response, version, route, reason, run FROM new WHERE NOT EXISTS ( \
     SELECT 1 FROM routes old WHERE old.response = new.response \
     AND old.seq = (SELECT max(seq) FROM routes last WHERE last.response = new.response) \
     AND old.version = new.version AND old.route = new.route AND old.reason = new.reason)";

async fn save_routes(
    saving: &mut Saving<'_>,
    run: RunId,
    version: Version,
    rewards: &[RewardRecord<'_>],
) -> Result<(), sqlx::Error> {
    let routed: Vec<_> = rewards.iter().filter_map(|record| Some((record.response, record.route?))).collect();
    for routed in routed.chunks(ROWS_A_STATEMENT) {
        let mut insert = QueryBuilder::new("WITH new (response, version, route, reason, run) AS (");
        insert.push_values(routed, |mut row, (response, route)| {
            row.push_bind(bytes(*response)).push_bind(bytes(version));
            row.push_bind(route.name()).push_bind(route.reason()).push_bind(run.0);
        });
        insert.push(")").push(NEW_ROUTES);
        insert.build().execute(&mut **saving).await?;
    }
    Ok(())
}

/// Returns an id as a column holds it.
pub(crate) fn bytes(id: rewardctl_core::id::ContentId) -> Vec<u8> {
    id.as_bytes().to_vec()
}
