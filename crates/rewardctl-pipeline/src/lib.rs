//! The stages of rewardctl, composed over the crates below.
//!
//! [`ingest`] checks the input files and gives their rows, [`judges`] are the critics of one thread, [`score`] runs
//! ingest, critique, aggregate and route in one go and sums up in a [`summary`]; [`label`] takes in what people say,
//! [`mod@sample`] draws candidates from models, and [`mod@revise`] corrects them by what critics found;
//! [`dataset`] builds datasets from both, [`export`] writes training data, [`pii`] finds and masks personal data in files,
//! [`train`] fits the text heads, [`audit`] measures the critics, and
//! [`eval`] what people and rewards say; [`measure`] takes figures of files, [`learn`] fits aggregators to
//! labels, [`mod@ask`] picks what people are asked next, and [`mod@simulate`] compares rules of asking them.
//! [`mod@lint`] judges files of training data.
//! [`mod@duplicates`] finds rows that are alike. [`mod@gate`] holds [`rewarded`] responses against thresholds and a baseline,
//! [`comparison`] compares models on them, and [`experiment`] the arms of an experiment.
//! [`report`] tells people what was scored.
//! [`panel`] and [`models`] say which critics and which files take part.

pub mod ask;
pub mod asker;
pub mod audit;
pub mod budget;
pub mod call;
pub mod comparison;
pub mod critic;
pub mod dataset;
pub mod duplicates;
pub mod endpoint;
pub mod error;
pub mod eval;
pub mod experiment;
pub mod export;
pub mod gate;
pub mod in_force;
pub mod ingest;
pub mod judges;
pub mod kin;
pub mod label;
pub mod label_source;
pub mod learn;
pub mod line;
pub mod lint;
pub mod lost;
pub mod markup;
pub mod measure;
pub mod models;
pub mod note;
pub mod panel;
pub mod pass;
pub mod people;
pub mod pii;
pub mod plan;
pub mod ready;
pub mod report;
pub mod revise;
pub mod rewarded;
pub mod sample;
pub mod score;
pub mod simulate;
pub mod spool;
pub mod summary;
pub mod tally;
pub mod tape;
pub mod train;
pub mod unknown;

mod ahead;
mod answer;
mod attempt;
mod brake;
mod chart;
mod chunk;
mod compare;
mod draw;
mod drawing;
mod in_order;
mod judged;
mod lookup;
mod output;
mod probe;
mod text;
mod workers;
