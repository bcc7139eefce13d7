//! Decisions: a place is filled, labels are written, and what follows is set going, in one transaction.

use rewardctl_core::id::ContentId;
use rewardctl_core::random;
use rewardctl_core::review::decision::{Answer, Choice, Decision, Said, Unfit, labels, said};
use rewardctl_core::review::follow::{Expected, Next, Spoken, next, probability_better};
use rewardctl_core::review::question::{Kind, Question};
use rewardctl_core::review::role::Permission;
use serde::Serialize;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

use crate::error::Error;
use crate::labels::add_label;
use crate::open::Store;
use crate::people::audit::log;
use crate::people::lease::hold;
use crate::people::refusal::Refusal;
use crate::people::work::question;
use crate::people::{Now, Person, WorkSettings, ids, joined};
use crate::save::bytes;

/// What somebody decides on which task.
#[derive(Debug, Clone, PartialEq)]
pub struct Deciding {
    /// The task.
    pub task: i64,
    /// The token of its lease.
    pub token: i64,
    /// The decision.
    pub decision: Decision,
    /// Names the request, so that the same one twice is one decision.
    pub request: Option<String>,
}

/// What was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// The number of the decision.
    pub decision: i64,
    /// The task.
    pub task: i64,
    /// Whether it was known already: the same request came again.
    pub repeated: bool,
    /// Labels that came of it; 0 for a skip, a gold task or a repeat.
    pub labels: usize,
    /// Whether the task is off this person's hands.
    pub ends: bool,
}

/// A repeated comparison comes after at least this many decisions, and at most twice as many.
const REPEAT_AFTER: i64 = 10;

/// What a decision is made on.
struct Held {
    question: Question,
    shown: Vec<ContentId>,
    purpose: String,
    curator: bool,
}

/// Refuses a correction that corrects nothing.
async fn refuse_unchanged(
    connection: &mut SqliteConnection,
    shown: &[ContentId],
    answer: &Answer,
) -> Result<(), Error> {
    let Answer::Correct { place, text } = answer else { return Ok(()) };
    let before = sqlx::query_scalar("SELECT text FROM responses WHERE id = ?").bind(bytes(shown[*place]));
    let before: Option<String> =
        before.fetch_optional(connection).await.map_err(Error::during("read a response"))?;
    match before.is_some_and(|before| before.trim() == text.trim()) {
        true => Err(Refusal::Unfit(Unfit::Unchanged).into()),
        false => Ok(()),
    }
}

impl Store {
    /// Keeps a decision with its labels. The same decision twice is one; another one on the same lease is refused, as is
    /// one whose lease was given to somebody else. A late decision counts while nobody else took the place.
    pub async fn decide(
        &self,
        person: &Person,
        deciding: &Deciding,
        settings: &WorkSettings,
        now: &Now,
    ) -> Result<Decided, Error> {
        let during = Error::during("keep a decision");
        let mut connection = self.pool.acquire().await.map_err(&during)?;
        let _turn = self.turn.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&during)?;
        if let Some(known) = known(&mut transaction, person, deciding).await? {
            return Ok(known);
        }
        let held = held(&mut transaction, person, deciding, now).await?;
        let new = labels(&held.question, &held.shown, &deciding.decision, &person.name);
        let new = new.map_err(Refusal::Unfit)?;
        refuse_unchanged(&mut transaction, &held.shown, &deciding.decision.answer).await?;
        let counts = !matches!(held.purpose.as_str(), "gold" | "repeat");
        let ends = deciding.decision.answer.ends(held.question.kind);
        let decision =
            insert(&mut transaction, person, deciding, (held.question.kind, now)).await.map_err(&during)?;
        let mut kept = 0;
        for label in new.iter().filter(|_| counts) {
            let body = serde_json::to_string(label).map_err(Error::broken("labels"))?;
            let added = add_label(&mut transaction, label, &body, &now.text).await.map_err(&during)?;
            if let Some(label) = added {
                let link = sqlx::query("INSERT INTO labels_of_decisions (decision, label) VALUES (?, ?)");
                link.bind(decision).bind(label).execute(&mut *transaction).await.map_err(&during)?;
            }
            kept += 1;
        }
        if ends {
            fill(&mut transaction, person, deciding, decision).await.map_err(&during)?;
            if counts {
                repeat(&mut transaction, person, (deciding, &held), decision, (settings, now))
                    .await
                    .map_err(&during)?;
                follow(&mut transaction, &held, deciding.task, decision).await?;
            }
        }
        let body = json!({
            "task": deciding.task, "decision": decision, "answer": deciding.decision,
            "targets": new.iter().map(rewardctl_core::label::Label::target).collect::<Vec<_>>(),
        });
        let action = format!("decide.{}", deciding.decision.answer.name());
        let head = log(&mut transaction, &person.name, &action, &body, now).await?;
        transaction.commit().await.map_err(&during)?;
        self.note_head(head)?;
        Ok(Decided { decision, task: deciding.task, repeated: false, labels: kept, ends })
    }
}

