//! What a call costs: an editable table of prices by model, exact to the nano-dollar.
//!
//! Prices are kept as nano-dollars for a million tokens, so that a cost is a sum of whole products. It is rounded once,
//! for the whole call, up to the next nano-dollar: many small calls never look cheaper than they are.
//! Reasoning tokens are part of the output, and cached tokens are part of the input, as providers report them.

use serde::Deserialize;

use crate::llm::price::money::NanoDollars;

pub mod money;
pub mod tokens;

/// Prices are given for this many tokens.
const MILLION: u128 = 1_000_000;

/// What one model costs, for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Price {
    /// Tokens read.
    pub input: NanoDollars,
    /// Tokens read from the provider's cache; None if they cost what others cost.
    pub cached_input: Option<NanoDollars>,
    /// Tokens written.
    pub output: NanoDollars,
}

/// What a provider says it did for a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Billed {
    /// Tokens read, the cached ones among them.
    pub input_tokens: u64,
    /// Of these, tokens read from a cache.
    pub cached_input_tokens: u64,
    /// Tokens written, those of reasoning among them.
    pub output_tokens: u64,
}

/// The table that comes with the binary, for people to copy and correct.
pub const SHIPPED: &str = include_str!("../../../../prices.toml");

/// A table of prices.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceTable {
    /// The day on which the prices were true.
    pub date: String,
    #[serde(default, rename = "model")]
    models: Vec<PricedModel>,
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PricedModel {
    r#match: String,
    input: NanoDollars,
    cached_input: Option<NanoDollars>,
    output: NanoDollars,
}

/// A table of prices that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the table of prices cannot be read")]
pub struct PriceTableError {
    source: Box<toml::de::Error>,
}

impl Price {
    /// Returns what a call costs.
    pub fn cost(&self, billed: &Billed) -> NanoDollars {
        let cached = billed.cached_input_tokens.min(billed.input_tokens);
        let parts = [
            (billed.input_tokens - cached, self.input),
            (cached, self.cached_input.unwrap_or(self.input)),
            (billed.output_tokens, self.output),
        ];
        let millionths = parts.into_iter().fold(0_u128, |sum, (tokens, price)| {
            sum.saturating_add(u128::from(tokens).saturating_mul(u128::from(price.0)))
        });
        NanoDollars(u64::try_from(millionths.div_ceil(MILLION)).unwrap_or(u64::MAX))
    }

    /// Returns the most that a call may cost: nothing cached, and each of `choices` answers as long as allowed. The
    /// prompt is read once, however many answers are asked for.
    pub fn reserve(&self, input_tokens: u64, max_output_tokens: u32, choices: u32) -> NanoDollars {
        let output_tokens = u64::from(max_output_tokens) * u64::from(choices);
        self.cost(&Billed { input_tokens, cached_input_tokens: 0, output_tokens })
    }
}

impl PriceTable {
    /// Reads a table from TOML.
    pub fn parse(text: &str) -> Result<Self, PriceTableError> {
        toml::from_str(text).map_err(|source| PriceTableError { source: Box::new(source) })
    }

    /// Returns the table that comes with the program.
    pub fn shipped() -> Self {
        Self::parse(SHIPPED).expect("a test reads the table shipped")
    }

    /// Returns the price of a model by the first line that fits; None means that the price is unknown, not that
    /// there is none.
    pub fn price_of(&self, model: &str) -> Option<Price> {
        let line = self.models.iter().find(|line| fits(&line.r#match, model))?;
        Some(Price { input: line.input, cached_input: line.cached_input, output: line.output })
    }
}

/// Returns whether `pattern`, in which `*` stands for any characters, fits the whole `name`.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((prefix, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(prefix) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let suffix = parts.pop().unwrap_or_default();
    for part in parts {
        // The first place is as good as any: it leaves the most for the parts that follow.
        let Some((_, after)) = name.split_once(part) else { return false };
        name = after;
    }
    name.ends_with(suffix)
}

#[cfg(test)]
mod tests;
