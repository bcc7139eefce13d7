//! `rewardctl export`.

use rewardctl_core::pair::Rule;
use rewardctl_pipeline::export::{Exported, trl_dpo, trl_prompts};

use crate::cli::{ExportArgs, Trainer};
use crate::commands::{block_on, both_want_stdout, is_dash, open_known_store, print_json, seed};
use crate::exit::{Exit, Failure};
use crate::report;
use crate::settings::Settings;
use crate::show::say;

/// Writes training data and says what was withheld. No row at all is exit code 4, and no file.
pub fn run(args: &ExportArgs, settings: &Settings) -> Result<Exit, Failure> {
    let rule = Rule {
        min_margin: settings.number("pairs.min-margin", 0.0, 1.0)?,
        min_probability: settings.number("pairs.min-probability", 0.5, 1.0)?,
        seed: seed(settings)?,
    };
    let extension = args.output.extension().unwrap_or_default();
    if is_dash(&args.output) {
        if args.json {
            return Err(both_want_stdout("-o -"));
        }
    } else if extension != "jsonl" && extension != "parquet" {
        let message = format!(
            "training data are written to .jsonl or .parquet, and `{}` is neither",
            args.output.display()
        );
        return Err(Failure::refused(message, "`-o pairs.jsonl`, or `-o -` for JSONL on stdout"));
    }
    let exported = block_on(export(args, &rule, settings))?;
    match args.json {
        true => print_json(&exported)?,
        false => say(report::exported(&exported, &args.output)),
    }
    Ok(if exported.rows == 0 { Exit::StoppedShort } else { Exit::Done })
}

async fn export(args: &ExportArgs, rule: &Rule, settings: &Settings) -> Result<Exported, Failure> {
    let store = open_known_store(settings).await?;
    let exported = match args.trainer {
        Trainer::TrlDpo => trl_dpo(&store, &args.output, rule).await,
        Trainer::TrlPrompts => trl_prompts(&store, &args.output).await,
    };
    store.close().await;
    Ok(exported?)
}
