//! What the prompt asks for, as far as patterns can tell: lengths, shapes, JSON.
//!
//! Read are the system turns and the last user turn, each at its head and tail only: a pasted article in the
//! middle is material, not a request.

use regex::Regex;
use rewardctl_core::item::Context;

use crate::rules::ask::limit::{Limit, find_limits};
use crate::rules::lexicon::{Hit, Lexicon, List, prompt_lists};

pub(crate) mod limit;

/// How much of a turn's head and of its tail is read.
const WINDOW: usize = 2000;

/// What the prompt asks for.
#[derive(Debug, Default)]
pub(crate) struct Ask {
    /// Lengths, in the order of the text.
    pub limits: Vec<Limit>,
    /// A short answer, in no certain measure.
    pub brief: bool,
    /// A long answer.
    pub long: bool,
    /// JSON.
    pub json: bool,
    /// Lists, steps, tables, headings or Markdown in general.
    pub structure: bool,
    /// Emoji.
    pub emoji: bool,
    /// Capitals.
    pub capitals: bool,
    /// Repetition, as in lyrics and mantras.
    pub repetition: bool,
    /// A rating or verdict, or talk of rating: then a score in the answer is an answer.
    pub rating: bool,
    /// Words of requests that one may rightly refuse.
    pub is_risky: bool,
    /// Advice: `should I`, `what can I do`.
    pub advice: bool,
}

/// The patterns, compiled.
#[derive(Debug)]
pub(crate) struct AskReader {
    words: Lexicon<Cue>,
    risks: Lexicon<List>,
    limits: Regex,
    json: Regex,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Cue {
    Unit,
    Brief,
    Long,
    Json,
    Coding,
    Structure,
    Emoji,
    Capitals,
    Repetition,
    Rating,
    Advice,
}

/// What speaks for each cue.
const CUES: &[(Cue, &[&str])] = &[
    (Cue::Unit, &["word*", "sentence*", "paragraph*", "bullet*"]),
    (
        Cue::Brief,
        &[
            "brief*",
            "concise*",
            "short",
            "shortly",
            "one word",
            "tl;dr",
            "tldr",
            "in a nutshell",
            "succinct*",
        ],
    ),
    (
        Cue::Long,
        &[
            "in detail",
            "detailed",
            "comprehensive",
            "in depth",
            "in-depth",
            "essay",
            "article",
            "story",
            "blog post",
            "chapter",
            "thorough*",
            "elaborate",
            "report",
            "guide",
            "tutorial",
            "script",
            "speech",
            "poem",
        ],
    ),
    (Cue::Json, &["json"]),
    (
        Cue::Coding,
        &[
            "function",
            "program",
            "parse",
            "parser",
            "class",
            "api",
            "library",
            "python",
            "javascript",
            "typescript",
            "java",
            "rust",
            "golang",
            "code",
            "convert",
        ],
    ),
    (
        Cue::Structure,
        &[
            "list",
            "lists",
            "bullet*",
            "step*",
            "table",
            "outline",
            "heading*",
            "header*",
            "markdown",
            "section*",
            "numbered",
            "itinerary",
            "plan",
            "recipe",
            "slide*",
            "agenda",
            "schedule",
            "checklist",
            "compare",
            "pros and cons",
            "resume",
            "quiz",
            "questions",
            "readme",
            "documentation",
            "guide",
            "tutorial",
            "report",
            "bold",
        ],
    ),
    (Cue::Emoji, &["emoji*", "emoticon*"]),
    (Cue::Capitals, &["all caps", "capital letter*", "uppercase", "upper case", "capitalize*", "acronym*"]),
    (
        Cue::Repetition,
        &["repeat*", "song", "lyrics", "chorus", "mantra", "chant", "times", "poem", "refrain"],
    ),
    (
        Cue::Rating,
        &[
            "rate",
            "rating*",
            "score*",
            "grade",
            "grading",
            "judge*",
            "evaluat*",
            "review*",
            "verdict",
            "assess*",
            "classif*",
            "sentiment",
            "rank*",
            "winner",
            "rubric",
            "json",
            "prompt injection",
            "chat template*",
            "special token*",
            "control token*",
        ],
    ),
    (
        Cue::Advice,
        &[
            "advice",
            "am i allowed",
            "can a*",
            "can i",
            "can we",
            "can you take",
            "could i",
            "do i have to",
            "do i need",
            "do we need",
            "help me",
            "how can i",
            "how do i",
            "how much can i",
            "how much should",
            "is it ok",
            "is it okay",
            "is it safe",
            "may i",
            "recommend",
            "should i",
            "should my",
            "should we",
            "what can i",
            "what can we",
            "what do i do",
            "what do we do",
            "what should",
            "what to do",
            "what would you",
        ],
    ),
];

/// A demand for JSON: a verb of giving, and `json` soon after it.
const JSON_DEMAND: &str = r"(?i)(?:respond|reply|answer|return|output|give|provide|produce|format|formatted|write|generate|print|use|list|extract)[^.?!\n]{0,80}?(?-u:\b)json(?-u:\b)|json (?:only|format|object with)|(?:as|valid|in) json(?-u:\b)";

impl AskReader {
    /// Compiles the patterns.
    pub fn new() -> Self {
        let tagged = CUES.iter().flat_map(|(cue, words)| words.iter().map(|word| (*cue, *word)));
        let compile = |pattern| Regex::new(pattern).expect("a test compiles the pattern");
        Self {
            words: Lexicon::new(tagged),
            risks: prompt_lists(),
            limits: compile(limit::PATTERN),
            json: compile(JSON_DEMAND),
        }
    }

