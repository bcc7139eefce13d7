//! Settings: flag over environment over file over default. This is the only file that reads them.
//!
//! [`SETTINGS`] is the one list: `init` writes it as a commented file, `config show` prints it with the origin of
//! each value, and a key that is not on it is refused.

use std::collections::BTreeMap;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use rewardctl_core::review::keymap::KeyFile;
use rewardctl_critic::rules::settings::RuleSettings;
use rewardctl_pipeline::endpoint::EndpointSettings;
use rewardctl_pipeline::gate::policy::Policy;
use toml::de::{DeTable, DeValue};

use crate::exit::Failure;
use crate::locate;
use crate::settings::environment::{variable, warn_of_unknown};
use crate::settings::tables::{TABLES, Tables, parse_failure, read_tables};
use crate::suggest;

pub mod commented;
pub mod environment;

mod tables;

/// One setting.
pub struct Setting {
    /// Its key in the file.
    pub key: &'static str,
    /// The environment variable that sets it.
    pub variable: &'static str,
    /// Its default, as TOML.
    pub default: &'static str,
    /// What it does, in a sentence or two.
    pub help: &'static str,
}

const fn setting(
    key: &'static str,
    variable: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { key, variable, default, help }
}

/// Every setting, in the order of the file.
pub const SETTINGS: &[Setting] = &[
    setting(
        "panel",
        "REWARDCTL_PANEL",
        "\"default\"",
        "The critics and their weights: `default`, `rules`, `llm`, or the path of a TOML file. Where an endpoint is described and no panel is named, it is `llm`.",
    ),
    setting(
        "seed",
        "REWARDCTL_SEED",
        "0",
        "The seed of every random choice: audits, and which rejected response a pair gets.",
    ),
    setting(
        "threads",
        "REWARDCTL_THREADS",
        "0",
        "Threads that judge; 0 takes one for each core. Results do not depend on it.",
    ),
    setting(
        "store",
        "REWARDCTL_STORE",
        "\"\"",
        "The file that keeps everything; empty: `.rewardctl/store.db` beside this file, else in the user's data folder. `none` keeps nothing.",
    ),
    setting(
        "models",
        "REWARDCTL_MODELS",
        "\"\"",
        "The folder with `encoder/` and `text-heads/`; empty: looked for beside the binary, in the project and in the user's data folder.",
    ),
    setting(
        "onnxruntime",
        "REWARDCTL_ONNXRUNTIME",
        "\"\"",
        "The ONNX Runtime library; empty: looked for in the same places.",
    ),
    setting(
        "prices",
        "REWARDCTL_PRICES",
        "\"\"",
        "What models cost; empty: `prices.toml` beside this file, where `rewardctl init` puts a copy, else the shipped table.",
    ),
    setting(
        "routing.max-uncertainty",
        "REWARDCTL_MAX_UNCERTAINTY",
        "0.2",
        "A reward more uncertain than this (a standard deviation, in 0..1) goes to a person.",
    ),
    setting(
        "routing.review-budget",
        "REWARDCTL_REVIEW_BUDGET",
        "\"\"",
        "The share of responses that people can look at, such as \"10%\"; the most uncertain ones are picked. Replaces `max-uncertainty`.",
    ),
    setting(
        "routing.audit-share",
        "REWARDCTL_AUDIT_SHARE",
        "0.01",
        "The share of responses drawn at random for people, in 0..1, so that what is accepted can be checked.",
    ),
    setting(
        "pairs.min-margin",
        "REWARDCTL_MIN_MARGIN",
        "0.05",
        "The least difference of two rewards that makes a preference pair, in 0..1.",
    ),
    setting(
        "pairs.min-probability",
        "REWARDCTL_MIN_PROBABILITY",
        "0.8",
        "The least probability that the chosen response is better, where models decide a pair, in 0.5..1.",
    ),
    setting(
        "people.seconds-per-label",
        "REWARDCTL_SECONDS_PER_LABEL",
        "30",
        "Seconds that a person takes for a label; what `--estimate` reckons people's time by.",
    ),
    setting(
        "people.name",
        "REWARDCTL_NAME",
        "\"\"",
        "The name that `rewardctl review` keeps decisions under; empty: that of the account.",
    ),
    setting(
        "people.overlap",
        "REWARDCTL_OVERLAP",
        "1",
        "How many people answer a task, 1 to 20; where they contradict each other, a curator decides.",
    ),
    setting(
        "people.lease-minutes",
        "REWARDCTL_LEASE_MINUTES",
        "10",
        "Minutes that a task is held without a sign of life before somebody else may have it.",
    ),
    setting(
        "people.repeat-share",
        "REWARDCTL_REPEAT_SHARE",
        "0.05",
        "The share of comparisons that the same person gets again, the other way round; no labels come of it.",
    ),
    setting(
        "people.gold-share",
        "REWARDCTL_GOLD_SHARE",
        "0.05",
        "The share of tasks with a known answer, where `queue add --gold` made some; no labels come of it.",
    ),
    setting(
        "text-model.max-windows",
        "REWARDCTL_MAX_WINDOWS",
        "16",
        "Windows of 510 tokens that the encoder reads of one text; of a longer text, evenly spaced ones. The rationale says so.",
    ),
    setting(
        "calls.unknown",
        "REWARDCTL_UNKNOWN_CALLS",
        "\"retry\"",
        "What is done with a call of which nobody saw the end, so that it may have been paid for: `retry` sends it again, `hold` does not.",
    ),
    setting(
        "pii.hash-key-env",
        "REWARDCTL_PII_HASH_KEY_ENV",
        "\"\"",
        "The environment variable that holds the key of `pii scan --mask hash`, 16 bytes or more; empty: a secret that the store keeps for this project.",
    ),
    setting("input.max-row-mib", "REWARDCTL_MAX_ROW_MIB", "16", "The longest row of an input file, in MiB."),
];

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag on the command line.
    Flag,
    /// An environment variable.
    Environment(&'static str),
    /// A settings file, and the line.
    File(PathBuf, usize),
    /// Built in.
    Default,
}

