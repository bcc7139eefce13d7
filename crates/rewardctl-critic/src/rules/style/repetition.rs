//! `rule.repetition`: does the response go in circles?

use std::collections::HashMap;
use std::ops::Range;

use crate::rules::RuleInfo;
use crate::rules::judgement::Judgement;
use crate::rules::style::formatting::begins_item;
use crate::rules::subject::Subject;
use crate::rules::text::Text;
use crate::rules::text::word::{Script, Word};

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.repetition",
    dimension: "style",
    measures: "The share of words that lie in a run of 4 words (12 characters where the script has no spaces) seen \
               before in the response: 1 up to a share of 0.15, falling in a line to 0 at 0.6; list items count \
               half, tables and numbers not.",
};

/// Four words rarely meet again by chance; twelve characters of Han or Thai are more than as much.
const RUN: usize = 4;
const UNSPACED_RUN: usize = 12;
/// Fewer words cannot go in circles.
const LEAST_WORDS: usize = 12;
/// The items of a list begin alike with good reason.
const ITEM_WEIGHT: f64 = 0.5;
/// Names and terms come again.
const TOLERATED: f64 = 0.15;
/// From here on it is a loop.
const LOOP: f64 = 0.6;
/// More of the same character in a row mean nothing.
const CHARACTER_LOOP: usize = 40;

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    let response = &subject.response;
    if let Some(stretch) = character_loop(response) {
        let rationale = format!("one character runs on: {}", subject.quote(stretch.clone()));
        return Judgement::scored(0.0, rationale).at([stretch]);
    }
    let (words, in_items) = words_in_text(response);
    if words.len() < LEAST_WORDS {
        return Judgement::abstained("there are too few words to repeat");
    }
    let run = if response.is_unspaced() { UNSPACED_RUN } else { RUN };
    let repeated = repeated_words(&words, run);
    let marked = repeated.iter().zip(&in_items).filter(|(is_repeated, _)| **is_repeated);
    let (in_list, in_prose): (Vec<bool>, Vec<bool>) =
        marked.map(|(_, in_item)| *in_item).partition(|in_item| *in_item);
    let share = (in_prose.len() as f64 + ITEM_WEIGHT * in_list.len() as f64) / words.len() as f64;
    let percent = (100.0 * share).round();
    if subject.ask.repetition && share > TOLERATED {
        return Judgement::abstained("the prompt asks for what repeats itself");
    }
    let rationale =
        format!("{percent} % of the words, in list items counted half, stand in runs seen before");
    let score = (LOOP - share) / (LOOP - TOLERATED);
    Judgement::scored(score, rationale).at(longest_stretch(&words, &repeated, share))
}

/// Returns the words outside of tables, without numbers, and whether each stands in a list item.
fn words_in_text(response: &Text<'_>) -> (Vec<Word>, Vec<bool>) {
    let mut words = Vec::with_capacity(response.prose.len());
    let mut in_items = Vec::with_capacity(response.prose.len());
    let mut next = response.prose.iter().peekable();
    for (start, line) in response.prose_lines() {
        let is_row = line.trim_start().starts_with('|');
        let is_item = begins_item(line);
        while let Some(word) = next.next_if(|word| word.start < start + line.len()) {
            if !is_row && word.script != Script::Digits {
                words.push(*word);
                in_items.push(is_item);
            }
        }
    }
    (words, in_items)
}

/// Marks the words of each run of `run` words that occurred before.
fn repeated_words(words: &[Word], run: usize) -> Vec<bool> {
    let mut repeated = vec![false; words.len()];
    let mut first_seen: HashMap<u64, usize> = HashMap::with_capacity(words.len());
    let mut marked = 0;
    for (start, window) in words.windows(run).enumerate() {
        let key = window.iter().fold(0_u64, |key, word| key.rotate_left(9).wrapping_mul(5) ^ word.key);
        let seen = *first_seen.entry(key).or_insert(start);
        if seen < start {
            repeated[start.max(marked)..start + run].fill(true);
            marked = start + run;
        }
    }
    repeated
}

fn longest_stretch(words: &[Word], repeated: &[bool], share: f64) -> Option<Range<usize>> {
    if share <= TOLERATED {
        return None;
    }
    let mut at = 0;
    let mut longest = 0..0;
    for group in repeated.chunk_by(|a, b| a == b) {
        if group[0] && group.len() > longest.len() {
            longest = at..at + group.len();
        }
        at += group.len();
    }
    let (first, last) = (words.get(longest.start)?, words.get(longest.end.checked_sub(1)?)?);
    Some(first.start..last.end)
}

/// Finds the first run of one and the same letter, digit or symbol that is too long to mean anything.
fn character_loop(response: &Text<'_>) -> Option<Range<usize>> {
    response.prose_parts().find_map(|(part_start, part)| {
        let (mut run_start, mut length, mut previous) = (0, 0, '\0');
        for (at, letter) in part.char_indices() {
            if letter != previous {
                (run_start, length, previous) = (at, 0, letter);
            }
            length += 1;
            if length > CHARACTER_LOOP && !draws(letter) {
                return Some(part_start + run_start..part_start + at + letter.len_utf8());
            }
        }
        None
    })
}

/// Tells whether a character is one that rules, leaders and blanks are drawn with.
fn draws(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_ascii_punctuation()
        || matches!(letter, '\u{2010}'..='\u{2015}' | '\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}' | '…' | '·' | '•' | '\0')
}
