//! Words: runs of letters, digits and their marks; in scripts without spaces, each character is one.

/// One word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// A hash of its letters in lower case, for comparing words. Two different words share one by chance
    /// only; whoever forges such words gains a match that a copy would have given, too.
    pub key: u64,
    /// How many letters and digits it has.
    pub letters: u32,
    /// What it is written in.
    pub script: Script,
}

/// What matters about a script here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// Digits only.
    Digits,
    /// Latin, Greek or Cyrillic: words have spaces between them, and long words are hard words.
    Alphabet,
    /// Han, kana, Thai and others that put no spaces between words.
    Unspaced,
    /// Anything else, such as Arabic or Devanagari.
    Other,
}

/// What an apostrophe between letters does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Apostrophe {
    /// It joins them: `don't` is one word, as people count.
    Joins,
    /// It parts them: `don't` is two, as ROUGE counts.
    Parts,
}

/// Returns the words of `text`, in order.
pub(crate) fn words(text: &str, apostrophe: Apostrophe) -> Vec<Word> {
    let mut words = Vec::with_capacity(text.len() / 6);
    let mut open: Option<Word> = None;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let joins = apostrophe == Apostrophe::Joins && matches!(letter, '\'' | '’');
        match class(letter) {
            Class::Letter(script) => {
                let word = open.get_or_insert(Word::begin(at, script));
                word.add(letter);
                word.letters += 1;
                word.script = wider(word.script, script);
                word.end = at + letter.len_utf8();
            }
            Class::Mark if open.is_some() || ends_at(&words, at) => {
                let word = open.as_mut().or(words.last_mut());
                word.into_iter().for_each(|word| word.end = at + letter.len_utf8());
            }
            Class::Alone => {
                words.extend(open.take());
                let mut word = Word::begin(at, Script::Unspaced);
                word.add(letter);
                word.letters = 1;
                word.end = at + letter.len_utf8();
                words.push(word);
            }
            _ if joins && letters.peek().is_some_and(|(_, next)| is_cased_letter(*next)) => {
                // Both apostrophes count as the plain one, so that `don’t` equals `don't`.
                open.iter_mut().for_each(|word| word.add('\''));
            }
            _ => words.extend(open.take()),
        }
    }
    words.extend(open);
    words
}

impl Word {
    fn begin(start: usize, script: Script) -> Self {
        const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
        Self { start, end: start, key: FNV_BASIS, letters: 0, script }
    }

    /// Adds a letter to the key: FNV-1a over code points in lower case.
    fn add(&mut self, letter: char) {
        const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;
        let mut hash = |letter: char| self.key = (self.key ^ u64::from(letter)).wrapping_mul(FNV_PRIME);
        if letter.is_ascii() {
            hash(letter.to_ascii_lowercase());
        } else {
            letter.to_lowercase().for_each(hash);
        }
    }
}

/// Returns the key that a word of these letters has.
pub(crate) fn key_of(word: &str) -> u64 {
    let mut keyed = Word::begin(0, Script::Other);
    word.chars().for_each(|letter| keyed.add(letter));
    keyed.key
}

enum Class {
    Letter(Script),
    Alone,
    Mark,
    Gap,
}

fn class(letter: char) -> Class {
    match letter {
        '0'..='9' => Class::Letter(Script::Digits),
        'a'..='z' | 'A'..='Z' => Class::Letter(Script::Alphabet),
        '\0'..='\u{a9}' => Class::Gap,
        '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' => Class::Mark,
        '\u{ad}' | '\u{200c}' | '\u{200d}' => Class::Mark,
        _ if is_unspaced(letter) => Class::Alone,
        'ª'..='\u{52f}' | '\u{1e00}'..='\u{1fff}' if letter.is_alphabetic() => {
            Class::Letter(Script::Alphabet)
        }
        _ if letter.is_alphanumeric() => Class::Letter(Script::Other),
        // The virama and its like, which `is_alphanumeric` leaves out, would cut Indic words to pieces.
        '\u{900}'..='\u{dff}' if !letter.is_ascii_punctuation() && !matches!(letter, '।' | '॥') => {
            Class::Mark
        }
        _ => Class::Gap,
    }
}

/// Tells whether `letter` belongs to a script that puts no spaces between words.
pub(crate) fn is_unspaced(letter: char) -> bool {
    let in_block = matches!(letter,
        '\u{e00}'..='\u{eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' // Myanmar
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '\u{3040}'..='\u{30ff}' // kana
        | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' // more kana
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' // Han
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'); // more Han
    in_block && letter.is_alphanumeric()
}

fn is_cased_letter(letter: char) -> bool {
    matches!(class(letter), Class::Letter(Script::Alphabet))
}

fn ends_at(words: &[Word], at: usize) -> bool {
    words.last().is_some_and(|word| word.end == at)
}

/// A word with a letter is no number; a word with a foreign letter is foreign.
fn wider(known: Script, new: Script) -> Script {
    match (known, new) {
        (Script::Digits, other) | (other, Script::Digits) => other,
        (Script::Alphabet, Script::Alphabet) => Script::Alphabet,
        _ => Script::Other,
    }
}
