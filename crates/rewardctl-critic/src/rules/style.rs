//! Rules of style: how a response reads, whatever it says.

pub(crate) mod civility;
pub(crate) mod formatting;
pub(crate) mod hedging;
pub(crate) mod length;
pub(crate) mod readability;
pub(crate) mod repetition;
pub(crate) mod shouting;
