//! `rewardctl model promote|rollback|compare`: the versions of a panel's fitted aggregator.

use std::path::Path;

use rewardctl_model::learn::report::{Figure, Report};
use rewardctl_model::learn::write::REPORT;
use rewardctl_model::manifest::Manifest;
use rewardctl_pipeline::learn::registry::{FIXED, Registry};
use rewardctl_pipeline::panel::LoadedPanel;
use serde::Serialize;

use crate::cli::learn::{PanelArgs, PromoteArgs};
use crate::commands::{print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::locate::{self, PROMPTS_NAME};
use crate::report;
use crate::settings::Settings;
use crate::show::{printable, say};

/// Characters of a target that are shown.
const TARGET_WIDTH: usize = 24;

/// One version, side by side with the others.
#[derive(Serialize)]
struct Compared {
    version: String,
    in_force: bool,
    labels: Option<u64>,
    /// The dimension whose ratings it foretells; None for responses as a whole.
    target: Option<String>,
    accuracy: Option<Figure>,
    log_loss: Option<Figure>,
    lead_over_fixed_weights: Option<Figure>,
    not_better_than: Vec<String>,
}

/// Puts a version in force.
pub fn promote(args: &PromoteArgs, settings: &Settings) -> Result<Exit, Failure> {
    let (panel, registry) = registry(settings)?;
    registry.promote(&args.version)?;
    say(match args.version.as_str() {
        FIXED => format!("panel `{panel}` judges by its own weights from now on"),
        version => format!("version {version} judges for panel `{panel}` from now on"),
    });
    Ok(Exit::Done)
}

/// Puts the version before in force.
pub fn rollback(_args: &PanelArgs, settings: &Settings) -> Result<Exit, Failure> {
    let (panel, registry) = registry(settings)?;
    let Some(version) = registry.rollback()? else {
        let message = format!("panel `{panel}` has no version before the one in force");
        return Err(Failure::refused(message, "`rewardctl model compare` shows the versions"));
    };
    say(format!("panel `{panel}` is back at {version}"));
    Ok(Exit::Done)
}

/// Shows the figures of all versions; each is of its own labels, so that they compare only as far as these do.
pub fn compare(args: &PanelArgs, settings: &Settings) -> Result<Exit, Failure> {
    let (_, registry) = registry(settings)?;
    let active = registry.active()?.version;
    let versions = registry.versions()?.into_iter();
    let mut compared: Vec<Compared> =
        versions.map(|(name, manifest)| one(&registry, &active, name, manifest)).collect();
    compared.insert(0, fixed(&active));
    if args.json {
        print_json(&compared)?;
        return Ok(Exit::Done);
    }
    let figure =
        |figure: &Option<Figure>| figure.map_or("–".into(), |figure| format!("{:.3}", figure.mean));
    let interval = |figure: &Option<Figure>| {
        let found = figure.and_then(|figure| figure.interval);
        found.map_or(String::new(), |(low, high)| format!("{low:+.3} to {high:+.3}"))
    };
    let row = |one: &Compared| {
        vec![
            format!("{}{}", one.version, if one.in_force { " *" } else { "" }),
            one.labels.map_or("–".into(), |labels| labels.to_string()),
            one.target.as_ref().map_or("whole".into(), |target| printable(target, TARGET_WIDTH)),
            figure(&one.accuracy),
            figure(&one.log_loss),
            figure(&one.lead_over_fixed_weights),
            interval(&one.lead_over_fixed_weights),
            one.not_better_than.join(", "),
        ]
    };
    let header = [
        "version",
        "labels",
        "target",
        "accuracy",
        "log loss",
        "lead over fixed weights",
        "95 % interval",
        "not better than",
    ];
    print_line(&report::table(&header, compared.iter().map(row).collect()))?;
    say("* in force. Figures are out of fold, each version's on the labels that it was fitted on.");
    Ok(Exit::Done)
}

fn one(registry: &Registry, active: &str, version: String, manifest: Manifest) -> Compared {
    let report = read_report(&registry.folder(&version));
    let found = report.and_then(|report| report.preferences);
    Compared {
        in_force: version == active,
        version,
        labels: manifest.fitted_on.as_ref().map(|fitted| fitted.rows),
        target: manifest.fitted_on.and_then(|fitted| fitted.target),
        accuracy: found.as_ref().map(|found| found.accuracy),
        log_loss: found.as_ref().map(|found| found.log_loss),
        lead_over_fixed_weights: found.as_ref().and_then(|found| Some(found.rivals.first()?.lead)),
        not_better_than: manifest.not_better_than,
    }
}

fn fixed(active: &str) -> Compared {
    Compared {
        version: FIXED.into(),
        in_force: active == FIXED,
        labels: None,
        target: None,
        accuracy: None,
        log_loss: None,
        lead_over_fixed_weights: None,
        not_better_than: vec![],
    }
}

/// A report that is missing or damaged shows nothing; `model check` says what is wrong with a version.
fn read_report(folder: &Path) -> Option<Report> {
    serde_json::from_slice(&std::fs::read(folder.join(REPORT)).ok()?).ok()
}

fn registry(settings: &Settings) -> Result<(String, Registry), Failure> {
    let prompts = settings.project().map(|project| project.join(PROMPTS_NAME));
    let panel = LoadedPanel::load(settings.panel(), prompts.as_deref())?.panel.name;
    let Some(root) = locate::aggregators(settings)? else {
        let message = "versions are kept beside the store, and the settings say `none`";
        return Err(Failure::refused(message, "`--store FILE` names one"));
    };
    let registry = Registry::open(&root, &panel);
    Ok((panel, registry))
}
