//! Whether two answers to one prompt differ enough to learn from which was preferred.

use crate::near::edits::edits_within;
use crate::near::shingle::jaccard;

/// From which Jaccard similarity on two answers are nearly the same.
const MAX_JACCARD: f64 = 0.95;

/// Up to how many edits two answers are nearly the same.
const MAX_EDITS: usize = 3;

/// Shorter answers are not counted in edits: of `4` and `5`, or `yes` and `no`, the few letters are the content.
const MIN_EDITED_CHARS: usize = 20;

/// In which way two texts are nearly the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sameness {
    /// They differ in blanks and marks of markdown alone.
    Layout,
    /// They are this many edits of a character apart, at most 3.
    Edits(usize),
    /// Their shingles have this Jaccard similarity, at least 0.95.
    Overlap(f64),
}

/// Tells whether two answers are nearly the same, and in which way; linear in their length, but for a sort.
pub fn sameness(one: &str, other: &str) -> Option<Sameness> {
    if one == other || (same_letters(one, other) && plain(one) == plain(other)) {
        return Some(Sameness::Layout);
    }
    let is_long = |text: &str| text.chars().nth(MIN_EDITED_CHARS - 1).is_some();
    if is_long(one)
        && is_long(other)
        && let Some(edits) = edits_within(one, other, MAX_EDITS)
    {
        return Some(Sameness::Edits(edits));
    }
    if far_apart(one, other) {
        return None;
    }
    Some(jaccard(one, other)).filter(|overlap| *overlap >= MAX_JACCARD).map(Sameness::Overlap)
}

/// Tells whether two texts have the same letters and digits in the same order, as texts that differ in layout do.
fn same_letters(one: &str, other: &str) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric();
    one.bytes().filter(is_letter).eq(other.bytes().filter(is_letter))
}

/// Pairs of letters fall into this many bins.
const BINS: usize = 1024;

/// The share of letter pairs that may differ between texts of a Jaccard similarity of [`MAX_JACCARD`]: such texts differ in
/// one word of two hundred, which is some 3 % of their letter pairs; a text and itself twice are further apart.
const MAX_APART: f64 = 0.15;

/// Tells cheaply that two texts have few shingles in common: most pairs of answers do, and need no exact count.
fn far_apart(one: &str, other: &str) -> bool {
    if !one.is_ascii() || !other.is_ascii() {
        return false;
    }
    // The bins differ by at least as many pairs as the lengths do.
    let [some, more] = [one, other].map(|text| text.bytes().filter(u8::is_ascii_alphanumeric).count());
    if some.abs_diff(more) as f64 > MAX_APART * (some + more) as f64 {
        return true;
    }
    let mut bins = [0i32; BINS];
    let pairs = count_pairs(one, 1, &mut bins) + count_pairs(other, -1, &mut bins);
    let apart: u32 = bins.iter().map(|bin| bin.unsigned_abs()).sum();
    f64::from(apart) > MAX_APART * pairs as f64
}

/// Adds `sign` to the bin of each pair of neighbouring letters or digits, whatever stands between them; returns how many.
fn count_pairs(text: &str, sign: i32, bins: &mut [i32; BINS]) -> usize {
    let (mut before, mut pairs) = (0usize, 0);
    for byte in text.bytes().filter(u8::is_ascii_alphanumeric) {
        let letter = usize::from(byte.to_ascii_lowercase());
        bins[(before * 37 + letter) % BINS] += sign;
        before = letter;
        pairs += 1;
    }
    pairs
}

/// Returns a text without marks of markdown, with its blanks folded.
fn plain(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for line in text.lines() {
        for word in without_marks(without_block_marks(line)).split_whitespace() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
    }
    words
}

/// Returns a line without what makes it a heading, a quote or an item of a list. Numbers stay: they may be counted on.
fn without_block_marks(line: &str) -> &str {
    let mut rest = line.trim();
    loop {
        let unmarked = rest.trim_start_matches('#');
        let heading =
            (unmarked.len() < rest.len() && unmarked.starts_with(char::is_whitespace)).then_some(unmarked);
        let marks = [">", "- ", "* ", "+ "];
        let Some(inner) = heading.or_else(|| marks.iter().find_map(|mark| rest.strip_prefix(mark))) else {
            return rest;
        };
        rest = inner.trim_start();
    }
}

/// Returns a line without marks of emphasis and code. A mark between two letters or digits, or between two blanks, is
/// none: `2*3`, `2 * 3`, `a_b`.
fn without_marks(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let mut kept = String::with_capacity(line.len());
    let mut at = 0;
    while at < characters.len() {
        let mark = characters[at];
        let run = characters[at..].iter().take_while(|c| **c == mark).count();
        let before = at.checked_sub(1).map(|before| characters[before]);
        let after = characters.get(at + run).copied();
        let both = |is: fn(char) -> bool| before.is_none_or(is) && after.is_none_or(is);
        let is_inside = before.is_some() && after.is_some() && both(char::is_alphanumeric);
        let is_mark = match mark {
            '`' => true,
            '*' | '_' | '~' => !is_inside && !both(char::is_whitespace),
            _ => false,
        };
        if !is_mark {
            kept.extend(std::iter::repeat_n(mark, run));
        }
        at += run;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_is_no_difference() {
        let marked = "# Answer\n\n> The **bold**  word, `code`:\n\n* one\n- _two_\n```\nx\n```";
        assert_eq!(sameness(marked, "Answer The bold word, code: one two x"), Some(Sameness::Layout));
        assert_eq!(sameness("", " \n"), Some(Sameness::Layout));
    }

    #[test]
    fn the_cheap_look_never_hides_an_overlap() {
        let word = |n: usize| format!("{}{}", ["stone", "river", "cloud", "lamp"][n % 4], n);
        let text: Vec<String> = (0..400).map(word).collect();
        let mut edited = text.clone();
        edited[200] = "OTHERWISE".into();
        let mut moved = text.clone();
        moved.rotate_left(130);
        for other in [&edited, &moved, &text.iter().map(|word| word.to_uppercase()).collect()] {
            let (one, other) = (text.join(" "), other.join(", "));
            assert!(jaccard(&one, &other) >= MAX_JACCARD);
            assert!(!far_apart(&one, &other));
        }
        assert!(far_apart("The capital of France is Paris.", "Nobody can tell you what they do not know."));
    }

    #[test]
    fn signs_of_content_stay() {
        assert_eq!(
            plain("5*3 and 2 * 3, a_b, -5, #1, x~y, 1. one"),
            "5*3 and 2 * 3, a_b, -5, #1, x~y, 1. one"
        );
        assert_eq!(sameness("5*3", "53"), None);
    }

    #[test]
    fn a_few_edits_are_no_difference_in_a_long_text() {
        let one = "The capital of France is Paris, on the Seine.";
        assert_eq!(sameness(one, "The capital of France is Paris, on the Seine!!"), Some(Sameness::Edits(2)));
        assert_eq!(sameness("4", "5"), None);
        assert_eq!(sameness("Yes.", "No."), None);
        assert_eq!(sameness(one, "The capital of France is Lyon, on the Rhône."), None);
    }

    #[test]
    fn one_word_of_many_is_no_difference() {
        let words: Vec<String> = (0..300).map(|n| format!("word{n}")).collect();
        let changed = words.join(" ").replace("word150", "something");
        let Some(Sameness::Overlap(jaccard)) = sameness(&words.join(" "), &changed) else { panic!() };
        // Five of 296 shingles are others.
        assert!((jaccard - 291.0 / 301.0).abs() < 1e-12);
    }
}
