//! The queue: filled from routes and plans as these come, and by hand.

use rewardctl_core::id::{ContentId, ResponseId};
use rewardctl_core::review::decision::{Answer, Decision, labels};
use rewardctl_core::review::question::{Kind, Question};
use rewardctl_core::score::Scale;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

use crate::error::Error;
use crate::open::Store;
use crate::people::audit::log;
use crate::people::opinion::turned;
use crate::people::refusal::Refusal;
use crate::people::{Now, WorkSettings, ids, joined};
use crate::read::id;
use crate::save::bytes;

/// A task that somebody adds by hand.
#[derive(Debug, Clone, PartialEq)]
pub struct NewWork {
    /// What is asked.
    pub question: Question,
    /// Why, in words.
    pub reason: String,
    /// How many people are to answer.
    pub needed: u32,
    /// The known answer of a gold task, with the responses in the order of the question.
    pub gold: Option<Answer>,
}

/// What came of adding tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AddedWork {
    /// How many were new.
    pub added: u64,
    /// The number of each, in the order given, also of those that were there already.
    pub tasks: Vec<i64>,
}

/// Which tasks. A filter that is None takes everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TaskFilter {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only on this dimension.
    pub dimension: Option<String>,
    /// Only for this purpose.
    pub purpose: Option<String>,
    /// Only with a response of this model.
    pub generator: Option<String>,
    /// Only those whose reason holds this text.
    pub reason: Option<String>,
    /// Only about what somebody tagged so.
    pub tag: Option<String>,
}

/// Where tasks stand that were added by hand: before all others.
const FIRST_TIER: i64 = 0;

/// Places of a gold task: everybody may get it once.
const GOLD_SLOTS: u32 = 1_000_000;

/// Gold tasks are mixed in, never come by their place.
const GOLD_TIER: i64 = 99;

impl Store {
    /// Fills the queue with what was routed to people, planned, or answered elsewhere since it was last filled.
    pub async fn fill_work(&self, settings: &WorkSettings, now: &Now) -> Result<(), Error> {
        let during = Error::during("fill the queue");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&during)?;
        fill(&mut transaction, settings, now).await.map_err(&during)?;
        transaction.commit().await.map_err(&during)
    }

    /// Adds tasks by hand, all or none; one that was added before, waiting or answered, is not added twice.
    pub async fn add_work(&self, new: &[NewWork], actor: &str, now: &Now) -> Result<AddedWork, Error> {
        let during = Error::during("add tasks");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&during)?;
        let mut added = AddedWork::default();
        for (at, work) in new.iter().enumerate() {
            let item: Option<i64> = sqlx::query_scalar("SELECT count(*) FROM responses WHERE item = ? AND id IN (SELECT unhex(value) FROM json_each(?))")
                .bind(bytes(work.question.item))
                .bind(json!(work.question.responses).to_string())
                .fetch_optional(&mut *transaction)
                .await
                .map_err(&during)?;
            if item != Some(work.question.responses.len() as i64) {
                return Err(Refusal::NoResponse.into());
            }
            check(work)?;
            let (task, is_new) = insert(&mut transaction, work, at, now).await.map_err(&during)?;
            added.tasks.push(task);
            added.added += u64::from(is_new);
        }
        let head = log(&mut transaction, actor, "queue.add", &json!({"tasks": added.added}), now).await?;
        transaction.commit().await.map_err(&during)?;
        self.note_head(head)?;
        Ok(added)
    }
}

/// Gives back, or takes, places of a task.
pub(crate) async fn open_slots(
    connection: &mut SqliteConnection,
    task: i64,
    more: i64,
) -> Result<(), sqlx::Error> {
    let update =
        sqlx::query("UPDATE work SET open_slots = open_slots + ? WHERE seq = ?").bind(more).bind(task);
    update.execute(connection).await.map(drop)
}

/// Returns what a task asks.
pub(crate) fn question(row: &SqliteRow) -> Result<Question, Error> {
    Ok(Question {
        kind: Kind::named(row.get("kind")).unwrap_or(Kind::Rate),
        item: id("work", row, "item")?,
        responses: ids("work", row, "responses")?,
        dimension: row.get("dimension"),
        scale: serde_json::from_str(row.get("scale")).map_err(Error::broken("work"))?,
    })
}

