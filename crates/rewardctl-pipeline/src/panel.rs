//! Panels: built in or from a TOML file.

use std::fs;
use std::path::{Path, PathBuf};

use rewardctl_core::panel::{Dimension, Panel, Part, Quorum, Slot};
use rewardctl_critic::rules::{CATALOG, EMBEDDING_SIMILARITY};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::error::Error;

/// The panels that ship in the binary, by name.
pub const BUILT_IN: [(&str, &str); 2] = [
    ("default", include_str!("../../../panels/default.toml")),
    ("rules", include_str!("../../../panels/rules.toml")),
];

/// The critics of the text reward model, with their dimensions.
pub const TEXT_CRITICS: [(&str, &str); 3] =
    [("text.accuracy", "accuracy"), ("text.style", "style"), ("text.compliance", "compliance")];

/// A panel, ready to judge.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedPanel {
    /// The panel.
    pub panel: Panel,
    /// The folder of an aggregator that replaces the fixed weights.
    pub aggregator: Option<PathBuf>,
}

impl LoadedPanel {
    /// Loads a panel by built-in name or from a TOML file.
    pub fn load(name: &str) -> Result<Self, Error> {
        if let Some((_, toml)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Self::parse(name, toml, Path::new(""));
        }
        let path = Path::new(name);
        let toml =
            fs::read_to_string(path).map_err(|source| Error::ReadPanel { path: path.into(), source })?;
        Self::parse(name, &toml, path.parent().unwrap_or(Path::new("")))
    }

    /// Tells whether any critic needs the text encoder.
    pub fn needs_encoder(&self) -> bool {
        self.panel.slots.iter().any(|slot| !is_plain_rule(&slot.critic))
    }

    fn parse(name: &str, toml: &str, folder: &Path) -> Result<Self, Error> {
        let file: PanelFile = toml::from_str(toml)
            .map_err(|source| Error::ParsePanel { panel: name.into(), source: Box::new(source) })?;
        let slots: Result<Vec<Slot>, Error> =
            file.critic.into_iter().map(|critic| slot(name, critic)).collect();
        let panel = Panel {
            name: file.name,
            dimensions: file
                .dimension
                .into_iter()
                .map(|d| Dimension { name: d.name, weight: d.weight })
                .collect(),
            slots: slots?,
            quorum: Quorum { coverage: file.quorum.coverage, dimensions: file.quorum.dimensions },
        };
        panel.check().map_err(|source| Error::Panel { panel: name.into(), source })?;
        Ok(Self { panel, aggregator: file.aggregator.map(|path| folder.join(path)) })
    }
}

/// Returns every critic that a panel may name, with the dimension that it judges unless told otherwise.
pub fn known_critics() -> Vec<(&'static str, &'static str)> {
    let rules = CATALOG.iter().chain([&EMBEDDING_SIMILARITY]).map(|info| (info.critic, info.dimension));
    TEXT_CRITICS.into_iter().chain(rules).collect()
}

fn is_plain_rule(critic: &str) -> bool {
    CATALOG.iter().any(|info| info.critic == critic)
}

fn slot(panel: &str, critic: CriticEntry) -> Result<Slot, Error> {
    let known = known_critics();
    let Some((_, dimension)) = known.iter().find(|(name, _)| *name == critic.name) else {
        let known = known.iter().map(|(name, _)| name.to_string()).collect();
        return Err(Error::UnknownCritic { panel: panel.into(), critic: critic.name, known });
    };
    let dimension = critic.dimension.unwrap_or_else(|| dimension.to_string());
    Ok(Slot { critic: critic.name, dimension, weight: critic.weight, part: critic.part })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PanelFile {
    name: String,
    aggregator: Option<PathBuf>,
    #[serde(default)]
    quorum: QuorumEntry,
    dimension: Vec<DimensionEntry>,
    critic: Vec<CriticEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct QuorumEntry {
    coverage: f64,
    dimensions: usize,
}

impl Default for QuorumEntry {
    fn default() -> Self {
        Self { coverage: 0.6, dimensions: 1 }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DimensionEntry {
    #[serde(deserialize_with = "dimension_name")]
    name: String,
    weight: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CriticEntry {
    name: String,
    dimension: Option<String>,
    #[serde(default = "one")]
    weight: f64,
    #[serde(default = "mean")]
    part: Part,
}

/// Refuses the names that the reports give to something else.
fn dimension_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    match name.trim() {
        "" => Err(D::Error::custom("a dimension needs a name")),
        "reward" => Err(D::Error::custom("`reward` is what all dimensions make together: use another name")),
        _ => Ok(name),
    }
}

fn one() -> f64 {
    1.0
}

fn mean() -> Part {
    Part::Mean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_panels_are_sound() {
        let default = LoadedPanel::load("default").unwrap();
        let weights: Vec<f64> = default.panel.dimensions.iter().map(|d| d.weight).collect();
        assert_eq!(weights, [0.5, 0.3, 0.2]);
        assert!(default.needs_encoder());
        assert!(!LoadedPanel::load("rules").unwrap().needs_encoder());
    }

    #[test]
    fn the_shipped_aggregator_is_the_default_panels() {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/aggregator/model.onnx");
        let panel = LoadedPanel::load("default").unwrap().panel;
        let current = rewardctl_model::aggregator::fixed_weights(&panel);
        let hint = "run `rewardctl model aggregator models/aggregator`";
        assert!(fs::read(shipped).unwrap() == current, "{hint}");
    }

    #[test]
    fn an_unknown_critic_is_refused() {
        let toml = "name = 'x'\n[[dimension]]\nname = 'style'\nweight = 1\n[[critic]]\nname = 'rule.lenght'";
        let error = LoadedPanel::parse("x", toml, Path::new("")).unwrap_err();
        assert_eq!(error.to_string(), "panel `x` names critic `rule.lenght`, which does not exist");
    }

    #[test]
    fn a_dimension_has_a_name_of_its_own() {
        for (name, why) in [("reward", "`reward` is what all dimensions"), (" ", "a dimension needs a name")]
        {
            let toml = format!("name = 'x'\ncritic = []\n[[dimension]]\nname = '{name}'\nweight = 1");
            let Err(Error::ParsePanel { source, .. }) = LoadedPanel::parse("x", &toml, Path::new("")) else {
                panic!("`{name}` was taken");
            };
            let said = source.to_string();
            assert!(said.contains("line 4, column 8") && said.contains(why), "{said}");
        }
    }

    #[test]
    fn a_critic_may_judge_the_users_own_dimension() {
        let toml = "name = 'x'\n[[dimension]]\nname = 'brand'\nweight = 1\n\
                    [[critic]]\nname = 'rule.banned_terms'\ndimension = 'brand'\npart = 'cap'";
        let panel = LoadedPanel::parse("x", toml, Path::new("")).unwrap().panel;
        assert_eq!(panel.slots[0].dimension, "brand");
    }
}
