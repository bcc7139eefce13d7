//! JSON schemas of replies, in the subset that strict modes accept: every field required, none beside them.
//!
//! The order of the fields matters: endpoints that follow a schema write them in its order, and the score comes
//! before its reasons. Whoever serialises a schema must not sort its `properties`.

use serde_json::{Value, json};

use crate::llm::critic::{LlmCritic, Mode};

/// Beyond so many values an enumeration costs more than it restricts; the reply is checked in any case.
const MOST_VALUES: usize = 101;

/// Returns the name of the critic's schema, in the letters that endpoints allow.
pub fn schema_name(critic: &LlmCritic) -> String {
    format!("{}-verdict", critic.name)
}

/// Returns the schema of the critic's replies.
pub fn schema(critic: &LlmCritic) -> Value {
    let (field, value) = match critic.mode {
        Mode::Pointwise => ("score", json!({ "anyOf": [score(critic), { "type": "null" }] })),
        Mode::Pairwise => ("winner", json!({ "type": "string", "enum": ["A", "B", "tie"] })),
    };
    let mut properties = serde_json::Map::new();
    properties.insert(field.into(), value);
    properties.insert("rationale".into(), json!({ "type": "string" }));
    json!({
        "type": "object",
        "properties": properties,
        "required": [field, "rationale"],
        "additionalProperties": false,
    })
}

fn score(critic: &LlmCritic) -> Value {
    let scale = &critic.scale;
    let whole = scale.step > 0.0 && scale.step.fract() == 0.0 && scale.min.fract() == 0.0;
    let kind = if whole { "integer" } else { "number" };
    match critic.values_of_scale(MOST_VALUES) {
        Some(values) if whole => {
            let values: Vec<i64> = values.into_iter().map(|value| value as i64).collect();
            json!({ "type": kind, "enum": values })
        }
        Some(values) => json!({ "type": kind, "enum": values }),
        None => json!({ "type": kind }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::critic::{SHIPPED, shipped_critic};

    fn check(name: &str, expected: &str) {
        assert_eq!(schema(&shipped_critic(name)).to_string(), expected);
    }

    #[test]
    fn scores_come_before_their_reasons() {
        check(
            "accuracy",
            r#"{"type":"object","properties":{"score":{"anyOf":[{"type":"integer","enum":[1,2,3,4,5]},{"type":"null"}]},"rationale":{"type":"string"}},"required":["score","rationale"],"additionalProperties":false}"#,
        );
        check(
            "preference",
            r#"{"type":"object","properties":{"winner":{"type":"string","enum":["A","B","tie"]},"rationale":{"type":"string"}},"required":["winner","rationale"],"additionalProperties":false}"#,
        );
    }

    #[test]
    fn a_scale_without_steps_is_not_enumerated() {
        let mut critic = shipped_critic("accuracy");
        critic.scale.step = 0.0;
        assert_eq!(score(&critic), json!({ "type": "number" }));
        critic.scale.step = 0.5;
        assert_eq!(score(&critic)["enum"][1], json!(1.5));
    }

    #[test]
    fn names_suit_every_endpoint() {
        for (name, _) in SHIPPED {
            let name = schema_name(&shipped_critic(name));
            let legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
            assert!(name.len() <= 64 && name.chars().all(legal));
        }
    }
}
