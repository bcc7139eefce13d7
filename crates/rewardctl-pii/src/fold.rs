//! Folding: characters that stand for ASCII ones become them, and what cannot be seen goes, with a way back.
//!
//! Full-width and other decimal digits, full-width letters and signs, spaces, hyphens and the ideographic full stop are
//! folded; zero-width characters, soft hyphens and marks of direction are dropped.

/// A folded text.
#[derive(Debug)]
pub(crate) struct Folded {
    /// What is scanned.
    pub text: String,
    /// Pairs of places, in the folded text and in the original: from there on both go in step.
    cuts: Vec<(usize, usize)>,
}

/// Where the decimal digits of a script begin; ten follow each other.
const ZEROS: &[u32] = &[
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0e50,
    0x0ed0, 0x0f20, 0x1040, 0x17e0, 0x1810, 0xff10, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6,
];

/// What a character becomes.
enum Fold {
    Stays,
    Becomes(char),
    Goes,
}

/// Folds `text`; None if nothing in it changes.
pub(crate) fn fold(text: &str) -> Option<Folded> {
    if text.is_ascii() {
        return None;
    }
    let first = text.char_indices().find(|(_, letter)| !matches!(fold_char(*letter), Fold::Stays))?.0;
    let mut folded = Folded { text: text[..first].to_owned(), cuts: vec![(0, 0)] };
    for (at, letter) in text[first..].char_indices() {
        let (start, end) = (first + at, first + at + letter.len_utf8());
        match fold_char(letter) {
            Fold::Stays => folded.text.push(letter),
            Fold::Becomes(other) => {
                folded.text.push(other);
                folded.cuts.push((folded.text.len(), end));
            }
            Fold::Goes => {
                folded.cuts.push((folded.text.len(), start));
                folded.cuts.push((folded.text.len(), end));
            }
        }
    }
    Some(folded)
}

impl Folded {
    /// Returns where in the original the character begins that stands at `at` of the folded text.
    pub fn start(&self, at: usize) -> usize {
        let cut = self.cuts.partition_point(|(folded, _)| *folded <= at) - 1;
        let (folded, original) = self.cuts[cut];
        original + (at - folded)
    }

    /// Returns where in the original the stretch ends that ends before `at` of the folded text.
    pub fn end(&self, at: usize) -> usize {
        let cut = self.cuts.partition_point(|(folded, _)| *folded < at);
        match self.cuts.get(cut) {
            Some((folded, original)) if *folded == at => *original,
            _ => {
                let (folded, original) = self.cuts[cut - 1];
                original + (at - folded)
            }
        }
    }
}

fn fold_char(letter: char) -> Fold {
    let code = u32::from(letter);
    match letter {
        '\0'..='\u{9f}' => Fold::Stays,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => Fold::Goes,
        '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => Fold::Goes,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Fold::Becomes(' '),
        '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{fe63}' => Fold::Becomes('-'),
        '\u{3002}' | '\u{ff61}' => Fold::Becomes('.'),
        '\u{fe6b}' => Fold::Becomes('@'),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(code - 0xfee0).map_or(Fold::Stays, Fold::Becomes),
        '\u{660}'..='\u{1819}' | '\u{1d7ce}'..='\u{1d7ff}' => digit(code).map_or(Fold::Stays, Fold::Becomes),
        _ => Fold::Stays,
    }
}

fn digit(code: u32) -> Option<char> {
    let zero = *ZEROS[..ZEROS.partition_point(|zero| *zero <= code)].last()?;
    char::from_digit(code - zero, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_sorted_for_the_search() {
        assert!(ZEROS.is_sorted());
    }

    #[test]
    fn what_does_not_change_is_not_copied() {
        assert!(fold("plain").is_none() && fold("müller 请").is_none());
    }

    #[test]
    fn places_lead_back() {
        let original = "é\u{200b}４1\u{200b}1１\u{200b} ٣";
        let folded = fold(original).unwrap();
        assert_eq!(folded.text, "é4111 3");
        let start = folded.text.find('4').unwrap();
        assert_eq!(&original[folded.start(start)..folded.end(start + 4)], "４1\u{200b}1１");
        let last = folded.text.find('3').unwrap();
        assert_eq!(&original[folded.start(last)..folded.end(last + 1)], "٣");
    }
}
