//! The terminal in which people review.
//!
//! [`session`] is what is on the screen and what a key changes: a pure function from an [`event`] to effects. [`view`]
//! draws it. [`screen`] owns the terminal and gives it back, however the program ends. The command carries the effects
//! out on the store.

pub mod draft;
pub mod editor;
pub mod event;
pub mod mode;
pub mod screen;
pub mod session;
pub mod view;
pub mod words;

#[cfg(test)]
mod tests;
