//! What keeps a row out of a dataset, whatever its reward: empty and repeated texts, personal data and secrets, what
//! evaluations ask. Rows that are alike without being the same are known only once all rows are: `alike.rs`.

use std::hash::{DefaultHasher, Hash, Hasher};

use rewardctl_core::dataset::Example;
use rewardctl_core::dataset::reason::Reason;
use rewardctl_core::dataset::recipe::Recipe;
use rewardctl_core::dataset::recipe::screening::PersonalData;
use rewardctl_core::item::Message;
use rewardctl_data::contamination::Index;
use rewardctl_data::near::sameness::sameness;
use rewardctl_pii::finding::Certainty;
use rewardctl_pii::mask::{Masker, Operator};
use rewardctl_pii::scanner::{Options, Scanner};

use crate::dataset::BuildSettings;
use crate::dataset::alike::texts;
use crate::dataset::error::Error as DatasetError;
use crate::dataset::rows::Selected;
use crate::dataset::source::Counted;
use crate::duplicates::benchmark;
use crate::error::Error;

/// What keeps rows out.
pub(super) struct Screen {
    /// Finds personal data; None where these may stay.
    scanner: Option<Scanner>,
    /// What takes the place of personal data; None where rows with them are left out.
    mask: Option<Operator<'static>>,
    benchmark: Option<Index>,
    /// The items of the benchmarks, where their embeddings are asked for.
    pub items: Vec<String>,
}

/// What is found of a row by itself.
pub(super) struct Look {
    /// Whether personal data were masked.
    pub masked: bool,
    /// A hash that is the same for texts that differ in spaces and marks alone; or why the row does not belong into a dataset.
    pub print: Result<u64, Reason>,
}

impl Screen {
    /// Makes ready for a build, unless it lacks what it asks for.
    pub(super) fn of(settings: &BuildSettings, benchmarks: &mut Counted) -> Result<Self, Error> {
        let rule = &settings.recipe.contamination;
        if rule.warn_cosine > 0.0 && rule.benchmarks.is_empty() {
            return Err(DatasetError::NoBenchmark.into());
        }
        if rule.warn_cosine > 0.0 && settings.tools.encoder.is_none() {
            return Err(DatasetError::NoEncoder.into());
        }
        Self::new(&settings.recipe, benchmarks)
    }

    /// Items of benchmarks are counted as they are read.
    fn new(recipe: &Recipe, benchmarks: &mut Counted) -> Result<Self, Error> {
        let rule = &recipe.privacy;
        let options = Options { names: rule.names, ..Options::default() };
        let mut items = vec![];
        let benchmark = benchmark::index(&recipe.contamination, &mut |text| {
            benchmarks.add(&[text.as_bytes()]);
            if recipe.contamination.warn_cosine > 0.0 {
                items.push(text.to_owned());
            }
        })?;
        let looks = rule.personal_data != PersonalData::Allow;
        Ok(Self {
            scanner: looks.then(|| Scanner::new(options)),
            mask: match rule.personal_data {
                PersonalData::Placeholder => Some(Operator::Placeholder),
                PersonalData::KeepFormat => Some(Operator::KeepFormat),
                PersonalData::Withhold | PersonalData::Allow => None,
            },
            benchmark,
            items,
        })
    }

    /// Looks at a row, and masks in it what is to be masked.
    pub(super) fn look(&self, row: &mut Selected) -> Look {
        let masked = match self.mask_personal_data(row) {
            Ok(masked) => masked,
            Err(reason) => return Look { masked: false, print: Err(reason) },
        };
        let refused = refuse_hollow(&row.example).err();
        let refused = refused.or_else(|| self.is_asked_by_a_benchmark(row).then_some(Reason::Contaminated));
        Look { masked, print: refused.map_or_else(|| Ok(print(row)), Err) }
    }

