//! `rewardctl eval ranking`.

use rewardctl_data::measured::comparison::read_comparisons;
use rewardctl_pipeline::measure::ranking::{ClusterBy, RankingSettings, ranking};

use crate::cli::eval::{ClusterArg, EvalRankingArgs};
use crate::commands::eval::rows;
use crate::commands::{print_json, print_line, seed};
use crate::exit::{Exit, Failure};
use crate::report::eval;
use crate::settings::Settings;

/// Ranks models.
pub fn run(args: &EvalRankingArgs, settings: &Settings) -> Result<Exit, Failure> {
    let told = RankingSettings {
        anchor: args.anchor.clone(),
        ridge: args.ridge,
        cluster_by: match args.cluster {
            ClusterArg::Group => ClusterBy::Group,
            ClusterArg::Annotator => ClusterBy::Annotator,
            ClusterArg::Row => ClusterBy::Row,
        },
        seed: seed(settings)?,
    };
    let report = ranking(&rows(&args.rows, read_comparisons)?, &told)?;
    match args.rows.json {
        true => print_json(&report)?,
        false => print_line(&eval::ranking(&report))?,
    }
    Ok(Exit::Done)
}
