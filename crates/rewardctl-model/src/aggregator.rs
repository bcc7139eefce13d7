//! The aggregator: the panel's scores go in, one reward comes out, with the weights that were really used.
//!
//! All aggregation runs an ONNX graph, also the one with fixed weights that [`fixed_weights`] writes for a panel, so
//! that a fitted graph, or one brought from elsewhere, takes its place without other code.

use std::collections::BTreeMap;
use std::path::Path;

use rewardctl_core::panel::Panel;
use rewardctl_core::reward::Aggregate;
use rewardctl_core::score::Score;

use crate::error::Error;
use crate::file;
use crate::manifest::{Kind, Manifest, ModelFile, Role};
use crate::onnx::{Graph, Runtime, Tensor};
use crate::signature::{Port, Signature};

mod fixed;

/// The version in the manifest of an aggregator that [`write_fixed_weights`] wrote.
pub const FIXED_WEIGHTS: &str = "fixed-weights";

/// The most rows of one run; more are run in turn, which keeps memory small and changes no number.
const BATCH: usize = 4096;

/// An aggregator that fits a panel, ready to run. It is `Send`; one thread owns it.
#[derive(Debug)]
pub struct Aggregator {
    graph: Graph,
    critics: usize,
    dimensions: usize,
}

/// Returns the ONNX graph of the aggregator with the weights of `panel`, which must have passed [`Panel::check`].
///
/// Within a dimension the critics present are averaged by weight and the caps present limit that mean. The reward is
/// the mean of the dimensions present, by weight.
pub fn fixed_weights(panel: &Panel) -> Vec<u8> {
    fixed::graph(panel)
}

/// Writes the aggregator with the weights of `panel` into `folder`, as a model with its manifest.
pub fn write_fixed_weights(folder: &Path, panel: &Panel) -> Result<(), Error> {
    let onnx = fixed_weights(panel);
    let path = "model.onnx";
    file::write(&folder.join(path), &onnx)?;
    let Signature { inputs, outputs } = signature(panel);
    let manifest = Manifest {
        kind: Kind::Aggregator,
        name: panel.name.clone(),
        version: FIXED_WEIGHTS.into(),
        licence: env!("CARGO_PKG_LICENSE").into(),
        dimensions: dimensions(panel),
        critics: critics(panel),
        requires: None,
        fitted_on: None,
        figures: BTreeMap::new(),
        files: vec![ModelFile { path: path.into(), role: Role::Onnx, sha256: file::sha256_hex(&onnx) }],
        inputs,
        outputs,
    };
    manifest.write(folder)
}

fn critics(panel: &Panel) -> Vec<String> {
    panel.slots.iter().map(|slot| slot.critic.clone()).collect()
}

fn dimensions(panel: &Panel) -> Vec<String> {
    panel.dimensions.iter().map(|dimension| dimension.name.clone()).collect()
}

/// Returns what an aggregator of `panel` reads and gives.
///
/// `score` holds anything where `mask` is not 1. `dimension` holds 0 where `dimension_mask` is not 1. `weight` is what
/// each score weighed in `reward`, 0 where there is none.
pub fn signature(panel: &Panel) -> Signature {
    let critics = [None, Some(panel.slots.len() as i64)];
    let dimensions = [None, Some(panel.dimensions.len() as i64)];
    Signature {
        inputs: vec![Port::f32("score", &critics), Port::f32("mask", &critics)],
        outputs: vec![
            Port::f32("reward", &[None, Some(1)]),
            Port::f32("dimension", &dimensions),
            Port::f32("dimension_mask", &dimensions),
            Port::f32("weight", &critics),
        ],
    }
}

impl Aggregator {
    /// Loads the graph in the bytes `onnx` if its inputs and outputs fit `panel`.
    pub fn new(runtime: &Runtime, onnx: &[u8], panel: &Panel) -> Result<Self, Error> {
        Self::from_graph(Graph::from_bytes(runtime, "aggregator", onnx)?, panel)
    }

    /// Loads the aggregator in `folder` if it is what its manifest describes and fits `panel`.
    pub fn load(runtime: &Runtime, folder: &Path, panel: &Panel) -> Result<Self, Error> {
        let manifest = Manifest::load_kind(folder, Kind::Aggregator)?;
        // The graph knows columns, not names: in another order it would weigh the wrong critics.
        if manifest.critics != critics(panel) || manifest.dimensions != dimensions(panel) {
            return Err(Error::OtherPanel { path: folder.into(), panel: panel.name.clone() });
        }
        Self::from_graph(manifest.graph(folder, runtime)?, panel)
    }

    /// Returns the SHA-256 of the graph, in hexadecimal.
    pub fn sha256(&self) -> &str {
        self.graph.sha256()
    }

    /// Aggregates every row of `scores`; a row has one place per critic of the panel, in its order.
    ///
    /// A row without any score has the reward 0 and no dimensions: the caller must treat it as no reward.
    pub fn run(&mut self, scores: &[Vec<Option<Score>>]) -> Result<Vec<Aggregate>, Error> {
        if let Some(row) = scores.iter().find(|row| row.len() != self.critics) {
            return Err(Error::ScoreCount { expected: self.critics, found: row.len() });
        }
        let mut aggregates = Vec::with_capacity(scores.len());
        for batch in scores.chunks(BATCH) {
            aggregates.extend(self.run_batch(batch)?);
        }
        Ok(aggregates)
    }

    fn from_graph(graph: Graph, panel: &Panel) -> Result<Self, Error> {
        graph.require(&signature(panel))?;
        Ok(Self { graph, critics: panel.slots.len(), dimensions: panel.dimensions.len() })
    }

    fn run_batch(&mut self, batch: &[Vec<Option<Score>>]) -> Result<Vec<Aggregate>, Error> {
        let cells = || batch.iter().flatten();
        let score: Vec<f32> = cells().map(|cell| cell.map_or(0.0, |score| score.get() as f32)).collect();
        let mask: Vec<f32> = cells().map(|cell| f32::from(u8::from(cell.is_some()))).collect();
        let rows = batch.len() as i64;
        let per_critic = [rows, self.critics as i64];
        let per_dimension = [rows, self.dimensions as i64];
        let inputs = [
            ("score", Tensor::F32 { dims: &per_critic, data: &score }),
            ("mask", Tensor::F32 { dims: &per_critic, data: &mask }),
        ];
        let outputs: [(&str, &[i64]); 4] = [
            ("reward", &[rows, 1]),
            ("dimension", &per_dimension),
            ("dimension_mask", &per_dimension),
            ("weight", &per_critic),
        ];
        let [reward, dimension, dimension_mask, weight] = self.graph.run(&inputs, outputs)?;
        let per_row = dimension.chunks(self.dimensions).zip(dimension_mask.chunks(self.dimensions));
        let rows = reward.iter().zip(per_row).zip(weight.chunks(self.critics));
        Ok(rows
            .map(|((reward, (scores, mask)), weights)| aggregate(*reward, scores, mask, weights))
            .collect())
    }
}

fn aggregate(reward: f32, scores: &[f32], mask: &[f32], weights: &[f32]) -> Aggregate {
    let dimension = |(score, mask): (&f32, &f32)| (*mask > 0.5).then_some(f64::from(*score));
    Aggregate {
        reward: f64::from(reward),
        dimensions: scores.iter().zip(mask).map(dimension).collect(),
        weights: weights.iter().map(|weight| f64::from(*weight)).collect(),
    }
}

#[cfg(test)]
mod tests;
