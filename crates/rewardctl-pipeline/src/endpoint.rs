//! Endpoints: where LLM critics and candidates come from, as the user describes them.

use std::collections::BTreeMap;

use rewardctl_critic::llm::price::Price;
use secrecy::SecretString;
use serde::Deserialize;

/// One endpoint that speaks the chat completions protocol, as `[endpoints.NAME]` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EndpointSettings {
    /// Up to and including `/v1`.
    pub base_url: String,
    /// The model that it is asked for.
    pub model: String,
    /// The environment variable that holds the key; none for local servers.
    pub api_key_env: Option<String>,
    /// Calls in flight at most; fewer when the endpoint is overloaded.
    #[serde(default = "default_concurrency")]
    pub concurrency: u32,
    /// Seconds that one call may take.
    #[serde(default = "default_timeout")]
    pub timeout_s: u64,
    /// Tries of one call at most; ten times that it is busy count as one.
    #[serde(default = "default_attempts")]
    pub attempts: u32,
    /// Calls a minute at most; otherwise learnt from the endpoint's headers.
    pub requests_per_minute: Option<u32>,
    /// Tokens a minute at most; otherwise learnt from the endpoint's headers.
    pub tokens_per_minute: Option<u32>,
    /// US dollars a million tokens; otherwise the price table says.
    pub price: Option<Price>,
}

fn default_concurrency() -> u32 {
    32
}

fn default_timeout() -> u64 {
    120
}

fn default_attempts() -> u32 {
    5
}

/// The endpoints by name, with their keys; a key never leaves its `SecretString` but to be sent.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    /// What the user says of each.
    pub known: BTreeMap<String, EndpointSettings>,
    /// The keys of those that have one.
    pub keys: BTreeMap<String, SecretString>,
}
