//! The subject of a judgement: one response, with all that several rules read of it, computed once.

use std::ops::Range;

use rewardctl_core::hidden::is_hidden;
use rewardctl_core::item::Context;
use rewardctl_pii::finding::Finding;

use crate::rules::Rules;
use crate::rules::ask::Ask;
use crate::rules::lexicon::{Hit, List};
use crate::rules::text::Text;

/// The longest quotation in a rationale, in characters.
const QUOTE_LIMIT: usize = 40;

/// A response in its context.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    /// The settings, compiled.
    pub rules: &'a Rules,
    /// What the response is judged against.
    pub context: &'a Context,
    /// What the prompt asks for.
    pub ask: Ask,
    /// The response.
    pub response: Text<'a>,
    /// The phrases of the word lists in the response.
    pub hits: Vec<Hit<List>>,
    /// Personal data and secrets in the response.
    pub findings: Vec<Finding>,
}

impl<'a> Subject<'a> {
    /// Reads `response`.
    pub fn new(rules: &'a Rules, context: &'a Context, response: &'a str) -> Self {
        Self {
            rules,
            context,
            ask: rules.ask_reader.read(context),
            response: Text::new(response),
            hits: rules.lists.hits(response),
            findings: rules.scanner.scan(response),
        }
    }

    /// Returns the reference, unless it is blank.
    pub fn reference(&self) -> Option<&'a str> {
        self.context.reference.as_deref().filter(|reference| !reference.trim().is_empty())
    }

    /// Returns where the phrases of `list` stand in the response.
    pub fn hits_of(&self, list: List) -> impl Iterator<Item = Range<usize>> {
        self.hits.iter().filter(move |hit| hit.tag == list).map(|hit| hit.start..hit.end)
    }

    /// Tells whether a phrase of the response stands in the prompt, too: then the response speaks of it.
    pub fn is_in_prompt(&self, range: &Range<usize>) -> bool {
        let phrase = self.response.raw[range.clone()].to_lowercase();
        self.context.prompt.iter().any(|turn| turn.content.to_lowercase().contains(&phrase))
    }

    /// Quotes the response for a rationale: short, on one line, and without secrets or personal data.
    pub fn quote(&self, range: Range<usize>) -> String {
        let hidden = self.findings.iter().find(|found| found.start < range.end && range.start < found.end);
        match hidden {
            Some(found) => format!("[{}]", found.kind.name()),
            None => format!("`{}`", shown(&self.response.raw[range])),
        }
    }
}

/// Shortens `text` to [`QUOTE_LIMIT`] characters and escapes what does not print or turns the direction of reading.
pub(crate) fn shown(text: &str) -> String {
    let mut quote = String::new();
    for letter in text.chars().take(QUOTE_LIMIT) {
        if is_hidden(letter) {
            quote.extend(letter.escape_default());
        } else {
            quote.push(letter);
        }
    }
    if text.chars().nth(QUOTE_LIMIT).is_some() {
        quote.push('…');
    }
    quote
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_short_and_prints() {
        assert_eq!(shown("a\nb\u{202e}c\u{0}"), r"a\nb\u{202e}c\u{0}");
        assert_eq!(shown(&"é".repeat(41)), format!("{}…", "é".repeat(40)));
    }
}
