//! Critics: what looks at one response and says, on one dimension, how good it is.
//!
//! [`rules`] are the critics that need no model and no network: formulas and lists, each documented where it
//! stands. [`llm`] are the critics that ask a language model; the pipeline sees one kind of verdict from both.

mod attack;
pub mod error;
pub mod llm;
pub mod rules;
