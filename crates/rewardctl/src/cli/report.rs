//! The arguments of `rewardctl report`.

use std::path::PathBuf;

use clap::Args;

const REPORT_HELP: &str = "\
Without a file the report is about all that the store holds: the last reward of every response, its verdicts, labels, \
runs and calls. With files it is about their rows; a store at hand then says what people said of them, and what the \
calls behind them cost.

The page is one file that loads nothing from anywhere, for browsers, dark rooms, phones and paper. Texts are shown where \
rows carry them (`rewardctl score --with-text`). The same rows give the same bytes.

  rewardctl report -o report.html                                     the store
  rewardctl report rewards.jsonl -o report.html --labels labels.jsonl a file, with what people said
  rewardctl report new.jsonl --earlier old.jsonl -o report.html       with the trend
  rewardctl report rewards.jsonl --markdown summary.md                for a pull request";

/// Write a page about what was scored: rewards, critics, disagreement, cost, people, the cases to look at
#[derive(Debug, Args)]
#[command(after_long_help = REPORT_HELP)]
pub struct ReportArgs {
    /// Files that `rewardctl score` wrote; none is the store
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Write the HTML page to this file; `-` for stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write the report as Markdown to this file; `-` for stdout
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Print the figures as JSON
    #[arg(long)]
    pub json: bool,
    /// Take what people said from this label file instead of the store
    #[arg(long, value_name = "FILE", requires = "files")]
    pub labels: Vec<PathBuf>,
    /// Show this earlier file in the trend; the earliest first
    #[arg(long, value_name = "FILE", requires = "files")]
    pub earlier: Vec<PathBuf>,
    /// Show this many of the worst and of the most disputed responses
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(0..=100))]
    pub cases: u16,
}
