//! What a run loads before it judges: side by side, since a short run takes little else.

use std::sync::Arc;
use std::thread;

use rewardctl_model::aggregator::Aggregator;

use crate::error::Error;
use crate::in_force::load_aggregator;
use crate::judges::Plan;
use crate::score::ScoreSettings;
use crate::workers::Workers;

/// Everything that judges and aggregates.
pub struct Ready {
    /// What the judges share.
    pub plan: Arc<Plan>,
    /// The threads that judge.
    pub workers: Workers,
    /// The aggregator.
    pub aggregator: Aggregator,
}

impl Ready {
    /// Loads all of it, with no more threads than there are `rows`: each loads the models for itself.
    pub fn load(settings: &ScoreSettings, rows: u64) -> Result<Self, Error> {
        let threads = settings.threads.min(usize::try_from(rows).unwrap_or(usize::MAX)).max(1);
        let (judging, aggregator) = thread::scope(|scope| {
            let aggregator = scope.spawn(|| load_aggregator(&settings.panel, &settings.models));
            let plan = Plan::new(&settings.panel, &settings.rules, &settings.models).map(Arc::new);
            let judging = plan.map(|plan| {
                let workers = Workers::start(&plan, threads);
                (plan, workers)
            });
            (judging, aggregator.join().expect("loading a model does not panic"))
        });
        // The same fault is named first, whichever thread met its own first.
        let (plan, workers) = judging?;
        Ok(Self { plan, aggregator: aggregator?, workers: workers? })
    }
}
