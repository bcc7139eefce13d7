//! Which columns hold the prompt, the answers and the label, told from one row.

use serde_json::Value;

use crate::chat::is_transcript;
use crate::json::{Fields, get};
use crate::lint::parts::Side;

/// What the rows of a file hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A better and a worse answer.
    Pair,
    /// One answer called good or bad.
    Unpaired,
    /// An answer in steps, each called right or wrong.
    Steps,
    /// A prompt with an answer to imitate.
    Demonstration,
    /// A conversation.
    Chat,
    /// Plain text.
    Text,
    /// A prompt alone.
    Prompt,
    /// Nothing that is known.
    Unknown,
}

/// Which columns hold what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// What the rows hold.
    pub shape: Shape,
    /// The columns of the prompt, joined; none where the answers hold it, or where a conversation does.
    pub prompt: Vec<String>,
    /// The columns of the answers with their sides.
    pub answers: Vec<(String, Side)>,
    /// The column of the label or the labels.
    pub label: Option<String>,
    /// Whether answers are found in ranked completions, not in columns of their own.
    pub ranked: Option<Ranked>,
}

/// Completions in one list, the better one told by a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ranked {
    /// `rank`, 0 being the best, as NeMo-RL has it.
    ByRank,
    /// `score`, 1 being the best, as Vertex has it.
    ByScore,
}

const PROMPTS: [&str; 7] = ["prompt", "question", "instruction", "query", "input", "context", "contents"];
const CHATS: [&str; 4] = ["messages", "conversations", "conversation", "contents"];
const CHOSEN: [&str; 3] = ["chosen", "chosen_response", "preferred_output"];
const REJECTED: [&str; 5] =
    ["rejected", "rejected_response", "rejected_messages", "non_preferred_output", "rejected_output"];
const ANSWERS: [&str; 5] = ["completion", "response", "output", "answer", "completions"];
const LABELS: [&str; 3] = ["label", "kto_tag", "preference"];

impl Shape {
    /// Returns what people call it.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Pair => "preference pairs",
            Shape::Unpaired => "unpaired preferences",
            Shape::Steps => "labelled steps",
            Shape::Demonstration => "prompts with answers",
            Shape::Chat => "conversations",
            Shape::Text => "plain text",
            Shape::Prompt => "prompts",
            Shape::Unknown => "rows of an unknown shape",
        }
    }
}

impl Layout {
    /// Tells the layout from one row; never fails, as [`Shape::Unknown`] is an answer too.
    pub fn detect(row: &Fields) -> Self {
        let label = first(row, &LABELS);
        pair(row)
            .or_else(|| ranked(row))
            .or_else(|| steps(row))
            .or_else(|| label.and_then(|label| unpaired(row, label)))
            .or_else(|| chat(row))
            .or_else(|| demonstration(row))
            .or_else(|| text(row))
            .or_else(|| prompt_alone(row))
            .unwrap_or_else(|| Self::plain(Shape::Unknown))
    }

    /// Tells whether the answers of a pair hold the prompt, because no column does.
    pub fn is_implicit(&self) -> bool {
        self.shape == Shape::Pair && self.prompt.is_empty()
    }

    /// Returns the columns in use.
    pub fn columns(&self) -> Vec<&str> {
        let answers = self.answers.iter().map(|(field, _)| field.as_str());
        self.prompt.iter().map(String::as_str).chain(answers).chain(self.label.as_deref()).collect()
    }

    fn plain(shape: Shape) -> Self {
        Self { shape, prompt: vec![], answers: vec![], label: None, ranked: None }
    }
}

fn pair(row: &Fields) -> Option<Layout> {
    let (chosen, rejected) = (first(row, &CHOSEN), first(row, &REJECTED));
    let sides = |chosen: String, rejected: String| vec![(chosen, Side::Chosen), (rejected, Side::Rejected)];
    match (chosen, rejected) {
        (Some(chosen), Some(rejected)) => {
            let prompt = pair_prompt(row);
            Some(Layout { prompt, answers: sides(chosen, rejected), ..Layout::plain(Shape::Pair) })
        }
        // The conversation is the better side, as ms-swift has it.
        (None, Some(rejected)) => {
            let chat = first(row, &CHATS)?;
            Some(Layout { answers: sides(chat, rejected), ..Layout::plain(Shape::Pair) })
        }
        // The worse side is lost: that is for the checks to say.
        (Some(chosen), None) => {
            let rejected = if chosen == "preferred_output" { "non_preferred_output" } else { "rejected" };
            let prompt = pair_prompt(row);
            Some(Layout { prompt, answers: sides(chosen, rejected.into()), ..Layout::plain(Shape::Pair) })
        }
        (None, None) => None,
    }
}

