//! The flags of `rewardctl gate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rewardctl_core::multiplicity::Correction;

use crate::cli::score::{CallArgs, InputArgs, JudgeArgs};

const HELP: &str = "\
Files with rewards, as `score` writes them, are taken as they are; others are judged first, as `score` does, and what is \
known costs nothing. Rewards of different critics or aggregators are refused, not compared.

What must hold stands in the table [gate] of rewardctl.toml, in --policy FILE, or in flags; a flag replaces the same \
threshold of the first rule that is about all responses. With a baseline and no rule in file or settings, the reward must not \
fall by more than 0.02 either, unless --max-regression says otherwise or --changed-only is given with other thresholds.

A prompt counts once. What is missing counts as the worst that it could be. Unless --pass-if says otherwise, only what is \
shown to hold passes, at the level --alpha: a sample that is too small ends with exit code 4.

Exit codes: 0 passed, 1 failed, 2 refused, 4 not enough evidence.

Examples:
  rewardctl gate new.jsonl --baseline old.jsonl
  rewardctl gate answers.jsonl --min-mean 0.7 --min-mean accuracy=0.8 --max-fail-rate 2%
  rewardctl gate answers.jsonl --panel llm --replay cassette.jsonl --junit gate.xml --github";

/// Hold responses against thresholds and a baseline, for CI
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct GateArgs {
    /// Files to hold against the policy; `-` or none reads stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Compare with the responses of this file, prompt by prompt
    #[arg(long, value_name = "OLD")]
    pub baseline: Vec<PathBuf>,
    /// Read the policy from this file instead of the table `gate` of the settings
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    #[command(flatten)]
    pub thresholds: ThresholdArgs,
    #[command(flatten)]
    pub decision: DecisionArgs,
    #[command(flatten)]
    pub outputs: GateOutputArgs,
    #[command(flatten)]
    pub judge: JudgeArgs,
    #[command(flatten)]
    pub calls: CallArgs,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Thresholds")]
pub struct ThresholdArgs {
    /// Require this mean of the reward, or of a dimension
    #[arg(long, value_name = "[DIMENSION=]SCORE")]
    pub min_mean: Vec<String>,
    /// Require this score of all but a share of the prompts, such as 10%:0.4
    #[arg(long, value_name = "[DIMENSION=]SHARE:SCORE")]
    pub min_quantile: Vec<String>,
    /// Allow the mean to fall behind the baseline's by this much
    #[arg(long, value_name = "[DIMENSION=]SCORE")]
    pub max_regression: Vec<String>,
    /// Allow this share of responses to have a failed verdict or no score; abstentions do not count
    #[arg(long, value_name = "[DIMENSION=]SHARE")]
    pub max_fail_rate: Vec<String>,
    /// Allow the rewards to be this uncertain on average
    #[arg(long, value_name = "SD")]
    pub max_uncertainty: Option<String>,
    /// Require a reward of --min-score from every response to this item
    #[arg(long, value_name = "ID")]
    pub must_pass: Vec<String>,
    /// What items of --must-pass must reach [default: 0.5]
    #[arg(long, value_name = "SCORE", requires = "must_pass")]
    pub min_score: Option<String>,
    /// Hold every rule also against each value of this field; `model` is the one that wrote the response
    #[arg(long, value_name = "FIELD")]
    pub by: Vec<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Decision")]
pub struct DecisionArgs {
    /// The chance of a wrong pass, and of a wrong fail [default: 0.05]
    #[arg(long, value_name = "CHANCE")]
    pub alpha: Option<String>,
    /// Warn where what is equal would pass with a lower chance than this [default: 0.8]
    #[arg(long, value_name = "CHANCE")]
    pub power: Option<String>,
    /// Keep the slices of a threshold from failing by chance in this way [default: holm]
    #[arg(long, value_enum)]
    pub correction: Option<CorrectionArg>,
    /// Pass what is shown to hold, what holds for these responses, or what is not shown to be broken [default: shown]
    #[arg(long, value_enum)]
    pub pass_if: Option<PassIfArg>,
    /// The same for the values of --by [default: not-refuted]
    #[arg(long, value_enum)]
    pub by_pass_if: Option<PassIfArg>,
    /// What to do with prompts and responses of the baseline that are gone [default: worst]
    #[arg(long, value_enum)]
    pub removed: Option<AbsentArg>,
    /// What to do with responses that gave a dimension's critics nothing to judge [default: worst]
    #[arg(long, value_enum)]
    pub abstained: Option<AbsentArg>,
    /// Look only at prompts whose responses differ from the baseline's, and judge no others
    #[arg(long, requires = "baseline")]
    pub changed_only: bool,
    /// Refuse to rule on LLM critics that were never compared with people
    #[arg(long)]
    pub require_calibrated: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct GateOutputArgs {
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Write JUnit XML to this file
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write SARIF 2.1.0 to this file
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
    /// Write a summary in Markdown to this file
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Print annotations for GitHub, and add the summary to $GITHUB_STEP_SUMMARY
    #[arg(long)]
    pub github: bool,
    /// Name at most this many responses under a check
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub max_places: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CorrectionArg {
    /// The chance of any false alarm is --alpha
    Holm,
    /// The expected share of false ones among the alarms is --alpha
    BenjaminiHochberg,
    /// Each one stands for itself
    None,
}

impl From<CorrectionArg> for Correction {
    fn from(told: CorrectionArg) -> Self {
        match told {
            CorrectionArg::Holm => Self::Holm,
            CorrectionArg::BenjaminiHochberg => Self::BenjaminiHochberg,
            CorrectionArg::None => Self::None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PassIfArg {
    /// Only what is shown to hold passes; the rest fails or is open
    Shown,
    /// What these responses come to decides
    Observed,
    /// Only what is shown to be broken fails
    NotRefuted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AbsentArg {
    /// Count as the worst
    Worst,
    /// Leave out, and count
    LeaveOut,
}
