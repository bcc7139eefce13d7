//! `rule.hedging`: hedges and boilerplate in place of an answer.

use crate::rules::RuleInfo;
use crate::rules::judgement::{Judgement, counted};
use crate::rules::lexicon::List;
use crate::rules::subject::Subject;

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.hedging",
    dimension: "style",
    measures: "exp(-rate/4), where rate is the phrases of `boilerplate.txt` and the hedges of `hedges.txt` beyond one per \
               100 words, together per 100 words.",
};

/// A hedge in a hundred words is careful, not evasive.
const TOLERATED: f64 = 1.0;
/// The rate at which the score has fallen to 1/e.
const SCALE: f64 = 4.0;
/// Shorter texts are measured as if they had so many words.
const LEAST_WORDS: f64 = 50.0;

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    let words = subject.response.prose.len();
    if words == 0 {
        return Judgement::abstained("there are no words");
    }
    let hedges: Vec<_> = subject.hits_of(List::Hedges).collect();
    let boilerplate: Vec<_> = subject.hits_of(List::Boilerplate).collect();

    let hundreds = (words as f64).max(LEAST_WORDS) / 100.0;
    let rate = (hedges.len() as f64 / hundreds - TOLERATED).max(0.0) + boilerplate.len() as f64 / hundreds;
    let mut rationale = format!(
        "{} and {} in {}",
        counted(hedges.len(), "hedge"),
        counted(boilerplate.len(), "boilerplate phrase"),
        counted(words, "word")
    );
    if let Some(first) = boilerplate.first().or(hedges.first()) {
        rationale += &format!(", such as {}", subject.quote(first.clone()));
    }
    let score = (-rate / SCALE).exp();
    Judgement::scored(score, rationale).at(boilerplate).at(hedges)
}
