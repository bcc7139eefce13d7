//! The name of a side, read at one place of a text: `A`, `(b)`, `Assistant 1`, `the second response`, `tie`.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::llm::reply::{
    How,
    claim::Answer,
    json::{Json, Node},
    pattern::pattern,
    winner::{Preference, Strength, Winner},
};

/// What two judged texts are called.
pub(super) const NOUN: &str = "(?:ai |chat ?)?(?:assistant|output|response|answer|model|option|candidate|solution|\
    submission|choice|system|completion|summary|story|text|essay|reply|version|translation|chatbot|bot|agent|player)";
const TIE: &str = "tie|tied|draw|equal|equally good|equivalent|both|neither|same|no winner|no preference";

static SIDE: LazyLock<Regex> = LazyLock::new(|| {
    let before = "[\\s*_`\"'“”‘’\\[(:#<=]{0,16}(?:(?i:the|either|it is|it's) )?";
    let arrow = r"(?P<left>[ABab12])\s?(?P<arrow>>{1,3}|<{1,3}|=)\s?(?P<right>[ABab12])";
    let named =
        format!("(?i:{NOUN})(?:['’]s)?[\\s_:#-]{{0,3}}[\"'“‘(\\[*]{{0,3}}(?P<named>(?i:[ab123]|one|two))");
    let ordinal = "(?i:(?P<ordinal>first|second|former|latter))";
    let tie = format!("(?i:(?P<tie>{TIE}))");
    pattern(&format!(r"\A{before}(?:{arrow}|{named}|{ordinal}|{tie}|(?P<closed>[abc])\)|(?P<bare>[ABC123]))"))
});
/// What follows a letter or a digit that names no side: an article's noun, a decimal, a range, a list of both.
static NO_SIDE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)\A(?:[\p{{L}}\p{{N}}_]|[.,:/-][0-9]|[\s)*_\]]{{0,3}}(?:or|and|vs\.?|versus|/|&)\s{{0,2}}(?:the )?(?:{NOUN}|[(ab12]))"
    ))
});
/// What ends a word that speaks for itself: `both.`, but not `both outputs`.
static ENDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\A[)\]*_`\x22'”’]{0,4}(?:\s{0,3}(?:\z|[.,;:!)\]}<\n]|- )|\s(?:between|because|since|as)\b)")
});
/// A word after `A` that makes it an article.
static ARTICLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\A\s[a-z]"));
/// A word after `A` that leaves it a name.
static VERB: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\A\s(?:is|was|wins|has|does|did|gives|gave|provides|provided|because|since|as|over|by|for|with|due|would|overall)\b",
    )
});
static AFTER_WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)\A[\s)\]*_`\x22'“”’.!>}}]{{0,8}}(?:(?:'s )?{NOUN})?(?:is (?:the )?(?:better|best|winner)|wins)?[\s*_`\x22'.!)\]]{{0,6}}\z"
    ))
});

/// A side, or neither, and by how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    pub winner: Winner,
    pub strength: Option<Strength>,
}

impl Choice {
    pub const TIE: Self = Self::of(Winner::Tie);

    pub const fn of(winner: Winner) -> Self {
        Self { winner, strength: None }
    }

    pub fn of_scores(first: f64, second: f64) -> Self {
        Self::of(match first.total_cmp(&second) {
            std::cmp::Ordering::Greater => Winner::A,
            std::cmp::Ordering::Less => Winner::B,
            std::cmp::Ordering::Equal => Winner::Tie,
        })
    }

    pub fn other(self) -> Self {
        let winner = match self.winner {
            Winner::A => Winner::B,
            Winner::B => Winner::A,
            Winner::Tie => Winner::Tie,
        };
        Self { winner, ..self }
    }

    pub fn preference(self, rationale: String, how: How) -> Preference {
        Preference { winner: self.winner, strength: self.strength, rationale, how }
    }
}

/// Reads the side that `text` names at `at`, and the bytes of its letter, digit or word.
pub(super) fn at(text: &str, at: usize) -> Option<(Choice, Range<usize>)> {
    let found = SIDE.captures(&text[at..])?;
    let span_of = |group: &str| found.name(group).map(|found| at + found.start()..at + found.end());
    if let (Some(left), Some(right)) = (span_of("left"), span_of("right")) {
        let choice = arrow(&text[left.clone()], &found["arrow"], &text[right.clone()])?;
        return Some((choice, left.start..right.end));
    }
    if let Some(span) = span_of("tie") {
        return ENDS.is_match(&text[span.end..]).then_some((Choice::TIE, span));
    }
    let span = ["named", "ordinal", "closed", "bare"].iter().find_map(|group| span_of(group))?;
    let after = &text[span.end..];
    let is_bare_a = found.name("bare").is_some() && &text[span.clone()] == "A";
    let is_article = is_bare_a && ARTICLE.is_match(after) && !VERB.is_match(after);
    if is_article || NO_SIDE.is_match(after) {
        return None;
    }
    Some((Choice::of(named(&text[span.clone()])?), span))
}

/// Reads `text` if it is nothing but a side.
pub(super) fn whole(text: &str) -> Option<(Choice, Range<usize>)> {
    let bare = text.trim_matches(|next: char| next.is_whitespace() || "*_`\"'“”‘’.()[]{}<>".contains(next));
    let start = text.find(bare).unwrap_or_default();
    let span = start..start + bare.len();
    // Two prompts in wide use call their sides `m` and `M`, and others accept small letters.
    let alone = match bare {
        "m" => Some(Winner::A),
        "M" => Some(Winner::B),
        "a" => Some(Winner::A),
        "b" => Some(Winner::B),
        "c" => Some(Winner::Tie),
        _ => None,
    };
    if let Some(winner) = alone {
        return Some((Choice::of(winner), span));
    }
    if let Some(choice) = graded(bare) {
        return Some((choice, span));
    }
    let (choice, span) = at(text, 0)?;
    AFTER_WHOLE.is_match(&text[span.end..]).then_some((choice, span))
}

