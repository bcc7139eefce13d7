//! Judges files of training data, whoever made them: what loaders refuse, what trains on the wrong thing without a
//! word, and what a whole dataset teaches beside what it should.
//!
//! [`check`] is the catalogue: every check is a row of data. [`mod@target`] says what each trainer or service wants.
//! [`pass`] reads the files once, as they stand (`raw`), and asks the families of checks: `columns`, `rows`, `bias`,
//! `seen`. [`report`] is what comes out, and [`fix`] writes what can be mended without changing what a text says.

pub mod check;
pub mod finding;
pub mod fix;
pub mod parts;
pub mod pass;
pub mod report;
pub mod selection;
pub mod target;

mod balance;
mod bias;
mod columns;
mod histogram;
mod layout;
mod names;
mod raw;
mod rows;
mod schema;
mod seen;
mod text;
mod tokens;

#[cfg(test)]
mod tests;
