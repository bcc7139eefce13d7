//! What keeps rows out of a dataset whatever their rewards: personal data, rows that are alike, what evaluations ask.

use serde::{Deserialize, Serialize};

/// What must not be learnt by heart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PrivacyRule {
    /// What becomes of rows with personal data or secrets.
    pub personal_data: PersonalData,
    /// Whether names of people count; they are found by weak rules.
    pub names: bool,
}

/// What becomes of rows with personal data or secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PersonalData {
    /// They are left out.
    Withhold,
    /// The data are replaced by their kind and a number, such as `<EMAIL_1>`.
    Placeholder,
    /// The data are replaced by zeros and x of the same length.
    KeepFormat,
    /// They stay.
    Allow,
}

/// Rows that are alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct DuplicateRule {
    /// What becomes of a row of which prompt and answers are alike to those of a surer row.
    pub rows: Alike,
    /// The least Jaccard similarity of texts that are alike, in 0.3..=1.
    pub threshold: f64,
}

/// What becomes of a row that is alike to a surer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alike {
    /// It is left out.
    Withhold,
    /// It stays.
    Allow,
}

/// What evaluations ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ContaminationRule {
    /// Files of benchmarks; a row that holds an item of one is left out.
    pub benchmarks: Vec<String>,
    /// A row holds an item if it covers more than this share of the item's words by runs of eight, in 0..=1
    /// (arXiv 2411.15124).
    pub min_coverage: f64,
    /// The card warns of prompts whose embedding has a greater cosine with that of an item; 0 does not look.
    pub warn_cosine: f64,
}

impl Default for PrivacyRule {
    fn default() -> Self {
        Self { personal_data: PersonalData::Withhold, names: false }
    }
}

impl Default for DuplicateRule {
    fn default() -> Self {
        Self { rows: Alike::Withhold, threshold: 0.8 }
    }
}

impl Default for ContaminationRule {
    fn default() -> Self {
        Self { benchmarks: vec![], min_coverage: 0.5, warn_cosine: 0.0 }
    }
}
