//! Reports that people read: what was scored, by whom, how sure it is, what it cost, and which cases to look at.
//!
//! Rows come from files that `score` wrote or from the store, one item after the other; [`gather`] sums them up as they
//! come, in memory that does not grow with their number. [`figures`] is what comes out, `sections` puts it into words and
//! plots, [`page`] and [`markdown`] write these down. There is no date in them: the same rows make the same bytes.

pub mod figures;
pub mod files;
pub mod gather;
pub mod markdown;
pub mod page;
pub mod stored;

mod cases;
mod critics;
mod document;
mod length;
mod people;
mod plots;
mod sections;
mod words;
