//! `rewardctl calibrate`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use rewardctl_core::conformal::least;
use rewardctl_core::drift::Drift;
use rewardctl_core::guarantee::{Aim, Guarantee, NoGuarantee, guarantee};
use rewardctl_model::manifest::{Kind, Manifest};
use rewardctl_pipeline::learn::apply::{Applied, one_a_prompt, temperature};
use rewardctl_pipeline::learn::calibrate::{Calibration, Drawn, calibrate, drawn};
use rewardctl_pipeline::learn::gather::Gathered;
use rewardctl_pipeline::learn::ratings::{Ratings, calibrate_ratings};
use rewardctl_pipeline::learn::registry::FIXED;
use serde::Serialize;

use crate::cli::learn::{CalibrateArgs, StoredArgs};
use crate::commands::eval::aggregator::stored as stored_verdicts;
use crate::commands::queue::version_in_force;
use crate::commands::{block_on, load_panel, open_known_store, print_json, print_line, seed};
use crate::exit::{Exit, Failure};
use crate::report::counted;
use crate::settings::Settings;
use crate::show::say;

/// What a machine reads.
#[derive(Serialize)]
struct Outcome<'a> {
    guaranteed: bool,
    taken: Option<&'a Taken>,
    calibration: Option<Calibration>,
    why_not: Option<String>,
    drift: Option<Drift>,
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
    if let (Some(stored), true) = (args.stored(), args.ratings) {
        return ratings(&stored, args, settings);
    }
    let (found, sample) = match args.stored() {
        Some(stored) => {
            let (found, taken) = by_files(&stored, aim, settings)?;
            (found, Sample::of_files(&stored, args.random_labels, taken))
        }
        None => by_store(aim, settings)?,
    };
    show(args, &found, &sample)?;
    Ok(if found.is_ok() { Exit::Done } else { Exit::StoppedShort })
}

/// What the labels are a sample of, and where the threshold goes.
struct Sample {
    /// Why nothing is promised; None where it is.
    no_promise: Option<&'static str>,
    /// The aggregator's folder; None for fixed weights.
    folder: Option<PathBuf>,
    /// What was drawn in the store.
    drawn: Option<Drawn>,
    /// What was taken of files.
    taken: Option<Taken>,
}

/// What of the labels of files counts.
#[derive(Serialize)]
struct Taken {
    /// Pairs that people judged, once for each who did.
    pairs: usize,
    /// Prompts, of each of which one of these pairs counts.
    prompts: usize,
    /// Of these, ties: where people see no difference, neither order is wrong.
    ties: usize,
    /// Prompts left out, since the aggregator was fitted on labels of them.
    known: usize,
}

const NOT_RANDOM: &str = "Only labels of uniformly random pairs can carry a guarantee. If these are, say so with \
                          `--random-labels`.";
const LEARNT_FROM: &str =
    "The aggregator learnt from these labels. `rewardctl learn --hold-back` leaves them out.";

impl Sample {
    fn of_files(stored: &StoredArgs, is_random: bool, taken: Taken) -> Self {
        let folder = (stored.model != FIXED).then(|| PathBuf::from(&stored.model));
        Self { no_promise: (!is_random).then_some(NOT_RANDOM), folder, drawn: None, taken: Some(taken) }
    }
}

type Found = Result<Guarantee, NoGuarantee>;

fn by_files(stored: &StoredArgs, aim: Aim, settings: &Settings) -> Result<(Found, Taken), Failure> {
    let (gathered, applied, known) = unknown(stored, settings)?;
    let (found, pairs) = one_a_prompt(&gathered, &applied, stored.target.as_deref(), seed(settings)?)?;
    let ties = found.iter().filter(|pair| pair.label == 0.5).count();
    Ok((calibrate(&found, aim), Taken { pairs, prompts: found.len(), ties, known }))
}

/// Intervals for ratings; kept only where the ratings are of responses drawn at random.
fn ratings(stored: &StoredArgs, args: &CalibrateArgs, settings: &Settings) -> Result<Exit, Failure> {
    let (gathered, applied, _) = unknown(stored, settings)?;
    let found = calibrate_ratings(&gathered, &applied, stored.target.as_deref(), args.error)
        .map_err(|why| Failure::refused(why.to_string(), "such as `--error 0.1`"))?;
    let is_bound = found.quantile.is_some();
    let is_kept = is_bound && args.random_labels && stored.model != FIXED;
    if is_kept {
        found.write(Path::new(&stored.model))?;
    }
    match args.json {
        true => print_json(&found)?,
        false => print_line(&intervals(&found, args.random_labels))?,
    }
    Ok(if is_bound { Exit::Done } else { Exit::StoppedShort })
}

fn intervals(found: &Ratings, is_random: bool) -> String {
    let inside = (1.0 - found.error) * 100.0;
    let count = counted(found.ratings as u64, "rating");
    let Some(quantile) = found.quantile else {
        let least = least(found.error).unwrap_or(0);
        return format!("{count} bound nothing: {least} are the least for {inside:.0} %.");
    };
    let seen = format!(
        "{inside:.0} % of {count} lie within {quantile:.2} times the reward's uncertainty around the reward."
    );
    match is_random {
        true => format!(
            "{seen}\nA new rating does so with that probability, as long as responses and people are like these."
        ),
        false => format!("{seen}\nNothing is promised. {NOT_RANDOM}"),
    }
}

