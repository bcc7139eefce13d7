//! Looks up answers in the ledger, many at once: who asks while one look is under way shares the next. In a ledger that
//! had none when the run began, only what the run itself was answered is looked up.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use rewardctl_core::id::ContentId;
use rewardctl_store::error::Error as StoreError;
use rewardctl_store::ledger::Answer;
use rewardctl_store::open::Store;
use tokio::sync::{OnceCell, mpsc, oneshot};

/// Keys looked up together, at most.
const KEYS_A_LOOK: usize = 1_024;

/// Answers who ask for one key each.
pub struct Lookup {
    store: Store,
    asks: mpsc::UnboundedSender<Ask>,
    /// Whether there were answers when it was asked first.
    had_any: OnceCell<bool>,
    /// What was answered since.
    own: Mutex<HashSet<ContentId>>,
}

struct Ask {
    key: ContentId,
    reply: oneshot::Sender<Option<Answer>>,
}

impl Lookup {
    /// Starts to serve from `store`; must be called within a tokio runtime.
    pub fn new(store: Store) -> Self {
        let (asks, asked) = mpsc::unbounded_channel();
        tokio::spawn(serve(store.clone(), asked));
        Self { store, asks, had_any: OnceCell::new(), own: Mutex::default() }
    }

    /// Notes that the call `key` has an answer now.
    pub fn note(&self, key: ContentId) {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
    }

    /// Returns the answer to the call `key`, if it was answered before. No two may ask for one key at once.
    pub async fn answer(&self, key: ContentId) -> Result<Option<Answer>, StoreError> {
        let had_any = *self.had_any.get_or_try_init(|| self.store.has_answers()).await?;
        if !had_any && !self.own.lock().unwrap_or_else(PoisonError::into_inner).contains(&key) {
            return Ok(None);
        }
        let (reply, answer) = oneshot::channel();
        // If nobody listens, the reply is dropped with the ask, and tells so below.
        let _ = self.asks.send(Ask { key, reply });
        match answer.await {
            Ok(answer) => Ok(answer),
            // The look failed: whoever asked looks alone, and learns why.
            Err(_) => Ok(self.store.answers(&[key]).await?.remove(&key)),
        }
    }
}

async fn serve(store: Store, mut asked: mpsc::UnboundedReceiver<Ask>) {
    let mut asks = Vec::with_capacity(KEYS_A_LOOK);
    while asked.recv_many(&mut asks, KEYS_A_LOOK).await > 0 {
        let keys: Vec<ContentId> = asks.iter().map(|ask| ask.key).collect();
        let Ok(mut found) = store.answers(&keys).await else {
            asks.clear();
            continue;
        };
        for Ask { key, reply } in asks.drain(..) {
            // Whoever does not wait any more has no need of it.
            let _ = reply.send(found.remove(&key));
        }
    }
}
