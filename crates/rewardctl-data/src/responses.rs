//! Responses in the forms that they come in: texts, messages, objects with a text and a model.

use serde_json::Value;

use crate::chat::{content, conversation, split_response, wrong_kind};
use crate::row_error::{Fault, RowProblem};

const TEXT_KEYS: [&str; 5] = ["text", "response", "content", "output", "answer"];
const MODEL_KEYS: [&str; 2] = ["model", "generator"];

/// A response, as its field gives it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub text: String,
    pub generator: Option<String>,
}

/// Takes the responses out of a list; what else its objects hold stays in it.
pub(crate) fn response_list(value: &mut Value, field: &str) -> Result<Vec<Given>, Fault> {
    let list = match value {
        Value::Array(list) if list.is_empty() => return Err(Fault::of_field(field, RowProblem::Empty)),
        Value::Array(list) => list,
        Value::Null => return Err(Fault::of_field(field, RowProblem::Missing)),
        other => return Err(wrong_kind(field, "a list of responses", other)),
    };
    let mut responses = vec![];
    for (at, value) in list.iter_mut().enumerate() {
        responses.push(response_text(value, &format!("{field}[{at}]"))?);
    }
    Ok(responses)
}

/// Takes a response out of `value`: a text, an object with a text, or the last turn of a list of messages.
pub(crate) fn response_text(value: &mut Value, field: &str) -> Result<Given, Fault> {
    match value {
        Value::Object(fields) => {
            let Some(key) = TEXT_KEYS.into_iter().find(|key| fields.contains_key(*key)) else {
                return Err(wrong_kind(field, "text or an object with a `text`", value));
            };
            let text = fields.shift_remove(key).unwrap_or_default();
            fields.shift_remove("role");
            let text = content(text, &format!("{field}.{key}"))?;
            let model = MODEL_KEYS.into_iter().find(|key| fields.get(*key).is_some_and(Value::is_string));
            let generator = match model.and_then(|key| fields.shift_remove(key)) {
                Some(Value::String(name)) => Some(name),
                _ => None,
            };
            Ok(Given { text, generator })
        }
        Value::Array(_) => {
            let (_, text) = split_response(conversation(value.take(), field)?, field)?;
            Ok(Given { text, generator: None })
        }
        Value::String(_) | Value::Null => Ok(Given { text: content(value.take(), field)?, generator: None }),
        other => Err(wrong_kind(field, "text", other)),
    }
}
