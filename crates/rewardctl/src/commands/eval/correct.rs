//! `rewardctl eval correct`.

use rewardctl_data::measured::judged::read_judged;
use rewardctl_pipeline::measure::corrected::corrected;

use crate::cli::eval::EvalCorrectArgs;
use crate::commands::eval::rows;
use crate::commands::{print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::report::eval;

/// Corrects a judge's rate.
pub fn run(args: &EvalCorrectArgs) -> Result<Exit, Failure> {
    let report = corrected(&rows(&args.rows, read_judged)?);
    match args.rows.json {
        true => print_json(&report)?,
        false => print_line(&eval::corrected(&report))?,
    }
    Ok(Exit::Done)
}
