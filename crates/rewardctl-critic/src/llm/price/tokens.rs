//! How many tokens a text may be, before a provider says so.

/// Quarters of a token in one token: English takes about four characters for one.
const QUARTERS: u64 = 4;

/// Tokens that must be seen before what was seen outweighs the estimate.
const TRUST: u64 = 1_000;

/// A correction never exceeds this factor, up or down: a provider's absurd figure must not lift every cap.
const MAX_FACTOR: u128 = 4;

/// Estimates the tokens of a text: a quarter for an ASCII character, half for one of another alphabet, and one for
/// an ideograph, a syllable or a picture.
///
/// Close for English prose; code and rare words take more. [`Learnt`] corrects it.
pub fn estimate_tokens(text: &str) -> u64 {
    text.bytes().map(quarters).sum::<u64>().div_ceil(QUARTERS)
}

/// Returns what the character that begins with `byte` takes; the bytes that follow it take nothing.
fn quarters(byte: u8) -> u64 {
    match byte {
        0..=0x7f => 1,
        0x80..=0xbf => 0,
        // Up to U+2FFF; the scripts that are written in ideographs and syllables begin behind it.
        0xc0..=0xe2 => 2,
        _ => 4,
    }
}

/// What finished calls of one model tell about the estimate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Learnt {
    estimated: u64,
    actual: u64,
}

impl Learnt {
    /// Returns what is known after one more call.
    pub fn after(self, estimated: u64, actual: u64) -> Self {
        Self {
            estimated: self.estimated.saturating_add(estimated),
            actual: self.actual.saturating_add(actual),
        }
    }

    /// Corrects an estimate by `(actual + t) / (estimated + t)` with `t` of a thousand tokens: one short call changes
    /// little, many change all.
    pub fn correct(&self, estimate: u64) -> u64 {
        let seen = u128::from(self.estimated) + u128::from(TRUST);
        let due = u128::from(self.actual) + u128::from(TRUST);
        let due = due.clamp(seen.div_ceil(MAX_FACTOR), seen * MAX_FACTOR);
        let corrected = u128::from(estimate).saturating_mul(due).div_ceil(seen);
        u64::try_from(corrected).unwrap_or(u64::MAX)
    }
}
