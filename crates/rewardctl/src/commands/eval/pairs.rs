//! `rewardctl eval pairs`.

use rewardctl_data::measured::scored_pair::read_scored_pairs;
use rewardctl_pipeline::measure::pairs::pairs;

use crate::cli::eval::EvalPairsArgs;
use crate::commands::eval::rows;
use crate::commands::{print_json, print_line, seed};
use crate::exit::{Exit, Failure};
use crate::report::eval;
use crate::settings::Settings;

/// Measures the accuracy of scores on pairs.
pub fn run(args: &EvalPairsArgs, settings: &Settings) -> Result<Exit, Failure> {
    let report = pairs(&rows(&args.rows, read_scored_pairs)?, seed(settings)?);
    match args.rows.json {
        true => print_json(&report)?,
        false => print_line(&eval::pairs(&report))?,
    }
    Ok(Exit::Done)
}
