//! The main job: ingest, critique, aggregate and route, in one go.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rewardctl_core::id::Version;
use rewardctl_core::route::{Limit, Policy, Route, uncertain_places};
use rewardctl_critic::rules::settings::RuleSettings;
use rewardctl_data::fields::ReadSettings;
use rewardctl_data::score_writer::ScoreWriter;
use rewardctl_data::scored::ScoredRow;
use rewardctl_model::aggregator::{Aggregator, fixed_weights};
use rewardctl_model::onnx::Runtime;
use rewardctl_store::open::Store;
use rewardctl_store::save::{NewRun, RunId};

use crate::answer::{Answer, batch, part, reward};
use crate::chunk::{Chunk, Full, read};
use crate::error::Error;
use crate::ingest::{Checked, OnBadRow};
use crate::judges::{Judged, Plan};
use crate::models::ModelPaths;
use crate::output::{Versions, scored_row};
use crate::panel::LoadedPanel;
use crate::summary::{Report, Summary};
use crate::workers::Workers;

/// Chunks under way at once: enough that no thread waits while another chunk is being saved.
const CHUNKS_IN_FLIGHT: usize = 4;

/// Responses saved together: many, because a commit takes longer than judging a short one.
const RESPONSES_A_CHUNK: usize = 256;

/// Bytes of text saved together: few where a model reads them, so that a crash costs seconds at most.
const SLOW_BYTES_A_CHUNK: usize = 64 << 10;
const FAST_BYTES_A_CHUNK: usize = 4 << 20;

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
    /// Told after each chunk how many responses are done, of how many.
    pub progress: &'a mut dyn FnMut(u64, u64),
}

/// Scores the checked inputs, writes the rows if there is a writer, and sums up.
pub async fn score(
    checked: Checked,
    settings: &ScoreSettings,
    writer: Option<ScoreWriter>,
    mut around: Surroundings<'_>,
) -> Result<Report, Error> {
    let mut run = Run::begin(&checked, settings, &around).await?;
    let limit = match settings.routing.budget {
        None => Limit::Above(settings.routing.max_uncertainty),
        Some(share) => run.measure(&checked, share, &mut around).await?,
    };
    let mut emit = Emit { writer, summary: Summary::new(&settings.panel.panel, settings.extremes) };
    run.pass(&checked, Some(limit), &mut emit, &mut around).await?;
    if let Some(writer) = emit.writer.take() {
        writer.finish()?;
    }
    around.store.finish_run(run.id, &(around.now)()).await?;
    Ok(emit.summary.finish(&checked))
}

/// The pieces that live as long as the run.
struct Run<'a> {
    id: RunId,
    version: Version,
    versions: Versions,
    settings: &'a ScoreSettings,
    plan: Arc<Plan>,
    workers: Workers,
    aggregator: Aggregator,
}

/// Where a pass leaves what it made.
struct Emit {
    writer: Option<ScoreWriter>,
    summary: Summary,
}

/// A chunk under way.
struct Pending {
    number: u64,
    chunk: Arc<Chunk>,
    rows: Vec<Option<Vec<Judged>>>,
    missing: usize,
}

impl<'a> Run<'a> {
    async fn begin(
        checked: &Checked,
        settings: &'a ScoreSettings,
        around: &Surroundings<'_>,
    ) -> Result<Self, Error> {
        let plan = Arc::new(Plan::new(&settings.panel, &settings.rules, &settings.models)?);
        let aggregator = load_aggregator(settings)?;
        let version = plan.version(aggregator.sha256());
        let inputs: Vec<String> = checked.inputs.iter().map(|input| input.label.clone()).collect();
        let new = NewRun {
            version,
            panel: &settings.panel.panel,
            seed: settings.routing.seed,
            inputs: &inputs,
            started: &(around.now)(),
        };
        Ok(Self {
            id: around.store.begin_run(&new).await?,
            version,
            versions: Versions::new(version, aggregator.sha256(), plan.text_versions()),
            workers: Workers::start(&plan, settings.threads)?,
            settings,
            plan,
            aggregator,
        })
    }

    /// Judges everything and ranks the uncertain responses, so that the budget can be spent on the first of them.
    /// The pass that follows finds all verdicts in the store.
    async fn measure(
        &mut self,
        checked: &Checked,
        share: f64,
        around: &mut Surroundings<'_>,
    ) -> Result<Limit, Error> {
        around.store.start_ranking().await?;
        let mut emit = Emit { writer: None, summary: Summary::new(&self.settings.panel.panel, 0) };
        self.pass(checked, None, &mut emit, around).await?;
        let (total, certain) = emit.summary.reviewed_whatever();
        let places = uncertain_places(share, total, certain);
        if places == 0 {
            return Ok(Limit::Never);
        }
        let last = around.store.rank_at(places).await?;
        // Fewer than that are ranked: people can see them all.
        Ok(last.map_or(Limit::Above(-1.0), |(uncertainty, response)| Limit::From(uncertainty, response)))
    }

