//! A text taken apart once: its words, code fences and sentences, for all rules to read.

use crate::rules::text::fence::{Fence, find_fences};
use crate::rules::text::sentence::{Sentences, count_sentences};

pub(crate) mod fence;
pub(crate) mod sentence;
pub(crate) mod word;

use crate::rules::text::word::{Apostrophe, Script, Word, words};

/// From this share on, words of scripts without spaces rule out measures that count words.
const UNSPACED_SHARE: f64 = 0.3;

/// A text and its parts.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    /// The text itself.
    pub raw: &'a str,
    /// Its code fences, in order.
    pub fences: Vec<Fence>,
    /// The words of the whole text, code included, in order.
    pub words: Vec<Word>,
    /// The words outside of code fences.
    pub prose: Vec<Word>,
    /// The sentences of the prose.
    pub sentences: Sentences,
}

impl<'a> Text<'a> {
    /// Takes `raw` apart.
    pub fn new(raw: &'a str) -> Self {
        let fences = find_fences(raw);
        let words = words(raw, Apostrophe::Joins);
        let prose = outside(&words, &fences);
        let sentences = count_sentences(raw, &prose);
        Self { raw, fences, words, prose, sentences }
    }

    /// Tells whether there is nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.raw.trim().is_empty()
    }

    /// Tells whether most rules of word counting make no sense: the script puts no spaces between words.
    pub fn is_unspaced(&self) -> bool {
        self.share_of(Script::Unspaced) > UNSPACED_SHARE
    }

    /// Returns the share of the prose's words that are in `script`; 0 if there are none.
    pub fn share_of(&self, script: Script) -> f64 {
        let count = self.prose.iter().filter(|word| word.script == script).count();
        count as f64 / self.prose.len().max(1) as f64
    }

    /// Returns the letters of a word.
    pub fn word(&self, word: &Word) -> &'a str {
        &self.raw[word.start..word.end]
    }

    /// Returns the stretches of the text outside of code fences.
    pub fn prose_parts(&self) -> impl Iterator<Item = (usize, &'a str)> {
        let starts = std::iter::once(0).chain(self.fences.iter().map(|fence| fence.end));
        let ends = self.fences.iter().map(|fence| fence.start).chain([self.raw.len()]);
        starts.zip(ends).map(|(start, end)| (start, &self.raw[start..end]))
    }

    /// Returns the lines outside of code fences, with the byte where each begins.
    pub fn prose_lines(&self) -> impl Iterator<Item = (usize, &'a str)> {
        self.prose_parts().flat_map(|(start, part)| {
            part.split_inclusive('\n').scan(start, |at, line| {
                let begins = *at;
                *at += line.len();
                Some((begins, line))
            })
        })
    }
}

fn outside(words: &[Word], fences: &[Fence]) -> Vec<Word> {
    let mut next_fence = fences.iter().peekable();
    let mut prose = Vec::with_capacity(words.len());
    for word in words {
        while next_fence.next_if(|fence| fence.end <= word.start).is_some() {}
        if next_fence.peek().is_none_or(|fence| word.start < fence.start) {
            prose.push(*word);
        }
    }
    prose
}

#[cfg(test)]
mod tests;
