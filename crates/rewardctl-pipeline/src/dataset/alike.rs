//! Rows that are alike, compared while they are made: which of them are left out, and which must lie in the same part.
//!
//! Two rows are alike when their prompts are and their answers are: a short answer alone says nothing, and a long prompt
//! with other answers is another row. Numbers are content: texts that differ in one are not alike. System turns are passed
//! over, since most rows share them.

use std::collections::HashMap;
use std::path::Path;

use rewardctl_core::dataset::reason::Reason;
use rewardctl_core::dataset::recipe::screening::Alike as Rule;
use rewardctl_core::dataset::split::{Shares, assign};
use rewardctl_core::dataset::{Example, Split};
use rewardctl_core::id::ContentId;
use rewardctl_core::item::Message;
use rewardctl_data::near::Settings as Near;

use crate::dataset::BuildSettings;
use crate::dataset::rows::Mark;
use crate::duplicates::running::{Comparison, Groups, Numbered};
use crate::error::Error;

/// The rows on their way to be compared, as they are made.
pub(super) struct Comparing {
    prompts: Comparison,
    answers: Option<Comparison>,
    ids: Vec<ContentId>,
}

/// What of a row is compared.
pub(super) struct Compared {
    id: ContentId,
    prompt: Numbered,
    answers: Numbered,
}

/// What is known of each row once all are.
pub(super) struct Alike {
    /// Why it is left out.
    pub dropped: Vec<Option<Reason>>,
    /// The part that it lies in.
    pub splits: Vec<Split>,
}

impl Comparing {
    /// Starts; temporary files lie in `folder`.
    pub(super) fn start(settings: &BuildSettings, folder: &Path) -> Self {
        let near = Near {
            threshold: settings.recipe.duplicates.threshold,
            seed: settings.seed,
            threads: settings.tools.threads,
            all_pairs: false,
            folder: folder.into(),
        };
        let withholds = settings.recipe.duplicates.rows == Rule::Withhold;
        Self {
            prompts: Comparison::start(&near),
            answers: withholds.then(|| Comparison::start(&near)),
            ids: vec![],
        }
    }

    /// Takes in the next row.
    pub(super) fn add(&mut self, row: Compared) {
        self.ids.push(row.id);
        self.prompts.send(row.prompt);
        if let Some(answers) = &mut self.answers {
            answers.send(row.answers);
        }
    }

    /// Returns what became of each row.
    pub(super) fn finish(self, marks: &[Mark], settings: &BuildSettings) -> Result<Alike, Error> {
        let prompts = self.prompts.finish()?;
        let answers = self.answers.map(Comparison::finish).transpose()?;
        let dropped = answers.map(|answers| less_sure(marks, &prompts, &answers));
        let shares = &settings.recipe.split;
        let shares =
            Shares::new(shares.validation, shares.test).expect("recipes are checked when they are read");
        Ok(Alike {
            dropped: dropped.unwrap_or_else(|| vec![None; marks.len()]),
            splits: assign(&names(&prompts), &self.ids, shares, settings.seed),
        })
    }
}

impl Compared {
    pub(super) fn of(prompt: &[Message], example: &Example) -> Self {
        let turns = prompt.iter().flat_map(|turn| [turn.role.as_bytes(), turn.content.as_bytes()]);
        Self {
            id: ContentId::of("prompt", turns),
            prompt: Numbered::of(asked(prompt)),
            answers: Numbered::of(texts(example).join("\n")),
        }
    }
}

/// Returns the group of each prompt: the first row of it.
fn names(prompts: &Groups) -> Vec<usize> {
    let mut first = HashMap::new();
    (0..prompts.texts()).map(|row| *first.entry(prompts.of(row)).or_insert(row)).collect()
}

/// Returns the reason for each row that has a surer one alike to it; of rows as sure, the first stays.
fn less_sure(marks: &[Mark], prompts: &Groups, answers: &Groups) -> Vec<Option<Reason>> {
    let group = |row| (prompts.of(row), answers.of(row));
    let mut surest = HashMap::new();
    for (row, mark) in marks.iter().enumerate() {
        let kept = surest.entry(group(row)).or_insert(row);
        if mark.confidence > marks[*kept].confidence {
            *kept = row;
        }
    }
    let reason = |row| (surest[&group(row)] != row).then_some(Reason::NearDuplicate);
    (0..marks.len()).map(reason).collect()
}

fn asked(prompt: &[Message]) -> String {
    let turns = prompt.iter().filter(|turn| turn.role != "system");
    turns.map(|turn| turn.content.as_str()).collect::<Vec<_>>().join("\n")
}

/// The answers of a row.
pub(super) fn texts(example: &Example) -> Vec<&str> {
    match example {
        Example::Preference { chosen, rejected } => vec![chosen, rejected],
        Example::Unpaired { completion, .. }
        | Example::Demonstration { completion }
        | Example::Rollout { completion, .. } => vec![completion],
        Example::Prompt { .. } => vec![],
        Example::Steps { completions, .. } => completions.iter().map(String::as_str).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rewardctl_core::dataset::Vouch;
    use rewardctl_core::proportion::Proportion;

    fn mark(confidence: f32) -> Mark {
        let steps = Proportion::default();
        Mark { vouch: Vouch::Model, good: true, confidence, margin: None, steps, style: [None, None] }
    }

    fn groups(texts: &[&str]) -> Groups {
        let folder = tempfile::tempdir().unwrap();
        let near =
            Near { threshold: 0.8, seed: 0, threads: 1, all_pairs: false, folder: folder.path().into() };
        let mut comparison = Comparison::start(&near);
        texts.iter().for_each(|text| comparison.send(Numbered::of(text.to_string())));
        comparison.finish().unwrap()
    }

    #[test]
    fn of_rows_alike_the_surest_stays() {
        let long = "Sea levels rise because water grows warmer and glaciers melt, and both go on for centuries on end.";
        let prompts = groups(&[
            "Why do seas rise?",
            "Why do seas rise?",
            "Why do seas rise?",
            "What is ice?",
            "What is ice?",
        ]);
        let other_number = long.replace("centuries", "2 centuries");
        let answers = groups(&[long, &format!("{long} Yes."), "Because it is warmer.", long, &other_number]);
        let marks = [1.1, 1.4, 1.0, 1.0, 1.0].map(mark);
        let dropped = less_sure(&marks, &prompts, &answers);
        assert_eq!(dropped, [Some(Reason::NearDuplicate), None, None, None, None]);
    }
}
