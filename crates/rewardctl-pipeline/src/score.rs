//! The main job: ingest, critique, aggregate and route, in one go.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rewardctl_core::route::{Limit, uncertain_places};
use rewardctl_critic::rules::settings::RuleSettings;
use rewardctl_data::fields::ReadSettings;
use rewardctl_data::score_writer::ScoreWriter;
use rewardctl_store::open::Store;

use crate::asker::Asker;
use crate::budget::Spend;
use crate::error::Error;
use crate::ingest::{Checked, OnBadRow};
use crate::models::ModelPaths;
use crate::panel::LoadedPanel;
use crate::pass::{Emit, Run};
use crate::ready::Ready;
use crate::summary::{Report, Summary};

/// Everything that scoring is told.
#[derive(Debug, Clone)]
pub struct ScoreSettings {
    /// The critics and their weights.
    pub panel: LoadedPanel,
    /// What the rules are told.
    pub rules: RuleSettings,
    /// Where the models lie.
    pub models: ModelPaths,
    /// How the input is read.
    pub read: ReadSettings,
    /// What is done with a row that cannot be used.
    pub on_bad_row: OnBadRow,
    /// Which responses people should see.
    pub routing: Routing,
    /// Fields of the input that rows carry; `a.b` reaches into objects.
    pub keep: Vec<String>,
    /// Whether rows carry the texts of prompt and response.
    pub with_text: bool,
    /// Threads that judge; at least 1.
    pub threads: usize,
    /// Best and worst responses that the summary keeps.
    pub extremes: usize,
}

/// Which responses people should see.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Routing {
    /// The greatest total uncertainty that is accepted, in score units.
    pub max_uncertainty: f64,
    /// The greatest share of responses that people see; the most uncertain ones first. Replaces the limit above.
    pub budget: Option<f64>,
    /// The share of responses drawn for audit.
    pub audit_share: f64,
    /// The seed of the draw.
    pub seed: u64,
}

/// What the caller gives beside the settings.
pub struct Surroundings<'a> {
    /// Where everything is kept.
    pub store: &'a Store,
    /// Now, as RFC 3339; asked once at the start and once at the end.
    pub now: &'a dyn Fn() -> String,
    /// Set by an interrupt: finish what is under way, then stop.
    pub stop: &'a AtomicBool,
    /// Asks the panel's LLM critics; None if it has none.
    pub asker: Option<Arc<Asker>>,
    /// Told now and then how far the run is.
    pub progress: &'a mut dyn FnMut(Progress),
}

/// How far a run is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Responses saved.
    pub finished: u64,
    /// Responses of the input.
    pub total: u64,
    /// What the run spent so far.
    pub spent: Spend,
}

/// Scores the checked inputs, writes the rows if there is a writer, and sums up.
pub async fn score(
    checked: Checked,
    settings: &ScoreSettings,
    ready: Ready,
    writer: Option<ScoreWriter>,
    mut around: Surroundings<'_>,
) -> Result<Report, Error> {
    let mut run = Run::begin_with(ready, &checked, settings, &around).await?;
    let limit = match settings.routing.budget {
        None => Limit::Above(settings.routing.max_uncertainty),
        Some(share) => measure(&mut run, &checked, share, &mut around).await?,
    };
    let relatives = around.asker.as_ref().map_or(vec![], |asker| asker.relatives());
    let summary = Summary::new(&settings.panel.panel, settings.extremes, relatives);
    let mut emit = Emit { writer, summary, listener: None };
    run.pass(&checked, Some(limit), &mut emit, &mut around).await?;
    if let Some(writer) = emit.writer.take() {
        writer.finish()?;
    }
    around.store.finish_run(run.id, &(around.now)()).await?;
    let calls = around.asker.as_ref().and_then(|asker| asker.caller().report());
    Ok(Report { calls, ..emit.summary.finish(&checked) })
}

/// Judges and rewards the responses of the checked inputs and writes the rows, but routes none: they are not final.
pub async fn judge(
    checked: &Checked,
    settings: &ScoreSettings,
    writer: ScoreWriter,
    mut around: Surroundings<'_>,
) -> Result<(), Error> {
    let mut run = Run::begin(checked, settings, &around).await?;
    around.store.start_ranking().await?;
    let summary = Summary::new(&settings.panel.panel, 0, vec![]);
    let mut emit = Emit { writer: Some(writer), summary, listener: None };
    run.pass(checked, None, &mut emit, &mut around).await?;
    if let Some(writer) = emit.writer.take() {
        writer.finish()?;
    }
    Ok(around.store.finish_run(run.id, &(around.now)()).await?)
}

/// Judges everything and ranks the uncertain responses, so that the budget can be spent on the first of them.
/// The pass that follows finds all verdicts in the store.
async fn measure(
    run: &mut Run<'_>,
    checked: &Checked,
    share: f64,
    around: &mut Surroundings<'_>,
) -> Result<Limit, Error> {
    around.store.start_ranking().await?;
    let summary = Summary::new(run.panel(), 0, vec![]);
    let mut emit = Emit { writer: None, summary, listener: None };
    run.pass(checked, None, &mut emit, around).await?;
    let (total, certain) = emit.summary.reviewed_whatever();
    let places = uncertain_places(share, total, certain);
    if places == 0 {
        return Ok(Limit::Never);
    }
    let last = around.store.rank_at(places).await?;
    // Fewer than that are ranked: people can see them all.
    Ok(last.map_or(Limit::Above(-1.0), |(uncertainty, response)| Limit::From(uncertainty, response)))
}
