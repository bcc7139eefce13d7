//! Everything that can go wrong with a model, its files and the runtime beneath.

use std::io;
use std::path::PathBuf;

use crate::manifest::{Kind, Role};
use crate::signature::Mismatch;

/// The cause of a failure in a library whose types stay in one file.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a model cannot be loaded, checked, written or run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The library is missing, is no ONNX Runtime, or is too old.
    #[error("failed to load ONNX Runtime from `{library}`")]
    LoadRuntime {
        /// The file.
        library: PathBuf,
        /// What the loader says.
        source: Cause,
    },
    /// The library ends before its own table of contents says: a download that stopped, say.
    #[error("`{library}` is cut off: it has {found} bytes and names {expected}")]
    CutOff {
        /// The file.
        library: PathBuf,
        /// The bytes that it has.
        found: u64,
        /// The bytes that it should have at least.
        expected: u64,
    },
    /// An aggregator whose manifest names other critics or dimensions than the panel, or another order.
    #[error(
        "the aggregator in `{path}` is not made for the critics and dimensions of panel `{panel}`, in their order"
    )]
    OtherPanel {
        /// The model's folder.
        path: PathBuf,
        /// The panel.
        panel: String,
    },
    /// A process can hold one ONNX Runtime, and it holds another one.
    #[error("failed to load ONNX Runtime from `{library}`: `{loaded}` is loaded already")]
    OtherRuntime {
        /// The file asked for.
        library: PathBuf,
        /// The file in use.
        loaded: PathBuf,
    },
    /// A file of a model cannot be read.
    #[error("failed to read `{path}`")]
    ReadFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file of a model cannot be written.
    #[error("failed to write `{path}`")]
    WriteFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// ONNX Runtime refuses the graph.
    #[error("failed to load ONNX graph `{model}`")]
    LoadGraph {
        /// The graph's file or name.
        model: String,
        /// What ONNX Runtime says.
        source: Cause,
    },
    /// The graph cannot be run with what the program has for it.
    #[error("ONNX graph `{model}` {mismatch}")]
    Ports {
        /// The graph's file or name.
        model: String,
        /// The input or output that does not fit.
        mismatch: Box<Mismatch>,
    },
    /// A run failed.
    #[error("failed to run ONNX graph `{model}`")]
    Run {
        /// The graph's file or name.
        model: String,
        /// What ONNX Runtime says.
        source: Cause,
    },
    /// A run gave an output of other dimensions than the inputs call for.
    #[error(
        "ONNX graph `{model}` gave `{output}` with the dimensions {found:?}, but {expected:?} were expected"
    )]
    Shape {
        /// The graph's file or name.
        model: String,
        /// The output.
        output: String,
        /// Its dimensions.
        found: Vec<i64>,
        /// The dimensions that were expected.
        expected: Vec<i64>,
    },
    /// A run gave NaN or an infinite number.
    #[error("ONNX graph `{model}` gave a number in `{output}` that is not finite")]
    NotFinite {
        /// The graph's file or name.
        model: String,
        /// The output.
        output: String,
    },
    /// A row of scores does not fit the panel.
    #[error("a row has {found} scores, but the panel has {expected} critics")]
    ScoreCount {
        /// The number of critics.
        expected: usize,
        /// The number of scores.
        found: usize,
    },
    /// The tokenizer's file is not one.
    #[error("failed to load tokenizer `{path}`")]
    LoadTokenizer {
        /// The file.
        path: PathBuf,
        /// What the tokenizer library says.
        source: Cause,
    },
    /// The tokenizer failed on a text.
    #[error("failed to tokenize a text of {bytes} bytes")]
    Tokenize {
        /// The length of the text.
        bytes: usize,
        /// What the tokenizer library says.
        source: Cause,
    },
    /// The tokenizer lacks a token that the encoder needs.
    #[error("tokenizer `{path}` has no token `{token}`")]
    NoToken {
        /// The file.
        path: PathBuf,
        /// The token.
        token: &'static str,
    },
    /// A manifest is not TOML, or has a key or value that no manifest has.
    #[error("failed to read model manifest `{path}`")]
    ParseManifest {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: toml::de::Error,
    },
    /// A manifest cannot be written as TOML.
    #[error("failed to format the manifest of model `{model}`")]
    FormatManifest {
        /// The model's name.
        model: String,
        /// Why.
        source: toml::ser::Error,
    },
    /// A manifest names no file, or several, where one is needed.
    #[error("model manifest `{path}` names {found} files with the role `{role}`, but one is needed")]
    FileCount {
        /// The manifest.
        path: PathBuf,
        /// What the file is for.
        role: Role,
        /// How many are named.
        found: usize,
    },
    /// A manifest points out of its folder.
    #[error("model manifest `{path}` names `{file}`, which is no file name")]
    FileName {
        /// The manifest.
        path: PathBuf,
        /// The name given.
        file: String,
    },
    /// A file is not the one that the manifest describes.
    #[error("`{path}` has the SHA-256 `{found}`, but its manifest says `{expected}`")]
    Hash {
        /// The file.
        path: PathBuf,
        /// The hash in the manifest.
        expected: String,
        /// The hash of the file.
        found: String,
    },
    /// A folder holds a model of another kind.
    #[error("`{path}` holds a model of kind `{found}`, but `{expected}` is needed")]
    Kind {
        /// The folder.
        path: PathBuf,
        /// The kind that is needed.
        expected: Kind,
        /// The kind that is there.
        found: Kind,
    },
    /// Text heads belong to another encoder, or read other features than this program makes.
    #[error(
        "text heads `{path}` were not fitted for the encoder `{encoder}` and the features of this program"
    )]
    OtherEncoder {
        /// The folder of the heads.
        path: PathBuf,
        /// The SHA-256 of the encoder's graph.
        encoder: String,
    },
    /// A line of a training file is not JSON, or has a key that no example has.
    #[error("failed to read a training example")]
    ParseExample {
        /// Where and why.
        source: serde_json::Error,
    },
    /// A training example is neither a pair nor a rating.
    #[error("a training example needs `chosen` and `rejected`, or `response` and `rating`")]
    ExampleShape,
    /// A number of a training example is no share.
    #[error("the `{name}` of a training example is `{value}`, which is outside of 0..=1")]
    ExampleRange {
        /// The key.
        name: &'static str,
        /// The number.
        value: f64,
    },
    /// There is nothing to fit.
    #[error("there are no training examples")]
    NoExamples,
    /// A dimension has too few prompts to fit on some and test on others.
    #[error(
        "the prompts of dimension `{dimension}` are too few to fit on some and test on others: there are {found}"
    )]
    TooFewPrompts {
        /// The dimension.
        dimension: String,
        /// How many prompts or groups of prompts it has.
        found: usize,
    },
    /// An embedding has another length than the encoder's.
    #[error("an embedding has {found} numbers, but {expected} are needed")]
    EmbeddingLength {
        /// The length that is needed.
        expected: usize,
        /// The length that is there.
        found: usize,
    },
    /// A fit met numbers that are not finite.
    #[error("the fit of dimension `{dimension}` met numbers that are not finite")]
    FitDiverged {
        /// The dimension.
        dimension: String,
    },
    /// A report cannot be written as JSON.
    #[error("failed to format the report of model `{model}`")]
    FormatReport {
        /// The model's name.
        model: String,
        /// Why.
        source: serde_json::Error,
    },
    /// A panel with more critics than an aggregator is fitted to.
    #[error("the panel has {found} critics, but an aggregator is fitted to at most {most}")]
    TooManyCritics {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// No critic's scores differ.
    #[error("no critic's scores differ on the {responses} responses: there is nothing to fit")]
    NothingDiffers {
        /// How many there are.
        responses: usize,
    },
    /// The labels led to numbers that are not finite.
    #[error("the fit of the labels met numbers that are not finite")]
    LabelsDiverged,
}
