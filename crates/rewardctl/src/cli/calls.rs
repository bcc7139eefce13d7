//! The arguments of `plan` and `calls`: what calls would cost, and what was sent.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::learn::GatherArgs;
use crate::cli::score::InputArgs;

const PLAN_HELP: &str = "\
Rules and text model judge as they do in `score`; LLM critics are not asked, and nothing is written. Replies that the \
store has are used and cost nothing. No key is needed, and no endpoint has to be reachable.

An endpoint that was never asked is taken to give token probabilities, several replies in a call and JSON held to a \
schema; `--probe` asks it, and needs its key.

The first tier is exact but for the lengths of replies, which are learnt from finished calls; how many responses it \
leaves to later tiers is foreseen from how its critics judged so far. The second table shows what the first tier takes with other values of `cascade.max-uncertainty`.";

/// Show what scoring would ask of models and pay, without asking
#[derive(Debug, Args)]
#[command(after_long_help = PLAN_HELP, args_conflicts_with_subcommands = true)]
pub struct PlanArgs {
    #[command(subcommand)]
    pub of: Option<PlanCommand>,
    /// Files that would be scored; `-` or none reads stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Find out first what endpoints can do that were never asked: 1 to 10 small calls each, booked like all others
    #[arg(long)]
    pub probe: bool,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
    /// Judge with this panel: default, rules, llm, or a TOML file
    #[arg(long, value_name = "PANEL")]
    pub panel: Option<String>,
    /// Judge with this many threads; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub threads: Option<String>,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Subcommand)]
pub enum PlanCommand {
    /// Foretell how many labels of people a target is likely to need
    Labels(Box<PlanLabelsArgs>),
}

const LABELS_HELP: &str = "\
Fits aggregators to growing random parts of one half of the labels, measures each on the other half, again and again, and \
draws a power law through the errors. Such curves say the order of magnitude, not the number.";

/// Foretell how many labels of people a target is likely to need
#[derive(Debug, Args)]
#[command(after_long_help = LABELS_HELP)]
pub struct PlanLabelsArgs {
    /// The share of comparisons that the aggregator should tell right
    #[arg(long, value_name = "SHARE")]
    pub accuracy: f64,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub gather: GatherArgs,
}

#[derive(Debug, Subcommand)]
pub enum CallsCommand {
    /// List calls, the latest last
    List(CallsListArgs),
    /// Show a call: its request, every attempt, and what came back
    Show(CallsShowArgs),
}

#[derive(Debug, Args)]
pub struct CallsListArgs {
    /// List only calls that stand so
    #[arg(long, value_enum)]
    pub state: Option<CallState>,
    /// List at most this many
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// Print JSON lines
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct CallsShowArgs {
    /// The call: 32 hexadecimal digits, as `calls list` and the rows of `score` have them
    pub key: String,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CallState {
    /// To be made
    Planned,
    /// In flight
    Sent,
    /// Answered
    Done,
    /// Failed
    Failed,
    /// Nobody saw the end: it may have been paid for
    Unknown,
}
