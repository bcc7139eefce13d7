//! The command line.

pub mod compare;
pub mod dataset;
pub mod duplicates;
pub mod eval;
pub mod export;
pub mod gate;
pub mod sample;

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cli::calls::{CallsCommand, PlanArgs, PlanCommand};
use crate::cli::compare::CompareArgs;
use crate::cli::dataset::{BuildArgs, DatasetCommand};
use crate::cli::duplicates::DuplicatesArgs;
use crate::cli::eval::EvalCommand;
use crate::cli::export::ExportArgs;
use crate::cli::gate::GateArgs;
use crate::cli::label::{LabelExportArgs, LabelImportArgs};
use crate::cli::learn::{CalibrateArgs, GatherArgs, LearnArgs, PanelArgs, PromoteArgs};
use crate::cli::lint::LintArgs;
use crate::cli::people::{AuditLogArgs, ReviewArgs, ServeArgs, UserCommand};
use crate::cli::pii::PiiCommand;
use crate::cli::queue::QueueCommand;
use crate::cli::release::{CompletionsArgs, ManArgs};
use crate::cli::report::ReportArgs;
use crate::cli::sample::SampleArgs;
use crate::cli::simulate::SimulateArgs;
use crate::settings::Flags;

pub mod calls;
pub mod label;
pub mod learn;
pub mod lint;
pub mod people;
pub mod pii;
pub mod queue;
pub mod release;
pub mod report;
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

const SCORE_HELP: &str = "\
Reads JSONL, JSON, CSV, TSV and Parquet, plain, gzip or zstd; finds out which by looking. A row holds a prompt with \
one response or several, chat messages, or a chosen and a rejected response; the flags under Input map other names. \
Optional in a row: reference, documents, model, id.

Files are read in the order of their names and checked whole before any work starts. Everything is kept in the \
store: after an interrupt or a crash the same command goes on where it was, and what is known is not computed again.

Rows go to -o, or to stdout when that is a pipe; the summary goes to stderr. With --json the summary goes to stdout.";

/// Score responses: rewards with their uncertainty, and a route for each
#[derive(Debug, Args)]
#[command(after_long_help = SCORE_HELP)]
pub struct ScoreArgs {
    /// Files to score; `-` or none reads stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Write the rows to this file; `-` for stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write the rows in this format [default: by the extension of the output, else jsonl]
    #[arg(long, value_enum)]
    pub format: Option<FormatArg>,
    /// Print the summary as JSON on stdout
    #[arg(long)]
    pub json: bool,
    /// Show this many best and worst responses in the summary
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub show: usize,
    /// Carry the texts of prompt and response in the rows
    #[arg(long)]
    pub with_text: bool,
    /// Judge with this panel: default, rules, or a TOML file
    #[arg(long, value_name = "PANEL", help_heading = "Judging")]
    pub panel: Option<String>,
    /// Derive every random choice from this seed
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Judging")]
    pub seed: Option<String>,
    /// Judge with this many threads; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Judging")]
    pub threads: Option<String>,
    /// Send rewards more uncertain than this to people
    #[arg(long, value_name = "SD", allow_negative_numbers = true, help_heading = "Routing")]
    pub max_uncertainty: Option<String>,
    /// Send this share of responses to people, the most uncertain first, such as 10%
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true, help_heading = "Routing")]
    pub review_budget: Option<String>,
    /// Draw this share of responses for people at random
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true, help_heading = "Routing")]
    pub audit_share: Option<String>,
    /// Refuse to score if a critic's model and a generator are of one family
    #[arg(long, help_heading = "Judging")]
    pub require_independent: bool,
    /// End with exit code 1 if any response has this
    #[arg(long, value_enum, help_heading = "Routing")]
    pub fail_on: Option<FailOn>,
    /// Show what would be asked and paid, and send nothing; the same as `rewardctl plan`
    #[arg(long, help_heading = "Calls to models", conflicts_with_all = ["output", "fail_on"])]
    pub dry_run: bool,
    #[command(flatten)]
    pub calls: CallArgs,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Calls to models")]
