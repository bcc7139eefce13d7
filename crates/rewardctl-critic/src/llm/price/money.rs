//! Money in whole nano-dollars.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// Nano-dollars in a dollar.
const DOLLAR: u64 = 1_000_000_000;

/// Decimals of a dollar that a nano-dollar is able to tell.
const DECIMALS: usize = 9;

/// Cents are always shown.
const SHOWN_DECIMALS: usize = 2;

/// An amount of US dollars, in billionths; up to some 18 thousand million dollars, where sums stop growing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NanoDollars(pub u64);

/// A text that is no amount of dollars.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an amount of dollars such as `0.15`, with at most nine decimals")]
pub struct ParseMoneyError(String);

impl NanoDollars {
    /// Returns the sum, or the largest amount there is.
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// Writes every digit, so that nothing is hidden by rounding: `$0.000012345`, `$1.50`.
impl fmt::Display for NanoDollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:0DECIMALS$}", self.0 % DOLLAR);
        let needed = decimals.trim_end_matches('0').len().max(SHOWN_DECIMALS);
        write!(f, "${}.{}", self.0 / DOLLAR, &decimals[..needed])
    }
}

impl FromStr for NanoDollars {
    type Err = ParseMoneyError;

    fn from_str(text: &str) -> Result<Self, ParseMoneyError> {
        parse(text).ok_or_else(|| ParseMoneyError(text.chars().take(40).collect()))
    }
}

fn parse(text: &str) -> Option<NanoDollars> {
    let amount = text.strip_prefix('$').unwrap_or(text);
    let (dollars, decimals) = amount.split_once('.').unwrap_or((amount, "0"));
    let whole = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !whole(dollars) || !whole(decimals) || decimals.len() > DECIMALS {
        return None;
    }
    let nano: u64 = format!("{decimals:0<DECIMALS$}").parse().ok()?;
    let dollars: u64 = dollars.parse().ok()?;
    dollars.checked_mul(DOLLAR)?.checked_add(nano).map(NanoDollars)
}

/// Only from text: a number in a file has been rounded before anyone reads it.
impl<'de> Deserialize<'de> for NanoDollars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
