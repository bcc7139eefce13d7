//! `rewardctl calibrate`.

use std::path::{Path, PathBuf};

use rewardctl_core::guarantee::{Aim, Guarantee};
use rewardctl_model::manifest::{Kind, Manifest};
use rewardctl_pipeline::learn::apply::forecasts;
use rewardctl_pipeline::learn::calibrate::{Calibration, calibrate};
use rewardctl_pipeline::learn::registry::FIXED;
use serde::Serialize;

use crate::cli::learn::CalibrateArgs;
use crate::commands::eval::aggregator::stored;
use crate::commands::{print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::settings::Settings;
use crate::show::say;

/// What a machine reads.
#[derive(Serialize)]
struct Outcome {
    guaranteed: bool,
    calibration: Option<Calibration>,
    why_not: Option<String>,
}

/// Finds the threshold, and keeps it only where the labels let it promise something.
pub fn run(args: &CalibrateArgs, settings: &Settings) -> Result<Exit, Failure> {
    let aim = Aim { error: args.error, risk: args.risk };
    let chance = |value: f64| value > 0.0 && value < 1.0;
    if !chance(aim.error) || !chance(aim.risk) {
        return Err(Failure::refused(
            "--error and --risk are shares between 0 and 1",
            "such as `--error 0.1 --risk 0.1`",
        ));
    }
    refuse_own_labels(args)?;
    let (gathered, applied) = stored(&args.stored, settings)?;
    let pairs = forecasts(&gathered, &applied, args.stored.target.as_deref())?;
    let found = calibrate(&pairs.into_iter().flatten().collect::<Vec<_>>(), aim);
    let is_kept = args.random_labels && args.stored.model != FIXED;
    if let (Ok(found), true) = (&found, is_kept) {
        Calibration::new(found).write(Path::new(&args.stored.model))?;
    }
    if args.json {
        print_json(&Outcome {
            guaranteed: is_kept && found.is_ok(),
            calibration: found.as_ref().ok().map(Calibration::new),
            why_not: found.as_ref().err().map(ToString::to_string),
        })?;
    } else {
        match &found {
            Ok(found) => print_line(&shown(found, args.random_labels))?,
            Err(why) => print_line(&format!("No threshold can be guaranteed: {why}."))?,
        }
    }
    if found.is_ok() && args.random_labels && !is_kept {
        say("fixed weights keep no threshold: fit an aggregator with `rewardctl learn`");
    }
    Ok(if found.is_ok() { Exit::Done } else { Exit::StoppedShort })
}

/// Refuses the files that the aggregator was fitted on: it knows their labels.
fn refuse_own_labels(args: &CalibrateArgs) -> Result<(), Failure> {
    if args.stored.model == FIXED {
        return Ok(());
    }
    let fitted_on = Manifest::load_kind(Path::new(&args.stored.model), Kind::Aggregator)?.fitted_on;
    let sources = fitted_on.map_or(vec![], |fitted| fitted.sources);
    let name =
        |path: &PathBuf| path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
    let own = args.stored.verdicts.iter().map(name).find(|name| sources.contains(name));
    match own {
        Some(name) => Err(Failure::refused(
            format!("the aggregator was fitted on `{name}`: what it knows already calibrates nothing"),
            "name verdicts with labels that the fit never saw",
        )),
        None => Ok(()),
    }
}

fn shown(found: &Guarantee, is_random: bool) -> String {
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let Guarantee { threshold, kept, errors, bound, aim } = found;
    let share = kept.hits as f64 / kept.count.max(1) as f64;
    let seen = format!(
        "From a confidence of {threshold:.3} on, {} of {} calibration pairs ({}) need no person; {} of them are wrong, and the bound on the share is {}.",
        kept.hits,
        kept.count,
        percent(share),
        errors.hits,
        percent(*bound)
    );
    match is_random {
        true => format!(
            "{seen}\nGuarantee: with a probability of {}, at most {} of the pairs accepted are wrong, as long as they are like these.",
            percent(1.0 - aim.risk),
            percent(aim.error)
        ),
        false => format!(
            "{seen}\nNothing is promised: only labels of uniformly random pairs can carry a guarantee. If these are, say so with `--random-labels`."
        ),
    }
}
