//! What a run may spend. Reserved before a call leaves, settled when its answer is known, so that a cap holds
//! however many calls are in flight.

use std::sync::{Mutex, PoisonError};

/// Caps of a run; None is no cap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Caps {
    /// Nano-dollars.
    pub cost: Option<u64>,
    /// Calls sent, repeated tries among them.
    pub calls: Option<u64>,
    /// Tokens, of requests and replies.
    pub tokens: Option<u64>,
}

/// What one call may come to, or came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spend {
    /// Nano-dollars.
    pub cost: u64,
    /// Calls sent.
    pub calls: u64,
    /// Tokens, of requests and replies.
    pub tokens: u64,
}

/// A cap that the next call would pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cap {
    /// `--max-cost`.
    Cost,
    /// `--max-calls`.
    Calls,
    /// `--max-tokens`.
    Tokens,
    /// `--max-minutes`.
    Time,
}

/// The run's purse.
#[derive(Debug)]
pub struct Budget {
    caps: Caps,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    spent: Spend,
    reserved: Spend,
}

impl Budget {
    /// Opens a purse with nothing spent.
    pub fn new(caps: Caps) -> Self {
        Self { caps, state: Mutex::default() }
    }

    /// Reserves what a call may come to, unless it could pass a cap.
    pub fn reserve(&self, call: Spend) -> Result<(), Cap> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = state.spent.plus(state.reserved).plus(call);
        let passes = |cap: Option<u64>, taken: u64| cap.is_some_and(|cap| taken > cap);
        if passes(self.caps.cost, taken.cost) {
            return Err(Cap::Cost);
        }
        if passes(self.caps.calls, taken.calls) {
            return Err(Cap::Calls);
        }
        if passes(self.caps.tokens, taken.tokens) {
            return Err(Cap::Tokens);
        }
        state.reserved = state.reserved.plus(call);
        Ok(())
    }

    /// Gives a reservation back and books what the call really came to.
    pub fn settle(&self, reserved: Spend, spent: Spend) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.reserved = state.reserved.minus(reserved);
        state.spent = state.spent.plus(spent);
    }

    /// Returns what was spent so far.
    pub fn spent(&self) -> Spend {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).spent
    }
}

impl Spend {
    fn plus(self, other: Self) -> Self {
        Self {
            cost: self.cost.saturating_add(other.cost),
            calls: self.calls.saturating_add(other.calls),
            tokens: self.tokens.saturating_add(other.tokens),
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            cost: self.cost.saturating_sub(other.cost),
            calls: self.calls.saturating_sub(other.calls),
            tokens: self.tokens.saturating_sub(other.tokens),
        }
    }
}

impl std::fmt::Display for Cap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cost => "--max-cost",
            Self::Calls => "--max-calls",
            Self::Tokens => "--max-tokens",
            Self::Time => "--max-minutes",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(count: u64) -> Spend {
        Spend { calls: count, ..Spend::default() }
    }

    #[test]
    fn what_is_in_flight_counts_against_the_cap() {
        let budget = Budget::new(Caps { calls: Some(2), ..Caps::default() });
        budget.reserve(calls(1)).unwrap();
        budget.reserve(calls(1)).unwrap();
        assert_eq!(budget.reserve(calls(1)), Err(Cap::Calls));
        budget.settle(calls(1), calls(0));
        budget.reserve(calls(1)).unwrap();
        assert_eq!(budget.spent(), Spend::default());
    }
}
