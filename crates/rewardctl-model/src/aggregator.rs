//! The aggregator: the panel's scores go in, one reward comes out, with the weights that were really used.
//!
//! All aggregation runs an ONNX graph, also the one with fixed weights that [`fixed_weights`] writes for a panel, so
//! that a fitted graph, or one brought from elsewhere, takes its place without other code.

use std::collections::BTreeMap;
use std::path::Path;

use rewardctl_core::panel::Panel;
use rewardctl_core::reward::{Aggregate, Utility};
use rewardctl_core::score::Score;

use crate::error::Error;
use crate::file;
use crate::learn::model::Model;
use crate::learn::style::STYLE;
use crate::manifest::{Kind, Manifest, ModelFile, Role};
use crate::onnx::{Graph, Runtime, Tensor};
use crate::signature::{Port, Signature};

mod fitted;
mod fixed;

/// The version in the manifest of an aggregator that [`write_fixed_weights`] wrote.
pub const FIXED_WEIGHTS: &str = "fixed-weights";

/// The most rows of one run; more are run in turn, which keeps memory small and changes no number.
const BATCH: usize = 4096;
/// The rows of every run of a fitted aggregator, filled up with empty ones: products of tables may add in another order
/// in a table of another height, and a reward must not depend on its neighbours.
const FITTED_BATCH: usize = 256;

/// What an aggregator reads of one response.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Per critic of the panel, in its order.
    pub scores: Vec<Option<Score>>,
    /// Per critic: its own variance of its score; 0 where it knows none.
    pub variances: Vec<f64>,
    /// How the response looks; None where its text is not at hand.
    pub style: Option<[f32; STYLE]>,
}

/// An aggregator that fits a panel, ready to run. It is `Send`; one thread owns it.
#[derive(Debug)]
pub struct Aggregator {
    graph: Graph,
    critics: usize,
    dimensions: usize,
    // The number of features of a fitted one.
    features: Option<usize>,
    // Whether it has an output of its own for how sure an order is.
    says_how_sure: bool,
}

/// Returns the ONNX graph of the aggregator with the weights of `panel`, which must have passed [`Panel::check`].
///
/// Within a dimension the critics present are averaged by weight and the caps present limit that mean. The reward is
/// the mean of the dimensions present, by weight.
pub fn fixed_weights(panel: &Panel) -> Vec<u8> {
    fixed::graph(panel)
}

/// Returns the ONNX graph of a fitted aggregator.
pub fn fitted(model: &Model) -> Vec<u8> {
    fitted::graph(model)
}

