//! `rule.token_f1`: which words of the reference the response has, in any order.
//!
//! The F1 measure of SQuAD: Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text", 2016.

use std::collections::HashMap;

use crate::rules::RuleInfo;
use crate::rules::accuracy::{NO_REFERENCE, overlap};
use crate::rules::judgement::Judgement;
use crate::rules::subject::Subject;
use crate::rules::text::word::{is_unspaced, key_of};

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.token_f1",
    dimension: "accuracy",
    measures: "SQuAD F1 (Rajpurkar et al. 2016): harmonic mean of precision and recall of the words, in lower case, \
               without punctuation and articles.",
};

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    let Some(reference) = subject.reference() else {
        return Judgement::abstained(NO_REFERENCE);
    };
    let (of_response, of_reference) = (tokens(subject.response.raw), tokens(reference));
    overlap(common(&of_response, &of_reference), of_response.len(), of_reference.len())
}

/// Returns the keys of the words as SQuAD sees them; a character of a script without spaces is a word here.
pub(crate) fn tokens(text: &str) -> Vec<u64> {
    let mut tokens = Vec::new();
    let mut token = String::new();
    let mut close = |token: &mut String| {
        if !token.is_empty() && !matches!(token.as_str(), "a" | "an" | "the") {
            tokens.push(key_of(token));
        }
        token.clear();
    };
    for letter in text.chars() {
        let alone = is_unspaced(letter);
        if letter.is_whitespace() || alone {
            close(&mut token);
        }
        if !letter.is_whitespace() && !letter.is_ascii_punctuation() {
            token.extend(letter.to_lowercase());
        }
        if alone {
            close(&mut token);
        }
    }
    close(&mut token);
    tokens
}

fn common(a: &[u64], b: &[u64]) -> usize {
    let mut counts: HashMap<u64, usize> = HashMap::new();
    b.iter().for_each(|token| *counts.entry(*token).or_default() += 1);
    a.iter()
        .filter(|token| match counts.get_mut(token) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        })
        .count()
}
