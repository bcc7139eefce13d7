//! The flags of `rewardctl score`, and those that it shares with whatever reads inputs or makes calls.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

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
    /// Carry these fields of the input in the rows, such as a topic to compare by; `a.b` reaches into objects
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    pub keep: Vec<String>,
    #[command(flatten)]
    pub judge: JudgeArgs,
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

/// How responses are judged.
#[derive(Debug, Args)]
#[command(next_help_heading = "Judging")]
pub struct JudgeArgs {
    /// Judge with this panel: default, rules, llm, or a TOML file
    #[arg(long, value_name = "PANEL")]
    pub panel: Option<String>,
    /// Derive every random choice from this seed
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<String>,
    /// Judge with this many threads; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub threads: Option<String>,
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

impl JudgeArgs {
    /// Returns the settings that these flags set.
    pub fn flags(&self) -> [(&'static str, Option<String>); 3] {
        [("panel", self.panel.clone()), ("seed", self.seed.clone()), ("threads", self.threads.clone())]
    }
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
