//! Candidates: responses to prompts, drawn from one or several models.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use rewardctl_data::candidates::{Candidate, CandidateWriter, SamplingRow};
use serde::Serialize;

use crate::call::Caller;
use crate::chunk::{Chunk, Full, Row, read};
use crate::drawing::{Drawer, Drawn};
use crate::error::Error;
use crate::in_order::{Event, in_order};
use crate::ingest::Checked;
use crate::lost::{Lost, Text, refuse_down};
use crate::score::Progress;

/// Prompts of a chunk: few, because each is some calls.
pub(crate) const CHUNK: Full = Full { responses: 16, bytes: 64 << 10 };

/// How candidates are drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleSettings {
    /// The endpoints, each once, as [`Caller::endpoint_of`] gives them.
    pub endpoints: Vec<String>,
    /// Candidates of each endpoint for each prompt.
    pub count: u32,
    /// The temperature, where the endpoint takes one.
    pub temperature: f64,
    /// The share of the probability that tokens are drawn from.
    pub top_p: Option<f64>,
    /// The most tokens of a candidate, without reasoning.
    pub max_reply_tokens: u32,
    /// The system message of prompts that have none.
    pub system: Option<String>,
    /// Draws other candidates than another seed; None depends on the prompt alone.
    pub seed: Option<u64>,
    /// What is done with candidates that ran out of tokens.
    pub on_cut: OnCut,
}

/// What is done with a candidate that ran out of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnCut {
    /// It is left out and counted.
    Drop,
    /// It is kept and marked.
    Keep,
}

/// What makes the calls, who may stop it, and who is told.
pub struct Calling<'a> {
    /// Makes the calls.
    pub caller: &'a Arc<Caller>,
    /// Set by an interrupt: finish what is under way, then stop.
    pub stop: &'a AtomicBool,
    /// Told now and then how far the run is.
    pub progress: &'a mut dyn FnMut(Progress),
}

/// What sampling came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Sampled {
    /// Prompts of the input.
    pub prompts: u64,
    /// Rows written: prompts that have a response at all.
    pub rows: u64,
    /// Candidates written.
    pub candidates: u64,
    /// Those of each model.
    pub generators: BTreeMap<String, u64>,
    /// What was asked for and is no candidate.
    pub lost: Lost,
}

/// Draws candidates for every prompt of the checked inputs, and writes them in the order of the input.
pub async fn sample(
    checked: &Checked,
    settings: &SampleSettings,
    mut writer: CandidateWriter,
    calling: Calling<'_>,
) -> Result<Sampled, Error> {
    let Calling { caller, stop, progress } = calling;
    // An endpoint that is not there is found out once, and not by every prompt again.
    for endpoint in &settings.endpoints {
        caller.dialect(endpoint).await?;
    }
    let drawer = Arc::new(Drawer { caller: Arc::clone(caller), settings: settings.clone() });
    let each = settings.endpoints.len() as u64 * u64::from(settings.count);
    let total = checked.items * each;
    let mut tally = Tally::new(settings, caller);
    let start = |chunk: Chunk| Ok(draw_chunk(Arc::clone(&drawer), chunk));
    let hear = |event: Event<DrawnChunk>| {
        if let Event::Done((chunk, drawn)) = event {
            for (at, endpoint) in settings.endpoints.iter().enumerate() {
                let draws = drawn.iter().flat_map(|row| &row[at]);
                refuse_down(endpoint, draws.map(|one| &one.answered))?;
            }
            for (row, drawn) in chunk.rows.iter().zip(drawn) {
                tally.take(row, drawn, &mut writer)?;
            }
        }
        progress(Progress { finished: tally.report.prompts * each, total, spent: caller.spent() });
        Ok(())
    };
    let outcome =
        in_order(read(checked.inputs.clone(), checked.only.clone(), CHUNK), stop, start, hear).await;
    ended(outcome, tally.report.prompts * each, total, stop)?;
    tally.report.rows = writer.finish()?;
    Ok(tally.report)
}