/// Names what was asked, so that the same request is known again.
fn fingerprint(deciding: &Deciding) -> Vec<u8> {
    let body = json!([deciding.task, deciding.decision]).to_string();
    bytes(ContentId::of("decision", [body.as_bytes()]))
}

/// Returns what was kept of the same request before.
async fn known(
    connection: &mut SqliteConnection,
    person: &Person,
    deciding: &Deciding,
) -> Result<Option<Decided>, Error> {
    let during = Error::during("keep a decision");
    let fingerprint = fingerprint(deciding);
    if let Some(request) = &deciding.request {
        let sql = "SELECT * FROM decisions WHERE reviewer = ? AND request = ?";
        let row = sqlx::query(sql).bind(&person.name).bind(request).fetch_optional(&mut *connection).await;
        if let Some(row) = row.map_err(&during)? {
            if row.get::<&[u8], _>("fingerprint") != fingerprint {
                return Err(Refusal::KeyReused.into());
            }
            return Ok(Some(again(connection, &row).await.map_err(&during)?));
        }
    }
    // Without a key, the lease names the request: it is decided once. A correction may come twice by mistake too.
    let sql = "SELECT * FROM decisions WHERE reviewer = ?1 AND token = ?2 AND work = ?3 AND undoes IS NULL \
               AND NOT EXISTS (SELECT 1 FROM decisions AS undo WHERE undo.undoes = decisions.seq) \
               AND (ends OR fingerprint = ?4) ORDER BY ends DESC, fingerprint = ?4 DESC LIMIT 1";
    let row = sqlx::query(sql).bind(&person.name).bind(deciding.token).bind(deciding.task).bind(&fingerprint);
    let Some(row) = row.fetch_optional(&mut *connection).await.map_err(&during)? else { return Ok(None) };
    let is_same = row.get::<&[u8], _>("fingerprint") == fingerprint;
    if is_same {
        return Ok(Some(again(connection, &row).await.map_err(&during)?));
    }
    Err(Refusal::Decided { task: deciding.task }.into())
}

async fn again(connection: &mut SqliteConnection, row: &SqliteRow) -> Result<Decided, sqlx::Error> {
    let decision: i64 = row.get("seq");
    let count =
        sqlx::query_scalar("SELECT count(*) FROM labels_of_decisions WHERE decision = ?").bind(decision);
    let labels: i64 = count.fetch_one(connection).await?;
    Ok(Decided {
        decision,
        task: row.get("work"),
        repeated: true,
        labels: labels as usize,
        ends: row.get("ends"),
    })
}

