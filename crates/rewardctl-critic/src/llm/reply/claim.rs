//! Claims: each place in a reply that looks like a verdict, and which of them speaks for it.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::llm::reply::{Reading, pattern::pattern};

/// A claim is final if one of these words stands this near before it, on the same line; in bytes.
const NEAR: usize = 80;

/// A line with a verdict and at most this many words explains nothing.
const MAX_BARE_WORDS: usize = 8;

static FINAL: LazyLock<Regex> = LazyLock::new(|| {
    let words = "final(?:ly)?|overall|therefore|thus|hence|conclu\\w*|in sum(?:mary)?|to sum up|in the end|ultimately";
    pattern(&format!(r"(?i)\b(?:{words})\b"))
});

/// What a place in a reply says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer<T> {
    Value(T),
    NotApplicable,
    /// A verdict that is not possible, and why.
    Illegal(String),
}

/// A place in a reply that looks like a verdict.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claim<T> {
    pub answer: Answer<T>,
    /// The bytes of the verdict itself, such as `4`.
    pub span: Range<usize>,
    /// Whether it calls itself final.
    pub is_final: bool,
    /// The explanation that stands beside it; empty outside of objects.
    pub rationale: String,
}

impl<T> Claim<T> {
    /// A claim in plain text: final if words before it on its line say so.
    pub fn plain(text: &str, answer: Answer<T>, span: Range<usize>) -> Self {
        let is_final = calls_itself_final(before_on_line(text, span.start));
        Self { answer, span, is_final, rationale: String::new() }
    }
}

/// Tells whether the words before a claim announce a final one.
pub(super) fn calls_itself_final(before: &str) -> bool {
    FINAL.is_match(before)
}

/// Returns the words before `at`, near it and on its line.
pub(super) fn before_on_line(text: &str, at: usize) -> &str {
    let near = &text[text.ceil_char_boundary(at.saturating_sub(NEAR))..at];
    near.rsplit('\n').next().unwrap_or(near)
}

/// Returns the claim that speaks: the last one, unless an earlier one says otherwise and the last is not the only
/// kind of claim that calls itself final. None without claims.
pub(super) fn deciding<T: PartialEq>(mut claims: Vec<Claim<T>>) -> Option<Result<Claim<T>, String>> {
    let last = claims.pop()?;
    let rivals = claims.iter().filter(|claim| claim.answer != last.answer);
    let is_contested = rivals.into_iter().any(|rival| rival.is_final || !last.is_final);
    if is_contested {
        return Some(Err("the reply gives different verdicts and calls none of them final".into()));
    }
    Some(Ok(last))
}

/// Turns the deciding claim into a reading.
pub(super) fn reading<T, U>(
    decided: Result<Claim<T>, String>,
    value: impl FnOnce(T, String, Range<usize>) -> U,
) -> Reading<U> {
    let claim = match decided {
        Ok(claim) => claim,
        Err(reason) => return Reading::Unparsable { reason },
    };
    match claim.answer {
        Answer::Value(found) => Reading::Value(value(found, claim.rationale, claim.span)),
        Answer::Illegal(reason) => Reading::Unparsable { reason },
        Answer::NotApplicable => {
            let said = if claim.rationale.is_empty() {
                "the reply says not applicable".into()
            } else {
                claim.rationale
            };
            Reading::NotApplicable { reason: said }
        }
    }
}

/// Returns what `text` says besides the verdict at `span`: all but the verdict's own line, if that is short.
pub(super) fn rationale_around(text: &str, span: &Range<usize>) -> String {
    let line_start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[span.end..].find('\n').map_or(text.len(), |at| span.end + at);
    let is_short = text[line_start..line_end].split_whitespace().nth(MAX_BARE_WORDS).is_none();
    let (before, after) = if is_short { (line_start, line_end) } else { (line_end, line_end) };
    let said = format!("{}\n{}", text[..before].trim_end(), text[after..].trim_start());
    said.trim().to_owned()
}

/// Returns the lines of `text` that are not blank, trimmed, each with the byte it begins at.
pub(super) fn lines(text: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let start = at + (line.len() - line.trim_start().len());
        if !line.trim().is_empty() {
            lines.push((start, line.trim()));
        }
        at += line.len();
    }
    lines
}
