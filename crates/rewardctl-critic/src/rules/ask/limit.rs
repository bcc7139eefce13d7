//! Lengths that a prompt asks for: `in one sentence`, `at most 50 words`, `three bullet points`.

use regex::{Captures, Regex};

/// What a length is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Words of the prose.
    Words,
    /// Sentences of the prose.
    Sentences,
    /// Stretches between blank lines.
    Paragraphs,
    /// Lines that begin with a bullet or a number.
    Items,
}

/// A length asked for; both ends are legal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    /// The least count.
    pub min: u32,
    /// The greatest count; `u32::MAX` for none.
    pub max: u32,
    /// Of what.
    pub unit: Unit,
}

/// `cue number[-number] [adjective] unit [tail]`; what the cue means is decided in code.
pub(super) const PATTERN: &str = concat!(
    r"(?i-u:(?P<cue>at most|no more than|not more than|up to|maximum(?: of)?|max\.?|under|below|fewer than|less than|within|",
    r"not exceed(?:ing)?|limit(?: it| this| your (?:answer|response|reply))? to|at least|no less than|no fewer than|",
    r"not less than|minimum(?: of)?|more than|over|exactly|about|around|approximately|roughly|between|in|into|with|",
    r"using|use|write|give(?: me)?|list|provide|as|of|a|an|only|me)?[ \t]+)?",
    r"(?-u:\b)(?P<low>(?i-u:[0-9][0-9,]{0,6}|a single|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|fifty|hundred))",
    r"(?i-u:(?:[ \t]*(?:-|to|or|and)[ \t]*|[ \t]*\x{2013}[ \t]*)(?P<high>[0-9][0-9,]{0,6}|two|three|four|five|six|seven|eight|nine|ten))?",
    r"(?i-u:[ \t-]+(?:short|brief|concise|simple|full|complete|long|main|key|clear|clean|single|small|well-written)?[ \t]*",
    r"(?P<unit>words?|sentences?|paragraphs?|bullet(?:ed)?[ -]points?|bullets?|bullet list items?))(?-u:\b)",
    r"(?i-u:(?P<tail>[ \t]*(?:or (?:less|fewer|under)|max(?:imum)?|at most|tops|or more|minimum|at least)))?",
);

const AT_MOST: &[&str] = &[
    "at most",
    "no more than",
    "not more than",
    "up to",
    "maximum",
    "maximum of",
    "max",
    "max.",
    "under",
    "below",
    "fewer than",
    "less than",
    "within",
    "not exceed",
    "not exceeding",
    "or less",
    "or fewer",
    "or under",
    "tops",
];
const AT_LEAST: &[&str] = &[
    "at least",
    "no less than",
    "no fewer than",
    "not less than",
    "minimum",
    "minimum of",
    "more than",
    "over",
    "or more",
];
/// How far a target in words may be missed: `about 500 words` is met by 400 to 600.
const SLACK: f64 = 0.2;

/// Answers of fewer words are asked for with `in` or `at most`.
const LEAST_TARGET: u32 = 20;

/// Adds the lengths that `text` asks for.
pub(super) fn find_limits(pattern: &Regex, text: &str, limits: &mut Vec<Limit>) {
    let about_the_whole = |found: &Captures<'_>| {
        let before = text[..found.get_match().start()].trim_end().to_lowercase();
        // `a subject line and a two-sentence preview`: the length is that of a part.
        !["and", "plus", "then", "&"].iter().any(|joint| before.ends_with(joint))
    };
    limits.extend(pattern.captures_iter(text).filter(about_the_whole).filter_map(|found| limit(&found)));
}

fn limit(found: &Captures<'_>) -> Option<Limit> {
    let group = |name| found.name(name).map_or(String::new(), |part| part.as_str().trim().to_lowercase());
    let unit = unit(&group("unit"))?;
    let (low, high) = (number(&group("low"))?, number(&group("high")));
    let (cue, tail) = (group("cue"), group("tail"));
    let says = |list: &[&str]| list.contains(&cue.as_str()) || list.contains(&tail.as_str());
    let is_most = says(AT_MOST) || cue.starts_with("limit");
    // Without a cue, `two sentences` may be the material; so may `a sentence` after anything but `in`.
    let is_material = unit != Unit::Words && cue.is_empty() && unit != Unit::Items;
    let is_article =
        matches!(group("low").as_str(), "a" | "an") && !matches!(cue.as_str(), "in" | "into" | "as");
    // `a two-word name` is a part; `in two words` is the answer.
    let is_part = unit == Unit::Words && low < LEAST_TARGET && matches!(cue.as_str(), "" | "a" | "an");
    if is_material || is_part || is_article && !is_most {
        return None;
    }
    Some(match high {
        Some(high) => Limit { min: low.min(high), max: low.max(high), unit },
        None if is_most => Limit { min: 0, max: low, unit },
        None if says(AT_LEAST) => Limit { min: low, max: u32::MAX, unit },
        None if unit == Unit::Words => Limit { min: less(low), max: more(low), unit },
        None => Limit { min: low, max: low, unit },
    })
}

fn less(target: u32) -> u32 {
    (f64::from(target) * (1.0 - SLACK)) as u32
}

fn more(target: u32) -> u32 {
    (f64::from(target) * (1.0 + SLACK)).ceil() as u32
}

fn unit(word: &str) -> Option<Unit> {
    match word.get(..4)? {
        "word" => Some(Unit::Words),
        "sent" => Some(Unit::Sentences),
        "para" => Some(Unit::Paragraphs),
        "bull" => Some(Unit::Items),
        _ => None,
    }
}

fn number(word: &str) -> Option<u32> {
    const WORDS: &[(&str, u32)] = &[
        ("a", 1),
        ("an", 1),
        ("a single", 1),
        ("one", 1),
        ("two", 2),
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("six", 6),
        ("seven", 7),
        ("eight", 8),
        ("nine", 9),
        ("ten", 10),
        ("twelve", 12),
        ("fifteen", 15),
        ("twenty", 20),
        ("fifty", 50),
        ("hundred", 100),
    ];
    let named = WORDS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
    named.or_else(|| word.replace(',', "").parse().ok())
}
