//! A model is a folder, and `model.toml` says what lies in it.
//!
//! The manifest names the files with their hashes, the graph's inputs and outputs in order, what the model was
//! fitted on and how well it did. Loading reads every file through it, so a damaged or exchanged file is found
//! before it judges anything.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::file;
use crate::onnx::{Graph, Runtime};
use crate::signature::{Port, Signature};

/// The name of the manifest in a model's folder.
pub const MANIFEST: &str = "model.toml";

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Turns a text into an embedding.
    Encoder,
    /// Turns the features of a prompt and a response into scores.
    TextHeads,
    /// Turns the panel's scores into a reward.
    Aggregator,
}

/// What a file of a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The graph.
    Onnx,
    /// What turns a text into the numbers that the graph reads.
    Tokenizer,
}

/// One file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Its name in the folder.
    pub path: String,
    /// What it is for.
    pub role: Role,
    /// Its SHA-256 in hexadecimal; empty until [`Manifest::measure`] fills it.
    #[serde(default)]
    pub sha256: String,
}

/// What a model was fitted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FittedOn {
    /// The data, by name.
    pub sources: Vec<String>,
    /// How many rows of them.
    pub rows: u64,
    /// The dimension whose ratings were the target; None for responses as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Whether labels of pairs that were drawn for calibration were left out, so that a guarantee may rest on them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held_back: bool,
}

/// What text heads need beside their own files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requires {
    /// The SHA-256 of the graph of the encoder whose embeddings they read.
    pub encoder: String,
    /// The version of the surface features that they read.
    pub features: u32,
}

/// What `model.toml` says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What the model does.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// Distinguishes models of one name.
    pub version: String,
    /// The licence of the weights, as an SPDX expression.
    pub licence: String,
    /// The dimensions that it judges, in the order of its outputs; empty for an encoder.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub dimensions: Vec<String>,
    /// The critics whose scores an aggregator reads, in order; none for other models.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub critics: Vec<String>,
    /// What it needs beside its own files.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requires: Option<Requires>,
    /// What it was fitted on, unless nothing was fitted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fitted_on: Option<FittedOn>,
    /// Per source of verdicts, what they depended on when an aggregator was fitted; empty where that is not known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fingerprints: BTreeMap<String, String>,
    /// Simpler ways to aggregate that a fitted aggregator is not better than, on prompts that it never saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_better_than: Vec<String>,
    /// Measured figures, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub figures: BTreeMap<String, f64>,
    /// The files.
    #[serde(rename = "file")]
    pub files: Vec<ModelFile>,
    /// What the graph reads, in its order.
    #[serde(rename = "input", default)]
    pub inputs: Vec<Port>,
    /// What the graph gives, in its order.
    #[serde(rename = "output", default)]
    pub outputs: Vec<Port>,
}

/// One thing that was checked, and what was wrong with it.
#[derive(Debug)]
pub struct Check {
    /// What was checked, as a noun: a file's name, or `inputs and outputs`.
    pub what: String,
    /// Why it does not hold.
    pub outcome: Result<(), Error>,
}

