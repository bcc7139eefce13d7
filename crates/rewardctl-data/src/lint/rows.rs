//! Checks of one row at a time, one family a file.

mod keys;
mod labels;
mod pairs;
mod texts;
mod turns;

use crate::json::Fields;
use crate::lint::finding::Findings;
use crate::lint::layout::Layout;
use crate::lint::parts::Parts;
use crate::lint::target::Target;

/// A row with all that its checks need.
pub(crate) struct Row<'a> {
    pub fields: &'a Fields,
    pub layout: &'a Layout,
    pub parts: &'a Parts,
    pub target: Option<&'static Target>,
    /// Whether values have types; those of CSV are all text.
    pub is_typed: bool,
}

/// Asks every family.
pub(crate) fn check(row: &Row<'_>, findings: &mut Findings) {
    keys::check(row, findings);
    turns::check(row, findings);
    texts::check(row, findings);
    pairs::check(row, findings);
    labels::check(row, findings);
}
