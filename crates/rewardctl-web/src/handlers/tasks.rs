//! The queue: what waits, who takes it, and what is shown of it when.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rewardctl_core::id::{ItemId, ResponseId};
use rewardctl_core::review::decision::Answer;
use rewardctl_core::review::diff::{Piece, words};
use rewardctl_core::review::question::{Kind, Question};
use rewardctl_core::score::Scale;
use rewardctl_store::people::browse::{WorkFilter, WorkRow, WorkState};
use rewardctl_store::people::lease::{Ask, Lease, MOST_HELD};
use rewardctl_store::people::refusal::Refusal;
use rewardctl_store::people::reveal::Revealed;
use rewardctl_store::people::work::{NewWork, TaskFilter};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Shared;
use crate::extract::{Actor, Body, Id, Params, RequestKey};
use crate::handlers::{after, check_sighted, page, rows};
use crate::problem::Problem;

/// The most bytes of a draft.
const DRAFT_BYTES: usize = 1 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    after: Option<i64>,
    limit: Option<i64>,
    kind: Option<Kind>,
    dimension: Option<String>,
    purpose: Option<String>,
    generator: Option<String>,
    reason: Option<String>,
    tag: Option<String>,
    item: Option<ItemId>,
    state: Option<String>,
}

/// Lists tasks.
pub(crate) async fn list(
    State(app): State<Shared>,
    Params(query): Params<ListQuery>,
) -> Result<Json<Value>, Problem> {
    let state = query.state.map(|name| {
        let unknown = || Problem::bad_request("`state` is open, held, done or closed");
        WorkState::named(&name).ok_or_else(unknown)
    });
    let filter = WorkFilter {
        tasks: TaskFilter {
            kind: query.kind,
            dimension: query.dimension,
            purpose: query.purpose,
            generator: query.generator,
            reason: query.reason,
            tag: query.tag,
        },
        item: query.item,
        state: state.transpose()?,
    };
    let limit = rows(query.limit)?;
    let found = app.reader.work_list(&filter, after(query.after)?, limit, &app.now()).await?;
    Ok(page("tasks", &found, limit, |row| row.task, task_of))
}

/// Shows one task.
pub(crate) async fn get(State(app): State<Shared>, Id(task): Id<i64>) -> Result<Json<Value>, Problem> {
    let found = app.reader.work_row(task, &app.now()).await?.ok_or(Refusal::NoTask { task })?;
    Ok(Json(task_of(&found)))
}

