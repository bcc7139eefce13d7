//! Tests of the whole program: that each verb is wired, what it prints, and how it fails.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may stop where it stands, and says when it is skipped"
)]

mod audit;
mod bad_input;
mod demo;
mod endpoint;
mod eval_annotators;
mod eval_metrics;
mod export;
mod export_dataset;
mod layering;
mod learn;
mod llm;
mod llm_faults;
mod plan;
mod project;
mod sample;
mod score;
mod settings;
mod simulate;
