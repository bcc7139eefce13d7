//! Calls: from a request to a completion, through ledger, budget, limits and retries. Nothing is paid twice, and
//! nothing leaves before it is written down.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rewardctl_core::id::ContentId;
use rewardctl_core::random::unit;
use rewardctl_critic::llm::breaker::Health;
use rewardctl_critic::llm::completion::{CallFailure, Completion, Retry, Usage};
use rewardctl_critic::llm::dialect::{Dialect, Probe};
use rewardctl_critic::llm::exchange::{Exchange, Headers, Sent};
use rewardctl_critic::llm::fence::Fence;
use rewardctl_critic::llm::request::{Ask, Request, request};
use rewardctl_store::ledger::{Answer, Attempt, Failure, Ledger, PlannedCall, Purpose};
use rewardctl_store::open::Store;
use tokio::time::{Instant, sleep};

use crate::budget::{Budget, Cap, Spend};
use crate::error::Error;
use crate::line::Line;
use crate::note::Note;
use crate::tally::{CallReport, Tally};
use crate::tape::Tape;
use crate::unknown::{HELD, OnUnknown};

/// Tokens on top of the answer's own limit for a model that reasons first.
const THINKING_TOKENS: u32 = 4096;

/// Makes calls; shared by everything in a run that asks a model.
pub struct Caller {
    lines: BTreeMap<String, Line>,
    store: Store,
    // None: nothing may be paid, only what is recorded is played.
    ledger: Option<Ledger>,
    tape: Tape,
    budget: Budget,
    deadline: Option<Instant>,
    unknown: OnUnknown,
    now: fn() -> String,
    stop: Arc<AtomicBool>,
    tally: Tally,
    // One lock for each call under way: who asks the same waits, and finds the answer in the ledger.
    under_way: Mutex<HashMap<ContentId, Arc<tokio::sync::Mutex<()>>>>,
}

/// One call to make.
#[derive(Debug, Clone)]
pub struct Call {
    /// Names everything that the answer depends on, and no secret.
    pub key: ContentId,
    pub(crate) endpoint: String,
    pub(crate) purpose: Purpose,
    label: String,
    request: Request,
    recorded: Request,
    most: Spend,
    // Whether the price is known.
    priced: bool,
}

/// What asks, for errors and the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The endpoint's name.
    pub endpoint: &'a str,
    /// What for.
    pub purpose: Purpose,
    /// The critic, or what else asks.
    pub label: &'a str,
    /// What stands around judged text, if it is fenced.
    pub fence: Option<&'a Fence>,
    /// Which of several draws this is.
    pub number: u32,
}

/// What a caller is made of.
pub struct CallerParts {
    /// The endpoints, by name.
    pub lines: BTreeMap<String, Line>,
    /// Where answers are kept.
    pub store: Store,
    /// Where calls are booked; None plays what is recorded, and nothing else.
    pub ledger: Option<Ledger>,
    /// Where exchanges are recorded to or played from.
    pub tape: Tape,
    /// What may be spent.
    pub budget: Budget,
    /// How long calls may leave; None is no limit.
    pub deadline: Option<Duration>,
    /// What is done with calls of whose last attempt nobody saw the end.
    pub unknown: OnUnknown,
    /// Now, as RFC 3339.
    pub now: fn() -> String,
    /// Set by an interrupt: no new call leaves.
    pub stop: Arc<AtomicBool>,
}

impl Caller {
    /// Puts the parts together.
    pub fn new(parts: CallerParts) -> Self {
        let CallerParts { lines, store, ledger, tape, budget, deadline, unknown, now, stop } = parts;
        let deadline = deadline.map(|limit| Instant::now() + limit);
        let (tally, under_way) = (Tally::default(), Mutex::default());
        Self { lines, store, ledger, tape, budget, deadline, unknown, now, stop, tally, under_way }
    }

    /// Returns the endpoint that `who` is asked at: the one named, or the only one that there is.
    pub fn endpoint_of(&self, who: &str, named: Option<&str>) -> Result<String, Error> {
        let known = || self.lines.keys().cloned().collect();
        match named {
            Some(name) if self.lines.contains_key(name) => Ok(name.into()),
            Some(name) => {
                Err(Error::UnknownEndpoint { who: who.into(), endpoint: name.into(), known: known() })
            }
            None if self.lines.len() == 1 => Ok(self.lines.keys().next().cloned().unwrap_or_default()),
            None => Err(Error::WhichEndpoint { who: who.into(), known: known() }),
        }
    }

