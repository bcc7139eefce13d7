//! The breaker: while an endpoint fails most calls, it is left alone, and asked now and then whether it is back.
//!
//! Closed, every call passes. When at least half of twenty or more calls within thirty seconds failed it opens, and
//! calls wait. After a pause one call tries; if it succeeds all pass again, else the pause doubles.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::llm::completion::{CallFailure, Completion};

/// When a breaker opens and for how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BreakerSettings {
    /// How far back calls count.
    pub window: Duration,
    /// Fewer calls than this within the window say nothing.
    pub least_calls: u32,
    /// The share of failures from which on it opens, in 0..=1.
    pub share: f64,
    /// How long it is open at first.
    pub pause: Duration,
    /// Where the doubling of the pause ends.
    pub longest_pause: Duration,
    /// How long a call waits before it gives up.
    pub longest_wait: Duration,
}

impl BreakerSettings {
    /// Half of twenty calls in thirty seconds; pauses of 1 s to 60 s; calls wait for five minutes.
    pub const USUAL: Self = Self {
        window: Duration::from_secs(30),
        least_calls: 20,
        share: 0.5,
        pause: Duration::from_secs(1),
        longest_pause: Duration::from_secs(60),
        longest_wait: Duration::from_secs(300),
    };
}

/// What a call says of the endpoint's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It works, though it may have refused this call.
    Well,
    /// It cannot be reached, fails by itself, or answers nonsense.
    Sick,
}

impl Health {
    /// Returns what a reply says; refusing too many calls is the limiter's business, not an illness.
    pub fn of(reply: &Result<Completion, CallFailure>) -> Self {
        match reply.as_ref().map_err(|failure| failure.status) {
            Ok(_) => Self::Well,
            Err(None | Some(200..300 | 408 | 500..)) => Self::Sick,
            Err(Some(_)) => Self::Well,
        }
    }
}

/// Leave to make one call; what it reports counts only while the breaker is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    epoch: u64,
}

/// What a call that wants to start has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// Start.
    Go(Pass),
    /// Ask again at this time, or when the breaker changes.
    Wait(Instant),
    /// Fail: it waited long enough.
    GiveUp,
}

/// How long an endpoint has not answered, so that people may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// Calls that failed in a row because of the endpoint.
    pub failures: u32,
    /// When the first of them failed.
    pub since: Instant,
    /// When the call that has waited longest gives up; None while none waits.
    pub until: Option<Instant>,
}

/// The state machine; time comes in.
#[derive(Debug)]
pub struct Breaker {
    settings: BreakerSettings,
    state: State,
    /// Grows with every change of state.
    epoch: u64,
    /// None while the last call that ended was answered.
    silence: Option<Silence>,
}

#[derive(Debug)]
enum State {
    Closed {
        seconds: VecDeque<Second>,
    },
    /// `until` is when the next call may try: the end of the pause, or when the try under way counts as lost.
    Open {
        until: Instant,
        pause: Duration,
    },
}

/// The calls that ended within one second.
#[derive(Debug)]
struct Second {
    start: Instant,
    calls: u32,
    failures: u32,
}

impl Breaker {
    /// Starts closed.
    pub fn new(settings: BreakerSettings) -> Self {
        Self { settings, state: State::Closed { seconds: VecDeque::new() }, epoch: 0, silence: None }
    }

    /// Returns how long the endpoint has not answered; None if the last call that ended was answered.
    pub fn silence(&self) -> Option<Silence> {
        self.silence
    }

    /// Decides over a call that has wanted to start since `since`.
    pub fn pass(&mut self, since: Instant, now: Instant) -> Passage {
        let pass = Pass { epoch: self.epoch };
        match &mut self.state {
            State::Closed { .. } => Passage::Go(pass),
            State::Open { until, pause } if now >= *until => {
                // If whoever tries never reports, the next one tries after another pause.
                *until = now + *pause;
                Passage::Go(pass)
            }
            State::Open { until, .. } => {
                let end = since + self.settings.longest_wait;
                if let Some(silence) = &mut self.silence {
                    silence.until = silence.until.or(Some(end));
                }
                if now >= end { Passage::GiveUp } else { Passage::Wait(end.min(*until)) }
            }
        }
    }

