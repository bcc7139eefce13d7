//! Evaluation: how far labels and rewards can be trusted, measured on files.

pub mod annotators;