    /// Returns the endpoint `name`, which [`Caller::endpoint_of`] gave.
    pub fn line(&self, name: &str) -> &Line {
        self.lines.get(name).expect("names of endpoints come from `endpoint_of`")
    }

    /// Returns what was spent in this run.
    pub fn spent(&self) -> Spend {
        self.budget.spent()
    }

    /// Returns what was written down of the calls of this run, and what became of them by endpoint; None where
    /// nothing was asked for.
    pub fn report(&self) -> Option<CallReport> {
        let endpoints = self.tally.counts();
        let sent = self.ledger.as_ref().map(Ledger::counts).unwrap_or_default();
        (!endpoints.is_empty()).then_some(CallReport { sent, endpoints })
    }

    /// Returns the calls noted down since it was last asked for.
    pub fn noted(&self) -> Vec<Note> {
        self.tape.noted()
    }

    /// Tells whether every exchange is to be recorded, so that nothing may be left out because it is known.
    pub fn records(&self) -> bool {
        matches!(self.tape, Tape::Record(_))
    }

    /// Ends recording.
    pub async fn finish(&self) -> Result<(), Error> {
        if let Some(ledger) = &self.ledger {
            ledger.clone().close().await;
        }
        self.tape.finish()
    }

    /// Returns what the endpoint can do; it is probed once, and then known to the store.
    pub async fn dialect(&self, endpoint: &str) -> Result<Dialect, Error> {
        let line = self.line(endpoint);
        let dialect = line.dialect.get_or_try_init(|| self.probe(endpoint)).await?;
        Ok(dialect.clone())
    }

    /// Writes `ask` in the endpoint's dialect.
    pub fn prepare(&self, who: Asking<'_>, ask: &Ask, dialect: &Dialect) -> Call {
        let line = self.line(who.endpoint);
        let count = ask.sampling.n.max(1);
        let written = request(&line.model, ask, dialect);
        self.prepared(who, written, ask.sampling.max_tokens + dialect.thinking_tokens, count)
    }

    /// Returns the answer to a call: from the ledger, from the cassette, or from the endpoint.
    ///
    /// What goes wrong with the call is the inner error, to be made a verdict that failed; the outer one stops the
    /// run: a cap, an interrupt, a broken store, a cassette without this call.
    pub async fn call(&self, call: Call) -> Result<Result<Completion, CallFailure>, Error> {
        let turn = self.turn(call.key);
        let held = turn.lock().await;
        let reply = self.call_alone(&call).await;
        drop(held);
        self.forget(call.key, turn);
        reply
    }

    /// Returns what the store knows of what the endpoint can do.
    pub async fn known_dialect(&self, endpoint: &str) -> Result<Option<Dialect>, Error> {
        let known = self.store.dialect(&subject(self.line(endpoint))).await?;
        Ok(known.and_then(|known| serde_json::from_str(&known).ok()))
    }

    /// Returns what was asked and answered before: the part of `calls` that costs nothing.
    pub async fn answered(&self, calls: &[ContentId]) -> Result<HashMap<ContentId, Answer>, Error> {
        Ok(self.store.answers(calls).await?)
    }

    async fn probe(&self, endpoint: &str) -> Result<Dialect, Error> {
        let line = self.line(endpoint);
        if !self.tape.is_on()
            && let Some(dialect) = self.known_dialect(endpoint).await?
        {
            return Ok(dialect);
        }
        if self.tape.only_notes() {
            return Ok(Dialect::FULL);
        }
        let mut probe = Probe::new(&line.model, THINKING_TOKENS);
        let who = Asking { endpoint, purpose: Purpose::Probe, label: "the probe", fence: None, number: 0 };
        while let Some(asked) = probe.next() {
            let reply = self.call(self.prepared(who, asked, PROBE_TOKENS, 1)).await?;
            probe.observe(&reply);
        }
        let dialect =
            probe.finish().map_err(|source| Error::Endpoint { endpoint: endpoint.into(), source })?;
        let json = serde_json::to_string(&dialect).expect("a dialect is plain data");
        self.store.keep_dialect(&subject(line), &json).await?;
        Ok(dialect)
    }

    fn prepared(&self, who: Asking<'_>, request: Request, max_tokens: u32, count: u32) -> Call {
        let line = self.line(who.endpoint);
        // A fence is keyed by the project's secret: the key of the call must not depend on it, or no cassette
        // would play elsewhere.
        let recorded = match who.fence {
            Some(fence) => request.masked(fence.delimiter()),
            None => request.clone(),
        };
        let input = line.estimate(request.body());
        let output = u64::from(max_tokens) * u64::from(count);
        let cost = line.price.as_ref().map(|price| price.reserve(input, max_tokens, count).0);
        Call {
            key: recorded.key(&line.identity, who.number),
            endpoint: who.endpoint.into(),
            purpose: who.purpose,
            label: who.label.into(),
            request,
            recorded,
            most: Spend { cost: cost.unwrap_or(0), calls: 1, tokens: input + output },
            priced: cost.is_some(),
        }
    }

