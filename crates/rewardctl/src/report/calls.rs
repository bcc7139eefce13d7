//! What calls came to, for people.

use std::borrow::Cow;

use rewardctl_pipeline::tally::CallReport;
use rewardctl_store::ledger::lookup::{Call, CallLine, CallTotal, PastAttempt};

use crate::report::plan::money;
use crate::report::{counted, table};
use crate::show::{printable, visible};

/// Returns what a run asked, and what it came to.
pub fn made(report: &CallReport) -> String {
    let rows = report.endpoints.iter().map(|calls| {
        vec![
            printable(&calls.endpoint, 30),
            calls.served.to_string(),
            calls.answered.to_string(),
            calls.failed.to_string(),
            calls.held.to_string(),
        ]
    });
    let shown = table(&["calls", "from the ledger", "answered", "failed", "held"], rows.collect());
    let sent = &report.sent;
    let lost = match sent.unknown {
        0 => String::new(),
        unknown => format!(", {unknown} without a known end"),
    };
    let mut sum = format!(
        "Sent {} ({} failed{lost}): {} tokens read, {} written, {}.",
        counted(sent.requests, "request"),
        sent.failed,
        sent.input_tokens,
        sent.output_tokens,
        money(Some(sent.spent_nano))
    );
    sum += &reserved(sent.reserved_nano);
    sum += &unpriced(sent.unpriced);
    format!("{shown}\n\n{sum}")
}

/// Returns the totals of the ledger; None if it is empty.
pub fn totals(totals: &[CallTotal]) -> Option<String> {
    let row = |total: &CallTotal| {
        vec![
            total.purpose.clone(),
            printable(&total.endpoint, 50),
            printable(&total.model, 30),
            total.done.to_string(),
            total.failed.to_string(),
            total.unknown.to_string(),
            (total.planned + total.sent).to_string(),
            total.attempts.to_string(),
            total.input_tokens.to_string(),
            total.output_tokens.to_string(),
            money(Some(total.spent_nano)),
        ]
    };
    let header = [
        "calls",
        "endpoint",
        "model",
        "done",
        "failed",
        "unknown",
        "open",
        "requests",
        "tokens in",
        "out",
        "spent",
    ];
    let sum = |of: fn(&CallTotal) -> u64| totals.iter().map(of).fold(0, u64::saturating_add);
    let spent = format!("{} spent.", money(Some(sum(|total| total.spent_nano))));
    let more = reserved(sum(|total| total.reserved_nano)) + &unpriced(sum(|total| total.unpriced_attempts));
    let shown = || table(&header, totals.iter().map(row).collect());
    (!totals.is_empty()).then(|| format!("{}\n\n{spent}{more}", shown()))
}

/// Returns a list of calls, `total` in all.
pub fn list(calls: &[CallLine]) -> String {
    if calls.is_empty() {
        return "The ledger has no such call.".into();
    }
    let row = |call: &CallLine| {
        vec![
            call.key.to_string(),
            call.purpose.clone(),
            printable(&call.endpoint, 50),
            printable(&call.model, 30),
            call.state.name().to_owned(),
            call.attempts.to_string(),
        ]
    };
    let header = ["call", "purpose", "endpoint", "model", "state", "requests"];
    let shown = table(&header, calls.iter().map(row).collect());
    format!("{shown}\n\n`rewardctl calls show CALL` has the request and what came back.")
}

/// Returns a call with its request and every attempt; what a terminal would act on is made visible.
pub fn one(call: &Call) -> String {
    let head = format!(
        "call {} ({}) to {} at {}",
        call.key,
        call.purpose,
        printable(&call.model, 60),
        printable(&call.endpoint, 100)
    );
    let mut parts = vec![head, format!("request\n{}", text(&call.request))];
    parts.extend(call.attempts.iter().map(attempt));
    parts.join("\n\n")
}

fn attempt(attempt: &PastAttempt) -> String {
    let ended = attempt.ended.as_deref().unwrap_or("not yet");
    let status = attempt.status.map_or(String::new(), |status| format!(", HTTP {status}"));
    let tokens = match (attempt.input_tokens, attempt.output_tokens) {
        (Some(input), Some(output)) => format!(", {input} tokens read, {output} written"),
        _ => String::new(),
    };
    let mut text_of = format!(
        "request {}: {}{status}{tokens}, {}; sent {}, ended {ended}",
        attempt.number,
        attempt.state.name(),
        money(attempt.cost_nano),
        attempt.sent,
    );
    if let Some(reason) = &attempt.reason {
        text_of += &format!("\nbecause: {}", visible(reason));
    }
    if let Some(body) = &attempt.body {
        text_of += &format!("\nreply\n{}", text(body));
    }
    text_of
}

fn text(bytes: &[u8]) -> String {
    let text: Cow<'_, str> = String::from_utf8_lossy(bytes);
    visible(&text)
}

fn reserved(nano: u64) -> String {
    match nano {
        0 => String::new(),
        nano => format!(" Up to {} more for calls without a known end.", money(Some(nano))),
    }
}

fn unpriced(requests: u64) -> String {
    match requests {
        0 => String::new(),
        requests => format!(" Nobody says what {} cost.", counted(requests, "request")),
    }
}
