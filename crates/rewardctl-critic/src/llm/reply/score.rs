//! One number out of one reply.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;
use rewardctl_core::score::Scale;

use crate::llm::reply::{
    How, Parsed, Reading, ReplyText,
    claim::{Answer, Claim, before_on_line, deciding, lines, rationale_around, reading},
    content::{Source, refuses, silence, words},
    pattern::pattern,
    table::tables,
    value::Ruler,
    verdict_object::{Keys, in_objects},
};

/// A step of the scale that has a name, such as 5 and "Excellent".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level<'a> {
    /// The value, on the critic's own scale.
    pub value: f64,
    /// The name; case does not matter.
    pub name: &'a str,
}

pub(super) const KEYS: Keys = Keys {
    decisive: &[
        "finalscore",
        "finalrating",
        "finalgrade",
        "final",
        "overallscore",
        "overallrating",
        "overallgrade",
        "overall",
        "totalscore",
    ],
    plain: &["score", "rating", "grade"],
    weak: &["result", "verdict", "judgment", "judgement", "value"],
};

static MARK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)[\[(]\s?(?:result|score|rating|verdict)\s?[\])]\s{0,4}:?\s{0,4}(?:\(?(?:score|rating|result)\)?\s?:?)?|\[\[|\\boxed\{|<(?:score|rating)\s(?:value|score)=|<(?:(?:final|overall|total)[_\s-]?)?(?:score|rating|grade|result|verdict|answer)(?:\s[^<>\n]{0,60})?>",
    )
});
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:(?:score|rating|grade)s?|overall(?: (?:quality|assessment|impression|evaluation))?)",
        r"[*_`\x22')\]]{0,4}\s{0,3}(?:(?:\([^()\n]{1,40}\)|\[[^\[\]\n]{1,40}\])[*_]{0,3}\s{0,3})?(?:[:：=→|]|->|[-–—]\s)",
        r"|(?m:^)[#*_]{1,6}\s?(?:final |overall )?(?:score|rating|grade)[*_]{0,3}\s{0,3}\n",
        r"|(?:评分|得分|分数|打分|总分|スコア|評価|評点|점수|평점|оценка|bewertung|punktzahl|puntuación|calificación|pontuação|punteggio)[*_]{0,3}\s{0,3}[:：=]",
    ))
});
static WEAK_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:result|verdict|evaluation|judge?ment|final|total|answer)[*_`\x22')\]]{0,4}\s{0,3}(?:[:：=→]|->)",
    )
});
static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:score|rating|grade)\b[^.:\n\d]{0,40}?\b(?:is|of|as|at|be|a)\s",
        r"|\b(?:rate|rated|score|scored|grade|give|gave|giving|assign|assigned|award|awarded|deserves?|merits?|earns?|gets?|receives?)\b[^.:\n\d]{0,60}?\b(?:a|an|as|at|of|with)\s",
        r"|\bi(?: would|['’]d| will|['’]ll)? (?:rate|score|grade|give) (?:(?:the|this|that) (?:response|answer|output|reply|text)|it|this|that)\s(?:(?:as|at|with|an?) )?(?:(?:solid|strong|clear|weak|low|high) )?",
    ))
});
/// Words before a number in a sentence that take the verdict out of it.
static HYPOTHETICAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:if|unless|between|from|would have|could have|might have|rather than|instead of|not|cannot|never|than|above|below|under|at least|at most|up to|short of|prevents?|keeps?|until|whether|scale|responses? (?:with|that)|an? (?:response|answer|score) of)\b|n['’]t\b",
        r"|\bto (?:get|reach|earn|deserve|receive|achieve|merit|warrant)\b",
        r"|\b(?:page|part|step|section|chapter|slide|item|question|problem)\s\z|\b(?:no|nearly|almost|close to|anything but|hesitat\w{1,3}|reluctant|tempted|(?:was|were) (?:going|about)|claim(?:s|ed|ing)?|asks?|asked|demand(?:s|ed)?)\b",
    ))
});
static FRACTION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b[0-9]{1,4}(?:\.[0-9]{1,4})?\s?(?:/|out of)\s?[0-9]"));
/// What may follow a number that is a verdict: `4 out of 5 facts` is a count, and `a 3-step plan` a plan.
static AFTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A(?:\s?(?:/|out of)\s?[0-9.]+)?[*_)\]`\x22']{0,4}\s?",
        r"(?:[.,;:!\n—–]|- |\z|(?:stars?|points?|for|because|since|as|due|overall|based|given|on|here)\b)",
    ))
});
/// A reply that is one line, of a name and a value, or a value and its explanation.
static NAMED_LINE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\A[-*\s#]{0,8}[\p{L}][\p{L} _-]{0,40}[*_]{0,3}\s?:"));
static EXPLAINED_LINE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\A[-*\s]{0,4}([0-9.]{1,8})[*_]{0,3}\s?(?:[–—-]|[,;])\s"));

/// Reads the score that `reply` gives on `scale`; names of `levels` count as their values.
///
/// Forms are tried from the strongest to the weakest, and the first that says anything decides: what it says wrongly
/// is not looked up in a weaker one.
pub fn parse_score(reply: &ReplyText<'_>, scale: &Scale, levels: &[Level<'_>]) -> Reading {
    let (source, text) = match words(reply) {
        Ok(words) => words,
        Err(silence) => return silence,
    };
    let ruler = Ruler { scale, levels };
    let read = located_score(source, text, &ruler);
    let unquoted = || serde_json::from_str::<String>(text).ok().filter(|inside| inside.contains('{'));
    match (&read, unquoted()) {
        // An object that was written as a text is an object all the same.
        (Reading::Unparsable { .. }, Some(inside)) => located_score(source, &inside, &ruler),
        _ => read,
    }
    .map(|located| located.parsed)
}