    fn turn(&self, key: ContentId) -> Arc<tokio::sync::Mutex<()>> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(under_way.entry(key).or_default())
    }

    fn forget(&self, key: ContentId, turn: Arc<tokio::sync::Mutex<()>>) {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        // The map and this caller hold it: nobody waits.
        if Arc::strong_count(&turn) == 2 {
            under_way.remove(&key);
        }
    }

    async fn call_alone(&self, call: &Call) -> Result<Result<Completion, CallFailure>, Error> {
        if let Tape::Play(_) = self.tape {
            let reply = self.play(call)?;
            self.tally.ended(call, &reply);
            return Ok(reply);
        }
        if let Some(answer) = self.store.answers(&[call.key]).await?.remove(&call.key) {
            let exchange =
                Exchange::Answered { status: answer.status, headers: Headers::new(), body: answer.body };
            self.record(call, 1, &exchange)?;
            self.tape.note(call.key, &call.label, None);
            self.tally.served(call);
            return Ok(exchange.read());
        }
        if self.is_held(call).await? {
            self.tally.held(call);
            return Ok(Err(failure(HELD)));
        }
        if self.tape.only_notes() {
            self.tape.note(call.key, &call.label, Some(&call.request));
            return Ok(Err(failure("not sent: this is a plan")));
        }
        let Some(ledger) = &self.ledger else { return Err(Error::NothingPaid) };
        let line = self.line(&call.endpoint);
        ledger.plan(&[planned(call, line)]).await?;
        let reply = self.attempts(ledger, line, call).await?;
        self.tally.ended(call, &reply);
        Ok(reply)
    }

    /// Sends the call until it is answered or is not worth another try.
    async fn attempts(
        &self,
        ledger: &Ledger,
        line: &Line,
        call: &Call,
    ) -> Result<Result<Completion, CallFailure>, Error> {
        for attempt in 1.. {
            let failure = match self.attempt(ledger, line, call, attempt).await? {
                Ok(completion) => return Ok(Ok(completion)),
                Err(failure) => failure,
            };
            let jitter = unit(u64::from(attempt), "retry", call.key);
            match line.policy.delay(attempt, &failure, jitter) {
                Some(wait) if !self.is_held(call).await? => sleep(wait).await,
                _ => return Ok(Err(failure)),
            }
        }
        unreachable!("the retry policy ends every call")
    }

    /// Tells whether the call may have been paid for already and must not be paid for again. A probe costs next to
    /// nothing, and without it nothing can be asked.
    async fn is_held(&self, call: &Call) -> Result<bool, Error> {
        let may_be_held = self.unknown == OnUnknown::Hold && call.purpose != Purpose::Probe;
        Ok(may_be_held && !self.store.unknown_calls(&[call.key]).await?.is_empty())
    }

    /// Plays what was recorded, without waiting between attempts.
    fn play(&self, call: &Call) -> Result<Result<Completion, CallFailure>, Error> {
        let policy = &self.line(&call.endpoint).policy;
        let mut attempt = 1;
        loop {
            let Tape::Play(player) = &self.tape else { return Err(Error::NothingPaid) };
            let reply = player.play(&call.label, call.key, attempt).map_err(Error::Llm)?.read();
            match reply {
                Err(failure) if policy.delay(attempt, &failure, 0.0).is_some() => attempt += 1,
                reply => return Ok(reply),
            }
        }
    }

    /// Sends the call once: reserved, written down, sent, booked.
    async fn attempt(
        &self,
        ledger: &Ledger,
        line: &Line,
        call: &Call,
        number: u32,
    ) -> Result<Result<Completion, CallFailure>, Error> {
        let Some(pass) = line.gate.pass().await else {
            return Ok(Err(failure(&format!("endpoint `{}` was down for too long", call.endpoint))));
        };
        let permit = line.limiter.acquire(call.most.tokens).await;
        if self.stop.load(Ordering::Relaxed) {
            return Err(Error::Stopped);
        }
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Error::Capped { cap: Cap::Time, finished: 0, total: 0 });
        }
        self.budget.reserve(call.most).map_err(|cap| Error::Capped { cap, finished: 0, total: 0 })?;
        let reserved = call.priced.then_some(call.most.cost);
        let attempt = ledger.sent(call.key, reserved, &(self.now)()).await?;
        let exchange = line.client.send(call.request.body()).await;
        let reply = exchange.read();
        let spent = self.book(ledger, line, call, attempt, &exchange, &reply).await;
        self.budget.settle(call.most, *spent.as_ref().unwrap_or(&call.most));
        let headers = match &exchange {
            Exchange::Answered { headers, .. } => headers.clone(),
            Exchange::Broken { .. } => Headers::new(),
        };
        line.gate.record(pass, Health::of(&reply));
        permit.settle(&reply, &headers);
        spent?;
        self.record(call, number, &exchange)?;
        Ok(reply)
    }

    /// Books how an attempt ended, and returns what it came to.
    async fn book(
        &self,
        ledger: &Ledger,
        line: &Line,
        call: &Call,
        attempt: Attempt,
        exchange: &Exchange,
        reply: &Result<Completion, CallFailure>,
    ) -> Result<Spend, Error> {
        let now = (self.now)();
        let (status, headers, body) = match exchange {
            Exchange::Answered { status, headers, body } => (*status, headers, body),
            Exchange::Broken { reason, sent: Sent::Maybe } => {
                // It may have been paid for: it counts as if it were.
                ledger.unknown(attempt, reason, &now).await?;
                return Ok(call.most);
            }
            Exchange::Broken { reason, sent: Sent::No } => {
                ledger.failed(attempt, &unanswered(reason), &now).await?;
                return Ok(Spend { cost: 0, calls: 1, tokens: 0 });
            }
        };
        let request_id = ["x-request-id", "request-id", "apim-request-id"]
            .iter()
            .find_map(|name| headers.get(*name).cloned());
        match reply {
            Ok(completion) => {
                // A server that does not count is taken at its estimate.
                let usage = completion.usage.unwrap_or_else(|| line.guess(call.request.body(), completion));
                let cost = line.cost(&usage);
                let answer = Answer {
                    status,
                    body: body.clone(),
                    request_id,
                    input_tokens: Some(usage.input_tokens),
                    output_tokens: Some(usage.output_tokens),
                    cost_nano: cost,
                };
                ledger.done(attempt, &answer, &now).await?;
                Ok(spend(cost, &usage))
            }
            // The server says that all went well, and what it sent cannot be read: it may bill it.
            Err(failed) if status == 200 && failed.usage.is_none() => {
                ledger.unknown(attempt, &failed.reason, &now).await?;
                Ok(call.most)
            }
            Err(failed) => {
                let usage = failed.usage.unwrap_or_default();
                let cost = match failed.usage {
                    Some(usage) => line.cost(&usage),
                    None => Some(0),
                };
                let failure = Failure {
                    reason: failed.reason.clone(),
                    retryable: matches!(failed.retry, Retry::Later { .. }),
                    status: Some(status),
                    request_id,
                    input_tokens: failed.usage.map(|usage| usage.input_tokens),
                    output_tokens: failed.usage.map(|usage| usage.output_tokens),
                    cost_nano: cost,
                    body: Some(body.clone()),
                };
                ledger.failed(attempt, &failure, &now).await?;
                Ok(spend(cost, &usage))
            }
        }
    }

    fn record(&self, call: &Call, attempt: u32, exchange: &Exchange) -> Result<(), Error> {
        let line = self.line(&call.endpoint);
        self.tape.record(call.key, attempt, &line.identity, &line.model, &call.recorded, exchange)
    }
}

/// The tokens that a probe's answer may take, for its reservation.
const PROBE_TOKENS: u32 = 64;

/// Returns under which the store keeps what an endpoint can do with its model.
fn subject(line: &Line) -> String {
    format!("{}|{}", line.identity, line.model)
}

fn planned(call: &Call, line: &Line) -> PlannedCall {
    PlannedCall {
        key: call.key,
        purpose: call.purpose,
        endpoint: line.identity.clone(),
        model: line.model.clone(),
        request: call.request.body().into(),
    }
}

fn spend(cost: Option<u64>, usage: &Usage) -> Spend {
    Spend { cost: cost.unwrap_or(0), calls: 1, tokens: usage.input_tokens + usage.output_tokens }
}

fn unanswered(reason: &str) -> Failure {
    Failure {
        reason: reason.into(),
        retryable: true,
        status: None,
        request_id: None,
        input_tokens: None,
        output_tokens: None,
        cost_nano: Some(0),
        body: None,
    }
}

fn failure(reason: &str) -> CallFailure {
    CallFailure { reason: reason.into(), retry: Retry::Later { after: None }, status: None, usage: None }
}
