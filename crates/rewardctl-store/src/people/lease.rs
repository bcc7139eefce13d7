//! Leases: who may answer which task, and until when.

use rewardctl_core::id::ContentId;
use rewardctl_core::item::{Context, Message};
use rewardctl_core::random;
use rewardctl_core::review::question::{Kind, Question, values};
use rewardctl_core::review::role::Permission;
use rewardctl_core::score::Scale;
use serde::Serialize;
use serde_json::json;
use sqlx::{Connection, Row, SqliteConnection};

use crate::error::Error;
use crate::open::Store;
use crate::people::opinion::{Opinion, opinions};
use crate::people::refusal::Refusal;
use crate::people::work::{TaskFilter, fill, open_slots, question};
use crate::people::{Now, Person, WorkSettings, ids, joined};
use crate::save::bytes;

/// The most tasks that one person holds: what is looked at and what comes next.
pub const MOST_HELD: usize = 20;

/// What somebody wants to work on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// How many tasks.
    pub count: usize,
    /// Whether tasks that the person holds already are given first, as after a reload.
    pub resume: bool,
    /// Names the request, so that the same one twice gets the same tasks.
    pub request: Option<String>,
    /// Which.
    pub filter: TaskFilter,
}

/// A task as the person sees it who holds it. Nothing in it comes from critics or from other people, unless a curator is
/// to decide between these.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lease {
    /// The task.
    pub task: i64,
    /// Goes with every act on it; a later lease of the task has a greater one.
    pub token: i64,
    /// Until when it is held, in milliseconds since 1970.
    pub expires_ms: i64,
    /// What kind of answer is asked for.
    pub kind: Kind,
    /// The dimension that is judged; None for the response as a whole.
    pub dimension: Option<String>,
    /// The scale of a rating.
    pub scale: Scale,
    /// The values that a rating offers, from low to high.
    pub values: Vec<f64>,
    /// The conversation that the responses answer.
    pub prompt: Vec<Message>,
    /// The answer that a response should reach, if one is known.
    pub reference: Option<String>,
    /// Texts that the responses should be grounded in.
    pub documents: Vec<String>,
    /// The responses, in the order in which this person sees them.
    pub responses: Vec<Shown>,
    /// What others said, where a curator decides between them.
    pub opinions: Vec<Opinion>,
    /// What this person typed before, as JSON; None if nothing.
    pub draft: Option<String>,
}

/// A response as people see it: who wrote it is not said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its id.
    pub id: ContentId,
    /// Its text.
    pub text: String,
}

