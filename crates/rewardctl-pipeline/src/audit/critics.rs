//! `audit critics`: the whole panel judges every response, then each critic is measured.

use rewardctl_core::route::Limit;

use crate::answer::Answer;
use crate::audit::figures::{CriticsReport, Models, report};
use crate::audit::gather::Gathered;
use crate::error::Error;
use crate::ingest::{Checked, InputFile};
use crate::label;
use crate::pass::{Emit, Run};
use crate::score::{ScoreSettings, Surroundings};
use crate::summary::Summary;

/// Where labels come from, beside what the rows call `chosen` and `rejected` and the labels of the store.
#[derive(Debug, Clone)]
pub struct LabelSources {
    /// Fields of a row that may hold a rating or a winner; the first that is there counts.
    pub fields: Vec<String>,
    /// A label file, imported into the store.
    pub file: Option<InputFile>,
}

/// Judges the checked inputs and measures each critic. Every LLM critic is asked about every response, whatever the
/// cascade says: figures of the uncertain responses alone would tell little of the others. Verdicts are kept, rewards
/// and routes are not.
pub async fn critics(
    checked: Checked,
    mut settings: ScoreSettings,
    sources: LabelSources,
    mut around: Surroundings<'_>,
) -> Result<CriticsReport, Error> {
    // A typing error in the labels must not come to light after calls were paid.
    sources.file.as_ref().map(label::read).transpose()?;
    settings.panel.asking.max_uncertainty = None;
    let relatives = around.asker.as_ref().map_or(vec![], |asker| asker.relatives());
    let models: Models = relatives.into_iter().map(|critic| (critic.slot, critic.model)).collect();
    let mut gathered = Gathered::new(sources.fields);
    let mut listener = |answer: &Answer<'_>| gathered.add(answer);
    let mut run = Run::begin(&checked, &settings, &around).await?;
    let summary = Summary::new(&settings.panel.panel, 0, vec![]);
    let mut emit = Emit { writer: None, summary, listener: Some(&mut listener) };
    run.pass(&checked, Some(Limit::Never), &mut emit, &mut around).await?;
    let now = (around.now)();
    around.store.finish_run(run.id, &now).await?;
    if let Some(file) = &sources.file {
        label::import(around.store, file, &now).await?;
    }
    gathered.add_labels(&around.store.labels().await?);
    gathered.prefer_by_ratings();
    let inputs = checked.inputs.iter().map(|input| input.describe()).collect();
    let found = report(&settings.panel.panel, &gathered, &models, settings.routing.seed);
    Ok(CriticsReport { inputs, ..found })
}
