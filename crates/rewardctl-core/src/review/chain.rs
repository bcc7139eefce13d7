//! A chain of hashes over a log: whoever changes, removes or adds an entry breaks it from there on.
//!
//! A chain alone does not show that its end was cut off, or that all of it was written anew. Heads that are kept
//! elsewhere do: each says which hash an entry had.

use sha2::{Digest, Sha256};

/// The hash of an entry, over everything before it.
pub type Hash = [u8; 32];

/// What the first entry follows.
pub const START: Hash = [0; 32];

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1, without gaps.
    pub seq: i64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what, as JSON.
    pub body: String,
    /// Its hash as it was written down.
    pub hash: Hash,
}

/// What is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The entry is not what was written, or what was before it is not.
    #[error("entry {seq} was changed, or what stood before it was")]
    Changed {
        /// The entry.
        seq: i64,
    },
    /// Entries are missing.
    #[error("entry {seq} is missing")]
    Missing {
        /// The first that is missing.
        seq: i64,
    },
    /// The log ends before an entry that a head speaks of.
    #[error("the log ends at entry {end}, but entry {seq} was written: its end was cut off")]
    CutOff {
        /// The last entry.
        end: i64,
        /// The entry that a head speaks of.
        seq: i64,
    },
    /// A head speaks of another hash: the log was written anew.
    #[error("entry {seq} is not the one whose hash was noted: the log was written anew from there or before")]
    WrittenAnew {
        /// The entry.
        seq: i64,
    },
}

/// Returns the hash of an entry: SHA-256 over the hash before it and its length-prefixed parts.
pub fn hash(before: &Hash, entry: &Entry) -> Hash {
    let (seq, at) = (entry.seq.to_le_bytes(), entry.at.to_le_bytes());
    let parts: [&[u8]; 6] =
        [before, &seq, &at, entry.actor.as_bytes(), entry.action.as_bytes(), entry.body.as_bytes()];
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Goes along a log from its first entry on, and looks at it as it comes.
#[derive(Debug, Clone)]
pub struct Check {
    last: (i64, Hash),
}

impl Default for Check {
    fn default() -> Self {
        Self { last: (0, START) }
    }
}

impl Check {
    /// Looks at the next entry.
    pub fn next(&mut self, entry: &Entry) -> Result<(), Broken> {
        let due = self.last.0 + 1;
        if entry.seq != due {
            return Err(Broken::Missing { seq: due });
        }
        if hash(&self.last.1, entry) != entry.hash {
            return Err(Broken::Changed { seq: entry.seq });
        }
        self.last = (entry.seq, entry.hash);
        Ok(())
    }

    /// Compares a head that was noted of the entry just seen.
    pub fn head(&self, seq: i64, hash: &Hash) -> Result<(), Broken> {
        if self.last.0 == seq && self.last.1 != *hash { Err(Broken::WrittenAnew { seq }) } else { Ok(()) }
    }

    /// Says whether the log reaches the last head that was noted.
    pub fn end(&self, last_head: i64) -> Result<(), Broken> {
        let end = self.last.0;
        if end < last_head { Err(Broken::CutOff { end, seq: last_head }) } else { Ok(()) }
    }
}

/// Returns bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a hash that [`hex`] wrote; None if it is anything else.
pub fn unhex(text: &str) -> Option<Hash> {
    let mut hash = START;
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn log(count: i64) -> Vec<Entry> {
        let (mut entries, mut before) = (vec![], START);
        for seq in 1..=count {
            let (actor, action, body) = ("ana".into(), "decide".into(), format!("{{\"n\":{seq}}}"));
            let mut entry = Entry { seq, at: 1000 + seq, actor, action, body, hash: START };
            entry.hash = hash(&before, &entry);
            before = entry.hash;
            entries.push(entry);
        }
        entries
    }

    fn check(entries: &[Entry], heads: &[(i64, Hash)]) -> Result<(), Broken> {
        let mut check = Check::default();
        for entry in entries {
            check.next(entry)?;
            heads.iter().try_for_each(|(seq, hash)| check.head(*seq, hash))?;
        }
        check.end(heads.iter().map(|(seq, _)| *seq).max().unwrap_or(0))
    }

    proptest! {
        #[test]
        fn any_change_is_found(count in 1i64..30, at in 0usize..30, what in 0u8..5) {
            let mut entries = log(count);
            let heads: Vec<_> = entries.iter().map(|entry| (entry.seq, entry.hash)).collect();
            prop_assert_eq!(check(&entries, &heads), Ok(()));
            let at = at % entries.len();
            match what {
                0 => entries[at].body.push(' '),
                1 => entries[at].at += 1,
                2 => entries[at].actor = "ben".into(),
                3 => { entries.remove(at); }
                _ => entries.truncate(at),
            }
            prop_assert!(check(&entries, &heads).is_err());
        }
    }

    #[test]
    fn a_log_written_anew_is_found_by_its_heads_alone() {
        let true_log = log(5);
        let mut other = log(5);
        other[2].body = "{}".into();
        let mut before = other[1].hash;
        for entry in &mut other[2..] {
            entry.hash = hash(&before, entry);
            before = entry.hash;
        }
        assert_eq!(check(&other, &[]), Ok(()));
        let head = (4, true_log[3].hash);
        assert_eq!(check(&other, &[head]), Err(Broken::WrittenAnew { seq: 4 }));
    }

    #[test]
    fn hexadecimal_and_back() {
        let hash = log(1)[0].hash;
        assert_eq!(unhex(&hex(&hash)), Some(hash));
        assert_eq!(unhex("é"), None);
    }
}
