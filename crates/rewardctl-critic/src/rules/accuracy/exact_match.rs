//! `rule.exact_match`: the response gives the short answer that the reference gives.

use regex::Regex;

use crate::rules::RuleInfo;
use crate::rules::accuracy::NO_REFERENCE;
use crate::rules::accuracy::number_match::all_numbers_match;
use crate::rules::judgement::Judgement;
use crate::rules::subject::Subject;
use crate::rules::text::Text;

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.exact_match",
    dimension: "accuracy",
    measures: "1 if the response, its first or last sentence or line, or what follows `answer:`, `####` or \
               `\\boxed` is the reference or ends in it (case, punctuation and articles aside), 0 if it lacks a word or \
               number of it.",
};

/// Where an answer is announced; what follows on the line is the answer.
pub(crate) const ANNOUNCED: &str =
    r"(?i)(?:(?:final|correct) answer(?: is)?|answer is|answer)\s*[:=]?|####|\\boxed\{";
/// Articles, and words that say that a number is rounded.
const IGNORED: &[&str] = &["", "a", "an", "the", "about", "around", "approximately", "roughly", "ca"];
/// In a sentence with one of these, ending in the reference means nothing.
const NEGATIONS: &[&str] = &[
    "not", "never", "isn't", "aren't", "wasn't", "weren't", "no", "nor", "neither", "than", "cannot", "can't",
];

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    let Some(reference) = subject.reference() else {
        return Judgement::abstained(NO_REFERENCE);
    };
    let limit = subject.rules.settings.exact_match.max_reference_words as usize;
    let expected = normal(reference);
    if Text::new(reference).words.len() > limit || expected.len() > limit {
        return Judgement::abstained(format!("the reference has more than {limit} words"));
    }
    if expected.is_empty() {
        return Judgement::abstained("the reference has no words");
    }
    let answers = candidates(subject.response.raw, &subject.rules.answer_pattern);
    if answers.iter().any(|answer| meets(&normal(answer), &expected)) {
        return Judgement::scored(1.0, "the response gives the reference");
    }
    let words = normal(subject.response.raw);
    let has_all_words = expected.iter().all(|word| words.contains(word));
    if has_all_words || all_numbers_match(subject, reference) {
        return Judgement::abstained("the response has the reference, but not as its answer: cannot tell");
    }
    Judgement::scored(0.0, "the response gives another answer")
}

/// Returns the stretches that may be the final answer.
fn candidates<'a>(response: &'a str, announced: &Regex) -> Vec<&'a str> {
    let text = response.trim();
    let first_line = text.lines().next().unwrap_or("");
    let last_line = text.lines().next_back().unwrap_or("");
    let first_sentence = first_line.split_inclusive(". ").next().unwrap_or("");
    let last_sentence = last_line.rsplit(". ").next().unwrap_or("");
    let mut candidates = vec![text, first_line, last_line, first_sentence, last_sentence];
    if let Some(found) = announced.find_iter(text).last() {
        let rest = text[found.end()..].trim_start().lines().next().unwrap_or("");
        let closed = if found.as_str().ends_with('{') { rest.split('}').next().unwrap_or("") } else { rest };
        candidates.extend([closed, closed.split(". ").next().unwrap_or("")]);
    }
    candidates
}

fn meets(answer: &[String], expected: &[String]) -> bool {
    let negated = answer.iter().any(|word| NEGATIONS.contains(&word.as_str()));
    answer == expected || (answer.ends_with(expected) && !negated && !expected[0].starts_with('-'))
}

/// Returns the words in lower case, without articles and without punctuation but for what belongs to a number.
fn normal(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.to_lowercase().chars().collect();
    let digit_at = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_digit);
    let mut kept = String::with_capacity(text.len());
    for (at, letter) in letters.iter().enumerate() {
        let (before, after) = (digit_at(at.checked_sub(1)), digit_at(Some(at + 1)));
        let begins = at == 0 || letters[at - 1].is_whitespace();
        match letter {
            '.' if before && after => kept.push('.'),
            ',' if before && after => {}
            '-' | '−' if begins && after => kept.push('-'),
            '\'' | '’' => kept.push('\''),
            _ if letter.is_alphanumeric() || "%+°".contains(*letter) => kept.push(*letter),
            _ => kept.push(' '),
        }
    }
    let words = kept.split_whitespace().map(|word| word.trim_matches('\''));
    words.filter(|word| !IGNORED.contains(word)).map(String::from).collect()
}
