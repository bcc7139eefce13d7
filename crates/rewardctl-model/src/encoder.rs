//! Turns a text into an embedding: tokens, windows, one run of the graph per window.
//!
//! A text runs alone and unpadded, because an int8 graph scales its
//! activations over the whole batch: beside other texts, or beside padding, the same text would get other numbers.

use std::ops::Range;
use std::path::Path;

use crate::error::Error;
use crate::file::sha256_hex;
use crate::manifest::{Kind, Manifest, Role};
use crate::onnx::{Graph, Runtime, Tensor};
use crate::signature::{Port, Signature};
use crate::tokens::Tokens;

/// The length of an embedding.
pub const EMBEDDING: usize = 384;
/// The most content tokens that a window holds: the model has 512 positions, less `[CLS]` and `[SEP]`.
const WINDOW: usize = 510;

/// How a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncoderSettings {
    /// The most windows of one text that are embedded; at least 1 is.
    pub max_windows: usize,
}

/// A text as a point on the unit sphere, and how much of the text that rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding {
    /// [`EMBEDDING`] numbers; the sum of their squares is 1.
    pub vector: Vec<f32>,
    /// How many tokens the text has, without `[CLS]` and `[SEP]`.
    pub tokens: usize,
    /// How many windows they fill.
    pub windows: usize,
    /// How many of those windows were embedded.
    pub windows_read: usize,
}

/// The text encoder. It is `Send`; one thread owns it.
#[derive(Debug)]
pub struct Encoder {
    tokens: Tokens,
    graph: Graph,
    start: i64,
    end: i64,
    settings: EncoderSettings,
    fingerprint: String,
}

impl Encoder {
    /// Loads the encoder in `folder`, whose files must be those that its manifest describes.
    pub fn load(runtime: &Runtime, folder: &Path, settings: EncoderSettings) -> Result<Self, Error> {
        let manifest = Manifest::load_kind(folder, Kind::Encoder)?;
        let graph = manifest.graph(folder, runtime)?;
        graph.require(&Signature {
            inputs: vec![Port::i64("input_ids", &[Some(1), None])],
            outputs: vec![Port::f32("embedding", &[Some(1), Some(EMBEDDING as i64)])],
        })?;
        let (path, bytes) = manifest.read(folder, Role::Tokenizer)?;
        let tokens = Tokens::from_bytes(&path, &bytes)?;
        let (start, end) = (tokens.id_of("[CLS]")?, tokens.id_of("[SEP]")?);
        let parts = format!("{}\n{}\n{}", graph.sha256(), sha256_hex(&bytes), settings.max_windows);
        Ok(Self { tokens, graph, start, end, settings, fingerprint: sha256_hex(parts.as_bytes()) })
    }

    /// Returns the SHA-256 of the graph, in hexadecimal.
    pub fn sha256(&self) -> &str {
        self.graph.sha256()
    }

    /// Returns a hash of everything that an embedding depends on: graph, tokenizer and settings.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Embeds `text`.
    ///
    /// A text of more than 510 tokens is cut into equal windows, whose embeddings are averaged by their number of
    /// tokens. Beyond `max_windows`, evenly spaced windows are read. An empty text is `[CLS][SEP]`.
    pub fn embed(&mut self, text: &str) -> Result<Embedding, Error> {
        let tokens = self.tokens.ids(text)?;
        let windows = windows(tokens.len());
        let read = evenly_spaced(windows.len(), self.settings.max_windows);
        let mut sum = vec![0.0; EMBEDDING];
        let mut vector = vec![];
        for at in &read {
            let window = &tokens[windows[*at].clone()];
            vector = self.embed_window(window)?;
            for (total, value) in sum.iter_mut().zip(&vector) {
                *total += window.len() as f64 * f64::from(*value);
            }
        }
        // The graph normalises each window, so that a single one is done.
        if read.len() > 1 {
            vector = normalised(&sum).ok_or_else(|| self.not_finite())?;
        }
        Ok(Embedding { vector, tokens: tokens.len(), windows: windows.len(), windows_read: read.len() })
    }
}

/// Returns the cosine of the angle between `a` and `b`, in -1..=1; 0 if one of them is zero.
pub fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let norms = (dot(a, a) * dot(b, b)).sqrt();
    if norms > 0.0 { (dot(a, b) / norms).clamp(-1.0, 1.0) } else { 0.0 }
}

impl Encoder {
    fn embed_window(&mut self, tokens: &[i64]) -> Result<Vec<f32>, Error> {
        let mut ids = Vec::with_capacity(tokens.len() + 2);
        ids.push(self.start);
        ids.extend_from_slice(tokens);
        ids.push(self.end);
        let input = Tensor::I64 { dims: &[1, ids.len() as i64], data: &ids };
        let output: (&str, &[i64]) = ("embedding", &[1, EMBEDDING as i64]);
        let [embedding] = self.graph.run(&[("input_ids", input)], [output])?;
        Ok(embedding)
    }

    fn not_finite(&self) -> Error {
        Error::NotFinite { model: self.graph.model().into(), output: "embedding".into() }
    }
}

/// Cuts `tokens` tokens into the fewest windows, as equal as can be; no tokens are one empty window.
fn windows(tokens: usize) -> Vec<Range<usize>> {
    let count = tokens.div_ceil(WINDOW).max(1);
    (0..count).map(|at| at * tokens / count..(at + 1) * tokens / count).collect()
}

/// Returns at most `most` of `0..count`, at least one: the first, the last, and others at equal distances.
fn evenly_spaced(count: usize, most: usize) -> Vec<usize> {
    if count <= most {
        return (0..count).collect();
    }
    let gaps = most.saturating_sub(1).max(1);
    (0..most.max(1)).map(|at| at * (count - 1) / gaps).collect()
}

fn normalised(vector: &[f64]) -> Option<Vec<f32>> {
    let norm = vector.iter().map(|value| value * value).sum::<f64>().sqrt();
    (norm > 0.0).then(|| vector.iter().map(|value| (value / norm) as f32).collect())
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

#[cfg(test)]
mod tests;
