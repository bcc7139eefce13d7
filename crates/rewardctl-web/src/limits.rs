//! How often somebody may ask: a bucket of requests for each that fills at a steady rate.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How long a bucket lasts: this many seconds of the rate may come at once.
const BURST_SECONDS: f64 = 3.0;

/// Wrong tokens from one address, a second; the burst is the number below.
const WRONG_TOKENS_A_SECOND: f64 = 0.2;
const WRONG_TOKENS_AT_ONCE: f64 = 10.0;

/// Buckets that are kept; beyond, the full ones are forgotten.
const MOST_BUCKETS: usize = 10_000;

/// Who asked how often.
#[derive(Debug)]
pub(crate) struct Limits {
    requests: Buckets,
    wrong_tokens: Buckets,
}

#[derive(Debug)]
struct Buckets {
    a_second: f64,
    most: f64,
    /// What is left, and when that was so, in milliseconds.
    left: Mutex<HashMap<String, (f64, i64)>>,
}

impl Limits {
    pub(crate) fn new(requests_a_second: f64) -> Self {
        Self {
            requests: Buckets::new(requests_a_second, requests_a_second * BURST_SECONDS),
            wrong_tokens: Buckets::new(WRONG_TOKENS_A_SECOND, WRONG_TOKENS_AT_ONCE),
        }
    }

    /// Takes a request out of somebody's bucket; false if it is empty.
    pub(crate) fn may_ask(&self, name: &str, now: i64) -> bool {
        self.requests.take(name, now)
    }

    /// Takes a wrong token out of an address's bucket; false if it is empty.
    pub(crate) fn may_be_wrong(&self, address: &str, now: i64) -> bool {
        self.wrong_tokens.take(address, now)
    }
}

impl Buckets {
    fn new(a_second: f64, most: f64) -> Self {
        Self { a_second, most, left: Mutex::default() }
    }

    fn take(&self, name: &str, now: i64) -> bool {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let filled = |(left, at): (f64, i64)| {
            (left + (now - at).max(0) as f64 / 1000.0 * self.a_second).min(self.most)
        };
        if left.len() >= MOST_BUCKETS {
            left.retain(|_, bucket| filled(*bucket) < self.most);
        }
        let known = left.get(name).map_or(self.most, |bucket| filled(*bucket));
        let may = known >= 1.0;
        left.insert(name.into(), (if may { known - 1.0 } else { known }, now));
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills() {
        let limits = Limits::new(10.0);
        let asked = |name: &str, now| (0..100).filter(|_| limits.may_ask(name, now)).count();
        assert_eq!(asked("ana", 0), 30);
        assert_eq!(asked("ben", 0), 30, "to each their own");
        assert_eq!(asked("ana", 500), 5);
        assert_eq!(asked("ana", 100_000), 30);
        // A clock that goes back gives nothing away.
        assert_eq!(asked("ana", 0), 0);
    }

    #[test]
    fn wrong_tokens_run_out() {
        let limits = Limits::new(10.0);
        assert_eq!((0..20).filter(|_| limits.may_be_wrong("1.2.3.4", 0)).count(), 10);
        assert!(limits.may_be_wrong("5.6.7.8", 0) && limits.may_be_wrong("1.2.3.4", 5_000));
    }
}