impl Store {
    /// Gives `person` tasks that nobody else holds, up to `ask.count`; none where nothing waits.
    ///
    /// A place that was held and whose time is over is open again. The most pressing task comes first. The same request
    /// again gets what it got, as far as that is still held, and nothing new.
    pub async fn claim(
        &self,
        person: &Person,
        ask: &Ask,
        settings: &WorkSettings,
        now: &Now,
    ) -> Result<Vec<Lease>, Error> {
        let during = Error::during("claim tasks");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&during)?;
        let is_repeated = is_known(&mut transaction, person, ask).await?;
        sweep(&mut transaction, now).await.map_err(&during)?;
        fill(&mut transaction, settings, now).await.map_err(&during)?;
        let mut tasks = held(&mut transaction, person, ask).await.map_err(&during)?;
        tasks.truncate(ask.count);
        let room = MOST_HELD - holds(&mut transaction, person).await.map_err(&during)?.min(MOST_HELD);
        let count = ask.count.min(tasks.len() + room);
        while tasks.len() < count && !is_repeated {
            let picked = pick(&mut transaction, person, ask, settings).await.map_err(&during)?;
            let Some(task) = picked else { break };
            grant(&mut transaction, task, person, ask, (settings, now)).await?;
            tasks.push(task);
        }
        let mut leases = Vec::with_capacity(tasks.len());
        for task in tasks {
            leases.push(lease(&mut transaction, task, person).await?);
        }
        transaction.commit().await.map_err(&during)?;
        Ok(leases)
    }

    /// Holds a task longer; returns until when, in milliseconds since 1970.
    pub async fn heartbeat(
        &self,
        person: &Person,
        task: i64,
        token: i64,
        (settings, now): (&WorkSettings, &Now),
    ) -> Result<i64, Error> {
        let during = Error::during("hold a task");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let expires = now.ms + settings.lease_ms;
        let sql =
            "UPDATE slots SET expires = ? WHERE work = ? AND reviewer = ? AND token = ? AND decision IS NULL";
        let update = sqlx::query(sql).bind(expires).bind(task).bind(&person.name).bind(token);
        let done = update.execute(&mut *connection).await.map_err(&during)?;
        if done.rows_affected() == 0 { Err(Refusal::LeaseLost { task }.into()) } else { Ok(expires) }
    }

    /// Gives a task back unanswered; what was given back or lost before stays so.
    pub async fn give_back(&self, person: &Person, task: i64, token: i64) -> Result<(), Error> {
        let during = Error::during("give a task back");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&during)?;
        check_known(&mut transaction, task).await?;
        let sql = "DELETE FROM slots WHERE work = ? AND reviewer = ? AND token = ? AND decision IS NULL";
        let delete = sqlx::query(sql).bind(task).bind(&person.name).bind(token);
        let freed = delete.execute(&mut *transaction).await.map_err(&during)?.rows_affected();
        open_slots(&mut transaction, task, freed as i64).await.map_err(&during)?;
        transaction.commit().await.map_err(&during)
    }

    /// Keeps what somebody typed on a task, also on one that they lost; an empty draft is forgotten.
    pub async fn save_draft(&self, person: &Person, task: i64, body: &str, now: &Now) -> Result<(), Error> {
        let during = Error::during("keep a draft");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        check_known(&mut connection, task).await?;
        let statement = if body.is_empty() {
            sqlx::query("DELETE FROM drafts WHERE reviewer = ? AND work = ?").bind(&person.name).bind(task)
        } else {
            let sql = "INSERT INTO drafts (reviewer, work, body, at) VALUES (?, ?, ?, ?) \
                       ON CONFLICT (reviewer, work) DO UPDATE SET body = excluded.body, at = excluded.at";
            sqlx::query(sql).bind(&person.name).bind(task).bind(body).bind(now.ms)
        };
        statement.execute(&mut *connection).await.map_err(&during)?;
        Ok(())
    }
}

/// Refuses a task that there is not.
pub(crate) async fn check_known(connection: &mut SqliteConnection, task: i64) -> Result<(), Error> {
    let known = sqlx::query_scalar("SELECT seq FROM work WHERE seq = ?").bind(task);
    let known: Option<i64> =
        known.fetch_optional(connection).await.map_err(Error::during("look up a task"))?;
    known.map(drop).ok_or(Refusal::NoTask { task }.into())
}

/// Opens the places whose time is over.
pub(crate) async fn sweep(connection: &mut SqliteConnection, now: &Now) -> Result<(), sqlx::Error> {
    let sql = "DELETE FROM slots WHERE expires <= ? AND decision IS NULL RETURNING work";
    let freed: Vec<i64> = sqlx::query_scalar(sql).bind(now.ms).fetch_all(&mut *connection).await?;
    for task in freed {
        open_slots(connection, task, 1).await?;
    }
    Ok(())
}

/// Names what is asked for, so that the same request is known again.
fn fingerprint(ask: &Ask) -> Vec<u8> {
    let body = json!([ask.count, ask.resume, ask.filter]).to_string();
    bytes(ContentId::of("claim", [body.as_bytes()]))
}

