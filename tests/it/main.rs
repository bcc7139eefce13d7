//! Tests of the whole program: that each verb is wired, what it prints, and how it fails.

mod bad_input;
mod export;
mod layering;
mod project;
mod score;
mod settings;
