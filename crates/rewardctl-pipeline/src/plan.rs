//! Plans: how many calls, tokens and how much money a run would take, found without sending anything.
//!
//! The judges of this machine run as they do in `score`. Then every question is put by the same code, to a caller that
//! only notes down what it would send; what ledger and store know already is used. So the first tier is exact but for
//! the lengths of replies, and a later tier is what it is at most: answers of the first may settle a reward.

pub mod candidates;
pub mod count;
pub mod habit;
pub mod trade;

mod asked;
mod foreseen;
mod planning;

use std::sync::Arc;

use rewardctl_store::open::Store;
use serde::Serialize;

use crate::asker::Asker;
use crate::chunk::read;
use crate::error::Error;
use crate::ingest::Checked;
use crate::pass::SLOW;
use crate::plan::count::Amount;
use crate::plan::habit::HabitReport;
use crate::plan::planning::Planning;
use crate::plan::trade::Trade;
use crate::score::ScoreSettings;

/// What a run would ask and pay.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallPlan {
    /// The input files, and what they were found to be.
    pub inputs: Vec<String>,
    /// Rows of the input that would be used.
    pub rows: u64,
    /// Responses in them.
    pub responses: u64,
    /// The day of the price table.
    pub prices: String,
    /// The uncertainty above which LLM critics are asked; None asks always.
    pub max_uncertainty: Option<f64>,
    /// The tiers in the order in which they are asked.
    pub tiers: Vec<TierPlan>,
    /// What is likely, over all tiers.
    pub likely: Amount,
    /// The most, over all tiers.
    pub most: Amount,
    /// What the first tier would take with other limits of uncertainty.
    pub trade: Vec<Trade>,
    /// What is known of each critic's replies, in the panel's order.
    pub habits: Vec<HabitReport>,
    /// Endpoints that were never asked: what they can do is not known yet.
    pub not_probed: Vec<String>,
    /// What the figures do not cover.
    pub notes: Vec<String>,
}

/// What one tier would ask.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TierPlan {
    /// Its number.
    pub tier: u32,
    /// Responses that it would judge, at most if [`TierPlan::is_exact`] is not set.
    pub responses: u64,
    /// Responses that it would judge in all likelihood, from how the tiers before it judge.
    pub likely_responses: u64,
    /// Whether that many are sure; otherwise it is so many at most.
    pub is_exact: bool,
    /// Its critics, in the panel's order.
    pub critics: Vec<CriticPlan>,
}

/// What one critic would be asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CriticPlan {
    /// Its name.
    pub critic: String,
    /// The endpoint's name.
    pub endpoint: String,
    /// The model.
    pub model: String,
    /// Calls to which the answer is known, so that they cost nothing.
    pub answered: u64,
    /// What is likely.
    pub likely: Amount,
    /// The most, without repairs and retries.
    pub most: Amount,
}

/// What planning needs beside the settings.
pub struct PlanSurroundings<'a> {
    /// What notes down the calls of the panel's LLM critics; None if it has none.
    pub asker: Option<Arc<Asker>>,
    /// Where answers and verdicts are kept.
    pub store: &'a Store,
    /// The day of the price table.
    pub prices: &'a str,
    /// Told now and then how many responses are planned for.
    pub progress: &'a mut dyn FnMut(u64),
}

/// Finds out what scoring the checked input would take.
pub async fn plan(
    checked: &Checked,
    settings: &ScoreSettings,
    around: PlanSurroundings<'_>,
) -> Result<CallPlan, Error> {
    let PlanSurroundings { asker, store, prices, progress } = around;
    let free = free(checked, settings, prices);
    let Some(asker) = asker else { return Ok(free) };
    let mut planning = Planning::begin(settings, &asker, store).await?;
    let mut chunks = read(checked.inputs.clone(), checked.only.clone(), SLOW);
    let mut finished = 0;
    while let Some(chunk) = chunks.recv().await {
        let chunk = Arc::new(chunk?);
        planning.add(&chunk).await?;
        finished += chunk.responses as u64;
        progress(finished);
    }
    planning.finish(free).await
}

/// Returns the plan of a panel without LLM critics: it asks nobody.
fn free(checked: &Checked, settings: &ScoreSettings, prices: &str) -> CallPlan {
    CallPlan {
        inputs: checked.inputs.iter().map(|input| input.describe()).collect(),
        rows: checked.items,
        responses: checked.responses,
        prices: prices.into(),
        max_uncertainty: settings.panel.asking.max_uncertainty,
        tiers: vec![],
        likely: Amount::NONE,
        most: Amount::NONE,
        trade: vec![],
        habits: vec![],
        not_probed: vec![],
        notes: vec![],
    }
}
