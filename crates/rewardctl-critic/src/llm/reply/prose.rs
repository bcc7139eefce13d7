//! Preferences in whole sentences.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::llm::reply::{
    claim::{Answer, Claim, before_on_line},
    pattern::pattern,
    side::{self, Choice, NOUN},
    winner::Winner,
};

/// How far behind a side a condition is looked for, in bytes.
const LOOK_AHEAD: usize = 64;

/// Verbs that choose, with the words that may stand between them and the side.
static CHOOSE: LazyLock<Regex> = LazyLock::new(|| {
    let verb = "choose|chose|chosen|pick(?:ed)?|select(?:ed)?|prefer(?:red)?|recommend(?:ed)?|favou?r|vote for|go with|\
        going with|opt for|lean(?:ing)? towards?|side with|edge (?:goes )?to|advantage to|preference (?:is )?for";
    let filler = "to|that|the|using|use|users|choose|choosing|choice|recommend|with|for|answer|response|solution|output|\
        of|from|by|given|provided|is|as";
    pattern(&format!(r"(?i)\b(?:{verb})\s+(?:(?:{filler})\s+){{0,6}}"))
});
/// `recommend it over Assistant 2's answer` prefers the other one.
static OVER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:choose|pick|select|prefer|recommend|favou?r) (?:it|this|that one|this one) (?:over|to)\s",
    )
});
/// Nouns that name the verdict, up to the side.
static VERDICT_IS: LazyLock<Regex> = LazyLock::new(|| {
    let noun = "winner|answer|choice|verdict|decision|preference|judge?ment|selection|output";
    let better = "better|best|preferred|preferable|superior|stronger|winning|correct";
    let verb = "is|was|would be|should be|will be|goes to";
    pattern(&format!(
        r"(?i)\b(?:{noun}|(?:{better})(?: \w{{1,16}}){{1,2}}) (?:{verb})(?: therefore| thus| that)?:?\s"
    ))
});
static NAMED_SIDE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)\b(?:{NOUN})s?[\s_]{{1,3}}[\x22'“‘(\[*]{{0,3}}[ab12]\b|\b(?:the )?(?:first|second) (?:{NOUN})\b"
    ))
});
/// What says of the side before it that it is better.
static BETTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&comparison("better|best|superior|preferred|preferable|stronger|winner|wins|edge"))
});
static MORE: LazyLock<Regex> =
    LazyLock::new(|| pattern(&comparison(r"more \w{1,20}|higher|correct(?:[.\n]| because)")));
