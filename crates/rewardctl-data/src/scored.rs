//! The output row of `rewardctl score`: one response, its reward, and what the reward rests on.
//!
//! A text that is not known is written as an empty one, never as null: readers that guess types from the first
//! rows would take a column of nulls for something else. A number that is not known is null.

use rewardctl_core::reward::Uncertainty;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// One response and its reward.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoredRow<'a> {
    /// The id that the input gives to the item.
    #[serde(serialize_with = "text_or_empty")]
    pub id: Option<&'a str>,
    /// The input file.
    pub source: &'a str,
    /// The line or record number in it.
    pub row: u64,
    /// The 0-based place among the item's responses.
    pub response_index: u32,
    /// What the input calls the response: `chosen`, `rejected`, `a`, `b`.
    #[serde(serialize_with = "text_or_empty")]
    pub role: Option<&'a str>,
    /// The content id of the item.
    pub item_id: String,
    /// The content id of the response.
    pub response_id: String,
    /// The model that wrote the response.
    #[serde(serialize_with = "text_or_empty")]
    pub generator: Option<&'a str>,
    /// In 0..=1; None where there is no reward.
    pub reward: Option<f64>,
    /// Why there is no reward.
    #[serde(serialize_with = "text_or_empty")]
    pub no_reward: Option<&'a str>,
    /// The score of each dimension, in the panel's order; written as an object.
    #[serde(serialize_with = "object")]
    pub dimensions: Vec<(&'a str, Option<f64>)>,
    /// How far the reward may be off; None where there is no reward.
    pub uncertainty: Option<Uncertainty>,
    /// The unbounded number beneath the reward of a fitted aggregator; None with fixed weights.
    pub utility: Option<f64>,
    /// The same without what length adds to it within prompts.
    pub utility_length_controlled: Option<f64>,
    /// How far the response lies from what the aggregator was fitted on: beyond 1 lies one in a hundred.
    pub distance: Option<f64>,
    /// The least rating, in 0..=1, that a person is likely to give; None without a calibration on ratings.
    pub rating_low: Option<f64>,
    /// The greatest one.
    pub rating_high: Option<f64>,
    /// Where the response goes: `accept` or `review`.
    pub route: &'a str,
    /// Why; empty if accepted.
    pub route_reason: String,
    /// What each critic says, in the panel's order.
    pub verdicts: Vec<VerdictRow<'a>>,
    /// What made the reward.
    pub versions: &'a VersionsRow,
    /// What the input says beside, by field, as text; written only if the writer is set to.
    #[serde(serialize_with = "texts", skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(&'a str, String)>,
    /// The conversation up to the response; written only if the writer is set to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// The response; written only if the writer is set to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<&'a str>,
}

/// What one critic says of the response.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerdictRow<'a> {
    /// The critic's name.
    pub critic: &'a str,
    /// The dimension that it judges.
    pub dimension: &'a str,
    /// `scored`, `abstained` or `failed`.
    pub outcome: &'a str,
    /// In 0..=1; None unless scored.
    pub score: Option<f64>,
    /// The critic's own variance of that score, where it knows one.
    pub variance: Option<f64>,
    /// What the score weighed in the reward; None where there is no reward.
    pub weight: Option<f64>,
    /// What the score rests on, or why there is none.
    pub rationale: &'a str,
    /// Where in the response, as characters from and to.
    pub spans: Vec<[usize; 2]>,
    /// Whether a person must look, whatever the reward.
    pub flagged: bool,
    /// How an LLM critic's score was read: `probabilities`, `samples`, `single` or `comparisons`; empty for others.
    pub method: &'a str,
    /// The calls that it was read from, by their keys in the ledger; empty for others.
    pub calls: Vec<String>,
}

/// What made the reward.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VersionsRow {
    /// This program.
    pub rewardctl: String,
    /// The panel with everything behind it.
    pub panel: String,
    /// The aggregator.
    pub aggregator: String,
    /// The text encoder, if one took part.
    #[serde(serialize_with = "text_or_empty")]
    pub encoder: Option<String>,
    /// The text heads, if they took part.
    #[serde(serialize_with = "text_or_empty")]
    pub heads: Option<String>,
}

fn text_or_empty<T: AsRef<str>, S: Serializer>(text: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text.as_ref().map_or("", AsRef::as_ref))
}

fn texts<S: Serializer>(texts: &[(&str, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(texts.iter().map(|(name, text)| (name, text)))
}

fn object<S: Serializer>(scores: &[(&str, Option<f64>)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_map(Some(scores.len()))?;
    for (name, score) in scores {
        object.serialize_entry(name, score)?;
    }
    object.end()
}
