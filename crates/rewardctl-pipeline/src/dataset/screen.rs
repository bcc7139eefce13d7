//! What keeps a row out of a dataset, whatever its reward: empty and repeated texts, personal data and secrets, what
//! evaluations ask. Rows that are alike without being the same are known only once all rows are: `alike.rs`.

use std::borrow::Cow;
use std::collections::HashSet;
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
use crate::dataset::source::Counted;
use crate::duplicates::benchmark;
use crate::error::Error;

/// A prompt and what is taught with it, as they may go into a dataset.
type Admitted<'a> = (Cow<'a, [Message]>, Example);

/// The models that wrote the answers; what a dataset says of them leaves with it.
type Generators = [Option<String>];

/// Remembers the rows that were made, by a hash of their texts.
pub(super) struct Screen {
    seen: HashSet<u64>,
    bare: Vec<u8>,
    /// Finds personal data; None where these may stay.
    scanner: Option<Scanner>,
    /// What takes the place of personal data; None where rows with them are left out.
    mask: Option<Operator<'static>>,
    benchmark: Option<Index>,
    /// The items of the benchmarks, where their embeddings are asked for.
    pub items: Vec<String>,
    /// Rows of which personal data were masked.
    pub masked: u64,
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
            seen: HashSet::new(),
            bare: vec![],
            scanner: looks.then(|| Scanner::new(options)),
            mask: match rule.personal_data {
                PersonalData::Placeholder => Some(Operator::Placeholder),
                PersonalData::KeepFormat => Some(Operator::KeepFormat),
                PersonalData::Withhold | PersonalData::Allow => None,
            },
            benchmark,
            items,
            masked: 0,
        })
    }

    /// Returns the row as it may go into a dataset, or why it does not belong there. Names of generators are masked in their
    /// place.
    pub(super) fn admit<'a>(
        &mut self,
        prompt: Cow<'a, [Message]>,
        example: Example,
        generators: &mut Generators,
    ) -> Result<Admitted<'a>, Reason> {
        let (prompt, example) = self.without_personal_data(prompt, example, generators)?;
        refuse_hollow(&example)?;
        if self.is_asked_by_a_benchmark(&prompt, &example) {
            return Err(Reason::Contaminated);
        }
        let print = self.print(&prompt, &example);
        if self.seen.insert(print) { Ok((prompt, example)) } else { Err(Reason::Duplicate) }
    }

    fn without_personal_data<'a>(
        &mut self,
        prompt: Cow<'a, [Message]>,
        example: Example,
        generators: &mut Generators,
    ) -> Result<Admitted<'a>, Reason> {
        let Some(scanner) = &self.scanner else { return Ok((prompt, example)) };
        let named = generators.iter().flatten().map(String::as_str);
        if !shown(&prompt, &example).into_iter().chain(named).any(|text| tells_of_somebody(scanner, text)) {
            return Ok((prompt, example));
        }
        let Some(operator) = self.mask else { return Err(Reason::PersonalData) };
        self.masked += 1;
        let (mut prompt, mut example) = (prompt.into_owned(), example);
        let mut masker = Masker::new(operator);
        let turns = prompt.iter_mut().map(|turn| &mut turn.content);
        let named = generators.iter_mut().flatten();
        let mut all: Vec<&mut String> = turns.chain(texts_mut(&mut example)).chain(named).collect();
        all.iter().for_each(|text| masker.reserve(text));
        for text in &mut all {
            let findings = scanner.scan(text);
            **text = masker.mask(text, &findings);
        }
        Ok((prompt.into(), example))
    }

    fn is_asked_by_a_benchmark(&self, prompt: &[Message], example: &Example) -> bool {
        let Some(benchmark) = &self.benchmark else { return false };
        let all = shown(prompt, example);
        // An item may be cut over question and answer, or be one of them.
        !benchmark.hits(&all.join("\n")).is_empty() || all.iter().any(|text| !benchmark.hits(text).is_empty())
    }

    /// Returns a hash that is the same for texts that differ in spaces and marks alone.
    fn print(&mut self, prompt: &[Message], example: &Example) -> u64 {
        let mut hasher = DefaultHasher::new();
        std::mem::discriminant(example).hash(&mut hasher);
        let turns = prompt.iter().flat_map(|turn| [turn.role.as_str(), turn.content.as_str()]);
        for text in turns.chain(texts(example)) {
            self.bare.clear();
            self.bare.extend(bare(text));
            self.bare.hash(&mut hasher);
        }
        hasher.finish()
    }
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
    text.bytes()
        .filter(|byte| !matches!(byte, b' ' | b'\t'..=b'\r' | b'*' | b'_' | b'#' | b'`' | b'>' | b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(chosen: &str, rejected: &str) -> Example {
        Example::Preference { chosen: chosen.into(), rejected: rejected.into() }
    }

    fn screen(change: impl FnOnce(&mut Recipe)) -> Screen {
        let mut recipe = Recipe::default();
        change(&mut recipe);
        Screen::new(&recipe, &mut Counted::nothing()).unwrap()
    }

    fn refused(screen: &mut Screen, prompt: &str, example: Example) -> Option<Reason> {
        screen.admit(Cow::Owned(vec![Message::user(prompt)]), example, &mut []).err()
    }

    #[test]
    fn empty_same_and_repeated_texts_are_refused() {
        let mut screen = screen(|_| ());
        let mut check = |chosen: &str, rejected: &str| refused(&mut screen, "2+2?", pair(chosen, rejected));
        assert_eq!(check("4", " \n"), Some(Reason::Empty));
        assert_eq!(check("**four** ", "four"), Some(Reason::SameText));
        let nearly = "It is four, as anybody can count on their fingers";
        assert_eq!(check(nearly, &format!("{nearly}!")), Some(Reason::NearlySameText));
        assert_eq!(check("four", "five"), None);
        assert_eq!(check("four", "_five_"), Some(Reason::Duplicate));
        assert_eq!(check("five", "four"), None);
    }

    #[test]
    fn personal_data_stay_out_are_masked_or_stay() {
        let admitted = |personal_data| {
            let prompt = vec![Message::user("Whom do I ask?")];
            let told = pair("Ask jane.doe@acme.org.", "Anybody, but never jane.doe@acme.org.");
            let mut screen = screen(|recipe| recipe.privacy.personal_data = personal_data);
            screen.admit(Cow::Owned(prompt), told, &mut [])
        };
        assert_eq!(admitted(PersonalData::Withhold).err(), Some(Reason::PersonalData));
        let (_, masked) = admitted(PersonalData::Placeholder).unwrap();
        assert_eq!(masked, pair("Ask <EMAIL_1>.", "Anybody, but never <EMAIL_1>."));
        assert!(admitted(PersonalData::Allow).is_ok());
        let asked = vec![Message::user("Who knows it?")];
        let reference = Example::Prompt { reference: Some("jane.doe@acme.org".into()) };
        assert_eq!(screen(|_| ()).admit(asked.into(), reference, &mut []).err(), Some(Reason::PersonalData));
        let plain = pair("Ask at the desk.", "I do not know.");
        assert_eq!(refused(&mut screen(|_| ()), "Whom do I ask?", plain), None);
    }

    #[test]
    fn a_person_who_wrote_an_answer_is_personal_data_too() {
        let wrote = |personal_data| {
            let mut generators = [Some("jane.doe@acme.org".to_owned()), None];
            let mut screen = screen(|recipe| recipe.privacy.personal_data = personal_data);
            let asked = Cow::Owned(vec![Message::user("Who knows it?")]);
            let admitted = screen.admit(asked, pair("I do.", "Nobody at all."), &mut generators).map(|_| ());
            (admitted, generators[0].clone().unwrap())
        };
        assert_eq!(wrote(PersonalData::Withhold).0, Err(Reason::PersonalData));
        assert_eq!(wrote(PersonalData::Placeholder), (Ok(()), "<EMAIL_1>".into()));
        assert_eq!(wrote(PersonalData::Allow), (Ok(()), "jane.doe@acme.org".into()));
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
        let mut screen =
            screen(|recipe| recipe.contamination.benchmarks = vec![file.to_string_lossy().into_owned()]);
        let asked = "Tell me: how many moons of Jupiter did Galileo see in the year 1610?";
        assert_eq!(refused(&mut screen, asked, pair("four", "six")), Some(Reason::Contaminated));
        assert_eq!(refused(&mut screen, "How many moons has Saturn?", pair("many", "six")), None);
    }
}
