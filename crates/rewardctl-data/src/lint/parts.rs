//! A row taken apart: the prompt, the answers and the label, whatever columns they are in.

use std::borrow::Cow;

use serde_json::Value;

use crate::chat::{is_transcript, transcript};
use crate::json::{Fields, get};
use crate::lint::layout::{Layout, Ranked, Shape};

/// Which side an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The only one.
    Only,
    /// The better one.
    Chosen,
    /// The worse one.
    Rejected,
}

/// How a text stands in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Not there, or null.
    Missing,
    /// A string.
    Text,
    /// A list of messages.
    Messages,
    /// One message.
    Message,
    /// A list of strings: steps.
    Texts,
    /// Anything else.
    Other,
}

/// One turn of a conversation; a string is one turn without a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who speaks, as the file says it.
    pub role: String,
    /// What is said.
    pub text: String,
    /// Whether it also holds something that is no text, such as a call of a tool or a picture.
    pub has_more: bool,
}

/// The turns in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The column.
    pub field: String,
    /// How they stand in it.
    pub form: Form,
    /// The turns.
    pub turns: Vec<Turn>,
}

/// A row taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The conversation before the answer; None where no column and no shared start holds it.
    pub prompt: Option<Said>,
    /// The answers, the better one first.
    pub answers: Vec<(Side, Said)>,
    /// Whether the prompt was found as the shared start of the answers.
    pub implicit: bool,
}

impl Parts {
    /// Takes `row` apart.
    pub fn of(row: &Fields, layout: &Layout) -> Self {
        if let Some(ranked) = layout.ranked {
            return ranked_parts(row, layout, ranked);
        }
        let prompt = prompt(row, &layout.prompt);
        let answers = layout.answers.iter().map(|(field, side)| (*side, Said::of(get(row, field), field)));
        let parts = Self { prompt, answers: answers.collect(), implicit: false };
        match layout.shape {
            Shape::Chat => parts.split_chat(),
            Shape::Unpaired if layout.prompt.is_empty() => parts.split_chat(),
            Shape::Pair if layout.is_implicit() => parts.split_shared(),
            _ => parts,
        }
    }

    /// Returns the answer of this side.
    pub fn answer(&self, side: Side) -> Option<&Said> {
        self.answers.iter().find(|(of, _)| *of == side).map(|(_, said)| said)
    }

    /// Returns both sides of a pair, the better one first.
    pub fn pair(&self) -> Option<(&Said, &Said)> {
        Some((self.answer(Side::Chosen)?, self.answer(Side::Rejected)?))
    }

    /// Takes the answer off a conversation.
    fn split_chat(mut self) -> Self {
        let Some((_, said)) = self.answers.first_mut() else { return self };
        let mut prompt = said.clone();
        said.turns = prompt.turns.pop().into_iter().collect();
        if said.turns.first().is_some_and(|turn| !turn.is_assistant()) {
            prompt.turns.append(&mut said.turns);
            self.answers.clear();
        }
        self.prompt = Some(prompt);
        self
    }

    /// Takes the turns that both sides start with for the prompt.
    fn split_shared(mut self) -> Self {
        let [(_, first), (_, second)] = &mut self.answers[..] else { return self };
        first.read_transcript();
        second.read_transcript();
        // An answer alone beside a conversation takes the place of its last turns, as ms-swift has it.
        let is_alone = first.form == Form::Messages && !first.starts_with_answer() && second.is_lone_answer();
        let shared = match is_alone {
            true => first.turns.iter().rposition(|turn| !turn.is_assistant()).map_or(0, |last| last + 1),
            false => first.turns.iter().zip(&second.turns).take_while(|(a, b)| a == b).count(),
        };
        // An answer is left on each side, also where both sides are the same.
        let last = |said: &Said| said.turns.len().saturating_sub(1);
        let shared = if is_alone { shared } else { shared.min(last(first)).min(last(second)) };
        if shared > 0 {
            let turns = first.turns.drain(..shared).collect();
            if !is_alone {
                second.turns.drain(..shared);
            }
            self.prompt = Some(Said { field: first.field.clone(), form: first.form, turns });
            self.implicit = true;
        }
        self
    }
}

impl Said {
    /// Takes the value of a column for what is said in it.
    pub fn of(value: Option<&Value>, field: &str) -> Self {
        let (form, turns) = match value {
            None | Some(Value::Null) => (Form::Missing, vec![]),
            Some(Value::String(text)) => (Form::Text, vec![Turn::plain(text)]),
            Some(object @ Value::Object(_)) if Turn::of(object).is_some() => {
                (Form::Message, Turn::of(object).into_iter().collect())
            }
            Some(Value::Array(list)) => list_turns(list),
            Some(_) => (Form::Other, vec![]),
        };
        Self { field: field.into(), form, turns }
    }