/// Reads a side out of an object.
pub(super) fn node(node: &Node) -> Option<(Answer<Choice>, Range<usize>)> {
    let (choice, inner) = match &node.json {
        Json::Null => return Some((Answer::NotApplicable, node.span.clone())),
        Json::Text(text)
            if matches!(text.trim().to_lowercase().as_str(), "n/a" | "na" | "not applicable") =>
        {
            return Some((Answer::NotApplicable, node.span.clone()));
        }
        Json::Text(text) | Json::Number(text) => whole(text).or_else(|| model_name(text))?,
        Json::Bool(_) | Json::List(_) | Json::Object(_) => return None,
    };
    let end = (node.span.start + inner.end).min(node.span.end);
    Some((Answer::Value(choice), (node.span.start + inner.start).min(end)..end))
}

/// Reads `model_1` and the like, where the letter or digit is the last character.
fn model_name(text: &str) -> Option<(Choice, Range<usize>)> {
    let (name, side) = text.trim().rsplit_once(['_', '-', ' '])?;
    let is_name = name.chars().all(|next| next.is_ascii_alphabetic() || next == '_');
    let start = text.trim_end().len() - side.len();
    is_name.then(|| named(side)).flatten().map(|winner| (Choice::of(winner), start..start + side.len()))
}

fn named(name: &str) -> Option<Winner> {
    match name.to_lowercase().as_str() {
        "a" | "1" | "one" | "first" | "former" => Some(Winner::A),
        "b" | "2" | "two" | "second" | "latter" => Some(Winner::B),
        "c" | "3" => Some(Winner::Tie),
        _ => None,
    }
}

/// Reads `A++` and `B+`.
fn graded(name: &str) -> Option<Choice> {
    let letter = name.trim_end_matches('+');
    let strength = match name.len() - letter.len() {
        1 => Strength::Slight,
        2 => Strength::Strong,
        _ => return None,
    };
    Some(Choice { winner: named(letter)?, strength: Some(strength) })
}

/// Reads `A>>B` and its kin; None for `A>A`.
fn arrow(left: &str, arrow: &str, right: &str) -> Option<Choice> {
    let (left, right) = (named(left)?, named(right)?);
    if left == right {
        return None;
    }
    let winner = match arrow.chars().next() {
        Some('>') => left,
        Some('<') => right,
        _ => return Some(Choice::TIE),
    };
    let strength = if arrow.len() > 1 { Strength::Strong } else { Strength::Slight };
    Some(Choice { winner, strength: Some(strength) })
}
