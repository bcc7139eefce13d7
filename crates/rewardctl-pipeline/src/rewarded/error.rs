//! What keeps rewards from being held against thresholds or one another.

/// Why rewards cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Rewards of different critics or aggregators.
    #[error(
        "{one} and {other} were not made by the same critics and aggregator, so that they are not compared"
    )]
    MixedVersions {
        /// A row with its version.
        one: String,
        /// One of another version.
        other: String,
    },
    /// The same response with different rewards.
    #[error("{one} and {other} are the same response with different rewards")]
    TwoRewards {
        /// A row.
        one: String,
        /// One that says something else of it.
        other: String,
    },
    /// A reward of which nobody can tell whether people's labels had a part in it.
    #[error("{place}: the row does not say what made its reward")]
    NoVersion {
        /// The file and the line.
        place: String,
    },
    /// A dimension that no row has.
    #[error("no response was judged on a dimension `{dimension}`")]
    UnknownDimension {
        /// As given.
        dimension: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A field that no row has.
    #[error("no row has a field `{field}`")]
    NoField {
        /// As given.
        field: String,
    },
    /// A field that is no slice, since nearly every row has a value of its own.
    #[error("field `{field}` has more than {limit} values, too many to look at each")]
    TooManyValues {
        /// As given.
        field: String,
        /// The most.
        limit: usize,
    },
    /// A value that is no number.
    #[error("{place}: field `{field}`: {problem}")]
    NoNumber {
        /// The file and the line.
        place: String,
        /// The field.
        field: String,
        /// What is wrong.
        problem: String,
    },
    /// A policy that is not TOML, or has a value of the wrong kind.
    #[error("policy `{policy}` is not valid")]
    ParsePolicy {
        /// The file.
        policy: String,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A policy that cannot be used.
    #[error("{place}: {problem}")]
    Policy {
        /// The rule, or the setting.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// An experiment that cannot be read so.
    #[error("{place}: {problem}")]
    Experiment {
        /// What it is about.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// A check against a baseline that is not there.
    #[error("{place} needs a baseline, and there is none")]
    NoBaseline {
        /// The rule.
        place: String,
    },
    /// LLM critics that nobody compared with people.
    #[error("LLM critics judged, and no aggregator was fitted to what people said of their verdicts")]
    Uncalibrated,
    /// Too few arms.
    #[error("there is nothing to compare: {found}")]
    TooFewArms {
        /// What there is.
        found: String,
    },
}

impl Error {
    /// Returns the way out.
    pub fn hint(&self) -> String {
        match self {
            Self::MixedVersions { .. } => {
                "score both again with one panel, or name the unscored files: they are then judged alike, and what is known costs nothing"
            }
            Self::TwoRewards { .. } => "leave out the row that does not hold",
            Self::NoVersion { .. } => {
                "rewards must be calibrated, and rows that `score` wrote say in `versions.panel` what made them; name the unscored file, which is then judged"
            }
            Self::UnknownDimension { known, .. } => return format!("known are {}", known.join(", ")),
            Self::NoField { .. } => {
                "scored files have the fields that `score --keep FIELD` carried: score with it, or name the unscored file"
            }
            Self::TooManyValues { .. } => "name a field with few values, such as a topic or a language",
            Self::NoNumber { .. } => "mend the row, or name another field",
            Self::ParsePolicy { .. } | Self::Policy { .. } => "mend it; docs/gate.md has every setting of a policy",
            Self::Experiment { .. } => "docs/compare.md says how experiments are read",
            Self::NoBaseline { .. } => "`--baseline OLD` names it",
            Self::Uncalibrated => {
                "`rewardctl learn` fits an aggregator to labels; without `--require-calibrated` the gate only says so"
            }
            Self::TooFewArms { .. } => "`rewardctl compare A.jsonl B.jsonl`, or one file with the responses of several models",
        }
        .into()
    }
}
