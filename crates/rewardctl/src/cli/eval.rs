//! The arguments of `rewardctl eval`.

pub mod annotators;

use clap::Subcommand;

use crate::cli::eval::annotators::AnnotatorsArgs;

#[derive(Debug, Subcommand)]
pub enum EvalCommand {
    /// Measure how far annotators agree, and find one label for each item
    Annotators(Box<AnnotatorsArgs>),
}
