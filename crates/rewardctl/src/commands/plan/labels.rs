//! `rewardctl plan labels`.

use rewardctl_core::learning_curve::{Forecast, Outlook, Point, forecast};
use rewardctl_pipeline::learn::said::Opinion;
use rewardctl_pipeline::simulate::learning_curves;
use rewardctl_pipeline::simulate::stored::Stored;
use serde::Serialize;

use crate::cli::calls::PlanLabelsArgs;
use crate::commands::learn::gather;
use crate::commands::{print_json, print_line, seed, threads};
use crate::exit::{Exit, Failure};
use crate::progress;
use crate::report::{counted, table};
use crate::settings::Settings;
use crate::show::say;

/// Times that the labels are dealt into fits and tests.
const REPEATS: u64 = 20;

/// What a machine reads.
#[derive(Serialize)]
struct Outcome {
    target: f64,
    forecast: Forecast,
    measured: Vec<Measured>,
}

/// What fits on so many labels were worth.
#[derive(Serialize)]
struct Measured {
    labels: f64,
    accuracy: f64,
    by_the_curve: f64,
}

/// Foretells from the labels at hand. A target that is likely out of reach is exit code 4.
pub fn run(args: &PlanLabelsArgs, settings: &Settings) -> Result<Exit, Failure> {
    let gathered = gather(&args.gather, settings)?;
    let rated = gathered.said.iter().filter(|said| !matches!(said.opinion, Opinion::Compare { .. })).count();
    let stored = Stored::new("the labels at hand".into(), gathered)?;
    if rated > 0 {
        let (ratings, pairs) =
            (counted(rated as u64, "rating"), counted(stored.questions.len() as u64, "pair"));
        say(format!("{ratings} among these labels: a label here is one of the {pairs} that labels order"));
    }
    let bar = progress::bar(REPEATS, "learning");
    let progress = |done| bar.set_position(done as u64);
    let repeats = learning_curves(stored, seed(settings)?, REPEATS, threads(settings)?, &progress);
    bar.finish_and_clear();
    let repeats = repeats?;
    let forecast = forecast(&repeats, args.accuracy, seed(settings)?)
        .map_err(|why| Failure::refused(why.to_string(), "label more pairs first: `rewardctl queue plan`"))?;
    let measured = measured(&repeats, &forecast);
    let exit = if forecast.outlook == Outlook::Unlikely { Exit::StoppedShort } else { Exit::Done };
    match args.json {
        true => print_json(&Outcome { target: args.accuracy, forecast, measured })?,
        false => print_line(&shown(args.accuracy, &forecast, &measured))?,
    }
    Ok(exit)
}

fn measured(repeats: &[Vec<Point>], forecast: &Forecast) -> Vec<Measured> {
    let mut sizes: Vec<f64> = repeats.iter().flatten().map(|point| point.labels).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let of = |labels: f64| {
        let errors: Vec<f64> = repeats
            .iter()
            .flatten()
            .filter(|point| point.labels == labels)
            .map(|point| point.error)
            .collect();
        let accuracy = 1.0 - errors.iter().sum::<f64>() / errors.len() as f64;
        Measured { labels, accuracy, by_the_curve: 1.0 - forecast.curve.error(labels) }
    };
    sizes.into_iter().map(of).collect()
}

fn shown(target: f64, forecast: &Forecast, measured: &[Measured]) -> String {
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let row =
        |one: &Measured| vec![format!("{:.0}", one.labels), percent(one.accuracy), percent(one.by_the_curve)];
    let header = ["labels", "accuracy", "by the curve"];
    let outlook = match forecast.outlook {
        Outlook::Reached => "is reached with the labels at hand".to_owned(),
        Outlook::Unlikely if forecast.ceiling.0 > target => {
            "would take more than fifty times the labels at hand, if it can be reached at all".to_owned()
        }
        Outlook::Unlikely => {
            "is likely out of reach: better critics will do more than more labels".to_owned()
        }
        Outlook::Likely { labels, low, high } => {
            let low = low.map_or("those at hand".to_owned(), |low| format!("{low:.0}"));
            let high = high.map_or("never".to_owned(), |high| format!("{high:.0}"));
            format!("is likely to need about {labels:.0} labels (95 % interval {low} – {high})")
        }
    };
    let (ceiling, interval) = forecast.ceiling;
    let interval =
        interval.map_or(String::new(), |(low, high)| format!(" ({} – {})", percent(low), percent(high)));
    format!(
        "{}\n\nAn accuracy of {} {outlook}.\nWith labels without end the curve comes near {}{interval}.",
        table(&header, measured.iter().map(row).collect()),
        percent(target),
        percent(ceiling)
    )
}
