//! The stages of rewardctl, composed over the crates below.
//!
//! [`ingest`] checks the input files and gives their rows, [`judges`] are the critics of one thread, [`score`] runs
//! ingest, critique, aggregate and route in one go and sums up in a [`summary`]; [`label`] takes in what people say,
//! [`export`] builds training data from both, [`train`] fits the text heads. [`panel`] and [`models`] say which
//! critics and which files take part.

pub mod asker;
pub mod budget;
pub mod call;
pub mod critic;
pub mod endpoint;
pub mod error;
pub mod export;
pub mod ingest;
pub mod judges;
pub mod label;
pub mod line;
pub mod models;
pub mod panel;
pub mod pass;
pub mod score;
pub mod summary;
pub mod tape;
pub mod train;

mod answer;
mod attempt;
mod brake;
mod chunk;
mod compare;
mod draw;
mod lookup;
mod output;
mod probe;
mod text;
mod workers;
