//! Sentences, by what stands between two words.

use crate::rules::text::word::{Script, Word};

/// Words that a full stop shortens; single letters do not end a sentence either.
const ABBREVIATIONS: &[&str] = &[
    "al", "approx", "cf", "dr", "eg", "etc", "fig", "ie", "inc", "jr", "mr", "mrs", "ms", "no", "prof", "sr",
    "st", "vs",
];

/// How long the sentences are.
#[derive(Debug, Default)]
pub(crate) struct Sentences {
    /// How many there are, by full stops and their like and by blank lines.
    pub count: usize,
    /// The number of words in each stretch that a sentence or a line ends; what a reader takes in at once.
    pub lengths: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Break {
    None,
    Line,
    Sentence,
}

/// Counts the sentences that `words` of `text` make.
pub(crate) fn count_sentences(text: &str, words: &[Word]) -> Sentences {
    let mut sentences = Sentences::default();
    let mut length = 0;
    let mut begins_line = true;
    for (index, word) in words.iter().enumerate() {
        length += 1;
        let next = words.get(index + 1);
        let gap = &text[word.end..next.map_or(text.len(), |next| next.start)];
        let enumerates = begins_line && word.script == Script::Digits;
        let ends = if next.is_none() { Break::Sentence } else { ends_with(text, word, gap, enumerates) };
        if ends != Break::None {
            sentences.lengths.push(length);
            length = 0;
        }
        sentences.count += usize::from(ends == Break::Sentence);
        begins_line = gap.contains('\n');
    }
    sentences
}

fn ends_with(text: &str, word: &Word, gap: &str, enumerates: bool) -> Break {
    if gap == " " || enumerates {
        return Break::None;
    }
    let first_line = gap.find('\n');
    let blank_line = first_line.is_some_and(|at| gap[at + 1..].contains('\n'));
    if blank_line || ends_a_sentence(text, word, gap) {
        Break::Sentence
    } else if first_line.is_some() {
        Break::Line
    } else {
        Break::None
    }
}

fn ends_a_sentence(text: &str, word: &Word, gap: &str) -> bool {
    if gap.contains(['。', '！', '？', '।', '؟']) {
        return true;
    }
    let Some(stop) = gap.find(['.', '!', '?', '…']) else { return false };
    let followed_by_space = gap[stop..].contains(char::is_whitespace);
    let shortened = gap[stop..].starts_with('.') && is_abbreviation(&text[word.start..word.end]);
    followed_by_space && !shortened
}

fn is_abbreviation(word: &str) -> bool {
    let single_letter =
        word.chars().count() == 1 && word != "I" && !word.starts_with(|c: char| c.is_numeric());
    single_letter || ABBREVIATIONS.iter().any(|known| known.eq_ignore_ascii_case(word))
}
