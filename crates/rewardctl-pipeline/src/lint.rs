//! Judges files of training data, with what needs a model: token counts.
//!
//! Comparisons of whole datasets that need more than hashes join as listeners of the same pass, [`Listeners::rows`] and
//! [`Listeners::end`], so that files are read once.

use rewardctl_data::lint::pass::{LintFile, LintSettings, Listeners};
use rewardctl_data::lint::report::Report;
use rewardctl_model::tokens::Tokens;

use crate::error::Error;
use crate::ingest::InputFile;

/// Judges the files; with a tokenizer, the tokens of rows are counted.
pub fn lint(files: &[InputFile], settings: &LintSettings, tokens: Option<&Tokens>) -> Result<Report, Error> {
    let files: Vec<LintFile> = files.iter().map(lint_file).collect();
    let mut failed = None;
    let mut count = |text: &str| match tokens.map_or(Ok(0), |tokens| tokens.count(text)) {
        Ok(count) => count,
        Err(error) => {
            failed.get_or_insert(error);
            0
        }
    };
    let mut listeners = Listeners::default();
    if tokens.is_some() {
        listeners.tokens = Some(&mut count);
    }
    let report = rewardctl_data::lint::pass::lint(&files, settings, &mut listeners)?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(report),
    }
}

/// Returns the file as the checks name it.
pub fn lint_file(file: &InputFile) -> LintFile {
    LintFile { path: file.path.clone(), label: file.label.clone() }
}
