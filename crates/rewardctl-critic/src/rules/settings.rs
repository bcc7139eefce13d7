//! The `[rules]` table of the settings: one sub-table for each rule that has any.

use serde::{Deserialize, Serialize};

/// What the rules may be told. The defaults suit a general assistant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RuleSettings {
    /// `rule.length`
    pub length: LengthSettings,
    /// `rule.personal_data`
    pub personal_data: PersonalDataSettings,
    /// `rule.banned_terms`
    pub banned_terms: TermSettings,
    /// `rule.required_terms`
    pub required_terms: TermSettings,
    /// `rule.disclaimer`
    pub disclaimer: DisclaimerSettings,
    /// `rule.links`
    pub links: LinkSettings,
    /// `rule.code`
    pub code: CodeSettings,
    /// `rule.exact_match`
    pub exact_match: ExactMatchSettings,
    /// `rule.json_valid`
    pub json_valid: JsonValidSettings,
}

/// Bounds that hold whatever the prompt asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct LengthSettings {
    /// The least number of words; none by default.
    pub min_words: Option<u32>,
    /// The greatest number of words; none by default.
    pub max_words: Option<u32>,
}

/// What counts as personal data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PersonalDataSettings {
    /// Kinds that are no matter, such as `ip-address`; none by default.
    pub ignore: Vec<String>,
}

/// Terms and patterns, of which none must or all must occur.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct TermSettings {
    /// Words or phrases, found between word borders, in any case; a final `*` lets the word go on.
    pub terms: Vec<String>,
    /// Regular expressions in the syntax of the Rust `regex` crate; case matters unless they say `(?i)`.
    pub patterns: Vec<String>,
}

/// Which topics need a disclaimer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct DisclaimerSettings {
    /// Health, law and money by default; an empty list switches the rule off.
    pub topics: Vec<DisclaimerTopic>,
}

/// A topic on which advice must come with a disclaimer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DisclaimerTopic {
    /// What reports call it.
    pub name: String,
    /// Words or phrases of a prompt that is about the topic.
    pub triggers: Vec<String>,
    /// Regular expressions of which one must match the response; any case.
    pub disclaimers: Vec<String>,
}

/// Which links a response may have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct LinkSettings {
    /// `allowed` by default.
    pub policy: LinkPolicy,
    /// The hosts that `policy = "hosts"` allows; a host allows its subdomains.
    pub hosts: Vec<String>,
}

/// What is said about links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkPolicy {
    /// Any link may stand; the rule abstains.
    #[default]
    Allowed,
    /// No link may stand.
    Forbidden,
    /// Links to the listed hosts may stand.
    Hosts,
}

/// Whether a response may have code.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct CodeSettings {
    /// `allowed` by default.
    pub policy: CodePolicy,
}

/// What is said about code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodePolicy {
    /// Code may stand; the rule abstains.
    #[default]
    Allowed,
    /// No code block may stand.
    Forbidden,
}

/// When a reference is short enough to be met word for word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ExactMatchSettings {
    /// The greatest number of words of a reference that the rule looks at; 8 by default.
    pub max_reference_words: u32,
}

impl Default for ExactMatchSettings {
    fn default() -> Self {
        Self { max_reference_words: 8 }
    }
}

/// When a response must be JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct JsonValidSettings {
    /// Whether every response must be JSON, whatever the prompt asks for; false by default.
    pub required: bool,
}
