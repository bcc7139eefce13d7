//! Texts as sets of shingles: word 5-grams, or character 5-grams of texts under 20 words.
//!
//! A word is a run of letters and digits of any script, in lower case; in scripts without blanks between words (Han,
//! kana, Thai, Lao, Burmese, Khmer) each character is one. Character 5-grams are over the text in lower case with its
//! blanks folded, marks included. A text with fewer than five units is one shingle.
//!
//! Shingles are 64-bit hashes: two of a million differ in content and not in hash with a chance of 3e-8.

/// Words or characters in a shingle.
const WIDTH: usize = 5;

/// Texts with fewer words are cut into characters.
pub const SHORT_WORDS: usize = 20;

/// An odd number without structure: powers of it place the units of a shingle.
const PLACE: u64 = 0x9e37_79b9_7f4a_7c15;

/// The shingles of a text, sorted; a set that was not wanted, or does not exist, is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shingles {
    /// Of words, if there are [`SHORT_WORDS`] of them.
    pub words: Vec<u64>,
    /// Of characters.
    pub characters: Vec<u64>,
}

/// What a text is made of, in buffers that are used again for the next one.
#[derive(Debug, Default)]
pub(crate) struct Units {
    pub words: Vec<u64>,
    pub characters: Vec<u64>,
}

/// Returns the Jaccard similarity of two texts, in 0..=1: shared shingles over all shingles.
///
/// Of words if both have [`SHORT_WORDS`] of them, of characters otherwise; two texts without any content are alike.
pub fn jaccard(one: &str, other: &str) -> f64 {
    let mut units = Units::default();
    let mut read = |text: &str| {
        units.read(text, usize::MAX);
        units.shingles()
    };
    overlap(&read(one), &read(other))
}

/// Returns the Jaccard similarity of two texts by their shingles.
pub(crate) fn overlap(one: &Shingles, other: &Shingles) -> f64 {
    if one.words.is_empty() || other.words.is_empty() {
        overlap_of(&one.characters, &other.characters)
    } else {
        overlap_of(&one.words, &other.words)
    }
}

/// Returns |A ∩ B| / |A ∪ B| of two sorted sets; 1 if both are empty.
fn overlap_of(one: &[u64], other: &[u64]) -> f64 {
    let (mut at, mut to, mut shared) = (0, 0, 0usize);
    while at < one.len() && to < other.len() {
        let (left, right) = (one[at], other[to]);
        shared += usize::from(left == right);
        at += usize::from(left <= right);
        to += usize::from(right <= left);
    }
    let all = one.len() + other.len() - shared;
    if all == 0 { 1.0 } else { shared as f64 / all as f64 }
}

impl Units {
    /// Reads the words of a text, and its characters if it has fewer than `characters_below` words.
    pub(crate) fn read(&mut self, text: &str, characters_below: usize) {
        self.words.clear();
        self.characters.clear();
        read_words(text, &mut self.words);
        if self.words.len() < characters_below {
            read_characters(text, &mut self.characters);
        }
    }

    /// Returns the sets of what was read.
    pub(crate) fn shingles(&self) -> Shingles {
        let (mut words, mut characters) = (vec![], vec![]);
        self.word_shingles(&mut words);
        self.character_shingles(&mut characters);
        Shingles { words: sorted(words), characters: sorted(characters) }
    }

    /// Appends the word shingles as they come, repeated ones too; none of a short text.
    pub(crate) fn word_shingles(&self, into: &mut Vec<u64>) {
        if self.words.len() >= SHORT_WORDS {
            runs(&self.words, WIDTH, 1, into);
        }
    }

    /// Appends the character shingles as they come, repeated ones too.
    pub(crate) fn character_shingles(&self, into: &mut Vec<u64>) {
        runs(&self.characters, WIDTH, 2, into);
    }

    /// Returns 128 bits that only texts of equal content share: texts that are the same to any third text.
    pub(crate) fn content(&self) -> [u64; 2] {
        let units = if self.characters.is_empty() { &self.words } else { &self.characters };
        let start = [units.len() as u64, u64::from(self.characters.is_empty())];
        units.iter().fold(start, |[one, other], unit| {
            [mix(one ^ unit), (other.rotate_left(23) ^ mix(unit ^ PLACE)).wrapping_mul(PLACE)]
        })
    }
}

fn sorted(mut set: Vec<u64>) -> Vec<u64> {
    set.sort_unstable();
    set.dedup();
    set
}

/// Appends the hash of every run of `width` units: a polynomial of the units, rolled along and mixed. Fewer units are
/// one run. Runs with different salts are never the same.
pub(crate) fn runs(units: &[u64], width: usize, salt: u64, into: &mut Vec<u64>) {
    let leading = PLACE.wrapping_pow(width as u32);
    let mut rolled = 0u64;
    for (at, unit) in units.iter().enumerate() {
        rolled = rolled.wrapping_mul(PLACE).wrapping_add(*unit);
        if at >= width {
            rolled = rolled.wrapping_sub(units[at - width].wrapping_mul(leading));
        }
        if at + 1 >= width {
            into.push(mix(rolled.wrapping_add(salt)));
        }
    }
    if !units.is_empty() && units.len() < width {
        let length = PLACE.rotate_left(9).wrapping_mul(units.len() as u64);
        into.push(mix(rolled.wrapping_add(salt).wrapping_add(length)));
    }
}

/// Appends the hash of every word of `text`.
pub(crate) fn read_words(text: &str, into: &mut Vec<u64>) {
    let (mut hash, mut is_open) = (0u64, false);
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || (!c.is_ascii() && c.is_alphanumeric() && !is_word(c)) {
            hash = if c.is_ascii() { step(hash, c.to_ascii_lowercase()) } else { lower(c).fold(hash, step) };
            is_open = true;
            continue;
        }
        if is_open {
            into.push(mix(hash));
            (hash, is_open) = (0, false);
        }
        if is_word(c) {
            into.push(mix(step(0, c)));
        }
    }
    if is_open {
        into.push(mix(hash));
    }
}

/// Appends the hash of every character of `text`, in lower case, with blanks folded into one and none at the ends.
fn read_characters(text: &str, into: &mut Vec<u64>) {
    for (at, part) in text.split_whitespace().enumerate() {
        if at > 0 {
            into.push(mix(step(0, ' ')));
        }
        into.extend(part.chars().flat_map(lower).map(|c| mix(step(0, c))));
    }
}

/// Returns a character in lower case; the two small sigmas are one, as they have one capital.
fn lower(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().map(|c| if c == 'ς' { 'σ' } else { c })
}

/// Tells whether a character is a word of its own: those of scripts that put no blanks between words.
fn is_word(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' // Han
        | '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' // kana
        | '\u{0e01}'..='\u{0e4e}' | '\u{0e81}'..='\u{0ece}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17d3}') // Burmese, Khmer
}

/// Takes a character into the hash of its word (FNV-1a, a character at a time).
fn step(hash: u64, c: char) -> u64 {
    (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0000_0100_0000_01b3).wrapping_add(PLACE)
}

/// Spreads every bit over all (the finaliser of splitmix64, a bijection).
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests;
