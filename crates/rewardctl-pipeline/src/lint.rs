//! Judges files of training data, with what needs a model (token counts) and what compares whole datasets (rows that are
//! alike, items of benchmarks), in one pass over the files.

use std::cell::RefCell;

use rewardctl_core::dataset::recipe::screening::ContaminationRule;
use rewardctl_data::lint::check::dataset::D08;
use rewardctl_data::lint::finding::Place;
use rewardctl_data::lint::parts::Parts;
use rewardctl_data::lint::pass::{LintFile, LintSettings, Listeners};
use rewardctl_data::lint::report::Report;
use rewardctl_data::near::Settings as Near;
use rewardctl_model::tokens::Tokens;

use crate::duplicates::benchmark;
use crate::error::Error;
use crate::ingest::InputFile;
use crate::lint::alike::Alike;

mod alike;
mod contamination;

/// What is compared beside what the checks of a row see.
#[derive(Debug)]
pub struct Comparisons<'a> {
    /// Counts the tokens of rows; None counts none.
    pub tokens: Option<&'a Tokens>,
    /// How rows that are alike are looked for.
    pub near: Near,
    /// The benchmarks that no row may hold an item of.
    pub contamination: ContaminationRule,
}

/// Judges the files.
pub fn lint(
    files: &[InputFile],
    settings: &LintSettings,
    comparisons: &Comparisons<'_>,
) -> Result<Report, Error> {
    let benchmark = benchmark::index(&comparisons.contamination, &mut |_| ())?;
    let files: Vec<LintFile> = files.iter().map(lint_file).collect();
    let labels: Vec<String> = files.iter().map(|file| file.label.clone()).collect();
    let mut failed: Option<Error> = None;
    let mut uncounted: Option<Error> = None;
    let mut count = |text: &str| match comparisons.tokens.map_or(Ok(0), |tokens| tokens.count(text)) {
        Ok(count) => count,
        Err(error) => {
            uncounted.get_or_insert(error.into());
            0
        }
    };
    let start = || Alike::start(&comparisons.near, settings.compared_rows);
    let alike = RefCell::new(settings.selection.wants(&D08).then(start));
    let mut rows = |place: &Place, parts: &Parts| {
        if let Some(alike) = alike.borrow_mut().as_mut() {
            alike.read(place, parts);
        }
        benchmark.iter().filter_map(|index| contamination::remark(index, parts)).collect()
    };
    let mut end = || match alike.take().map_or(Ok(vec![]), |alike| alike.finish(&labels)) {
        Ok(remarks) => remarks,
        Err(error) => {
            failed = Some(error);
            vec![]
        }
    };
    let mut listeners = Listeners { tokens: None, rows: Some(&mut rows), end: Some(&mut end) };
    if comparisons.tokens.is_some() {
        listeners.tokens = Some(&mut count);
    }
    let report = rewardctl_data::lint::pass::lint(&files, settings, &mut listeners)?;
    failed.or(uncounted).map_or(Ok(report), Err)
}

/// Returns the file as the checks name it.
pub fn lint_file(file: &InputFile) -> LintFile {
    LintFile { path: file.path.clone(), label: file.label.clone() }
}