/// Returns what the graph of a fitted aggregator reads and gives.
pub fn fitted_signature(model: &Model) -> Signature {
    fitted::signature(&model.space.panel, fitted::Columns::new(&model.space).all)
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
        fingerprints: BTreeMap::new(),
        not_better_than: vec![],
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

    /// Tells whether it was fitted, and so gives a utility beneath each reward.
    pub fn is_fitted(&self) -> bool {
        self.features.is_some()
    }

    /// Aggregates every row.
    ///
    /// With fixed weights a row without any score has the reward 0 and no dimensions: the caller must treat it as no
    /// reward.
    pub fn run(&mut self, rows: &[Row]) -> Result<Vec<Aggregate>, Error> {
        if let Some(row) = rows.iter().find(|row| row.scores.len() != self.critics) {
            return Err(Error::ScoreCount { expected: self.critics, found: row.scores.len() });
        }
        let mut aggregates = Vec::with_capacity(rows.len());
        match self.features {
            None => {
                for batch in rows.chunks(BATCH) {
                    aggregates.extend(self.run_fixed(batch)?);
                }
            }
            Some(features) => {
                for batch in rows.chunks(FITTED_BATCH) {
                    aggregates.extend(self.run_fitted(batch, features)?);
                }
            }
        }
        Ok(aggregates)
    }

    fn from_graph(graph: Graph, panel: &Panel) -> Result<Self, Error> {
        let found = graph.signature();
        let width = found
            .outputs
            .iter()
            .find(|port| port.name == "posterior")
            .and_then(|port| port.dims.last().copied());
        let features = width.flatten().and_then(|width| usize::try_from(width).ok());
        let says_how_sure = found.outputs.iter().any(|port| port.name == fitted::ANY_SIGN);
        let mut needed = features.map_or_else(|| signature(panel), |width| fitted::signature(panel, width));
        needed.outputs.retain(|port| says_how_sure || port.name != fitted::ANY_SIGN);
        graph.require(&needed)?;
        Ok(Self {
            says_how_sure,
            graph,
            critics: panel.slots.len(),
            dimensions: panel.dimensions.len(),
            features,
        })
    }

    fn run_fixed(&mut self, batch: &[Row]) -> Result<Vec<Aggregate>, Error> {
        let rows = batch.len();
        let Cells { score, mask, .. } = cells(batch, rows, self.critics);
        let [per_critic, per_dimension] =
            [self.critics, self.dimensions].map(|width| [rows as i64, width as i64]);
        let inputs = [
            ("score", Tensor::F32 { dims: &per_critic, data: &score }),
            ("mask", Tensor::F32 { dims: &per_critic, data: &mask }),
        ];
        let outputs: [(&str, &[i64]); 4] = [
            ("reward", &[rows as i64, 1]),
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

    fn run_fitted(&mut self, batch: &[Row], features: usize) -> Result<Vec<Aggregate>, Error> {
        let rows = FITTED_BATCH as i64;
        let cells = cells(batch, FITTED_BATCH, self.critics);
        let [critics, dimensions, features_dims, style] =
            [self.critics, self.dimensions, features, STYLE].map(|width| [rows, width as i64]);
        let one = [rows, 1];
        let inputs = [
            ("score", Tensor::F32 { dims: &critics, data: &cells.score }),
            ("mask", Tensor::F32 { dims: &critics, data: &cells.mask }),
            ("variance", Tensor::F32 { dims: &critics, data: &cells.variance }),
            ("style", Tensor::F32 { dims: &style, data: &cells.style }),
            ("style_mask", Tensor::F32 { dims: &one, data: &cells.style_mask }),
        ];
        let any_sign = if self.says_how_sure { fitted::ANY_SIGN } else { "utility" };
        let outputs: [(&str, &[i64]); 12] = [
            ("reward", &one),
            ("dimension", &dimensions),
            ("dimension_mask", &dimensions),
            ("weight", &critics),
            ("utility", &one),
            ("utility_length_controlled", &one),
            (any_sign, &one),
            ("slope", &one),
            ("posterior", &features_dims),
            ("imputed_variance", &one),
            ("critic_variance", &one),
            ("distance", &one),
        ];
        let [
            reward,
            dimension,
            mask,
            weight,
            value,
            length_controlled,
            any_sign,
            slope,
            posterior,
            imputed,
            own,
            distance,
        ] = self.graph.run(&inputs, outputs)?;
        let row = |at: usize, values: &[f32], width: usize| values[at * width..(at + 1) * width].to_vec();
        let answer = |at: usize| {
            let [scores, mask] = [&dimension, &mask].map(|values| row(at, values, self.dimensions));
            let utility = Utility {
                value: f64::from(value[at]),
                length_controlled: f64::from(length_controlled[at]),
                slope: f64::from(slope[at]),
                any_sign: Some(f64::from(any_sign[at])),
                posterior: row(at, &posterior, features),
                imputed_variance: f64::from(imputed[at]),
                critic_variance: f64::from(own[at]),
                distance: f64::from(distance[at]),
            };
            let aggregate = aggregate(reward[at], &scores, &mask, &row(at, &weight, self.critics));
            Aggregate { utility: Some(utility), ..aggregate }
        };
        Ok((0..batch.len()).map(answer).collect())
    }
}

/// Rows as the graph reads them: row-major, filled up with rows of nothing.
struct Cells {
    score: Vec<f32>,
    mask: Vec<f32>,
    variance: Vec<f32>,
    style: Vec<f32>,
    style_mask: Vec<f32>,
}

fn cells(batch: &[Row], rows: usize, critics: usize) -> Cells {
    let filled = |width: usize| vec![0.0; rows * width];
    let mut cells = Cells {
        score: filled(critics),
        mask: filled(critics),
        variance: filled(critics),
        style: filled(STYLE),
        style_mask: filled(1),
    };
    for (at, row) in batch.iter().enumerate() {
        for (k, score) in row.scores.iter().enumerate() {
            cells.score[at * critics + k] = score.map_or(0.0, |score| score.get() as f32);
            cells.mask[at * critics + k] = f32::from(u8::from(score.is_some()));
        }
        for (k, variance) in row.variances.iter().enumerate() {
            cells.variance[at * critics + k] = *variance as f32;
        }
        if let Some(style) = &row.style {
            cells.style[at * STYLE..(at + 1) * STYLE].copy_from_slice(style);
            cells.style_mask[at] = 1.0;
        }
    }
    cells
}

fn aggregate(reward: f32, scores: &[f32], mask: &[f32], weights: &[f32]) -> Aggregate {
    let dimension = |(score, mask): (&f32, &f32)| (*mask > 0.5).then_some(f64::from(*score));
    Aggregate {
        reward: f64::from(reward),
        dimensions: scores.iter().zip(mask).map(dimension).collect(),
        weights: weights.iter().map(|weight| f64::from(*weight)).collect(),
        utility: None,
    }
}

#[cfg(test)]
mod tests;
