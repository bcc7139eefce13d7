//! Rows that are alike without being the same, found while the files are linted: D08.
//!
//! As in datasets, two rows are alike when their prompts are and their answers are; turns of the system are passed over.
//! Texts go to threads of their own as they are read, so that files are read once.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use rewardctl_data::lint::check::dataset::D08;
use rewardctl_data::lint::finding::Place;
use rewardctl_data::lint::parts::{Parts, Said};
use rewardctl_data::lint::pass::Remark;
use rewardctl_data::near::Settings;

use crate::duplicates::running::{Comparison, Numbered};
use crate::error::Error;

/// The rows seen so far, on their way to be compared.
pub(super) struct Alike {
    prompts: Comparison,
    answers: Comparison,
    rows: Vec<Seen>,
    contents: HashSet<u64>,
    most: usize,
}

/// Where a row stands.
struct Seen {
    place: Place,
    /// Whether an earlier row has the same texts, which is another finding.
    is_copy: bool,
}

impl Alike {
    /// Starts; at most `most` rows are compared.
    pub(super) fn start(near: &Settings, most: usize) -> Self {
        let start = || Comparison::start(near);
        Self { prompts: start(), answers: start(), rows: vec![], contents: HashSet::new(), most }
    }

    /// Takes in a row.
    pub(super) fn read(&mut self, place: &Place, parts: &Parts) {
        let prompt = parts.prompt.as_ref().map_or(String::new(), said);
        let answers: Vec<String> = parts.answers.iter().map(|(_, answer)| said(answer)).collect();
        let answers = answers.join("\n");
        if self.rows.len() >= self.most || (prompt.is_empty() && answers.is_empty()) {
            return;
        }
        let mut hasher = DefaultHasher::new();
        (&prompt, &answers).hash(&mut hasher);
        let is_copy = !self.contents.insert(hasher.finish());
        self.rows.push(Seen { place: place.clone(), is_copy });
        self.prompts.send(Numbered::of(prompt));
        self.answers.send(Numbered::of(answers));
    }

    /// Returns a remark on every row that is alike to an earlier one; `labels` are the names of the files.
    pub(super) fn finish(self, labels: &[String]) -> Result<Vec<(Place, Remark)>, Error> {
        let (prompts, answers) = (self.prompts.finish()?, self.answers.finish()?);
        let mut first = HashMap::new();
        let mut remarks = vec![];
        for (row, seen) in self.rows.iter().enumerate() {
            let earlier = *first.entry((prompts.of(row), answers.of(row))).or_insert(row);
            if earlier != row && !seen.is_copy {
                let place = self.rows[earlier].place.name(&seen.place, labels);
                let message = format!("nearly the same as {place}");
                remarks.push((seen.place.clone(), Remark { check: &D08, field: None, message }));
            }
        }
        Ok(remarks)
    }
}

fn said(said: &Said) -> String {
    let turns = said.turns.iter().filter(|turn| turn.role != "system");
    turns.map(|turn| turn.text.as_str()).collect::<Vec<_>>().join("\n")
}
