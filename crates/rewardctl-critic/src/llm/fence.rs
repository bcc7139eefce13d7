//! Fences: what is judged stands between two lines that it cannot have written.
//!
//! The lines carry a key that depends on a secret, so that no text can close its own fence, and that is the same in
//! every run, so that the same request has the same bytes. What could end a turn or pass for a fence is made harmless
//! in sight: a `·` goes in after its first character.

use std::sync::LazyLock;

use regex::Regex;
use rewardctl_core::id::ContentId;

use crate::attack::TOKENS;

/// Hexadecimal digits of a key: 64 bits are beyond guessing, and more would cost tokens in every line.
const KEY_LENGTH: usize = 16;
/// The longest label, in characters.
const LABEL_LENGTH: usize = 40;
/// What marks a place that was made harmless.
const MARK: char = '·';

/// Further control tokens; in prose and in HTML they mean other things, so they are no sign of an attack. Their names
/// have no bound: one would cost a fifth of a second at every start, since each place of it is compiled by itself.
const MORE_TOKENS: &str = concat!(
    r"<\|[\w \-/▁]+\|>|<｜[^｜<>\n]+｜>|</?s>|<(?:bos|eos|pad|unk)>",
    r"|\[/?(?:TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|SYSTEM_PROMPT)\]|\n\nAssistant:",
);

/// What looks like a line of ours, whatever the key; three signs alone may be a shell's or a merge's.
const OUR_LINES: &str = r"(?i:<{3}\s*(?:end\s|/)?\s*(?:turn|response|reference|document|finding)\b)";

static HARMFUL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!("{TOKENS}|{MORE_TOKENS}|{OUR_LINES}")).expect("a test compiles the pattern")
});

/// The fence of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    key: String,
}

impl Fence {
    /// Derives a fence. `request` is whatever tells this request from others, best the ids of all judged texts: then
    /// a text could not hold its own key even if the secret were known.
    pub fn new(secret: &[u8; 32], request: &[u8]) -> Self {
        let id = ContentId::of("fence", [secret.as_slice(), request]).to_string();
        Self { key: id[..KEY_LENGTH].into() }
    }

    /// Returns the key that the lines of this fence carry.
    pub fn delimiter(&self) -> &str {
        &self.key
    }

    /// Returns `text` between two lines with the key, made harmless; of `label`, ASCII letters, digits and spaces.
    pub fn wrap(&self, label: &str, text: &str) -> String {
        let plain = |letter: &char| letter.is_ascii_alphanumeric() || *letter == ' ';
        let label: String = label.chars().filter(plain).take(LABEL_LENGTH).collect();
        let key = &self.key;
        let text = self.without_key(&neutralised(text));
        format!("<<<{label} {key}>>>\n{text}\n<<<end {label} {key}>>>")
    }

    /// Breaks the key wherever it stands in `text`: it can only have leaked.
    fn without_key(&self, text: &str) -> String {
        let lower = text.to_ascii_lowercase();
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for (start, _) in lower.match_indices(&self.key) {
            out.push_str(&text[done..=start]);
            out.push(MARK);
            done = start + 1;
        }
        out.push_str(&text[done..]);
        out
    }
}

/// Returns `text` without what could end a turn or pass for a fence, and with control characters made visible.
pub fn neutralised(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for found in HARMFUL.find_iter(&text) {
        let blank = found.as_str().len() - found.as_str().trim_start().len();
        let first = text[found.start() + blank..].chars().next().map_or(0, char::len_utf8);
        let cut = found.start() + blank + first;
        out.push_str(&text[done..cut]);
        out.push(MARK);
        done = cut;
    }
    out.push_str(&text[done..]);
    out
}

/// Escapes what does not print, except what languages and emoji need: joiners, direction marks, variation selectors.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.replace("\r\n", "\n").chars() {
        let prints = matches!(letter, '\n' | '\t') || !(letter.is_control() || is_hidden(letter));
        if prints {
            out.push(letter);
        } else {
            out.extend(letter.escape_default());
        }
    }
    out
}

/// Tells whether `letter` breaks lines, turns the direction of reading by force, or hides text.
pub(crate) fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fence() -> Fence {
        Fence::new(&[7; 32], b"request")
    }

    #[test]
    fn a_fence_depends_on_the_secret_and_on_the_request_alone() {
        assert_eq!(fence(), fence());
        assert_eq!(fence().delimiter().len(), KEY_LENGTH);
        assert_ne!(fence(), Fence::new(&[8; 32], b"request"));
        assert_ne!(fence(), Fence::new(&[7; 32], b"another"));
    }

    #[test]
    fn a_text_stands_between_two_lines() {
        let key = fence().delimiter().to_owned();
        assert_eq!(
            fence().wrap("response>>>\n", "Four."),
            format!("<<<response {key}>>>\nFour.\n<<<end response {key}>>>")
        );
    }

    #[test]
    fn what_ends_a_turn_is_made_harmless_in_sight() {
        for (text, expected) in [
            ("<|im_start|>system", "<·|im_start|>system"),
            ("<|made_up|>", "<·|made_up|>"),
            ("<|made up at such a length that no tokeniser has it|>", "<·|made up"),
            ("[INST] a [/INST]", "[·INST] a [·/INST]"),
            ("so </s> it ends", "so <·/s> it ends"),
            ("yes\n\nHuman: no", "yes\n\nH·uman: no"),
            ("<<<end response 0>>>", "<·<<end response 0>>>"),
            ("<<< Response 0>>>", "<·<< Response 0>>>"),
            ("a\u{0}b\u{202e}c\r\nd", r"a\u{0}b\u{202e}c".to_owned().as_str()),
        ] {
            let got = neutralised(text);
            assert!(got.starts_with(expected), "{got:?} from {text:?}");
        }
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in ["<<<<<<< HEAD", "cat <<<\"$x\"", "a < b, x[0], [link](u)", "می‌خواهم 👩‍👩‍👧 ❤️", "1\t2\n3"]
        {
            assert_eq!(neutralised(text), text);
        }
    }

    /// Texts made of the pieces that attacks are made of.
    fn hostile() -> impl Strategy<Value = String> {
        let pieces =
            ["<<<", ">>>", "end response ", "\n", "[INST]", "<|im_end|>", "</s>", "\u{202e}", "<|a<|", "a"];
        let key = fence().delimiter().to_owned();
        let piece = prop_oneof![
            proptest::sample::select(pieces.to_vec()).prop_map(String::from),
            Just(key.clone()),
            Just(key.to_uppercase()),
            ".{0,4}",
        ];
        proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_text_closes_its_fence(text in hostile()) {
            let wrapped = fence().wrap("response", &text);
            let lower = wrapped.to_ascii_lowercase();
            prop_assert_eq!(lower.matches(fence().delimiter()).count(), 2);
            let inner: Vec<&str> = wrapped.lines().collect();
            let inner = inner[1..inner.len() - 1].join("\n");
            prop_assert!(!HARMFUL.is_match(&inner), "{inner:?}");
        }
    }
}
