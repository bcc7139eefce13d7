//! What is done with many tasks at once.

use axum::Json;
use axum::extract::State;
use rewardctl_store::people::Person;
use rewardctl_store::people::bulk::{Change, Changed};
use rewardctl_store::people::work::TaskFilter;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use crate::app::{App, Shared};
use crate::extract::{Actor, Body, Id, RequestKey};
use crate::problem::Problem;

/// The most tasks that are changed at once.
const MOST_CHANGED: usize = 100_000;

/// Which tasks: by their numbers, or all that a filter leaves.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    #[serde(default, deserialize_with = "numbers")]
    tasks: Option<Vec<i64>>,
    #[serde(default, deserialize_with = "filter")]
    filter: Option<TaskFilter>,
    #[serde(default)]
    dry_run: bool,
}

/// Reads numbers; null are none.
fn numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<i64>>, D::Error> {
    Vec::deserialize(deserializer).map(Some)
}

/// Reads a filter from an object alone: a list would be taken for its fields, and one of nulls for all tasks.
fn filter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TaskFilter>, D::Error> {
    let fields = Map::deserialize(deserializer)?;
    TaskFilter::deserialize(Value::Object(fields)).map(Some).map_err(D::Error::custom)
}

/// Takes open tasks out of the queue.
pub(crate) async fn close(
    State(app): State<Shared>,
    Actor(person): Actor,
    RequestKey(key): RequestKey,
    Body(which): Body<Which>,
) -> Result<Json<Value>, Problem> {
    change(&app, Change::Close, which, (&person, key)).await
}

/// Takes closed tasks into the queue again.
pub(crate) async fn reopen(
    State(app): State<Shared>,
    Actor(person): Actor,
    RequestKey(key): RequestKey,
    Body(which): Body<Which>,
) -> Result<Json<Value>, Problem> {
    change(&app, Change::Reopen, which, (&person, key)).await
}

/// Takes leases away from whoever holds them.
pub(crate) async fn release(
    State(app): State<Shared>,
    Actor(person): Actor,
    RequestKey(key): RequestKey,
    Body(which): Body<Which>,
) -> Result<Json<Value>, Problem> {
    change(&app, Change::Release { of: None }, which, (&person, key)).await
}

async fn change(
    app: &App,
    change: Change,
    which: Which,
    (person, key): (&Person, Option<String>),
) -> Result<Json<Value>, Problem> {
    let tasks = match (which.tasks, which.filter) {
        (Some(tasks), None) if tasks.len() <= MOST_CHANGED => tasks,
        (Some(_), None) => {
            return Err(Problem::bad_request(format!("{MOST_CHANGED} tasks at most are changed at once")));
        }
        (None, Some(filter)) => {
            app.store.fill_work(&app.work, &app.now()).await?;
            app.store.changeable(&change, &filter, MOST_CHANGED as i64, &app.now()).await?
        }
        _ => return Err(Problem::bad_request("either `tasks` or `filter` says which tasks are meant")),
    };
    let changed = match which.dry_run {
        true => Changed { tasks, leases: 0 },
        false => app.store.change_work(&change, &tasks, (person, key.as_deref()), &app.now()).await?,
    };
    Ok(Json(json!({ "tasks": changed.tasks, "leases": changed.leases, "dry_run": which.dry_run })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Free {
    reviewer: Option<String>,
}

/// Takes the leases of a task away from whoever holds them.
pub(crate) async fn free(
    State(app): State<Shared>,
    Actor(person): Actor,
    Id(task): Id<i64>,
    Body(free): Body<Free>,
) -> Result<Json<Value>, Problem> {
    let change = Change::Release { of: free.reviewer };
    let changed = app.store.change_work(&change, &[task], (&person, None), &app.now()).await?;
    Ok(Json(json!({ "released": changed.leases })))
}