/// The settings in force, each with its origin.
#[derive(Debug)]
pub struct Settings {
    values: BTreeMap<&'static str, (String, Origin)>,
    /// What the rules are told, and where that came from.
    pub rules: (RuleSettings, Origin),
    /// The endpoints that LLM critics and candidates come from; without their keys.
    pub endpoints: BTreeMap<String, EndpointSettings>,
    /// What `gate` asks of responses; None where the file does not say.
    pub gate: Option<Policy>,
    /// The keys of review that replace shipped ones.
    pub keys: KeyFile,
    /// The settings file, if there is one.
    pub file: Option<PathBuf>,
}

/// What the command line says: keys of [`SETTINGS`] with the values of their flags.
pub type Flags = Vec<(&'static str, Option<String>)>;

impl Settings {
    /// Reads the settings; `config` names the file instead of the search upward from here.
    pub fn read(config: Option<&Path>, flags: &Flags) -> Result<Self, Failure> {
        let file = find_file(config)?;
        let mut values: BTreeMap<&'static str, (String, Origin)> =
            SETTINGS.iter().map(|known| (known.key, (plain(known.default), Origin::Default))).collect();
        let mut tables = Tables {
            rules: (RuleSettings::default(), Origin::Default),
            endpoints: BTreeMap::new(),
            gate: None,
            keys: KeyFile::new(),
        };
        if let Some(path) = &file {
            let text = fs::read_to_string(path).map_err(|error| {
                Failure::refused(format!("failed to read `{}`: {error}", path.display()), FILE_HINT)
            })?;
            for (key, value, line) in flatten(path, &text)? {
                values.insert(key, (value, Origin::File(path.clone(), line)));
            }
            tables = read_tables(path, &text)?;
        }
        warn_of_unknown(SETTINGS.iter().map(|known| known.variable).chain([CONFIG_VARIABLE]));
        for known in SETTINGS {
            if let Some(value) = variable(known.variable) {
                let value = value.to_string_lossy().into_owned();
                values.insert(known.key, (value, Origin::Environment(known.variable)));
            }
        }
        for (key, value) in flags {
            if let Some(value) = value {
                values.insert(key, (value.clone(), Origin::Flag));
            }
        }
        let Tables { rules, endpoints, gate, keys } = tables;
        Ok(Self { values, rules, endpoints, gate, keys, file })
    }

    /// Returns the value of `key` and its origin.
    pub fn get(&self, key: &str) -> (&str, &Origin) {
        let (value, origin) = self.values.get(key).expect("every key asked for stands in SETTINGS");
        (value, origin)
    }

    /// Returns the value of `key`; None if it is empty.
    pub fn text(&self, key: &str) -> Option<&str> {
        Some(self.get(key).0).filter(|value| !value.is_empty())
    }

    /// Returns the whole number at `key`, which must be in `range`.
    pub fn whole(&self, key: &str, range: RangeInclusive<u64>) -> Result<u64, Failure> {
        let number: Option<u64> = self.get(key).0.parse().ok();
        number
            .filter(|number| range.contains(number))
            .ok_or_else(|| self.wrong(key, &format!("a whole number in {}..={}", range.start(), range.end())))
    }

    /// Returns the number at `key`, which must be in `least..=most`.
    pub fn number(&self, key: &str, least: f64, most: f64) -> Result<f64, Failure> {
        let number: Option<f64> = self.get(key).0.parse().ok();
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| self.wrong(key, &format!("a number in {least}..={most}")))
    }

    /// Returns the share at `key`, given as `0.1` or `10%`; None if it is empty.
    pub fn share(&self, key: &str) -> Result<Option<f64>, Failure> {
        let Some(text) = self.text(key) else { return Ok(None) };
        let share = match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
            None => text.parse(),
        };
        let share = share.ok().filter(|share| (0.0..=1.0).contains(share));
        share.map(Some).ok_or_else(|| self.wrong(key, "a share such as `10%` or `0.1`"))
    }

    /// Returns the panel to judge with: where nobody names one and an endpoint is described, LLM critics take part.
    pub fn panel(&self) -> &str {
        match self.get("panel") {
            (_, Origin::Default) if !self.endpoints.is_empty() => "llm",
            (panel, _) => panel,
        }
    }

    /// Returns the folder of the settings file: the project.
    pub fn project(&self) -> Option<&Path> {
        self.file.as_deref().and_then(Path::parent)
    }

    /// Says that the value of `key` is not what it must be.
    pub fn wrong(&self, key: &str, expected: &str) -> Failure {
        let (value, origin) = self.get(key);
        Failure::refused(
            format!("`{key}` is `{value}` ({origin}), but must be {expected}"),
            "`rewardctl config show` prints every setting and where it comes from",
        )
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag => write!(f, "from a flag"),
            Self::Environment(variable) => write!(f, "from the environment: {variable}"),
            Self::File(path, line) => write!(f, "from {}:{line}", path.display()),
            Self::Default => write!(f, "default"),
        }
    }
}

