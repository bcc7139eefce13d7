//! One pass over the input: chunks go through the judges of this machine, then through the LLM critics where the
//! reward is still uncertain, and are saved in their order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rewardctl_core::id::Version;
use rewardctl_core::panel::Panel;
use rewardctl_core::route::{Limit, Policy, Route};
use rewardctl_core::verdict::Verdict;
use rewardctl_data::score_writer::ScoreWriter;
use rewardctl_data::scored::ScoredRow;
use rewardctl_model::aggregator::Aggregator;
use rewardctl_store::open::Store;
use rewardctl_store::save::{NewRun, RunId};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::answer::{Answer, batch, compare_within_rows, part, reward, uncertainties};
use crate::asker::{Asker, Said, Wanted};
use crate::budget::Spend;
use crate::chunk::{Chunk, Full, read};
use crate::error::Error;
use crate::in_force::{check_fresh, fingerprints};
use crate::ingest::Checked;
use crate::judges::Plan;
use crate::learn::apply::temperature;
use crate::learn::calibrate::Calibration;
use crate::learn::ratings::Ratings;
use crate::output::{Versions, kept, scored_row};
use crate::pass::course::{Course, Pending};
use crate::ready::Ready;
use crate::score::{Routing, ScoreSettings, Surroundings};
use crate::summary::Summary;
use crate::workers::{Done, Workers};

mod course;

/// Chunks under way at once: enough that no thread waits while another chunk is being saved; more where calls
/// take seconds, and the slowest of a chunk would leave the others waiting.
const CHUNKS_IN_FLIGHT: usize = 4;
const ASKING_CHUNKS_IN_FLIGHT: usize = 16;

/// How often progress is told while calls are out.
const TICK: Duration = Duration::from_millis(250);

/// What is saved together: little where a model reads it, so that a crash costs seconds at most. Otherwise much: keys
/// are hashes, so that every row lands on pages of its own, and the more rows a commit has, the more of them share one.
pub(crate) const SLOW: Full = Full { responses: 256, bytes: 64 << 10 };
const FAST: Full = Full { responses: 2048, bytes: 4 << 20 };
/// The ledger has what LLM critics were asked, so that a crash costs nothing; but many chunks are under way.
const ASKING: Full = Full { responses: 512, bytes: 1 << 20 };

/// The pieces that live as long as the run.
pub struct Run<'a> {
    /// Its number in the store.
    pub id: RunId,
    version: Version,
    versions: Versions,
    settings: &'a ScoreSettings,
    plan: Arc<Plan>,
    workers: Workers,
    aggregator: Aggregator,
    asker: Option<Arc<Asker>>,
    asks: JoinSet<(u64, Result<Vec<Said>, Error>)>,
    // The confidence from which on the aggregator's guarantee covers a pair, and its temperature.
    guaranteed: Option<f64>,
    temperature: f64,
    // Within which interval a person's rating is likely to lie.
    ratings: Option<Ratings>,
}

/// Where a pass leaves what it made.
pub struct Emit<'e> {
    /// Writes the rows.
    pub writer: Option<ScoreWriter>,
    /// Sums up.
    pub summary: Summary,
    /// Hears the answers of an audit, which keeps verdicts, but no rewards and routes; None otherwise.
    pub listener: Option<&'e mut dyn FnMut(&Answer<'_>)>,
}

/// What the coordinator waits for.
enum Event {
    Judged(Done),
    Asked(u64, Result<Vec<Said>, Error>),
    Tick,
}

impl<'a> Run<'a> {
    /// Loads the models and notes in the store that the run begins.
    pub async fn begin(
        checked: &Checked,
        settings: &'a ScoreSettings,
        around: &Surroundings<'_>,
    ) -> Result<Self, Error> {
        Self::begin_with(Ready::load(settings, checked.items)?, checked, settings, around).await
    }

