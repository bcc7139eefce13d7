//! The flags of `rewardctl model` and `rewardctl train`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::JsonArgs;
use crate::cli::learn::{PanelArgs, PromoteArgs};

#[derive(Debug, Subcommand)]
pub enum TrainCommand {
    /// Fit the text heads on pairs and ratings, or on what a panel said
    Text(TrainTextArgs),
}

#[derive(Debug, Args)]
pub struct TrainTextArgs {
    /// Training data: JSONL of pairs and ratings; models/text-heads/README.md has the fields
    #[arg(long, value_name = "FILE", required_unless_present = "rewards", num_args = 1..)]
    pub data: Vec<PathBuf>,
    /// Learn what a panel said: files that `rewardctl score --with-text -o FILE` wrote
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub rewards: Vec<PathBuf>,
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
