//! Panels: built in or from a TOML file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rewardctl_core::panel::{Dimension, Panel, Part, Quorum, Slot};
use rewardctl_critic::llm::critic::{LlmCritic, SHIPPED};
use rewardctl_critic::rules::{CATALOG, EMBEDDING_SIMILARITY};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::endpoint::EndpointSettings;
use crate::error::Error;

/// The panels that ship in the binary, by name.
pub const BUILT_IN: [(&str, &str); 3] = [
    ("default", include_str!("../../../panels/default.toml")),
    ("llm", include_str!("../../../panels/llm.toml")),
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
    /// The LLM critics, in the panel's order.
    pub llm: Vec<LlmSlot>,
    /// How they are asked.
    pub asking: Asking,
    /// Endpoints that the panel file brings along.
    pub endpoints: BTreeMap<String, EndpointSettings>,
}

/// An LLM critic's place in the panel.
#[derive(Debug, Clone, PartialEq)]
pub struct LlmSlot {
    /// Its place among the panel's slots.
    pub slot: usize,
    /// The critic.
    pub critic: LlmCritic,
    /// The endpoint that it is asked at; None for the only one that there is.
    pub endpoint: Option<String>,
    /// Replies that are averaged where the endpoint gives no token probabilities; at least 1.
    pub samples: u32,
    /// When it is asked: after all critics of a lower tier, where these leave the reward uncertain.
    pub tier: u32,
}

/// How the LLM critics of a panel are asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asking {
    /// LLM critics are asked where the reward without them has a greater uncertainty; None asks always.
    pub max_uncertainty: Option<f64>,
    /// Whether critics of a tier see what the ones before them found.
    pub sequential: bool,
    /// The difference of two critics' scores from which all are asked a second time; None never does.
    pub second_round: Option<f64>,
}

impl LoadedPanel {
    /// Loads a panel by built-in name or from a TOML file. Prompts are looked for beside the panel file, in
    /// `prompts` if given, then among the shipped ones.
    pub fn load(name: &str, prompts: Option<&Path>) -> Result<Self, Error> {
        if let Some((_, toml)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Self::parse(name, toml, None, prompts);
        }
        let path = Path::new(name);
        let toml =
            fs::read_to_string(path).map_err(|source| Error::ReadPanel { path: path.into(), source })?;
        Self::parse(name, &toml, path.parent(), prompts)
    }

