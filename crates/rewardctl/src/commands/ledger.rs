//! `rewardctl calls`: what the ledger keeps.

use rewardctl_core::id::ContentId;
use rewardctl_store::ledger::State;
use rewardctl_store::ledger::lookup::{Call, CallFilter, CallLine, PastAttempt};
use serde::Serialize;

use crate::cli::calls::{CallState, CallsCommand, CallsListArgs, CallsShowArgs};
use crate::commands::{block_on, open_known_store, print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::report;
use crate::settings::Settings;

/// Lists calls, or shows one.
pub fn run(command: &CallsCommand, settings: &Settings) -> Result<Exit, Failure> {
    match command {
        CallsCommand::List(args) => list(args, settings),
        CallsCommand::Show(args) => show(args, settings),
    }
}

fn list(args: &CallsListArgs, settings: &Settings) -> Result<Exit, Failure> {
    let filter = CallFilter { state: args.state.map(state), ..CallFilter::default() };
    let calls = block_on(async {
        let store = open_known_store(settings).await?;
        let calls = store.latest_calls(&filter, args.limit).await?;
        store.close().await;
        Ok(calls)
    })?;
    if !args.json {
        print_line(&report::calls::list(&calls))?;
        return Ok(Exit::Done);
    }
    for call in &calls {
        let json = serde_json::to_string(&LineJson::of(call)).map_err(Failure::machine)?;
        print_line(&json)?;
    }
    Ok(Exit::Done)
}

fn show(args: &CallsShowArgs, settings: &Settings) -> Result<Exit, Failure> {
    let hint = "`rewardctl calls list` prints the calls of the ledger";
    let key: ContentId = args.key.parse().map_err(|error| Failure::refused(format!("{error}"), hint))?;
    let found = block_on(async {
        let store = open_known_store(settings).await?;
        let call = store.call(key).await?;
        store.close().await;
        Ok(call)
    })?;
    let call = found.ok_or_else(|| Failure::refused(format!("the ledger has no call {key}"), hint))?;
    if args.json {
        print_json(&CallJson::of(&call))?;
    } else {
        print_line(&report::calls::one(&call))?;
    }
    Ok(Exit::Done)
}

fn state(state: CallState) -> State {
    match state {
        CallState::Planned => State::Planned,
        CallState::Sent => State::Sent,
        CallState::Done => State::Done,
        CallState::Failed => State::Failed,
        CallState::Unknown => State::Unknown,
    }
}

#[derive(Serialize)]
struct LineJson<'a> {
    call: ContentId,
    purpose: &'a str,
    endpoint: &'a str,
    model: &'a str,
    state: &'a str,
    requests: u32,
}

#[derive(Serialize)]
struct CallJson<'a> {
    call: ContentId,
    purpose: &'a str,
    endpoint: &'a str,
    model: &'a str,
    request: String,
    attempts: Vec<AttemptJson<'a>>,
}

#[derive(Serialize)]
struct AttemptJson<'a> {
    number: u32,
    state: &'a str,
    sent: &'a str,
    ended: Option<&'a str>,
    status: Option<u16>,
    reason: Option<&'a str>,
    request_id: Option<&'a str>,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cost_nano: Option<u64>,
    reserved_nano: Option<u64>,
    // Bytes that are no UTF-8 are replaced: JSON has no place for them.
    reply: Option<String>,
}

impl<'a> LineJson<'a> {
    fn of(line: &'a CallLine) -> Self {
        Self {
            call: line.key,
            purpose: &line.purpose,
            endpoint: &line.endpoint,
            model: &line.model,
            state: line.state.name(),
            requests: line.attempts,
        }
    }
}

impl<'a> CallJson<'a> {
    fn of(call: &'a Call) -> Self {
        Self {
            call: call.key,
            purpose: &call.purpose,
            endpoint: &call.endpoint,
            model: &call.model,
            request: String::from_utf8_lossy(&call.request).into_owned(),
            attempts: call.attempts.iter().map(AttemptJson::of).collect(),
        }
    }
}

impl<'a> AttemptJson<'a> {
    fn of(attempt: &'a PastAttempt) -> Self {
        Self {
            number: attempt.number,
            state: attempt.state.name(),
            sent: &attempt.sent,
            ended: attempt.ended.as_deref(),
            status: attempt.status,
            reason: attempt.reason.as_deref(),
            request_id: attempt.request_id.as_deref(),
            input_tokens: attempt.input_tokens,
            output_tokens: attempt.output_tokens,
            cost_nano: attempt.cost_nano,
            reserved_nano: attempt.reserved_nano,
            reply: attempt.body.as_deref().map(|body| String::from_utf8_lossy(body).into_owned()),
        }
    }
}
