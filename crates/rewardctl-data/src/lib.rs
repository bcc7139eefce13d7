//! Reads and writes the data files of rewardctl.
//!
//! Reading: [`input::Input`] finds out what a file is (its [`mod@format`], its [`shape`], the [`fields`] it uses) and
//! gives its rows as items; a row that cannot be used is a [`row_error::RowError`], a file that cannot be used an
//! [`error::Error`]. Memory is bounded by the longest row allowed, never by the size of the file.
//!
//! Comparing: [`near`] finds near-duplicates, [`contamination`] items of a benchmark in training texts, both over
//! [`row_texts`], the texts of rows of any shape.
//! Files of other tools are read by [`sources`], which also tell what people said in them.
//!
//! Writing: [`score_writer`] writes the rewards ([`scored`] rows), [`export`] the training data, [`dataset_file`] datasets,
//! [`task_file`] what people are asked or said in the shapes of annotation tools, [`consensus_rows`] what annotators agree on, [`candidates`] the responses that models were asked for, [`labels`] reads
//! and writes what people said. [`verdict_rows`] and [`verdict_pairs`] read stored verdicts, [`measured`] what figures are
//! made of. [`lint`] judges files of training data as they stand, [`texts`] reads and writes rows of any kind, for what
//! looks at every text. [`scored_input`] reads rewarded responses for datasets, [`drafts`] keeps their rows until all are
//! known, and [`dataset_folder`] keeps versions. Every file is written beside its place and renamed when it is whole.

pub mod annotators;
pub mod candidates;
pub mod consensus_rows;
pub mod contamination;
pub mod dataset_file;
pub mod dataset_folder;
pub mod drafts;
pub mod error;
pub mod export;
pub mod fields;
pub mod format;
pub mod input;
pub mod labels;
pub mod lint;
pub mod measured;
pub mod near;
pub mod row_error;
pub mod row_texts;
pub mod score_writer;
pub mod scored;
pub mod scored_input;
pub mod shape;
pub mod sources;
pub mod task_file;
pub mod texts;
pub mod verdict_pairs;
pub mod verdict_rows;

mod atomic;
mod behind;
mod chat;
mod compressed;
mod delimited;
mod elements;
mod item;
mod json;
mod label_fields;
mod layout;
mod lines;
mod optional;
mod parquet_read;
mod parquet_write;
mod records;
mod responses;
mod row_file;
mod scored_columns;
mod sides;
mod source;
