//! The arguments of `review`, `serve`, `user` and `audit log`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::JsonArgs;
use crate::cli::queue::FilterArgs;

const REVIEW_HELP: &str = "\
Shows one task after the other; a key decides, `?` shows the keys. What you decide is a label, is kept at once and counts \
before any model: `learn`, `calibrate`, `build` and `export` see it. `eval` reads files of labels: `rewardctl label export \
labels.jsonl` writes yours. What critics say is shown after your decision, never before. \
docs/review.md has the keys, and says how tasks are shared out.";

/// Review tasks in the terminal, a key each
#[derive(Debug, Args)]
#[command(after_long_help = REVIEW_HELP)]
pub struct ReviewArgs {
    /// Keep decisions under this name [default: the setting people.name]
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// Decide conflicts too
    #[arg(long)]
    pub curate: bool,
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Print the keys, and end
    #[arg(long)]
    pub keys: bool,
}

const SERVE_HELP: &str = "\
Listens on this machine alone unless told otherwise, and elsewhere only when there are users. Without users, the address \
that is printed signs you in. Put a proxy with TLS before it where others come over a network. docs/serve.md has the API, \
the roles and what keeps it safe.";

/// Serve the review page and the API
#[derive(Debug, Args)]
#[command(after_long_help = SERVE_HELP)]
pub struct ServeArgs {
    /// Listen here
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8321")]
    pub listen: SocketAddr,
    /// Requests a second that one person may make, on average
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub requests: u32,
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user, and print the token that they sign in with; it is shown once
    Add(UserAddArgs),
    /// List the users
    List(JsonArgs),
    /// Remove a user and end their sessions; what they said stays
    Remove(UserRemoveArgs),
}

#[derive(Debug, Args)]
pub struct UserAddArgs {
    /// The name, which labels carry
    pub name: String,
    /// What they may do
    #[arg(long, value_enum)]
    pub role: RoleArg,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleArg {
    /// Look, also at what critics say
    Viewer,
    /// Answer tasks
    Reviewer,
    /// Answer, decide conflicts, fill and clear the queue
    Curator,
    /// Everything
    Admin,
    /// Bring items: for programs
    Ingest,
}

#[derive(Debug, Args)]
pub struct UserRemoveArgs {
    /// The name
    pub name: String,
}

/// Show who decided what, and whether the log was tampered with
#[derive(Debug, Args)]
pub struct AuditLogArgs {
    /// Show this many of the last entries
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: u32,
    /// Compare with a copy of the heads that was kept elsewhere [default: the file beside the store]
    #[arg(long, value_name = "FILE")]
    pub heads: Option<PathBuf>,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}
