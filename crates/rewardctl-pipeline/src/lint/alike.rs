//! Rows that are alike without being the same, found while the files are linted: D08.
//!
//! As in datasets, two rows are alike when their prompts are and their answers are; turns of the system are passed over.
//! Texts go to threads of their own as they are read, so that files are read once.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use rewardctl_data::lint::check::dataset::D08;
use rewardctl_data::lint::finding::Place;
use rewardctl_data::lint::parts::{Parts, Said};
use rewardctl_data::lint::pass::Remark;
use rewardctl_data::near::numbers::numbers;
use rewardctl_data::near::{Components, Settings, components};

use crate::error::Error;

/// Texts on their way to a comparison; enough that neither side waits for the other.
const WAITING: usize = 256;

/// The rows seen so far, on their way to be compared.
pub(super) struct Alike<'scope> {
    prompts: Comparison<'scope>,
    answers: Comparison<'scope>,
    rows: Vec<Seen>,
    contents: HashSet<u64>,
    most: usize,
}

/// Where a row stands.
struct Seen {
    place: Place,
    /// Whether an earlier row has the same texts, which is another finding.
    is_copy: bool,
    /// Of prompt and answers: texts that differ in a number are not alike.
    numbers: u64,
}

/// A comparison of texts in a thread of its own.
struct Comparison<'scope> {
    texts: SyncSender<String>,
    found: ScopedJoinHandle<'scope, Result<Components, Error>>,
}

impl<'scope> Comparison<'scope> {
    fn start(scope: &'scope Scope<'scope, '_>, near: &Settings) -> Self {
        let (texts, read) = sync_channel::<String>(WAITING);
        let near = near.clone();
        let found = scope.spawn(move || components(read.into_iter().map(Ok::<_, Error>), &near));
        Self { texts, found }
    }

    fn finish(self) -> Result<Components, Error> {
        drop(self.texts);
        self.found.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl<'scope> Alike<'scope> {
    /// Starts; at most `most` rows are compared.
    pub(super) fn start(scope: &'scope Scope<'scope, '_>, near: &Settings, most: usize) -> Self {
        let start = || Comparison::start(scope, near);
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
        let numbers = numbers(&format!("{prompt}\n{answers}"));
        self.rows.push(Seen { place: place.clone(), is_copy, numbers });
        // A comparison that failed has hung up; the error is its result.
        let _ = self.prompts.texts.send(prompt);
        let _ = self.answers.texts.send(answers);
    }

    /// Returns a remark on every row that is alike to an earlier one; `labels` are the names of the files.
    pub(super) fn finish(self, labels: &[String]) -> Result<Vec<(Place, Remark)>, Error> {
        let (prompts, answers) = (self.prompts.finish()?, self.answers.finish()?);
        let mut first = HashMap::new();
        let mut remarks = vec![];
        for (row, seen) in self.rows.iter().enumerate() {
            let earlier = *first.entry((prompts.of(row), answers.of(row), seen.numbers)).or_insert(row);
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
