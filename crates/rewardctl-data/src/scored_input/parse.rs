//! Parses a chunk of lines into entries and texts.

use std::borrow::Cow;
use std::fmt;

use rewardctl_core::id::{ContentId, ItemId};
use rewardctl_core::item::{Context, Message, Response};
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::ScoredEntry;
use super::chunks::Chunk;
use crate::chat::{prompt, wrong_kind};
use crate::json::{Fields, parse_row};
use crate::row_error::{Fault, RowError, RowProblem};

/// What a chunk holds.
pub(super) struct Parsed {
    pub entries: Vec<ScoredEntry>,
    pub texts: Vec<u8>,
    pub bad: Vec<RowError>,
}

/// Parses the lines of a chunk; places of texts count from its start.
pub(super) fn parse(chunk: Chunk, label: &str) -> Parsed {
    let bad = chunk.bad.into_iter().map(|bad| bad.fault.at(label, bad.line)).collect();
    let mut parsed = Parsed { entries: vec![], texts: Vec::with_capacity(chunk.bytes.len()), bad };
    for (at, line) in chunk.bytes.split(|byte| *byte == b'\n').enumerate() {
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let number = match &chunk.lines {
            Some(lines) => lines[at],
            None => chunk.first + at as u64,
        };
        if text.len() > chunk.limit {
            let fault: Fault = RowProblem::TooLong { limit: chunk.limit }.into();
            parsed.bad.push(fault.at(label, number));
        } else if let Err(fault) = parsed.add(text) {
            parsed.bad.push(fault.at(label, number));
        }
    }
    parsed
}

impl Parsed {
    fn add(&mut self, line: &[u8]) -> Result<(), Fault> {
        let row: Line<'_> = serde_json::from_slice(line).map_err(|_| explained(line))?;
        let prompt = row.prompt.ok_or_else(|| explained(line))?;
        let Response { text: response, .. } = match row.response {
            Text::Some(text) => Response { text: text.into_owned(), generator: None, role: None },
            Text::None => return Err(explained(line)),
        };
        let is_chat = matches!(prompt, Prompt::Chat(_));
        let (turns, stored) = match prompt {
            Prompt::Text(text) if text.trim().is_empty() => {
                return Err(Fault::of_field("prompt", RowProblem::Empty));
            }
            Prompt::Text(text) => (vec![Message::user(&*text)], text.into_owned()),
            Prompt::Chat(turns) if turns.is_empty() => {
                return Err(Fault::of_field("prompt", RowProblem::Empty));
            }
            Prompt::Chat(turns) => {
                let json = serde_json::to_string(&turns).unwrap_or_default();
                (turns, json)
            }
        };
        let item = row.item_id.id().unwrap_or_else(|| item_of(turns));
        let response = Response { text: response, generator: None, role: None };
        let generator = row.generator.or(row.model);
        let at = self.texts.len() as u64;
        let texts = [stored.as_str(), response.text.as_str(), generator.text()];
        texts.iter().for_each(|text| self.texts.extend_from_slice(text.as_bytes()));
        self.entries.push(ScoredEntry {
            item,
            response: row.response_id.id().unwrap_or_else(|| response.id(item)),
            reward: row.reward.0.filter(|reward| reward.is_finite()),
            deviation: row.uncertainty.0.filter(|deviation| deviation.is_finite() && *deviation >= 0.0),
            version: row.versions.panel.version(),
            accepted: row.route.text() != "review",
            is_chat,
            at,
            lengths: texts.map(|text| text.len() as u32),
        });
        Ok(())
    }
}

fn item_of(prompt: Vec<Message>) -> ItemId {
    Context { prompt, reference: None, documents: vec![] }.id()
}

