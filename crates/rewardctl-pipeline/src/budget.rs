//! What a run may spend. Reserved before a call leaves, settled when its answer is known, so that a cap holds
//! however many calls are in flight.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

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
    /// A call was settled: what it did not need is there again.
    settled: Notify,
}

/// Why a call may not leave now.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    /// It could pass the cap together with those in flight; alone it may fit.
    Reserved,
    /// It could pass the cap by itself.
    Spent(Cap),
}

#[derive(Debug, Default)]
struct State {
    spent: Spend,
    reserved: Spend,
}

impl Budget {
    /// Opens a purse with nothing spent.
    pub fn new(caps: Caps) -> Self {
        Self { caps, state: Mutex::default(), settled: Notify::new() }
    }

    /// Reserves what a call may come to, unless it could pass a cap.
    ///
    /// Calls reserve the most that they may cost and mostly need less: where those in flight are in the way, this
    /// waits until they are settled, so that a cap is used up and not only half of it.
    pub async fn reserve(&self, call: Spend) -> Result<(), Cap> {
        loop {
            let mut settled = std::pin::pin!(self.settled.notified());
            settled.as_mut().enable();
            match self.try_reserve(call) {
                Ok(()) => return Ok(()),
                Err(Refusal::Spent(cap)) => return Err(cap),
                Err(Refusal::Reserved) => settled.await,
            }
        }
    }

    fn try_reserve(&self, call: Spend) -> Result<(), Refusal> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let alone = state.spent.plus(call);
        if let Some(cap) = self.passed(alone) {
            return Err(Refusal::Spent(cap));
        }
        if self.passed(alone.plus(state.reserved)).is_some() {
            return Err(Refusal::Reserved);
        }
        state.reserved = state.reserved.plus(call);
        Ok(())
    }

    fn passed(&self, taken: Spend) -> Option<Cap> {
        let passes = |cap: Option<u64>, taken: u64| cap.is_some_and(|cap| taken > cap);
        let caps = [
            (self.caps.cost, taken.cost, Cap::Cost),
            (self.caps.calls, taken.calls, Cap::Calls),
            (self.caps.tokens, taken.tokens, Cap::Tokens),
        ];
        caps.into_iter().find(|(cap, taken, _)| passes(*cap, *taken)).map(|(_, _, cap)| cap)
    }

    /// Gives a reservation back and books what the call really came to.
    pub fn settle(&self, reserved: Spend, spent: Spend) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.reserved = state.reserved.minus(reserved);
        state.spent = state.spent.plus(spent);
        drop(state);
        self.settled.notify_waiters();
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

    #[tokio::test]
    async fn what_is_in_flight_counts_against_the_cap() {
        let budget = Budget::new(Caps { calls: Some(2), ..Caps::default() });
        budget.reserve(calls(1)).await.unwrap();
        budget.reserve(calls(1)).await.unwrap();
        assert_eq!(budget.try_reserve(calls(1)), Err(Refusal::Reserved));
        budget.settle(calls(1), calls(0));
        budget.reserve(calls(1)).await.unwrap();
        assert_eq!(budget.spent(), Spend::default());
    }

    #[tokio::test]
    async fn what_others_did_not_need_is_used_before_the_cap_stops_the_run() {
        let budget = Budget::new(Caps { cost: Some(10), ..Caps::default() });
        let cost = |cost: u64| Spend { cost, ..Spend::default() };
        budget.reserve(cost(10)).await.unwrap();
        let (reserved, ()) = tokio::join!(budget.reserve(cost(5)), async {
            tokio::task::yield_now().await;
            budget.settle(cost(10), cost(3));
        });
        assert_eq!(reserved, Ok(()));
        budget.settle(cost(5), cost(5));
        assert_eq!(budget.reserve(cost(5)).await, Err(Cap::Cost));
        assert_eq!(budget.spent(), cost(8));
    }
}
