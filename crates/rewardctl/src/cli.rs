//! The command line.

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand};

use crate::cli::audit::AuditCommand;
use crate::cli::calls::{CallsCommand, PlanArgs, PlanCommand};
use crate::cli::compare::CompareArgs;
use crate::cli::dataset::{BuildArgs, DatasetCommand};
use crate::cli::duplicates::DuplicatesArgs;
use crate::cli::eval::EvalCommand;
use crate::cli::export::ExportArgs;
use crate::cli::gate::GateArgs;
use crate::cli::label::LabelCommand;
use crate::cli::learn::{CalibrateArgs, LearnArgs};
use crate::cli::lint::LintArgs;
use crate::cli::model::{ModelCommand, TrainCommand};
use crate::cli::people::{ReviewArgs, ServeArgs, UserCommand};
use crate::cli::pii::PiiCommand;
use crate::cli::queue::QueueCommand;
use crate::cli::release::{CompletionsArgs, ManArgs};
use crate::cli::report::ReportArgs;
use crate::cli::sample::SampleArgs;
use crate::cli::score::ScoreArgs;
use crate::cli::simulate::SimulateArgs;
use crate::settings::Flags;

pub mod audit;
pub mod calls;
pub mod compare;
pub mod dataset;
pub mod duplicates;
pub mod eval;
pub mod export;
pub mod gate;
pub mod label;
pub mod learn;
pub mod lint;
pub mod model;
pub mod people;
pub mod pii;
pub mod queue;
pub mod release;
pub mod report;
pub mod sample;
pub mod score;
pub mod simulate;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default());

const EXAMPLES: &str = "Examples:
  rewardctl score answers.jsonl                      rewards, kept in the store, with a summary
  rewardctl score answers.jsonl -o rewards.jsonl     the same, written to a file
  rewardctl queue list                               what people should look at, and why
  rewardctl label import labels.jsonl                what they said
  rewardctl export --for trl-dpo -o pairs.jsonl      training data

Exit codes:
  0 done                        1 a gate or --fail-on says no    2 refused: nothing was changed
  3 a service outside failed    4 stopped short, or undecided    5 this machine failed
  130 interrupted: what is done is kept                          141 nobody reads stdout any more";

