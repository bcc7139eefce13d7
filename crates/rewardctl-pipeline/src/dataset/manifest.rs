//! What is known of a version of a dataset: what it was made from and by, and what came out.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rewardctl_core::dataset::Kind;
use rewardctl_core::dataset::pool::Pool;
use rewardctl_core::dataset::quality::{Gate, Quality, Status};
use rewardctl_core::dataset::reason::Reason;
use rewardctl_core::dataset::recipe::Recipe;
use serde::{Deserialize, Serialize};

use crate::dataset::error::Error as DatasetError;
use crate::dataset::figures::Figures;
use crate::dataset::source::Inputs;
use crate::error::Error;

/// The name of the rows in a version's folder.
pub const ROWS: &str = "rows.jsonl.zst";
/// The name of the manifest.
pub const MANIFEST: &str = "manifest.json";
/// The name of the card for people who read text.
pub const CARD: &str = "card.md";
/// The name of the card for people who read pages.
pub const PAGE: &str = "card.html";
/// The name of the mark on a version that was put aside.
pub const ARCHIVED: &str = "archived";

/// What is known of a version. There is no date in it: the same inputs make the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of this file.
    pub format: u32,
    /// The dataset.
    pub name: String,
    /// What its rows are.
    pub kind: Kind,
    /// `draft` or `ready`, by the gates.
    pub status: Status,
    /// What made it.
    pub made_by: MadeBy,
    /// What it was made from.
    pub inputs: Inputs,
    /// How it was made.
    pub recipe: Recipe,
    /// How many there are.
    pub counts: Counts,
    /// What was held back, by reason.
    pub withheld: BTreeMap<Reason, u64>,
    /// What all rewards come to.
    pub pool: Pool,
    /// How good it is.
    pub figures: Figures,
    /// What it must have to be ready.
    pub gates: Vec<Gate>,
    /// One number for it, in parts.
    pub quality: Quality,
    /// The SHA-256 of the file of rows; empty without rows.
    pub rows_sha256: String,
}

/// What made a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MadeBy {
    /// The version of this program.
    pub rewardctl: String,
    /// The seed of random choices.
    pub seed: u64,
    /// The version of the rewards: the panel with everything behind it, the aggregator among it. Empty without any.
    pub rewards: String,
    /// The panel of these rewards, by name.
    pub panel: Option<String>,
    /// What margins of utilities are divided by.
    pub temperature: f64,
    /// Responses whose reward is of another version, which is not used.
    pub other_versions: u64,
    /// Rewards without an uncertainty: where they decide, nobody knows how sure.
    pub without_uncertainty: u64,
}

/// How many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Prompts looked at.
    pub items: u64,
    /// Prompts with a row.
    pub prompts: u64,
    /// Rows.
    pub rows: u64,
    /// Rows to learn towards.
    pub good: u64,
    /// Rows, or sides of them, to learn away from.
    pub bad: u64,
    /// Rows of which personal data were masked; some may have been held back after that.
    #[serde(default)]
    pub masked: u64,
    /// Rows by part.
    pub splits: BTreeMap<String, u64>,
}

impl Manifest {
    /// Reads the manifest in the folder of a version.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(MANIFEST);
        let failed = |source| rewardctl_data::error::Error::Read { path: path.clone(), source };
        let text = fs::read(&path).map_err(failed)?;
        let read = serde_json::from_slice(&text);
        Ok(read.map_err(|source| DatasetError::BrokenManifest { path: path.clone(), source })?)
    }

    /// Returns the manifest as it is written.
    pub fn json(&self) -> String {
        let json = serde_json::to_string_pretty(self).expect("a manifest is plain data with text keys");
        json + "\n"
    }

    /// Returns the status of the version in `folder`: what a person put aside stays so.
    pub fn status_in(&self, folder: &Path) -> Status {
        if folder.join(ARCHIVED).exists() { Status::Archived } else { self.status }
    }
}
