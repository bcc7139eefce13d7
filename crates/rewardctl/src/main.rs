//! `rewardctl`: rewards you can defend.
//!
//! `main` parses the command line, runs one command and turns its outcome into an exit code. stdout is data,
//! stderr is talk.

mod audit_report;
mod cli;
mod commands;
mod exit;
mod locate;
mod progress;
mod report;
mod review;
mod settings;
mod show;
mod silence;
mod suggest;
mod telemetry;

use std::env;
use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::cli::{Cli, Command};
use crate::exit::{Exit, Failure};
use crate::settings::Settings;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    telemetry::switch_off();
    small_pages();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // `-V` is the version alone; `--version` names all that takes part.
        Err(error)
            if error.kind() == ErrorKind::DisplayVersion && env::args_os().any(|arg| arg == "--version") =>
        {
            ended(version());
        }
        Err(error) => return show::usage(&error),
    };
    ended(run(&cli).map_err(|failure| if can_skip_rows() { failure } else { failure.without_skipping() }))
}

/// Tells whether the verb at hand has `--on-bad-row`, which is a way out of bad rows.
fn can_skip_rows() -> bool {
    let mut program = Cli::command();
    let Ok(matches) = program.try_get_matches_from_mut(env::args_os()) else { return false };
    let (mut verb, mut matches) = (&program, &matches);
    while let Some((name, inner)) = matches.subcommand() {
        let Some(next) = verb.find_subcommand(name) else { break };
        (verb, matches) = (next, inner);
    }
    verb.get_arguments().any(|argument| argument.get_long() == Some("on-bad-row"))
}

/// Asks the system for no pages of 2 MiB: they cost a short run more to clear than a long one gains by them, and up to a
/// quarter of the memory.
fn small_pages() {
    // A system that cannot is only slower.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

/// Ends the process. Nothing is left to do but what the system does anyway: to unload ONNX Runtime takes longer than to score
/// a small file.
fn ended(outcome: Result<Exit, Failure>) -> ! {
    let exit = match outcome {
        Ok(exit) => exit,
        Err(failure) => {
            if failure.exit != Exit::NoReader {
                show::failure(&failure);
            }
            failure.exit
        }
    };
    // Nobody can be told when that fails.
    let _ = stdout().flush();
    signal_hook::low_level::exit(exit as i32)
}

/// Does for `--version` what the verb does, with the flags that stand beside it. Flags that are wrong do not hide the version.
fn version() -> Result<Exit, Failure> {
    let flags = env::args_os().skip(1).filter(|argument| argument != "--version");
    let told = ["rewardctl".into(), "version".into()].into_iter().chain(flags);
    match Cli::try_parse_from(told) {
        Ok(cli) => run(&cli).or_else(|_| commands::version::named()),
        Err(_) => commands::version::named(),
    }
}

fn run(cli: &Cli) -> Result<Exit, Failure> {
    let settings = || Settings::read(cli.config.as_deref(), &cli.flags());
    match &cli.command {
        Command::Init(args) => commands::init::run(args),
        Command::Score(args) => commands::score::run(args, &settings()?),
        Command::Sample(args) => commands::sample::run(args, &settings()?),
        Command::Plan(args) => commands::plan::run(args, &settings()?),
        Command::Calls(command) => commands::ledger::run(command, &settings()?),
        Command::Status(args) => commands::status::run(args, &settings()?),
        Command::Audit(args) => commands::audit::run(args, &settings()?),
        Command::Report(args) => commands::report::run(args, &settings()?),
        Command::Eval(args) => commands::eval::run(args, &settings()?),
        Command::Simulate(args) => commands::simulate::run(args, &settings()?),
        Command::Queue(args) => commands::queue::run(args, &settings()?),
        Command::Review(args) => commands::review::run(args, &settings()?),
        Command::Serve(args) => commands::serve::run(args, &settings()?),
        Command::User(args) => commands::user::run(args, &settings()?),
        Command::Label(args) => commands::label::run(args, &settings()?),
        Command::Learn(args) => commands::learn::run(args, &settings()?),
        Command::Calibrate(args) => commands::calibrate::run(args, &settings()?),
        Command::Duplicates(args) => commands::duplicates::run(args, &settings()?),
        Command::Build(args) => commands::build::run(args, &settings()?),
        Command::Dataset(command) => commands::dataset::run(command, &settings()?),
        Command::Export(args) => commands::export::run(args, &settings()?),
        Command::Lint(args) => commands::lint::run(args, &settings()?),
        Command::Gate(args) => commands::gate::run(args, &settings()?),
        Command::Compare(args) => commands::compare::run(args, &settings()?),
        Command::Pii(args) => commands::pii::run(args, &settings()?),
        Command::Train(args) => commands::train::run(args, &settings()?),
        Command::Model(args) => commands::model::run(args, &settings()?),
        Command::Config(args) => commands::config::run(args, &settings()?),
        Command::Doctor(args) => commands::doctor::run(args, &settings()?),
        Command::Version(args) => commands::version::run(args, &settings()?),
        Command::Completions(args) => commands::release::completions(args),
        Command::Man(args) => commands::release::man(args),
        Command::BenchEncoder(args) => commands::bench_encoder::run(args, &settings()?),
    }
}
