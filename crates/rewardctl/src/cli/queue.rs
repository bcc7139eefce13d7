//! The arguments of `queue`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::JsonArgs;

const PLAN_HELP: &str = "\
Picks pairs of stored responses whose labels are worth most, and adds them to the queue in a random order. With a fitted \
aggregator in force these are the pairs that are expected to teach it most, no two of them alike; without one, typical \
prompts come first. A fifth of every batch is drawn uniformly at random from a fifth of all pairs that is kept for this, \
so that `rewardctl calibrate` may rest on it; a tenth are doubtful labels that are asked again, and a tenth audits of \
what was accepted without a person. Every task says why it was picked. docs/active-learning.md says more.";

#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// List what waits for a person: planned pairs first, then the responses sent to people, most pressing first
    List(QueueListArgs),
    /// Add the pairs to the queue whose labels would be worth most
    Plan(QueuePlanArgs),
    /// Write what waits to a file that an annotation tool imports; `label import` takes its export back
    Export(QueueExportArgs),
    /// Show one task: what it asks, who holds it, what was said
    Show(QueueShowArgs),
    /// Ask people about responses that you name
    Add(QueueAddArgs),
    /// Take the leases of tasks away, so that others may have them
    Release(QueueReleaseArgs),
    /// Take tasks that wait out of the queue
    Close(QueueChangeArgs),
    /// Take tasks into the queue again that somebody closed
    Reopen(QueueChangeArgs),
    /// Count the queue, and what everybody did
    Stats(JsonArgs),
    /// Measure how far people agree, with each other, with known answers and with themselves
    Agreement(JsonArgs),
}

#[derive(Debug, Args)]
pub struct QueueShowArgs {
    /// The number of the task
    #[arg(value_name = "TASK")]
    pub task: i64,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}

/// Ask people about responses that you name
#[derive(Debug, Args)]
pub struct QueueAddArgs {
    /// The responses, by their ids: one to rate, correct, approve or tag, two to choose, three to nine to rank
    #[arg(value_name = "RESPONSE", required = true, num_args = 1..=9)]
    pub responses: Vec<String>,
    /// What to ask [default: rate, choose or rank, by the number of responses]
    #[arg(long, value_enum)]
    pub kind: Option<QueueKind>,
    /// Ask about this dimension instead of the whole response
    #[arg(long, value_name = "NAME")]
    pub dimension: Option<String>,
    /// The scale of a rating
    #[arg(long, value_name = "LEAST..MOST", default_value = "1..5")]
    pub scale: String,
    /// How many people are to answer [default: the setting people.overlap]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20))]
    pub people: Option<u32>,
    /// Why it is asked; shown after the decision
    #[arg(long, value_name = "TEXT", default_value = "added by hand")]
    pub reason: String,
    /// The known answer: the task is mixed in to check people, and becomes no label. A value, `left`, `right`, `tie`,
    /// `approve` or `reject`; `left` is the response that you name first
    #[arg(long, value_name = "ANSWER")]
    pub gold: Option<String>,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}

/// What people are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum QueueKind {
    /// How good a response is
    Rate,
    /// Which of two is better
    Choose,
    /// The order of several
    Rank,
    /// A better text
    Correct,
    /// Whether it may pass
    Approve,
    /// Which tags it deserves
    Tag,
}

/// Which tasks.
#[derive(Debug, Args)]
pub struct FilterArgs {
    /// Only tasks of this kind
    #[arg(long, value_enum)]
    pub kind: Option<QueueKind>,
    /// Only tasks on this dimension
    #[arg(long, value_name = "NAME")]
    pub dimension: Option<String>,
    /// Only tasks for this purpose: route, teach, calibrate, relabel, audit or added
    #[arg(long, value_name = "PURPOSE")]
    pub purpose: Option<String>,
    /// Only tasks about responses of this model
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Only tasks whose reason holds this text
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Only tasks about what somebody tagged so
    #[arg(long, value_name = "NAME")]
    pub tag: Option<String>,
}

/// Which tasks are changed.
#[derive(Debug, Args)]
pub struct WhichArgs {
    /// The numbers of the tasks; without any, all that the filters leave
    #[arg(value_name = "TASK")]
    pub tasks: Vec<i64>,
    #[command(flatten)]
    pub filter: FilterArgs,
}

#[derive(Debug, Args)]
pub struct QueueChangeArgs {
    #[command(flatten)]
    pub which: WhichArgs,
    /// Say which tasks without changing them
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct QueueReleaseArgs {
    #[command(flatten)]
    pub which: WhichArgs,
    /// Only the lease of this person
    #[arg(long, value_name = "NAME")]
    pub of: Option<String>,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct QueueExportArgs {
    /// The file; `-` for stdout
    pub file: PathBuf,
    /// Write what this tool imports
    #[arg(long = "for", value_enum, value_name = "TOOL")]
    pub tool: QueueTool,
    /// Write at most this many
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}

/// What the queue is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum QueueTool {
    /// Argilla records as JSON
    Argilla,
    /// Label Studio tasks as JSON
    LabelStudio,
    /// Lines as `queue list --json` prints them: with `winner` and `annotator` added they are labels
    Jsonl,
}

#[derive(Debug, Args)]
pub struct QueueListArgs {
    #[command(flatten)]
    pub filter: FilterArgs,
    /// List at most this many
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// Print JSON lines with the whole texts
    #[arg(long)]
    pub json: bool,
}

/// Add the pairs to the queue whose labels would be worth most
#[derive(Debug, Args)]
#[command(after_long_help = PLAN_HELP)]
pub struct QueuePlanArgs {
    /// How many pairs
    #[arg(short = 'n', long = "count", value_name = "N", default_value_t = 50)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub count: u32,
    /// Show the pairs without adding them
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Plan for this panel: default, llm, rules, or a TOML file
    #[arg(long, value_name = "PANEL")]
    pub panel: Option<String>,
    /// Derive every random choice from this seed; keep to one, so that what is kept for calibration stays the same
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<String>,
}
