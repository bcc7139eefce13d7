//! `rule.readability`: how hard is the response to read?

use crate::rules::RuleInfo;
use crate::rules::judgement::Judgement;
use crate::rules::subject::Subject;
use crate::rules::text::word::Script;

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.readability",
    dimension: "style",
    measures: "LIX (Björnsson 1968): words per sentence + 100 × share of words with more than 6 letters; 1 up to 55, \
               falling in a line to 0 at 85.",
};

/// Fewer words say nothing about sentences.
const LEAST_WORDS: usize = 40;
/// A word with more letters is a long one, by the definition of LIX.
const LONG_WORD: u32 = 6;
/// The LIX of papers and laws; what is below is readable for a grown-up.
const HARD: f64 = 55.0;
/// Nobody writes so for readers.
const UNREADABLE: f64 = 85.0;
/// LIX is made for alphabets.
const LEAST_ALPHABETIC: f64 = 0.8;

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    let response = &subject.response;
    let words = response.prose.len();
    let code_bytes: usize = response.fences.iter().map(|fence| fence.end - fence.start).sum();
    if words < LEAST_WORDS {
        return Judgement::abstained("the prose is too short to measure");
    }
    if 2 * code_bytes > response.raw.len() {
        return Judgement::abstained("most of the response is code");
    }
    if response.share_of(Script::Alphabet) < LEAST_ALPHABETIC {
        return Judgement::abstained("the measure is made for words in an alphabet");
    }
    let sentences = response.sentences.lengths.len().max(1);
    let words_per_sentence = words as f64 / sentences as f64;
    let long_words = response.prose.iter().filter(|word| word.letters > LONG_WORD).count();
    let long_percent = 100.0 * long_words as f64 / words as f64;
    let lix = words_per_sentence + long_percent;
    let rationale =
        format!("LIX {lix:.0}: {words_per_sentence:.0} words per sentence, {long_percent:.0} % long words");
    Judgement::scored((UNREADABLE - lix) / (UNREADABLE - HARD), rationale)
}
