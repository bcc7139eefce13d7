//! Responses side by side: plain texts under a prompt, or whole conversations that share their start.

use rewardctl_core::item::Message;
use serde_json::Value;

use crate::chat::{conversation, is_transcript, split_response, transcript};
use crate::layout::Side;
use crate::responses::response_text;
use crate::row_error::{Fault, RowProblem};

/// The prompt, and the text of each side.
pub(crate) type Sides = (Vec<Message>, Vec<String>);

/// Puts the sides of a row under one prompt; `values` are those of `sides`.
///
/// `prompt` may be missing where the sides are conversations that start with it.
pub(crate) fn read_sides(
    prompt: Result<Vec<Message>, Fault>,
    sides: &[Side],
    values: Vec<Value>,
) -> Result<Sides, Fault> {
    let are_transcripts =
        prompt.is_err() && values.iter().all(|value| value.as_str().is_some_and(is_transcript));
    if are_transcripts || values.iter().all(Value::is_array) {
        return conversations(prompt, sides, values);
    }
    let prompt = prompt?;
    let mut texts = vec![];
    for (side, mut value) in sides.iter().zip(values) {
        texts.push(response_text(&mut value, &side.field).map_err(|fault| fault.with_role(side.role))?.text);
    }
    Ok((prompt, texts))
}

/// Splits conversations by turn: what they share is the prompt, the one turn after it the response.
fn conversations(
    given: Result<Vec<Message>, Fault>,
    sides: &[Side],
    values: Vec<Value>,
) -> Result<Sides, Fault> {
    let mut starts: Vec<Vec<Message>> = vec![];
    let mut texts = vec![];
    for (side, value) in sides.iter().zip(values) {
        let turns = match value {
            Value::String(text) => Ok(transcript(&text)),
            other => conversation(other, &side.field),
        };
        let split = turns.and_then(|turns| split_response(turns, &side.field));
        let (start, text) = split.map_err(|fault| fault.with_role(side.role))?;
        if starts.first().is_some_and(|first| *first != start) {
            return Err(Fault::of_field(&side.field, RowProblem::Diverged).with_role(side.role));
        }
        starts.push(start);
        texts.push(text);
    }
    let shared = starts.pop().unwrap_or_default();
    let prompt = match given {
        // Some files repeat the prompt, or its last turn, beside the conversations.
        Ok(given) if shared.windows(given.len()).any(|turns| turns == given) => shared,
        Ok(given) => [given, shared].concat(),
        Err(missing) if shared.is_empty() => return Err(missing),
        Err(_) => shared,
    };
    Ok((prompt, texts))
}
