//! Takes requests apart, with problems in place of axum's own rejections.

use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use rewardctl_store::people::Person;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::app::Shared;
use crate::problem::Problem;

/// The JSON body of a request.
pub(crate) struct Body<T>(pub(crate) T);

/// The query of a request; unknown names are refused by the types themselves.
pub(crate) struct Params<T>(pub(crate) T);

/// The one variable of a path.
pub(crate) struct Id<T>(pub(crate) T);

/// Who asks; the guard has let them pass.
#[derive(Debug, Clone)]
pub(crate) struct Actor(pub(crate) Person);

/// What a request names itself, so that the same one twice is done once.
pub(crate) struct RequestKey(pub(crate) Option<String>);

/// The most characters of an idempotency key.
const KEY_LENGTH: usize = 200;

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &Shared) -> Result<Self, Problem> {
        let is_json = request.headers().get("content-type").and_then(|value| value.to_str().ok());
        let is_json = is_json.is_some_and(|value| value.split(';').next() == Some("application/json"));
        if !is_json {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(status, "not_json", "send `content-type: application/json`"));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let status = rejection.into_response().status();
            match status {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::new(status, "too_large", "the body is too large"),
                _ => Problem::bad_request("the body cannot be read"),
            }
        })?;
        let mut value: Value = serde_json::from_slice(&bytes)
            .map_err(|error| Problem::bad_request(format!("the body is no JSON: {error}")))?;
        // A list would be taken for the fields in their order.
        if !value.is_object() {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Err(Problem::new(status, "bad_body", "the body is an object"));
        }
        make_whole(&mut value);
        serde_json::from_value(value)
            .map(Self)
            .map_err(|error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_body", error.to_string()))
    }
}

/// Beyond, a double does not tell whole numbers apart.
const MOST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// Makes whole numbers of those that are written as `7.0`, which JSON does not tell apart.
fn make_whole(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let whole = number.as_f64().filter(|_| number.is_f64());
            if let Some(whole) = whole.filter(|whole| whole.fract() == 0.0 && whole.abs() < MOST_WHOLE) {
                *value = Value::from(whole as i64);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(make_whole),
        Value::Object(fields) => fields.values_mut().for_each(make_whole),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

impl<T: DeserializeOwned> FromRequestParts<Shared> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        let query = Query::<T>::try_from_uri(&parts.uri);
        query
            .map(|Query(params)| Self(params))
            .map_err(|rejection| Problem::new(StatusCode::BAD_REQUEST, "bad_query", rejection.body_text()))
    }
}

impl<T: FromStr> FromRequestParts<Shared> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, Problem> {
        let not_found = || Problem::not_found("there is nothing under this address");
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| not_found())?;
        text.parse().map(Self).map_err(|_| not_found())
    }
}

impl FromRequestParts<Shared> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        let actor = parts.extensions.get::<Self>().cloned();
        actor.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "signed_out", "sign in first"))
    }
}

impl FromRequestParts<Shared> for RequestKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        let is_visible = |key: &&str| key.bytes().all(|byte| byte.is_ascii_graphic());
        let key = value.to_str().ok().filter(|key| (1..=KEY_LENGTH).contains(&key.len()) && is_visible(key));
        let wrong = || Problem::bad_request("`idempotency-key` is 1 to 200 visible ASCII characters");
        key.map(|key| Self(Some(key.into()))).ok_or_else(wrong)
    }
}

/// Returns a header as text; None if it is missing or no text.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
