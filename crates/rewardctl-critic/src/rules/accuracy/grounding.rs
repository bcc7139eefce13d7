//! `rule.grounding`: are the response's words and numbers in the documents?
//!
//! A weak signal: a paraphrase loses, a false sentence made of the documents' words wins. Numbers count more, since
//! they are copied or made up.

use std::collections::BTreeSet;
use std::collections::HashSet;

use crate::rules::RuleInfo;
use crate::rules::judgement::{Judgement, counted};
use crate::rules::subject::Subject;
use crate::rules::text::word::{Apostrophe, Script, Word, key_of, words};

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.grounding",
    dimension: "accuracy",
    measures: "The share of the response's distinct content words (4 letters or more, compared by their first 6) and \
               numbers (weight 3) that occur in the documents or the prompt.",
};

const NUMBER_WEIGHT: usize = 3;
const LEAST_LETTERS: u32 = 4;
/// What is left of a word without most endings.
const STEM: usize = 6;
/// Fewer words show nothing.
const LEAST_WORDS: usize = 5;
/// Places shown.
const SHOWN: usize = 8;

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    let response = &subject.response;
    if subject.context.documents.iter().all(|document| document.trim().is_empty()) {
        return Judgement::abstained("there are no documents");
    }
    if response.is_unspaced() {
        return Judgement::abstained("the script puts no spaces between words, so words cannot be compared");
    }
    let known = known_stems(subject);
    let mut seen = HashSet::new();
    let distinct: Vec<(&Word, usize)> = response
        .prose
        .iter()
        .filter_map(|word| weight(word).map(|weight| (word, weight)))
        .filter(|(word, _)| seen.insert(stem(response.word(word))))
        .collect();
    if distinct.len() < LEAST_WORDS {
        return Judgement::abstained("there are too few content words to compare");
    }
    let is_known = |word: &Word| known.contains(&stem(response.word(word)));
    let total: usize = distinct.iter().map(|(_, weight)| weight).sum();
    let found: usize = distinct.iter().filter(|(word, _)| is_known(word)).map(|(_, weight)| weight).sum();
    let unknown: Vec<&Word> = distinct.iter().map(|(word, _)| *word).filter(|word| !is_known(word)).collect();
    let rationale = format!(
        "{} of {} and numbers stand in the documents (a weak sign)",
        distinct.len() - unknown.len(),
        counted(distinct.len(), "content word")
    );
    let numbers_first: BTreeSet<(bool, usize, usize)> =
        unknown.iter().map(|word| (word.script != Script::Digits, word.start, word.end)).collect();
    let places = numbers_first.into_iter().take(SHOWN).map(|(_, start, end)| start..end);
    Judgement::scored(found as f64 / total as f64, rationale).at(places)
}

fn known_stems(subject: &Subject<'_>) -> HashSet<u64> {
    let documents = subject.context.documents.iter().map(String::as_str);
    let turns = subject.context.prompt.iter().map(|turn| turn.content.as_str());
    let mut known = HashSet::new();
    for text in documents.chain(turns) {
        known.extend(words(text, Apostrophe::Joins).iter().map(|word| stem(&text[word.start..word.end])));
    }
    known
}

fn weight(word: &Word) -> Option<usize> {
    match word.script {
        Script::Digits => Some(NUMBER_WEIGHT),
        _ if word.letters >= LEAST_LETTERS => Some(1),
        _ => None,
    }
}

fn stem(word: &str) -> u64 {
    let end = word.char_indices().nth(STEM).map_or(word.len(), |(at, _)| at);
    // A number has no endings.
    let all_digits = word.bytes().all(|byte| byte.is_ascii_digit());
    key_of(if all_digits { word } else { &word[..end] })
}
