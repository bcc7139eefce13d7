//! The better of two responses, out of one reply.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::llm::reply::{
    How, Reading, ReplyText,
    claim::{Answer, Claim, deciding, lines, rationale_around, reading},
    content::{Source, refuses, silence, words},
    json::{Json, Object, objects},
    pattern::pattern,
    prose,
    side::{self, Choice},
    verdict_object::{Keys, in_objects, plain_name},
};

/// Which of two responses is better, in the order in which the critic saw them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Winner {
    /// The first.
    A,
    /// The second.
    B,
    /// Neither.
    Tie,
}

/// By how much, where the reply's form says so, as `A>>B` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// `A>B`.
    Slight,
    /// `A>>B`.
    Strong,
}

/// A preference that a reply gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preference {
    /// The better one.
    pub winner: Winner,
    /// By how much; None where the reply's form has no degrees.
    pub strength: Option<Strength>,
    /// What the model says for it; may be empty.
    pub rationale: String,
    /// The form it was found in.
    pub how: How,
}

const KEYS: Keys = Keys {
    decisive: &[
        "finalverdict",
        "finalchoice",
        "finaldecision",
        "finalanswer",
        "finalwinner",
        "overallwinner",
        "overall",
    ],
    plain: &[
        "winner",
        "preferred",
        "preferredresponse",
        "preference",
        "choice",
        "better",
        "best",
        "betterresponse",
        "betteroutput",
        "betteranswer",
        "verdict",
        "decision",
    ],
    weak: &[
        "answer",
        "result",
        "output",
        "label",
        "judgment",
        "judgement",
        "selected",
        "selection",
        "option",
        "rating",
    ],
};

static MARK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)[\[(]\s?(?:result|verdict|winner)\s?[\])]\s{0,4}:?\s{0,4}|\[\[|\\boxed\{|<(?:winner|verdict|answer|choice|result)>",
    )
});
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:winner|answer|choice|verdict|decision|preference|preferred|better|best|judge?ment|selection|result|output|conclusion",
        r"|(?:better|best|preferred|winning) (?:response|answer|output|assistant|model))",
        r"[*_`\x22')\]]{0,4}\s{0,3}(?:[:：=→]|->)",
    ))
});
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    let number = r"([0-9]{1,3}(?:\.[0-9]{1,3})?)(?:\s?/\s?[0-9]{1,3})?";
    pattern(&format!(
        r"(?i)\A(?:scores?|ratings?)?[\s:(\[*_`]{{0,6}}{number}\s{{0,4}}[,;|&\s]\s{{0,4}}{number}[\s)\]*_`.]{{0,6}}\z"
    ))
});

/// Reads which of two responses `reply` prefers; the first is A, (a), 1 or m, a tie is C or 3.
///
/// Forms are tried from the strongest to the weakest, and the first that says anything decides.
pub fn parse_winner(reply: &ReplyText<'_>) -> Reading<Preference> {
    let (source, text) = match words(reply) {
        Ok(words) => words,
        Err(silence) => return silence,
    };
    located_winner(source, text).map(|(preference, _)| preference)
}

/// Finds the claims of one form in a text.
type Form = fn(&str) -> Vec<Claim<Choice>>;

/// A preference and the bytes of the text that say it.
pub(super) type Located = (Preference, Range<usize>);

pub(super) fn located_winner(source: Source, text: &str) -> Reading<Located> {
    let objects = objects(text);
    let is_whole = !objects.open && !objects.exhausted;
    let ranked = if is_whole { ranking(&objects.found) } else { Vec::new() };
    let in_object = match deciding(ranked) {
        Some(decided) => Some(reading(decided, |choice: Choice, rationale, span| {
            (choice.preference(rationale, How::EmbeddedJson), span)
        })),
        None => in_objects((source, text), &KEYS, &side::node, |choice, found| {
            (choice.preference(found.rationale, found.how), found.span)
        }),
    };
    if let Some(found) = in_object {
        return found;
    }
    let forms: [(How, Form); 7] = [
        (How::Mark, marks),
        (How::Lone, lone),
        (How::Label, labels),
        (How::Pair, pairs),
        (How::Sentence, prose::decisions),
        (How::Pair, prose::scored_sides),
        (How::Sentence, prose::comparisons),
    ];
    for (how, find) in forms {
        let Some(decided) = deciding(find(text)) else { continue };
        if how == How::Sentence && refuses(text) {
            break;
        }
        return reading(decided, |choice: Choice, _, span| {
            (choice.preference(rationale_around(text, &span), how), span)
        });
    }
    silence(text)
}

/// Reads a ranking of two models: the objects with a model's name and the rank 1.
fn ranking(objects: &[Object]) -> Vec<Claim<Choice>> {
    let mut lists = vec![];
    for object in objects {
        lists.push(&object.members);
        let inner = object.members.iter().filter_map(|(_, node)| match &node.json {
            Json::List(nodes) => Some(nodes),
            _ => None,
        });
        lists.extend(inner.flatten().filter_map(|node| match &node.json {
            Json::Object(members) => Some(members),
            _ => None,
        }));
    }
    let mut claims = Vec::new();
    for members in lists {
        let node =
            |wanted: &str| members.iter().find(|(key, _)| plain_name(key) == wanted).map(|(_, node)| node);
        let (Some(model), Some(rank)) = (node("model"), node("rank")) else { continue };
        let is_first = matches!(&rank.json, Json::Number(rank) | Json::Text(rank) if rank == "1");
        if let Some((answer, span)) = side::node(model).filter(|_| is_first) {
            claims.push(Claim { answer, span, is_final: false, rationale: String::new() });
        }
    }
    claims
}

fn behind(label: &Regex, text: &str) -> Vec<Claim<Choice>> {
    let choices = label.find_iter(text).filter_map(|found| side::at(text, found.end()));
    choices.map(|(choice, span)| Claim::plain(text, Answer::Value(choice), span)).collect()
}

fn marks(text: &str) -> Vec<Claim<Choice>> {
    behind(&MARK, text)
}

fn labels(text: &str) -> Vec<Claim<Choice>> {
    behind(&LABEL, text)
}

/// A side that is the whole reply, or its first or last line.
fn lone(text: &str) -> Vec<Claim<Choice>> {
    let lines = lines(text);
    let candidates = match lines.as_slice() {
        [] => Vec::new(),
        [only] => vec![*only],
        // A list.
        [(_, "1." | "2." | "3."), .., last] => vec![*last],
        [first, .., last] => vec![*first, *last],
    };
    let found = candidates.into_iter().filter_map(|(at, line)| Some((at, side::whole(line)?)));
    found
        .map(|(at, (choice, span))| Claim::plain(text, Answer::Value(choice), span.start + at..span.end + at))
        .collect()
}

/// Two numbers on a line of their own; without brackets only on the first or the last line.
fn pairs(text: &str) -> Vec<Claim<Choice>> {
    let lines = lines(text);
    let mut claims = Vec::new();
    for (index, (at, line)) in lines.iter().enumerate() {
        let is_edge = index == 0 || index + 1 == lines.len();
        if !is_edge && !line.starts_with(['(', '[']) {
            continue;
        }
        let Some(numbers) = PAIR.captures(line) else { continue };
        let number = |group| numbers.get(group).and_then(|found| found.as_str().parse::<f64>().ok());
        if let (Some(first), Some(second)) = (number(1), number(2)) {
            let choice = Choice::of_scores(first, second);
            claims.push(Claim::plain(text, Answer::Value(choice), *at..at + line.len()));
        }
    }
    claims
}
