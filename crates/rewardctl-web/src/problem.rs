//! Errors as RFC 9457 problem documents, with codes that programs may rely on.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use rewardctl_pipeline::error::Error as PipelineError;
use rewardctl_store::error::Error as StoreError;
use rewardctl_store::people::refusal::Refusal;
use serde_json::json;

/// An error as the client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// What went wrong, in a word that never changes.
    pub code: &'static str,
    /// What went wrong, in a sentence.
    pub detail: String,
    /// The way out.
    pub hint: Option<&'static str>,
}

impl Problem {
    /// Makes a problem.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), hint: None }
    }

    /// Nothing lies under this address.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", what)
    }

    /// The request cannot be read.
    pub fn bad_request(why: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", why)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": format!("urn:rewardctl:problem:{}", self.code),
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
            "hint": self.hint,
        });
        let headers = [(CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, headers, body.to_string()).into_response();
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(RETRY_AFTER, axum::http::HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => refusal.into(),
            // What the machine says may name files; the log has it, the client does not.
            other => Self {
                hint: Some(other.hint()),
                ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "store_failed", other.to_string())
            },
        }
    }
}

impl From<PipelineError> for Problem {
    fn from(error: PipelineError) -> Self {
        match error {
            PipelineError::Store(error) => error.into(),
            other => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", other.to_string()),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match &refusal {
            Refusal::NoTask { .. } | Refusal::NoResponse | Refusal::NoUser(_) => StatusCode::NOT_FOUND,
            Refusal::LeaseLost { .. }
            | Refusal::NoLease { .. }
            | Refusal::Closed { .. }
            | Refusal::Decided { .. }
            | Refusal::NothingToUndo
            | Refusal::Seen { .. }
            | Refusal::UserExists(_) => StatusCode::CONFLICT,
            Refusal::Blind { .. } => StatusCode::FORBIDDEN,
            Refusal::Unfit(_) | Refusal::KeyReused | Refusal::Question(_) | Refusal::Name(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
        };
        let hint = Some(refusal.hint());
        Self { hint, ..Self::new(status, refusal.code(), refusal.to_string()) }
    }
}
