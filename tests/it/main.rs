//! Tests of the whole program: that each verb is wired, what it prints, and how it fails.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may stop where it stands, and says when it is skipped"
)]

mod audit;
mod bad_input;
mod compare;
mod dataset;
mod demo;
mod duplicates;
mod endpoint;
mod eval_annotators;
mod eval_metrics;
mod export;
mod export_dataset;
mod gate;
mod import;
mod layering;
mod learn;
mod lint;
mod llm;
mod llm_faults;
mod people;
mod pii;
mod plan;
mod project;
mod queue;
mod release;
mod report;
mod sample;
mod score;
mod settings;
mod simulate;
mod train;
