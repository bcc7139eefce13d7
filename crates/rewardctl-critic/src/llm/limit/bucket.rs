//! A token bucket: holds what may be spent now, and fills at the rate of the limit.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

use crate::llm::exchange::Headers;

/// After this long a wait is looked at again, whatever the endpoint said of its limits.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What floats may lose on the way to a whole request.
const ROUNDING: f64 = 1e-6;

pub(super) struct Bucket {
    /// None until a limit is known.
    flow: Option<Flow>,
    /// Whether the limit was given; then no header changes it.
    is_given: bool,
}

struct Flow {
    /// Per second; positive.
    rate: f64,
    capacity: f64,
    /// At most the capacity; below zero after a call that was larger than the whole bucket, or than its estimate.
    level: f64,
    at: Instant,
}

impl Bucket {
    /// Holds one second's worth of `per_minute`: endpoints enforce a minute's limit in slices.
    pub(super) fn new(per_minute: Option<NonZeroU32>, now: Instant) -> Self {
        let flow = per_minute.map(|limit| {
            let rate = f64::from(limit.get()) / 60.0;
            Flow { rate, capacity: rate.max(1.0), level: rate.max(1.0), at: now }
        });
        Self { is_given: flow.is_some(), flow }
    }

    /// Returns how long until `amount` may be spent; what is larger than the bucket waits until it is full.
    pub(super) fn wait(&mut self, amount: f64, now: Instant) -> Duration {
        let Some(flow) = &mut self.flow else { return Duration::ZERO };
        flow.fill(now);
        let missing = amount.min(flow.capacity) - flow.level;
        if missing <= ROUNDING {
            return Duration::ZERO;
        }
        Duration::try_from_secs_f64(missing / flow.rate).map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT))
    }

    pub(super) fn take(&mut self, amount: f64) {
        if let Some(flow) = &mut self.flow {
            flow.level -= amount;
        }
    }

    /// Gives back what was taken too much; takes what was taken too little, if it is negative.
    pub(super) fn give_back(&mut self, amount: f64) {
        if let Some(flow) = &mut self.flow {
            flow.level = flow.capacity.min(flow.level + amount);
        }
    }

    /// Learns from the `x-ratelimit-*` headers about `what`, unless the limit was given.
    pub(super) fn learn(&mut self, headers: &Headers, what: &str, now: Instant) {
        let header = |kind: &str| headers.get(&format!("x-ratelimit-{kind}-{what}"));
        let number = |kind: &str| header(kind)?.trim().parse::<f64>().ok().filter(|n| n.is_finite());
        let (Some(limit), Some(remaining)) = (number("limit"), number("remaining")) else { return };
        // Azure says -1 for what it does not know.
        if self.is_given || limit < 1.0 || remaining < 0.0 {
            return;
        }
        let rate = rate(limit, remaining, header("reset").and_then(|text| parse_reset(text)));
        let flow = self.flow.get_or_insert(Flow { rate, capacity: limit, level: limit, at: now });
        flow.fill(now);
        flow.rate = rate;
        flow.capacity = limit;
        // What is under way may not be counted there yet: the smaller of both counts.
        flow.level = flow.level.min(remaining);
    }
}

impl Flow {
    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.level = self.capacity.min(self.level + passed * self.rate);
        self.at = now;
    }
}

/// Returns how fast the endpoint's own bucket fills, per second: what is gone is back after `reset`.
///
/// A reset within the minute may also be the end of a fixed window; then a minute's limit is the safe reading of a
/// slow one. Beyond a minute the limit is one per day, whatever it is called.
fn rate(limit: f64, remaining: f64, reset: Option<Duration>) -> f64 {
    let per_minute = limit / 60.0;
    let Some(reset) = reset.map(|reset| reset.as_secs_f64()).filter(|seconds| *seconds > 0.0) else {
        return per_minute;
    };
    let refill = (limit - remaining) / reset;
    if reset > 60.0 && refill > 0.0 { refill } else { refill.max(per_minute) }
}

/// Reads a Go duration (`6m0s`, `120ms`) or plain seconds.
pub(super) fn parse_reset(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, tail) = rest.split_at(digits);
        let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        seconds += number.parse::<f64>().ok()? * unit_seconds(unit)?;
        rest = tail;
    }
    Duration::try_from_secs_f64(seconds).ok()
}

fn unit_seconds(unit: &str) -> Option<f64> {
    match unit {
        "h" => Some(3600.0),
        "m" => Some(60.0),
        "s" => Some(1.0),
        "ms" => Some(1e-3),
        "us" | "µs" | "μs" => Some(1e-6),
        "ns" => Some(1e-9),
        _ => None,
    }
}
