//! Fits text heads on preferences and ratings, measures them on prompts they never saw, and writes the model.
//!
//! The same examples, embeddings and settings give the same files on the same kind of processor.

pub mod compare;
pub mod corpus;
pub mod cross;
pub mod example;
pub mod head;
pub mod linear;
pub mod logistic;
pub mod model;
pub mod report;
pub mod space;

mod card;

#[cfg(test)]
pub(crate) mod testing;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::error::Error;
use crate::features::FEATURE_VERSION;
use crate::file;
use crate::fit::compare::{comparisons, temperature};
use crate::fit::corpus::{Corpus, Embed, Row};
use crate::fit::cross::{Crossed, PARTS, cross_fit, select};
use crate::fit::example::Example;
use crate::fit::head::Design;
use crate::fit::model::{Model, Scored, centre, pool, signature};
use crate::fit::report::{DimensionReport, Report, source_reports};
use crate::fit::space::{Space, sides};
use crate::manifest::{FittedOn, Kind, Manifest, ModelFile, Requires, Role};

/// What a fit depends on beside its examples.
#[derive(Debug, Clone)]
pub struct TrainSettings {
    /// The seed of the split into parts.
    pub seed: u64,
    /// What people call the model.
    pub name: String,
    /// Distinguishes models of one name.
    pub version: String,
    /// The licence of the weights, as an SPDX expression.
    pub licence: String,
    /// The SHA-256 of the encoder's graph, which serving must use too.
    pub encoder: String,
    /// The command that makes this model again, for the card.
    pub command: String,
    /// Markdown that the card carries word for word, such as where the data come from and who must be named.
    pub notice: String,
}

/// How far a fit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// So many of so many texts are embedded.
    Embedding {
        /// How many are done.
        done: usize,
        /// How many there are.
        total: usize,
    },
    /// The head of this dimension is being fitted.
    Fitting {
        /// The dimension.
        dimension: &'a str,
    },
}

/// A fitted model, ready to be written.
#[derive(Debug)]
pub struct Trained {
    /// The ONNX file.
    pub onnx: Vec<u8>,
    /// What `model.toml` says.
    pub manifest: Manifest,
    /// What the fit is worth.
    pub report: Report,
    /// The model's README.
    pub card: String,
}

/// Fits one head per dimension of `examples`. Every distinct text is embedded once, in sorted order.
pub fn train(
    examples: &[Example],
    embed: &mut Embed<'_>,
    settings: &TrainSettings,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Trained, Error> {
    let mut embedding = |done, total| progress(Progress::Embedding { done, total });
    let corpus = Corpus::read(examples, embed, &mut embedding)?;
    check(&corpus, settings.seed)?;
    let all: Vec<&Row<'_>> = corpus.rows.iter().collect();
    let space = Space::measure(&corpus, &all);
    let centre = centre(&corpus, &space, &all);
    let mut model = Model { space, centre, heads: vec![] };
    let mut dimensions = vec![];
    for (at, dimension) in corpus.dimensions.iter().enumerate() {
        progress(Progress::Fitting { dimension });
        let crossed = cross_fit(&corpus, at, settings.seed)?;
        let head = fit_head(&corpus, &model, at, &crossed)?;
        let ridges = [head.head.ridges.embeddings, head.head.ridges.signals, head.head.ridges.crossed];
        dimensions.push(DimensionReport {
            dimension: dimension.to_string(),
            temperature: head.temperature,
            ridges,
            sources: source_reports(&corpus, at, &crossed),
        });
        model.heads.push(head);
    }
    let report = Report {
        seed: settings.seed,
        encoder: settings.encoder.clone(),
        examples: examples.len(),
        texts: corpus.embeddings.len(),
        dimensions,
    };
    let onnx = model.onnx();
    let manifest = manifest(&onnx, &report, &corpus, settings);
    let card = card::write(&report, settings);
    Ok(Trained { onnx, manifest, report, card })
}

impl Trained {
    /// Writes the model into `folder`, which is made if need be. The manifest comes last: until it is there, the
    /// hashes of an older one refuse the new files.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        std::fs::create_dir_all(folder).map_err(|source| Error::WriteFile { path: folder.into(), source })?;
        file::write(&folder.join(ONNX), &self.onnx)?;
        let mut report = serde_json::to_vec_pretty(&self.report)
            .map_err(|source| Error::FormatReport { model: self.manifest.name.clone(), source })?;
        report.push(b'\n');
        file::write(&folder.join("report.json"), &report)?;
        file::write(&folder.join("README.md"), self.card.as_bytes())?;
        self.manifest.write(folder)
    }
}