/// Says how far a run came that ended before its time.
pub(crate) fn ended(
    outcome: Result<(), Error>,
    finished: u64,
    total: u64,
    stop: &AtomicBool,
) -> Result<(), Error> {
    match outcome {
        Err(Error::Capped { cap, .. }) => Err(Error::Capped { cap, finished, total }),
        Err(Error::Stopped) => Err(Error::Interrupted { finished, total }),
        Err(error) => Err(error),
        Ok(()) if finished == total => Ok(()),
        Ok(()) if stop.load(Ordering::Relaxed) => Err(Error::Interrupted { finished, total }),
        Ok(()) => Err(Error::Changed { finished, total }),
    }
}

type DrawnChunk = (Chunk, Vec<Vec<Vec<Drawn>>>);

async fn draw_chunk(drawer: Arc<Drawer>, chunk: Chunk) -> Result<DrawnChunk, Error> {
    // All are waited for, also when one of them stops the run: their calls are paid.
    let drawn = join_all(chunk.rows.iter().map(|row| drawer.draw(&row.item.context))).await;
    Ok((chunk, drawn.into_iter().collect::<Result<_, _>>()?))
}

/// Counts what comes, and writes it.
struct Tally<'a> {
    settings: &'a SampleSettings,
    // Of each endpoint, what its candidates are called.
    generators: Vec<String>,
    sampling: SamplingRow,
    report: Sampled,
}

impl<'a> Tally<'a> {
    fn new(settings: &'a SampleSettings, caller: &Caller) -> Self {
        let sampling = SamplingRow {
            n: settings.count,
            temperature: settings.temperature,
            top_p: settings.top_p,
            max_reply_tokens: settings.max_reply_tokens,
            seed: settings.seed,
            system: settings.system.clone(),
        };
        let generators = generators(settings, caller);
        Self { settings, generators, sampling, report: Sampled::default() }
    }

    fn take(&mut self, row: &Row, drawn: Vec<Vec<Drawn>>, writer: &mut CandidateWriter) -> Result<(), Error> {
        self.report.prompts += 1;
        let mut seen: BTreeSet<String> =
            row.item.responses.iter().map(|response| folded(&response.text)).collect();
        let mut candidates = vec![];
        for (at, drawn) in drawn.into_iter().enumerate() {
            for one in drawn {
                let Some(candidate) = self.candidate(row, at, one) else { continue };
                if seen.insert(folded(&candidate.text)) {
                    *self.report.generators.entry(candidate.model.clone()).or_default() += 1;
                    candidates.push(candidate);
                } else {
                    self.report.lost.duplicates += 1;
                }
            }
        }
        self.report.candidates += candidates.len() as u64;
        if candidates.is_empty() && row.item.responses.is_empty() {
            return Ok(());
        }
        Ok(writer.write(&row.item, &candidates, Some(&self.sampling))?)
    }

    /// Returns the candidate of a draw; None if it is counted instead.
    fn candidate(&mut self, row: &Row, at: usize, drawn: Drawn) -> Option<Candidate> {
        let Drawn { answered, number, seed } = drawn;
        let endpoint = self.settings.endpoints[at].clone();
        let Text { text, is_cut } = self.report.lost.text(answered, self.settings.on_cut, row, &endpoint)?;
        let model = self.generators[at].clone();
        Some(Candidate { text, model, endpoint, number: Some(number), seed, cut: is_cut, revision: None })
    }
}

/// Returns `text` with its blanks folded: what differs in nothing else is the same candidate.
pub(crate) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Names what each endpoint draws: its model, and the endpoint too where two have the same one.
fn generators(settings: &SampleSettings, caller: &Caller) -> Vec<String> {
    let models: Vec<&str> =
        settings.endpoints.iter().map(|endpoint| caller.line(endpoint).model.as_str()).collect();
    let name = |(endpoint, model): (&String, &&str)| {
        let shared = models.iter().filter(|other| *other == model).count() > 1;
        if shared { format!("{model}@{endpoint}") } else { model.to_string() }
    };
    settings.endpoints.iter().zip(&models).map(name).collect()
}