    /// Tells whether anything was masked.
    fn mask_personal_data(&self, row: &mut Selected) -> Result<bool, Reason> {
        let Some(scanner) = &self.scanner else { return Ok(false) };
        let named = row.provenance.generators.iter().flatten().map(String::as_str);
        let mut all = shown(&row.prompt, &row.example).into_iter().chain(named);
        if !all.any(|text| tells_of_somebody(scanner, text)) {
            return Ok(false);
        }
        let mut masker = Masker::new(self.mask.ok_or(Reason::PersonalData)?);
        let turns = row.prompt.iter_mut().map(|turn| &mut turn.content);
        let named = row.provenance.generators.iter_mut().flatten();
        let mut all: Vec<&mut String> = turns.chain(texts_mut(&mut row.example)).chain(named).collect();
        all.iter().for_each(|text| masker.reserve(text));
        for text in &mut all {
            let findings = scanner.scan(text);
            **text = masker.mask(text, &findings);
        }
        Ok(true)
    }

    fn is_asked_by_a_benchmark(&self, row: &Selected) -> bool {
        let Some(benchmark) = &self.benchmark else { return false };
        let all = shown(&row.prompt, &row.example);
        // An item may be cut over question and answer, or be one of them.
        !benchmark.hits(&all.join("\n")).is_empty() || all.iter().any(|text| !benchmark.hits(text).is_empty())
    }
}

fn print(row: &Selected) -> u64 {
    let mut hasher = DefaultHasher::new();
    std::mem::discriminant(&row.example).hash(&mut hasher);
    let turns = row.prompt.iter().flat_map(|turn| [turn.role.as_str(), turn.content.as_str()]);
    let mut bytes = vec![];
    for text in turns.chain(texts(&row.example)) {
        bytes.clear();
        bytes.extend_from_slice(text.as_bytes());
        bytes.retain(is_bare);
        bytes.hash(&mut hasher);
    }
    hasher.finish()
}

/// Every text of a row: turns, answers, and the reference.
pub(super) fn shown<'r>(prompt: &'r [Message], example: &'r Example) -> Vec<&'r str> {
    let reference = match example {
        Example::Prompt { reference } => reference.as_deref(),
        _ => None,
    };
    prompt.iter().map(|turn| turn.content.as_str()).chain(texts(example)).chain(reference).collect()
}

fn refuse_hollow(example: &Example) -> Result<(), Reason> {
    if texts(example).iter().any(|text| text.trim().is_empty()) {
        return Err(Reason::Empty);
    }
    let Example::Preference { chosen, rejected } = example else { return Ok(()) };
    if bare(chosen).eq(bare(rejected)) {
        return Err(Reason::SameText);
    }
    match sameness(chosen, rejected) {
        Some(_) => Err(Reason::NearlySameText),
        None => Ok(()),
    }
}

/// What is only possible, such as a private IP address, tells of nobody.
pub(crate) fn tells_of_somebody(scanner: &Scanner, text: &str) -> bool {
    scanner.scan(text).iter().any(|finding| finding.certainty > Certainty::Possible)
}

fn texts_mut(example: &mut Example) -> Vec<&mut String> {
    match example {
        Example::Preference { chosen, rejected } => vec![chosen, rejected],
        Example::Unpaired { completion, .. }
        | Example::Demonstration { completion }
        | Example::Rollout { completion, .. } => vec![completion],
        Example::Prompt { reference } => reference.iter_mut().collect(),
        Example::Steps { completions, .. } => completions.iter_mut().collect(),
    }
}

/// The bytes of a text without spaces and the marks of Markdown.
fn bare(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(is_bare)
}

fn is_bare(byte: &u8) -> bool {
    !matches!(byte, b' ' | b'\t'..=b'\r' | b'*' | b'_' | b'#' | b'`' | b'>' | b'~')
}

#[cfg(test)]
mod tests {
    use rewardctl_core::dataset::{Provenance, Vouch};
    use rewardctl_core::id::ContentId;

    use super::*;

    fn pair(chosen: &str, rejected: &str) -> Example {
        Example::Preference { chosen: chosen.into(), rejected: rejected.into() }
    }

    fn screen(change: impl FnOnce(&mut Recipe)) -> Screen {
        let mut recipe = Recipe::default();
        change(&mut recipe);
        Screen::new(&recipe, &mut Counted::nothing()).unwrap()
    }

