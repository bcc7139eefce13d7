//! Retries: whether to ask again, and after how long.

use std::time::Duration;

use crate::llm::completion::{CallFailure, Retry};

/// How often and how patiently a failed call is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The most tries of one call, the first included.
    pub max_attempts: u32,
    /// The longest wait after the first attempt; doubles with each further one.
    pub base: Duration,
    /// Where the doubling ends.
    pub cap: Duration,
    /// A server that asks for more than this is not waited for.
    pub longest_wait: Duration,
}

/// Times that a server may say that it is busy for one try.
const BUSY_A_TRY: u32 = 10;

/// How often a call was tried. A server that is busy has not failed: its word counts less.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tries {
    failed: u32,
    busy: u32,
}

impl Tries {
    /// Counts an attempt that failed, and returns the tries so far, at least 1.
    pub fn count(&mut self, failure: &CallFailure) -> u32 {
        let is_busy = failure.status == Some(429);
        self.busy += u32::from(is_busy);
        self.failed += u32::from(!is_busy);
        self.failed + self.busy.div_ceil(BUSY_A_TRY)
    }
}

impl RetryPolicy {
    /// The numbers of the official clients.
    pub const USUAL: Self = Self {
        max_attempts: 3,
        base: Duration::from_millis(500),
        cap: Duration::from_secs(8),
        longest_wait: Duration::from_secs(120),
    };

    /// Returns how long to wait after try number `attempt` (the first is 1) failed; None to give up.
    ///
    /// `jitter` is in 0..=1. Without a wish of the server the wait is `jitter · min(cap, base · 2^(attempt − 1))`;
    /// a wish is obeyed, and stretched by up to a quarter so that not all calls come back at once.
    pub fn delay(&self, attempt: u32, failure: &CallFailure, jitter: f64) -> Option<Duration> {
        let Retry::Later { after } = failure.retry else { return None };
        if attempt >= self.max_attempts {
            return None;
        }
        let jitter = if (0.0..=1.0).contains(&jitter) { jitter } else { 1.0 };
        match after {
            Some(asked) if asked > self.longest_wait => None,
            Some(asked) => Some(asked.saturating_add((asked / 4).mul_f64(jitter))),
            None => {
                let doubled = self.base.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1)));
                Some(doubled.min(self.cap).mul_f64(jitter))
            }
        }
    }
}

#[cfg(test)]
mod tests;