    /// The same with what is loaded already.
    pub async fn begin_with(
        ready: Ready,
        checked: &Checked,
        settings: &'a ScoreSettings,
        around: &Surroundings<'_>,
    ) -> Result<Self, Error> {
        let Ready { plan, workers, aggregator } = ready;
        if let Some(folder) = &settings.panel.aggregator {
            check_fresh(folder, &fingerprints(&plan, around.asker.as_deref()))?;
        }
        let folder = settings.panel.aggregator.as_deref();
        let calibration = folder.map(Calibration::read).transpose()?.flatten();
        let ratings = folder.map(Ratings::read).transpose()?.flatten();
        let temperature = folder.map(temperature).transpose()?.unwrap_or(1.0);
        let llm = around.asker.as_ref().map_or(vec![], |asker| asker.fingerprints());
        let version = plan.version(aggregator.sha256(), &llm);
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
            workers,
            settings,
            plan,
            aggregator,
            asker: around.asker.clone(),
            asks: JoinSet::new(),
            guaranteed: calibration.map(|calibration| calibration.threshold),
            temperature,
            ratings,
        })
    }

    /// Returns what the verdicts of each source depend on: of the rules, of the text model, of each LLM critic.
    pub fn fingerprints(&self) -> BTreeMap<String, String> {
        fingerprints(&self.plan, self.asker.as_deref())
    }

    /// Returns what names the panel with everything behind it.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns the panel that judges.
    pub fn panel(&self) -> &'a Panel {
        &self.settings.panel.panel
    }

    /// Goes through all rows once. Without a limit nothing is routed, but the uncertain responses are ranked.
    pub async fn pass(
        &mut self,
        checked: &Checked,
        limit: Option<Limit>,
        emit: &mut Emit<'_>,
        around: &mut Surroundings<'_>,
    ) -> Result<(), Error> {
        let mut course = Course { finished: 0, total: checked.responses, stopped: None };
        if let Err(error) = self.run(checked, limit, emit, around, &mut course).await {
            course.stop(error);
            self.let_calls_end().await;
        }
        let Course { finished, total, stopped } = course;
        match stopped {
            Some(Error::Capped { cap, .. }) => Err(Error::Capped { cap, finished, total }),
            Some(Error::Stopped) => Err(Error::Interrupted { finished, total }),
            Some(error) => Err(error),
            None if finished == total => Ok(()),
            None if around.stop.load(Ordering::Relaxed) => Err(Error::Interrupted { finished, total }),
            None => Err(Error::Changed { finished, total }),
        }
    }

    async fn run(
        &mut self,
        checked: &Checked,
        limit: Option<Limit>,
        emit: &mut Emit<'_>,
        around: &mut Surroundings<'_>,
        course: &mut Course,
    ) -> Result<(), Error> {
        let mut chunks = read(checked.inputs.clone(), checked.only.clone(), self.chunk_size());
        let in_flight = if self.asker.is_some() { ASKING_CHUNKS_IN_FLIGHT } else { CHUNKS_IN_FLIGHT };
        let mut pending: VecDeque<Pending> = VecDeque::new();
        let (mut next_number, mut at_end) = (0, false);
        loop {
            let goes_on = course.stopped.is_none() && !around.stop.load(Ordering::Relaxed);
            while !at_end && goes_on && pending.len() < in_flight {
                match chunks.recv().await {
                    Some(chunk) => pending.push_back(self.submit(next_number, chunk?, around.store).await?),
                    None => at_end = true,
                }
                next_number += 1;
            }
            while let Some(front) = pending.pop_front_if(|front| front.is_ready) {
                let responses = front.chunk.responses as u64;
                self.save(front, limit, emit, around).await?;
                course.finished += responses;
                (around.progress)(course.progress(self.spent()));
            }
            let calls_are_out = !self.asks.is_empty();
            if pending.is_empty() && at_end || (!goes_on && !calls_are_out) {
                return Ok(());
            }
            match self.wait(&pending).await {
                Event::Judged(done) => self.receive(done, &mut pending)?,
                Event::Asked(number, Ok(said)) => self.hear(number, said, &mut pending)?,
                // The calls that are out are paid: they are waited for, so that the ledger gets their answers.
                Event::Asked(_, Err(error)) => course.stop(error),
                Event::Tick => (around.progress)(course.progress(self.spent())),
            }
        }
    }

    /// Lets the calls that are out come to their end: they are paid, and the ledger keeps their answers.
    async fn let_calls_end(&mut self) {
        if let Some(asker) = &self.asker {
            asker.halt();
        }
        while self.asks.join_next().await.is_some() {}
    }

    fn chunk_size(&self) -> Full {
        match (self.plan.text_versions(), &self.asker) {
            (Some(_), _) => SLOW,
            (None, Some(_)) => ASKING,
            (None, None) => FAST,
        }
    }

    fn spent(&self) -> Spend {
        self.asker.as_ref().map_or(Spend::default(), |asker| asker.spent())
    }

    async fn wait(&mut self, pending: &VecDeque<Pending>) -> Event {
        let are_judging = pending.iter().any(|pending| pending.missing > 0);
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tick.reset();
        tokio::select! {
            done = self.workers.next(), if are_judging => Event::Judged(done),
            Some(asked) = self.asks.join_next(), if !self.asks.is_empty() => {
                let (number, said) = asked.expect("asking does not panic, and nobody aborts it");
                Event::Asked(number, said)
            }
            _ = tick.tick() => Event::Tick,
        }
    }

    async fn submit(&self, number: u64, chunk: Chunk, store: &Store) -> Result<Pending, Error> {
        let responses = chunk.rows.iter().flat_map(|row| &row.responses);
        let keys: Vec<_> = responses.flat_map(|response| self.plan.keys(*response)).collect();
        let known = store.verdicts(&keys).await?;
        let chunk = Arc::new(chunk);
        self.workers.submit(number, &chunk, known);
        let rows: Vec<_> = chunk.rows.iter().map(|_| None).collect();
        let missing = rows.len();
        Ok(Pending {
            number,
            chunk,
            rows,
            missing,
            verdicts: vec![],
            fresh: vec![],
            next_tier: 0,
            is_ready: false,
        })
    }

    /// Takes in what the judges of this machine say of a few rows.
    fn receive(&mut self, done: Done, pending: &mut VecDeque<Pending>) -> Result<(), Error> {
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
        if chunk.missing == 0 {
            let rows = std::mem::take(&mut chunk.rows);
            (chunk.verdicts, chunk.fresh) = part(rows.into_iter().flatten().flatten());
            self.ask(chunk)?;
        }
        Ok(())
    }

    /// Takes in what the LLM critics of a tier say of a chunk.
    fn hear(&mut self, number: u64, said: Vec<Said>, pending: &mut VecDeque<Pending>) -> Result<(), Error> {
        let Some(chunk) = pending.iter_mut().find(|pending| pending.number == number) else {
            return Ok(());
        };
        for said in said {
            chunk.verdicts[said.place][said.slot] = said.verdict;
            chunk.fresh.extend(said.record);
        }
        self.ask(chunk)
    }

    /// Asks the LLM critics of the next tier that has work; without one, the chunk is ready.
    fn ask(&mut self, pending: &mut Pending) -> Result<(), Error> {
        let Some(asker) = self.asker.clone() else {
            pending.is_ready = true;
            return Ok(());
        };
        while let Some(tier) = asker.tiers().get(pending.next_tier).copied() {
            pending.next_tier += 1;
            let wanted = self.wanted(pending)?;
            if !wanted.is_empty() {
                let (number, chunk) = (pending.number, Arc::clone(&pending.chunk));
                self.asks.spawn(async move { (number, asker.ask(&chunk, tier, wanted).await) });
                return Ok(());
            }
        }
        pending.is_ready = true;
        Ok(())
    }

    /// Returns the responses whose reward is too uncertain so far.
    fn wanted(&mut self, pending: &Pending) -> Result<Vec<Wanted>, Error> {
        let asking = self.settings.panel.asking;
        let uncertainties = match asking.max_uncertainty {
            None => vec![None; pending.verdicts.len()],
            Some(_) => {
                let (panel, chunk) = (&self.settings.panel.panel, &pending.chunk);
                uncertainties(&mut self.aggregator, panel, chunk, &pending.verdicts)?
            }
        };
        let rows = pending.chunk.rows.iter().enumerate();
        let places = rows.flat_map(|(row, each)| (0..each.responses.len()).map(move |at| (row, at)));
        let each = places.zip(uncertainties).zip(&pending.verdicts).enumerate();
        let wanted = each.filter(|(_, ((_, uncertainty), _))| asking.wants(*uncertainty));
        let before = |verdicts: &Vec<Verdict>| if asking.sequential { verdicts.clone() } else { vec![] };
        Ok(wanted
            .map(|(place, (((row, at), _), verdicts))| Wanted { place, row, at, before: before(verdicts) })
            .collect())
    }

    /// Rewards, routes, saves and writes a chunk.
    async fn save(
        &mut self,
        pending: Pending,
        limit: Option<Limit>,
        emit: &mut Emit<'_>,
        around: &mut Surroundings<'_>,
    ) -> Result<(), Error> {
        let Pending { chunk, verdicts, fresh, .. } = pending;
        let mut answers = reward(&mut self.aggregator, &self.settings.panel.panel, &chunk, verdicts)?;
        if self.guaranteed.is_some() {
            compare_within_rows(&mut answers, self.temperature);
        }
        let Routing { audit_share, seed, .. } = self.settings.routing;
        // A budget says how many people see: it ranks by uncertainty, whatever is guaranteed.
        let covered_from = self.guaranteed.filter(|_| self.settings.routing.budget.is_none());
        let policy = Policy { limit: limit.unwrap_or(Limit::Never), covered_from, audit_share, seed };
        let routes: Vec<Route> = answers.iter().map(|answer| answer.route(&policy)).collect();
        let mut batch = batch(&chunk, &answers, fresh, limit.is_some().then_some(&routes));
        if let Some(listener) = &mut emit.listener {
            answers.iter().for_each(&mut **listener);
            batch.rewards.clear();
        }
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
        let mut row =
            scored_row(&self.settings.panel.panel, &self.versions, answer, route, self.ratings.as_ref());
        row.fields = kept(&answer.row.item, &self.settings.keep);
        if self.settings.with_text {
            row.prompt = Some(answer.row.item.context.prompt_text());
            row.response = Some(&answer.row.item.responses[answer.at].text);
        }
        row
    }
}
