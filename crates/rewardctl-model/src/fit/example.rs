//! Training examples, and the lines of the file that they come in.

use serde::Deserialize;

use crate::error::Error;

/// One judgement by a person or an answer key.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Examples of one group are never split between fitting and testing; the prompt itself where None.
    pub group: Option<String>,
    /// The data set, as reports name it.
    pub source: String,
    /// Such as `accuracy`.
    pub dimension: String,
    /// The prompt, turns of a conversation separated by blank lines.
    pub prompt: String,
    /// What was judged.
    pub judgement: Judgement,
}

/// What a person or an answer key said.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// One response is better than another.
    Pair {
        /// The better response.
        chosen: String,
        /// The worse response.
        rejected: String,
        /// How clear that is, in 0..=1: the lead of the winner among the voters.
        strength: f64,
    },
    /// A response has a value of its own.
    Rating {
        /// The response.
        response: String,
        /// In 0..=1, 1 is best.
        value: f64,
    },
}

/// Reads one line of a training file: a JSON object with `dimension`, `source`, `prompt`, and either `chosen`,
/// `rejected` and perhaps `strength`, or `response` and `rating`; `group` is optional.
pub fn parse_example(line: &str) -> Result<Example, Error> {
    let row: Row = serde_json::from_str(line).map_err(|source| Error::ParseExample { source })?;
    let judgement = match (row.chosen, row.rejected, row.response, row.rating) {
        (Some(chosen), Some(rejected), None, None) => {
            Judgement::Pair { chosen, rejected, strength: unit("strength", row.strength.unwrap_or(1.0))? }
        }
        (None, None, Some(response), Some(value)) if row.strength.is_none() => {
            Judgement::Rating { response, value: unit("rating", value)? }
        }
        _ => return Err(Error::ExampleShape),
    };
    let Row { group, source, dimension, prompt, .. } = row;
    Ok(Example { group, source, dimension, prompt, judgement })
}

fn unit(name: &'static str, value: f64) -> Result<f64, Error> {
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err(Error::ExampleRange { name, value }) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    dimension: String,
    source: String,
    #[serde(default)]
    group: Option<String>,
    prompt: String,
    #[serde(default)]
    chosen: Option<String>,
    #[serde(default)]
    rejected: Option<String>,
    #[serde(default)]
    strength: Option<f64>,
    #[serde(default)]
    response: Option<String>,
    #[serde(default)]
    rating: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let message = parse_example(line).err().map(|error| error.to_string());
        assert_eq!(message.unwrap_or_default(), expected);
    }

    #[test]
    fn what_a_line_may_be() {
        check(r#"{"dimension":"d","source":"s","prompt":"p","chosen":"a","rejected":"b"}"#, "");
        check(r#"{"dimension":"d","source":"s","group":"g","prompt":"p","response":"a","rating":0.5}"#, "");
        let shape = "a training example needs `chosen` and `rejected`, or `response` and `rating`";
        check(r#"{"dimension":"d","source":"s","prompt":"p","chosen":"a"}"#, shape);
        check(
            r#"{"dimension":"d","source":"s","prompt":"p","response":"a","rating":0.5,"strength":1}"#,
            shape,
        );
        check(
            r#"{"dimension":"d","source":"s","prompt":"p","response":"a","rating":4}"#,
            "the `rating` of a training example is `4`, which is outside of 0..=1",
        );
        check(
            r#"{"dimension":"d","source":"s","prompt":"p","score":1}"#,
            "failed to read a training example",
        );
    }
}