    /// Goes through all rows once. Without a limit nothing is routed, but the uncertain responses are ranked.
    async fn pass(
        &mut self,
        checked: &Checked,
        limit: Option<Limit>,
        emit: &mut Emit,
        around: &mut Surroundings<'_>,
    ) -> Result<(), Error> {
        let slow = self.plan.text_versions().is_some();
        let bytes = if slow { SLOW_BYTES_A_CHUNK } else { FAST_BYTES_A_CHUNK };
        let full = Full { responses: RESPONSES_A_CHUNK, bytes };
        let mut chunks = read(checked.inputs.clone(), full);
        let mut pending: VecDeque<Pending> = VecDeque::new();
        let (mut next_number, mut finished, mut at_end) = (0, 0, false);
        loop {
            let interrupted = around.stop.load(Ordering::Relaxed);
            while !at_end && !interrupted && pending.len() < CHUNKS_IN_FLIGHT {
                match chunks.recv().await {
                    Some(chunk) => pending.push_back(self.submit(next_number, chunk?, around.store).await?),
                    None => at_end = true,
                }
                next_number += 1;
            }
            let Some(front) = pending.front() else { break };
            if front.missing > 0 {
                self.receive(&mut pending).await?;
                continue;
            }
            let Some(front) = pending.pop_front() else { break };
            finished += front.chunk.responses as u64;
            self.save(front, limit, emit, around).await?;
            (around.progress)(finished, checked.responses);
        }
        let total = checked.responses;
        match finished == total {
            true => Ok(()),
            false if around.stop.load(Ordering::Relaxed) => Err(Error::Interrupted { finished, total }),
            false => Err(Error::Changed { finished, total }),
        }
    }

    async fn submit(&self, number: u64, chunk: Chunk, store: &Store) -> Result<Pending, Error> {
        let responses = chunk.rows.iter().flat_map(|row| &row.responses);
        let keys: Vec<_> = responses.flat_map(|response| self.plan.keys(*response)).collect();
        let known = store.verdicts(&keys).await?;
        let chunk = Arc::new(chunk);
        self.workers.submit(number, &chunk, known);
        let rows: Vec<_> = chunk.rows.iter().map(|_| None).collect();
        Ok(Pending { number, missing: rows.len(), chunk, rows })
    }

    async fn receive(&mut self, pending: &mut VecDeque<Pending>) -> Result<(), Error> {
        let done = self.workers.next().await;
        let Some(chunk) = pending.iter_mut().find(|pending| pending.number == done.number) else {
            return Ok(());
        };
        for (at, judged) in (done.first..).zip(done.judged) {
            if judged.is_none() {
                let row = &chunk.chunk.rows[at];
                return Err(Error::CriticCrashed { file: row.file.clone(), line: row.line });
            }
            chunk.rows[at] = judged;
            chunk.missing -= 1;
        }
        Ok(())
    }

    async fn save(
        &mut self,
        pending: Pending,
        limit: Option<Limit>,
        emit: &mut Emit,
        around: &mut Surroundings<'_>,
    ) -> Result<(), Error> {
        let chunk = pending.chunk;
        let (verdicts, fresh) = part(pending.rows.into_iter().flatten().flatten());
        let answers = reward(&mut self.aggregator, &self.settings.panel.panel, &chunk, verdicts)?;
        let Routing { audit_share, seed, .. } = self.settings.routing;
        let policy = Policy { limit: limit.unwrap_or(Limit::Never), audit_share, seed };
        let routes: Vec<Route> = answers.iter().map(|answer| answer.route(&policy)).collect();
        let batch = batch(&chunk, &answers, fresh, limit.is_some().then_some(&routes));
        around.store.save(self.id, self.version, &batch).await?;
        if limit.is_none() {
            let ranks: Vec<_> = answers.iter().filter_map(|answer| answer.rank(&policy)).collect();
            around.store.rank(&ranks).await?;
        }
        for (answer, route) in answers.iter().zip(&routes) {
            emit.summary.add(answer, route);
            if let Some(writer) = &mut emit.writer {
                writer.write(&self.row(answer, route))?;
            }
        }
        Ok(())
    }

    fn row<'r>(&'r self, answer: &'r Answer<'_>, route: &'r Route) -> ScoredRow<'r> {
        let mut row = scored_row(&self.settings.panel.panel, &self.versions, answer, route);
        if self.settings.with_text {
            row.prompt = Some(answer.row.item.context.prompt_text());
            row.response = Some(&answer.row.item.responses[answer.at].text);
        }
        row
    }
}

/// Loads the panel's aggregator: fixed weights unless it names another.
fn load_aggregator(settings: &ScoreSettings) -> Result<Aggregator, Error> {
    let runtime = Runtime::load(&settings.models.library)?;
    let panel = &settings.panel.panel;
    Ok(match &settings.panel.aggregator {
        None => Aggregator::new(&runtime, &fixed_weights(panel), panel)?,
        Some(folder) => Aggregator::load(&runtime, folder, panel)?,
    })
}