const ONNX: &str = "model.onnx";

/// Every part must have examples of every dimension, or there is nothing to choose ridges on.
fn check(corpus: &Corpus<'_>, seed: u64) -> Result<(), Error> {
    for (at, dimension) in corpus.dimensions.iter().enumerate() {
        let rows = select(corpus, at, |_| true);
        let parts: BTreeSet<usize> = rows.iter().map(|(_, row)| row.part(seed, PARTS)).collect();
        if parts.len() < PARTS {
            let groups: BTreeSet<_> = rows.iter().map(|(_, row)| row.group).collect();
            return Err(Error::TooFewPrompts { dimension: dimension.to_string(), found: groups.len() });
        }
    }
    if corpus.dimensions.is_empty() { Err(Error::NoExamples) } else { Ok(()) }
}

fn fit_head(
    corpus: &Corpus<'_>,
    model: &Model,
    dimension: usize,
    crossed: &Crossed,
) -> Result<Scored, Error> {
    let name = corpus.dimensions[dimension].to_string();
    let rows = select(corpus, dimension, |_| true);
    let plain: Vec<&Row<'_>> = rows.iter().map(|(_, row)| *row).collect();
    let design = Design::new(corpus, &model.space, &plain);
    let diverged = || Error::FitDiverged { dimension: name.clone() };
    let head = design.fit(crossed.ridges, None).ok_or_else(diverged)?;
    let posterior = design.posterior(&head).ok_or_else(diverged)?;
    let utility = |row, side| (model.space.features(corpus, row, side) - &model.centre).dot(&head.weights);
    let pool = pool(plain.iter().flat_map(|row| sides(row).map(|side| utility(*row, side))).collect());
    let margins = comparisons(&rows).into_iter().map(|pair| {
        let of = |place: &compare::Place<'_>| crossed.judged[place.at].head[place.side];
        (of(&pair.better) - of(&pair.worse), pair.target)
    });
    let temperature = temperature(&margins.collect::<Vec<_>>());
    Ok(Scored { dimension: name, head, posterior, temperature, pool })
}

fn manifest(onnx: &[u8], report: &Report, corpus: &Corpus<'_>, settings: &TrainSettings) -> Manifest {
    let signature = signature(report.dimensions.len());
    let figures = report.dimensions.iter().flat_map(|dimension| {
        let figure = |source: &report::SourceReport| {
            (
                format!("held-out accuracy, {}, {}", dimension.dimension, source.source),
                round(source.head.mean),
            )
        };
        dimension.sources.iter().map(figure)
    });
    Manifest {
        kind: Kind::TextHeads,
        name: settings.name.clone(),
        version: settings.version.clone(),
        licence: settings.licence.clone(),
        dimensions: report.dimensions.iter().map(|dimension| dimension.dimension.clone()).collect(),
        critics: vec![],
        requires: Some(Requires { encoder: settings.encoder.clone(), features: FEATURE_VERSION }),
        fitted_on: Some(FittedOn {
            sources: corpus.sources.iter().map(|source| source.to_string()).collect(),
            rows: corpus.rows.len() as u64,
            target: None,
            held_back: false,
        }),
        fingerprints: BTreeMap::new(),
        not_better_than: vec![],
        figures: figures.collect(),
        files: vec![ModelFile { path: ONNX.into(), role: Role::Onnx, sha256: file::sha256_hex(onnx) }],
        inputs: signature.inputs,
        outputs: signature.outputs,
    }
}

fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests;