/// Returns what the person decides on; an error if the place is not theirs.
async fn held(
    connection: &mut SqliteConnection,
    person: &Person,
    deciding: &Deciding,
    now: &Now,
) -> Result<Held, Error> {
    let during = Error::during("keep a decision");
    let (task, token) = (deciding.task, deciding.token);
    let row = sqlx::query("SELECT * FROM work WHERE seq = ?").bind(task);
    let row = row.fetch_optional(&mut *connection).await.map_err(&during)?.ok_or(Refusal::NoTask { task })?;
    let sql = "SELECT grants.shown, slots.token FROM grants LEFT JOIN slots \
               ON slots.work = grants.work AND slots.reviewer = grants.reviewer \
               WHERE grants.token = ? AND grants.work = ? AND grants.reviewer = ?";
    let grant =
        sqlx::query(sql).bind(token).bind(task).bind(&person.name).fetch_optional(&mut *connection).await;
    let grant = grant.map_err(&during)?.ok_or(Refusal::NoLease { task })?;
    match grant.get::<Option<i64>, _>("token") {
        Some(now_held) if now_held == token => {}
        Some(_) => return Err(Refusal::LeaseLost { task }.into()),
        None if row.get::<Option<i64>, _>("closed").is_some() => return Err(Refusal::Closed { task }.into()),
        // The time was over, but nobody came, and the place is still this person's to take.
        None if row.get::<i64, _>("open_slots") > 0 && may_take(&row, person) => {
            hold(connection, task, person, token, now.ms).await.map_err(&during)?;
        }
        None => return Err(Refusal::LeaseLost { task }.into()),
    }
    let shown = ids("grants", &grant, "shown")?;
    Ok(Held { question: question(&row)?, shown, purpose: row.get("purpose"), curator: row.get("curator") })
}

/// Tells whether an open place of the task is for this person: not a curator's, nor somebody else's alone.
pub(crate) fn may_take(work: &SqliteRow, person: &Person) -> bool {
    let is_for = work.get::<Option<&str>, _>("only_for").is_none_or(|name| name == person.name);
    is_for && (!work.get::<bool, _>("curator") || person.role.may(Permission::Curate))
}

async fn insert(
    connection: &mut SqliteConnection,
    person: &Person,
    deciding: &Deciding,
    (kind, now): (Kind, &Now),
) -> Result<i64, sqlx::Error> {
    let sql = "INSERT INTO decisions (work, token, reviewer, kind, body, ends, elapsed, at, request, fingerprint) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let done = sqlx::query(sql)
        .bind(deciding.task)
        .bind(deciding.token)
        .bind(&person.name)
        .bind(deciding.decision.answer.name())
        .bind(json!(deciding.decision).to_string())
        .bind(deciding.decision.answer.ends(kind))
        .bind(deciding.decision.elapsed_ms)
        .bind(now.ms)
        .bind(&deciding.request)
        .bind(fingerprint(deciding))
        .execute(connection)
        .await?;
    Ok(done.last_insert_rowid())
}

async fn fill(
    connection: &mut SqliteConnection,
    person: &Person,
    deciding: &Deciding,
    decision: i64,
) -> Result<(), sqlx::Error> {
    let update = sqlx::query("UPDATE slots SET decision = ?, expires = NULL WHERE work = ? AND reviewer = ?");
    update.bind(decision).bind(deciding.task).bind(&person.name).execute(&mut *connection).await?;
    let forget = sqlx::query("DELETE FROM drafts WHERE work = ? AND reviewer = ?");
    forget.bind(deciding.task).bind(&person.name).execute(connection).await.map(drop)
}

/// Asks the same person the same comparison again, the other way round, some time later.
async fn repeat(
    connection: &mut SqliteConnection,
    person: &Person,
    (deciding, held): (&Deciding, &Held),
    decision: i64,
    (settings, now): (&WorkSettings, &Now),
) -> Result<(), sqlx::Error> {
    let is_told = matches!(
        deciding.decision.answer,
        Answer::Choose { choice: Choice::Left | Choice::Right | Choice::Tie, .. }
    );
    let draw = ContentId::of("repeat", [deciding.task.to_le_bytes().as_slice(), person.name.as_bytes()]);
    if !is_told || held.curator || random::unit(settings.seed, "repeat", draw) >= settings.repeat_share {
        return Ok(());
    }
    let turned: Vec<ContentId> = held.shown.iter().rev().copied().collect();
    let wait = REPEAT_AFTER + random::index(settings.seed, "wait", draw, REPEAT_AFTER as usize) as i64;
    let sql = "INSERT OR IGNORE INTO work (source, kind, item, responses, dimension, scale, purpose, reason, tier, place, \
               needed, open_slots, only_for, not_before, shown, repeats, added) \
               SELECT 'repeat|' || ?2, kind, item, responses, dimension, scale, 'repeat', \
               'asked again the other way round', 0, 0, 1, 1, ?3, ?4, ?5, ?2, ?6 FROM work WHERE seq = ?1";
    sqlx::query(sql)
        .bind(deciding.task)
        .bind(decision)
        .bind(&person.name)
        .bind(decision + wait)
        .bind(joined(&turned))
        .bind(now.ms)
        .execute(connection)
        .await
        .map(drop)
}