    fn asking(prompt: &str, example: Example) -> Selected {
        let item = ContentId::of("t", [prompt.as_bytes()]);
        let provenance = Provenance {
            item,
            responses: vec![item, item],
            generators: vec![None, None],
            source: Vouch::Model,
            annotators: 0,
            probability: None,
            margin: None,
            strength: None,
            weight: 1.0,
            rewards: vec![None, None],
        };
        Selected { prompt: vec![Message::user(prompt)], example, provenance, good: true }
    }

    fn refused(screen: &Screen, prompt: &str, example: Example) -> Option<Reason> {
        screen.look(&mut asking(prompt, example)).print.err()
    }

    #[test]
    fn empty_and_same_texts_are_refused() {
        let screen = screen(|_| ());
        let check = |chosen: &str, rejected: &str| refused(&screen, "2+2?", pair(chosen, rejected));
        assert_eq!(check("4", " \n"), Some(Reason::Empty));
        assert_eq!(check("**four** ", "four"), Some(Reason::SameText));
        let nearly = "It is four, as anybody can count on their fingers";
        assert_eq!(check(nearly, &format!("{nearly}!")), Some(Reason::NearlySameText));
        assert_eq!(check("four", "five"), None);
    }

    #[test]
    fn prints_pass_over_spaces_and_marks() {
        let print = |chosen: &str, rejected: &str| {
            screen(|_| ()).look(&mut asking("2+2?", pair(chosen, rejected))).print.unwrap()
        };
        assert_eq!(print("four", "five"), print("four", "_five_"));
        assert_ne!(print("four", "five"), print("five", "four"));
    }

    #[test]
    fn personal_data_stay_out_are_masked_or_stay() {
        let looked = |personal_data| {
            let told = pair("Ask jane.doe@acme.org.", "Anybody, but never jane.doe@acme.org.");
            let mut row = asking("Whom do I ask?", told);
            let look = screen(|recipe| recipe.privacy.personal_data = personal_data).look(&mut row);
            (look.print.err(), look.masked, row.example)
        };
        assert_eq!(looked(PersonalData::Withhold).0, Some(Reason::PersonalData));
        let masked = pair("Ask <EMAIL_1>.", "Anybody, but never <EMAIL_1>.");
        assert_eq!(looked(PersonalData::Placeholder), (None, true, masked));
        assert_eq!(looked(PersonalData::Allow).0, None);
        let reference = Example::Prompt { reference: Some("jane.doe@acme.org".into()) };
        assert_eq!(refused(&screen(|_| ()), "Who knows it?", reference), Some(Reason::PersonalData));
        let plain = pair("Ask at the desk.", "I do not know.");
        assert_eq!(refused(&screen(|_| ()), "Whom do I ask?", plain), None);
    }

    #[test]
    fn a_person_who_wrote_an_answer_is_personal_data_too() {
        let wrote = |personal_data| {
            let mut row = asking("Who knows it?", pair("I do.", "Nobody at all."));
            row.provenance.generators[0] = Some("jane.doe@acme.org".into());
            let look = screen(|recipe| recipe.privacy.personal_data = personal_data).look(&mut row);
            (look.print.err(), row.provenance.generators.remove(0).unwrap())
        };
        assert_eq!(wrote(PersonalData::Withhold).0, Some(Reason::PersonalData));
        assert_eq!(wrote(PersonalData::Placeholder), (None, "<EMAIL_1>".into()));
        assert_eq!(wrote(PersonalData::Allow), (None, "jane.doe@acme.org".into()));
    }

    #[test]
    fn what_a_benchmark_asks_stays_out() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("benchmark.jsonl");
        std::fs::write(
            &file,
            "{\"question\":\"How many moons of Jupiter did Galileo see in the year 1610?\"}\n",
        )
        .unwrap();
        let screen =
            screen(|recipe| recipe.contamination.benchmarks = vec![file.to_string_lossy().into_owned()]);
        let asked = "Tell me: how many moons of Jupiter did Galileo see in the year 1610?";
        assert_eq!(refused(&screen, asked, pair("four", "six")), Some(Reason::Contaminated));
        assert_eq!(refused(&screen, "How many moons has Saturn?", pair("many", "six")), None);
    }
}
