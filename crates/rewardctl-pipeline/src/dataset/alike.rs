//! Rows that are alike, once all are known: which of them are left out, and which must lie in the same part.
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
use rewardctl_data::drafts::{Draft, Drafts};
use rewardctl_data::near::numbers::numbers;
use rewardctl_data::near::{Components, Settings as Near, components};

use crate::dataset::BuildSettings;
use crate::dataset::draft::Mark;
use crate::error::Error;

/// What is known of each row once all are.
pub(super) struct Alike {
    /// Why it is left out.
    pub dropped: Vec<Option<Reason>>,
    /// The part that it lies in.
    pub splits: Vec<Split>,
}

/// Which of the rows' texts are alike: those of one component that also have the same numbers.
struct Groups {
    components: Components,
    numbers: Vec<u64>,
}

/// Compares the rows; temporary files lie in `folder`.
pub(super) fn alike(
    drafts: &mut Drafts,
    marks: &[Mark],
    settings: &BuildSettings,
    folder: &Path,
) -> Result<Alike, Error> {
    let near = Near {
        threshold: settings.recipe.duplicates.threshold,
        seed: settings.seed,
        threads: settings.tools.threads,
        all_pairs: false,
        folder: folder.into(),
    };
    let mut ids = Vec::with_capacity(marks.len());
    let prompts = Groups::of(drafts, &near, |prompt, _| {
        let turns = prompt.iter().flat_map(|turn| [turn.role.as_bytes(), turn.content.as_bytes()]);
        ids.push(ContentId::of("prompt", turns));
        asked(prompt)
    })?;
    let dropped = match settings.recipe.duplicates.rows {
        Rule::Withhold => {
            let answers = Groups::of(drafts, &near, |_, example| texts(example).join("\n"))?;
            less_sure(marks, &prompts, &answers)
        }
        Rule::Allow => vec![None; marks.len()],
    };
    let shares = &settings.recipe.split;
    let shares = Shares::new(shares.validation, shares.test).expect("recipes are checked when they are read");
    Ok(Alike { dropped, splits: assign(&prompts.names(), &ids, shares, settings.seed) })
}

impl Groups {
    /// Finds which rows have texts that are alike; `text` says which text of a row counts.
    fn of(
        drafts: &mut Drafts,
        near: &Near,
        mut text: impl FnMut(&[Message], &Example) -> String,
    ) -> Result<Self, Error> {
        let mut seen = vec![];
        let read = |draft: Result<Draft, _>| {
            let texts = Draft::texts(&draft?)?;
            let text = text(&texts.prompt, &texts.example);
            seen.push(numbers(&text));
            Ok::<_, Error>(text)
        };
        let components = components(drafts.rows()?.map(read), near)?;
        Ok(Self { components, numbers: seen })
    }

    fn of_row(&self, row: usize) -> (usize, u64) {
        (self.components.of(row), self.numbers[row])
    }

    /// Returns the group of each row: the first row of it.
    fn names(&self) -> Vec<usize> {
        let mut first = HashMap::new();
        (0..self.numbers.len()).map(|row| *first.entry(self.of_row(row)).or_insert(row)).collect()
    }
}

/// Returns the reason for each row that has a surer one alike to it; of rows as sure, the first stays.
fn less_sure(marks: &[Mark], prompts: &Groups, answers: &Groups) -> Vec<Option<Reason>> {
    let group = |row| (prompts.of_row(row), answers.of_row(row));
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

    fn mark(confidence: f32) -> Mark {
        Mark { vouch: Vouch::Model, good: true, confidence, margin: None, style: [None, None] }
    }

    fn groups(texts: &[&str]) -> Groups {
        let folder = tempfile::tempdir().unwrap();
        let near =
            Near { threshold: 0.8, seed: 0, threads: 1, all_pairs: false, folder: folder.path().into() };
        let components = components(texts.iter().map(|text| Ok::<_, Error>(*text)), &near).unwrap();
        Groups { components, numbers: texts.iter().map(|text| numbers(text)).collect() }
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
