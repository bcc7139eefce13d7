//! `rule.shouting`: capitals and exclamation marks where none are due.

use std::collections::HashSet;
use std::ops::Range;

use crate::rules::RuleInfo;
use crate::rules::judgement::Judgement;
use crate::rules::subject::Subject;
use crate::rules::text::word::{Script, Word};

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.shouting",
    dimension: "style",
    measures: "1 - 4 × share of words in capitals (of 6 letters or more, or 3 in a row; none that the prompt writes \
               so, none in code) - 0.15 × runs of three or more of ! and ?.",
};

/// Shorter words in capitals are taken for acronyms, unless they stand in a row.
const LONGEST_ACRONYM: u32 = 5;
const ROW: usize = 3;
const CAPITALS_WEIGHT: f64 = 4.0;
const BURST_WEIGHT: f64 = 0.15;
/// Words of fewer letters have no case to speak of.
const LEAST_LETTERS: u32 = 2;
/// Short texts are measured as if they had so many words: one loud word is no fire.
const LEAST_WORDS: usize = 10;

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    let response = &subject.response;
    let bursts = bursts(response.prose_parts());
    let cased: Vec<&Word> = response
        .prose
        .iter()
        .filter(|word| word.script == Script::Alphabet && word.letters >= LEAST_LETTERS)
        .collect();
    if cased.is_empty() && bursts.is_empty() {
        return Judgement::abstained("there are no words with capitals and small letters");
    }
    if subject.ask.capitals {
        return Judgement::abstained("the prompt asks for capitals");
    }
    let shouted = shouted_words(subject, &cased);
    let share = shouted.len() as f64 / cased.len().max(LEAST_WORDS) as f64;
    let score = 1.0 - CAPITALS_WEIGHT * share - BURST_WEIGHT * bursts.len() as f64;
    let rationale = format!(
        "{} of {} words in capitals beyond acronyms, {} runs of `!` or `?`",
        shouted.len(),
        cased.len(),
        bursts.len()
    );
    Judgement::scored(score, rationale).at(shouted).at(bursts)
}

fn shouted_words(subject: &Subject<'_>, cased: &[&Word]) -> Vec<Range<usize>> {
    let response = &subject.response;
    let is_capital = |word: &&Word| !response.word(word).chars().any(|c| c.is_lowercase() || c.is_numeric());
    let is_loud = |word: &&Word| word.letters > LONGEST_ACRONYM && !is_marked_up(response.raw, word);
    let mut shouted = Vec::new();
    for row in cased.chunk_by(|a, b| is_capital(a) == is_capital(b)) {
        if row.first().is_some_and(is_capital) {
            let in_a_row = row.len() >= ROW && (row.iter().any(is_loud) || is_sentence(response.raw, row));
            shouted
                .extend(row.iter().filter(|word| in_a_row || is_loud(word)).map(|word| word.start..word.end));
        }
    }
    if !shouted.is_empty() {
        let prompt = subject.context.prompt_text();
        let known: HashSet<&str> = prompt.split(|letter: char| !letter.is_alphanumeric()).collect();
        shouted.retain(|range| !known.contains(&response.raw[range.clone()]));
    }
    shouted
}

/// Tells words of a sentence from acronyms in a list: nothing but a space parts them.
fn is_sentence(text: &str, row: &[&Word]) -> bool {
    let spaces = row.windows(2).filter(|pair| &text[pair[0].end..pair[1].start] == " ").count();
    spaces + 1 >= ROW.max(row.len() / 2)
}

/// Names of constants and inline code are written in capitals: `MAX_SIZE`, `SELECT`.
fn is_marked_up(text: &str, word: &Word) -> bool {
    text[..word.start].ends_with(['`', '_', '$', '<', '{', '#'])
        || text[word.end..].starts_with(['`', '_', '>', '}', '('])
}

fn bursts<'a>(parts: impl Iterator<Item = (usize, &'a str)>) -> Vec<Range<usize>> {
    let mut bursts = Vec::new();
    for (start, part) in parts {
        let mut at = 0;
        while let Some(gap) = part[at..].find(['!', '?']) {
            let begin = at + gap;
            let length = part[begin..].bytes().take_while(|byte| matches!(byte, b'!' | b'?')).count();
            if length >= ROW {
                bursts.push(start + begin..start + begin + length);
            }
            at = begin + length;
        }
    }
    bursts
}