fn pair_prompt(row: &Fields) -> Vec<String> {
    if get(row, "input.messages").is_some() {
        return vec!["input.messages".into()];
    }
    let prompt = prompt(row);
    if prompt.is_empty() {
        // Whole conversations beside `messages` are what binarized sets have: there the pair holds the prompt.
        let chat = first(row, &["messages", "conversations"]);
        return chat.filter(|_| !holds_prompt(row)).into_iter().collect();
    }
    prompt
}

/// Tells whether the better side starts with a turn of the user.
fn holds_prompt(row: &Fields) -> bool {
    let chosen = CHOSEN.iter().find_map(|name| row.get(*name));
    match chosen {
        Some(Value::String(text)) => is_transcript(text),
        Some(Value::Array(turns)) => turns.len() > 1,
        _ => false,
    }
}

fn ranked(row: &Fields) -> Option<Layout> {
    let list = row.get("completions")?.as_array()?;
    let has = |key: &str| list.iter().all(|one| one.get("completion").is_some() && one.get(key).is_some());
    let ranked = match list.is_empty() {
        true => return None,
        false if has("rank") => Ranked::ByRank,
        false if has("score") => Ranked::ByScore,
        false => return None,
    };
    let answers = vec![("completions".into(), Side::Chosen), ("completions".into(), Side::Rejected)];
    Some(Layout { prompt: prompt(row), answers, ranked: Some(ranked), ..Layout::plain(Shape::Pair) })
}

fn steps(row: &Fields) -> Option<Layout> {
    let is_list = |name: &str| row.get(name).is_some_and(Value::is_array);
    if !is_list("completions") || !row.contains_key("labels") {
        return None;
    }
    let answers = vec![("completions".into(), Side::Only)];
    let prompt = prompt(row);
    Some(Layout { prompt, answers, label: Some("labels".into()), ..Layout::plain(Shape::Steps) })
}

fn unpaired(row: &Fields, label: String) -> Option<Layout> {
    let (prompt, answer) = (prompt(row), first(row, &ANSWERS));
    let answer = answer.or_else(|| first(row, &CHATS))?;
    let prompt = if CHATS.contains(&answer.as_str()) { vec![] } else { prompt };
    let answers = vec![(answer, Side::Only)];
    Some(Layout { prompt, answers, label: Some(label), ..Layout::plain(Shape::Unpaired) })
}

fn chat(row: &Fields) -> Option<Layout> {
    let field = CHATS.into_iter().find(|name| row.get(*name).is_some_and(Value::is_array))?;
    Some(Layout { answers: vec![(field.into(), Side::Only)], ..Layout::plain(Shape::Chat) })
}

fn demonstration(row: &Fields) -> Option<Layout> {
    let answer = first(row, &ANSWERS)?;
    let prompt = prompt(row);
    let is_whole = !prompt.is_empty();
    let answers = vec![(answer, Side::Only)];
    is_whole.then(|| Layout { prompt, answers, ..Layout::plain(Shape::Demonstration) })
}

fn text(row: &Fields) -> Option<Layout> {
    let is_text = row.get("text").is_some_and(Value::is_string) && prompt(row).is_empty();
    is_text.then(|| Layout { answers: vec![("text".into(), Side::Only)], ..Layout::plain(Shape::Text) })
}

fn prompt_alone(row: &Fields) -> Option<Layout> {
    let prompt = prompt(row);
    (!prompt.is_empty()).then(|| Layout { prompt, ..Layout::plain(Shape::Prompt) })
}

/// Returns the columns of the prompt: an instruction has its input beside it.
fn prompt(row: &Fields) -> Vec<String> {
    let Some(name) = first(row, &PROMPTS) else { return vec![] };
    let input = (name == "instruction" && row.contains_key("input")).then(|| "input".into());
    std::iter::once(name).chain(input).collect()
}

fn first(row: &Fields, names: &[&str]) -> Option<String> {
    names.iter().find(|name| row.contains_key(**name)).map(|name| name.to_string())
}
