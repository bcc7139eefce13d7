//! What people decide, and the labels that it becomes.

use serde::{Deserialize, Serialize};

use crate::id::ResponseId;
use crate::label::{Judgement, Label, Winner};
use crate::review::question::{Kind, PASS, Question};
use crate::score::{Score, ScoreError};

/// The outcome of a comparison, in the order that the person saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The first is better.
    Left,
    /// The second is better.
    Right,
    /// Both are as good.
    Tie,
    /// Neither will do.
    BothBad,
    /// The person cannot tell: no label comes of it.
    CannotTell,
}

/// Why a task is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// The question or its texts can be read in more than one way.
    Ambiguous,
    /// It takes somebody who knows the field.
    NeedsExpert,
    /// Texts are cut, empty or garbled.
    Broken,
    /// Nobody should have to read it, or it holds personal data.
    Unsafe,
    /// It was seen before.
    Duplicate,
    /// Anything else; the note says what.
    Other,
}

/// What a person answers. Responses are named by their place, from 0, in the order that the person saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// How good the response is, on the question's scale.
    Rate {
        /// The value.
        value: f64,
    },
    /// Which of the two is better.
    Choose {
        /// The outcome.
        choice: Choice,
        /// How much better, in 0..=1; None if not said.
        #[serde(default)]
        strength: Option<Score>,
    },
    /// The places of all responses, best first.
    Rank {
        /// Each place once.
        order: Vec<usize>,
    },
    /// A better text. Beside a question of another kind it is given in addition, and the question stays open.
    Correct {
        /// Whose place it takes.
        #[serde(default)]
        place: usize,
        /// The better text.
        text: String,
    },
    /// The response may pass.
    Approve {},
    /// It may not.
    Reject {},
    /// The tags of the decision are the answer.
    Tag {},
    /// No answer.
    Skip {
        /// Why.
        reason: SkipReason,
    },
}

/// What a person decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The answer.
    pub answer: Answer,
    /// Why, in the person's own words; may be empty.
    #[serde(default)]
    pub note: String,
    /// Words that the person puts on it.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Milliseconds from seeing it to deciding; None if nobody looked at the clock.
    #[serde(default)]
    pub elapsed_ms: Option<u32>,
}

/// What an answer says of its question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Said {
    /// Where it places the question's first response, as [`word`] does.
    Word(f64),
    /// An answer that is no number: an order, a text, tags.
    Answered,
    /// No answer: a skip, or "cannot tell".
    Nothing,
}

/// Why a decision does not fit its question.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unfit {
    /// Another kind of answer than was asked for.
    #[error("field `answer`: the question asks to {asked}, not to {given}")]
    Kind {
        /// What the question asks for.
        asked: &'static str,
        /// What was answered.
        given: &'static str,
    },
    /// A value that is not on the scale.
    #[error("field `value`: {0}")]
    OffScale(ScoreError),
    /// A place that no response has.
    #[error("field `place`: there are {responses} responses, counted from 0")]
    NoPlace {
        /// How many responses there are.
        responses: usize,
    },
    /// A ranking that leaves responses out or names one twice.
    #[error("field `order`: name each of the {responses} places once, counted from 0")]
    NotAnOrder {
        /// How many responses there are.
        responses: usize,
    },
    /// A correction without text.
    #[error("field `text`: a correction needs a text")]
    NoText,
    /// A correction with the text as it was.
    #[error("field `text`: it is as it was, so that nothing is corrected")]
    Unchanged,
    /// Tags were asked for, and there is none.
    #[error("field `tags`: the question asks for tags")]
    NoTags,
    /// More than anybody types.
    #[error("field `{field}`: {found} bytes, more than the {most} that are taken")]
    TooLong {
        /// The field.
        field: &'static str,
        /// Its bytes.
        found: usize,
        /// The most bytes.
        most: usize,
    },
}

/// The most bytes of a note, and of a tag.
const NOTE_BYTES: usize = 20_000;
const TAG_BYTES: usize = 100;

/// The most bytes of all tags together.
const TAGS_BYTES: usize = 2_000;

/// The most bytes of a correction.
const TEXT_BYTES: usize = 1 << 20;

impl Answer {
    /// Returns the name of what is done.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rate { .. } => "rate",
            Self::Choose { .. } => "choose",
            Self::Rank { .. } => "rank",
            Self::Correct { .. } => "correct",
            Self::Approve {} => "approve",
            Self::Reject {} => "reject",
            Self::Tag {} => "tag",
            Self::Skip { .. } => "skip",
        }
    }

    /// Tells whether the answer ends the task; a correction beside another question does not.
    pub fn ends(&self, kind: Kind) -> bool {
        kind == Kind::Correct || !matches!(self, Self::Correct { .. })
    }
}