fn check(work: &NewWork) -> Result<(), Refusal> {
    let question = &work.question;
    let count = question.responses.len();
    if !question.kind.takes(count) {
        let kind = question.kind.name();
        let message = format!(
            "a task to {kind} is not about {count} responses: rate, correct, approve and tag take one, choose two, rank three to nine"
        );
        return Err(Refusal::Question(message));
    }
    let mut ids: Vec<ResponseId> = question.responses.clone();
    ids.sort();
    ids.dedup();
    if ids.len() < count {
        return Err(Refusal::Question("a task names every response once".into()));
    }
    let scale = question.scale;
    scale.normalise(scale.min).map_err(|error| Refusal::Question(format!("field `scale`: {error}")))?;
    if let Some(gold) = &work.gold {
        let known = Decision { answer: gold.clone(), note: String::new(), tags: vec![], elapsed_ms: None };
        labels(question, &question.responses, &known, "")?;
    }
    Ok(())
}

async fn insert(
    connection: &mut SqliteConnection,
    work: &NewWork,
    at: usize,
    now: &Now,
) -> Result<(i64, bool), sqlx::Error> {
    let question = &work.question;
    let mut sorted = question.responses.clone();
    sorted.sort();
    let dimension = question.dimension.as_deref().unwrap_or("");
    let parts = [question.kind.name().as_bytes(), dimension.as_bytes()];
    let parts = parts.into_iter().chain(sorted.iter().map(|id| id.as_bytes().as_slice()));
    let gold = work.gold.clone().map(|answer| turned(answer, &question.responses, &sorted));
    let (purpose, tier, needed) = match gold {
        Some(_) => ("gold", GOLD_TIER, GOLD_SLOTS),
        None => ("added", FIRST_TIER, work.needed),
    };
    let sql = "INSERT INTO work (source, kind, item, responses, dimension, scale, purpose, reason, tier, place, needed, \
               open_slots, expected, added) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12, ?13) \
               ON CONFLICT (source) DO NOTHING";
    let source = format!("{purpose}|{}", ContentId::of("task", parts));
    let done = sqlx::query(sql)
        .bind(&source)
        .bind(question.kind.name())
        .bind(bytes(question.item))
        .bind(joined(&sorted))
        .bind(&question.dimension)
        .bind(json!(question.scale).to_string())
        .bind(purpose)
        .bind(&work.reason)
        .bind(tier)
        .bind(now.ms as f64 + at as f64)
        .bind(needed)
        .bind(gold.map(|answer| json!(answer).to_string()))
        .bind(now.ms)
        .execute(&mut *connection)
        .await?;
    let task = sqlx::query_scalar("SELECT seq FROM work WHERE source = ?").bind(source);
    Ok((task.fetch_one(connection).await?, done.rows_affected() > 0))
}

/// Fills the queue; costs nothing to speak of when there is nothing new.
pub(crate) async fn fill(
    connection: &mut SqliteConnection,
    settings: &WorkSettings,
    now: &Now,
) -> Result<(), sqlx::Error> {
    for source in &SOURCES {
        let newest: i64 = sqlx::query_scalar(source.newest).fetch_one(&mut *connection).await?;
        let mark = sqlx::query_scalar("SELECT seq FROM work_marks WHERE name = ?").bind(source.name);
        let mark: i64 = mark.fetch_optional(&mut *connection).await?.unwrap_or(0);
        if newest <= mark {
            continue;
        }
        for sql in source.steps {
            sqlx::query(*sql)
                .bind(mark)
                .bind(now.ms)
                .bind(settings.overlap)
                .bind(json!(Scale::STARS).to_string())
                .execute(&mut *connection)
                .await?;
        }
        let sql = "INSERT INTO work_marks (name, seq) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq";
        sqlx::query(sql).bind(source.name).bind(newest).execute(&mut *connection).await?;
    }
    Ok(())
}

/// A table that fills the queue.
struct Source {
    name: &'static str,
    newest: &'static str,
    /// What is done with the rows after ?1, the mark; ?2 is now, ?3 the overlap, ?4 the scale of stars.
    steps: &'static [&'static str],
}

const SOURCES: [Source; 3] = [
    Source {
        name: "routes",
        newest: "SELECT coalesce(max(seq), 0) FROM routes",
        steps: &[include_str!("fill_routes.sql"), include_str!("close_routes.sql")],
    },
    Source {
        name: "tasks",
        newest: "SELECT coalesce(max(seq), 0) FROM tasks",
        steps: &[include_str!("fill_tasks.sql")],
    },
    Source {
        name: "labels",
        newest: "SELECT coalesce(max(seq), 0) FROM labels",
        steps: &[include_str!("close_rated.sql"), include_str!("close_compared.sql")],
    },
];
