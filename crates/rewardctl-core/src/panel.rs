//! The panel: which critics judge which dimension, and what each of them weighs.

use serde::{Deserialize, Serialize};

use crate::id::{ContentId, Version};

/// How a critic's score enters its dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// It is averaged, by weight.
    Mean,
    /// It caps the dimension: nine clean checks do not make up for one leaked key.
    Cap,
}

/// One critic's place in the panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// The critic's name.
    pub critic: String,
    /// The dimension that it judges; one of the panel's.
    pub dimension: String,
    /// Its weight among the critics of the dimension; positive. Ignored for a cap.
    pub weight: f64,
    /// How the score enters.
    pub part: Part,
}

/// One dimension and its share in the reward.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    /// Such as `accuracy`.
    pub name: String,
    /// Its weight in the reward; positive, in any unit, normalised over the dimensions that have a score.
    pub weight: f64,
}

/// When there are enough verdicts for a reward to exist.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quorum {
    /// The least share, by weight, of the critics asked that must have scored; in 0..=1.
    pub coverage: f64,
    /// The least number of dimensions that must have a score.
    pub dimensions: usize,
}

/// The critics together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Panel {
    /// The name that people use, such as `default`.
    pub name: String,
    /// In the order in which they are reported.
    pub dimensions: Vec<Dimension>,
    /// In the order in which verdicts and the aggregator's columns stand.
    pub slots: Vec<Slot>,
    /// When a reward exists.
    pub quorum: Quorum,
}

/// Why a panel cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PanelError {
    /// No dimension or no critic.
    #[error("panel `{panel}` has no {what}")]
    Empty {
        /// The panel.
        panel: String,
        /// `dimensions` or `critics`.
        what: &'static str,
    },
    /// The same name twice.
    #[error("panel `{panel}` names {what} `{name}` twice")]
    Twice {
        /// The panel.
        panel: String,
        /// `dimension` or `critic`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A critic of a dimension that the panel does not have.
    #[error("critic `{critic}` judges `{dimension}`, which is no dimension of panel `{panel}`")]
    UnknownDimension {
        /// The panel.
        panel: String,
        /// The critic.
        critic: String,
        /// The dimension.
        dimension: String,
    },
    /// A weight that is zero, negative, infinite or NaN.
    #[error("`{name}` of panel `{panel}` has weight `{weight}`, but a weight is a positive number")]
    Weight {
        /// The panel.
        panel: String,
        /// The critic or dimension.
        name: String,
        /// The weight.
        weight: f64,
    },
    /// A quorum that nothing can reach, or that is no share.
    #[error("panel `{panel}` asks for a quorum of {coverage} coverage and {dimensions} dimensions")]
    Quorum {
        /// The panel.
        panel: String,
        /// The coverage asked for.
        coverage: f64,
        /// The number of dimensions asked for.
        dimensions: usize,
    },
}

impl Panel {
    /// Checks what the types cannot say: names are unique and known, weights positive, the quorum reachable.
    pub fn check(&self) -> Result<(), PanelError> {
        let panel = || self.name.clone();
        if self.dimensions.is_empty() {
            return Err(PanelError::Empty { panel: panel(), what: "dimensions" });
        }
        if self.slots.is_empty() {
            return Err(PanelError::Empty { panel: panel(), what: "critics" });
        }
        self.check_names()?;
        self.check_weights()?;
        let Quorum { coverage, dimensions } = self.quorum;
        if !(0.0..=1.0).contains(&coverage) || dimensions == 0 || dimensions > self.dimensions.len() {
            return Err(PanelError::Quorum { panel: panel(), coverage, dimensions });
        }
        Ok(())
    }

    /// Returns the place of `dimension` among the panel's dimensions.
    pub fn dimension_index(&self, dimension: &str) -> Option<usize> {
        self.dimensions.iter().position(|known| known.name == dimension)
    }

    /// Returns the version of everything that makes a reward: this panel and the fingerprints of what serves it.
    pub fn version(&self, fingerprints: &[&str]) -> Version {
        let slots = self.slots.iter().map(|slot| {
            format!("{}|{}|{}|{:?}", slot.critic, slot.dimension, slot.weight, slot.part).into_bytes()
        });
        let dimensions = self.dimensions.iter().map(|d| format!("{}|{}", d.name, d.weight).into_bytes());
        let quorum = format!("{}|{}", self.quorum.coverage, self.quorum.dimensions).into_bytes();
        let served = fingerprints.iter().map(|fingerprint| fingerprint.as_bytes().to_vec());
        let parts: Vec<Vec<u8>> = dimensions.chain(slots).chain([quorum]).chain(served).collect();
        ContentId::of("version", parts.iter().map(Vec::as_slice))
    }

    fn check_names(&self) -> Result<(), PanelError> {
        for (at, dimension) in self.dimensions.iter().enumerate() {
            if self.dimension_index(&dimension.name) != Some(at) {
                return Err(self.twice("dimension", &dimension.name));
            }
        }
        for (at, slot) in self.slots.iter().enumerate() {
            if self.slots[..at].iter().any(|earlier| earlier.critic == slot.critic) {
                return Err(self.twice("critic", &slot.critic));
            }
            if self.dimension_index(&slot.dimension).is_none() {
                return Err(PanelError::UnknownDimension {
                    panel: self.name.clone(),
                    critic: slot.critic.clone(),
                    dimension: slot.dimension.clone(),
                });
            }
        }
        Ok(())
    }

    fn check_weights(&self) -> Result<(), PanelError> {
        let of_dimensions = self.dimensions.iter().map(|d| (&d.name, d.weight));
        let of_slots = self.slots.iter().map(|s| (&s.critic, s.weight));
        for (name, weight) in of_dimensions.chain(of_slots) {
            if !(weight.is_finite() && weight > 0.0) {
                return Err(PanelError::Weight { panel: self.name.clone(), name: name.clone(), weight });
            }
        }
        Ok(())
    }

    fn twice(&self, what: &'static str, name: &str) -> PanelError {
        PanelError::Twice { panel: self.name.clone(), what, name: name.into() }
    }
}
