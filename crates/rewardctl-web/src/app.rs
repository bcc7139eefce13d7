//! What every request can reach.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rewardctl_core::review::keymap::Keymap;
use rewardctl_core::review::role::Role;
use rewardctl_core::review::token::{Kept, kept, same};
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
    /// Sessions that the local token opened, and until when: the local person stands in no table.
    local_sessions: Mutex<HashMap<[u8; 32], i64>>,
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
        if self.is_local(token) {
            return self.local_person().await;
        }
        let found = self.reader.user_of_token(&token.id).await?;
        Ok(found.filter(|(_, hash)| same(hash, &token.hash)).map(|(person, _)| person))
    }

    /// Returns whose session it is.
    pub(crate) async fn person_of_session(&self, hash: &[u8; 32]) -> Result<Option<Person>, StoreError> {
        let now = self.now();
        let local = self.local_sessions().get(hash).copied();
        match local {
            Some(expires) if expires <= now.ms => return Ok(None),
            Some(_) => {}
            None => return self.reader.user_of_session(hash, &now).await,
        }
        self.local_person().await
    }

    /// Tells whether somebody who came may still come as who they were.
    pub(crate) async fn may_still_come(&self, person: &Person) -> Result<bool, StoreError> {
        let found = self.reader.user(&person.name).await?;
        Ok(found.as_ref() == Some(person) || self.local_person().await?.as_ref() == Some(person))
    }

    /// Returns the local person; None as soon as there are users.
    async fn local_person(&self) -> Result<Option<Person>, StoreError> {
        let Some((name, _)) = &self.local else { return Ok(None) };
        let is_alone = !self.reader.has_users().await?;
        Ok(is_alone.then(|| Person { name: name.clone(), role: Role::Admin }))
    }

    fn is_local(&self, token: &Kept) -> bool {
        let is_it = |(_, local): &(String, Kept)| local.id == token.id && same(&local.hash, &token.hash);
        self.local.as_ref().is_some_and(is_it)
    }

    fn local_sessions(&self) -> MutexGuard<'_, HashMap<[u8; 32], i64>> {
        self.local_sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session of `person`, who showed `token`.
    pub(crate) async fn begin_session(
        &self,
        hash: [u8; 32],
        (token, person): (&str, &Person),
        lasts_ms: i64,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let expires = now.ms + lasts_ms;
        // The token says who came, never the name: a user may have that of the local person.
        if kept(token).is_some_and(|token| self.is_local(&token)) {
            let mut sessions = self.local_sessions();
            sessions.retain(|_, expires| *expires > now.ms);
            sessions.insert(hash, expires);
            return Ok(());
        }
        self.store.add_session(&hash, &person.name, expires, &now).await
    }

    /// Ends a session.
    pub(crate) async fn end_session(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        self.local_sessions().remove(hash);
        self.store.end_session(hash).await
    }

    /// Returns the counts of the queue, a second old at most.
    pub(crate) async fn counts(&self) -> Result<QueueCounts, StoreError> {
        let now = self.now();
        let known = self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, counts)) = known
            // A clock that was put back makes no count new.
            && (0..COUNTS_LAST_MS).contains(&(now.ms - at))
        {
            return Ok(counts);
        }
        let counts = self.reader.queue_counts(&now).await?;
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = Some((now.ms, counts.clone()));
        Ok(counts)
    }
}
