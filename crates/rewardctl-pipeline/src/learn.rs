//! From what people said to an aggregator: gathers what the critics said of responses, and the labels on them, then
//! fits, writes and keeps the result.

pub mod apply;
pub mod calibrate;
pub mod gather;
pub mod known;
pub mod ratings;
pub mod registry;
pub mod said;
pub mod verdict_files;

use std::fs;
use std::path::Path;

use rewardctl_core::panel::Panel;
use rewardctl_model::aggregator::write_fixed_weights;
use rewardctl_model::learn::evidence::Tried;
use rewardctl_model::learn::report::Report;
use rewardctl_model::learn::space::Signs;
use rewardctl_model::learn::sure::add_sureness;
use rewardctl_model::learn::write::{Provenance, write};
use rewardctl_model::learn::{LearnSettings, Learned, learn};

use crate::error::Error;
use crate::learn::calibrate::CALIBRATION;
use crate::learn::gather::Gathered;
use crate::learn::ratings::RATINGS;
use crate::learn::said::labels;

/// What learning is told.
#[derive(Debug, Clone)]
pub struct LearnOptions {
    /// Which signs the critics' weights may have.
    pub signs: Signs,
    /// The dimension whose ratings are the target; None for ratings of the response as a whole.
    pub target: Option<String>,
    /// Without labels, weights by the critics' agreement instead of the user's alone.
    pub label_free: bool,
    /// The seed of the folds.
    pub seed: u64,
}

/// Fits what was gathered; None where there are no labels on responses that some critic scored, and the fixed weights stand.
pub fn fit(gathered: &Gathered, options: &LearnOptions) -> Result<Option<Learned>, Error> {
    let said = labels(gathered, options.target.as_deref())?;
    let labels = said.judged(&gathered.observed);
    if labels.is_empty() && !options.label_free {
        return Ok(None);
    }
    let fit = |signs, tried| {
        let settings = LearnSettings { signs, tried, seed: options.seed };
        learn(&gathered.panel, &gathered.observed, &labels, settings)
    };
    let mut learned = fit(options.signs, Tried::All)?;
    if options.signs == Signs::NonNegative && !labels.is_empty() {
        // Where it is far more accurate, some critics are better inverted, or left out.
        let free = fit(Signs::Free, Tried::Sureness)?;
        add_sureness(&mut learned, &free);
        learned.report.free_signs_accuracy = free.report.preferences.map(|found| found.accuracy);
    }
    if labels.len() < said.len() {
        let unjudged = said.len() - labels.len();
        learned
            .report
            .warnings
            .push(format!("labels left out, on responses that no critic scored: {unjudged}"));
    }
    Ok(Some(learned))
}

/// Writes the model into `folder`: the fitted one, or the panel's fixed weights. What was promised of another model there is
/// gone before.
pub fn save(
    learned: Option<&Learned>,
    panel: &Panel,
    folder: &Path,
    provenance: &Provenance,
) -> Result<(), Error> {
    for promise in [CALIBRATION, RATINGS] {
        let path = folder.join(promise);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(rewardctl_model::error::Error::WriteFile { path, source }.into());
            }
            _ => {}
        }
    }
    match learned {
        Some(learned) => Ok(write(learned, folder, provenance)?),
        None => {
            fs::create_dir_all(folder)
                .map_err(|source| rewardctl_model::error::Error::WriteFile { path: folder.into(), source })?;
            Ok(write_fixed_weights(folder, panel)?)
        }
    }
}

/// Tells whether a fit may take the place of another without being asked to: it is better than every simple rival, and
/// its lead over the fixed weights is more than chance.
pub fn is_better(report: &Report) -> bool {
    let Some(found) = &report.preferences else { return false };
    let fixed = found.rivals.first();
    let leads = fixed.is_some_and(|rival| rival.lead.interval.is_some_and(|(low, _)| low > 0.0));
    leads && report.not_better_than.is_empty()
}