/// Tells whether the same request was granted tasks before; an error if its key named another one.
async fn is_known(connection: &mut SqliteConnection, person: &Person, ask: &Ask) -> Result<bool, Error> {
    let Some(request) = &ask.request else { return Ok(false) };
    let sql = "SELECT fingerprint FROM grants WHERE reviewer = ? AND request = ? LIMIT 1";
    let row = sqlx::query(sql).bind(&person.name).bind(request).fetch_optional(connection).await;
    let Some(row) = row.map_err(Error::during("claim tasks"))? else { return Ok(false) };
    let known: Option<&[u8]> = row.get("fingerprint");
    match known.is_none_or(|known| known == fingerprint(ask)) {
        true => Ok(true),
        false => Err(Refusal::KeyReused.into()),
    }
}

/// Returns what the person holds and is given again: what the same request got, and all of it where they come back.
async fn held(
    connection: &mut SqliteConnection,
    person: &Person,
    ask: &Ask,
) -> Result<Vec<i64>, sqlx::Error> {
    let sql = "SELECT slots.work FROM slots JOIN grants USING (token) \
               WHERE slots.reviewer = ?1 AND slots.expires IS NOT NULL AND (?2 OR grants.request = ?3) \
               ORDER BY slots.token";
    let held = sqlx::query_scalar(sql).bind(&person.name).bind(ask.resume).bind(&ask.request);
    held.fetch_all(connection).await
}

/// Returns how many tasks the person holds.
async fn holds(connection: &mut SqliteConnection, person: &Person) -> Result<usize, sqlx::Error> {
    let sql = "SELECT count(*) FROM slots WHERE reviewer = ? AND expires IS NOT NULL";
    let count: i64 = sqlx::query_scalar(sql).bind(&person.name).fetch_one(connection).await?;
    Ok(count as usize)
}

/// The most pressing task that a person may take.
pub(crate) const PICK: &str =
    concat!(include_str!("pick.sql"), include_str!("matches.sql"), " ORDER BY tier, place, seq LIMIT 1");
const PICK_GOLD: &str = include_str!("pick_gold.sql");

async fn pick(
    connection: &mut SqliteConnection,
    person: &Person,
    ask: &Ask,
    settings: &WorkSettings,
) -> Result<Option<i64>, sqlx::Error> {
    let last: i64 =
        sqlx::query_scalar("SELECT coalesce(max(token), 0) FROM grants").fetch_one(&mut *connection).await?;
    let draw = ContentId::of("grant", [last.to_le_bytes().as_slice(), person.name.as_bytes()]);
    let is_gold = random::unit(settings.seed, "gold", draw) < settings.gold_share;
    if is_gold {
        let gold = bound(PICK_GOLD, person, ask).fetch_optional(&mut *connection).await?;
        if gold.is_some() {
            return Ok(gold);
        }
    }
    bound(PICK, person, ask).fetch_optional(connection).await
}

pub(crate) type Picking<'q> = sqlx::query::QueryScalar<'q, sqlx::Sqlite, i64, sqlx::sqlite::SqliteArguments>;

/// Binds who asks for what, as pick.sql and matches.sql number it.
pub(crate) fn bound<'q>(sql: &'static str, person: &'q Person, ask: &'q Ask) -> Picking<'q> {
    let filter = &ask.filter;
    sqlx::query_scalar(sql)
        .bind(&person.name)
        .bind(person.role.may(Permission::Curate))
        .bind(filter.kind.map(Kind::name))
        .bind(&filter.dimension)
        .bind(&filter.purpose)
        .bind(&filter.generator)
        .bind(&filter.reason)
        .bind(&filter.tag)
}

