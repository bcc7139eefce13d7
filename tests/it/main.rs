//! Tests of the whole program: that each verb is wired, what it prints, and how it fails.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may stop where it stands, and says when it is skipped"
)]

mod bad_input;
mod demo;
mod export;
mod layering;
mod plan;
mod project;
mod score;
mod settings;
