//! Critics: what looks at one response and says, on one dimension, how good it is.
//!
//! [`rules`] are the critics that need no model and no network: formulas and lists, each documented where it
//! stands. Critics that ask a language model join them here, so that the pipeline sees one kind of verdict.

pub mod error;
pub mod rules;
