//! A number or a level's name, read at one place of a text.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;
use rewardctl_core::score::Scale;

use crate::llm::reply::{
    claim::Answer,
    json::{Json, Node},
    pattern::pattern,
    score::Level,
    spelt,
};

static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\A[-+−]?[0-9０-９]{1,15}(?:[.．][0-9０-９]{1,15})?"));
static NOT_APPLICABLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\A(?:n\s?/\s?a|n\.a\.|na|not applicable|does not apply|none|null)(?:\b|\z|\s|\W)")
});
/// What may stand between a label and its value.
static DECORATION: LazyLock<Regex> = LazyLock::new(|| pattern("\\A[\\s*_`\"'“”‘’(\\[=~≈#]{0,16}"));
static OUT_OF: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s*_`\x22'\])]{0,6}(?:/|out of|of)\s{0,3}[*_]{0,2}([0-9０-９]{1,15}(?:[.．][0-9０-９]{1,15})?)",
    )
});
/// A range or a choice: an echo of the question, not an answer.
static RANGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A[\s*_`\x22')\]]{0,4}(?:",
        r"(?:[-–—~−]|\.\.|to\b|or\b|through\b|and\b|,)\s{0,3}[0-9０-９]",
        r"|[,(]?\s{0,2}(?:or|maybe|perhaps|possibly|if not)\s(?:maybe |perhaps |possibly |even |rather )?(?:an? )?[0-9]",
        r"|(?:or|and) (?:higher|more|above|up|better|lower|less|below|under|fewer)\b",
        r"|and (?:a half|½)|[½¼¾⅓⅔]|\+)",
    ))
});
/// What makes a number something other than a score: a share, a version, a list's own numbering, a word.
static SPOILT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\A(?:\s?[%％?]|[.,．:/][0-9０-９]|[\p{L}_]|[\x{20}\x{A0}\x{202F}][0-9]{3}\b)")
});
/// What follows a number that a rubric explains.
static EXPLAINED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[*_`\x22'\])]{0,6}\s{0,3}(?::\s{0,3}\S|(?:means?|indicates?|would|requires?|represents?|is (?:for|given|reserved|awarded)|being)\b)",
    )
});

/// What may follow a value that an object's text begins with.
static COMMENTED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\A(?:\s?(?:/|out of)\s?[0-9.]{1,8})?\s{0,2}(?:\(|[–—]|-\s)"));
static IN_BRACKETS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\A[*_]{0,2}\s?\(([^()\n]{1,40})\)"));

/// What values are legal, and what they are called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ruler<'a> {
    pub scale: &'a Scale,
    pub levels: &'a [Level<'a>],
}

impl Ruler<'_> {
    /// Judges a number against the scale.
    pub fn answer(&self, number: f64) -> Answer<f64> {
        match self.scale.normalise(number) {
            Ok(_) => Answer::Value(number + 0.0),
            Err(error) => Answer::Illegal(error.to_string()),
        }
    }

    /// Reads the value that `text` has at `at`, behind quotes, brackets and emphasis, and the bytes it takes.
    ///
    /// None where nothing that could be meant as a value stands; an illegal answer where something does.
    pub fn value_at(&self, text: &str, at: usize) -> Option<(Answer<f64>, Range<usize>)> {
        let start = at + DECORATION.find(&text[at..])?.end();
        let rest = &text[start..];
        if let Some(level) = self.level_at(rest) {
            let name = level.name.trim();
            let is_denied = in_brackets(&rest[name.len()..]).is_some_and(|said| {
                NUMBER.find(said).is_some_and(|it| number(it.as_str()) != Some(level.value))
            });
            let answer = if is_denied { illegal(rest) } else { self.answer(level.value) };
            return Some((answer, start..start + name.len()));
        }
        if NOT_APPLICABLE.is_match(rest) {
            return Some((Answer::NotApplicable, start..start + rest.len().min(1)));
        }
        if let Some(spelt) = spelt::at_start(rest) {
            let fits = spelt.bound.is_none_or(|bound| bound == self.scale.max);
            let answer = if fits { self.answer(spelt.value) } else { illegal(rest) };
            return Some((answer, start..start + spelt.span.end));
        }
        let literal = NUMBER.find(rest)?;
        let after = &rest[literal.end()..];
        if RANGE.is_match(after) || EXPLAINED.is_match(after) {
            return None;
        }
        let span = start..start + literal.end();
        if let Some(bound) = OUT_OF.captures(after) {
            let is_whole = bound.get(1).is_some_and(|bound| number(bound.as_str()) == Some(self.scale.max));
            let answer =
                if is_whole { number(literal.as_str()).map(|value| self.answer(value)) } else { None };
            return Some((answer.unwrap_or_else(|| illegal(rest)), span));
        }
        if SPOILT.is_match(after) {
            let is_word = after.starts_with(|next: char| next.is_alphabetic() || next == '_');
            return (!is_word).then(|| (illegal(rest), span));
        }
        let value = number(literal.as_str())?;
        let is_denied = in_brackets(after).is_some_and(|said| self.names_another(said, value));
        Some((if is_denied { illegal(rest) } else { self.answer(value) }, span))
    }

    /// Tells whether `text` is the name of another level than `value`.
    fn names_another(&self, text: &str, value: f64) -> bool {
        let level = self.level_at(text).filter(|level| level.name.trim().len() == text.trim_end().len());
        level.is_some_and(|level| level.value != value)
    }

    /// Reads `text` if it is nothing but a value, with what ends a sentence behind it.
    pub fn whole(&self, text: &str) -> Option<(Answer<f64>, Range<usize>)> {
        let (answer, span) = self.value_at(text, 0)?;
        let mut after = &text[span.end..];
        if answer == Answer::NotApplicable {
            return (text.len() <= 24).then_some((answer, span));
        }
        if let Some(bound) = OUT_OF.find(after) {
            after = &after[bound.end()..];
        }
        let closed =
            after.trim_matches(|next: char| next.is_whitespace() || "*_`\"'“”‘’)].!=#".contains(next));
        let is_unit =
            ["", "points", "point", "stars", "star", "pts"].contains(&closed.to_lowercase().as_str());
        is_unit.then_some((answer, span))
    }

    /// Reads a value out of an object.
    pub fn node(&self, node: &Node) -> Option<(Answer<f64>, Range<usize>)> {
        match &node.json {
            Json::Null => Some((Answer::NotApplicable, node.span.clone())),
            Json::Number(literal) => {
                let answer = number(literal).map_or_else(|| illegal(literal), |value| self.answer(value));
                Some((answer, node.span.clone()))
            }
            Json::Text(text) => {
                let explained =
                    || self.value_at(text, 0).filter(|(_, span)| COMMENTED.is_match(&text[span.end..]));
                let (answer, span) = self.whole(text).or_else(explained)?;
                Some((answer, node.span.start + span.start..(node.span.start + span.end).min(node.span.end)))
            }
            Json::Bool(_) | Json::List(_) | Json::Object(_) => None,
        }
    }

    /// Finds the longest level name that `text` begins with.
    fn level_at(&self, text: &str) -> Option<&Level<'_>> {
        let fits = self.levels.iter().filter(|level| begins_with_name(text, level.name.trim()));
        fits.max_by_key(|level| level.name.trim().len())
    }
}

/// Returns what stands in brackets at the beginning of `text`.
fn in_brackets(text: &str) -> Option<&str> {
    IN_BRACKETS.captures(text).and_then(|found| Some(found.get(1)?.as_str()))
}

fn begins_with_name(text: &str, name: &str) -> bool {
    let Some(head) = text.get(..name.len()).filter(|_| !name.is_empty()) else {
        return false;
    };
    let same = head.to_lowercase() == name.to_lowercase();
    same && !text[name.len()..].starts_with(char::is_alphanumeric)
}

fn illegal(text: &str) -> Answer<f64> {
    let shown: String = text.chars().take_while(|next| !next.is_whitespace()).take(16).collect();
    Answer::Illegal(format!("`{shown}` is no number on the scale"))
}

/// Reads a number, full-width digits included.
pub(super) fn number(text: &str) -> Option<f64> {
    let plain = text.chars().map(|next| match next {
        '０'..='９' => char::from_digit(next as u32 - '０' as u32, 10).unwrap_or(next),
        '．' => '.',
        '−' => '-',
        other => other,
    });
    plain.collect::<String>().parse::<f64>().ok().filter(|value| value.is_finite())
}
