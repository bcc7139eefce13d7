//! Decisions, and the labels that came of them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rewardctl_core::review::decision::{Answer, Decision};
use rewardctl_core::review::role::Permission;
use rewardctl_store::people::Person;
use rewardctl_store::people::decide::Deciding;
use serde::{Deserialize, Serialize};
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

/// Keeps a decision. How many labels came of it would tell gold tasks and repeats apart.
pub(crate) async fn decide(
    State(app): State<Shared>,
    Actor(person): Actor,
    RequestKey(request): RequestKey,
    Body(body): Body<Decide>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Decide { task, token, answer, note, tags, elapsed_ms } = body;
    let decision = Decision { answer, note, tags, elapsed_ms };
    let deciding = Deciding { task, token, decision, request };
    let decided = app.store.decide(&person, &deciding, &app.work, &app.now()).await?;
    let status = if decided.repeated { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(shown(&decided, &person, "labels"))))
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
) -> Result<Json<Value>, Problem> {
    let undone = app.store.undo(&person, request.as_deref(), &app.work, &app.now()).await?;
    Ok(Json(shown(&undone, &person, "withdrawn")))
}

/// Returns an answer, without the number of its labels for those who answer blindly.
fn shown(answer: &impl Serialize, person: &Person, labels: &str) -> Value {
    let mut shown = json!(answer);
    if !person.role.may(Permission::SeeScores) {
        shown[labels] = Value::Null;
    }
    shown
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    after: Option<i64>,
    limit: Option<i64>,
    annotator: Option<String>,
}

/// Lists labels in force. A gold task has none, which who answers it must not learn.
pub(crate) async fn list(
    State(app): State<Shared>,
    Params(query): Params<ListQuery>,
) -> Result<Json<Value>, Problem> {
    let limit = rows(query.limit)?;
    let found = app.reader.label_page(query.annotator.as_deref(), after(query.after)?, limit).await?;
    Ok(page("labels", &found, limit, |(seq, _)| *seq, |(seq, label)| json!({"seq": seq, "label": label})))
}
