//! `rewardctl completions` and `rewardctl man`: what a release carries beside the binary.

use std::io::{Write, stdout};
use std::path::Path;

use clap::CommandFactory;
use rewardctl_data::error::STDOUT;

use crate::cli::Cli;
use crate::cli::release::{CompletionsArgs, ManArgs};
use crate::exit::{Exit, Failure};

/// Prints the completions of every verb for a shell.
pub fn completions(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = vec![];
    clap_complete::generate(args.shell, &mut Cli::command(), "rewardctl", &mut script);
    stdout().write_all(&script).map_err(Failure::writing(Path::new(STDOUT)))?;
    Ok(Exit::Done)
}

/// Writes a manual page for each verb.
pub fn man(args: &ManArgs) -> Result<Exit, Failure> {
    clap_mangen::generate_to(Cli::command(), &args.folder).map_err(Failure::writing(&args.folder))?;
    Ok(Exit::Done)
}
