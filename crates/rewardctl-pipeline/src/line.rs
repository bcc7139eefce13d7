//! Lines: everything that belongs to one endpoint while a run asks it.

use std::num::NonZeroU32;
use std::sync::{Mutex as StdMutex, PoisonError};
use std::time::Duration;

use rewardctl_critic::llm::breaker::{BreakerSettings, Gate};
use rewardctl_critic::llm::client::{Client, Endpoint};
use rewardctl_critic::llm::completion::{Completion, Usage};
use rewardctl_critic::llm::limit::{Limiter, Limits};
use rewardctl_critic::llm::price::tokens::estimate_tokens;
use rewardctl_critic::llm::price::{Billed, Price, PriceTable};
use rewardctl_critic::llm::retry::RetryPolicy;
use secrecy::SecretString;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;

use crate::endpoint::EndpointSettings;
use crate::error::Error;
use crate::probe::Spoken;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Verdicts under way for each call that may be in flight: enough that a call can leave whenever another ends, though
/// some wait for a second try or for the store.
const VERDICTS_A_CALL: usize = 4;

/// How an endpoint does that does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silent {
    /// Its name in the settings.
    pub endpoint: String,
    /// Tries that failed in a row because of it.
    pub failures: u32,
    /// How long ago the first of them failed.
    pub lasting: Duration,
    /// For how long calls still wait for it before the run ends; None while they are still let through.
    pub left: Option<Duration>,
    /// Why the last one failed.
    pub reason: String,
}

/// One endpoint: its connections, its limits, its health, its price and what it can do.
pub struct Line {
    /// The address without anything secret.
    pub identity: String,
    /// The model that is asked for.
    pub model: String,
    /// None where nobody says what it costs.
    pub price: Option<Price>,
    /// How often a call is tried.
    pub policy: RetryPolicy,
    pub(crate) client: Client,
    pub(crate) limiter: Limiter,
    pub(crate) gate: Gate,
    pub(crate) spoken: Mutex<Spoken>,
    pub(crate) room: Semaphore,
    last_failure: StdMutex<String>,
    verdicts_under_way: usize,
}

impl Line {
    /// Prepares an endpoint; nothing is sent yet. `key` and `proxy` are secrets of the user's environment.
    pub fn new(
        name: &str,
        settings: &EndpointSettings,
        key: Option<SecretString>,
        proxy: Option<SecretString>,
        prices: &PriceTable,
    ) -> Result<Self, Error> {
        let endpoint = Endpoint {
            name: name.into(),
            base_url: settings.base_url.clone(),
            model: settings.model.clone(),
            api_key: key,
            headers: Default::default(),
            proxy,
            timeout: Duration::from_secs(settings.timeout_s),
            connect_timeout: CONNECT_TIMEOUT,
        };
        let limits = Limits {
            requests_per_minute: settings.requests_per_minute.and_then(NonZeroU32::new),
            tokens_per_minute: settings.tokens_per_minute.and_then(NonZeroU32::new),
            concurrency: NonZeroU32::new(settings.concurrency).unwrap_or(NonZeroU32::MIN),
        };
        let failed = |source| Error::Endpoint { endpoint: name.into(), source };
        Ok(Self {
            identity: endpoint.identity().map_err(failed)?,
            model: settings.model.clone(),
            price: settings.price.or_else(|| prices.price_of(&settings.model)),
            policy: RetryPolicy { max_attempts: settings.attempts, ..RetryPolicy::USUAL },
            client: Client::new(&endpoint).map_err(failed)?,
            limiter: Limiter::new(&limits),
            gate: Gate::new(BreakerSettings::USUAL),
            spoken: Mutex::default(),
            room: Semaphore::new(under_way(&limits)),
            last_failure: StdMutex::default(),
            verdicts_under_way: under_way(&limits),
        })
    }

    /// Returns how many verdicts may be under way at once.
    pub(crate) fn verdicts_under_way(&self) -> usize {
        self.verdicts_under_way
    }

    /// Notes why a try failed that says that the endpoint does not do well.
    pub(crate) fn note_failure(&self, reason: &str) {
        reason.clone_into(&mut self.last_failure.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Returns how the endpoint does, which is called `name`, if its last try failed because of it.
    pub(crate) fn silent(&self, name: &str) -> Option<Silent> {
        let now = Instant::now();
        self.gate.silence().map(|silence| Silent {
            endpoint: name.into(),
            failures: silence.failures,
            lasting: now.saturating_duration_since(silence.since),
            left: silence.until.map(|until| until.saturating_duration_since(now)),
            reason: self.last_failure.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        })
    }

    /// Returns about how many tokens the endpoint reads of `body`.
    pub fn estimate(&self, body: &str) -> u64 {
        estimate_tokens(body)
    }

    /// Returns what a call cost, in nano-dollars; None where the price is not known.
    pub(crate) fn cost(&self, usage: &Usage) -> Option<u64> {
        let billed = Billed {
            input_tokens: usage.input_tokens,
            cached_input_tokens: usage.cached_input_tokens,
            output_tokens: usage.output_tokens,
        };
        self.price.as_ref().map(|price| price.cost(&billed).0)
    }

    /// Returns about what a reply took, for a server that does not count.
    pub(crate) fn guess(&self, body: &str, completion: &Completion) -> Usage {
        let written = completion.choices.iter().filter_map(|choice| choice.text.as_deref());
        Usage {
            input_tokens: self.estimate(body),
            output_tokens: written.map(estimate_tokens).sum(),
            ..Usage::default()
        }
    }
}

fn under_way(limits: &Limits) -> usize {
    VERDICTS_A_CALL * limits.concurrency.get() as usize
}