impl Manifest {
    /// Reads the manifest of the model in `folder`.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(MANIFEST);
        let bytes = file::read(&path)?;
        let manifest: Self =
            toml::from_slice(&bytes).map_err(|source| Error::ParseManifest { path: path.clone(), source })?;
        for file in &manifest.files {
            // A manifest may come with a model from elsewhere; it has no business outside of its folder.
            if Path::new(&file.path).file_name() != Some(file.path.as_ref()) {
                return Err(Error::FileName { path, file: file.path.clone() });
            }
        }
        Ok(manifest)
    }

    /// Reads the manifest of the model in `folder`, which must be of the kind `expected`.
    pub fn load_kind(folder: &Path, expected: Kind) -> Result<Self, Error> {
        let manifest = Self::load(folder)?;
        if manifest.kind != expected {
            return Err(Error::Kind { path: folder.into(), expected, found: manifest.kind });
        }
        Ok(manifest)
    }

    /// Writes the manifest into `folder`, beside an old one and then over it.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let text = toml::to_string(self)
            .map_err(|source| Error::FormatManifest { model: self.name.clone(), source })?;
        file::write(&folder.join(MANIFEST), text.as_bytes())
    }

    /// Fills in what the files in `folder` say themselves: their hashes, and the graph's inputs and outputs.
    pub fn measure(&mut self, folder: &Path, runtime: &Runtime) -> Result<(), Error> {
        for file in &mut self.files {
            file.sha256 = file::sha256_hex(&file::read(&folder.join(&file.path))?);
        }
        let signature = self.graph(folder, runtime)?.signature();
        self.inputs = signature.inputs;
        self.outputs = signature.outputs;
        Ok(())
    }

    /// Returns the path and the bytes of the one file with `role`, if they are those that the manifest describes.
    pub fn read(&self, folder: &Path, role: Role) -> Result<(PathBuf, Vec<u8>), Error> {
        self.read_hashed(folder, role).map(|(path, bytes, _)| (path, bytes))
    }

    fn read_hashed(&self, folder: &Path, role: Role) -> Result<(PathBuf, Vec<u8>, String), Error> {
        let files: Vec<&ModelFile> = self.files.iter().filter(|file| file.role == role).collect();
        let [file] = files[..] else {
            return Err(Error::FileCount { path: folder.join(MANIFEST), role, found: files.len() });
        };
        let path = folder.join(&file.path);
        let bytes = file::read(&path)?;
        let found = file::sha256_hex(&bytes);
        if found != file.sha256 {
            return Err(Error::Hash { path, expected: file.sha256.clone(), found });
        }
        Ok((path, bytes, found))
    }

    /// Loads the graph in `folder`, if it is the one that the manifest describes.
    pub fn graph(&self, folder: &Path, runtime: &Runtime) -> Result<Graph, Error> {
        let (path, bytes, sha256) = self.read_hashed(folder, Role::Onnx)?;
        Graph::of_hash(runtime, &path.display().to_string(), &bytes, sha256)
    }

    /// Checks the hash of every file, and the graph's inputs and outputs.
    pub fn check(&self, folder: &Path, runtime: &Runtime) -> Vec<Check> {
        let of_file = |file: &ModelFile| Check {
            what: file.path.clone(),
            outcome: self.read(folder, file.role).map(|_| ()),
        };
        let mut checks: Vec<Check> = self.files.iter().map(of_file).collect();
        let outcome = self.graph(folder, runtime).and_then(|graph| graph.require(&self.signature()));
        checks.push(Check { what: "inputs and outputs".into(), outcome });
        checks
    }

    /// Returns what the graph reads and gives.
    pub fn signature(&self) -> Signature {
        Signature { inputs: self.inputs.clone(), outputs: self.outputs.clone() }
    }

    /// Returns the manifest as a person reads it: a name and a value per fact.
    pub fn describe(&self) -> Vec<(String, String)> {
        let fact = |name: &str, value: String| (name.to_string(), value);
        let mut facts = vec![
            fact("model", format!("{} {}", self.name, self.version)),
            fact("kind", self.kind.to_string()),
            fact("licence", self.licence.clone()),
        ];
        if !self.dimensions.is_empty() {
            facts.push(fact("dimensions", self.dimensions.join(", ")));
        }
        if let Some(Requires { encoder, features }) = &self.requires {
            facts.push(fact("needs", format!("encoder with sha256 {encoder}, features version {features}")));
        }
        if let Some(fitted_on) = &self.fitted_on {
            let sources = fitted_on.sources.join(", ");
            facts.push(fact("fitted on", format!("{} rows of {sources}", fitted_on.rows)));
        }
        if !self.not_better_than.is_empty() {
            facts.push(fact("not better than", self.not_better_than.join(", ")));
        }
        facts.extend(self.figures.iter().map(|(name, figure)| fact(name, figure.to_string())));
        facts.extend(self.files.iter().map(|file| fact(&file.path, format!("sha256 {}", file.sha256))));
        facts.extend(self.inputs.iter().map(|port| fact("input", port.to_string())));
        facts.extend(self.outputs.iter().map(|port| fact("output", port.to_string())));
        facts
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encoder => "encoder",
            Self::TextHeads => "text-heads",
            Self::Aggregator => "aggregator",
        })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Onnx => "onnx",
            Self::Tokenizer => "tokenizer",
        })
    }
}

#[cfg(test)]
mod tests;
