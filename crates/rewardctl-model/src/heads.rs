//! Runs text heads: from the embeddings of a prompt and a response to a score per dimension.

use std::path::Path;

use rewardctl_core::score::Score;

use crate::encoder::EMBEDDING;
use crate::error::Error;
use crate::features::{FEATURE_VERSION, SURFACE};
use crate::fit::model::signature;
use crate::manifest::{Kind, Manifest, Requires};
use crate::onnx::{Graph, Runtime, Tensor};

/// Loaded text heads. They are `Send`; one thread owns them.
#[derive(Debug)]
pub struct Heads {
    graph: Graph,
    dimensions: Vec<String>,
}

/// What the heads read of one response.
#[derive(Debug, Clone, Copy)]
pub struct HeadRow<'a> {
    /// The embedding of the prompt.
    pub prompt: &'a [f32; EMBEDDING],
    /// The embedding of the response.
    pub response: &'a [f32; EMBEDDING],
    /// What [`crate::features::surface`] says of the two.
    pub surface: &'a [f32; SURFACE],
}

/// What one head says of one response.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadScore {
    /// The dimension.
    pub dimension: String,
    /// The probability of being preferred to a typical response of the data that the heads were fitted on.
    pub score: Score,
    /// The variance of the score that the fit itself leaves open, in 0..=0.25.
    pub variance: f64,
    /// The unbounded value beneath: differences of it are log-odds, up to a temperature.
    pub utility: f64,
}

impl Heads {
    /// Loads the heads in `folder`, if they belong to the encoder whose graph has the SHA-256 `encoder`.
    pub fn load(runtime: &Runtime, folder: &Path, encoder: &str) -> Result<Self, Error> {
        let manifest = Manifest::load_kind(folder, Kind::TextHeads)?;
        let expected = Requires { encoder: encoder.into(), features: FEATURE_VERSION };
        if manifest.requires.as_ref() != Some(&expected) {
            return Err(Error::OtherEncoder { path: folder.into(), encoder: encoder.into() });
        }
        let graph = manifest.graph(folder, runtime)?;
        graph.require(&signature(manifest.dimensions.len()))?;
        Ok(Self { graph, dimensions: manifest.dimensions })
    }

    /// Returns the dimensions, in the order of the scores.
    pub fn dimensions(&self) -> &[String] {
        &self.dimensions
    }

    /// Returns the SHA-256 of the heads' graph, in hexadecimal.
    pub fn sha256(&self) -> &str {
        self.graph.sha256()
    }

    /// Scores every row on every dimension.
    ///
    /// A row runs alone, so that its numbers do not depend, in the last digit, on how many run with it.
    pub fn run(&mut self, rows: &[HeadRow<'_>]) -> Result<Vec<Vec<HeadScore>>, Error> {
        rows.iter().map(|row| self.run_one(row)).collect()
    }

    fn run_one(&mut self, row: &HeadRow<'_>) -> Result<Vec<HeadScore>, Error> {
        let embedding = [1, EMBEDDING as i64];
        let inputs = [
            ("prompt_embedding", Tensor::F32 { dims: &embedding, data: row.prompt }),
            ("response_embedding", Tensor::F32 { dims: &embedding, data: row.response }),
            ("surface", Tensor::F32 { dims: &[1, SURFACE as i64], data: row.surface }),
        ];
        let given = [1, self.dimensions.len() as i64];
        let outputs = ["utility", "score", "variance"].map(|name| (name, given.as_slice()));
        let [utility, score, variance] = self.graph.run(&inputs, outputs)?;
        let not_finite = || Error::NotFinite { model: self.graph.model().into(), output: "score".into() };
        let columns = self.dimensions.iter().zip(utility).zip(score).zip(variance);
        let head_score = |(((dimension, utility), score), variance): (((&String, f32), f32), f32)| {
            Ok(HeadScore {
                dimension: dimension.clone(),
                score: Score::clamped(f64::from(score)).ok_or_else(not_finite)?,
                variance: f64::from(variance),
                utility: f64::from(utility),
            })
        };
        columns.map(head_score).collect()
    }
}

#[cfg(test)]
mod tests;
