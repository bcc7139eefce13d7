//! Word lists: many phrases, found in one pass over a text.
//!
//! The lists are text files beside this one: a phrase a line, `#` begins a comment, a final `*` lets the last word
//! go on. Case does not matter, and both apostrophes are the same.

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// The lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    /// Hedges: what takes a claim back while making it.
    Hedges,
    /// Boilerplate that any answer could carry.
    Boilerplate,
    /// Insults and contempt.
    Insults,
    /// Refusals.
    Refusals,

    /// Words of requests that one may rightly refuse.
    Risks,
}

const FOR_RESPONSES: &[(List, &str)] = &[
    (List::Hedges, include_str!("lists/hedges.txt")),
    (List::Boilerplate, include_str!("lists/boilerplate.txt")),
    (List::Insults, include_str!("lists/insults.txt")),
    (List::Refusals, include_str!("lists/refusals.txt")),
];

const FOR_PROMPTS: &[(List, &str)] = &[(List::Risks, include_str!("lists/risks.txt"))];

/// A phrase found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit<T> {
    /// What the phrase belongs to.
    pub tag: T,
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// Phrases with a tag each, compiled.
#[derive(Debug)]
pub(crate) struct Lexicon<T> {
    automaton: AhoCorasick,
    /// By pattern: the tag, and whether the last word may go on.
    phrases: Vec<(T, bool)>,
}

/// Returns the lists that responses are read with.
pub(crate) fn response_lists() -> Lexicon<List> {
    Lexicon::new(lines_of(FOR_RESPONSES))
}

/// Returns the lists that prompts are read with.
pub(crate) fn prompt_lists() -> Lexicon<List> {
    Lexicon::new(lines_of(FOR_PROMPTS))
}

/// Returns the text of all lists, for the fingerprint of the rules.
pub(crate) fn list_texts() -> impl Iterator<Item = &'static str> {
    FOR_RESPONSES.iter().chain(FOR_PROMPTS).map(|(_, text)| *text)
}

fn lines_of(lists: &[(List, &'static str)]) -> impl Iterator<Item = (List, &'static str)> {
    lists.iter().flat_map(|(list, text)| {
        let phrases = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        phrases.map(|phrase| (*list, phrase))
    })
}

impl<T: Copy + PartialEq> Lexicon<T> {
    /// Compiles phrases.
    pub fn new<'a>(tagged: impl Iterator<Item = (T, &'a str)>) -> Self {
        let mut patterns = Vec::new();
        let mut phrases = Vec::new();
        for (tag, phrase) in tagged {
            let goes_on = phrase.ends_with('*');
            let phrase = phrase.trim_end_matches('*');
            let curly = phrase.replace('\'', "’");
            for spelling in
                [Some(phrase.to_owned()), (curly != phrase).then_some(curly)].into_iter().flatten()
            {
                patterns.push(spelling);
                phrases.push((tag, goes_on));
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&patterns)
            .expect("word lists are far below the automaton's limit of two billion states");
        Self { automaton, phrases }
    }

    /// Returns the phrases that stand in `text` between word borders, in order; of overlapping ones with the same
    /// tag, the first and what extends it count as one.
    pub fn hits(&self, text: &str) -> Vec<Hit<T>> {
        let mut hits: Vec<Hit<T>> = Vec::new();
        for found in self.automaton.find_overlapping_iter(text) {
            let (tag, goes_on) = self.phrases[found.pattern().as_usize()];
            let (start, end) = (found.start(), found.end());
            if !begins_word(text, start) || !(goes_on || ends_word(text, end)) {
                continue;
            }
            let earlier = hits.iter_mut().rev().take_while(|hit| hit.end > start).find(|hit| hit.tag == tag);
            match earlier {
                Some(hit) => (hit.start, hit.end) = (hit.start.min(start), end),
                None => hits.push(Hit { tag, start, end }),
            }
        }
        hits
    }
}

fn begins_word(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
    !before || !text[at..].chars().next().is_some_and(char::is_alphanumeric)
}

fn ends_word(text: &str, at: usize) -> bool {
    let after = text[at..].chars().next().is_some_and(char::is_alphanumeric);
    !after || !text[..at].chars().next_back().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(phrases: &[&str], text: &str, expected: &[&str]) {
        let lexicon = Lexicon::new(phrases.iter().map(|phrase| ((), *phrase)));
        let found: Vec<&str> = lexicon.hits(text).iter().map(|hit| &text[hit.start..hit.end]).collect();
        assert_eq!(found, expected, "in {text:?}");
    }

    #[test]
    fn phrases_stand_between_word_borders() {
        check(&["it depends"], "It depends. It dependsx, bit depends", &["It depends"]);
        check(&["can't"], "I CAN’T and can't", &["CAN’T", "can't"]);
        check(&["diagnos*"], "diagnosis, misdiagnosis", &["diagnos"]);
        check(&["hope this", "i hope this helps"], "I hope this helps!", &["I hope this helps"]);
        check(&["東京"], "在東京市", &[]);
    }

    #[test]
    fn every_list_has_phrases() {
        for (list, _) in FOR_RESPONSES.iter().chain(FOR_PROMPTS) {
            let all = lines_of(FOR_RESPONSES).chain(lines_of(FOR_PROMPTS));
            assert!(all.filter(|(of, _)| of == list).count() > 10, "{list:?}");
        }
    }
}
