//! `rewardctl train`.

use std::fs;

use rewardctl_pipeline::train::{TrainText, train_text};

use crate::cli::model::{TrainCommand, TrainTextArgs};
use crate::commands::{model_paths, print_json, seed, threads};
use crate::exit::{Exit, Failure};
use crate::progress;
use crate::report;
use crate::settings::Settings;
use crate::show::say;

/// Fits reward models.
pub fn run(command: &TrainCommand, settings: &Settings) -> Result<Exit, Failure> {
    let TrainCommand::Text(args) = command;
    let bar = progress::bar(0, "embedding");
    let trained = train_text(&told(args, settings)?, &|done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let fitted = trained?;
    match args.json {
        true => print_json(&fitted)?,
        false => say(report::fitted(&fitted, &args.out)),
    }
    Ok(Exit::Done)
}

fn told(args: &TrainTextArgs, settings: &Settings) -> Result<TrainText, Failure> {
    let notice = args.notice.as_ref().map(|path| {
        let unreadable = |error| {
            Failure::refused(format!("failed to read `{}`: {error}", path.display()), "name a text file")
        };
        fs::read_to_string(path).map_err(unreadable)
    });
    Ok(TrainText {
        data: args.data.clone(),
        out: args.out.clone(),
        seed: seed(settings)?,
        threads: threads(settings)?,
        models: model_paths(settings)?,
        notice: notice.transpose()?.unwrap_or_default(),
        command: command(args, seed(settings)?),
    })
}

fn command(args: &TrainTextArgs, seed: u64) -> String {
    let mut command = String::from("rewardctl train text --data");
    args.data.iter().for_each(|path| command += &format!(" {}", path.display()));
    command += &format!(" --seed {seed}");
    if let Some(notice) = &args.notice {
        command += &format!(" --notice {}", notice.display());
    }
    command + &format!(" --out {}", args.out.display())
}
