//! Tables of the settings file with a shape of their own.

use std::collections::BTreeMap;
use std::path::Path;

use rewardctl_core::review::keymap::KeyFile;
use rewardctl_critic::rules::settings::RuleSettings;
use rewardctl_pipeline::endpoint::EndpointSettings;
use rewardctl_pipeline::gate::policy::Policy;

use super::{FILE_HINT, Origin};
use crate::exit::Failure;

/// Their names.
pub(super) const TABLES: [&str; 4] = ["rules", "endpoints", "gate", "keys"];

/// What stands in them.
pub(super) struct Tables {
    pub rules: (RuleSettings, Origin),
    pub endpoints: BTreeMap<String, EndpointSettings>,
    pub gate: Option<Policy>,
    pub keys: KeyFile,
}

/// Reads them from the text of the file.
pub(super) fn read_tables(path: &Path, text: &str) -> Result<Tables, Failure> {
    #[derive(serde::Deserialize)]
    struct File {
        rules: Option<RuleSettings>,
        #[serde(default)]
        endpoints: BTreeMap<String, EndpointSettings>,
        gate: Option<Policy>,
        #[serde(default)]
        keys: KeyFile,
    }
    let file: File = toml::from_str(text).map_err(|error| parse_failure(path, &error))?;
    let rules = match file.rules {
        Some(rules) => (rules, Origin::File(path.into(), line_of_rules(text))),
        None => (RuleSettings::default(), Origin::Default),
    };
    Ok(Tables { rules, endpoints: file.endpoints, gate: file.gate, keys: file.keys })
}

fn line_of_rules(text: &str) -> usize {
    text.lines().position(|line| line.trim_start().starts_with("[rules")).map_or(1, |at| at + 1)
}

/// Says that the file is no TOML, or has values of other kinds.
pub(super) fn parse_failure(path: &Path, error: &toml::de::Error) -> Failure {
    // The message of the parser shows the line and points at the place.
    Failure::refused(
        format!("failed to parse `{}`\n{}", path.display(), error.to_string().trim_end()),
        FILE_HINT,
    )
}