/// The name of the settings file.
pub const FILE_NAME: &str = "rewardctl.toml";
const CONFIG_VARIABLE: &str = "REWARDCTL_CONFIG";
const FILE_HINT: &str = "`--config FILE` names another settings file; `rewardctl init` writes one";

fn find_file(config: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
    let named = config.map(PathBuf::from).or_else(|| variable(CONFIG_VARIABLE).map(PathBuf::from));
    let found = match named {
        Some(path) => Some(path),
        // A link to nowhere and a folder count as found: what was put there on purpose is not passed over.
        None => locate::here()?
            .ancestors()
            .map(|folder| folder.join(FILE_NAME))
            .find(|path| path.symlink_metadata().is_ok()),
    };
    match found {
        Some(path) if !path.is_file() => {
            let problem =
                if path.is_dir() { "is a folder, not a file" } else { "is not there, or is no file" };
            Err(Failure::refused(format!("settings file `{}` {problem}", path.display()), FILE_HINT))
        }
        found => Ok(found),
    }
}

/// Returns the file's values as keys of [`SETTINGS`], with lines; the table `rules` is read on its own.
fn flatten(path: &Path, text: &str) -> Result<Vec<(&'static str, String, usize)>, Failure> {
    let table = DeTable::parse(text).map_err(|error| parse_failure(path, &error))?;
    let mut found = vec![];
    let mut open = vec![(String::new(), table.get_ref())];
    while let Some((prefix, table)) = open.pop() {
        for (name, value) in table {
            let key = format!("{prefix}{}", name.get_ref());
            let line = text[..name.span().start].matches('\n').count() + 1;
            match value.get_ref() {
                _ if TABLES.contains(&key.as_str()) => {}
                DeValue::Table(inner)
                    if SETTINGS.iter().any(|known| known.key.starts_with(&format!("{key}."))) =>
                {
                    open.push((format!("{key}."), inner));
                }
                value => found.push((known_key(path, line, &key)?, scalar(path, line, &key, value)?, line)),
            }
        }
    }
    Ok(found)
}

fn known_key(path: &Path, line: usize, key: &str) -> Result<&'static str, Failure> {
    let known = SETTINGS.iter().map(|setting| setting.key).chain(TABLES);
    SETTINGS.iter().map(|setting| setting.key).find(|known| *known == key).ok_or_else(|| {
        Failure::refused(
            format!("{}:{line}: unknown setting `{key}`", path.display()),
            suggest::nearest(key, known),
        )
    })
}

fn scalar(path: &Path, line: usize, key: &str, value: &DeValue<'_>) -> Result<String, Failure> {
    match value {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) => Ok(number.to_string()),
        DeValue::Float(number) => Ok(number.to_string()),
        DeValue::Boolean(is) => Ok(is.to_string()),
        _ => Err(Failure::refused(
            format!("{}:{line}: `{key}` must be a text or a number", path.display()),
            "`rewardctl init --print` shows the form of every setting",
        )),
    }
}

/// Returns a default as the value that it stands for.
fn plain(default: &str) -> String {
    default.trim_matches('"').into()
}

#[cfg(test)]
mod tests;
