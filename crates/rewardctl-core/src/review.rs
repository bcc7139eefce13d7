//! The work of people: what they are asked, what they decide, what becomes of it, and who may do what.
//!
//! A [`question`] is shown in an order that is random for each person; the [`decision`] names what it is about by its
//! place in that order, and becomes labels. What [`follow`]s is decided when the last person asked has spoken. One
//! [`keymap`] drives every surface, a [`role`] says who may do what, and a [`chain`] of hashes shows what was tampered
//! with.

pub mod chain;
pub mod decision;
pub mod diff;
pub mod follow;
pub mod keymap;
pub mod question;
pub mod role;
pub mod token;
