//! Any sequence of operations and deaths: no answer is lost, no failure is served, no money goes uncounted.

use std::path::Path;

use proptest::prelude::{Just, Strategy, proptest};
use proptest::{collection, prop_oneof};
use tempfile::TempDir;

use super::{LATER, NOW, answer, call, failure, key, open, total};
use crate::ledger::{Attempt, Ledger, State};
use crate::open::Store;

const CALLS: u64 = 3;
const RESERVED: u64 = 100;

#[derive(Debug, Clone)]
enum Step {
    Plan(u64),
    Send(u64),
    End(u64, State),
    /// The process dies: what lies on disk at this moment is all that is left.
    Kill,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let ends = prop_oneof![Just(State::Done), Just(State::Failed), Just(State::Unknown)];
    prop_oneof![
        2 => (0..CALLS).prop_map(Step::Plan),
        6 => (0..CALLS).prop_map(Step::Send),
        6 => (0..CALLS, ends).prop_map(|(n, end)| Step::End(n, end)),
        1 => Just(Step::Kill),
        1 => Just(Step::Reopen),
    ]
}

/// What the ledger ought to know of one call.
#[derive(Debug, Default)]
struct Expected {
    planned: bool,
    attempts: Vec<State>,
    in_flight: Option<Attempt>,
}

impl Expected {
    fn sendable(&self) -> bool {
        self.planned && !self.attempts.iter().any(|state| matches!(state, State::Done | State::Sent))
    }

    fn die(&mut self) -> u64 {
        self.in_flight = None;
        match self.attempts.last_mut() {
            Some(last @ State::Sent) => {
                *last = State::Unknown;
                1
            }
            _ => 0,
        }
    }
}

struct World {
    folder: TempDir,
    store: Store,
    ledger: Ledger,
    calls: Vec<Expected>,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, ledger) = open(folder.path()).await;
        let calls = (0..CALLS).map(|_| Expected::default()).collect();
        Self { folder, store, ledger, calls }
    }

    async fn take(&mut self, step: &Step) {
        match *step {
            Step::Plan(n) => {
                let new = self.ledger.plan(&[call(n)]).await.unwrap();
                assert_eq!(new == 0, self.calls[n as usize].planned);
                self.calls[n as usize].planned = true;
            }
            Step::Send(n) => self.send(n).await,
            Step::End(n, end) => self.end(n, end).await,
            Step::Kill => {
                let folder = tempfile::tempdir().unwrap();
                copy(self.folder.path(), folder.path());
                self.reopen(folder).await;
            }
            Step::Reopen => {
                self.ledger.clone().close().await;
                self.store.clone().close().await;
                let folder = tempfile::tempdir().unwrap();
                copy(self.folder.path(), folder.path());
                self.reopen(folder).await;
            }
        }
    }

    async fn send(&mut self, n: u64) {
        let expected = &mut self.calls[n as usize];
        let sent = self.ledger.sent(key(n), Some(RESERVED), NOW).await;
        assert_eq!(sent.is_ok(), expected.sendable());
        if let Ok(attempt) = sent {
            expected.attempts.push(State::Sent);
            assert_eq!(attempt.number() as usize, expected.attempts.len());
            expected.in_flight = Some(attempt);
        }
    }

    async fn end(&mut self, n: u64, end: State) {
        let expected = &mut self.calls[n as usize];
        let Some(attempt) = expected.in_flight.take() else { return };
        match end {
            State::Done => self.ledger.done(attempt, &answer(&n.to_string(), n + 1), LATER).await.unwrap(),
            State::Failed => self.ledger.failed(attempt, &failure(n + 10), LATER).await.unwrap(),
            _ => self.ledger.unknown(attempt, "timeout", LATER).await.unwrap(),
        }
        *expected.attempts.last_mut().unwrap() = end;
    }

    async fn reopen(&mut self, folder: TempDir) {
        let died: u64 = self.calls.iter_mut().map(Expected::die).sum();
        (self.store, self.ledger) = open(folder.path()).await;
        self.folder = folder;
        assert_eq!(self.ledger.interrupted(), died);
        self.check().await;
    }

    async fn check(&self) {
        let keys: Vec<_> = (0..CALLS).map(key).collect();
        let answers = self.store.answers(&keys).await.unwrap();
        let unknown = self.store.unknown_calls(&keys).await.unwrap();
        let (mut attempts, mut spent, mut reserved) = (0, 0, 0);
        for (n, expected) in (0..CALLS).zip(&self.calls) {
            let last = expected.attempts.last();
            let due = (last == Some(&State::Done)).then(|| answer(&n.to_string(), n + 1));
            assert_eq!(answers.get(&key(n)), due.as_ref());
            assert_eq!(unknown.contains(&key(n)), last == Some(&State::Unknown));
            attempts += expected.attempts.len() as u64;
            for state in &expected.attempts {
                match state {
                    State::Done => spent += n + 1,
                    State::Failed => spent += n + 10,
                    _ => reserved += RESERVED,
                }
            }
        }
        let total = total(&self.store).await;
        assert_eq!((total.attempts, total.spent_nano, total.reserved_nano), (attempts, spent, reserved));
    }
}

/// Copies what a process that dies now leaves behind. The lock is not among it: the system takes it back.
fn copy(from: &Path, to: &Path) {
    for name in ["store.db", "store.db-wal"] {
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]
    #[test]
    fn nothing_is_lost_and_nothing_is_paid_twice(steps in collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for step in &steps {
                world.take(step).await;
            }
            world.check().await;
        });
    }
}
