//! The flags of `rewardctl lint`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use rewardctl_data::lint::target;

const HELP: &str = "\
Reads JSONL, JSON, CSV, TSV and Parquet, plain, gzip or zstd, whoever wrote them, and tells the shape from the first \
row. With --for, the columns, roles and names that the trainer or service wants are checked too. Several files are \
one dataset: their columns must agree, and a file or a column `split` that says train, validation or test must not \
share prompts with another part.

Codes: E is what loaders refuse, S what trains on the wrong thing without a word, D what a dataset as a whole gives \
away, F how lines are written. docs/lint.md has all of them.

Exit codes: 0 no error, 1 errors (with --deny warnings, also warnings), 2 a file cannot be read at all.

Examples:
  rewardctl lint pairs.jsonl
  rewardctl lint --for trl-dpo train.jsonl test.jsonl
  rewardctl lint --for mlx --fix -o train.jsonl raw.jsonl
  rewardctl lint --sarif pairs.jsonl > lint.sarif";

/// Check files of training data
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct LintArgs {
    /// Files to check; `-` or none reads stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Check for this trainer or service
    #[arg(long = "for", value_name = "TARGET", value_parser = PossibleValuesParser::new(target::all().map(|target| target.name)))]
    pub target: Option<String>,
    /// Look for these codes only, or for codes that start so, such as E,S01
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Leave these codes out
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// End with exit code 1 also for warnings
    #[arg(long, value_enum)]
    pub deny: Option<Deny>,
    /// List at most this many places of each code; all are counted
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub max_findings: usize,
    /// Count tokens, and find rows with more than this many
    #[arg(long, value_name = "N")]
    pub max_tokens: Option<u64>,
    /// Count tokens with this tokenizer.json [default with --max-tokens: the text encoder's]
    #[arg(long, value_name = "FILE")]
    pub tokenizer: Option<PathBuf>,
    /// Compare at most this many rows with one another, at about 250 bytes of memory each
    #[arg(long, value_name = "N", default_value_t = 5_000_000)]
    pub compared_rows: usize,
    /// Find rows that hold an item of this file of a benchmark; may be repeated
    #[arg(long, value_name = "FILE")]
    pub benchmark: Vec<PathBuf>,
    /// Print the report as JSON
    #[arg(long, conflicts_with = "sarif")]
    pub json: bool,
    /// Print the report as SARIF 2.1.0, for code scanners
    #[arg(long)]
    pub sarif: bool,
    /// Write the file to -o with what can be mended without changing any text, and check what comes out
    #[arg(long, requires = "output")]
    pub fix: bool,
    /// Write the mended rows to this file, as JSONL
    #[arg(short, long, value_name = "FILE", requires = "fix")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Findings that are warnings
    Warnings,
}
