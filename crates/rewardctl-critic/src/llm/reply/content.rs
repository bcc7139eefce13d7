//! The part of a reply that may hold a verdict.

use std::sync::LazyLock;

use regex::Regex;

use crate::llm::reply::{Ending, Reading, ReplyText, pattern::pattern};

/// A refusal is looked for in this many bytes at the beginning.
const REFUSAL_WINDOW: usize = 400;
/// A refusal is quoted up to this many characters.
const QUOTED: usize = 120;

/// What opens and closes thoughts, in lower case: of DeepSeek and Qwen, Magistral, Kimi, Seed-OSS, gpt-oss, and of
/// prompts that ask for it.
const THOUGHTS: &[(&str, &str)] = &[
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<seed:think>", "</seed:think>"),
    ("[think]", "[/think]"),
    ("◁think▷", "◁/think▷"),
    ("<|channel|>analysis", "<|channel|>final<|message|>"),
];
/// The same where the answer may as well stand before it.
const ASIDES: &[(&str, &str)] =
    &[("<reasoning>", "</reasoning>"), ("<reflection>", "</reflection>"), ("<scratchpad>", "</scratchpad>")];

static REFUSAL: LazyLock<Regex> = LazyLock::new(|| {
    let cannot = "(?:can['’]?t|cannot|can not|could not|won['’]?t|will not|am unable to|am not able to|['’]m unable to|['’]m not able to|must decline to|decline to|must refuse to|refuse to)";
    let deed = "(?:assist|help|comply|provide|evaluate|rate|judge|score|grade|assess|compare|engage|encourage|promote|support|condone|fulfil|continue|participate|create|generate|do (?:that|this)|answer|respond|discuss|process|choose|select|in good conscience)";
    let opening = "(?:sorry|i apologi[sz]e|my apologies|unfortunately|i['’]m (?:very |really )?(?:sorry|afraid)|i am (?:very |really )?(?:sorry|afraid)|as an ai(?: language model| assistant)?)";
    pattern(&format!(
        r"(?i)\A\W*(?:{opening}\W+(?:but\W+|however\W+|that\W+)?)?(?:i|we)\s*{cannot}\s+{deed}\b|\A\W*(?:{opening})\W+(?:but|however|i|this)\b|\A\W*i must decline\b"
    ))
});

/// Where the words of a reply come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    ToolArguments,
    Text,
}

/// Returns the words that may hold a verdict, trimmed and not empty, or why there are none.
pub(super) fn words<'a, T>(reply: &ReplyText<'a>) -> Result<(Source, &'a str), Reading<T>> {
    if let Some(refusal) = reply.refusal.map(str::trim).filter(|refusal| !refusal.is_empty()) {
        return Err(Reading::Refused { reason: quote(refusal) });
    }
    match reply.ending {
        Ending::Complete => {}
        Ending::Cut => return Err(Reading::Cut { reason: "the token limit ended the reply".into() }),
        Ending::Filtered => {
            return Err(Reading::Refused { reason: "the server's content filter withheld the reply".into() });
        }
    }
    if let Some(arguments) = reply.tool_arguments.map(str::trim).filter(|arguments| !arguments.is_empty()) {
        return Ok((Source::ToolArguments, arguments));
    }
    let text = after_thoughts(reply.content.unwrap_or_default())
        .ok_or_else(|| Reading::Cut { reason: "the reply ends inside its thoughts".into() })?;
    if text.is_empty() {
        return Err(Reading::Unparsable { reason: "empty reply".into() });
    }
    Ok((Source::Text, text))
}

/// Drops what stands before the last closing tag of thoughts; None if thoughts begin and never end.
///
/// The last one, because a thought may quote a judged text that closes the tag to speak in the critic's name; and
/// without an opening one, because chat templates put that into the prompt.
pub(super) fn after_thoughts(text: &str) -> Option<&str> {
    let trimmed = text.trim();
    // The same bytes, so that places in one are places in the other.
    let lower = trimmed.to_ascii_lowercase();
    let all = || THOUGHTS.iter().chain(ASIDES);
    let end_of_last = |closing: &str| lower.rfind(closing).map(|at| at + closing.len());
    let Some(end) = all().filter_map(|(_, closing)| end_of_last(closing)).max() else {
        let is_open = all().any(|(opening, _)| lower.starts_with(opening));
        return (!is_open).then_some(trimmed);
    };
    let after = trimmed[end..].trim();
    let aside =
        ASIDES.iter().find(|(_, closing)| lower[..end].ends_with(closing)).filter(|_| after.is_empty());
    match aside.and_then(|(opening, _)| lower.find(opening)) {
        Some(start) => Some(trimmed[..start].trim()),
        None => Some(after),
    }
}

/// Tells whether `text` opens by declining to judge.
pub(super) fn refuses(text: &str) -> bool {
    REFUSAL.is_match(&text[..text.floor_char_boundary(REFUSAL_WINDOW)])
}

/// Returns the first words of `text`, on one line.
fn quote(text: &str) -> String {
    let line: String = text.chars().take(QUOTED).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Says why `text` holds no verdict.
pub(super) fn silence<T>(text: &str) -> Reading<T> {
    if refuses(text) {
        return Reading::Refused { reason: quote(text) };
    }
    Reading::Unparsable { reason: "no verdict in the reply".into() }
}