/// Finds the claims of one form in a text.
type Form = fn(&str, &Ruler<'_>) -> Vec<Claim<f64>>;

/// A score and the bytes of the text that say it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Located {
    pub parsed: Parsed,
    pub span: Range<usize>,
}

pub(super) fn located_score(source: Source, text: &str, ruler: &Ruler<'_>) -> Reading<Located> {
    let in_object = in_objects((source, text), &KEYS, &|node| ruler.node(node), |value, found| Located {
        parsed: Parsed { value, rationale: found.rationale, how: found.how },
        span: found.span,
    });
    if let Some(found) = in_object {
        return found;
    }
    let forms: [(How, Form); 7] = [
        (How::Mark, marks),
        (How::Label, labels),
        (How::Label, tables),
        (How::Label, weak_labels),
        (How::Lone, lone),
        (How::Sentence, sentences),
        (How::Sentence, fractions),
    ];
    for (how, find) in forms {
        let Some(decided) = deciding(find(text, ruler)) else { continue };
        if how == How::Sentence && refuses(text) {
            break;
        }
        return reading(decided, |value, _, span| {
            let parsed = Parsed { value, rationale: rationale_around(text, &span), how };
            Located { parsed, span }
        });
    }
    silence(text)
}

/// Reads the values behind every match of `label`.
pub(super) fn behind(label: &Regex, text: &str, ruler: &Ruler<'_>) -> Vec<Claim<f64>> {
    let values = label.find_iter(text).filter_map(|found| ruler.value_at(text, found.end()));
    values.map(|(answer, span)| Claim::plain(text, answer, span)).collect()
}

pub(super) fn marks(text: &str, ruler: &Ruler<'_>) -> Vec<Claim<f64>> {
    behind(&MARK, text, ruler)
}

pub(super) fn labels(text: &str, ruler: &Ruler<'_>) -> Vec<Claim<f64>> {
    let found = LABEL.find_iter(text).filter_map(|label| {
        let (answer, span) = ruler.value_at(text, label.end())?;
        let is_told = is_quotation(text, label.range(), span.end);
        (!is_told).then(|| Claim::plain(text, answer, span))
    });
    found.collect()
}

/// Tells whether a label and its value, which ends at `end`, are what a sentence quotes: `it says "Score: 5"`.
fn is_quotation(text: &str, label: Range<usize>, end: usize) -> bool {
    const QUOTES: [char; 6] = ['"', '\'', '“', '”', '‘', '’'];
    let before = before_on_line(text, label.start);
    let Some(said) = before.strip_suffix(QUOTES) else { return false };
    let has_words = said.contains(char::is_alphabetic);
    let closed_at_once = text[label.clone()].contains(QUOTES);
    has_words && !closed_at_once && text[end..].contains(QUOTES)
}

/// Labels that often name something else than the verdict: only what is legal is taken for one.
fn weak_labels(text: &str, ruler: &Ruler<'_>) -> Vec<Claim<f64>> {
    legal(behind(&WEAK_LABEL, text, ruler))
}

/// A value that is the whole reply, or its first or last line.
pub(super) fn lone(text: &str, ruler: &Ruler<'_>) -> Vec<Claim<f64>> {
    let lines = lines(text);
    let values = match lines.as_slice() {
        [] => Vec::new(),
        [(at, only)] => vec![(*at, ruler.whole(only).or_else(|| only_line(only, ruler)))],
        // A first line such as `1.` opens a list.
        [(start, first), .., (end, last)] => {
            vec![(*start, ruler.whole(first).filter(|_| !first.ends_with('.'))), (*end, ruler.whole(last))]
        }
    };
    let found = values.into_iter().filter_map(|(at, value)| Some((at, value?)));
    found.map(|(at, (answer, span))| Claim::plain(text, answer, span.start + at..span.end + at)).collect()
}

/// Reads a reply of one line that is `name: 4` or `4 - explanation`.
fn only_line(line: &str, ruler: &Ruler<'_>) -> Option<(Answer<f64>, Range<usize>)> {
    if let Some(name) = NAMED_LINE.find(line) {
        let (answer, span) = ruler.whole(&line[name.end()..])?;
        return Some((answer, span.start + name.end()..span.end + name.end()));
    }
    EXPLAINED_LINE.is_match(line).then(|| ruler.value_at(line, 0)).flatten()
}

fn sentences(text: &str, ruler: &Ruler<'_>) -> Vec<Claim<f64>> {
    legal(behind(&SENTENCE, text, ruler)).into_iter().filter(|claim| is_meant(text, claim)).collect()
}

/// Tells whether the sentence around a claim says it without condition, doubt or denial.
fn is_meant(text: &str, claim: &Claim<f64>) -> bool {
    let before = before_on_line(text, claim.span.start);
    let sentence = before.rsplit(". ").next().unwrap_or(before);
    !HYPOTHETICAL.is_match(sentence) && AFTER.is_match(&text[claim.span.end..])
}

fn fractions(text: &str, ruler: &Ruler<'_>) -> Vec<Claim<f64>> {
    let values = FRACTION.find_iter(text).filter_map(|found| ruler.value_at(text, found.start()));
    let claims = values.map(|(answer, span)| Claim::plain(text, answer, span)).collect();
    legal(claims).into_iter().filter(|claim| is_meant(text, claim)).collect()
}

fn legal(claims: Vec<Claim<f64>>) -> Vec<Claim<f64>> {
    claims.into_iter().filter(|claim| matches!(claim.answer, Answer::Value(_))).collect()
}
