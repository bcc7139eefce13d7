//! Probes: finds out once what an endpoint can do, and again when the endpoint seems to have changed.

use rewardctl_critic::llm::dialect::{Dialect, PROBE_TOKENS, Probe};
use rewardctl_store::ledger::Purpose;

use crate::call::{Asking, Caller};
use crate::error::Error;

/// Tokens on top of the answer's own limit for a model that reasons first.
const THINKING_TOKENS: u32 = 4096;

/// Probes of one endpoint in one run, beside the first.
const MORE_PROBES: u32 = 3;

/// More calls than any probe makes: tells the calls of several probes apart.
const CALLS_A_PROBE: u32 = 100;

/// What is known of an endpoint's dialect.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    dialect: Option<Dialect>,
    more_probes: u32,
}

impl Caller {
    /// Returns what the endpoint can do; it is probed once, and then known to the store.
    pub async fn dialect(&self, endpoint: &str) -> Result<Dialect, Error> {
        let mut spoken = self.line(endpoint).spoken.lock().await;
        if let Some(dialect) = &spoken.dialect {
            return Ok(dialect.clone());
        }
        self.brake.check()?;
        let found = self.first_dialect(endpoint).await.inspect_err(|_| self.brake.pull())?;
        Ok(spoken.dialect.insert(found).clone())
    }

    /// Returns what the store knows of what the endpoint can do.
    pub async fn known_dialect(&self, endpoint: &str) -> Result<Option<Dialect>, Error> {
        let known = self.store.dialect(&self.subject(endpoint)).await?;
        Ok(known.and_then(|known| serde_json::from_str(&known).ok()))
    }

    /// Returns what the endpoint can do now that it refuses what was asked in the dialect `used`; None if that is the
    /// same, or if it was asked too often.
    pub(crate) async fn changed_dialect(
        &self,
        endpoint: &str,
        used: &Dialect,
    ) -> Result<Option<Dialect>, Error> {
        let mut spoken = self.line(endpoint).spoken.lock().await;
        if let Some(now) = spoken.dialect.as_ref().filter(|now| *now != used) {
            return Ok(Some(now.clone()));
        }
        while spoken.more_probes < MORE_PROBES {
            spoken.more_probes += 1;
            // A probe that fails says nothing new. One that an earlier run made is answered from the ledger, and may
            // be out of date, too: then the next one asks.
            let found = match self.probe(endpoint, spoken.more_probes).await {
                Err(Error::Endpoint { .. }) => return Ok(None),
                found => found?,
            };
            if found != *used {
                return Ok(Some(spoken.dialect.insert(found).clone()));
            }
        }
        Ok(None)
    }

    async fn first_dialect(&self, endpoint: &str) -> Result<Dialect, Error> {
        // What is recorded must hold the probe, too.
        if !self.tape.is_on()
            && let Some(dialect) = self.known_dialect(endpoint).await?
        {
            return Ok(dialect);
        }
        if self.tape.only_notes() {
            return Ok(Dialect::FULL);
        }
        self.probe(endpoint, 0).await
    }

    /// Probes the endpoint; probes with different numbers ask anew.
    async fn probe(&self, endpoint: &str, number: u32) -> Result<Dialect, Error> {
        let mut probe = Probe::new(&self.line(endpoint).model, THINKING_TOKENS);
        for call in 0.. {
            let Some(asked) = probe.next() else { break };
            // The same question may be asked twice, to be sure; the ledger must not answer the second time.
            let number = number * CALLS_A_PROBE + call;
            let who = Asking { endpoint, purpose: Purpose::Probe, label: "the probe", fence: None, number };
            let reply = self.call(self.prepared(who, asked, PROBE_TOKENS, 1)).await?;
            probe.observe(&reply);
        }
        let dialect =
            probe.finish().map_err(|source| Error::Endpoint { endpoint: endpoint.into(), source })?;
        let json = serde_json::to_string(&dialect).expect("a dialect is plain data");
        self.store.keep_dialect(&self.subject(endpoint), &json).await?;
        Ok(dialect)
    }

    fn subject(&self, endpoint: &str) -> String {
        let line = self.line(endpoint);
        format!("{}|{}", line.identity, line.model)
    }
}
