//! Values that are no digits: `four`, `four out of five`, `★★★★☆`.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::llm::reply::pattern::pattern;

const NAMES: [&str; 11] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/// A number in words where nothing follows that makes it a count: `four.`, but not `four reasons`.
static WORD: LazyLock<Regex> = LazyLock::new(|| {
    let name = NAMES.join("|");
    pattern(&format!(
        r"(?i)\A(?P<value>{name})\b(?:\s(?:out of|of)\s(?P<bound>{name}|[0-9]{{1,3}})\b)?[*_`\x22')\]]{{0,4}}\s{{0,3}}(?:\z|[.,;!)\n<|—–]|-\s|(?:stars?|points)\b)"
    ))
});
static STARS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\A(?P<full>(?:[★⭐🌟]\x{FE0F}?){1,10})(?P<empty>[☆✩]{0,10})"));

/// What a scale with stars ends at.
const STARS_END: f64 = 5.0;

/// A value and what it is out of, if the text says so.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spelt {
    pub value: f64,
    pub bound: Option<f64>,
    pub span: Range<usize>,
}

/// Reads the value that `text` begins with.
pub(super) fn at_start(text: &str) -> Option<Spelt> {
    word(text).or_else(|| stars(text))
}

fn word(text: &str) -> Option<Spelt> {
    let found = WORD.captures(text)?;
    let value = number(&found["value"])?;
    let bound = found.name("bound").map(|bound| number(bound.as_str()));
    let end = found.name("bound").map_or(found["value"].len(), |bound| bound.end());
    let span = 0..end;
    match bound {
        Some(None) => None,
        bound => Some(Spelt { value, bound: bound.flatten(), span }),
    }
}

/// Reads stars. A single one may be an ornament; empty ones tell how many there are in all.
fn stars(text: &str) -> Option<Spelt> {
    let found = STARS.captures(text)?;
    let count = |group: &str| found[group].chars().filter(|next| *next != '\u{FE0F}').count();
    let (full, empty) = (count("full"), count("empty"));
    let all = if empty == 0 { STARS_END } else { (full + empty) as f64 };
    (full + empty > 1).then(|| Spelt { value: full as f64, bound: Some(all), span: 0..found[0].len() })
}

fn number(text: &str) -> Option<f64> {
    let lower = text.to_lowercase();
    let named = NAMES.iter().position(|name| *name == lower).map(|value| value as f64);
    named.or_else(|| text.parse().ok())
}
