//! Calls: from a request to a completion, through ledger, budget, limits and retries. Nothing is paid twice, and
//! nothing leaves before it is written down.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rewardctl_core::id::ContentId;
use rewardctl_core::random::unit;
use rewardctl_critic::llm::completion::{CallFailure, Completion, Retry};
use rewardctl_critic::llm::dialect::{Dialect, names_a_parameter};
use rewardctl_critic::llm::exchange::{Exchange, Headers};
use rewardctl_critic::llm::fence::Fence;
use rewardctl_critic::llm::request::{Ask, Request, request};
use rewardctl_critic::llm::retry::Tries;
use rewardctl_store::ledger::{Answer, Ledger, Purpose};
use rewardctl_store::open::Store;
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, sleep};

use crate::brake::Brake;
use crate::budget::{Budget, Spend};
use crate::error::Error;
use crate::line::{Line, Silent};
use crate::lookup::Lookup;
use crate::note::Note;
use crate::tally::{CallReport, Tally};
use crate::tape::Tape;
use crate::unknown::{HELD, OnUnknown};

/// Why there is no answer where calls are only noted down.
pub(crate) const NOT_SENT: &str = "not sent: this is a plan";

/// What came of a call: a completion, or why there is none.
pub type Reply = Result<Completion, CallFailure>;

/// Makes calls; shared by everything in a run that asks a model.
pub struct Caller {
    lines: BTreeMap<String, Line>,
    pub(crate) store: Store,
    lookup: Lookup,
    // None: nothing may be paid, only what is recorded is played.
    ledger: Option<Ledger>,
    pub(crate) tape: Tape,
    pub(crate) budget: Budget,
    pub(crate) brake: Brake,
    pub(crate) now: fn() -> String,
    unknown: OnUnknown,
    tally: Tally,
    // One lock for each call under way: who asks the same waits, and finds the answer in the ledger.
    under_way: Mutex<HashMap<ContentId, Arc<tokio::sync::Mutex<()>>>>,
    // Calls that this run recorded: a later one that the ledger answers must not stand in their place.
    recorded: Mutex<HashSet<ContentId>>,
}

/// One call to make.
#[derive(Debug, Clone)]
pub struct Call {
    /// Names everything that the answer depends on, and no secret.
    pub key: ContentId,
    pub(crate) endpoint: String,
    pub(crate) purpose: Purpose,
    label: String,
    pub(crate) request: Request,
    // What stands around judged text, and must not be recorded.
    mask: Option<String>,
    pub(crate) most: Spend,
    // Whether the price is known.
    pub(crate) priced: bool,
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
    /// What becomes of calls that may have been paid for already.
    pub unknown: OnUnknown,
    /// Now, as RFC 3339.
    pub now: fn() -> String,
    /// Set by an interrupt: no new call leaves.
    pub stop: Arc<AtomicBool>,
}