/// The aggregator in force, on the pairs of the store that were drawn for calibration.
fn by_store(aim: Aim, settings: &Settings) -> Result<(Found, Sample), Failure> {
    let panel = load_panel(settings)?;
    let Some(folder) = &panel.aggregator else {
        return Err(Failure::refused(
            "the panel's fixed weights are in force, and keep no threshold",
            "fit an aggregator with `rewardctl learn --hold-back`",
        ));
    };
    let drawn = block_on(async {
        let store = open_known_store(settings).await?;
        let version = version_in_force(&panel, &store, settings)?;
        let drawn = drawn(&store, version, temperature(folder)?).await;
        store.close().await;
        Ok(drawn?)
    })?;
    let fitted_on = Manifest::load_kind(folder, Kind::Aggregator)?.fitted_on;
    let held_back = fitted_on.is_some_and(|fitted| fitted.held_back);
    let found = guarantee(&drawn.judged, aim);
    let no_promise = (!held_back).then_some(LEARNT_FROM);
    Ok((found, Sample { no_promise, folder: Some(folder.clone()), drawn: Some(drawn), taken: None }))
}

fn show(args: &CalibrateArgs, found: &Found, sample: &Sample) -> Result<(), Failure> {
    let drift = sample.drift()?;
    let kept = sample.folder.as_deref().filter(|_| sample.no_promise.is_none());
    if let (Ok(found), Some(folder)) = (found, kept) {
        Calibration::new(found).write(folder)?;
    }
    if args.json {
        return print_json(&Outcome {
            guaranteed: sample.no_promise.is_none() && found.is_ok(),
            taken: sample.taken.as_ref(),
            calibration: found.as_ref().ok().map(Calibration::new),
            why_not: found.as_ref().err().map(ToString::to_string),
            drift,
        });
    }
    sample.drawn.as_ref().map_or(Ok(()), |drawn| print_line(&of_store(drawn)))?;
    sample.taken.as_ref().map_or(Ok(()), |taken| print_line(&of_files(taken)))?;
    match found {
        Ok(found) => print_line(&shown(found, sample.no_promise))?,
        Err(why) => print_line(&format!("No threshold can be guaranteed: {why}."))?,
    }
    if let Some(drift) = drift {
        print_line(&audited(&drift))?;
    }
    if found.is_ok() && sample.folder.is_none() && sample.no_promise.is_none() {
        say("fixed weights keep no threshold: fit an aggregator with `rewardctl learn`");
    }
    Ok(())
}

impl Sample {
    /// Tests the promise that was kept before against what audits found since; None without either.
    fn drift(&self) -> Result<Option<Drift>, Failure> {
        let Some((folder, drawn)) = self.folder.as_deref().zip(self.drawn.as_ref()) else { return Ok(None) };
        let promised = Calibration::read(folder)?;
        Ok(promised.and_then(|promised| Drift::test(drawn.audits, promised.error)))
    }
}

fn of_files(Taken { pairs, prompts, ties, .. }: &Taken) -> String {
    let pairs = counted(*pairs as u64, "judged pair");
    let prompts = counted(*prompts as u64, "prompt");
    format!(
        "{pairs} of {prompts}: one of each prompt counts, since errors on one prompt are no independent ones. {ties} of them are ties, which take no part."
    )
}

fn of_store(drawn: &Drawn) -> String {
    let Drawn { judged, passed_over, waiting, unscored, .. } = drawn;
    let answers = counted(judged.len() as u64, "answer");
    let mut text = format!(
        "{answers} of pairs that were drawn at random, {passed_over} of them passed over, which counts as wrong; {waiting} wait."
    );
    if *unscored > 0 {
        let pairs = counted(*unscored as u64, "more pair");
        text += &format!("\n{pairs} lack rewards of the aggregator in force: `rewardctl score` gives them.");
    }
    text
}

fn audited(drift: &Drift) -> String {
    let Drift { errors, promised, p, interval } = drift;
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let word = match drift.broken(0.05) {
        true => "the promise of the last calibration is broken: calibrate again on fresh labels",
        false => "nothing speaks against the promise of the last calibration",
    };
    format!(
        "Audits: {} of {} accepted pairs are wrong ({} – {}); {} were promised, p = {p:.3}: {word}.",
        errors.hits,
        errors.count,
        percent(interval.0),
        percent(interval.1),
        percent(*promised)
    )
}

/// Reads verdicts and labels, without those of prompts of which the aggregator knows labels already; these are counted.
fn unknown(stored: &StoredArgs, settings: &Settings) -> Result<(Gathered, Applied, usize), Failure> {
    let (mut gathered, applied) = stored_verdicts(stored, settings)?;
    let known = match stored.model.as_str() {
        FIXED => HashSet::new(),
        folder => gathered.known_to(Path::new(folder))?,
    };
    gathered.forget(&known);
    let known = known.len();
    if known > 0 && gathered.said.is_empty() {
        return Err(Failure::refused(
            "the aggregator was fitted on labels of all of these prompts: what it knows already calibrates nothing",
            "give it labels of prompts that the fit never saw",
        ));
    }
    if known > 0 {
        let prompts = counted(known as u64, "prompt");
        say(format!("left out {prompts}: the aggregator was fitted on labels of them"));
    }
    Ok((gathered, applied, known))
}

fn shown(found: &Guarantee, no_promise: Option<&str>) -> String {
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
    match no_promise {
        None => format!(
            "{seen}\nGuarantee: with a probability of {}, at most {} of the pairs accepted are wrong, as long as they are like these.",
            percent(1.0 - aim.risk),
            percent(aim.error)
        ),
        Some(why) => format!("{seen}\nNothing is promised. {why}"),
    }
}
