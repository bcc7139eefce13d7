//! Finds and masks personal data and secrets in text.
//!
//! Pure: no network, no files, no models. Names and postal addresses are not covered: nothing here makes a text
//! anonymous. What is covered are the shapes that can be checked: [`kind`] lists them, [`detector`] finds them.
//!
//! Every look at a candidate is bounded by a constant or skips what it has read, so time is linear in the text,
//! whoever wrote it. There is no rule for "looks random": such rules find hashes and identifiers.

pub mod detector;
pub mod kind;

mod address;
mod border;
mod check;
mod number;
mod secret;
