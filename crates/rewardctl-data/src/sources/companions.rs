//! Rows that other rows need: the questions of answers, the requests of replies, the runs of feedback.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::json::Fields;
use crate::row_error::{Fault, RowProblem, quoted};

/// How much text rows that are kept for others may hold together.
pub(crate) const MAX_BYTES: usize = 256 << 20;

/// Rows by the names that others look them up by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Companions {
    rows: BTreeMap<String, Vec<Arc<Fields>>>,
    bytes: usize,
}

impl Companions {
    /// Keeps a row; false if there is no more room.
    pub(crate) fn keep(&mut self, names: Vec<String>, row: Fields) -> bool {
        if names.is_empty() {
            return true;
        }
        self.bytes += serde_json::to_string(&row).map_or(0, |text| text.len());
        let row = Arc::new(row);
        for name in names {
            self.rows.entry(name).or_default().push(Arc::clone(&row));
        }
        self.bytes <= MAX_BYTES
    }

    /// Returns the rows of this name, in the order of the files.
    pub(crate) fn all(&self, kind: &str, key: &str) -> &[Arc<Fields>] {
        self.rows.get(&name(kind, key)).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn first(&self, kind: &str, key: &str) -> Option<&Fields> {
        self.all(kind, key).first().map(AsRef::as_ref)
    }

    /// Returns the row of this name, which `field` of another row points to.
    pub(crate) fn need(&self, what: &'static str, key: &str, field: &str) -> Result<&Fields, Fault> {
        let unknown = || Fault::of_field(field, RowProblem::Unjoined { what, key: quoted(key) });
        self.first(what, key).ok_or_else(unknown)
    }
}

/// Returns the name of a row of this kind.
pub(crate) fn name(kind: &str, key: &str) -> String {
    format!("{kind} {key}")
}