/// Says what is wrong with a line that could not be used.
fn explained(line: &[u8]) -> Fault {
    let mut fields: Fields = match parse_row(line, 0) {
        Ok(fields) => fields,
        Err(bad) => return bad.fault,
    };
    match fields.shift_remove("prompt").map(|value| prompt(value, "prompt")) {
        None => return Fault::of_field("prompt", RowProblem::Missing),
        Some(Err(fault)) => return fault,
        Some(Ok(_)) => {}
    }
    match fields.get("response") {
        None | Some(serde_json::Value::Null) => return Fault::of_field("response", RowProblem::Missing),
        Some(serde_json::Value::String(_)) => {}
        Some(other) => return wrong_kind("response", "text", other),
    }
    match fields.get("reward") {
        Some(other) if !other.is_number() && !other.is_null() => wrong_kind("reward", "a number", other),
        _ => {
            Fault::of_field("uncertainty", RowProblem::Kind { expected: "a number", found: "something else" })
        }
    }
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    prompt: Option<Prompt<'a>>,
    #[serde(borrow, default)]
    response: Text<'a>,
    #[serde(default)]
    reward: Number,
    #[serde(default)]
    uncertainty: Number,
    #[serde(borrow, default)]
    item_id: Text<'a>,
    #[serde(borrow, default)]
    response_id: Text<'a>,
    #[serde(borrow, default)]
    generator: Text<'a>,
    #[serde(borrow, default)]
    model: Text<'a>,
    #[serde(borrow, default)]
    route: Text<'a>,
    #[serde(borrow, default)]
    versions: Versions<'a>,
}

#[derive(Deserialize, Default)]
struct Versions<'a> {
    #[serde(borrow, default)]
    panel: Text<'a>,
}

/// A prompt: a text, or turns.
enum Prompt<'a> {
    Text(Cow<'a, str>),
    Chat(Vec<Message>),
}

/// A text that is borrowed where nothing in it is escaped; anything else counts as none.
#[derive(Default)]
enum Text<'a> {
    Some(Cow<'a, str>),
    #[default]
    None,
}

/// A number, also one in quotes, as CSV gives it, or under `total`.
#[derive(Default)]
struct Number(Option<f64>);

impl<'a> Text<'a> {
    fn text(&self) -> &str {
        match self {
            Self::Some(text) => text,
            Self::None => "",
        }
    }

    fn id(&self) -> Option<ContentId> {
        self.text().parse().ok()
    }

    fn or(self, other: Self) -> Self {
        if self.text().is_empty() { other } else { self }
    }

    /// Names a version by the start of its hash.
    fn version(&self) -> u64 {
        if self.text().is_empty() {
            return 0;
        }
        let id = ContentId::of("version", [self.text().as_bytes()]);
        id.as_bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

struct PromptVisitor;

impl<'de> Visitor<'de> for PromptVisitor {
    type Value = Prompt<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or a list of messages")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Prompt<'de>, E> {
        Ok(Prompt::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Prompt<'de>, E> {
        Ok(Prompt::Text(Cow::Owned(text.into())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Prompt<'de>, A::Error> {
        let mut turns = vec![];
        while let Some(turn) = list.next_element()? {
            turns.push(turn);
        }
        Ok(Prompt::Chat(turns))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Prompt<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PromptVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text::Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text::Some(Cow::Owned(text.into())))
    }

    fn visit_unit<E>(self) -> Result<Text<'de>, E> {
        Ok(Text::None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Text<'de>, E> {
        Ok(Text::None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Text<'de>, E> {
        Ok(Text::None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Text<'de>, E> {
        Ok(Text::None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Text<'de>, E> {
        Ok(Text::None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Text<'de>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Text<'de>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::None)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_unit<E>(self) -> Result<Number, E> {
        Ok(Number(None))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
        Ok(Number(Some(value as f64)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
        Ok(Number(Some(value as f64)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
        Ok(Number(Some(value)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
        match text.trim() {
            "" => Ok(Number(None)),
            text => text.parse().map(|value| Number(Some(value))).map_err(E::custom),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Number, A::Error> {
        let mut total = Number(None);
        while let Some(key) = object.next_key::<String>()? {
            match key.as_str() {
                "total" => total = object.next_value()?,
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(total)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}
