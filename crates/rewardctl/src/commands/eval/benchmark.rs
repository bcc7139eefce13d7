//! `rewardctl eval benchmark`.

use rewardctl_pipeline::measure::benchmark::{Protocol, benchmark};

use crate::cli::eval::{EvalBenchmarkArgs, ProtocolArg};
use crate::commands::eval::{files, on_bad_row, say_skipped};
use crate::commands::{print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::report::eval;

/// Scores the results of a benchmark.
pub fn run(args: &EvalBenchmarkArgs) -> Result<Exit, Failure> {
    let protocol = match args.protocol {
        ProtocolArg::RewardBench => Protocol::RewardBench,
        ProtocolArg::RewardBench2 => Protocol::RewardBench2,
        ProtocolArg::RmBench => Protocol::RmBench,
        ProtocolArg::JudgeBench => Protocol::JudgeBench,
        ProtocolArg::Llmbar => Protocol::Llmbar,
    };
    let (files, _spooled) = files(&args.rows)?;
    let scored = benchmark(&files, on_bad_row(&args.rows), protocol)?;
    say_skipped(scored.skipped.skipped, &scored.skipped.skipped_rows);
    match args.rows.json {
        true => print_json(&scored.report)?,
        false => print_line(&eval::benchmark(&scored.report))?,
    }
    Ok(Exit::Done)
}