    /// Returns what the model says: the turns of the assistant, or all where none is.
    pub fn text(&self) -> Cow<'_, str> {
        let speaks = self.turns.iter().any(Turn::is_assistant);
        let mut texts =
            self.turns.iter().filter(|turn| !speaks || turn.is_assistant()).map(|turn| &turn.text);
        match (texts.next(), texts.next()) {
            (None, _) => Cow::Borrowed(""),
            (Some(only), None) => Cow::Borrowed(only),
            (Some(first), Some(second)) => {
                let more = texts.map(String::as_str);
                let all: Vec<&str> = [first.as_str(), second.as_str()].into_iter().chain(more).collect();
                Cow::Owned(all.join("\n"))
            }
        }
    }

    /// Tells whether nothing is said, in text or otherwise.
    pub fn is_empty(&self) -> bool {
        self.turns.iter().all(|turn| turn.text.trim().is_empty() && !turn.has_more)
    }

    fn starts_with_answer(&self) -> bool {
        self.turns.first().is_some_and(Turn::is_assistant)
    }

    fn is_lone_answer(&self) -> bool {
        self.form == Form::Text || self.starts_with_answer()
    }

    /// Takes a transcript apart.
    fn read_transcript(&mut self) {
        let [only] = &self.turns[..] else { return };
        if self.form == Form::Text && is_transcript(&only.text) {
            let turns = transcript(&only.text).into_iter();
            self.turns =
                turns.map(|turn| Turn { role: turn.role, text: turn.content, has_more: false }).collect();
        }
    }
}

impl Turn {
    /// Tells whether the model speaks.
    pub fn is_assistant(&self) -> bool {
        matches!(self.role.as_str(), "assistant" | "gpt" | "model" | "function_call" | "bot")
    }

    /// Tells whether it is a system turn.
    pub fn is_system(&self) -> bool {
        matches!(self.role.as_str(), "system" | "developer")
    }

    fn plain(text: &str) -> Self {
        Self { role: String::new(), text: text.into(), has_more: false }
    }

    fn of(value: &Value) -> Option<Self> {
        let turn = value.as_object()?;
        let role = ["role", "from"].iter().find_map(|name| turn.get(*name))?;
        let content = ["content", "value", "parts"].iter().find_map(|name| turn.get(*name));
        let calls = ["tool_calls", "function_call"].iter().filter_map(|name| turn.get(*name));
        let (text, has_media) = content.map_or_else(Default::default, content_text);
        let has_calls = calls.into_iter().any(|calls| !calls.is_null());
        Some(Self { role: role.as_str().unwrap_or_default().into(), text, has_more: has_media || has_calls })
    }
}

/// Returns the text of a message, and whether there is more than text.
fn content_text(content: &Value) -> (String, bool) {
    match content {
        Value::String(text) => (text.clone(), false),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts.iter().filter_map(part_text).collect();
            (texts.concat(), texts.len() < parts.len())
        }
        _ => (String::new(), false),
    }
}

fn part_text(part: &Value) -> Option<&str> {
    part.as_str().or_else(|| part.get("text").and_then(Value::as_str))
}

fn list_turns(list: &[Value]) -> (Form, Vec<Turn>) {
    let turns: Option<Vec<Turn>> = list.iter().map(Turn::of).collect();
    if let Some(turns) = turns {
        return (Form::Messages, turns);
    }
    let texts: Option<Vec<Turn>> = list.iter().map(|one| one.as_str().map(Turn::plain)).collect();
    texts.map_or((Form::Other, vec![]), |texts| (Form::Texts, texts))
}

fn prompt(row: &Fields, columns: &[String]) -> Option<Said> {
    let [first, rest @ ..] = columns else { return None };
    let mut prompt = Said::of(get(row, first), first);
    // An instruction and its input are one question.
    for more in rest.iter().filter_map(|column| get(row, column).and_then(Value::as_str)) {
        if let Some(turn) = prompt.turns.first_mut().filter(|_| !more.is_empty()) {
            turn.text = format!("{}\n{more}", turn.text);
        }
    }
    Some(prompt)
}

fn ranked_parts(row: &Fields, layout: &Layout, ranked: Ranked) -> Parts {
    let list = row.get("completions").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let value = |one: &Value| {
        let number = |key: &str| one.get(key).and_then(Value::as_f64).unwrap_or(0.0);
        if ranked == Ranked::ByRank { -number("rank") } else { number("score") }
    };
    let mut order: Vec<usize> = (0..list.len()).collect();
    order.sort_by(|a, b| value(&list[*b]).total_cmp(&value(&list[*a])));
    let said = |at: Option<&usize>| match at {
        Some(at) => Said::of(list[*at].get("completion"), &format!("completions[{at}].completion")),
        None => Said::of(None, "completions"),
    };
    let answers = vec![
        (Side::Chosen, said(order.first())),
        (Side::Rejected, said(order.last().filter(|_| order.len() > 1))),
    ];
    Parts { prompt: prompt(row, &layout.prompt), answers, implicit: false }
}
