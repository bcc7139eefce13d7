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
use rewardctl_model::encoder::{Encoder, EncoderSettings};
use rewardctl_model::file::sha256_of_file;
use rewardctl_model::onnx::Runtime;

use crate::dataset::BuildSettings;
use crate::dataset::alike::Alike;
use crate::dataset::draft::{Drafting, Mark};
use crate::dataset::figures::{Figures, Summing, log_ratio};
use crate::dataset::manifest::{Counts, MadeBy, Manifest, ROWS};
use crate::dataset::paraphrase::{self, Paraphrases};
use crate::dataset::source::Survey;
use crate::error::Error;

/// Writes the rows into `folder` and returns what is known of them.
pub(super) fn finish(
    mut drafting: Drafting<'_>,
    settings: &BuildSettings,
    survey: &Survey,
    made_by: MadeBy,
    folder: &Path,
) -> Result<Manifest, Error> {
    let comparing = drafting.comparing.take().expect("the comparison ends here alone");
    let Alike { mut dropped, splits: parts } = comparing.finish(&drafting.marks, settings)?;
    balance(&drafting.marks, settings, &mut dropped);
    for reason in dropped.iter().flatten() {
        *drafting.withheld.entry(*reason).or_default() += 1;
    }
    let cap = margin_cap(&drafting.marks, &dropped, settings.recipe.models.margin_cap);
    let mut summing = Summing::new(settings.kind, survey.range, cap);
    let mut splits: BTreeMap<String, u64> = BTreeMap::new();
    let kept = drafting
        .drafts
        .rows()?
        .zip(drafting.marks.iter().zip(&parts).zip(&dropped))
        .filter(|(_, (_, gone))| gone.is_none());
    let rows = kept.map(|(draft, ((mark, part), _))| {
        let mut draft = draft?;
        draft.provenance.margin =
            draft.provenance.margin.map(|margin| cap.map_or(margin, |cap| margin.min(cap)));
        summing.add(mark, &draft.provenance);
        *splits.entry(part.name().into()).or_default() += 1;
        Ok((draft, *part))
    });
    let path = folder.join(ROWS);
    let rows = write_drafts(&path, rows)?;
    let (figures, good, bad) = summing.finish(&settings.recipe, &survey.pool, drafting.audit);
    let right_steps = drafting.steps.share();
    let paraphrases = paraphrases(&mut drafting, settings, &dropped)?;
    let figures = Figures { right_steps, paraphrases, ..figures };
    let measures = measures(settings.kind, (good, bad), &figures, rows, &drafting);
    let gates = gates(&measures, &settings.recipe);
    Ok(Manifest {
        format: 1,
        name: settings.name.clone(),
        kind: settings.kind,
        status: status(&gates),
        made_by,
        counts: Counts {
            items: survey.inputs.items.count,
            prompts: drafting.prompts,
            rows,
            good,
            bad,
            masked: drafting.screen.masked,
            splits,
        },
        inputs: survey.inputs.clone(),
        recipe: settings.recipe.clone(),
        withheld: drafting.withheld,
        pool: survey.pool,
        quality: quality(&measures, &settings.recipe),
        figures,
        gates,
        rows_sha256: if rows > 0 { sha256_of_file(&path)? } else { String::new() },
    })
}

/// Looks for prompts that say what a benchmark says, where the recipe asks for it.
fn paraphrases(
    drafting: &mut Drafting<'_>,
    settings: &BuildSettings,
    dropped: &[Option<Reason>],
) -> Result<Option<Paraphrases>, Error> {
    let above = settings.recipe.contamination.warn_cosine;
    let (Some((library, folder)), true) = (&settings.tools.encoder, above > 0.0) else { return Ok(None) };
    let runtime = Runtime::load(library)?;
    let mut encoder = Encoder::load(&runtime, folder, EncoderSettings { max_windows: 1 })?;
    let items = std::mem::take(&mut drafting.screen.items);
    let rows = drafting.drafts.rows()?;
    paraphrase::paraphrases(rows, dropped, &items, above, &mut |text| Ok(encoder.embed(text)?.vector))
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

fn measures(
    kind: Kind,
    (good, bad): (u64, u64),
    figures: &Figures,
    rows: u64,
    drafting: &Drafting<'_>,
) -> Measures {
    let repeated = |reason| drafting.withheld.get(&reason).copied().unwrap_or(0);
    let duplicates = repeated(Reason::Duplicate) + repeated(Reason::NearDuplicate);
    let steps = drafting.steps;
    let (positive, negative) = match kind {
        Kind::Dpo | Kind::Rm | Kind::Kto => (good, Some(bad)),
        Kind::Stepwise => (steps.hits, Some(steps.count - steps.hits)),
        Kind::Sft | Kind::Prompts | Kind::Rollouts => (good, None),
    };
    Measures {
        positive,
        negative,
        certainty: figures.certainty,
        length_auroc: figures.length.map(|length| length.auroc),
        distinct: (rows + duplicates > 0).then(|| rows as f64 / (rows + duplicates) as f64),
    }
}
