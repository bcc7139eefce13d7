//! What every request can reach.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use rewardctl_core::review::keymap::Keymap;
use rewardctl_core::review::role::Role;
use rewardctl_core::review::token::{Kept, same};
use rewardctl_store::error::Error as StoreError;
use rewardctl_store::open::Store;
use rewardctl_store::people::figures::QueueCounts;
use rewardctl_store::people::{Now, Person, WorkSettings};
use tokio::sync::watch;

use crate::limits::Limits;

/// What the service is started with.
#[derive(Debug)]
pub struct AppSettings {
    /// The store, for what is written.
    pub store: Store,
    /// The same store once more: what is read does not wait for what is written.
    pub reader: Store,
    /// The keys of the page.
    pub keymap: Keymap,
    /// How work is shared out.
    pub work: WorkSettings,
    /// The clock.
    pub clock: fn() -> Now,
    /// The one person who may come while there are no users, and their token.
    pub local: Option<(String, Kept)>,
    /// Requests a second of one person, on average.
    pub requests_a_second: f64,
}

/// What every request can reach.
#[derive(Debug)]
pub struct App {
    pub(crate) store: Store,
    pub(crate) reader: Store,
    pub(crate) keymap: Keymap,
    pub(crate) work: WorkSettings,
    clock: fn() -> Now,
    local: Option<(String, Kept)>,
    /// Sessions of the local person, who stands in no table.
    local_sessions: Mutex<HashSet<[u8; 32]>>,
    pub(crate) limits: Limits,
    counts: Mutex<Option<(i64, QueueCounts)>>,
    /// Turns true when the service is to stop.
    pub(crate) stopping: watch::Sender<bool>,
}

/// What the router hands to every request.
pub(crate) type Shared = Arc<App>;

/// Counts are not taken more often than this, in milliseconds.
const COUNTS_LAST_MS: i64 = 1000;

impl App {
    /// Makes what every request can reach.
    pub fn new(settings: AppSettings) -> Arc<Self> {
        Arc::new(Self {
            store: settings.store,
            reader: settings.reader,
            keymap: settings.keymap,
            work: settings.work,
            clock: settings.clock,
            local: settings.local,
            local_sessions: Mutex::default(),
            limits: Limits::new(settings.requests_a_second),
            counts: Mutex::default(),
            stopping: watch::Sender::new(false),
        })
    }

    /// Ends streams, so that the service can stop.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    pub(crate) fn now(&self) -> Now {
        (self.clock)()
    }

    /// Returns whose token it is.
    pub(crate) async fn person_of_token(&self, token: &Kept) -> Result<Option<Person>, StoreError> {
        if let Some((name, local)) = &self.local
            && local.id == token.id
            && same(&local.hash, &token.hash)
        {
            return Ok(Some(Person { name: name.clone(), role: Role::Admin }));
        }
        let found = self.reader.user_of_token(&token.id).await?;
        Ok(found.filter(|(_, hash)| same(hash, &token.hash)).map(|(person, _)| person))
    }

    /// Returns whose session it is.
    pub(crate) async fn person_of_session(&self, hash: &[u8; 32]) -> Result<Option<Person>, StoreError> {
        let is_local = self.local_sessions.lock().unwrap_or_else(PoisonError::into_inner).contains(hash);
        match &self.local {
            Some((name, _)) if is_local => Ok(Some(Person { name: name.clone(), role: Role::Admin })),
            _ => self.reader.user_of_session(hash, &self.now()).await,
        }
    }

    /// Begins a session.
    pub(crate) async fn begin_session(
        &self,
        hash: [u8; 32],
        person: &Person,
        lasts_ms: i64,
    ) -> Result<(), StoreError> {
        if self.local.as_ref().is_some_and(|(name, _)| *name == person.name) {
            self.local_sessions.lock().unwrap_or_else(PoisonError::into_inner).insert(hash);
            return Ok(());
        }
        let now = self.now();
        self.store.add_session(&hash, &person.name, now.ms + lasts_ms, &now).await
    }

    /// Ends a session.
    pub(crate) async fn end_session(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        self.local_sessions.lock().unwrap_or_else(PoisonError::into_inner).remove(hash);
        self.store.end_session(hash).await
    }

    /// Returns the counts of the queue, a second old at most.
    pub(crate) async fn counts(&self) -> Result<QueueCounts, StoreError> {
        let now = self.now();
        let known = self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, counts)) = known
            && now.ms - at < COUNTS_LAST_MS
        {
            return Ok(counts);
        }
        let counts = self.reader.queue_counts(&now).await?;
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = Some((now.ms, counts.clone()));
        Ok(counts)
    }
}
