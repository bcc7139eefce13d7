//! `rewardctl eval`.

pub mod annotators;

use crate::cli::eval::EvalCommand;
use crate::exit::{Exit, Failure};
use crate::settings::Settings;

/// Measures labels and rewards on files.
pub fn run(command: &EvalCommand, settings: &Settings) -> Result<Exit, Failure> {
    match command {
        EvalCommand::Annotators(args) => annotators::run(args, settings),
    }
}
