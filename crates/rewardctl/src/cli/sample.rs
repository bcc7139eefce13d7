//! The arguments of `rewardctl sample`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::score::{CallArgs, InputArgs};

const SAMPLE_HELP: &str = "\
Reads prompts from what `rewardctl score` reads: JSONL, JSON, CSV, TSV and Parquet. A row holds a prompt, or chat \
messages that wait for an answer; responses that it has already are kept in front of the new ones. Documents are shown \
to the model, the reference is not.

Writes JSONL that `rewardctl score` reads: a row a prompt, with its candidates, the model that wrote each, and how they \
were drawn. A candidate that repeats another, is empty, withheld or cut off is left out and counted.

--revise judges the candidates with the panel, and has the best one of each prompt corrected by what critics held \
against it. With -n 0 it does so for a file that has candidates.";

/// Draw candidate responses to prompts from one or several models
#[derive(Debug, Args)]
#[command(after_long_help = SAMPLE_HELP)]
pub struct SampleArgs {
    /// Files of prompts; `-` or none reads stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Draw this many candidates for each prompt from each endpoint
    #[arg(short, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(..=1000))]
    pub n: u32,
    /// Write the rows to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print the summary as JSON on stdout
    #[arg(long)]
    pub json: bool,
    /// End with exit code 1 if anything has this
    #[arg(long, value_enum)]
    pub fail_on: Option<SampleFailOn>,
    /// Draw from this endpoint of the settings; may be repeated [default: the only one]
    #[arg(long, value_name = "NAME", help_heading = "Drawing")]
    pub endpoint: Vec<String>,
    /// Draw at this temperature
    #[arg(long, value_name = "T", default_value_t = 1.0, value_parser = temperature, help_heading = "Drawing")]
    pub temperature: f64,
    /// Draw from the likeliest tokens that make up this probability
    #[arg(long, value_name = "P", value_parser = probability, help_heading = "Drawing")]
    pub top_p: Option<f64>,
    /// Allow a candidate this many tokens
    #[arg(long, value_name = "N", default_value_t = 1024, help_heading = "Drawing",
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_reply_tokens: u32,
    /// Give prompts without a system message this one; it is no part of the prompt
    #[arg(long, value_name = "TEXT", help_heading = "Drawing")]
    pub system: Option<String>,
    /// Draw other candidates than with another seed, or with none
    #[arg(long, value_name = "N", help_heading = "Drawing")]
    pub seed: Option<u64>,
    /// Keep candidates that ran out of tokens, marked `cut`
    #[arg(long, help_heading = "Drawing")]
    pub keep_cut: bool,
    /// Have the best candidate corrected by what critics held against it
    #[arg(long, help_heading = "Revising")]
    pub revise: bool,
    /// Revise at this endpoint [default: the first one drawn from]
    #[arg(long, value_name = "NAME", requires = "revise", help_heading = "Revising")]
    pub reviser: Option<String>,
    /// Hold critics' scores below this against a candidate
    #[arg(long, value_name = "SCORE", default_value_t = 0.75, value_parser = probability, help_heading = "Revising")]
    pub revise_below: f64,
    /// Judge with this panel: default, rules, or a TOML file
    #[arg(long, value_name = "PANEL", requires = "revise", help_heading = "Revising")]
    pub panel: Option<String>,
    /// Show what drawing would ask and pay, and send nothing
    #[arg(long, help_heading = "Calls to models", conflicts_with_all = ["output", "fail_on", "record", "replay"])]
    pub dry_run: bool,
    #[command(flatten)]
    pub calls: CallArgs,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SampleFailOn {
    /// A call that failed
    Failed,
}

fn temperature(text: &str) -> Result<f64, String> {
    number(text).filter(|number| (0.0..=2.0).contains(number)).ok_or("a number from 0 to 2 is needed".into())
}

fn probability(text: &str) -> Result<f64, String> {
    let number = number(text).filter(|number| *number > 0.0 && *number <= 1.0);
    number.ok_or("a number above 0 and up to 1 is needed".into())
}

fn number(text: &str) -> Option<f64> {
    // `+ 0.0` turns -0.0 into 0.0, which would otherwise print differently.
    text.parse::<f64>().ok().map(|number| number + 0.0)
}
