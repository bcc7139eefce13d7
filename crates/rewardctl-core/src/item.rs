//! Items: a prompt with one or more responses, and what is known beside them.

use serde::{Deserialize, Serialize};

use crate::id::{ContentId, ItemId, ResponseId};

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// `system`, `user`, `assistant` or `tool`; other roles are kept as given.
    pub role: String,
    /// The text of the turn.
    pub content: String,
}

impl Message {
    /// Returns a turn of the user, the form that a plain prompt takes.
    pub fn user(content: impl Into<String>) -> Self {
        Self { role: "user".into(), content: content.into() }
    }
}

/// What responses are judged against: everything that a verdict may depend on beside the response itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// The conversation up to the response; a plain prompt is one `user` turn.
    pub prompt: Vec<Message>,
    /// The answer that a checkable response should reach, if one is known.
    pub reference: Option<String>,
    /// Texts that the response should be grounded in.
    pub documents: Vec<String>,
}

impl Context {
    /// Returns the id of this content.
    pub fn id(&self) -> ItemId {
        let turns = self.prompt.iter().flat_map(|turn| [turn.role.as_bytes(), turn.content.as_bytes()]);
        let turn_count = (self.prompt.len() as u64).to_le_bytes();
        let has_reference = [u8::from(self.reference.is_some())];
        let parts = std::iter::once(turn_count.as_slice())
            .chain(turns)
            .chain([has_reference.as_slice(), self.reference.as_deref().unwrap_or("").as_bytes()])
            .chain(self.documents.iter().map(|document| document.as_bytes()));
        ContentId::of("item", parts)
    }

    /// Returns what the response answers: the last turn of the user, or the last turn if no user spoke.
    pub fn question(&self) -> &str {
        let last_user = self.prompt.iter().rev().find(|turn| turn.role == "user");
        last_user.or(self.prompt.last()).map_or("", |turn| turn.content.as_str())
    }

    /// Returns the conversation as one text, turns separated by blank lines; what a text encoder reads.
    pub fn prompt_text(&self) -> String {
        let turns: Vec<&str> = self.prompt.iter().map(|turn| turn.content.as_str()).collect();
        turns.join("\n\n")
    }
}

/// One output of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The text.
    pub text: String,
    /// The model that wrote it, if the input says so.
    pub generator: Option<String>,
    /// What the input called it where that means something: `chosen`, `rejected`, `a`, `b`.
    pub role: Option<String>,
}

impl Response {
    /// Returns the id of this text as a response to `item`.
    pub fn id(&self, item: ItemId) -> ResponseId {
        ContentId::of("response", [item.as_bytes().as_slice(), self.text.as_bytes()])
    }
}

/// A prompt with one or more responses, as one row of an input file gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The id that the input gives, if any; kept for the user, no part of the content id.
    pub name: Option<String>,
    /// What the responses are judged against.
    pub context: Context,
    /// One or more.
    pub responses: Vec<Response>,
    /// Further fields of the input, as the JSON object that it was; empty when there are none.
    pub metadata: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(documents: &[&str], reference: Option<&str>) -> Context {
        Context {
            prompt: vec![Message::user("2+2?")],
            reference: reference.map(String::from),
            documents: documents.iter().map(|d| d.to_string()).collect(),
        }
    }

    #[test]
    fn the_id_follows_the_content() {
        assert_eq!(context(&["a"], None).id(), context(&["a"], None).id());
        assert_ne!(context(&["a"], None).id(), context(&["a"], Some("")).id());
        assert_ne!(context(&["a", "b"], None).id(), context(&["ab"], None).id());
    }

    #[test]
    fn the_question_is_the_last_user_turn() {
        let mut chat = context(&[], None);
        chat.prompt.push(Message { role: "assistant".into(), content: "4".into() });
        chat.prompt.push(Message::user("And 3+3?"));
        assert_eq!(chat.question(), "And 3+3?");
    }
}
