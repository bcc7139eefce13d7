//! What services want.

use crate::lint::target::Kind::{List, Messages, OneMessage};
use crate::lint::target::{Names, Need, PLAIN, Reader, Target, Turns, need};

const OPENAI_ROLES: Turns = Turns {
    roles: &["system", "developer", "user", "assistant", "tool", "function"],
    alternate: false,
    user_first: false,
};
const ALTERNATING: Turns =
    Turns { roles: &["system", "user", "assistant"], alternate: true, user_first: true };
const JSONL: Names = Names::EndsWith(&[".jsonl"]);
const PAIR: &[Need] = &[
    need("input.messages", Messages),
    need("preferred_output", Messages),
    need("non_preferred_output", Messages),
];
const PAIR_OF_ONE: &[Need] = &[
    need("input.messages", Messages),
    need("preferred_output", OneMessage),
    need("non_preferred_output", OneMessage),
];
const MESSAGE_KEYS: &[&str] =
    &["role", "content", "weight", "name", "tool_calls", "tool_call_id", "function_call"];
const SERVICE: Target = Target { reader: Reader::Service, names: JSONL, ..PLAIN };

/// The services.
pub const ALL: &[Target] = &[
    Target {
        name: "openai-preference",
        needs: PAIR,
        takes: Some(&["input"]),
        message_keys: Some(MESSAGE_KEYS),
        turns: OPENAI_ROLES,
        ..SERVICE
    },
    Target {
        name: "openai-sft",
        needs: &[need("messages", Messages)],
        takes: Some(&["tools", "parallel_tool_calls", "functions"]),
        message_keys: Some(MESSAGE_KEYS),
        turns: OPENAI_ROLES,
        ..SERVICE
    },
    // Graders may read any other key.
    Target {
        name: "openai-rft",
        needs: &[need("messages", Messages)],
        message_keys: Some(MESSAGE_KEYS),
        turns: OPENAI_ROLES,
        ..SERVICE
    },
    Target {
        name: "together",
        needs: PAIR_OF_ONE,
        takes: Some(&["input"]),
        message_keys: Some(&["role", "content", "weight"]),
        turns: ALTERNATING,
        ..SERVICE
    },
    Target { name: "fireworks", needs: PAIR_OF_ONE, takes: Some(&["input"]), turns: ALTERNATING, ..SERVICE },
    Target {
        name: "bedrock-messages",
        needs: &[need("messages", Messages)],
        takes: Some(&["system"]),
        message_keys: Some(&["role", "content"]),
        turns: Turns { roles: &["user", "assistant"], alternate: true, user_first: true },
        ..SERVICE
    },
    Target {
        name: "vertex-preference",
        needs: &[need("contents", List), need("completions", List)],
        takes: Some(&["system_instruction", "systemInstruction"]),
        turns: Turns { roles: &["user", "model"], alternate: true, user_first: true },
        ..SERVICE
    },
];
