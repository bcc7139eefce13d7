//! Evens rows out once all are known, writes them, and sums them up.

use std::collections::BTreeMap;
use std::path::Path;

use rewardctl_core::dataset::Kind;
use rewardctl_core::dataset::balance::{Lengths, drop_for_labels, drop_for_length};
use rewardctl_core::dataset::pool::quantile;
use rewardctl_core::dataset::quality::{Measures, gates, quality, status};
use rewardctl_core::dataset::reason::Reason;
use rewardctl_core::dataset::recipe::KtoBalance;
use rewardctl_data::dataset_file::write_drafts;
use rewardctl_data::drafts::DraftRows;
use rewardctl_model::encoder::{Encoder, EncoderSettings};
use rewardctl_model::file::sha256_of_file;
use rewardctl_model::onnx::Runtime;

use crate::ahead::ahead;
use crate::dataset::BuildSettings;
use crate::dataset::alike::Alike;
use crate::dataset::draft::Drafting;
use crate::dataset::error::Error as DatasetError;
use crate::dataset::figures::{Sum, Summing, log_ratio};
use crate::dataset::manifest::{Counts, MadeBy, Manifest, ROWS};
use crate::dataset::paraphrase::{self, Paraphrases};
use crate::dataset::rows::{Gathered, Mark};
use crate::dataset::source::Survey;
use crate::error::Error;

/// Writes the rows into `folder` and returns what is known of them.
pub(super) fn finish(
    drafting: Drafting<'_>,
    settings: &BuildSettings,
    survey: &Survey,
    made_by: MadeBy,
    folder: &Path,
) -> Result<Manifest, Error> {
    let Drafting { rows, audit, .. } = drafting;
    let (Gathered { mut drafts, marks, mut withheld, masked }, screen, comparing) = rows.finish()?;
    let Alike { mut dropped, splits: parts } = comparing.finish(&marks, settings)?;
    balance(&marks, settings, &mut dropped);
    for reason in dropped.iter().flatten() {
        *withheld.entry(*reason).or_default() += 1;
    }
    let cap = margin_cap(&marks, &dropped, settings.recipe.models.margin_cap);
    let mut summing = Summing::new(settings.kind, survey.range, cap);
    let (mut counts, mut last) = (Counts::default(), None);
    let kept = ahead(drafts.rows()?).zip(marks.iter().zip(&parts).zip(&dropped));
    let rows = kept.filter(|(_, (_, gone))| gone.is_none()).map(|(draft, ((mark, part), _))| {
        let mut draft = draft?;
        draft.provenance.margin =
            draft.provenance.margin.map(|margin| cap.map_or(margin, |cap| margin.min(cap)));
        summing.add(mark, &draft.provenance);
        // Rows of one prompt come one after the other.
        counts.prompts += u64::from(last.replace(draft.provenance.item) != Some(draft.provenance.item));
        *counts.splits.entry(part.name().into()).or_default() += 1;
        Ok((draft, *part))
    });
    let path = folder.join(ROWS);
    counts.rows = write_drafts(&path, rows)?;
    let mut sum = summing.finish(&settings.recipe, &survey.pool, audit);
    sum.figures.paraphrases = paraphrases(drafts.rows()?, &dropped, &screen.items, settings)?;
    let measures = measures(settings.kind, &sum, counts.rows, &withheld);
    let gates = gates(&measures, &settings.recipe);
    let rows_sha256 = if counts.rows > 0 { sha256_of_file(&path)? } else { String::new() };
    Ok(Manifest {
        format: 1,
        name: settings.name.clone(),
        kind: settings.kind,
        status: status(&gates),
        made_by,
        counts: Counts { items: survey.inputs.items.count, good: sum.good, bad: sum.bad, masked, ..counts },
        inputs: survey.inputs.clone(),
        recipe: settings.recipe.clone(),
        withheld,
        pool: survey.pool,
        quality: quality(&measures, &settings.recipe),
        figures: sum.figures,
        gates,
        rows_sha256,
    })
}

/// Looks for prompts that say what a benchmark says, where the recipe asks for it.
fn paraphrases(
    rows: DraftRows,
    dropped: &[Option<Reason>],
    items: &[String],
    settings: &BuildSettings,
) -> Result<Option<Paraphrases>, Error> {
    let above = settings.recipe.contamination.warn_cosine;
    if above <= 0.0 {
        return Ok(None);
    }
    let Some((library, folder)) = &settings.tools.encoder else { return Err(DatasetError::NoEncoder.into()) };
    let runtime = Runtime::load(library)?;
    let mut encoder = Encoder::load(&runtime, folder, EncoderSettings { max_windows: 1 })?;
    paraphrase::paraphrases(rows, dropped, items, above, &mut |text| Ok(encoder.embed(text)?.vector))
        .map(Some)
}

fn balance(marks: &[Mark], settings: &BuildSettings, dropped: &mut [Option<Reason>]) {
    let left: Vec<usize> = (0..marks.len()).filter(|at| dropped[*at].is_none()).collect();
    let (gone, reason) = match settings.kind {
        Kind::Dpo | Kind::Rm if settings.recipe.balance.length => {
            let pair = |at: &usize| Lengths {
                delta: log_ratio(&marks[*at]).unwrap_or(0.0) as f32,
                confidence: marks[*at].confidence,
            };
            (drop_for_length(&left.iter().map(pair).collect::<Vec<_>>()), Reason::LengthBalance)
        }
        Kind::Kto if settings.recipe.kto.balance == KtoBalance::Drop => {
            let row = |at: &usize| (marks[*at].good, marks[*at].confidence);
            (drop_for_labels(&left.iter().map(row).collect::<Vec<_>>()), Reason::LabelBalance)
        }
        _ => return,
    };
    left.iter().zip(gone).filter(|(_, gone)| *gone).for_each(|(at, _)| dropped[*at] = Some(reason));
}

fn margin_cap(marks: &[Mark], dropped: &[Option<Reason>], share: f64) -> Option<f64> {
    let kept = marks.iter().zip(dropped).filter(|(_, gone)| gone.is_none());
    let mut margins: Vec<f64> = kept.filter_map(|(mark, _)| mark.margin).collect();
    quantile(&mut margins, share)
}

fn measures(kind: Kind, sum: &Sum, rows: u64, withheld: &BTreeMap<Reason, u64>) -> Measures {
    let repeated = |reason| withheld.get(&reason).copied().unwrap_or(0);
    let duplicates = repeated(Reason::Duplicate) + repeated(Reason::NearDuplicate);
    let Sum { figures, good, bad, steps } = sum;
    let (positive, negative) = match kind {
        Kind::Dpo | Kind::Rm | Kind::Kto => (*good, Some(*bad)),
        Kind::Stepwise => (steps.hits, Some(steps.count - steps.hits)),
        Kind::Sft | Kind::Prompts | Kind::Rollouts => (*good, None),
    };
    Measures {
        positive,
        negative,
        certainty: figures.certainty,
        length_auroc: figures.length.map(|length| length.auroc),
        distinct: (rows + duplicates > 0).then(|| rows as f64 / (rows + duplicates) as f64),
    }
}
