//! `learn` and the versions that it makes.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{CallArgs, InputArgs};

const HELP: &str = "\
Takes what the panel's critics said of the responses in FILE, and what people said of them: labels of the store, of \
--labels, and what the rows say themselves (chosen and rejected, winner, rating). Without FILE it takes the labelled \
items of the store and as many others. Verdicts that the store has are not made again.

With --verdicts the critics are those of a verdict file, which needs no panel, no model and no store; docs/learning.md \
has its fields.

Every fit is kept as a version with figures on prompts that it never saw, beside simpler ways to combine the critics. It \
takes effect only with --promote, or by itself where it is better than all of them by more than chance.";

/// Fit the aggregator to what people said
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct LearnArgs {
    /// Responses to learn from, as `score` reads them; none takes those of the store
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Take the verdicts from these files instead of asking a panel
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "files")]
    pub verdicts: Vec<PathBuf>,
    /// Take labels from this file; with a panel it is imported first, as `label import` does
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Fit the ratings of this dimension instead of those of responses as a whole
    #[arg(long, value_name = "DIMENSION")]
    pub target: Option<String>,
    /// Let critics count against a response: more accurate on labels at hand, but open to hacking by what is trained
    #[arg(long)]
    pub allow_negative: bool,
    /// Without labels, weigh the critics by how far they agree with each other
    #[arg(long)]
    pub label_free: bool,
    /// Write the model to this folder too
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Put the new version in force, whatever its figures
    #[arg(long)]
    pub promote: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Learn for this panel: default, llm, rules, or a TOML file
    #[arg(long, value_name = "PANEL")]
    pub panel: Option<String>,
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

/// Name a version of the panel's aggregator
#[derive(Debug, Args)]
pub struct PromoteArgs {
    /// The version, such as v2, or `fixed` for the panel's own weights
    pub version: String,
    /// The panel: default, llm, rules, or a TOML file
    #[arg(long, value_name = "PANEL")]
    pub panel: Option<String>,
}

/// Name the panel
#[derive(Debug, Args)]
pub struct PanelArgs {
    /// The panel: default, llm, rules, or a TOML file
    #[arg(long, value_name = "PANEL")]
    pub panel: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
