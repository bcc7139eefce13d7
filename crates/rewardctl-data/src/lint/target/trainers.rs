//! What trainers want.

use crate::lint::target::Kind::{
    Bool, Bools, List, Message, Messages, Object, Said, Text, TextOrMessages, Texts,
};
use crate::lint::target::Parity::{Even, Odd};
use crate::lint::target::{Names, Need, PLAIN, Reader, Target, Turns, need};

const CHAT_ROLES: Turns = Turns {
    roles: &["system", "developer", "user", "assistant", "tool"],
    alternate: false,
    user_first: false,
};
/// LLaMA-Factory maps both spellings; odd turns are the user's.
const FACTORY_ROLES: Turns = Turns {
    roles: &["system", "user", "human", "tool", "observation", "assistant", "gpt", "function_call"],
    alternate: true,
    user_first: true,
};
const OPENRLHF_FILES: Names = Names::EndsWith(&[".json", ".jsonl", ".csv", ".parquet", ".arrow"]);
const MLX_FILES: Names = Names::Exactly(&["train.jsonl", "valid.jsonl", "test.jsonl"]);
const SFT_NAMES: &[(&str, &str)] =
    &[("labels", "is taken for token labels"), ("input_ids", "says that the row is tokenised already")];
const REWARD_NAMES: &[(&str, &str)] = &[
    ("prompts", "collides with what reward functions are given"),
    ("completions", "collides with what reward functions are given"),
    ("trainer_state", "collides with what reward functions are given"),
    ("log_extra", "collides with what reward functions are given"),
    ("log_metric", "collides with what reward functions are given"),
];
const PAIR: &[Need] =
    &[need("prompt", TextOrMessages), need("chosen", TextOrMessages), need("rejected", TextOrMessages)];
const STEPS: &[Need] = &[need("prompt", Text), need("completions", Texts), need("labels", Bools)];

/// The trainers.
pub const ALL: &[Target] = &[
    Target { name: "trl-dpo", needs: PAIR, turns: CHAT_ROLES, ..PLAIN },
    Target {
        name: "trl-kto",
        needs: &[need("prompt", TextOrMessages), need("completion", TextOrMessages), need("label", Bool)],
        turns: CHAT_ROLES,
        ..PLAIN
    },
    Target {
        name: "trl-reward",
        needs: &[need("chosen", TextOrMessages), need("rejected", TextOrMessages)],
        turns: CHAT_ROLES,
        ..PLAIN
    },
    Target {
        name: "trl-prompts",
        needs: &[need("prompt", TextOrMessages)],
        turns: CHAT_ROLES,
        reserved: REWARD_NAMES,
        ..PLAIN
    },
    Target { name: "trl-sft", turns: CHAT_ROLES, reserved: SFT_NAMES, ..PLAIN },
    Target { name: "trl-stepwise", needs: STEPS, ..PLAIN },
    Target { name: "openrlhf-dpo", needs: PAIR, turns: CHAT_ROLES, names: OPENRLHF_FILES, ..PLAIN },
    Target {
        name: "openrlhf-prompts",
        needs: &[need("input", TextOrMessages)],
        turns: CHAT_ROLES,
        names: OPENRLHF_FILES,
        ..PLAIN
    },
    Target {
        name: "llamafactory-alpaca",
        needs: &[need("instruction", Text), need("input", Text), need("output", Text)],
        ..PLAIN
    },
    Target {
        name: "llamafactory-alpaca-dpo",
        needs: &[
            need("instruction", Text),
            need("input", Text),
            need("chosen", Text),
            need("rejected", Text),
        ],
        ..PLAIN
    },
    Target {
        name: "llamafactory-alpaca-kto",
        needs: &[need("instruction", Text), need("input", Text), need("output", Text), need("kto_tag", Bool)],
        ..PLAIN
    },
    Target {
        name: "llamafactory-sharegpt",
        needs: &[need("conversations", Messages)],
        turns: FACTORY_ROLES,
        parity: &[("conversations", Even)],
        ..PLAIN
    },
    Target {
        name: "llamafactory-sharegpt-dpo",
        needs: &[need("conversations", Messages), need("chosen", Message), need("rejected", Message)],
        turns: FACTORY_ROLES,
        parity: &[("conversations", Odd)],
        ..PLAIN
    },
    Target {
        name: "llamafactory-sharegpt-kto",
        needs: &[need("conversations", Messages), need("kto_tag", Bool)],
        turns: FACTORY_ROLES,
        parity: &[("conversations", Even)],
        ..PLAIN
    },
    Target {
        name: "verl-rl",
        needs: &[need("prompt", Messages), need("data_source", Text), need("reward_model", Object)],
        turns: CHAT_ROLES,
        names: Names::EndsWith(&[".parquet", ".json", ".jsonl"]),
        ..PLAIN
    },
    Target {
        name: "verl-sft",
        needs: &[need("messages", Messages)],
        turns: CHAT_ROLES,
        names: Names::EndsWith(&[".parquet"]),
        ..PLAIN
    },
    Target {
        name: "nemo-rl",
        needs: &[need("context", Messages), need("completions", List)],
        turns: CHAT_ROLES,
        ..PLAIN
    },
    Target {
        name: "ms-swift-dpo",
        needs: &[need("messages", Messages), need("rejected_response", TextOrMessages)],
        turns: CHAT_ROLES,
        ..PLAIN
    },
    Target {
        name: "ms-swift-kto",
        needs: &[need("messages", Messages), need("label", Bool)],
        turns: CHAT_ROLES,
        ..PLAIN
    },
    Target {
        name: "axolotl-intel",
        needs: &[need("question", Text), need("chosen", Text), need("rejected", Text)],
        ..PLAIN
    },
    Target {
        name: "axolotl-bt",
        needs: &[need("system", Text), need("input", Text), need("chosen", Text), need("rejected", Text)],
        ..PLAIN
    },
    Target {
        name: "axolotl-chat-template",
        needs: &[need("messages", TextOrMessages), need("chosen", Said), need("rejected", Said)],
        turns: Turns { roles: &["system", "user", "assistant", "tool"], alternate: false, user_first: false },
        searches_answers: true,
        ..PLAIN
    },
    Target {
        name: "axolotl-ultra",
        needs: &[need("prompt", Text), need("chosen", Messages), need("rejected", Messages)],
        reads_second: true,
        ..PLAIN
    },
    Target {
        name: "axolotl-orpo",
        needs: &[need("chosen", Messages), need("rejected", Messages)],
        parity: &[("chosen", Even), ("rejected", Even)],
        ..PLAIN
    },
    Target { name: "axolotl-stepwise", needs: STEPS, ..PLAIN },
    Target { name: "mlx", reader: Reader::Lines, turns: CHAT_ROLES, names: MLX_FILES, ..PLAIN },
];
