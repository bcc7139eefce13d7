//! Exchanges: what came back for one request, raw, before anyone reads meaning into it.

use std::collections::BTreeMap;

use crate::llm::completion::{self, CallFailure, Completion, Retry};

/// Headers of a reply by their names in lower case; only those that [`is_kept`] names.
pub type Headers = BTreeMap<String, String>;

/// What came back for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exchange {
    /// The server answered, well or badly.
    Answered {
        /// The HTTP status.
        status: u16,
        /// What the server says about itself and its limits.
        headers: Headers,
        /// The body, whole.
        body: Vec<u8>,
    },
    /// The connection failed, or the reply broke off.
    Broken {
        /// Why, without the address.
        reason: String,
        /// Whether the server may have seen the request, hence may bill it.
        sent: Sent,
    },
}

/// Whether a request left this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// Certainly not: no connection was made.
    No,
    /// It did, or may have.
    Maybe,
}

impl Exchange {
    /// Returns what was answered, or why nothing was.
    pub fn read(&self) -> Result<Completion, CallFailure> {
        match self {
            Self::Answered { status, headers, body } => completion::read(*status, headers, body),
            Self::Broken { reason, .. } => Err(CallFailure {
                reason: reason.clone(),
                retry: Retry::Later { after: None },
                status: None,
                usage: None,
            }),
        }
    }
}

/// Tells whether a header of a reply is worth keeping: none of these can carry a secret.
pub fn is_kept(name: &str) -> bool {
    const NAMES: [&str; 7] = [
        "apim-request-id",
        "date",
        "request-id",
        "retry-after",
        "retry-after-ms",
        "x-request-id",
        "x-should-retry",
    ];
    NAMES.contains(&name) || name.starts_with("x-ratelimit-")
}
