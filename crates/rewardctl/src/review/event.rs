//! What happens to a session, and what it asks for.

use rewardctl_core::review::decision::Decision;
use rewardctl_store::people::figures::QueueCounts;
use rewardctl_store::people::lease::Lease;
use rewardctl_store::people::reveal::Revealed;

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A key, by its name in the key map.
    Key(String),
    /// A text was put in.
    Paste(String),
    /// Ctrl-S, which saves what is written.
    Save,
    /// Ctrl-C.
    Interrupt,
    /// The store gave tasks.
    Leases(Vec<Lease>),
    /// A decision was kept.
    Kept,
    /// A decision was refused.
    Unkept {
        /// The task that is no more this person's; None if it still is.
        lost: Option<i64>,
        /// Why.
        message: String,
    },
    /// A decision was taken back: its question again.
    Undone(Box<Lease>),
    /// What critics said.
    Revealed(Box<Revealed>),
    /// A task was lost, or a request refused.
    Refused {
        /// The task that somebody else has now; None if the refusal is about no task.
        lost: Option<i64>,
        /// Why.
        message: String,
    },
    /// The counts of the queue.
    Counts(QueueCounts),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Take as many tasks.
    Claim(usize),
    /// Keep a decision.
    Decide {
        /// The task.
        task: i64,
        /// The token of its lease.
        token: i64,
        /// The decision.
        decision: Decision,
    },
    /// Take the last decision back.
    Undo,
    /// Look what critics said of a task.
    Reveal(i64),
    /// Keep what was typed on a task.
    Draft {
        /// The task.
        task: i64,
        /// The draft, as JSON.
        body: String,
    },
    /// Give the tasks back, and end.
    Quit(Vec<(i64, i64)>),
}
