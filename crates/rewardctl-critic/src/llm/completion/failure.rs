//! Why a reply is no completion, and whether to try again.
//!
//! As the official clients do: 408, 409, 429 and 500 upwards are tried again, and `x-should-retry` outranks the
//! status. An empty account outranks both: waiting does not fill it.

use std::time::Duration;

use serde_json::Value;

use crate::llm::completion::body::{self, BodyFailure};
use crate::llm::completion::{CallFailure, Retry};
use crate::llm::exchange::Headers;

/// How much of a server's own words is repeated, in characters.
const QUOTED: usize = 300;

/// Error codes that mean that the account is empty.
const EMPTY_ACCOUNT: [&str; 3] = ["insufficient_quota", "billing_hard_limit_reached", "billing_not_active"];

pub(super) fn of_status(status: u16, headers: &Headers, body: &[u8]) -> CallFailure {
    let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut said = Said::of(&parsed);
    if parsed.is_null() {
        said.message = String::from_utf8_lossy(body).into_owned();
    }
    if status == 401 {
        // Servers repeat parts of the key here.
        said.message = "the key was not accepted".into();
    }
    CallFailure {
        reason: said.reason(&format!("HTTP {status}")),
        retry: retry(status, headers, &said),
        status: Some(status),
        usage: parsed.get("usage").and_then(body::usage),
    }
}

pub(super) fn of_body(status: u16, headers: &Headers, failure: BodyFailure) -> CallFailure {
    let later = Retry::Later { after: asked_wait(headers) };
    let (reason, retry, usage) = match failure {
        BodyFailure::NotJson => ("the reply is no completion in JSON, or it is cut".into(), later, None),
        BodyFailure::NoChoices(usage) => ("the reply has no choices".into(), later, usage),
        BodyFailure::Error(error) => {
            let said = Said::of_error(&error);
            // Gateways put the status of the server behind them into the code.
            let inner = said.code.parse().ok().filter(|code| (400..600).contains(code));
            let retry = inner.map_or(said.unless_empty(later), |inner| retry(inner, headers, &said));
            (said.reason(&format!("HTTP {status} with an error")), retry, None)
        }
    };
    CallFailure { reason, retry, status: Some(status), usage }
}

/// What an error object says.
struct Said {
    message: String,
    param: String,
    code: String,
    kind: String,
}

impl Said {
    /// Reads `{"error": {…}}`, `{"error": "…"}`, `{"detail": …}` and the flat `{"object": "error", "message": …}`.
    fn of(body: &Value) -> Self {
        let nested =
            ["error", "detail"].iter().find_map(|name| body.get(name).filter(|error| !error.is_null()));
        Self::of_error(nested.unwrap_or(body))
    }

    fn of_error(error: &Value) -> Self {
        let field = |name: &str| error.get(name).map(text).unwrap_or_default();
        let is_object_with_message = error.get("message").is_some();
        let message = if is_object_with_message { field("message") } else { text(error) };
        Self { message, param: field("param"), code: field("code"), kind: field("type") }
    }

    /// Returns `what` with the words of the server: ``HTTP 400: `message`, param `x`, code `y` ``.
    fn reason(&self, what: &str) -> String {
        let parts = [(": ", &self.message), (", param ", &self.param), (", code ", &self.code)];
        let said = parts.iter().filter(|(_, text)| !text.trim().is_empty());
        let said: String = said.map(|(name, text)| format!("{name}`{}`", quoted(text))).collect();
        what.to_owned() + &said
    }

    fn unless_empty(&self, otherwise: Retry) -> Retry {
        let is_empty = EMPTY_ACCOUNT.iter().any(|word| self.code == *word || self.kind == *word);
        if is_empty { Retry::Never } else { otherwise }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn retry(status: u16, headers: &Headers, said: &Said) -> Retry {
    let later = Retry::Later { after: asked_wait(headers) };
    let by_status = match status {
        408 | 409 | 429 | 500.. => later,
        _ => Retry::Never,
    };
    let asked = match headers.get("x-should-retry").map(String::as_str) {
        Some("true") => later,
        Some("false") => Retry::Never,
        _ => by_status,
    };
    said.unless_empty(asked)
}

/// Returns how long the server asks to wait: `retry-after-ms`, else `retry-after` as seconds or as a date.
///
/// A date counts from the server's own `date`, so that clocks need not agree; without one it is not obeyed.
fn asked_wait(headers: &Headers) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.trim().parse::<f64>().ok();
    let seconds = number("retry-after-ms").map(|ms| ms / 1000.0).or_else(|| number("retry-after"));
    if let Some(seconds) = seconds {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = |name: &str| httpdate::parse_http_date(headers.get(name)?.trim()).ok();
    date("retry-after")?.duration_since(date("date")?).ok()
}

/// Returns the start of `text` on one line: what a server says may be long, and hostile.
fn quoted(text: &str) -> String {
    let text = text.trim();
    let clean = |c: char| if c.is_control() || c == '`' { ' ' } else { c };
    let start: String = text.chars().take(QUOTED).map(clean).collect();
    if text.chars().nth(QUOTED).is_some() { start + "…" } else { start }
}
