//! What has the keys: the question, a menu, or a field to write in.

use rewardctl_store::people::reveal::Revealed;

use crate::review::editor::Editor;

/// What has the keys.
#[derive(Debug, Clone, PartialEq)]
pub enum Mode {
    /// The question.
    Asking,
    /// The menu of reasons to skip.
    Skipping,
    /// The help.
    Helping,
    /// What critics said.
    Revealing(Box<Revealed>),
    /// A field to write in.
    Writing(Writing, Editor),
    /// Which of several responses is corrected.
    Pointing,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// A note for the next decision.
    Note,
    /// Tags for the next decision.
    Tags,
    /// A better text in place of the response at this place.
    Correction(usize),
}
