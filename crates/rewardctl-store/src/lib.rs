//! Keeps everything: items, verdicts, rewards, routes and labels, in one SQLite file.
//!
//! Rows are appended and keyed by content, so a run that is stopped and repeated computes only what is missing.
//! [`open`] gives a [`open::Store`]; its methods lie in [`save`] (what scoring writes), [`read`] (what the other
//! stages ask), [`labels`] (what people said), [`tasks`] (what is planned for them) and [`people`] (who they are and how
//! they work). [`ledger`] keeps every paid call.

pub mod endpoints;
pub mod error;
pub mod judged;
pub mod labels;
pub mod ledger;
pub mod open;
pub mod people;
pub mod read;
pub mod said;
pub mod save;
pub mod tasks;

mod body;
#[cfg(test)]
mod tests;