/// Returns the labels that `decision` on `question` becomes, none for a skip; an error if it does not fit.
///
/// The same decision becomes the same labels wherever it is made: comparisons name the response with the smaller id first.
pub fn labels(
    question: &Question,
    shown: &[ResponseId],
    decision: &Decision,
    reviewer: &str,
) -> Result<Vec<Label>, Unfit> {
    check_lengths(decision)?;
    let judgements = match (&decision.answer, question.kind) {
        (Answer::Skip { .. }, _) => vec![],
        (Answer::Correct { place, text }, _) => vec![correct(shown, *place, text)?],
        (Answer::Rate { value }, Kind::Rate) => {
            question.scale.normalise(*value).map_err(Unfit::OffScale)?;
            let (dimension, scale) = (question.dimension.clone(), question.scale);
            vec![Judgement::Rate { response: shown[0], value: *value, scale, dimension }]
        }
        (Answer::Approve {}, Kind::Approve) => vec![pass(question, shown[0], 1.0)],
        (Answer::Reject {}, Kind::Approve) => vec![pass(question, shown[0], 0.0)],
        (Answer::Choose { choice, strength }, Kind::Choose) => chosen(shown, *choice, *strength),
        (Answer::Rank { order }, Kind::Rank) => ranked(shown, order)?,
        (Answer::Tag {}, Kind::Tag) if decision.tags.is_empty() => return Err(Unfit::NoTags),
        (Answer::Tag {}, Kind::Tag) => vec![],
        (answer, kind) => return Err(Unfit::Kind { asked: kind.name(), given: answer.name() }),
    };
    let label = |judgement| Label {
        item: question.item,
        judgement,
        annotator: reviewer.into(),
        note: decision.note.clone(),
    };
    Ok(judgements.into_iter().map(label).collect())
}

/// Returns where an answer lies between the worst, 0, and the best, 1, for the question's first response; of two, 1 is
/// the first's victory. None for what says nothing of it.
pub fn word(question: &Question, shown: &[ResponseId], answer: &Answer) -> Option<f64> {
    let won = |place: usize| Some(f64::from(u8::from(shown.get(place) == question.responses.first())));
    match (answer, question.kind) {
        (Answer::Rate { value }, Kind::Rate) => question.scale.normalise(*value).ok().map(Score::get),
        (Answer::Approve {}, Kind::Approve) => Some(1.0),
        (Answer::Reject {}, Kind::Approve) => Some(0.0),
        (Answer::Choose { choice, .. }, Kind::Choose) => match choice {
            Choice::Left => won(0),
            Choice::Right => won(1),
            Choice::Tie | Choice::BothBad => Some(0.5),
            Choice::CannotTell => None,
        },
        _ => None,
    }
}

/// Returns what an answer says of its question.
pub fn said(question: &Question, shown: &[ResponseId], answer: &Answer) -> Said {
    match (word(question, shown, answer), answer) {
        (Some(word), _) => Said::Word(word),
        (None, Answer::Skip { .. } | Answer::Choose { choice: Choice::CannotTell, .. }) => Said::Nothing,
        (None, _) => Said::Answered,
    }
}

fn check_lengths(decision: &Decision) -> Result<(), Unfit> {
    let text = match &decision.answer {
        Answer::Correct { text, .. } => text.len(),
        _ => 0,
    };
    let longest_tag = decision.tags.iter().map(String::len).max().unwrap_or(0);
    let all_tags = decision.tags.iter().map(String::len).sum();
    let found = [
        ("note", decision.note.len(), NOTE_BYTES),
        ("tags", longest_tag, TAG_BYTES),
        ("tags", all_tags, TAGS_BYTES),
        ("text", text, TEXT_BYTES),
    ];
    match found.into_iter().find(|(_, found, most)| found > most) {
        Some((field, found, most)) => Err(Unfit::TooLong { field, found, most }),
        None => Ok(()),
    }
}

fn correct(shown: &[ResponseId], place: usize, text: &str) -> Result<Judgement, Unfit> {
    let response = *shown.get(place).ok_or(Unfit::NoPlace { responses: shown.len() })?;
    if text.trim().is_empty() {
        return Err(Unfit::NoText);
    }
    Ok(Judgement::Correct { response, text: text.into() })
}

fn pass(question: &Question, response: ResponseId, value: f64) -> Judgement {
    Judgement::Rate { response, value, scale: PASS, dimension: question.dimension.clone() }
}

fn chosen(shown: &[ResponseId], choice: Choice, strength: Option<Score>) -> Vec<Judgement> {
    let (left, right) = (shown[0], shown[1]);
    let better = match choice {
        Choice::Left => Some(left),
        Choice::Right => Some(right),
        Choice::Tie | Choice::BothBad => None,
        Choice::CannotTell => return vec![],
    };
    vec![compare(left, right, better, strength.filter(|_| better.is_some()))]
}

fn compare(
    one: ResponseId,
    other: ResponseId,
    better: Option<ResponseId>,
    strength: Option<Score>,
) -> Judgement {
    let (a, b) = (one.min(other), one.max(other));
    let winner = match better {
        None => Winner::Tie,
        Some(better) if better == a => Winner::A,
        Some(_) => Winner::B,
    };
    Judgement::Compare { a, b, winner, strength }
}

/// A ranking says of every pair which is better.
fn ranked(shown: &[ResponseId], order: &[usize]) -> Result<Vec<Judgement>, Unfit> {
    let mut places = order.to_vec();
    places.sort_unstable();
    if places != (0..shown.len()).collect::<Vec<_>>() {
        return Err(Unfit::NotAnOrder { responses: shown.len() });
    }
    let mut judgements = vec![];
    for (at, better) in order.iter().enumerate() {
        for worse in &order[at + 1..] {
            judgements.push(compare(shown[*better], shown[*worse], Some(shown[*better]), None));
        }
    }
    Ok(judgements)
}

#[cfg(test)]
mod tests;
