//! Limits of an endpoint: requests and tokens per minute, and how many calls may be under way at once.
//!
//! A call reserves before it is made and settles after. Half as many more than may be under way wait right behind them,
//! so that what has to be done before and after a call, such as writing it down, costs no place. The rates are those given, or those that the endpoint's
//! `x-ratelimit-*` headers tell of; the number of calls under way follows what the endpoint bears (additive increase,
//! multiplicative decrease). Calls start in the order in which they asked.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::llm::completion::{CallFailure, Completion, Retry};
use crate::llm::exchange::Headers;

mod bucket;
mod window;

use bucket::Bucket;
use window::Window;

/// After this long an endpoint is tried again, however long it asked to be left alone.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What an endpoint may be asked at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// None learns it from the endpoint.
    pub requests_per_minute: Option<NonZeroU32>,
    /// Input and output together; None learns it from the endpoint.
    pub tokens_per_minute: Option<NonZeroU32>,
    /// The most calls under way at once, and as many as there are at first.
    pub concurrency: NonZeroU32,
}

/// Lets calls to one endpoint start when its limits allow; clones share them.
#[derive(Clone)]
pub struct Limiter {
    shared: Arc<Shared>,
}

struct Shared {
    /// Whoever holds this is the next to start; the lock hands itself on in the order of asking.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    /// A call ended or a limit changed; only the holder of the turn waits for it.
    changed: Notify,
    /// The same two for those that have a permit and wait to leave.
    leaving: tokio::sync::Mutex<()>,
    came_back: Notify,
}

struct State {
    requests: Bucket,
    tokens: Bucket,
    window: Window,
    /// Rounds of calls in a row that met an overload.
    overloads: u32,
    /// Until when the endpoint asked to be left alone.
    pause: Option<Instant>,
}

/// Leave to make one call; ends with the call, or when it is dropped.
pub struct Permit {
    shared: Arc<Shared>,
    tokens: f64,
    epoch: u64,
    is_out: bool,
}

impl Limiter {
    /// Starts with nothing under way.
    pub fn new(limits: &Limits) -> Self {
        let now = Instant::now();
        let state = State {
            requests: Bucket::new(limits.requests_per_minute, now),
            tokens: Bucket::new(limits.tokens_per_minute, now),
            window: Window::new(limits.concurrency),
            overloads: 0,
            pause: None,
        };
        let shared = Shared {
            turn: tokio::sync::Mutex::default(),
            state: Mutex::new(state),
            changed: Notify::new(),
            leaving: tokio::sync::Mutex::default(),
            came_back: Notify::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Waits until a call of about `tokens` tokens, input and output, may be prepared to leave.
    pub async fn acquire(&self, tokens: u64) -> Permit {
        let tokens = tokens as f64;
        let _turn = self.shared.turn.lock().await;
        loop {
            let started = self.shared.state().start(tokens, Instant::now());
            match started {
                Ok(epoch) => return Permit { shared: self.shared.clone(), tokens, epoch, is_out: false },
                Err(Some(at)) => drop(timeout_at(at, self.shared.changed.notified()).await),
                Err(None) => self.shared.changed.notified().await,
            }
        }
    }

    /// Returns how many calls may be under way at once now.
    pub fn concurrency(&self) -> u32 {
        self.shared.state().window.size()
    }
}

impl Permit {
    /// Waits until the call may leave: no more are under way at once than the endpoint bears.
    pub async fn leave(&mut self) {
        let _turn = self.shared.leaving.lock().await;
        while !self.shared.state().window.leave() {
            self.shared.came_back.notified().await;
        }
        self.is_out = true;
    }

    /// Notes that the call came back, well or badly: another may leave.
    pub fn come_back(&mut self) {
        if std::mem::take(&mut self.is_out) {
            self.shared.state().window.come_back();
            self.shared.came_back.notify_one();
        }
    }

    /// Ends the call: gives back the tokens that it did not need, and learns from how it went.
    pub fn settle(self, reply: &Result<Completion, CallFailure>, headers: &Headers) {
        let now = Instant::now();
        let mut state = self.shared.state();
        let usage = reply.as_ref().map_or_else(|failure| failure.usage, |completion| completion.usage);
        if let Some(usage) = usage {
            let used = usage.input_tokens.saturating_add(usage.output_tokens);
            state.tokens.give_back(self.tokens - used as f64);
        }
        state.requests.learn(headers, "requests", now);
        state.tokens.learn(headers, "tokens", now);
        match reply {
            Ok(_) => state.succeeded(),
            Err(failure) if is_overload(failure) => state.overloaded(self.epoch, failure.retry, now),
            Err(_) => {}
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.come_back();
        self.shared.state().window.ended();
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements that hold the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Starts a call, or returns when it may be tried again; None if a call must end first.
    fn start(&mut self, tokens: f64, now: Instant) -> Result<u64, Option<Instant>> {
        if self.window.is_full() {
            return Err(None);
        }
        let pause = self.pause.map_or(Duration::ZERO, |end| end.saturating_duration_since(now));
        let waits = [self.requests.wait(1.0, now), self.tokens.wait(tokens, now), pause];
        let wait = waits.into_iter().max().unwrap_or(Duration::ZERO);
        if wait > Duration::ZERO {
            return Err(Some(now + wait));
        }
        self.requests.take(1.0);
        self.tokens.take(tokens);
        Ok(self.window.started())
    }

    fn succeeded(&mut self) {
        self.window.succeeded();
        self.overloads = 0;
    }

    /// Fewer calls at once may be enough. If those are refused, too, none starts before the time that the endpoint
    /// asked for: each would be refused, and be one try poorer.
    fn overloaded(&mut self, epoch: u64, retry: Retry, now: Instant) {
        self.overloads += u32::from(self.window.overloaded(epoch));
        let Retry::Later { after: Some(after) } = retry else { return };
        if self.overloads > 1 {
            self.pause = self.pause.max(Some(now + after.min(LONGEST_PAUSE)));
        }
    }
}

/// Tells whether the endpoint asks for fewer calls; an empty account is no such wish.
fn is_overload(failure: &CallFailure) -> bool {
    matches!(failure.status, Some(429 | 503 | 529)) && failure.retry != Retry::Never
}

#[cfg(test)]
mod tests;
