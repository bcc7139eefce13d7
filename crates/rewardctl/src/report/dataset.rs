//! Datasets, as people read them.

use rewardctl_core::dataset::quality::Status;
use rewardctl_pipeline::dataset::Built;
use rewardctl_pipeline::dataset::estimate::Estimate;
use rewardctl_pipeline::dataset::manifest::Manifest;
use rewardctl_pipeline::dataset::rebuild::Rebuilt;

use crate::commands::dataset::Line;
use crate::report::{counted, table};
use crate::show::printable;

/// Returns what a build came to.
pub fn built(built: &Built) -> String {
    let manifest = &built.manifest;
    let (name, version) = (&manifest.name, built.version);
    let rows = counted(manifest.counts.rows, "row");
    let prompts = counted(manifest.counts.prompts, "prompt");
    let mut text = match built.unchanged {
        true => format!("unchanged: {name}@{version} is what this would be again, {rows} of {prompts}"),
        false => format!("built {name}@{version}: {rows} of {prompts}, in {}", built.folder.display()),
    };
    text += &format!("\n  {}, quality {:.2}", status(manifest.status), manifest.quality.score);
    for gate in manifest.gates.iter().filter(|gate| !gate.met) {
        let found = gate.found.map_or("unknown".into(), |found| format!("{found:.3}"));
        let found = found.trim_end_matches('0').trim_end_matches('.').to_owned();
        text += &format!("\n  gate not met: {} {}, found {found}", gate.name, gate.needed);
    }
    text += &figures(manifest);
    text + &withheld(manifest)
}

fn figures(manifest: &Manifest) -> String {
    let mut text = String::new();
    let figures = &manifest.figures;
    let sources: Vec<String> =
        figures.sources.iter().map(|(vouch, rows)| format!("{rows} {}", name(vouch))).collect();
    text += &format!("\n  vouched for by: {}", sources.join(", "));
    if let Some(accuracy) = figures.expected_accuracy {
        let (low, high) = accuracy.interval;
        text += &format!(
            "\n  expected accuracy of the models' rows {:.3} [{low:.3}, {high:.3}], label_smoothing {:.3}",
            accuracy.mean,
            figures.label_smoothing.unwrap_or(0.0)
        );
    }
    if let Some(length) = figures.length {
        let warn =
            if length.auroc > manifest.recipe.balance.warn { ": `--set balance.length=true`" } else { "" };
        text += &format!("\n  AUROC of length {:.3}{warn}", length.auroc);
    }
    if let Some(weights) = figures.weights {
        text += &format!(
            "\n  desirable_weight {:.3}, undesirable_weight {:.3}",
            weights.desirable, weights.undesirable
        );
    }
    if let Some(white) = figures.whitening {
        let (mean, sd, clip) = (white.mean, white.sd, white.clip);
        text += &format!("\n  whiten rewards by mean {mean:.4}, deviation {sd:.4}, clip {clip}");
    }
    text
}

fn name(vouch: &rewardctl_core::dataset::Vouch) -> &'static str {
    use rewardctl_core::dataset::Vouch;
    match vouch {
        Vouch::Adjudicated => "an adjudicator",
        Vouch::Majority => "a majority",
        Vouch::Single => "one person",
        Vouch::Model => "the models",
        Vouch::Implicit => "what users did",
    }
}

fn withheld(manifest: &Manifest) -> String {
    let reasons: Vec<String> =
        manifest.withheld.iter().map(|(reason, count)| format!("{count} {}", reason.words())).collect();
    if reasons.is_empty() { String::new() } else { format!("\n  held back: {}", reasons.join(", ")) }
}

/// Says that there is no row, and why.
pub fn nothing(manifest: &Manifest) -> String {
    let items = counted(manifest.counts.items, "prompt");
    format!("no row of {items}, so no version of `{}` was made{}", manifest.name, withheld(manifest))
}

/// Names a status.
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Draft => "draft",
        Status::Ready => "ready",
        Status::Archived => "archived",
    }
}

/// Returns the versions as a table.
pub fn list(lines: &[Line]) -> String {
    let row = |line: &Line| {
        vec![
            printable(&line.name, 40),
            line.version.to_string(),
            line.kind.to_owned(),
            status(line.status).to_owned(),
            line.rows.to_string(),
            line.people_share.map_or("–".into(), |share| format!("{:.1} %", share * 100.0)),
            format!("{:.2}", line.quality),
        ]
    };
    let header = ["dataset", "version", "type", "status", "rows", "by people", "quality"];
    table(&header, lines.iter().map(row).collect())
}

/// Returns what the labels take.
pub fn estimate(estimate: &Estimate) -> String {
    let unpriced = match estimate.unpriced_calls {
        0 => String::new(),
        calls => format!(", and {} that nobody knows the price of", counted(calls, "call")),
    };
    let fewer = estimate.times_fewer.map_or(String::new(), |times| format!(", {times:.1} times fewer"));
    format!(
        "spent ${:.4} on calls{unpriced}, and {:.0} s of machine time\n\
         people: {} of {} go to them, {:.0} minutes at {} s a label ({} still waiting)\n\
         by hand: every response, {:.0} minutes{fewer} with the queue",
        estimate.spent_usd,
        estimate.machine_seconds,
        estimate.to_people,
        counted(estimate.responses, "response"),
        estimate.people_minutes,
        estimate.seconds_per_label,
        estimate.waiting,
        estimate.by_hand_minutes,
    )
}

/// Says whether a version came out the same again.
pub fn rebuilt(name: &str, version: u32, rebuilt: &Rebuilt) -> String {
    if rebuilt.differing.is_empty() {
        return format!("{name}@{version} comes out the same, byte for byte");
    }
    let mut text = format!("{name}@{version} comes out differently: {}", rebuilt.differing.join(", "));
    for change in &rebuilt.changes {
        text += &format!("\n  changed since: {change}");
    }
    text
}
