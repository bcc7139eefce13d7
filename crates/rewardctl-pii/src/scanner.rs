//! The scanner: a text goes in, findings or a masked text come out.

use crate::address::{find_emails, find_hidden_email};
use crate::context::Lexicon;
use crate::entropy::find_random;
use crate::finding::{Finding, without_overlaps};
use crate::fold::fold;
use crate::mask::{Masker, is_masked};
use crate::network::{find_by_colons, find_by_dashes};
use crate::number::find_numbers;
use crate::path::find_home;
use crate::person::People;
use crate::secret::{Landmark, Secrets};

/// What is looked for beyond what a check can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Look for names of persons and postal addresses. Weak: many are missed, and many that are none are found.
    pub names: bool,
    /// Look for tokens that look random, without any other sign. Finds hashes and identifiers, too.
    pub entropy: bool,
}

/// The compiled patterns. Build it once and share it: building costs milliseconds.
#[derive(Debug)]
pub struct Scanner {
    options: Options,
    secrets: Secrets,
    lexicon: Lexicon,
    people: Option<People>,
}

/// A masked text, and what was masked in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// The text; [`Scanner::scan`] finds nothing in it.
    pub text: String,
    /// What was found in the text before, in order of position.
    pub findings: Vec<Finding>,
}

impl Scanner {
    /// Compiles the patterns.
    pub fn new(options: Options) -> Self {
        let people = options.names.then(People::new);
        Self { options, secrets: Secrets::new(), lexicon: Lexicon::new(), people }
    }

    /// Returns what `text` holds, in order of position, without overlaps, as stretches of bytes on borders of characters.
    ///
    /// Where two overlap, the more certain one counts, then the longer one. What is masked already is not found again.
    /// Takes time linear in the text, whoever wrote it.
    pub fn scan(&self, text: &str) -> Vec<Finding> {
        self.scan_field("", text)
    }

    /// Returns the same of a field; its name counts as a word near each number: `npi` makes digits a provider's number.
    pub fn scan_field(&self, name: &str, text: &str) -> Vec<Finding> {
        let Some(folded) = fold(text) else { return self.scan_folded(name, text) };
        let mut found = self.scan_folded(name, &folded.text);
        for one in &mut found {
            (one.start, one.end) = (folded.start(one.start), folded.end(one.end));
        }
        found
    }

    /// Masks what `text`, a field of this name, holds.
    pub fn mask_field(&self, name: &str, text: &str, masker: &mut Masker<'_>) -> Masked {
        /// What stands beside a mask can become a datum by it, and what remains of two that overlap; never twice.
        const MOST_ROUNDS: usize = 4;
        let findings = self.scan_field(name, text);
        let mut masked = masker.mask(text, &findings);
        for _ in 0..MOST_ROUNDS {
            let left = if findings.is_empty() { vec![] } else { self.scan_field(name, &masked) };
            if left.is_empty() {
                break;
            }
            masked = masker.mask(&masked, &left);
        }
        Masked { text: masked, findings }
    }

    fn scan_folded(&self, name: &str, text: &str) -> Vec<Finding> {
        let mut found = vec![];
        self.secrets.find(text, &mut found, &mut |landmark, at, length, found| match landmark {
            Landmark::HiddenAt => find_hidden_email(text, at, found),
            Landmark::Home => find_home(text, at, length, found),
        });
        find_emails(text, &mut found);
        find_by_colons(text, &mut found);
        find_by_dashes(text, &mut found);
        let given = self.lexicon.topics_of(name);
        find_numbers(text, &self.lexicon, given, &mut found);
        if let Some(people) = &self.people {
            people.find(text, &mut found);
        }
        if self.options.entropy {
            find_random(text, &mut found);
        }
        found.retain(|one| !is_masked(&text[one.range()]));
        without_overlaps(found)
    }
}

#[cfg(test)]
mod tests;
