//! Calls of whose last attempt nobody saw the end: killed in flight, or given up on after a timeout.

/// What is done with such a call: it may have been paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUnknown {
    /// It is sent again, and may be paid for twice.
    Retry,
    /// It is not sent again; its verdict has failed until someone decides otherwise.
    Hold,
}

/// Why a held call has no answer.
pub const HELD: &str =
    "its outcome is unknown and it may have been paid for; `calls.unknown = \"retry\"` sends it again";