    /// Reads what `context` asks for.
    pub fn read(&self, context: &Context) -> Ask {
        let mut ask = Ask::default();
        let system = context.prompt.iter().filter(|turn| turn.role == "system");
        for turn in system.map(|turn| turn.content.as_str()).chain([context.question()]) {
            for part in head_and_tail(turn) {
                self.read_part(part, &mut ask);
            }
        }
        ask.is_risky = self.is_risky(context.question());
        ask
    }

    /// Tells whether `text` has words of requests that one may rightly refuse.
    pub fn is_risky(&self, text: &str) -> bool {
        head_and_tail(text).any(|part| !self.risks.hits(part).is_empty())
    }

    fn read_part(&self, part: &str, ask: &mut Ask) {
        let hits = self.words.hits(part);
        let has = |cue| hits.iter().any(|Hit { tag, .. }| *tag == cue);
        if has(Cue::Unit) {
            find_limits(&self.limits, part, &mut ask.limits);
        }
        ask.brief |= has(Cue::Brief);
        ask.long |= has(Cue::Long);
        ask.json |= has(Cue::Json) && !has(Cue::Coding) && self.json.is_match(part);
        ask.structure |= has(Cue::Structure);
        ask.emoji |= has(Cue::Emoji);
        ask.capitals |= has(Cue::Capitals);
        ask.repetition |= has(Cue::Repetition);
        ask.rating |= has(Cue::Rating);
        ask.advice |= has(Cue::Advice);
    }
}

fn head_and_tail(turn: &str) -> impl Iterator<Item = &str> {
    let whole = turn.len() <= 2 * WINDOW;
    let head_end = if whole { turn.len() } else { turn.floor_char_boundary(WINDOW) };
    let tail_start = if whole { turn.len() } else { turn.ceil_char_boundary(turn.len() - WINDOW) };
    [&turn[..head_end], &turn[tail_start..]].into_iter().filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use rewardctl_core::item::Message;

    use super::*;
    use crate::rules::ask::limit::Unit;

    fn read(prompt: &str) -> Ask {
        let context = Context { prompt: vec![Message::user(prompt)], reference: None, documents: Vec::new() };
        AskReader::new().read(&context)
    }

    fn check_limit(prompt: &str, expected: Option<(u32, u32, Unit)>) {
        let found = read(prompt).limits.first().map(|limit| (limit.min, limit.max, limit.unit));
        assert_eq!(found, expected, "in {prompt:?}");
    }

    #[test]
    fn lengths_that_prompts_ask_for() {
        check_limit("Explain it in one sentence.", Some((1, 1, Unit::Sentences)));
        check_limit("Explain it in a single sentence.", Some((1, 1, Unit::Sentences)));
        check_limit("Answer in at most 50 words.", Some((0, 50, Unit::Words)));
        check_limit("Use 50 words or less.", Some((0, 50, Unit::Words)));
        check_limit("Write a 500-word essay", Some((400, 600, Unit::Words)));
        check_limit("Write at least 1,000 words", Some((1000, u32::MAX, Unit::Words)));
        check_limit("Give me three bullet points", Some((3, 3, Unit::Items)));
        check_limit("in 2-3 short sentences", Some((2, 3, Unit::Sentences)));
        check_limit("between 100 and 150 words", Some((100, 150, Unit::Words)));
        check_limit("in two paragraphs", Some((2, 2, Unit::Paragraphs)));
        check_limit("a subject line and a two-sentence preview", None);
        check_limit("Combine these two sentences", None);
        check_limit("How many words are in the book?", None);
        check_limit("What is a sentence?", None);
    }

    #[test]
    fn json_is_asked_for_not_talked_about() {
        assert!(read("List the colours. Respond in JSON only.").json);
        assert!(read("Return a JSON object with the keys name and age.").json);
        assert!(!read("Write a Python function that returns JSON").json);
        assert!(!read("What is JSON?").json);
    }

    #[test]
    fn a_pasted_text_is_no_request() {
        let article = format!("Summarise:\n{}in one sentence{}", "x ".repeat(2000), " y".repeat(2000));
        assert!(read(&article).limits.is_empty());
    }
}