/// Sets going what follows when everybody who was asked has spoken.
async fn follow(
    connection: &mut SqliteConnection,
    held: &Held,
    task: i64,
    decision: i64,
) -> Result<(), Error> {
    let during = Error::during("keep a decision");
    let sql = "SELECT (SELECT open_slots FROM work WHERE seq = ?1) \
               + (SELECT count(*) FROM slots WHERE work = ?1 AND decision IS NULL)";
    let still_due: i64 =
        sqlx::query_scalar(sql).bind(task).fetch_one(&mut *connection).await.map_err(&during)?;
    if still_due > 0 {
        return Ok(());
    }
    let spoken = Spoken {
        words: words(connection, held, task).await?,
        expected: expected(connection, &held.question).await.map_err(&during)?,
        curated: held.curator,
    };
    let next = next(&spoken);
    if next == Next::Done {
        return Ok(());
    }
    let sql = "UPDATE work SET needed = needed + 1, open_slots = open_slots + 1, curator = ? WHERE seq = ?";
    let update = sqlx::query(sql).bind(next == Next::Adjudicate).bind(task);
    update.execute(&mut *connection).await.map_err(&during)?;
    let note = sqlx::query("INSERT INTO follow_ups (decision, work, next) VALUES (?, ?, ?)");
    note.bind(decision).bind(task).bind(next.name()).execute(connection).await.map_err(&during)?;
    Ok(())
}

async fn words(connection: &mut SqliteConnection, held: &Held, task: i64) -> Result<Vec<Said>, Error> {
    let sql = "SELECT decisions.body, grants.shown FROM slots JOIN decisions ON decisions.seq = slots.decision \
               JOIN grants ON grants.token = slots.token WHERE slots.work = ? ORDER BY decisions.seq";
    let rows = sqlx::query(sql).bind(task).fetch_all(connection).await;
    let mut words = vec![];
    for row in rows.map_err(Error::during("keep a decision"))? {
        let decision: Decision = serde_json::from_str(row.get("body")).map_err(Error::broken("decisions"))?;
        words.push(said(&held.question, &ids("grants", &row, "shown")?, &decision.answer));
    }
    Ok(words)
}

/// Returns what the rewards in force expect of the answer.
async fn expected(connection: &mut SqliteConnection, question: &Question) -> Result<Expected, sqlx::Error> {
    let sql = "SELECT rewards.reward, rewards.uncertainty FROM routes JOIN rewards USING (response, version) \
               WHERE routes.seq = (SELECT max(seq) FROM routes AS last WHERE last.response = ?) \
               AND rewards.reward IS NOT NULL";
    let mut rewards: Vec<(f64, f64)> = vec![];
    for response in &question.responses {
        let reward = sqlx::query_as(sql).bind(bytes(*response)).fetch_optional(&mut *connection).await?;
        rewards.extend::<Option<(f64, f64)>>(reward);
    }
    Ok(match (question.kind, rewards.as_slice()) {
        // Rewards are of the whole response.
        _ if question.dimension.is_some() => Expected::Nothing,
        (Kind::Choose, [first, second]) => {
            probability_better(*first, *second).map_or(Expected::Nothing, Expected::Better)
        }
        (Kind::Rate | Kind::Approve, [(reward, deviation)]) => Expected::Reward(*reward, *deviation),
        _ => Expected::Nothing,
    })
}