static TIE: LazyLock<Regex> = LazyLock::new(|| {
    let same = "equivalent|equal|equally (?:good|helpful|well|strong)|tied|comparable|identical|on par";
    pattern(&format!(
        r"(?i)\b(?:both|the two|two|these|they)(?: (?:ai )?\w{{1,16}}){{0,2}} (?:are|were) (?:all |both |\w{{1,12}}ly )?(?:{same})\b|\b(?:is|it['’]s|as|call|declare|in) a (?:tie|draw)\b"
    ))
});
static SCORED: LazyLock<Regex> = LazyLock::new(|| {
    let link = "a|an|the|is|as|at|of|with|receives?|gets?|earns?|deserves?|scores?|score|rating|rated|would|be|submission|answer|response|solution|output";
    pattern(&format!(
        r"(?i)\A[)\]*_\x22']{{0,3}}(?:['’]s)?(?:[\s:=*_-]{{1,4}}(?:(?:{link})\b)?){{1,7}}([0-9]{{1,3}}(?:\.[0-9]{{1,2}})?)(?:\s?(?:/|out of)\s?[0-9]{{1,3}})?(?:[\s,;.)*_]|\z)"
    ))
});
/// Others' opinions, wishes and conditions: not the reply's own verdict.
static NOT_OWN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:argues|claims|thinks|believes|states|asserts|concludes|contends|says|maintains|argued|claimed|stated)\b",
        r"|\b(?:whether|unless|either|not|neither|nor|cannot|hardly)\b|n['’]t\b",
    ))
});
/// A judgement in the first person, which outweighs remarks.
static OWN_VOICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\bi (?:would |will |['’]d )?(?:rate|rank|say|think|believe|consider|find|judge|conclude)\b[^.]{0,60}\z",
    )
});
static CONDITION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\bif (?:the|you|a|an|one|someone|users?|they|it|accuracy|detail)\b|\bfor (?:users|someone|those)\b",
    )
});
/// A condition soon after the side, in the same clause.
static CONDITION_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\A[^.,;\n]{0,40}\b(?:if|only when|provided that|for (?:users|someone|those))\b")
});
static HELD_BACK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(?:\bnot|n['’]t|\bnever|\balso|\bto|\bcannot)\s+\z"));

/// Builds what may follow a side's name up to one of `words`.
fn comparison(words: &str) -> String {
    let thing = "answer|response|output|solution|submission|code|letter|review|one|script|version";
    let verb = "is|was|as|to be|seems|appears|has|did|does|would be|be|being|provides|provided|gives|gave|offers|offered|stands out as|comes out as|should be|be chosen as";
    let degree = "the|a|an|being|to be|overall|clearly|generally|slightly|much|significantly|somewhat|marginally|far|bit|slight|clear|therefore|thus|ultimately|indeed|actually|definitely|considered";
    format!(
        r"(?i)\A[)\]*_\x22'”’]{{0,3}}(?:['’]?s)?(?: (?:{thing}))?(?: (?:{verb}))?(?: (?:{degree})){{0,5}} (?:(?:{words})(?:\W|\z))"
    )
}

/// Sentences that choose: `I choose 2`, `the answer is 3`, `I would go with Assistant 1`.
pub(super) fn decisions(text: &str) -> Vec<Claim<Choice>> {
    let mut claims = Vec::new();
    for found in CHOOSE.find_iter(text) {
        let is_held_back = HELD_BACK.is_match(before_on_line(text, found.start()));
        if let Some((choice, span)) = side::at(text, found.end()).filter(|_| !is_held_back) {
            claims.extend(own(text, found.start(), choice, span));
        }
    }
    for found in OVER.find_iter(text) {
        if let Some((choice, span)) = side::at(text, found.end()) {
            claims.extend(own(text, found.start(), choice.other(), span));
        }
    }
    for found in VERDICT_IS.find_iter(text) {
        if let Some((choice, span)) = side::at(text, found.end()) {
            claims.extend(own(text, found.start(), choice, span));
        }
    }
    claims.sort_by_key(|claim| claim.span.start);
    claims
}

/// Sentences that compare: `Output (a) is better`; where there are none, `Assistant 2 is more detailed`.
pub(super) fn comparisons(text: &str) -> Vec<Claim<Choice>> {
    let mut claims = said_of_sides(text, &BETTER);
    for found in TIE.find_iter(text) {
        claims.extend(own(text, found.start(), Choice::TIE, found.range()));
    }
    if claims.is_empty() {
        claims = said_of_sides(text, &MORE);
        for claim in &mut claims {
            claim.is_final |= OWN_VOICE.is_match(before_on_line(text, claim.span.start));
        }
    }
    claims.sort_by_key(|claim| claim.span.start);
    claims
}

fn said_of_sides(text: &str, what: &Regex) -> Vec<Claim<Choice>> {
    let mut claims = Vec::new();
    for found in NAMED_SIDE.find_iter(text) {
        let Some((choice, span)) = side::at(text, found.start()) else { continue };
        let end = found.end().max(span.end);
        if what.is_match(&text[end..]) {
            claims.extend(own(text, found.start(), choice, span));
        }
    }
    claims
}

/// Numbers given to each side: `Assistant 1: 8/10`, `Assistant 2 a score of 9`.
pub(super) fn scored_sides(text: &str) -> Vec<Claim<Choice>> {
    let mut claims = Vec::new();
    let mut last: Option<(Winner, f64)> = None;
    for found in NAMED_SIDE.find_iter(text) {
        let Some((choice, span)) = side::at(text, found.start()) else { continue };
        let end = found.end().max(span.end);
        let Some(number) = SCORED.captures(&text[end..]).and_then(|numbers| numbers[1].parse::<f64>().ok())
        else {
            continue;
        };
        let pair = match (last, choice.winner) {
            (Some((Winner::A, first)), Winner::B) => Some((first, number)),
            (Some((Winner::B, second)), Winner::A) => Some((number, second)),
            _ => None,
        };
        last = Some((choice.winner, number));
        if let Some((first, second)) = pair {
            claims.push(Claim::plain(text, Answer::Value(Choice::of_scores(first, second)), span));
            last = None;
        }
    }
    claims
}

/// Returns the claim if its sentence gives the reply's own verdict, and gives it without condition.
fn own(text: &str, start: usize, choice: Choice, span: Range<usize>) -> Option<Claim<Choice>> {
    let before = before_on_line(text, start);
    let sentence = before.rsplit(". ").next().unwrap_or(before);
    let goes_on = &text[span.end..text.floor_char_boundary(span.end + LOOK_AHEAD)];
    let is_conditional = CONDITION.is_match(sentence) || CONDITION_AFTER.is_match(goes_on);
    let is_own = !NOT_OWN.is_match(sentence) && !is_conditional;
    is_own.then(|| Claim::plain(text, Answer::Value(choice), span))
}
