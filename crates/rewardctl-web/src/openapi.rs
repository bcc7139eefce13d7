//! The OpenAPI document, made of the list of endpoints and the schemas in `assets/schemas.json`.

use axum::Json;
use serde_json::{Map, Value, json};

use crate::guard::Needs;
use crate::routes::{API, Answer, ENDPOINTS, Endpoint};

const SCHEMAS: &str = include_str!("../assets/schemas.json");

/// Answers with the document.
pub(crate) async fn document() -> Json<Value> {
    Json(openapi())
}

/// Returns the document.
pub fn openapi() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in ENDPOINTS {
        let path = paths.entry(format!("{API}{}", endpoint.path)).or_insert_with(|| json!({}));
        path[endpoint.method.method().as_str().to_lowercase()] = operation(endpoint);
    }
    let schemas: Value = serde_json::from_str(SCHEMAS).unwrap_or_default();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "rewardctl",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Review of model outputs: tasks, labels, rewards.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": crate::guard::SESSION_COOKIE},
            },
        },
        "security": [{"token": []}, {"session": []}],
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let (status, content) = match endpoint.answer {
        Answer::Json(status, schema) => {
            (status, Some(json!({"application/json": {"schema": schema_of(schema)}})))
        }
        Answer::Empty(status) => (status, None),
        Answer::Events => (200, Some(json!({"text/event-stream": {"schema": {"type": "string"}}}))),
    };
    let mut success = json!({"description": endpoint.summary});
    content.into_iter().for_each(|content| success["content"] = content);
    let mut responses = Map::new();
    for status in [Some(status), endpoint.repeated].into_iter().flatten() {
        responses.insert(status.to_string(), success.clone());
    }
    for refusal in refusals(endpoint) {
        let content = json!({"application/problem+json": {"schema": schema_of("Problem")}});
        responses.insert(refusal.to_string(), json!({"description": "Refused", "content": content}));
    }
    let id = format!(
        "{}{}",
        endpoint.method.method().as_str().to_lowercase(),
        endpoint.path.replace(['/', '{', '}'], "_")
    );
    let mut operation = json!({
        "operationId": id, "summary": endpoint.summary, "parameters": parameters(endpoint), "responses": responses,
    });
    if let Some(body) = endpoint.body {
        let content = json!({"application/json": {"schema": schema_of(body)}});
        operation["requestBody"] = json!({"required": true, "content": content});
    }
    if endpoint.needs == Needs::Nobody {
        operation["security"] = json!([]);
    }
    if let Needs::May(permission) = endpoint.needs {
        operation["x-permission"] = json!(permission);
    }
    operation
}

/// Returns the statuses of refusals: the endpoint's own, and those of the guard.
fn refusals(endpoint: &Endpoint) -> Vec<u16> {
    let guard: &[u16] = match endpoint.needs {
        Needs::Nobody if endpoint.body.is_some() => &[401, 403, 429],
        Needs::Nobody => &[],
        Needs::SignedIn | Needs::May(_) => &[401, 403, 429],
    };
    let variable: &[u16] = if endpoint.variable.is_some() { &[404] } else { &[] };
    let mut all: Vec<u16> = [endpoint.refusals, guard, variable, &[500, 503]].concat();
    all.sort_unstable();
    all.dedup();
    all
}

fn parameters(endpoint: &Endpoint) -> Vec<Value> {
    let mut parameters = vec![];
    if let Some(schema) = endpoint.variable {
        parameters.push(json!({"name": "id", "in": "path", "required": true, "schema": schema_of(schema)}));
    }
    for (name, schema) in endpoint.query {
        let is_required = endpoint.required.contains(name);
        parameters
            .push(json!({"name": name, "in": "query", "required": is_required, "schema": schema_of(schema)}));
    }
    if endpoint.is_keyed {
        let schema = json!({"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"});
        parameters
            .push(json!({"name": "Idempotency-Key", "in": "header", "required": false, "schema": schema}));
    }
    parameters
}

fn schema_of(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}