impl Caller {
    /// Puts the parts together; must be called within a tokio runtime.
    pub fn new(parts: CallerParts) -> Self {
        let CallerParts { lines, store, ledger, tape, budget, deadline, unknown, now, stop } = parts;
        let deadline = deadline.map(|limit| Instant::now() + limit);
        Self {
            lines,
            lookup: Lookup::new(store.clone()),
            store,
            ledger,
            tape,
            budget,
            brake: Brake::new(stop, deadline),
            now,
            unknown,
            tally: Tally::default(),
            under_way: Mutex::default(),
            recorded: Mutex::default(),
        }
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

    /// Returns the endpoints of which the last try failed because of them, by their names.
    pub fn silent(&self) -> Vec<Silent> {
        self.lines.iter().filter_map(|(name, line)| line.silent(name)).collect()
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

    /// Waits until `endpoint` has room for one more verdict under way: what is asked is put together only when it
    /// can soon be sent, so that a run of any size takes the same memory.
    pub async fn room(&self, endpoint: &str) -> SemaphorePermit<'_> {
        self.line(endpoint).room.acquire().await.expect("nobody closes the room")
    }

    /// Stops the run: no further call leaves, and whoever waits to make one gets [`Error::Stopped`].
    pub fn halt(&self) {
        self.brake.pull();
    }

    /// Puts `ask` to its endpoint in the endpoint's dialect; returns the call's key with its reply.
    ///
    /// A server that refuses what it took before is probed again, and asked once more if it has changed.
    pub async fn ask(&self, who: Asking<'_>, ask: &Ask) -> Result<(ContentId, Reply), Error> {
        let dialect = self.dialect(who.endpoint).await?;
        let call = self.prepare(who, ask, &dialect);
        let (key, reply) = (call.key, self.call(call).await?);
        if !reply.as_ref().is_err_and(names_a_parameter) {
            return Ok((key, reply));
        }
        let Some(dialect) = self.changed_dialect(who.endpoint, &dialect).await? else {
            return Ok((key, reply));
        };
        let call = self.prepare(who, ask, &dialect);
        Ok((call.key, self.call(call).await?))
    }

    /// Writes `ask` in the endpoint's dialect.
    pub fn prepare(&self, who: Asking<'_>, ask: &Ask, dialect: &Dialect) -> Call {
        let line = self.line(who.endpoint);
        let count = ask.sampling.n.max(1);
        let written = request(&line.model, ask, dialect);
        self.prepared(who, written, ask.sampling.max_tokens.saturating_add(dialect.thinking_tokens), count)
    }

    /// Returns the answer to a call: from the ledger, from the cassette, or from the endpoint.
    ///
    /// What goes wrong with the call is the inner error, to be made a verdict that failed; the outer one stops the
    /// run: a cap, an interrupt, a broken store, an endpoint that answers nobody, a cassette without this call.
    pub async fn call(&self, call: Call) -> Result<Reply, Error> {
        let turn = self.turn(call.key);
        let held = turn.lock().await;
        let reply = match self.brake.check() {
            Ok(()) => self.call_alone(&call).await,
            Err(error) => Err(error),
        };
        drop(held);
        self.forget(call.key, turn);
        reply.inspect_err(|_| self.brake.pull())
    }

    /// Returns what was asked and answered before: the part of `calls` that costs nothing.
    pub async fn answered(&self, calls: &[ContentId]) -> Result<HashMap<ContentId, Answer>, Error> {
        Ok(self.store.answers(calls).await?)
    }

    pub(crate) fn prepared(&self, who: Asking<'_>, request: Request, max_tokens: u32, count: u32) -> Call {
        let line = self.line(who.endpoint);
        // A fence is keyed by the project's secret: the key of the call must not depend on it, or no cassette
        // would play elsewhere.
        let mask = who.fence.map(|fence| fence.delimiter().to_owned());
        let key = match &mask {
            Some(mask) => request.masked(mask).key(&line.identity, who.number),
            None => request.key(&line.identity, who.number),
        };
        let input = line.estimate(request.body());
        let output = u64::from(max_tokens) * u64::from(count);
        let cost = line.price.as_ref().map(|price| price.reserve(input, max_tokens, count).0);
        Call {
            key,
            endpoint: who.endpoint.into(),
            purpose: who.purpose,
            label: who.label.into(),
            request,
            mask,
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

    async fn call_alone(&self, call: &Call) -> Result<Reply, Error> {
        if let Tape::Play(_) = self.tape {
            let reply = self.play(call)?;
            self.tally.ended(call, &reply);
            return Ok(reply);
        }
        if let Some(answer) = self.lookup.answer(call.key).await? {
            let exchange =
                Exchange::Answered { status: answer.status, headers: Headers::new(), body: answer.body };
            if !self.has_recorded(call.key) {
                self.record(call, 1, &exchange)?;
            }
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
            return Ok(Err(failure(NOT_SENT)));
        }
        let Some(ledger) = &self.ledger else { return Err(Error::NothingPaid) };
        let reply = self.attempts(ledger, call).await?;
        self.tally.ended(call, &reply);
        Ok(reply)
    }

    /// Sends the call until it is answered or is not worth another try.
    async fn attempts(&self, ledger: &Ledger, call: &Call) -> Result<Reply, Error> {
        let line = self.line(&call.endpoint);
        let mut tries = Tries::default();
        for attempt in 1.. {
            let failure = match self.attempt(ledger, line, call, attempt).await? {
                Ok(completion) => {
                    self.lookup.note(call.key);
                    return Ok(Ok(completion));
                }
                Err(failure) => refused_to_all(call, failure)?,
            };
            let jitter = unit(u64::from(attempt), "retry", call.key);
            match line.policy.delay(tries.count(&failure), &failure, jitter) {
                Some(wait) if !self.is_held(call).await? => self.brake.unless_pulled(sleep(wait)).await?,
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
    fn play(&self, call: &Call) -> Result<Reply, Error> {
        let policy = &self.line(&call.endpoint).policy;
        let mut tries = Tries::default();
        for attempt in 1.. {
            let Tape::Play(player) = &self.tape else { return Err(Error::NothingPaid) };
            let failure = match player.play(&call.label, call.key, attempt).map_err(Error::Llm)?.read() {
                Ok(completion) => return Ok(Ok(completion)),
                Err(failure) => refused_to_all(call, failure)?,
            };
            if policy.delay(tries.count(&failure), &failure, 0.0).is_none() {
                return Ok(Err(failure));
            }
        }
        unreachable!("the retry policy ends every call")
    }

    pub(crate) fn record(&self, call: &Call, attempt: u32, exchange: &Exchange) -> Result<(), Error> {
        if !self.records() {
            return Ok(());
        }
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner).insert(call.key);
        let line = self.line(&call.endpoint);
        let masked = call.mask.as_ref().map(|mask| call.request.masked(mask));
        let request = masked.as_ref().unwrap_or(&call.request);
        self.tape.record(call.key, attempt, &line.identity, &line.model, request, exchange)
    }

    fn has_recorded(&self, key: ContentId) -> bool {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner).contains(&key)
    }
}

/// Tells a failure of this one call from one that every call would meet: a key that is not accepted, a model that is
/// not there, an empty account. To go on would make thousands of verdicts that failed.
fn refused_to_all(call: &Call, failure: CallFailure) -> Result<CallFailure, Error> {
    let concerns_all = match failure.status {
        Some(401 | 402) => true,
        Some(404) => !names_a_parameter(&failure),
        Some(429) => failure.retry == Retry::Never,
        _ => false,
    };
    match concerns_all && call.purpose != Purpose::Probe {
        true => Err(Error::Refused { endpoint: call.endpoint.clone(), source: Box::new(failure) }),
        false => Ok(failure),
    }
}

fn failure(reason: &str) -> CallFailure {
    CallFailure { reason: reason.into(), retry: Retry::Later { after: None }, status: None, usage: None }
}
