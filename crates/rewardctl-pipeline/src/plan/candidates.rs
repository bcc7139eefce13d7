//! The plan of candidates: what drawing them would take, found by the code that draws them, without sending anything.

use std::sync::Arc;

use rewardctl_critic::llm::critic::Mode;
use rewardctl_store::ledger::Purpose;
use rewardctl_store::open::Store;
use serde::Serialize;

use crate::call::Caller;
use crate::chunk::read;
use crate::drawing::Drawer;
use crate::error::Error;
use crate::ingest::Checked;
use crate::plan::count::{Amount, Count, Terms};
use crate::plan::habit::{Habit, LOOKED_AT, Whose};
use crate::sample::{CHUNK, SampleSettings};

/// Tokens of a candidate before any was seen: an answer of some two hundred words.
const CANDIDATE_TOKENS: f64 = 300.0;

/// What drawing candidates would take.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CandidatePlan {
    /// Prompts of the input.
    pub prompts: u64,
    /// The day of the price table.
    pub prices: String,
    /// The endpoints, in the order in which they are named.
    pub endpoints: Vec<EndpointPlan>,
    /// What is likely, over all endpoints.
    pub likely: Amount,
    /// The most, over all endpoints, without retries.
    pub most: Amount,
}

/// What one endpoint would be asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EndpointPlan {
    /// Its name.
    pub endpoint: String,
    /// The model.
    pub model: String,
    /// Calls to which the answer is known, so that they cost nothing.
    pub answered: u64,
    /// What is likely.
    pub likely: Amount,
    /// The most, without retries.
    pub most: Amount,
    /// Tokens that a candidate is taken to be.
    pub reply_tokens: f64,
    /// Finished calls that this was learnt from.
    pub learnt_from: u64,
    /// Whether it was asked before; otherwise it is taken to give several candidates in one call.
    pub is_known: bool,
}

/// Finds out what drawing candidates for the checked input would take; `caller` must only note down calls.
pub async fn plan_candidates(
    checked: &Checked,
    settings: &SampleSettings,
    caller: &Arc<Caller>,
    store: &Store,
    prices: &str,
) -> Result<CandidatePlan, Error> {
    let mut endpoints = vec![];
    for endpoint in &settings.endpoints {
        let terms = terms(caller, store, endpoint, settings).await?;
        let settings = SampleSettings { endpoints: vec![endpoint.clone()], ..settings.clone() };
        let count = count(checked, Drawer { caller: Arc::clone(caller), settings }, &terms).await?;
        let habit = terms.habit.report(endpoint);
        endpoints.push(EndpointPlan {
            endpoint: endpoint.clone(),
            model: caller.line(endpoint).model.clone(),
            answered: count.answered,
            likely: count.likely(&terms),
            most: count.most(&terms),
            reply_tokens: habit.reply_tokens,
            learnt_from: habit.calls,
            is_known: terms.is_known,
        });
    }
    let sum =
        |amount: fn(&EndpointPlan) -> Amount| endpoints.iter().map(amount).fold(Amount::NONE, Amount::plus);
    let (likely, most) = (sum(|endpoint| endpoint.likely), sum(|endpoint| endpoint.most));
    Ok(CandidatePlan { prompts: checked.items, prices: prices.into(), endpoints, likely, most })
}

async fn count(checked: &Checked, drawer: Drawer, terms: &Terms) -> Result<Count, Error> {
    let mut count = Count::default();
    let mut chunks = read(checked.inputs.clone(), checked.only.clone(), CHUNK);
    while let Some(chunk) = chunks.recv().await {
        for row in &chunk?.rows {
            // What is drawn without sending anything is noted, and nothing else comes of it.
            drawer.draw(&row.item.context).await?;
            count.add(&Count::of(&drawer.caller.noted(), terms));
        }
    }
    Ok(count)
}

async fn terms(
    caller: &Caller,
    store: &Store,
    endpoint: &str,
    settings: &SampleSettings,
) -> Result<Terms, Error> {
    let line = caller.line(endpoint);
    let dialect = caller.dialect(endpoint).await?;
    let calls = store.finished_calls(Purpose::Sample, &line.identity, &line.model, LOOKED_AT).await?;
    let whose = Whose {
        // All calls for candidates are alike, whatever the prompt.
        instruction: "",
        mode: Mode::Pointwise,
        samples: 1,
        reasons: dialect.thinking_tokens > 0,
        reply_tokens: CANDIDATE_TOKENS.min(f64::from(settings.max_reply_tokens)),
    };
    Ok(Terms {
        habit: Habit::learn(&calls, &whose),
        price: line.price,
        // Each draw that takes a call of its own is noted by itself.
        samples: 1,
        several: dialect.n,
        is_known: caller.known_dialect(endpoint).await?.is_some(),
    })
}
