//! The flags of `rewardctl eval`.

pub mod annotators;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::eval::annotators::AnnotatorsArgs;
use crate::cli::learn::StoredArgs;
use crate::cli::score::OnBadRowArg;

#[derive(Debug, Subcommand)]
pub enum EvalCommand {
    /// Measure how far annotators agree, and find one label for each item
    Annotators(Box<AnnotatorsArgs>),
    /// Measure an aggregator and its critics against what people said, from a verdict file
    Aggregator(EvalAggregatorArgs),
    /// Measure probabilities against what happened: calibration, discrimination, risk and coverage
    Probabilities(EvalProbabilitiesArgs),
    /// Rank models from comparisons, with intervals
    Ranking(EvalRankingArgs),
    /// Score the results of a public benchmark by its own rules
    Benchmark(EvalBenchmarkArgs),
    /// Correct the rate that a judge finds by what people say of some of its verdicts
    Correct(EvalCorrectArgs),
    /// Measure how often scores prefer what people prefer, with ties counted in three ways
    Pairs(EvalPairsArgs),
}

/// Measure an aggregator and its critics
#[derive(Debug, Args)]
pub struct EvalAggregatorArgs {
    #[command(flatten)]
    pub stored: StoredArgs,
    /// Write the probability of every pair to this file, for `eval probabilities`
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Derive every interval from this seed
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

const PROBABILITIES_HELP: &str = "\
A row holds `probability` (or `p`, or `score`), from 0 to 1, and `label`: 0, 1, true or false (0.5 for a tie). \
Optional: `group`, what rows belong together (intervals draw whole groups), and `slice`, a part of the data that is \
counted besides. A row whose probability or label is null takes part in no figure and is counted.

Example: rewardctl eval probabilities margins.jsonl --plot calibration.svg";

#[derive(Debug, Args)]
#[command(after_long_help = PROBABILITIES_HELP)]
pub struct EvalProbabilitiesArgs {
    /// Draw the reliability diagram and the risk-coverage curve to this SVG file
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Derive every interval from this seed
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<String>,
    #[command(flatten)]
    pub rows: MeasuredArgs,
}

const RANKING_HELP: &str = "\
A row holds `model_a`, `model_b` and `winner`: a, b, tie, or the name of one of the two. Optional: `weight`, above 0; \
`group`, what rows belong together, such as a prompt; `annotator`. A row whose winner is null is counted and left out.

Example: rewardctl eval ranking battles.csv --anchor gpt-4";

#[derive(Debug, Args)]
#[command(after_long_help = RANKING_HELP)]
pub struct EvalRankingArgs {
    /// Rate this model 1000, and give the others' intervals against it [default: the mean of all models]
    #[arg(long, value_name = "MODEL")]
    pub anchor: Option<String>,
    /// Penalise strengths by half of this times their squares, so that also models that never won or lost have one
    #[arg(long, value_name = "N", default_value_t = 0.0)]
    pub ridge: f64,
    /// Draw these rows together for intervals
    #[arg(long, value_enum, default_value = "group")]
    pub cluster: ClusterArg,
    /// Derive every interval from this seed
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<String>,
    #[command(flatten)]
    pub rows: MeasuredArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ClusterArg {
    /// Rows of one `group`
    Group,
    /// Rows of one `annotator`
    Annotator,
    /// Every row alone
    Row,
}

const BENCHMARK_HELP: &str = "\
Reads what the code of these benchmarks writes:
  reward-bench    `subset`, and `score_chosen` with `score_rejected`, or `results`; or one object of accuracies by subset
  reward-bench-2  `subset`, `id`, and `scores` with `num_correct`, or `score_chosen` with `score_rejected`
  rm-bench        `domain` (or an `id` that starts with it), `score_chosen` and `score_rejected`: three scores each
  judge-bench     `label`, `judgments` (two, each with a `decision`), optional `source`
  llmbar          `label`, and `results`, or `winner` with `winner_swapped`; `subset`, or a path that ends with it

The report says what a tie is worth; docs/eval-metrics.md has the formulas.";

#[derive(Debug, Args)]
#[command(after_long_help = BENCHMARK_HELP)]
pub struct EvalBenchmarkArgs {
    /// Score by the rules of this benchmark
    #[arg(long, value_enum)]
    pub protocol: ProtocolArg,
    #[command(flatten)]
    pub rows: MeasuredArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProtocolArg {
    RewardBench,
    #[value(name = "reward-bench-2")]
    RewardBench2,
    RmBench,
    JudgeBench,
    Llmbar,
}

const CORRECT_HELP: &str = "\
A row holds `judge` and, where a person looked, `human`: numbers, true or false, or a, b or tie as 1, 0 and 0.5. The \
rows that people looked at must be a random part of all. Optional: `group`, what rows belong together.

Example: rewardctl eval correct verdicts.jsonl";

#[derive(Debug, Args)]
#[command(after_long_help = CORRECT_HELP)]
pub struct EvalCorrectArgs {
    #[command(flatten)]
    pub rows: MeasuredArgs,
}

const PAIRS_HELP: &str = "\
A row holds `score_a`, `score_b` and `label` (or `winner`): a, b or tie. Optional: `group`, what rows belong together. \
A row with a null takes part in no figure and is counted.

Example: rewardctl eval pairs scored.jsonl";

#[derive(Debug, Args)]
#[command(after_long_help = PAIRS_HELP)]
pub struct EvalPairsArgs {
    /// Derive the halves that ties are tuned on from this seed
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<String>,
    #[command(flatten)]
    pub rows: MeasuredArgs,
}

#[derive(Debug, Args)]
pub struct MeasuredArgs {
    /// Files to read: JSONL, JSON, CSV, TSV or Parquet, plain, gzip or zstd; `-` or none reads stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// What to do with a row that cannot be used: refuse the input, or leave the row out and list it
    #[arg(long, value_enum, default_value = "fail")]
    pub on_bad_row: OnBadRowArg,
}

impl EvalCommand {
    /// Returns the flag that sets the seed.
    pub fn seed(&self) -> Option<String> {
        match self {
            EvalCommand::Annotators(args) => args.seed.clone(),
            EvalCommand::Aggregator(args) => args.seed.clone(),
            EvalCommand::Probabilities(args) => args.seed.clone(),
            EvalCommand::Ranking(args) => args.seed.clone(),
            EvalCommand::Pairs(args) => args.seed.clone(),
            EvalCommand::Benchmark(_) | EvalCommand::Correct(_) => None,
        }
    }
}
