//! Which verdicts on a response made its last reward: a store keeps what each source said under every setting.
//!
//! Those of a run of the reward's version count, of several the last; a verdict that stands alone counts whoever saved it.
//! Of several, none of which is of such a run, nobody knows which it was: they are left out, and counted.

use std::collections::BTreeMap;

use rewardctl_core::verdict::Verdict;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::body::unpack;
use crate::error::Error;

/// The verdicts behind a reward.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// The verdicts, by source.
    pub verdicts: Vec<Verdict>,
    /// Sources of which nobody knows what they said for this reward.
    pub unclear: u64,
}

/// What one source said.
#[derive(Default)]
struct OfSource<'r> {
    count: u64,
    last: Option<&'r SqliteRow>,
    last_own: Option<&'r SqliteRow>,
}

/// Picks from rows with `source`, `body` and `own`, whether a run of the reward's version saved it; all of one response, in
/// the order in which they were saved.
pub(crate) fn said<'r>(rows: impl IntoIterator<Item = &'r SqliteRow>) -> Result<Said, Error> {
    let mut sources: BTreeMap<&str, OfSource<'r>> = BTreeMap::new();
    for row in rows {
        let source = sources.entry(row.get("source")).or_default();
        source.count += 1;
        source.last = Some(row);
        if row.get::<bool, _>("own") {
            source.last_own = Some(row);
        }
    }
    let mut said = Said::default();
    for source in sources.into_values() {
        match source.last_own.or(source.last.filter(|_| source.count == 1)) {
            Some(row) => said.verdicts.extend(unpack::<Vec<Verdict>>("verdicts", row.get("body"))?),
            None => said.unclear += 1,
        }
    }
    Ok(said)
}
