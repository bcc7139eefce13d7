//! What comes twice, over all rows and files: D06, D07, S12; and what the repeated comparisons say: D10 to D12.
//!
//! Prompts and answers are kept as 64-bit hashes, of so many rows as the settings allow; what comes after is counted.

mod preferences;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;

use serde_json::Value;

use crate::json::Fields;
use crate::lint::check::dataset::{D06, D07};
use crate::lint::check::silent::S12;
use crate::lint::finding::{Findings, Place};
use crate::lint::layout::{Layout, Shape};
use crate::lint::parts::{Parts, Said, Side};
use crate::lint::text::fingerprint;

pub use self::preferences::Repeated;
use self::preferences::{Preference, Preferences};

/// What was seen so far.
#[derive(Debug)]
pub(crate) struct Seen {
    most: usize,
    left_out: u64,
    prompts: HashMap<u64, FirstPrompt>,
    rows: HashMap<u64, Place>,
    preferences: Preferences,
}

/// A part of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Train,
    Validation,
    Test,
}

#[derive(Debug)]
struct FirstPrompt {
    place: Place,
    part: Part,
}

impl Seen {
    /// Starts with nothing; `most` rows will be kept.
    pub(crate) fn new(most: usize) -> Self {
        let preferences = Preferences::default();
        Self { most, left_out: 0, prompts: HashMap::new(), rows: HashMap::new(), preferences }
    }

    /// Takes in a row.
    pub(crate) fn read(&mut self, row: &Sight<'_>, files: &[String], findings: &mut Findings) {
        if row.layout.shape == Shape::Unknown {
            return;
        }
        if self.rows.len() >= self.most {
            self.left_out += 1;
            return;
        }
        let prompt = row.parts.prompt.as_ref().filter(|prompt| !prompt.is_empty()).map(said);
        let is_twice = self.row(row, prompt, files, findings);
        let Some(prompt) = prompt else { return };
        self.prompt(row, prompt, is_twice, files, findings);
        if let (Some(chosen), Some(rejected)) =
            (row.parts.answer(Side::Chosen), row.parts.answer(Side::Rejected))
        {
            let (won, lost) = (said(chosen), said(rejected));
            self.preferences.add(Preference { prompt, won, lost, place: row.place.clone() });
        }
    }

    /// Says what the preferences contradict.
    pub(crate) fn report(&mut self, files: &[String], findings: &mut Findings) {
        self.preferences.report(files, findings);
    }

    /// Returns how many different prompts there are.
    pub(crate) fn prompts(&self) -> u64 {
        self.prompts.len() as u64
    }

    /// Returns how many rows were not compared with others.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Returns what repeated comparisons say; None where nothing was compared twice.
    pub(crate) fn repeated(&self) -> Option<Repeated> {
        self.preferences.repeated()
    }

    /// Tells whether the whole row was there before.
    fn row(
        &mut self,
        row: &Sight<'_>,
        prompt: Option<u64>,
        files: &[String],
        findings: &mut Findings,
    ) -> bool {
        let label = row.layout.label.as_ref().and_then(|column| row.fields.get(column));
        let answers: Vec<String> =
            row.parts.answers.iter().map(|(_, answer)| said(answer).to_string()).collect();
        let whole = format!("{prompt:?} {} {}", answers.join(" "), label.unwrap_or(&Value::Null));
        match self.rows.entry(fingerprint(&whole)) {
            Entry::Vacant(entry) => {
                entry.insert(row.place.clone());
                false
            }
            Entry::Occupied(entry) => {
                findings.add(&D06, None, format!("the same as {}", entry.get().name(row.place, files)));
                true
            }
        }
    }

    fn prompt(
        &mut self,
        row: &Sight<'_>,
        prompt: u64,
        is_twice: bool,
        files: &[String],
        findings: &mut Findings,
    ) {
        let first = match self.prompts.entry(prompt) {
            Entry::Vacant(entry) => {
                entry.insert(FirstPrompt { place: row.place.clone(), part: row.part });
                return;
            }
            Entry::Occupied(entry) => entry.into_mut(),
        };
        let field = row.parts.prompt.as_ref().map(|prompt| prompt.field.clone());
        let place = first.place.name(row.place, files);
        if first.part != row.part {
            findings.add(&S12, field, format!("the {} part has it in {place}", first.part.name()));
        } else if !is_twice && matches!(row.layout.shape, Shape::Demonstration | Shape::Prompt | Shape::Chat)
        {
            findings.add(&D07, field, format!("also in {place}"));
        }
    }
}

/// A row, as it is compared with others.
pub(crate) struct Sight<'a> {
    pub fields: &'a Fields,
    pub layout: &'a Layout,
    pub parts: &'a Parts,
    pub place: &'a Place,
    pub part: Part,
}

impl Part {
    /// Tells the part of a row: its own column says, else the name of its file, else it is for training.
    pub(crate) fn of(row: &Fields, file: &Path) -> Self {
        let named = row.get("split").and_then(Value::as_str).and_then(Self::of_word);
        named.or_else(|| Self::of_file(file)).unwrap_or(Part::Train)
    }

    fn of_file(file: &Path) -> Option<Self> {
        let name = file.file_name()?.to_string_lossy().to_lowercase();
        name.split(|c: char| !c.is_ascii_alphabetic()).find_map(Self::of_word)
    }

    fn of_word(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "train" | "training" => Some(Part::Train),
            "valid" | "validation" | "val" | "dev" => Some(Part::Validation),
            "test" | "testing" | "eval" | "evaluation" => Some(Part::Test),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Part::Train => "training",
            Part::Validation => "validation",
            Part::Test => "test",
        }
    }
}

impl Place {
    /// Names the place, as seen from `other`.
    pub fn name(&self, other: &Place, files: &[String]) -> String {
        match self.file == other.file {
            true => format!("line {}", self.line),
            false => {
                let file = files.get(self.file as usize).map_or("another file", String::as_str);
                format!("{file}:{}", self.line)
            }
        }
    }
}

/// Returns a hash of what is said, whatever column and shape it stands in.
fn said(said: &Said) -> u64 {
    let texts: Vec<&str> = said.turns.iter().map(|turn| turn.text.as_str()).collect();
    fingerprint(&texts.join("\n"))
}