/// Score model outputs with a panel of critics, send uncertain ones to people, export training data
#[derive(Debug, Parser)]
#[command(name = "rewardctl", version, styles = STYLES, after_help = EXAMPLES, max_term_width = 100)]
#[command(arg_required_else_help = true, infer_long_args = false)]
pub struct Cli {
    /// Read this settings file instead of the nearest rewardctl.toml
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub config: Option<PathBuf>,
    /// Keep everything in this file; `none` keeps nothing
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub store: Option<String>,
    /// Look for encoder/ and text-heads/ in this folder
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub models: Option<String>,
    /// Load this ONNX Runtime library
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub onnxruntime: Option<String>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make this folder a project: a commented rewardctl.toml, a price table, LLM critics to edit
    Init(InitArgs),
    /// Score responses: rewards with their uncertainty, and a route for each
    Score(Box<ScoreArgs>),
    /// Draw candidate responses to prompts from one or several models
    Sample(Box<SampleArgs>),
    /// Show what scoring would ask of models and pay, without asking
    Plan(Box<PlanArgs>),
    /// Show how much of each stage is done, and what calls came to
    Status(JsonArgs),
    /// Look at the calls to models that the ledger keeps
    #[command(subcommand)]
    Calls(CallsCommand),
    /// Measure how far the critics can be trusted
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Write a page about what was scored: rewards, critics, disagreement, cost, people, the cases to look at
    Report(Box<ReportArgs>),
    /// Take figures of files: probabilities, comparisons, benchmark results, verdicts of judges
    #[command(subcommand)]
    Eval(EvalCommand),
    /// Compare rules of asking people, on stored verdicts or in simulated worlds
    Simulate(Box<SimulateArgs>),
    /// See what waits for people, and plan what they are asked next
    #[command(subcommand)]
    Queue(QueueCommand),
    /// Review tasks in the terminal, a key each
    Review(ReviewArgs),
    /// Serve the review page and the API
    Serve(ServeArgs),
    /// Say who may come to the service, and as what
    #[command(subcommand)]
    User(UserCommand),
    /// Take in what people said, or write it out
    #[command(subcommand)]
    Label(LabelCommand),
    /// Fit the aggregator to what people said
    Learn(Box<LearnArgs>),
    /// Find from which confidence on pairs need no person, with a guarantee
    Calibrate(CalibrateArgs),
    /// Find near-duplicate rows, and rows that contain items of a benchmark
    Duplicates(Box<DuplicatesArgs>),
    /// Build a dataset from rewards and labels
    Build(Box<BuildArgs>),
    /// List, show and check the datasets
    #[command(subcommand)]
    Dataset(DatasetCommand),
    /// Check files of training data: what loaders refuse, what trains on the wrong thing, what datasets give away
    Lint(Box<LintArgs>),
    /// Hold responses against thresholds and a baseline, for CI
    Gate(Box<GateArgs>),
    /// Compare models prompt by prompt, or the arms of an experiment
    Compare(Box<CompareArgs>),
    /// Find and mask personal data and secrets in files
    #[command(subcommand)]
    Pii(PiiCommand),
    /// Write training data in the shape that a trainer loads
    Export(Box<ExportArgs>),
    /// Fit reward models
    #[command(subcommand)]
    Train(TrainCommand),
    /// List, show and check the reward models
    #[command(subcommand)]
    Model(ModelCommand),
    /// Show the settings in force and where each comes from
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check each part that rewardctl needs, and say how to mend it
    Doctor(JsonArgs),
    /// Show the version, and those of the ONNX Runtime library and the models, with their hashes
    Version(JsonArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Write the manual pages into a folder
    #[command(hide = true)]
    Man(ManArgs),
    /// Time the text encoder on a file of {"text": ...} lines
    #[command(hide = true)]
    BenchEncoder(BenchEncoderArgs),
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// Make this folder the project
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Print rewardctl.toml instead of writing anything
    #[arg(long)]
    pub print: bool,
}

#[derive(Debug, Args)]
pub struct JsonArgs {
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting, its value and where that comes from
    Show(JsonArgs),
}

#[derive(Debug, Args)]
pub struct BenchEncoderArgs {
    /// The JSONL file
    pub file: PathBuf,
    /// Threads, each with an encoder of its own
    #[arg(long, default_value_t = 1)]
    pub threads: usize,
}

impl Cli {
    /// Returns the flags that set a setting.
    pub fn flags(&self) -> Flags {
        let mut flags = vec![
            ("store", self.store.clone()),
            ("models", self.models.clone()),
            ("onnxruntime", self.onnxruntime.clone()),
        ];
        match &self.command {
            Command::Score(args) => {
                flags.extend(args.judge.flags());
                flags.extend([
                    ("routing.max-uncertainty", args.max_uncertainty.clone()),
                    ("routing.review-budget", args.review_budget.clone()),
                    ("routing.audit-share", args.audit_share.clone()),
                ]);
            }
            Command::Gate(args) => flags.extend(args.judge.flags()),
            Command::Compare(args) => flags.extend(args.judge.flags()),
            Command::Sample(args) => flags.push(("panel", args.panel.clone())),
            Command::Plan(args) => match &args.of {
                Some(PlanCommand::Labels(args)) => flags.extend(args.gather.judge.flags()),
                None => {
                    flags.extend([("panel", args.panel.clone()), ("threads", args.threads.clone())]);
                }
            },
            Command::Audit(AuditCommand::Critics(args)) => flags.extend(args.judge.flags()),
            Command::Audit(AuditCommand::Injection(args)) => flags.push(("panel", args.panel.clone())),
            Command::Eval(command) => flags.push(("seed", command.seed())),
            Command::Duplicates(args) => {
                flags.extend([("seed", args.seed.clone()), ("threads", args.threads.clone())]);
            }
            Command::Simulate(args) => {
                flags.extend([("seed", args.seed.clone()), ("threads", args.threads.clone())]);
            }
            Command::Build(args) => {
                flags.extend([("seed", args.seed.clone()), ("threads", args.threads.clone())]);
            }
            Command::Dataset(DatasetCommand::Rebuild(args)) => flags.push(("threads", args.threads.clone())),
            Command::Export(args) => flags.extend([
                ("seed", args.seed.clone()),
                ("pairs.min-margin", args.min_margin.clone()),
                ("pairs.min-probability", args.min_probability.clone()),
            ]),
            Command::Learn(args) => flags.extend(args.gather.judge.flags()),
            Command::Calibrate(args) => flags.push(("panel", args.panel.clone())),
            Command::Queue(QueueCommand::Plan(args)) => {
                flags.extend([("panel", args.panel.clone()), ("seed", args.seed.clone())]);
            }
            Command::Model(ModelCommand::Promote(args)) => flags.push(("panel", args.panel.clone())),
            Command::Model(ModelCommand::Rollback(args) | ModelCommand::Compare(args)) => {
                flags.push(("panel", args.panel.clone()));
            }
            Command::Model(ModelCommand::Aggregator(args)) => flags.push(("panel", args.panel.clone())),
            Command::Train(TrainCommand::Text(args)) => {
                flags.extend([("seed", args.seed.clone()), ("threads", args.threads.clone())]);
            }
            _ => {}
        }
        flags
    }
}