    /// Makes a panel of LLM critics alone, one for each prompt of `names`, which may be files; for what asks critics
    /// and needs no reward.
    pub fn of_prompts(names: &[String], prompts: Option<&Path>) -> Result<Self, Error> {
        let mut toml = toml::Table::from_iter([("name".to_owned(), "prompts".into())]);
        let table = |fields: [(&str, toml::Value); 2]| {
            toml::Value::Table(fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
        };
        let (mut dimensions, mut critics) = (vec![], vec![]);
        for name in names {
            let dimension = find_prompt("--prompt", name, Some(Path::new("")), prompts)?.dimension;
            if !dimensions.contains(&dimension) {
                dimensions.push(dimension);
            }
            critics.push(table([("name", name.as_str().into()), ("prompt", name.as_str().into())]));
        }
        let dimensions = dimensions.into_iter();
        let dimensions: Vec<toml::Value> =
            dimensions.map(|name| table([("name", name.into()), ("weight", 1.0.into())])).collect();
        toml.insert("dimension".into(), dimensions.into());
        toml.insert("critic".into(), critics.into());
        Self::parse("--prompt", &toml.to_string(), Some(Path::new("")), prompts)
    }

    /// Tells whether any critic needs the text encoder.
    pub fn needs_encoder(&self) -> bool {
        let local = self.panel.slots.iter().enumerate().filter(|(at, _)| !self.is_llm(*at));
        local.into_iter().any(|(_, slot)| !is_plain_rule(&slot.critic))
    }

    /// Tells whether the critic at this place of the panel is an LLM critic.
    pub fn is_llm(&self, slot: usize) -> bool {
        self.llm.iter().any(|llm| llm.slot == slot)
    }

    /// Parses a panel; `folder` holds its file, and is None for one that is built in.
    fn parse(name: &str, toml: &str, folder: Option<&Path>, prompts: Option<&Path>) -> Result<Self, Error> {
        let file: PanelFile = toml::from_str(toml)
            .map_err(|source| Error::ParsePanel { panel: name.into(), source: Box::new(source) })?;
        let (mut slots, mut llm) = (vec![], vec![]);
        for (at, entry) in file.critic.into_iter().enumerate() {
            match &entry.prompt {
                Some(prompt) => {
                    let critic = find_prompt(name, prompt, folder, prompts)?;
                    slots.push(llm_slot(&entry, &critic));
                    llm.push(LlmSlot {
                        slot: at,
                        critic,
                        endpoint: entry.endpoint,
                        samples: entry.samples.unwrap_or(SAMPLES).max(1),
                        tier: entry.tier.unwrap_or(1),
                    });
                }
                None => slots.push(slot(name, entry)?),
            }
        }
        let panel = Panel {
            name: file.name,
            dimensions: file
                .dimension
                .into_iter()
                .map(|d| Dimension { name: d.name, weight: d.weight })
                .collect(),
            slots,
            quorum: Quorum { coverage: file.quorum.coverage, dimensions: file.quorum.dimensions },
        };
        panel.check().map_err(|source| Error::Panel { panel: name.into(), source })?;
        let asking = Asking {
            max_uncertainty: file.cascade.map(|cascade| cascade.max_uncertainty),
            sequential: file.sequential,
            second_round: file.second_round.map(|round| round.when_apart),
        };
        let aggregator = file.aggregator.map(|path| folder.unwrap_or(Path::new("")).join(path));
        Ok(Self { panel, aggregator, llm, asking, endpoints: file.endpoints })
    }
}

/// Returns every critic that a panel may name, with the dimension that it judges unless told otherwise.
pub fn known_critics() -> Vec<(&'static str, &'static str)> {
    let rules = CATALOG.iter().chain([&EMBEDDING_SIMILARITY]).map(|info| (info.critic, info.dimension));
    TEXT_CRITICS.into_iter().chain(rules).collect()
}

/// Replies that are averaged unless the panel says otherwise (G-Eval, arXiv 2303.16634, took 20; the gain is small
/// beyond 5).
const SAMPLES: u32 = 5;

/// Finds a prompt: a path beside the panel, a name in the project's `prompts/`, or a shipped one.
fn find_prompt(
    panel: &str,
    prompt: &str,
    folder: Option<&Path>,
    prompts: Option<&Path>,
) -> Result<LlmCritic, Error> {
    let file = format!("{prompt}.md");
    let beside = folder.map(|folder| [folder.join(prompt), folder.join("prompts").join(&file)]);
    let project = prompts.map(|prompts| prompts.join(&file));
    let found = beside.into_iter().flatten().chain(project).find(|path| path.is_file());
    let text = match (&found, SHIPPED.iter().find(|(name, _)| *name == prompt)) {
        (Some(path), _) => {
            fs::read_to_string(path).map_err(|source| Error::ReadPanel { path: path.clone(), source })?
        }
        (None, Some((_, text))) => text.to_string(),
        (None, None) => {
            let known = SHIPPED.iter().map(|(name, _)| name.to_string()).collect();
            return Err(Error::UnknownPrompt { panel: panel.into(), prompt: prompt.into(), known });
        }
    };
    let label = found.map_or_else(|| format!("prompts/{prompt}.md"), |path| path.display().to_string());
    Ok(LlmCritic::parse(&label, &text)?)
}

fn llm_slot(entry: &CriticEntry, critic: &LlmCritic) -> Slot {
    Slot {
        critic: entry.name.clone(),
        dimension: entry.dimension.clone().unwrap_or_else(|| critic.dimension.clone()),
        weight: entry.weight,
        part: entry.part,
    }
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
    cascade: Option<CascadeEntry>,
    #[serde(default)]
    sequential: bool,
    #[serde(rename = "second-round")]
    second_round: Option<SecondRoundEntry>,
    #[serde(default)]
    endpoints: BTreeMap<String, EndpointSettings>,
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
struct CascadeEntry {
    #[serde(rename = "max-uncertainty")]
    max_uncertainty: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecondRoundEntry {
    #[serde(rename = "when-apart")]
    when_apart: f64,
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
    prompt: Option<String>,
    endpoint: Option<String>,
    samples: Option<u32>,
    tier: Option<u32>,
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
        let default = LoadedPanel::load("default", None).unwrap();
        let weights: Vec<f64> = default.panel.dimensions.iter().map(|d| d.weight).collect();
        assert_eq!(weights, [0.5, 0.3, 0.2]);
        assert!(default.needs_encoder());
        assert!(!LoadedPanel::load("rules", None).unwrap().needs_encoder());
    }

    #[test]
    fn the_shipped_aggregator_is_the_default_panels() {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/aggregator/model.onnx");
        let panel = LoadedPanel::load("default", None).unwrap().panel;
        let current = rewardctl_model::aggregator::fixed_weights(&panel);
        let hint = "run `rewardctl model aggregator models/aggregator`";
        assert!(fs::read(shipped).unwrap() == current, "{hint}");
    }

    #[test]
    fn an_unknown_critic_is_refused() {
        let toml = "name = 'x'\n[[dimension]]\nname = 'style'\nweight = 1\n[[critic]]\nname = 'rule.lenght'";
        let error = LoadedPanel::parse("x", toml, None, None).unwrap_err();
        assert_eq!(error.to_string(), "panel `x` names critic `rule.lenght`, which does not exist");
    }

    #[test]
    fn a_dimension_has_a_name_of_its_own() {
        for (name, why) in [("reward", "`reward` is what all dimensions"), (" ", "a dimension needs a name")]
        {
            let toml = format!("name = 'x'\ncritic = []\n[[dimension]]\nname = '{name}'\nweight = 1");
            let Err(Error::ParsePanel { source, .. }) = LoadedPanel::parse("x", &toml, None, None) else {
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
        let panel = LoadedPanel::parse("x", toml, None, None).unwrap().panel;
        assert_eq!(panel.slots[0].dimension, "brand");
    }
}
