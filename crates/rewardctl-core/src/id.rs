//! Content ids: the same content has the same id on every machine and in every run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// The first 128 bits of a SHA-256 over length-prefixed parts, written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentId([u8; 16]);

/// A text that is not 32 hexadecimal digits.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an id of 32 hexadecimal digits")]
pub struct ParseIdError(String);

impl ContentId {
    /// Returns the id of `parts` in the namespace `kind`; the length prefix keeps `ab|c` and `a|bc` apart.
    pub fn of<'a>(kind: &'a str, parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = Sha256::new();
        for part in std::iter::once(kind.as_bytes()).chain(parts) {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize()[..16]);
        Self(id)
    }

    /// Returns the 16 bytes, as a database keeps them.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Restores an id from the 16 bytes that [`ContentId::as_bytes`] gave.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rows of datasets are full of ids: one number is formatted at a third of the price of sixteen.
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ContentId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let wrong = || ParseIdError(text.chars().take(40).collect());
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let half = |digits: &str| u64::from_str_radix(digits, 16).map_err(|_| wrong());
        let (high, low) = (half(&text[..16])?, half(&text[16..])?);
        Ok(Self((u128::from(high) << 64 | u128::from(low)).to_be_bytes()))
    }
}

impl Serialize for ContentId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Names an item: its prompt, reference and documents. Metadata and the user's own id do not change it.
pub type ItemId = ContentId;
/// Names one response to one item.
pub type ResponseId = ContentId;
/// Names everything that a stored verdict depends on, so that a change of any of it makes the verdict stale.
pub type VerdictKey = ContentId;
/// Names a panel with the models behind it: rewards of different versions are never mixed.
pub type Version = ContentId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let apart = ContentId::of("t", [b"ab".as_slice(), b"c"]);
        let together = ContentId::of("t", [b"a".as_slice(), b"bc"]);
        assert_ne!(apart, together);
    }

    #[test]
    fn text_and_back() {
        let id = ContentId::of("t", [b"x".as_slice()]);
        assert_eq!(id.to_string().parse::<ContentId>().unwrap(), id);
        assert!("xyz".parse::<ContentId>().is_err());
    }
}
