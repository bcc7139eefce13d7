//! `rewardctl eval probabilities`.

use rewardctl_data::dataset_folder::write_text;
use rewardctl_data::measured::forecast::read_forecasts;
use rewardctl_pipeline::measure::plot::plot;
use rewardctl_pipeline::measure::probabilities::probabilities;

use crate::cli::eval::EvalProbabilitiesArgs;
use crate::commands::eval::rows;
use crate::commands::{print_json, print_line, seed};
use crate::exit::{Exit, Failure};
use crate::report::eval;
use crate::settings::Settings;
use crate::show::say;

/// Measures probabilities.
pub fn run(args: &EvalProbabilitiesArgs, settings: &Settings) -> Result<Exit, Failure> {
    let rows = rows(&args.rows, read_forecasts)?;
    let report = probabilities(&rows, seed(settings)?);
    if report.rows == 0 {
        return Err(Failure::refused(
            "no row has both a probability and a label",
            "`rewardctl eval probabilities --help` has the fields",
        ));
    }
    if let Some(path) = &args.plot {
        write_text(path, &plot(&report))?;
        say(format!("wrote the plot to {}", path.display()));
    }
    match args.rows.json {
        true => print_json(&report)?,
        false => print_line(&eval::probabilities(&report))?,
    }
    Ok(Exit::Done)
}
