//! The arguments of `rewardctl simulate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rewardctl_core::acquire::greedy::Rule;
use rewardctl_core::replay::Policy;
use rewardctl_core::worlds::{MEDIUM, NOISY, SHARP, World};

const SIMULATE_HELP: &str = "\
Replays active learning: from the same first labels, every rule asks batch after batch, and after each batch an \
aggregator fitted to the labels so far is measured on prompts that are never asked about.

With --verdicts, on what critics said of responses and people of both, as `rewardctl learn --verdicts` reads it. Without, \
in simulated worlds. Nothing is asked, and no store is touched.";

/// Compare rules of asking people, on stored verdicts or in simulated worlds
#[derive(Debug, Args)]
#[command(after_long_help = SIMULATE_HELP)]
pub struct SimulateArgs {
    /// Replay the verdicts of these files
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "world", requires = "labels")]
    pub verdicts: Vec<PathBuf>,
    /// Take what people said from this label file
    #[arg(long, value_name = "FILE", requires = "verdicts")]
    pub labels: Option<PathBuf>,
    /// Simulate this world only; may be repeated
    #[arg(long, value_enum)]
    pub world: Vec<WorldArg>,
    /// Compare these rules with asking at random, such as bald,shipped [default: all]
    #[arg(long, value_enum, value_name = "RULE", value_delimiter = ',')]
    pub rules: Vec<RuleArg>,
    /// Replay with this many seeds [default: 100 for verdicts, 25 for worlds]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub seeds: Option<u32>,
    /// Begin with this many random labels [default: 8 for verdicts, 20 for worlds]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub start: Option<u32>,
    /// Ask for this many labels at a time [default: 4 for verdicts, 10 for worlds]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub batch: Option<u32>,
    /// End at this many labels [default: 100 for verdicts, 300 for worlds]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub budget: Option<u32>,
    /// Draw the curves into this SVG file
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Print everything as JSON
    #[arg(long)]
    pub json: bool,
    /// Derive every random choice from this seed
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<String>,
    /// Replay with this many threads; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub threads: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WorldArg {
    /// People who often disagree
    Noisy,
    /// People who agree on what is clear
    Medium,
    /// Clear cases, and one label in ten by mistake
    Sharp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RuleArg {
    /// The margin nearest to zero
    Margin,
    /// The most information about the weights
    Bald,
    /// The largest growth of the determinant of that information
    DOptimal,
    /// Critics that contradict each other
    Disagreement,
    /// Information, with random, relabel and audit shares: what the queue does
    Shipped,
}

impl WorldArg {
    /// Returns the world.
    pub fn world(self) -> World {
        match self {
            Self::Noisy => NOISY,
            Self::Medium => MEDIUM,
            Self::Sharp => SHARP,
        }
    }
}

impl RuleArg {
    /// Returns the rule.
    pub fn policy(self) -> Policy {
        match self {
            Self::Margin => Policy::Pure(Rule::Margin),
            Self::Bald => Policy::Pure(Rule::Bald),
            Self::DOptimal => Policy::Pure(Rule::DOptimal),
            Self::Disagreement => Policy::Pure(Rule::Disagreement),
            Self::Shipped => Policy::Shipped,
        }
    }
}
