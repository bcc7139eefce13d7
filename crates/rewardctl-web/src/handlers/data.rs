//! Items, rewards and verdicts.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rewardctl_core::id::{ItemId, ResponseId};
use rewardctl_core::item::{Context, Item, Message, Response};
use rewardctl_store::people::reveal::Judged;
use rewardctl_store::read::StoredItem;
use rewardctl_store::save::ItemRecord;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Shared;
use crate::extract::{Body, Id, Params};
use crate::handlers::{after, page, rows};
use crate::problem::Problem;

/// The most items that are added at once.
const MOST_ITEMS: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    after: Option<i64>,
    limit: Option<i64>,
}

/// Lists items with their responses, without what critics say.
pub(crate) async fn items(
    State(app): State<Shared>,
    Params(query): Params<PageQuery>,
) -> Result<Json<Value>, Problem> {
    let limit = rows(query.limit)?;
    let found = app.reader.items(after(query.after)?, limit as usize).await?;
    Ok(page("items", &found, limit, |item| item.seq, item_of))
}

/// Shows one item.
pub(crate) async fn item(State(app): State<Shared>, Id(item): Id<ItemId>) -> Result<Json<Value>, Problem> {
    let found = app.reader.item(item).await?;
    let found = found.ok_or_else(|| Problem::not_found(format!("there is no item {item}")))?;
    Ok(Json(item_of(&found)))
}

fn item_of(item: &StoredItem) -> Value {
    let responses: Vec<Value> =
        item.responses.iter().map(|response| json!({"id": response.id, "text": response.text})).collect();
    json!({
        "id": item.id, "prompt": item.context.prompt, "reference": item.context.reference,
        "documents": item.context.documents, "responses": responses,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewResponse {
    text: String,
    generator: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewItem {
    name: Option<String>,
    prompt: Vec<Message>,
    reference: Option<String>,
    #[serde(default)]
    documents: Vec<String>,
    responses: Vec<NewResponse>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewItems {
    items: Vec<NewItem>,
}

/// Adds items and responses; those that are known are not added twice.
pub(crate) async fn add_items(
    State(app): State<Shared>,
    Body(body): Body<NewItems>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    if body.items.len() > MOST_ITEMS {
        return Err(Problem::bad_request(format!("{MOST_ITEMS} items at most are added at once")));
    }
    let mut items = vec![];
    for (at, new) in body.items.into_iter().enumerate() {
        if new.prompt.is_empty() || new.responses.is_empty() {
            let detail = format!("`items[{at}]` needs a prompt of one turn or more, and a response");
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_body", detail));
        }
        items.push(item_of_new(new));
    }
    let ids: Vec<(ItemId, Vec<ResponseId>)> = items
        .iter()
        .map(|item| {
            let id = item.context.id();
            (id, item.responses.iter().map(|response| response.id(id)).collect())
        })
        .collect();
    let records: Vec<ItemRecord<'_>> = items
        .iter()
        .zip(&ids)
        .map(|(item, (id, responses))| ItemRecord { id: *id, item, responses })
        .collect();
    let (new_items, new_responses) = app.store.add_items(&records).await?;
    let named: Vec<Value> =
        ids.iter().map(|(id, responses)| json!({"id": id, "responses": responses})).collect();
    let body = json!({"items": named, "new_items": new_items, "new_responses": new_responses});
    Ok((StatusCode::CREATED, Json(body)))
}

fn item_of_new(new: NewItem) -> Item {
    let response = |new: NewResponse| Response { text: new.text, generator: new.generator, role: None };
    Item {
        name: new.name,
        context: Context { prompt: new.prompt, reference: new.reference, documents: new.documents },
        responses: new.responses.into_iter().map(response).collect(),
        metadata: String::new(),
    }
}

/// Returns what critics say of a response.
pub(crate) async fn verdicts(
    State(app): State<Shared>,
    Id(response): Id<ResponseId>,
) -> Result<Json<Judged>, Problem> {
    let known = app.reader.item_of(response).await?;
    known.ok_or_else(|| Problem::not_found(format!("there is no response {response}")))?;
    Ok(Json(app.reader.judgement_of(response).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RewardQuery {
    after: Option<i64>,
    limit: Option<i64>,
    min: Option<f64>,
    max: Option<f64>,
}

/// Lists rewards.
pub(crate) async fn rewards(
    State(app): State<Shared>,
    Params(query): Params<RewardQuery>,
) -> Result<Json<Value>, Problem> {
    let limit = rows(query.limit)?;
    let range = (query.min.unwrap_or(0.0), query.max.unwrap_or(1.0));
    if range.0.is_nan() || range.1.is_nan() {
        return Err(Problem::bad_request("`min` and `max` are numbers in 0..=1"));
    }
    let found = app.reader.reward_page(range, after(query.after)?, limit).await?;
    Ok(page("rewards", &found, limit, |row| row.place, |row| json!(row)))
}
