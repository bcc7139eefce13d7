//! Replays active learning on stored verdicts or in simulated worlds, so that rules of asking can be compared before
//! anybody is asked. Nothing is read from or kept in the store.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rewardctl_core::acquire::covariance::Covariance;
use rewardctl_core::learning_curve::Point;
use rewardctl_core::replay::measure::Measure;
use rewardctl_core::replay::summary::{Summary, summarise};
use rewardctl_core::replay::{Answer, Belief, Course, Policy, Question, halves, replay};
use rewardctl_core::worlds::World;
use rewardctl_model::learn::rows::{RowLabel, Rows};
use serde::Serialize;

use crate::error::Error;
use crate::simulate::stored::Stored;

pub mod plot;
pub mod stored;

mod simulated;

/// Where the pairs come from.
#[derive(Debug)]
pub enum Source {
    /// A simulated world; every seed draws another.
    World(World),
    /// Stored verdicts, with what people said.
    Stored(Stored),
}

/// How replays go.
#[derive(Debug, Clone)]
pub struct SimulateSettings {
    /// The rules, of which the first is what the others are compared with.
    pub policies: Vec<Policy>,
    /// Seeds, each with another split, other first labels and other people.
    pub seeds: u64,
    /// The seed that those derive from.
    pub seed: u64,
    /// Labels at the start, a batch, and in the end.
    pub course: Course,
    /// Threads; results do not depend on it.
    pub threads: usize,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulation {
    /// The world or the files.
    pub name: String,
    /// How many pairs can be asked about, in each seed; as many are tested on.
    pub pool: usize,
    /// How many pairs are tested on.
    pub test: usize,
    /// How many critics judged them.
    pub critics: usize,
    /// Labels at the start.
    pub start: usize,
    /// Labels a batch.
    pub batch: usize,
    /// Labels in the end.
    pub budget: usize,
    /// How many seeds took part.
    pub seeds: usize,
    /// Per rule, what it was worth.
    pub rules: Vec<Summary>,
}

/// Replays every rule with every seed; `progress` is told how many seeds are done.
pub fn simulate(
    source: &Source,
    settings: &SimulateSettings,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Simulation, Error> {
    let (pool, test) = source.sizes(settings)?;
    let course = settings.course;
    if pool < course.start + course.batch {
        return Err(Error::TooFewPairs {
            name: source.name(),
            found: pool,
            needed: course.start + course.batch,
        });
    }
    let runs = source.run_all(settings, progress);
    let rules = summarise(&settings.policies, &runs, settings.seed);
    if rules.is_empty() {
        return Err(Error::NothingToLearn { name: source.name() });
    }
    Ok(Simulation {
        name: source.name(),
        pool,
        test,
        critics: source.critics(),
        start: course.start,
        batch: course.batch,
        budget: course.budget,
        seeds: runs.iter().filter(|run| run.iter().all(|curve| !curve.is_empty())).count(),
        rules,
    })
}

/// Sizes on which a learning curve is measured.
const SIZES: usize = 8;

/// Returns the points of learning curves, one curve a seed: fits on growing random parts of one half of the pairs, each
/// measured on the other half.
pub fn learning_curves(
    stored: Stored,
    seed: u64,
    seeds: u64,
    threads: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Vec<Point>>, Error> {
    let (pool, _) = halves(&stored.questions, seed);
    let batch = pool.len() / SIZES;
    if batch == 0 {
        return Err(Error::TooFewPairs { name: stored.name, found: pool.len(), needed: SIZES });
    }
    let course = Course { start: batch, batch, budget: batch * SIZES };
    let settings = SimulateSettings { policies: vec![Policy::Random], seeds, seed, course, threads };
    let runs = Source::Stored(stored).run_all(&settings, progress);
    let point = |measure: &Measure| Point { labels: measure.labels as f64, error: 1.0 - measure.accuracy };
    Ok(runs.iter().map(|policies| policies.iter().flatten().map(point).collect()).collect())
}

impl Source {
    /// Returns what people call it.
    pub fn name(&self) -> String {
        match self {
            Self::World(world) => format!("world {}", world.name),
            Self::Stored(stored) => stored.name.clone(),
        }
    }

    fn critics(&self) -> usize {
        match self {
            Self::World(_) => rewardctl_core::worlds::CRITICS,
            Self::Stored(stored) => stored.critics(),
        }
    }

    /// Returns how many pairs the first seed asks about and tests on.
    fn sizes(&self, settings: &SimulateSettings) -> Result<(usize, usize), Error> {
        match self {
            Self::World(_) => Ok((simulated::PAIRS / 2, simulated::PAIRS / 2)),
            Self::Stored(stored) => {
                let (pool, test) = halves(&stored.questions, settings.seed);
                Ok((pool.len(), test.len()))
            }
        }
    }

    fn run_all(
        &self,
        settings: &SimulateSettings,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Vec<Vec<Measure>>> {
        match self {
            Self::World(world) => over_seeds(settings, progress, &|seed| {
                let questions = simulated::questions(*world, seed);
                let rows = simulated::rows(&questions);
                rows.map_or(vec![], |rows| run_on(&questions, &rows, settings, seed))
            }),
            Self::Stored(stored) => {
                let pool = stored.pool();
                let rows = stored.rows(&pool);
                over_seeds(settings, progress, &|seed| run_on(&stored.questions, &rows, settings, seed))
            }
        }
    }
}

/// Runs every seed once, on several threads; the results stand in the order of seeds.
fn over_seeds(
    settings: &SimulateSettings,
    progress: &(dyn Fn(usize) + Sync),
    run: &(dyn Fn(u64) -> Vec<Vec<Measure>> + Sync),
) -> Vec<Vec<Vec<Measure>>> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let found = Mutex::new(vec![vec![]; settings.seeds as usize]);
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= settings.seeds as usize {
                return;
            }
            let measured = run(settings.seed.wrapping_add(number as u64));
            if let Ok(mut found) = found.lock() {
                found[number] = measured;
            }
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    thread::scope(|scope| {
        for _ in 0..settings.threads.max(1) {
            scope.spawn(work);
        }
    });
    found.into_inner().unwrap_or_default()
}

fn run_on(
    questions: &[Question],
    rows: &Rows<'_>,
    settings: &SimulateSettings,
    seed: u64,
) -> Vec<Vec<Measure>> {
    let fit = |answers: &[Answer]| {
        let label = |answer: &Answer| RowLabel { at: answer.at, target: answer.target };
        let fit = rows.fit(&answers.iter().map(label).collect::<Vec<_>>())?;
        let width = questions.first()?.difference.len();
        Some(Belief {
            means: fit.margins,
            item_variances: fit.item_variances,
            covariance: Covariance::new(width, fit.covariance)?,
        })
    };
    replay(questions, &settings.policies, settings.course, seed, &fit)
}

#[cfg(test)]
mod tests;
