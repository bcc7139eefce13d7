//! Audits: how far the critics can be trusted, on the user's own data and under attack.
//!
//! [`critics`] judges a file with the whole panel, [`gather`] keeps of it what figures need, [`given`] reads the labels
//! that the file brings along, and [`figures`], [`bias`] and [`independence`] measure; [`page`] shows the report.
//! [`injection`] judges poor answers with and without an attack in them.

pub mod bias;
pub mod critics;
pub mod figures;
pub mod gather;
pub mod given;
pub mod independence;
pub mod injection;
pub mod page;
