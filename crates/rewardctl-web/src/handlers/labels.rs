//! Decisions, and the labels that came of them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rewardctl_core::review::decision::{Answer, Decision};
use rewardctl_core::review::role::Permission;
use rewardctl_store::people::decide::{Decided, Deciding};
use rewardctl_store::people::undo::Undone;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Shared;
use crate::extract::{Actor, Body, Params, RequestKey};
use crate::handlers::{after, page, rows};
use crate::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decide {
    task: i64,
    token: i64,
    answer: Answer,
    #[serde(default)]
    note: String,
    #[serde(default)]
    tags: Vec<String>,
    elapsed_ms: Option<u32>,
}

/// Keeps a decision.
pub(crate) async fn decide(
    State(app): State<Shared>,
    Actor(person): Actor,
    RequestKey(request): RequestKey,
    Body(body): Body<Decide>,
) -> Result<(StatusCode, Json<Decided>), Problem> {
    let Decide { task, token, answer, note, tags, elapsed_ms } = body;
    let decision = Decision { answer, note, tags, elapsed_ms };
    let deciding = Deciding { task, token, decision, request };
    let decided = app.store.decide(&person, &deciding, &app.work, &app.now()).await?;
    let status = if decided.repeated { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(decided)))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Takes the last decision back.
pub(crate) async fn undo(
    State(app): State<Shared>,
    Actor(person): Actor,
    RequestKey(request): RequestKey,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Json<Undone>, Problem> {
    Ok(Json(app.store.undo(&person, request.as_deref(), &app.work, &app.now()).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    after: Option<i64>,
    limit: Option<i64>,
    annotator: Option<String>,
}

/// Lists labels: everybody's for those who may see them, one's own otherwise.
pub(crate) async fn list(
    State(app): State<Shared>,
    Actor(person): Actor,
    Params(query): Params<ListQuery>,
) -> Result<Json<Value>, Problem> {
    let sees_all = person.role.may(Permission::SeeScores);
    let annotator = if sees_all { query.annotator } else { Some(person.name) };
    let limit = rows(query.limit)?;
    let found = app.reader.label_page(annotator.as_deref(), after(query.after)?, limit).await?;
    let shown: Vec<Value> = found.iter().map(|(seq, label)| json!({"seq": seq, "label": label})).collect();
    page("labels", &shown, limit, |row| row["seq"].as_i64().unwrap_or(0)).map(Json)
}
