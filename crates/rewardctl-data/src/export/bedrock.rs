//! Amazon Bedrock: `system` apart, then user and assistant in turns, the last turn the assistant's, nothing else.

use rewardctl_core::dataset::Example;
use serde_json::json;

use crate::export::openai;
use crate::export::schema::{MESSAGES, Type, column, optional};
use crate::export::target::Target;
use crate::export::turns::{answered, system_and_rest};

/// Every target of Bedrock.
pub const TARGETS: &[Target] = &[Target {
    name: "bedrock-messages",
    reader: "Amazon Bedrock, custom text models",
    columns: &[optional("system", Type::Text), column("messages", MESSAGES)],
    row: |row, _| {
        let Example::Demonstration { completion } = &row.example else { return None };
        let (system, turns) = system_and_rest(row);
        let messages = answered(turns, completion);
        Some(match system {
            "" => json!({"messages": messages}),
            _ => json!({"system": system, "messages": messages}),
        })
    },
    load: |written| format!("aws s3 cp {} s3://BUCKET/", written.words()),
    ..openai::SFT
}];
