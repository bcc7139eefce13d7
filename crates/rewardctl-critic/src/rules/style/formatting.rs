//! `rule.formatting`: is there more decoration than text can carry?

use std::ops::Range;

use crate::rules::RuleInfo;
use crate::rules::judgement::{Judgement, counted};
use crate::rules::subject::Subject;
use crate::rules::text::Text;

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.formatting",
    dimension: "style",
    measures: "exp(-excess/15), where excess is the headings, bold spans, rules and half of the list items per 100 words beyond \
               20 plus the emoji per 100 words beyond 3, unless the prompt asks for them; halved by a fence left open.",
};

/// A list of short items reaches this density without harm.
const TOLERATED_MARKS: f64 = 20.0;
/// A list of keywords is nothing but items, and no worse for it.
const ITEM_WEIGHT: f64 = 0.5;
/// An emoji or two may stand in a message.
const TOLERATED_EMOJI: f64 = 3.0;
/// The excess at which the score has fallen to 1/e.
const SCALE: f64 = 15.0;
/// Shorter texts are measured as if they had so many words.
const LEAST_WORDS: f64 = 30.0;
const OPEN_FENCE: f64 = 0.5;

#[derive(Debug, Default)]
struct Marks {
    headings: usize,
    bold: usize,
    items: usize,
    rules: usize,
    emoji: usize,
}

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    let response = &subject.response;
    if response.is_blank() {
        return Judgement::abstained("the response is empty");
    }
    let marks = count_marks(response);
    let hundreds = (response.prose.len() as f64).max(LEAST_WORDS) / 100.0;
    let structure = (marks.headings + marks.bold + marks.rules) as f64 + ITEM_WEIGHT * marks.items as f64;
    let beyond = |count: f64, tolerated: f64| (count / hundreds - tolerated).max(0.0);
    let structure_excess = if subject.ask.structure { 0.0 } else { beyond(structure, TOLERATED_MARKS) };
    let emoji_excess = if subject.ask.emoji { 0.0 } else { beyond(marks.emoji as f64, TOLERATED_EMOJI) };
    let open_fence = response.fences.iter().find(|fence| !fence.closed);
    let factor = if open_fence.is_some() { OPEN_FENCE } else { 1.0 };
    let score = factor * (-(structure_excess + emoji_excess) / SCALE).exp();
    let opening: Option<Range<usize>> = open_fence.map(|fence| fence.start..fence.body.start);
    Judgement::scored(score, rationale(&marks, response, opening.is_some())).at(opening)
}

fn rationale(marks: &Marks, response: &Text<'_>, fence_is_open: bool) -> String {
    let parts = [
        (marks.headings, "heading"),
        (marks.bold, "bold span"),
        (marks.items, "list item"),
        (marks.rules, "rule"),
    ];
    let mut named: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(count, noun)).collect();
    if marks.emoji > 0 {
        named.push(format!("{} emoji", marks.emoji));
    }
    let what = if named.is_empty() { "no marks".into() } else { named.join(", ") };
    let fence = if fence_is_open { "; a code fence is never closed" } else { "" };
    format!("{what} in {}{fence}", counted(response.prose.len(), "word"))
}

fn count_marks(response: &Text<'_>) -> Marks {
    let mut marks = Marks::default();
    for (_, line) in response.prose_lines() {
        let trimmed = line.trim();
        marks.headings += usize::from(is_heading(trimmed));
        marks.items += usize::from(begins_item(line));
        marks.rules += usize::from(is_rule(trimmed));
        if trimmed.contains('*') {
            marks.bold += trimmed.matches("**").count() / 2;
        }
        if !trimmed.is_ascii() {
            marks.emoji += trimmed.chars().filter(|letter| is_emoji(*letter)).count();
        }
    }
    marks
}

fn is_heading(line: &str) -> bool {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    (1..=6).contains(&level) && line[level..].starts_with(' ')
}

fn is_rule(line: &str) -> bool {
    line.len() >= 3 && ["-", "*", "_"].iter().any(|mark| line.split(mark).all(str::is_empty))
}

/// Tells whether a line begins a list item: a bullet, or a number with a stop or bracket.
pub(crate) fn begins_item(line: &str) -> bool {
    let line = line.trim_start();
    let after_bullet = line.strip_prefix(['-', '*', '+', '•', '‣', '◦', '–']);
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let after_number = line[digits..].strip_prefix(['.', ')']).filter(|_| (1..=3).contains(&digits));
    after_bullet.or(after_number).is_some_and(|rest| rest.starts_with([' ', '\t']) && !rest.trim().is_empty())
}

/// Pictographs and flags; not the dingbats and arrows that serve as bullets, check marks and signs.
fn is_emoji(letter: char) -> bool {
    matches!(letter, '\u{1f300}'..='\u{1f3fa}' | '\u{1f400}'..='\u{1f64f}' | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1faff}' | '\u{2728}' | '\u{2b50}' | '\u{2764}' | '\u{2705}' | '\u{274c}')
}
