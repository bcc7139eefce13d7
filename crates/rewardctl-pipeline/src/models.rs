//! Where the models and the ONNX Runtime library lie.

use std::path::PathBuf;

/// The files that the text reward model and the aggregator need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPaths {
    /// The ONNX Runtime library.
    pub library: PathBuf,
    /// The folder of the text encoder.
    pub encoder: PathBuf,
    /// The folder of the text heads.
    pub heads: PathBuf,
    /// Windows of a long text that the encoder reads at most.
    pub max_windows: usize,
}
