//! Tokens by which people and programs show who they are: a public part that finds them, and a secret of 256 random
//! bits. Only a hash of the secret is kept; of so many random bits nobody guesses what was hashed, so that a slow hash
//! would win nothing.

use sha2::{Digest, Sha256};

use crate::review::chain::hex;

/// What every token begins with, so that scanners of secrets know it.
const PREFIX: &str = "rwd_";

/// Hexadecimal digits of the public part, and of the secret.
const ID_DIGITS: usize = 12;
const SECRET_DIGITS: usize = 64;

/// Random bytes that a token is made of.
pub const RANDOM_BYTES: usize = (ID_DIGITS + SECRET_DIGITS) / 2;

/// The part of a token that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The public part.
    pub id: String,
    /// SHA-256 of the secret part.
    pub hash: [u8; 32],
}

/// Returns a token made of random bytes: its text, which is shown once, and what is kept of it.
pub fn token(random: &[u8; RANDOM_BYTES]) -> (String, Kept) {
    let digits = hex(random);
    let (id, secret) = digits.split_at(ID_DIGITS);
    (format!("{PREFIX}{id}_{secret}"), Kept { id: id.into(), hash: hash(secret) })
}

/// Returns what would be kept of a token; None of any other text.
pub fn kept(text: &str) -> Option<Kept> {
    let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
    let is_hex = |text: &str, digits| text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_whole = is_hex(id, ID_DIGITS) && is_hex(secret, SECRET_DIGITS);
    is_whole.then(|| Kept { id: id.into(), hash: hash(secret) })
}

/// Returns SHA-256 of a secret.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Compares two hashes in a time that does not tell where they differ.
pub fn same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    one.iter().zip(other).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_by_what_is_kept_of_it() {
        let (text, kept_of_it) = token(&[7; RANDOM_BYTES]);
        assert_eq!(kept(&text), Some(kept_of_it.clone()));
        assert!(!text.contains(&kept_of_it.hash[0].to_string().repeat(8)));
        let (_, other) = token(&[8; RANDOM_BYTES]);
        assert!(same(&kept_of_it.hash, &kept_of_it.hash) && !same(&kept_of_it.hash, &other.hash));
        for wrong in ["", "rwd_", "rwd_0707_07", &text[1..], &format!("{text}0")] {
            assert_eq!(kept(wrong), None);
        }
    }
}
