//! Writes a fitted aggregator as a model: graph, manifest, report and card.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::aggregator::{fitted, fitted_signature};
use crate::error::Error;
use crate::file;
use crate::learn::Learned;
use crate::learn::report::{Figure, Preferences, Report};
use crate::manifest::{FittedOn, Kind, Manifest, ModelFile, Role};

/// The names of the files in the folder, beside the manifest.
const ONNX: &str = "model.onnx";
/// What the fit is worth, in full precision.
pub const REPORT: &str = "report.json";
/// Fingerprints of the prompts that labels are known of, one a line.
pub const LABELLED: &str = "labelled.txt";
const CARD: &str = "README.md";

/// What the fit itself does not know.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// Distinguishes models of one panel.
    pub version: String,
    /// Where the labels come from, by name.
    pub sources: Vec<String>,
    /// Per source of verdicts, what its verdicts depended on; empty where that is not known.
    pub fingerprints: BTreeMap<String, String>,
    /// The dimension whose ratings were the target; None for responses as a whole.
    pub target: Option<String>,
    /// Whether labels of pairs that were drawn for calibration were left out.
    pub held_back: bool,
    /// Fingerprints of the prompts that labels are known of.
    pub labelled: Vec<String>,
    /// The command that makes the model again.
    pub command: String,
}

/// Writes `learned` into `folder`, which is made if need be. The manifest comes last: until it is there, the hashes of
/// an older one refuse the new files.
pub fn write(learned: &Learned, folder: &Path, provenance: &Provenance) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|source| Error::WriteFile { path: folder.into(), source })?;
    let onnx = fitted(&learned.model);
    file::write(&folder.join(ONNX), &onnx)?;
    let name = &learned.model.space.panel.name;
    let mut report = serde_json::to_vec_pretty(&learned.report)
        .map_err(|source| Error::FormatReport { model: name.clone(), source })?;
    report.push(b'\n');
    file::write(&folder.join(REPORT), &report)?;
    let labelled: String = provenance.labelled.iter().map(|prompt| format!("{prompt}\n")).collect();
    file::write(&folder.join(LABELLED), labelled.as_bytes())?;
    file::write(&folder.join(CARD), card(learned, provenance).as_bytes())?;
    manifest(learned, &onnx, provenance).write(folder)
}

fn manifest(learned: &Learned, onnx: &[u8], provenance: &Provenance) -> Manifest {
    let panel = &learned.model.space.panel;
    let signature = fitted_signature(&learned.model);
    let report = &learned.report;
    Manifest {
        kind: Kind::Aggregator,
        name: panel.name.clone(),
        version: provenance.version.clone(),
        licence: env!("CARGO_PKG_LICENSE").into(),
        dimensions: panel.dimensions.iter().map(|dimension| dimension.name.clone()).collect(),
        critics: panel.slots.iter().map(|slot| slot.critic.clone()).collect(),
        requires: None,
        fitted_on: Some(FittedOn {
            sources: provenance.sources.clone(),
            rows: (report.pairs + report.ratings) as u64,
            target: provenance.target.clone(),
            held_back: provenance.held_back,
        }),
        fingerprints: provenance.fingerprints.clone(),
        not_better_than: report.not_better_than.clone(),
        figures: figures(report),
        files: vec![ModelFile { path: ONNX.into(), role: Role::Onnx, sha256: file::sha256_hex(onnx) }],
        inputs: signature.inputs,
        outputs: signature.outputs,
    }
}

fn figures(report: &Report) -> BTreeMap<String, f64> {
    let mut figures = BTreeMap::from([("temperature".to_owned(), report.temperature)]);
    let mut put = |name: String, value: f64| figures.insert(name, round(value));
    if let Some(found) = &report.preferences {
        put("out-of-fold accuracy".into(), found.accuracy.mean);
        put("out-of-fold log loss".into(), found.log_loss.mean);
        found.ece.map(|ece| put("out-of-fold calibration error".into(), ece));
        for rival in &found.rivals {
            put(format!("out-of-fold accuracy, {}", rival.name), rival.accuracy.mean);
        }
    }
    if let Some(found) = &report.rating_figures {
        put("out-of-fold rating error".into(), found.rmse);
        put("out-of-fold rating error, annotator only".into(), found.rmse_annotator_only);
    }
    figures
}

fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

fn card(learned: &Learned, provenance: &Provenance) -> String {
    let Learned { model, report, .. } = learned;
    let mut card = format!("# {} {}\n\n", model.space.panel.name, provenance.version);
    let lines = [
        "An aggregator of critics, fitted with `rewardctl learn`: scores of the panel in, one reward with its uncertainty out.".into(),
        format!(
            "Fitted on {} comparisons and {} ratings by {} people on {} of {} prompts ({} responses).",
            report.pairs, report.ratings, report.annotators.len(), report.labelled_prompts, report.prompts, report.responses
        ),
        String::new(),
        "```sh".into(),
        provenance.command.clone(),
        "```".into(),
        String::new(),
    ];
    card.push_str(&lines.join("\n"));
    for warning in &report.warnings {
        // Writing to a string cannot fail.
        let _ = writeln!(card, "**Note**: {warning}.");
    }
    if let Some(found) = &report.preferences {
        card.push_str(&preferences(found));
    }
    card.push_str("\n## Weights\n\nIn units of utility for one standard deviation within prompts.\n\n| feature | weight | deviation |\n|---|---|---|\n");
    for weight in &report.weights {
        let _ = writeln!(card, "| {} | {:.3} | {:.3} |", weight.feature, weight.weight, weight.deviation);
    }
    card
}

fn preferences(found: &Preferences) -> String {
    let mut table = String::from(
        "\n## Figures\n\nOut of fold: every prompt is predicted by a fit that never saw it. `report.json` holds them unrounded.\n\n\
         | | accuracy | log loss | lead of this model |\n|---|---|---|---|\n",
    );
    let _ = writeln!(table, "| this model | {} | {} | |", shown(&found.accuracy), shown(&found.log_loss));
    for rival in &found.rivals {
        let figures = [&rival.accuracy, &rival.log_loss, &rival.lead].map(shown);
        let _ = writeln!(table, "| {} | {} |", rival.name, figures.join(" | "));
    }
    table
}

fn shown(figure: &Figure) -> String {
    match figure.interval {
        Some((low, high)) => format!("{:.3} ({low:.3} to {high:.3})", figure.mean),
        None => format!("{:.3}", figure.mean),
    }
}