fn task_of(row: &WorkRow) -> Value {
    let mut task = json!(row);
    let held = row.held.iter().map(|(by, until)| json!({"by": by, "expires_ms": until}));
    task["held"] = held.collect();
    task
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTask {
    kind: Kind,
    item: ItemId,
    responses: Vec<ResponseId>,
    dimension: Option<String>,
    scale: Option<Scale>,
    #[serde(default)]
    reason: String,
    people: Option<u32>,
    gold: Option<Answer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTasks {
    tasks: Vec<NewTask>,
}

/// The most tasks that are added at once, and the most people that answer one.
const MOST_TASKS: usize = 1000;
const MOST_PEOPLE: u32 = 20;

/// Adds tasks.
pub(crate) async fn add(
    State(app): State<Shared>,
    Actor(person): Actor,
    Body(body): Body<NewTasks>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    if body.tasks.len() > MOST_TASKS {
        return Err(Problem::bad_request(format!("{MOST_TASKS} tasks at most are added at once")));
    }
    let overlap = app.work.overlap;
    let work: Result<Vec<NewWork>, Problem> =
        body.tasks.into_iter().map(|task| new_work(task, overlap)).collect();
    let added = app.store.add_work(&work?, &person.name, &app.now()).await?;
    Ok((StatusCode::CREATED, Json(json!(added))))
}

fn new_work(task: NewTask, overlap: u32) -> Result<NewWork, Problem> {
    let needed = task.people.unwrap_or(overlap);
    if !(1..=MOST_PEOPLE).contains(&needed) {
        return Err(Problem::bad_request(format!("`people` is 1 to {MOST_PEOPLE}")));
    }
    let question = Question {
        kind: task.kind,
        item: task.item,
        responses: task.responses,
        dimension: task.dimension,
        scale: task.scale.unwrap_or(Scale::STARS),
    };
    Ok(NewWork { question, reason: task.reason, needed, gold: task.gold })
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Claim {
    count: Option<usize>,
    resume: bool,
    kind: Option<Kind>,
    dimension: Option<String>,
    purpose: Option<String>,
    generator: Option<String>,
}

/// Takes tasks.
pub(crate) async fn claim(
    State(app): State<Shared>,
    Actor(person): Actor,
    RequestKey(request): RequestKey,
    Body(claim): Body<Claim>,
) -> Result<Json<Value>, Problem> {
    let count = claim.count.unwrap_or(1);
    if !(1..=MOST_HELD).contains(&count) {
        return Err(Problem::bad_request(format!("`count` is 1 to {MOST_HELD}")));
    }
    if claim.purpose.is_some() {
        check_sighted(&person, "what a task is for")?;
    }
    if claim.generator.is_some() {
        check_sighted(&person, "who wrote the responses of a task")?;
    }
    let ask = Ask {
        count,
        resume: claim.resume,
        request,
        filter: TaskFilter {
            kind: claim.kind,
            dimension: claim.dimension,
            purpose: claim.purpose,
            generator: claim.generator,
            ..TaskFilter::default()
        },
    };
    let leases: Vec<Lease> = app.store.claim(&person, &ask, &app.work, &app.now()).await?;
    Ok(Json(json!({ "leases": leases })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Held {
    token: i64,
}

/// Holds a task longer.
pub(crate) async fn heartbeat(
    State(app): State<Shared>,
    Actor(person): Actor,
    Id(task): Id<i64>,
    Body(held): Body<Held>,
) -> Result<Json<Value>, Problem> {
    let until = app.store.heartbeat(&person, task, held.token, (&app.work, &app.now())).await?;
    Ok(Json(json!({ "expires_ms": until })))
}

/// Gives a task back.
pub(crate) async fn give_back(
    State(app): State<Shared>,
    Actor(person): Actor,
    Id(task): Id<i64>,
    Body(held): Body<Held>,
) -> Result<StatusCode, Problem> {
    app.store.give_back(&person, task, held.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    draft: Value,
}

/// Keeps what somebody typed.
pub(crate) async fn draft(
    State(app): State<Shared>,
    Actor(person): Actor,
    Id(task): Id<i64>,
    Body(draft): Body<Draft>,
) -> Result<StatusCode, Problem> {
    let body = if draft.draft.is_null() { String::new() } else { draft.draft.to_string() };
    if body.len() > DRAFT_BYTES {
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the draft is too large"));
    }
    app.store.save_draft(&person, task, &body, &app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows what critics and others said, to whoever has decided.
pub(crate) async fn reveal(
    State(app): State<Shared>,
    Actor(person): Actor,
    Id(task): Id<i64>,
) -> Result<Json<Revealed>, Problem> {
    Ok(Json(app.store.reveal(&person, task, &app.now()).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiffQuery {
    left: ResponseId,
    right: ResponseId,
}

/// Shows what differs between two responses.
pub(crate) async fn diff(
    State(app): State<Shared>,
    Actor(_): Actor,
    Params(query): Params<DiffQuery>,
) -> Result<Json<Value>, Problem> {
    let unknown = || Problem::not_found("one of the responses is not known");
    let left = app.reader.response_text(query.left).await?.ok_or_else(unknown)?;
    let right = app.reader.response_text(query.right).await?.ok_or_else(unknown)?;
    let pieces: Vec<Piece> = words(&left, &right);
    Ok(Json(json!({ "pieces": pieces })))
}
