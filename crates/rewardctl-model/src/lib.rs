//! Runs and fits ONNX reward models: the text encoder, the text heads and the aggregator.
//!
//! [`onnx`] is the only file that names ONNX Runtime, [`tokens`] the only one that names the tokenizer library.
//! [`graph`] writes ONNX files, [`manifest`] describes a model's folder, and the other modules are the models.

pub mod aggregator;
pub mod encoder;
pub mod error;
pub mod features;
pub mod file;
pub mod fit;
pub mod graph;
pub mod heads;
pub mod learn;
pub mod manifest;
pub mod onnx;
pub mod signature;
pub mod tfidf;
pub mod tokens;

#[cfg(test)]
mod testing;