pub struct CallArgs {
    /// Stop before spending more than this many US dollars
    #[arg(long, value_name = "USD")]
    pub max_cost: Option<String>,
    /// Stop before sending more calls than this
    #[arg(long, value_name = "N")]
    pub max_calls: Option<u64>,
    /// Stop before using more tokens than this
    #[arg(long, value_name = "N")]
    pub max_tokens: Option<u64>,
    /// Stop sending calls after this many minutes
    #[arg(long, value_name = "MINUTES")]
    pub max_minutes: Option<f64>,
    /// Record every exchange to this file
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Play the exchanges of this file, and send nothing
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub struct InputArgs {
    /// Take the prompt from this field; `a.b` reaches into objects
    #[arg(long, value_name = "NAME")]
    pub prompt_field: Option<String>,
    /// Take the response from this field
    #[arg(long, value_name = "NAME")]
    pub response_field: Option<String>,
    /// Take a list of responses from this field
    #[arg(long, value_name = "NAME")]
    pub responses_field: Option<String>,
    /// Take chat messages from this field
    #[arg(long, value_name = "NAME")]
    pub messages_field: Option<String>,
    /// Take the chosen response from this field
    #[arg(long, value_name = "NAME")]
    pub chosen_field: Option<String>,
    /// Take the rejected response from this field
    #[arg(long, value_name = "NAME")]
    pub rejected_field: Option<String>,
    /// Take the reference answer from this field
    #[arg(long, value_name = "NAME")]
    pub reference_field: Option<String>,
    /// Take the context documents from this field
    #[arg(long, value_name = "NAME")]
    pub documents_field: Option<String>,
    /// Take the name of the model that wrote the response from this field
    #[arg(long, value_name = "NAME")]
    pub generator_field: Option<String>,
    /// Take the row's id from this field
    #[arg(long, value_name = "NAME")]
    pub id_field: Option<String>,
    /// What to do with a row that cannot be used: refuse the input, or leave the row out and list it
    #[arg(long, value_enum, default_value = "fail")]
    pub on_bad_row: OnBadRowArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    Jsonl,
    Json,
    Csv,
    Parquet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnBadRowArg {
    Fail,
    Skip,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A verdict that failed
    Failed,
    /// No reward
    NoReward,
    /// A route to a person
    Review,
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Measure agreement, biases and drift of each critic on your data
    Critics(Box<AuditCriticsArgs>),
    /// Try to mislead the LLM critics with a suite of attacks
    Injection(Box<AuditInjectionArgs>),
    /// Show who decided what, and whether the log was tampered with
    Log(AuditLogArgs),
}

#[derive(Debug, Args)]
pub struct AuditCriticsArgs {
    /// Files to judge; `-` or none reads stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Audit the critics of this panel: default, llm, rules, or a TOML file
    #[arg(long, value_name = "PANEL")]
    pub panel: Option<String>,
    /// Import this label file first, as `label import` does
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Take ratings or winners from this field of a row [default: rating, ratings, winner or gold]
    #[arg(long, value_name = "NAME")]
    pub label_field: Option<String>,
    /// Write the report as an HTML page to this file
    #[arg(long, value_name = "FILE")]
    pub page: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Derive every random choice from this seed
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<String>,
    /// Judge with this many threads
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub threads: Option<String>,
    #[command(flatten)]
    pub calls: CallArgs,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Args)]
pub struct AuditInjectionArgs {
    /// Attack the LLM critics of this panel
    #[arg(long, value_name = "PANEL", conflicts_with = "prompt")]
    pub panel: Option<String>,
    /// Attack this prompt instead of a panel; may be repeated
    #[arg(long, value_name = "NAME")]
    pub prompt: Vec<String>,
    /// Ask at this endpoint, whatever the panel says
    #[arg(long, value_name = "NAME")]
    pub endpoint: Option<String>,
    /// Try the first N attacks only
    #[arg(long, value_name = "N", value_parser = positive)]
    pub attacks: Option<usize>,
    /// Try them on the first N answers only
    #[arg(long, value_name = "N", value_parser = positive)]
    pub answers: Option<usize>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub calls: CallArgs,
}

#[derive(Debug, Subcommand)]
pub enum LabelCommand {
    /// Import labels: a JSONL file of rate, compare and correct, or what people said in the file of another tool
    Import(LabelImportArgs),
    /// Export every label to a JSONL file, or to a file for an annotation tool
    Export(LabelExportArgs),
}

#[derive(Debug, Subcommand)]
pub enum TrainCommand {
    /// Fit the text heads on pairs and ratings
    Text(TrainTextArgs),
}

#[derive(Debug, Args)]
pub struct TrainTextArgs {
    /// Training data: JSONL of pairs and ratings; models/text-heads/README.md has the fields
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub data: Vec<PathBuf>,
    /// Write the model to this folder
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Carry this file's text in the model's card: where the data come from, and who must be named
    #[arg(long, value_name = "FILE")]
    pub notice: Option<PathBuf>,
    /// Derive the split from this seed
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<String>,
    /// Embed with this many threads
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub threads: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// List the models
    List(JsonArgs),
    /// Show a model's manifest
    Show(ModelArgs),
    /// Verify hashes and graph shapes, of one model or all
    Check(ModelCheckArgs),
    /// Write the fixed weights of a panel as an ONNX aggregator, to look at or to start your own from
    Aggregator(AggregatorArgs),
    /// Put a version of the panel's aggregator in force
    Promote(PromoteArgs),
    /// Put the version before in force again
    Rollback(PanelArgs),
    /// Show the figures of all versions side by side
    Compare(PanelArgs),
}

#[derive(Debug, Args)]
pub struct AggregatorArgs {
    /// Write model.onnx and model.toml to this folder
    pub folder: PathBuf,
    /// The panel: default, rules, or a TOML file
    #[arg(long, value_name = "PANEL")]
    pub panel: Option<String>,
}

#[derive(Debug, Args)]
pub struct ModelArgs {
    /// A model's name or folder
    pub model: String,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ModelCheckArgs {
    /// A model's name or folder; all if left out
    pub model: Option<String>,
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
            Command::Score(args) => flags.extend([
                ("panel", args.panel.clone()),
                ("seed", args.seed.clone()),
                ("threads", args.threads.clone()),
                ("routing.max-uncertainty", args.max_uncertainty.clone()),
                ("routing.review-budget", args.review_budget.clone()),
                ("routing.audit-share", args.audit_share.clone()),
            ]),
            Command::Gate(args) => flags.extend(judged(&args.panel, &args.seed, &args.threads)),
            Command::Compare(args) => flags.extend(judged(&args.panel, &args.seed, &args.threads)),
            Command::Sample(args) => flags.push(("panel", args.panel.clone())),
            Command::Plan(args) => match &args.of {
                Some(PlanCommand::Labels(args)) => flags.extend(gathered(&args.gather)),
                None => {
                    flags.extend([("panel", args.panel.clone()), ("threads", args.threads.clone())]);
                }
            },
            Command::Audit(AuditCommand::Critics(args)) => {
                flags.extend(judged(&args.panel, &args.seed, &args.threads));
            }
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
            Command::Learn(args) => flags.extend(gathered(&args.gather)),
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

fn gathered(args: &GatherArgs) -> [(&'static str, Option<String>); 3] {
    judged(&args.panel, &args.seed, &args.threads)
}

fn judged(
    panel: &Option<String>,
    seed: &Option<String>,
    threads: &Option<String>,
) -> [(&'static str, Option<String>); 3] {
    [("panel", panel.clone()), ("seed", seed.clone()), ("threads", threads.clone())]
}

fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "a number from 1 on".into())
}