    /// Takes in how the call of `pass` went; returns whether the breaker opened or closed.
    pub fn record(&mut self, pass: Pass, health: Health, now: Instant) -> bool {
        self.note(health, now);
        // A call from before the last change says nothing of how things are now.
        if pass.epoch != self.epoch {
            return false;
        }
        let settings = self.settings;
        let next = match &mut self.state {
            State::Closed { seconds } => {
                count(seconds, health, settings.window, now);
                is_failing(seconds, &settings).then(|| open(settings.pause, now))
            }
            State::Open { pause, .. } => Some(match health {
                Health::Well => State::Closed { seconds: VecDeque::new() },
                Health::Sick => open(settings.longest_pause.min(*pause * 2), now),
            }),
        };
        let Some(next) = next else { return false };
        self.state = next;
        self.epoch += 1;
        true
    }

    fn note(&mut self, health: Health, now: Instant) {
        let new = Silence { failures: 0, since: now, until: None };
        self.silence = (health == Health::Sick).then(|| {
            let silence = self.silence.unwrap_or(new);
            Silence { failures: silence.failures.saturating_add(1), ..silence }
        });
    }
}

fn open(pause: Duration, now: Instant) -> State {
    State::Open { until: now + pause, pause }
}

fn count(seconds: &mut VecDeque<Second>, health: Health, window: Duration, now: Instant) {
    while seconds.front().is_some_and(|second| now.saturating_duration_since(second.start) > window) {
        seconds.pop_front();
    }
    let is_current =
        |second: &&mut Second| now.saturating_duration_since(second.start) < Duration::from_secs(1);
    let failures = u32::from(health == Health::Sick);
    match seconds.back_mut().filter(is_current) {
        Some(second) => {
            second.calls += 1;
            second.failures += failures;
        }
        None => seconds.push_back(Second { start: now, calls: 1, failures }),
    }
}

fn is_failing(seconds: &VecDeque<Second>, settings: &BreakerSettings) -> bool {
    let calls: u32 = seconds.iter().map(|second| second.calls).sum();
    let failures: u32 = seconds.iter().map(|second| second.failures).sum();
    calls >= settings.least_calls.max(1) && f64::from(failures) >= settings.share * f64::from(calls)
}

/// A breaker that many calls share, and wait at.
#[derive(Debug)]
pub struct Gate {
    breaker: Mutex<Breaker>,
    changed: Notify,
}

impl Gate {
    /// Starts closed, which lets every call through.
    pub fn new(settings: BreakerSettings) -> Self {
        Self { breaker: Mutex::new(Breaker::new(settings)), changed: Notify::new() }
    }

    /// Waits until a call may start; None if it waited too long, and should fail as retryable.
    pub async fn pass(&self) -> Option<Pass> {
        let since = Instant::now();
        loop {
            let changed = self.changed.notified();
            let passage = self.breaker().pass(since, Instant::now());
            match passage {
                Passage::Go(pass) => return Some(pass),
                Passage::GiveUp => return None,
                Passage::Wait(until) => drop(timeout_at(until, changed).await),
            }
        }
    }

    /// Takes in how the call of `pass` went.
    pub fn record(&self, pass: Pass, health: Health) {
        let has_changed = self.breaker().record(pass, health, Instant::now());
        if has_changed {
            self.changed.notify_waiters();
        }
    }

    /// Returns how long the endpoint has not answered; None if the last call that ended was answered.
    pub fn silence(&self) -> Option<Silence> {
        self.breaker().silence()
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        // Every method leaves the breaker whole.
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
