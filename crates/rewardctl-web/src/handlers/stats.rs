//! Counts, agreement, users and the audit log.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use rewardctl_core::review::role::Permission;
use rewardctl_pipeline::people::{PeopleReport, people};
use rewardctl_store::people::Person;
use rewardctl_store::people::figures::QueueCounts;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Shared;
use crate::extract::{Actor, Params};
use crate::handlers::{after, rows};
use crate::problem::Problem;

/// How often a stream of counts looks for news.
const LOOK: Duration = Duration::from_secs(2);

/// A day, in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// Counts the queue, and what the one who asks did within a day.
pub(crate) async fn stats(State(app): State<Shared>, Actor(person): Actor) -> Result<Json<Value>, Problem> {
    let counts = app.counts().await?;
    let (today, median_ms) = app.reader.pace(&person.name, app.now().ms - DAY_MS).await?;
    Ok(Json(
        json!({ "queue": counts_for(&person, &counts), "own": {"decided_today": today, "median_ms": median_ms} }),
    ))
}

/// Measures agreement, speed and habits.
pub(crate) async fn agreement(State(app): State<Shared>) -> Result<Json<PeopleReport>, Problem> {
    Ok(Json(people(&app.reader, app.work.seed).await?))
}

/// Places that wait are told to reviewers by tens: gold tasks are among no count, so that each exact one would tell
/// whether the task just taken or answered was one.
const ABOUT: i64 = 10;

/// Returns the counts as somebody may know them.
fn counts_for(person: &Person, counts: &QueueCounts) -> Value {
    let mut shown = json!(counts);
    if !person.role.may(Permission::SeeScores) {
        shown["open"] = json!((counts.open + ABOUT - 1) / ABOUT * ABOUT);
        for exact in ["conflicts", "held", "labels"] {
            shown[exact] = Value::Null;
        }
    }
    shown
}

/// What a stream of counts knows.
struct Watching {
    app: Shared,
    person: Person,
    last: Option<QueueCounts>,
}

/// Sends the counts whenever they change, as long as who asked may come.
pub(crate) async fn events(
    State(app): State<Shared>,
    Actor(person): Actor,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let stream = stream::unfold(Watching { app, person, last: None }, news);
    Sse::new(stream).keep_alive(KeepAlive::default())
}

async fn news(mut watching: Watching) -> Option<(Result<Event, Infallible>, Watching)> {
    let mut stopping = watching.app.stopping.subscribe();
    loop {
        if !watching.app.may_still_come(&watching.person).await.unwrap_or(true) {
            return None;
        }
        let counts = watching.app.counts().await.ok();
        // Told also where what is shown of them is the same: whoever has nothing to do looks for tasks then.
        if let Some(known) = &counts
            && counts != watching.last
        {
            let data = counts_for(&watching.person, known).to_string();
            watching.last = counts;
            return Some((Ok(Event::default().event("counts").data(data)), watching));
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stopping.wait_for(|stop| *stop) => return None,
        }
    }
}

/// Lists the users.
pub(crate) async fn users(State(app): State<Shared>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "users": app.reader.users().await? })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditQuery {
    before: Option<i64>,
    limit: Option<i64>,
}

/// Lists the audit log, the newest entry first.
pub(crate) async fn audit(
    State(app): State<Shared>,
    Params(query): Params<AuditQuery>,
) -> Result<Json<Value>, Problem> {
    let limit = rows(query.limit)?;
    let before = query.before.map(|place| after(Some(place))).transpose()?;
    let lines = app.reader.audit_lines(before, limit).await?;
    let before = lines.last().filter(|_| lines.len() as i64 == limit).map(|line| line.seq);
    Ok(Json(json!({ "entries": lines, "next_before": before })))
}
