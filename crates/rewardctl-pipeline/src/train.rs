//! Fits the text heads: reads the training files, embeds their texts on all threads, fits, and writes the model.
//!
//! What a panel scored can take the place of what people said: the heads then learn to say what the panel would, without its
//! calls (G. Hinton, O. Vinyals, J. Dean, *Distilling the Knowledge in a Neural Network*, arXiv 1503.02531).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rewardctl_data::measured::scored::{ScoredRow, read_scored_rows};
use rewardctl_model::encoder::{Encoder, EncoderSettings};
use rewardctl_model::error::Error as ModelError;
use rewardctl_model::fit::example::{Example, Judgement, parse_example};
use rewardctl_model::fit::report::Report;
use rewardctl_model::fit::{Progress, TrainSettings, train};
use rewardctl_model::onnx::Runtime;

use crate::error::Error;
use crate::models::ModelPaths;
use crate::text::encoder_hash;

/// What fitting is told.
#[derive(Debug, Clone)]
pub struct TrainText {
    /// The training files: JSONL of pairs and ratings.
    pub data: Vec<PathBuf>,
    /// Files of scored responses with their texts, of which the heads learn what the panel said.
    pub rewards: Vec<PathBuf>,
    /// The folder that the model is written to.
    pub out: PathBuf,
    /// The seed of the split into parts.
    pub seed: u64,
    /// Threads that embed; at least 1.
    pub threads: usize,
    /// Where the encoder lies.
    pub models: ModelPaths,
    /// What the model's card carries word for word: where the data come from, and who must be named.
    pub notice: String,
    /// The command that does this again, for the card.
    pub command: String,
}

/// The source that reports name where the panel's scores are learned.
const PANEL: &str = "panel";

/// What a fit came to.
#[derive(Debug, Clone)]
pub struct TrainedText {
    /// What the heads are worth.
    pub report: Report,
    /// Scored responses to which the heads in use gave a score: what these said is learned from themselves.
    pub judged_by_heads: u64,
}

/// Fits, measures and writes; tells `progress` how many of how many texts are embedded.
pub fn train_text(told: &TrainText, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<TrainedText, Error> {
    let mut examples = read_examples(&told.data)?;
    let mut judged_by_heads = 0;
    for path in &told.rewards {
        read_rewards(path, &mut examples, &mut judged_by_heads)?;
    }
    let embeddings = embed_all(&texts(&examples), told, progress)?;
    let settings = TrainSettings {
        seed: told.seed,
        name: "text-heads".into(),
        version: "1".into(),
        licence: "MIT OR Apache-2.0".into(),
        encoder: encoder_hash(&told.models)?,
        command: told.command.clone(),
        notice: told.notice.clone(),
    };
    let mut look_up = |text: &str| Ok(embeddings[text].clone());
    let trained = train(&examples, &mut look_up, &settings, &mut |_: Progress<'_>| {})?;
    trained.write(&told.out)?;
    Ok(TrainedText { report: trained.report, judged_by_heads })
}

/// Adds an example for every score of a dimension. A response without a reward teaches nothing: of it some critics said
/// something, and not the panel.
fn read_rewards(path: &Path, examples: &mut Vec<Example>, judged_by_heads: &mut u64) -> Result<(), Error> {
    let label = path.display().to_string();
    for row in read_scored_rows(path, &label)? {
        let (line, row) = row.map_err(|bad| Error::BadRows { count: 1, first: vec![bad] })?;
        if row.reward.is_none() {
            continue;
        }
        *judged_by_heads +=
            u64::from(row.versions.iter().any(|(name, hash)| name == "heads" && !hash.is_empty()));
        examples.extend(distilled(row).ok_or(Error::NoTexts { path: path.into(), line })?);
    }
    Ok(())
}

/// Returns what a panel said of one response, by dimension; None where the texts are not at hand.
fn distilled(row: ScoredRow) -> Option<impl Iterator<Item = Example>> {
    let ScoredRow { item, dimensions, prompt, text, .. } = row;
    let response = text.filter(|_| !prompt.is_empty())?;
    let group = item.map(|item| item.to_string());
    let example = move |(dimension, value): (String, f64)| Example {
        group: group.clone(),
        source: PANEL.into(),
        dimension,
        prompt: prompt.clone(),
        judgement: Judgement::Rating { response: response.clone(), value },
    };
    Some(dimensions.into_iter().filter_map(|(dimension, score)| Some((dimension, score?))).map(example))
}

fn read_examples(files: &[PathBuf]) -> Result<Vec<Example>, Error> {
    let mut examples = vec![];
    for path in files {
        let text =
            fs::read_to_string(path).map_err(|source| Error::ReadTraining { path: path.clone(), source })?;
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let named =
                |source| Error::TrainingLine { path: path.clone(), line: at + 1, source: Box::new(source) };
            examples.push(parse_example(line).map_err(named)?);
        }
    }
    Ok(examples)
}

fn texts(examples: &[Example]) -> Vec<&str> {
    let mut texts = BTreeSet::new();
    for example in examples {
        texts.insert(example.prompt.as_str());
        match &example.judgement {
            Judgement::Pair { chosen, rejected, .. } => texts.extend([chosen.as_str(), rejected.as_str()]),
            Judgement::Rating { response, .. } => texts.extend([response.as_str()]),
        }
    }
    texts.into_iter().collect()
}

/// Embeds every text once; which thread does it changes nothing, since a text is embedded alone.
fn embed_all<'a>(
    texts: &[&'a str],
    told: &TrainText,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<BTreeMap<&'a str, Vec<f32>>, Error> {
    let runtime = Runtime::load(&told.models.library)?;
    let settings = EncoderSettings { max_windows: told.models.max_windows };
    let next = AtomicUsize::new(0);
    let embedded = Mutex::new(BTreeMap::new());
    let work = || -> Result<(), ModelError> {
        let mut encoder = Encoder::load(&runtime, &told.models.encoder, settings)?;
        while let Some(text) = texts.get(next.fetch_add(1, Ordering::Relaxed)) {
            let vector = encoder.embed(text)?.vector;
            let mut embedded = embedded.lock().expect("no thread panics while it holds the lock");
            embedded.insert(*text, vector);
            progress(embedded.len(), texts.len());
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..told.threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("the encoder does not panic"))
    })?;
    Ok(embedded.into_inner().expect("no thread panics while it holds the lock"))
}