async fn grant(
    connection: &mut SqliteConnection,
    task: i64,
    person: &Person,
    ask: &Ask,
    (settings, now): (&WorkSettings, &Now),
) -> Result<(), Error> {
    let during = Error::during("claim tasks");
    let row = sqlx::query("SELECT * FROM work WHERE seq = ?").bind(task);
    let row = row.fetch_one(&mut *connection).await.map_err(&during)?;
    let shown = match row.get::<Option<&[u8]>, _>("shown") {
        Some(_) => ids("work", &row, "shown")?,
        None => question(&row)?.shown(settings.seed, &person.name),
    };
    let token = new_token(connection, task, person, (&shown, Some(ask)), now).await.map_err(&during)?;
    hold(connection, task, person, token, now.ms + settings.lease_ms).await.map_err(&during)
}

/// Numbers a lease; numbers only grow.
pub(crate) async fn new_token(
    connection: &mut SqliteConnection,
    task: i64,
    person: &Person,
    (shown, ask): (&[ContentId], Option<&Ask>),
    now: &Now,
) -> Result<i64, sqlx::Error> {
    let named = ask.and_then(|ask| Some((ask.request.as_deref()?, fingerprint(ask)))).unzip();
    let sql =
        "INSERT INTO grants (work, reviewer, shown, at, request, fingerprint) VALUES (?, ?, ?, ?, ?, ?)";
    let insert = sqlx::query(sql).bind(task).bind(&person.name).bind(joined(shown)).bind(now.ms);
    let done = insert.bind(named.0).bind(named.1).execute(connection).await?;
    Ok(done.last_insert_rowid())
}

/// Takes an open place of the task.
pub(crate) async fn hold(
    connection: &mut SqliteConnection,
    task: i64,
    person: &Person,
    token: i64,
    expires: i64,
) -> Result<(), sqlx::Error> {
    // The check of the column refuses to give a place that is not there.
    open_slots(connection, task, -1).await?;
    let insert = sqlx::query("INSERT INTO slots (work, reviewer, token, expires) VALUES (?, ?, ?, ?)");
    insert.bind(task).bind(&person.name).bind(token).bind(expires).execute(connection).await.map(drop)
}

/// Returns a task that the person holds, as they see it.
pub(crate) async fn lease(
    connection: &mut SqliteConnection,
    task: i64,
    person: &Person,
) -> Result<Lease, Error> {
    let during = Error::during("read a task");
    let sql = "SELECT work.*, slots.token, slots.expires, grants.shown AS order_shown, items.context, drafts.body AS draft \
               FROM work JOIN slots ON slots.work = work.seq JOIN grants USING (token) \
               JOIN items ON items.id = work.item \
               LEFT JOIN drafts ON drafts.work = work.seq AND drafts.reviewer = slots.reviewer \
               WHERE work.seq = ? AND slots.reviewer = ?";
    let row = sqlx::query(sql).bind(task).bind(&person.name);
    let row = row.fetch_one(&mut *connection).await.map_err(&during)?;
    let asked = question(&row)?;
    let context: Context = serde_json::from_str(row.get("context")).map_err(Error::broken("items"))?;
    let order = ids("grants", &row, "order_shown")?;
    let mut responses = vec![];
    for id in &order {
        let text = sqlx::query_scalar("SELECT text FROM responses WHERE id = ?").bind(bytes(*id));
        let text: String = text.fetch_one(&mut *connection).await.map_err(&during)?;
        responses.push(Shown { id: *id, text });
    }
    let opinions = match row.get::<bool, _>("curator") && person.role.may(Permission::Curate) {
        true => opinions(connection, task, &order).await?,
        false => vec![],
    };
    Ok(Lease {
        task,
        token: row.get("token"),
        expires_ms: row.get::<Option<i64>, _>("expires").unwrap_or(0),
        kind: asked.kind,
        values: offered(&asked),
        dimension: asked.dimension,
        scale: asked.scale,
        prompt: context.prompt,
        reference: context.reference,
        documents: context.documents,
        responses,
        opinions,
        draft: row.get("draft"),
    })
}

fn offered(question: &Question) -> Vec<f64> {
    if question.kind == Kind::Rate { values(&question.scale) } else { vec![] }
}
