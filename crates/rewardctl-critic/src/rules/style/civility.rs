//! `rule.civility`: insults and contempt for the reader.

use std::ops::Range;

use crate::rules::RuleInfo;
use crate::rules::judgement::{Judgement, counted};
use crate::rules::lexicon::List;
use crate::rules::subject::Subject;

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.civility",
    dimension: "style",
    measures: "1 without a phrase of the list `insults.txt`, 0.3 with one, 0 with more; phrases that the prompt has, \
               too, do not count.",
};

const ONE_INSULT: f64 = 0.3;
/// More are not looked up in the prompt: the score is settled long before.
const LOOKED_UP: usize = 8;

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    if subject.response.words.is_empty() {
        return Judgement::abstained("there are no words");
    }
    let own = |range: &Range<usize>| !subject.is_in_prompt(range);
    let insults: Vec<_> = subject.hits_of(List::Insults).take(LOOKED_UP).filter(own).collect();
    let Some(first) = insults.first() else {
        return Judgement::scored(1.0, "no phrase of the list");
    };
    let score = if insults.len() == 1 { ONE_INSULT } else { 0.0 };
    let rationale = format!(
        "{} from the list, such as {}",
        counted(insults.len(), "phrase"),
        subject.quote(first.clone())
    );
    Judgement::scored(score, rationale).at(insults)
}
