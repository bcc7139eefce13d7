//! `rewardctl train`.

use std::fs;

use rewardctl_pipeline::train::{TrainText, TrainedText, train_text};

use crate::cli::model::{TrainCommand, TrainTextArgs};
use crate::commands::{model_paths, print_json, seed, threads};
use crate::exit::{Exit, Failure};
use crate::progress;
use crate::report::{self, counted};
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
    let TrainedText { report: fitted, judged_by_heads } = trained?;
    match args.json {
        true => print_json(&fitted)?,
        false => say(report::fitted(&fitted, &args.out)),
    }
    if judged_by_heads > 0 {
        say(format!(
            "warning: text heads took part in the scores of {}, so the new ones learn from them in part; a panel without `text` critics teaches something else",
            counted(judged_by_heads, "response")
        ));
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
        rewards: args.rewards.clone(),
        out: args.out.clone(),
        seed: seed(settings)?,
        threads: threads(settings)?,
        models: model_paths(settings)?,
        notice: notice.transpose()?.unwrap_or_default(),
        command: command(args, seed(settings)?),
    })
}

fn command(args: &TrainTextArgs, seed: u64) -> String {
    let mut command = String::from("rewardctl train text");
    for (flag, files) in [(" --data", &args.data), (" --rewards", &args.rewards)] {
        command += if files.is_empty() { "" } else { flag };
        files.iter().for_each(|path| command += &format!(" {}", path.display()));
    }
    command += &format!(" --seed {seed}");
    if let Some(notice) = &args.notice {
        command += &format!(" --notice {}", notice.display());
    }
    command + &format!(" --out {}", args.out.display())
}
