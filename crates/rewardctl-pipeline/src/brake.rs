//! The brake of a run: once it is pulled no further call leaves, and whoever waits to make one waits no longer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::budget::Cap;
use crate::error::Error;

/// How often the brake looks for an interrupt.
const LOOK: Duration = Duration::from_millis(50);

/// Stops a run that calls; pulled by an interrupt, by the clock or by whoever meets what ends the run.
pub struct Brake {
    stop: Arc<AtomicBool>,
    pulled: Arc<watch::Sender<Option<Why>>>,
}

/// Why no further call leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Interrupt,
    Late,
    /// Another call met what ends the run, and tells of it.
    Other,
}

impl Brake {
    /// Starts to look for an interrupt and at the clock; must be called within a tokio runtime.
    pub fn new(stop: Arc<AtomicBool>, deadline: Option<Instant>) -> Self {
        let pulled = Arc::new(watch::Sender::new(None));
        tokio::spawn(watch_over(Arc::downgrade(&pulled), Arc::clone(&stop), deadline));
        Self { stop, pulled }
    }

    /// Stops the run because of an error that the caller reports.
    pub fn pull(&self) {
        pull(&self.pulled, Why::Other);
    }

    /// Tells whether a call may leave.
    pub fn check(&self) -> Result<(), Error> {
        let why = *self.pulled.borrow();
        let interrupted = self.stop.load(Ordering::Relaxed).then_some(Why::Interrupt);
        why.or(interrupted).map_or(Ok(()), |why| Err(why.error()))
    }

    /// Waits for `what`, unless the brake is pulled first.
    pub async fn unless_pulled<T>(&self, what: impl Future<Output = T>) -> Result<T, Error> {
        self.check()?;
        let mut pulled = self.pulled.subscribe();
        tokio::select! {
            biased;
            done = what => Ok(done),
            why = pulled.wait_for(Option::is_some) => {
                Err(why.ok().and_then(|why| *why).unwrap_or(Why::Other).error())
            }
        }
    }
}

impl Why {
    fn error(self) -> Error {
        match self {
            Self::Late => Error::Capped { cap: Cap::Time, finished: 0, total: 0 },
            Self::Interrupt | Self::Other => Error::Stopped,
        }
    }
}

/// The first reason counts.
fn pull(pulled: &watch::Sender<Option<Why>>, why: Why) {
    pulled.send_if_modified(|before| {
        let is_first = before.is_none();
        *before = before.or(Some(why));
        is_first
    });
}

async fn watch_over(
    pulled: Weak<watch::Sender<Option<Why>>>,
    stop: Arc<AtomicBool>,
    deadline: Option<Instant>,
) {
    while let Some(pulled) = pulled.upgrade() {
        if stop.load(Ordering::Relaxed) {
            pull(&pulled, Why::Interrupt);
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            pull(&pulled, Why::Late);
        }
        drop(pulled);
        sleep(LOOK).await;
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_stops_at_once() {
        let stop = Arc::new(AtomicBool::new(false));
        let brake = Brake::new(Arc::clone(&stop), None);
        assert_eq!(brake.unless_pulled(async { 7 }).await.unwrap(), 7);
        let waiting = brake.unless_pulled(pending::<()>());
        let interrupt = async {
            sleep(Duration::from_secs(1)).await;
            stop.store(true, Ordering::Relaxed);
        };
        let (waited, ()) = tokio::join!(waiting, interrupt);
        assert!(matches!(waited, Err(Error::Stopped)));
        assert!(brake.check().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_reason_counts() {
        let deadline = Instant::now() + Duration::from_secs(1);
        let brake = Brake::new(Arc::default(), Some(deadline));
        let waited = brake.unless_pulled(pending::<()>()).await;
        brake.pull();
        for outcome in [waited, brake.check()] {
            assert!(matches!(outcome, Err(Error::Capped { cap: Cap::Time, .. })));
        }
    }
}
