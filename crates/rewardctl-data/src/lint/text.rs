//! What texts are made of: normal forms, marks of templates, markdown, and how much two texts are alike.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Tokens by which tokenizers end turns or see pictures.
const SPECIAL_TOKENS: [&str; 17] = [
    "<|im_start|>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|endoftext|>",
    "<|eom_id|>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<image>",
    "<video>",
    "<audio>",
    "<extra_id_0>",
    "<extra_id_1>",
    "[/INST]",
];
/// Marks of prompt templates that have no token of their own.
const TEMPLATE_MARKS: [&str; 10] = [
    "### Instruction:",
    "### Response:",
    "### Input:",
    "\n\nHuman:",
    "\n\nAssistant:",
    "<<SYS>>",
    "{{prompt}}",
    "{{ prompt }}",
    "{instruction}",
    "{prompt}",
];
/// Texts with fewer words are compared by characters.
const SHORT_WORDS: usize = 20;
/// The length of a run of words or characters that two texts are compared by.
const SHINGLE: usize = 5;

/// How much markdown a text has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Style {
    pub list_items: u32,
    pub bold: u32,
    pub headings: u32,
}

/// Returns the first special token in `text`.
pub(crate) fn special_token(text: &str) -> Option<&'static str> {
    // Every one of them has a bracket: most texts are done after one look.
    if !text.contains(['<', '[']) {
        return None;
    }
    SPECIAL_TOKENS.into_iter().find(|token| text.contains(token))
}

/// Returns the first mark of a template in `text`.
pub(crate) fn template_mark(text: &str) -> Option<&'static str> {
    if !text.contains(['#', '{', '<', ':']) {
        return None;
    }
    TEMPLATE_MARKS.into_iter().find(|mark| text.contains(mark))
}

/// Returns the text without markdown, with blanks folded and in lower case.
pub(crate) fn normal(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !matches!(c, '*' | '_' | '`' | '#')).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Returns a hash of the text in its normal form. It tells texts apart in one run, and is never written.
pub(crate) fn fingerprint(text: &str) -> u64 {
    hash(&text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
}

/// Returns how many list items, bold runs and headings the text has.
pub(crate) fn style(text: &str) -> Style {
    let mut style = Style::default();
    for line in text.lines().map(str::trim_start) {
        style.list_items += u32::from(is_list_item(line));
        style.headings += u32::from(is_heading(line));
    }
    style.bold = u32::try_from(text.matches("**").count() / 2).unwrap_or(u32::MAX);
    style
}

/// Returns the share of runs of five words that two texts have in common (Jaccard), in 0..=1; of short texts, of
/// runs of five characters.
pub(crate) fn likeness(a: &str, b: &str) -> f64 {
    let is_short = |text: &str| text.split_whitespace().nth(SHORT_WORDS - 1).is_none();
    let shingles = if is_short(a) || is_short(b) { char_shingles } else { word_shingles };
    let (a, b) = (shingles(a), shingles(b));
    let common = a.intersection(&b).count();
    let all = a.len() + b.len() - common;
    if all == 0 { 1.0 } else { common as f64 / all as f64 }
}

/// Returns how many characters lie between the common start and the common end of two texts, in the longer one.
pub(crate) fn changed_chars(a: &str, b: &str) -> usize {
    let start = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().skip(start).collect(), b.chars().skip(start).collect());
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    a.len().max(b.len()) - end
}

fn word_shingles(text: &str) -> BTreeSet<u64> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(SHINGLE.min(words.len().max(1))).map(hash).collect()
}

fn char_shingles(text: &str) -> BTreeSet<u64> {
    let chars: Vec<char> = text.chars().collect();
    chars.windows(SHINGLE.min(chars.len().max(1))).map(hash).collect()
}

fn is_list_item(line: &str) -> bool {
    if line.starts_with("- ") || line.starts_with("* ") || line.starts_with("+ ") {
        return true;
    }
    let after = line.trim_start_matches(|c: char| c.is_ascii_digit());
    after.len() < line.len() && (after.starts_with(". ") || after.starts_with(") "))
}

fn is_heading(line: &str) -> bool {
    let after = line.trim_start_matches('#');
    let level = line.len() - after.len();
    (1..=6).contains(&level) && after.starts_with(' ')
}

fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_is_counted() {
        let text = "# Title\n\n- one\n* two\n  3. three\n#hash\n**bold** and **more**";
        assert_eq!(style(text), Style { list_items: 3, bold: 2, headings: 1 });
        assert_eq!(style("2 - 1 = 1. It is 5.5 # not"), Style::default());
    }

    #[test]
    fn likeness_is_the_share_of_common_runs() {
        assert_eq!(likeness("", ""), 1.0);
        assert_eq!(likeness("abcdef", "abcdef"), 1.0);
        // abcde, bcdef against abcde, bcdeg.
        assert!((likeness("abcdef", "abcdeg") - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(likeness("seven", "nine!"), 0.0);
    }

    #[test]
    fn changes_lie_between_the_common_ends() {
        assert_eq!(changed_chars("a b c", "a b c"), 0);
        assert_eq!(changed_chars("one two three", "one 2 three"), 3);
        assert_eq!(changed_chars("aa", "a"), 1);
        assert_eq!(changed_chars("", "é"), 1);
    }

    #[test]
    fn blanks_and_case_leave_no_trace_in_a_fingerprint() {
        assert_eq!(fingerprint("A  b\n"), fingerprint("a b"));
        assert_ne!(fingerprint("a b"), fingerprint("ab"));
    }

    #[test]
    fn tokens_of_templates_are_found() {
        assert_eq!(special_token("a <|im_end|> b"), Some("<|im_end|>"));
        assert_eq!(special_token("a < b [1]"), None);
        assert_eq!(template_mark("x\n\nHuman: y"), Some("\n\nHuman:"));
        assert_eq!(template_mark("Human: y"), None);
    }
}
