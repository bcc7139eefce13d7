//! What keeps a row out of a dataset, whatever its reward: empty and repeated texts, personal data and secrets.
//!
//! Rows that are alike without being the same and contamination belong here too: one function for a row as it
//! is made ([`Screen::refuses`]), one for all rows once they are known ([`alike`]), and one that says which part of the
//! dataset a prompt lies in ([`split_of`]).

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use rewardctl_core::dataset::reason::Reason;
use rewardctl_core::dataset::recipe::{PersonalData, PrivacyRule, SplitRule};
use rewardctl_core::dataset::{Example, Split};
use rewardctl_core::id::ContentId;
use rewardctl_core::item::Message;
use rewardctl_core::random;
use rewardctl_data::drafts::Drafts;
use rewardctl_pii::finding::Certainty;
use rewardctl_pii::scanner::{Options, Scanner};

use crate::error::Error;

/// Remembers the rows that were made, by a hash of their texts.
#[derive(Default)]
pub(super) struct Screen {
    seen: HashSet<u64>,
    bare: Vec<u8>,
    /// Finds personal data; None where these may stay.
    scanner: Option<Scanner>,
}

impl Screen {
    pub(super) fn new(rule: &PrivacyRule) -> Self {
        let looks = rule.personal_data == PersonalData::Withhold;
        Self { scanner: looks.then(|| Scanner::new(Options::default())), ..Self::default() }
    }

    /// Says why a row does not belong into a dataset; None if it does.
    pub(super) fn refuses(&mut self, prompt: &[Message], example: &Example) -> Option<Reason> {
        let texts = texts(example);
        if texts.iter().any(|text| text.trim().is_empty()) {
            return Some(Reason::Empty);
        }
        if let Example::Preference { chosen, rejected } = example
            && same(chosen, rejected)
        {
            return Some(Reason::SameText);
        }
        let turns = prompt.iter().map(|turn| turn.content.as_str());
        if turns.chain(texts.iter().copied()).any(|text| self.tells_of_somebody(text)) {
            return Some(Reason::PersonalData);
        }
        let print = self.print(prompt, &texts, example);
        (!self.seen.insert(print)).then_some(Reason::Duplicate)
    }

    /// What is only possible, such as a private IP address, tells of nobody.
    fn tells_of_somebody(&self, text: &str) -> bool {
        let Some(scanner) = &self.scanner else { return false };
        scanner.scan(text).iter().any(|finding| finding.certainty > Certainty::Possible)
    }

    /// Returns a hash that is the same for texts that differ in spaces and marks alone.
    fn print(&mut self, prompt: &[Message], texts: &[&str], example: &Example) -> u64 {
        let mut hasher = DefaultHasher::new();
        std::mem::discriminant(example).hash(&mut hasher);
        let turns = prompt.iter().flat_map(|turn| [turn.role.as_str(), turn.content.as_str()]);
        for text in turns.chain(texts.iter().copied()) {
            self.bare.clear();
            self.bare.extend(bare(text));
            self.bare.hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// Returns, for each row, why it is left out once all are known; the seam for rows that are alike.
pub(super) fn alike(_drafts: &mut Drafts, rows: usize) -> Result<Vec<Option<Reason>>, Error> {
    Ok(vec![None; rows])
}

/// Returns the part of the dataset that a prompt lies in; the same prompt always lies in the same part.
pub(super) fn split_of(prompt: &[Message], rule: &SplitRule, seed: u64) -> Split {
    let turns = prompt.iter().flat_map(|turn| [turn.role.as_bytes(), turn.content.as_bytes()]);
    let draw = random::unit(seed, "split", ContentId::of("prompt", turns));
    match draw {
        draw if draw < rule.test => Split::Test,
        draw if draw < rule.test + rule.validation => Split::Validation,
        _ => Split::Train,
    }
}

fn texts(example: &Example) -> Vec<&str> {
    match example {
        Example::Preference { chosen, rejected } => vec![chosen, rejected],
        Example::Unpaired { completion, .. }
        | Example::Demonstration { completion }
        | Example::Rollout { completion, .. } => vec![completion],
        Example::Prompt { .. } => vec![],
        Example::Steps { completions, .. } => completions.iter().map(String::as_str).collect(),
    }
}

fn same(a: &str, b: &str) -> bool {
    bare(a).eq(bare(b))
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

    #[test]
    fn empty_same_and_repeated_texts_are_refused() {
        let prompt = [Message::user("2+2?")];
        let mut screen = Screen::default();
        let mut refused = |example: &Example| screen.refuses(&prompt, example);
        assert_eq!(refused(&pair("4", " \n")), Some(Reason::Empty));
        assert_eq!(refused(&pair("**four** ", "four")), Some(Reason::SameText));
        assert_eq!(refused(&pair("four", "five")), None);
        assert_eq!(refused(&pair("four", "_five_")), Some(Reason::Duplicate));
        assert_eq!(refused(&pair("five", "four")), None);
    }

    #[test]
    fn personal_data_stay_out_unless_told_otherwise() {
        let prompt = [Message::user("Whom do I ask?")];
        let told = pair("Ask jane.doe@acme.org.", "I do not know.");
        let screened = |personal_data| Screen::new(&PrivacyRule { personal_data }).refuses(&prompt, &told);
        assert_eq!(screened(PersonalData::Withhold), Some(Reason::PersonalData));
        assert_eq!(screened(PersonalData::Allow), None);
        let plain = pair("Ask at the desk.", "I do not know.");
        let mut screen = Screen::new(&PrivacyRule { personal_data: PersonalData::Withhold });
        assert_eq!(screen.refuses(&prompt, &plain), None);
    }

    #[test]
    fn shares_of_prompts_go_to_each_part() {
        let rule = SplitRule { validation: 0.2, test: 0.1 };
        let split = |n: usize| split_of(&[Message::user(n.to_string())], &rule, 3);
        let count = |part| (0..5_000).filter(|n| split(*n) == part).count();
        let (validation, test) = (count(Split::Validation), count(Split::Test));
        // Four standard errors of a binomial share.
        assert!((validation as f64 - 1_000.0).abs() < 4.0 * 28.3, "{validation}");
        assert!((test as f64 - 500.0).abs() < 4.0 * 21.3, "{test}");
    }
}
