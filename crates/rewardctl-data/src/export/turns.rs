//! Turns and conversations as trainers write them.

use rewardctl_core::dataset::Row;
use rewardctl_core::item::Message;
use serde_json::{Value, json};

/// Returns one turn.
pub fn turn(role: &str, content: &str) -> Value {
    json!({"role": role, "content": content})
}

/// Returns the turn of the assistant that an answer is.
pub fn answer(text: &str) -> Value {
    turn("assistant", text)
}

/// Returns a conversation.
pub fn conversation(turns: &[Message]) -> Value {
    turns.iter().map(|message| turn(&message.role, &message.content)).collect()
}

/// Returns a conversation that ends with an answer.
pub fn answered(turns: &[Message], text: &str) -> Value {
    let turns = turns.iter().map(|message| turn(&message.role, &message.content));
    turns.chain([answer(text)]).collect()
}

/// Returns the system's turn and the rest; no system turn is no text.
pub fn system_and_rest(row: &Row) -> (&str, &[Message]) {
    match row.prompt.split_first() {
        Some((first, rest)) if first.role == "system" => (&first.content, rest),
        _ => ("", &row.prompt),
    }
}

/// Returns what the user asked last.
pub fn question(row: &Row) -> &str {
    row.prompt.last().map_or("", |turn| &turn.content)
}
