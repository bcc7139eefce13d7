//! The flags of `rewardctl compare`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::gate::CorrectionArg;
use crate::cli::score::{CallArgs, InputArgs, JudgeArgs};

const HELP: &str = "\
Each file is a side; one file with the responses of several models is parted by model. Sides are compared prompt by \
prompt, on the prompts that both answered: how often the second wins, also at equal length, by how much, and whether that \
may be chance. Files without rewards are judged first, as `score` does. More than two sides are also ranked.

With --sequential everything holds however often one looks. With --ab nothing is paired: rows are traffic that was split \
over the arms at random, --arm names the field that says which, and --metric what is compared.

Examples:
  rewardctl compare old.jsonl new.jsonl --by topic
  rewardctl compare answers.jsonl --mde
  rewardctl compare --ab traffic.csv --arm variant --metric accuracy --metric latency:lower --unit user";

/// Compare models prompt by prompt, or the arms of an experiment
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct CompareArgs {
    /// Files to compare, the first of which the others are held against; `-` or none reads stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Compare the scores of this dimension instead of the reward
    #[arg(long, value_name = "DIMENSION")]
    pub dimension: Option<String>,
    /// Part one file by the values of this field instead of the models
    #[arg(long, value_name = "FIELD")]
    pub arm: Option<String>,
    /// Look also at each value of this field
    #[arg(long, value_name = "FIELD")]
    pub by: Vec<String>,
    /// Call scores no further apart a tie
    #[arg(long, value_name = "SCORE", default_value_t = 0.0)]
    pub tie: f64,
    /// Let results hold however often one looks
    #[arg(long)]
    pub sequential: bool,
    /// Show the smallest difference that so many prompts find, and the prompts that differences take
    #[arg(long)]
    pub mde: bool,
    /// A difference of this size matters
    #[arg(long, value_name = "SCORE", default_value_t = 0.02)]
    pub effect: f64,
    /// One less the level of tests and intervals
    #[arg(long, value_name = "CHANCE", default_value_t = 0.05)]
    pub alpha: f64,
    /// The chance with which what matters should be found
    #[arg(long, value_name = "CHANCE", default_value_t = 0.8)]
    pub power: f64,
    /// Adjust many comparisons for one another in this way
    #[arg(long, value_enum, default_value = "holm")]
    pub correction: CorrectionArg,
    #[command(flatten)]
    pub experiment: ExperimentArgs,
    /// Print the report as JSON
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
    /// Print the report as Markdown
    #[arg(long)]
    pub markdown: bool,
    #[command(flatten)]
    pub judge: JudgeArgs,
    #[command(flatten)]
    pub calls: CallArgs,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Experiments")]
pub struct ExperimentArgs {
    /// Read rows as traffic that was split over arms at random; nothing is paired
    #[arg(long)]
    pub ab: bool,
    /// Compare this field; the first decides. `:lower` says that less is better [default: reward]
    #[arg(long, value_name = "FIELD[:lower]", requires = "ab")]
    pub metric: Vec<String>,
    /// Count the rows of one unit, such as a user, once
    #[arg(long, value_name = "FIELD", requires = "ab")]
    pub unit: Option<String>,
    /// Take out what this field, which was known before, explains (CUPED)
    #[arg(long, value_name = "FIELD", requires = "ab")]
    pub covariate: Option<String>,
    /// Hold the others against this arm [default: the first by name, or the first file]
    #[arg(long, value_name = "ARM", requires = "ab")]
    pub control: Option<String>,
    /// The planned split, such as 50:50: the control's share, then the others in the order of their names or files [default: equal]
    #[arg(long, value_name = "SHARES", value_delimiter = ':', requires = "ab")]
    pub split: Vec<f64>,
    /// Where all values lie, such as 0:5; --sequential needs it of values outside of 0 to 1
    #[arg(long, value_name = "LOW:HIGH", requires = "ab", allow_hyphen_values = true)]
    pub range: Option<String>,
}
