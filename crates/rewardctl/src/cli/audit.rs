//! The flags of `rewardctl audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::people::AuditLogArgs;
use crate::cli::score::{CallArgs, InputArgs, JudgeArgs};

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
    #[command(flatten)]
    pub judge: JudgeArgs,
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

fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "a number from 1 on".into())
}
