//! What the labels of the store cost, in money, machine time and people's time, beside labelling everything by hand.

use rewardctl_store::open::Store;
use serde::Serialize;

use crate::error::Error;

/// What it takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// Dollars paid for calls, as the ledger has it; unpriced calls come on top.
    pub spent_usd: f64,
    /// Requests that nobody knows the price of.
    pub unpriced_calls: u64,
    /// Seconds that finished runs took.
    pub machine_seconds: f64,
    /// Responses.
    pub responses: u64,
    /// Responses sent to people.
    pub to_people: u64,
    /// Of these, those still waiting.
    pub waiting: u64,
    /// Seconds that a person takes for a label, as the settings say.
    pub seconds_per_label: f64,
    /// Minutes that people take for what is sent to them.
    pub people_minutes: f64,
    /// Minutes that people would take for every response.
    pub by_hand_minutes: f64,
    /// `by_hand_minutes / people_minutes`; None where nothing is sent to people.
    pub times_fewer: Option<f64>,
}

/// Adds up the ledger, the runs and the queue.
pub async fn estimate(store: &Store, seconds_per_label: f64) -> Result<Estimate, Error> {
    let totals = store.call_totals().await?;
    let counts = store.counts().await?;
    let (responses, to_people) = (counts.responses.max(0) as u64, counts.routed.max(0) as u64);
    let minutes = |labels: u64| labels as f64 * seconds_per_label / 60.0;
    Ok(Estimate {
        spent_usd: totals.iter().map(|total| total.spent_nano).sum::<u64>() as f64 / 1e9,
        unpriced_calls: totals.iter().map(|total| total.unpriced_attempts).sum(),
        machine_seconds: store.run_seconds().await?,
        responses,
        to_people,
        waiting: counts.queued.max(0) as u64,
        seconds_per_label,
        people_minutes: minutes(to_people),
        by_hand_minutes: minutes(responses),
        times_fewer: (to_people > 0).then(|| responses as f64 / to_people as f64),
    })
}
