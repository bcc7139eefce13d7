//! Words near a number that tell what it is.

use std::cell::OnceCell;
use std::ops::BitOr;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// A set of topics that words speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Topics(u32);

impl Topics {
    pub const NONE: Self = Self(0);
    pub const PHONE: Self = Self(1);
    pub const SSN: Self = Self(1 << 1);
    pub const ITIN: Self = Self(1 << 2);
    pub const ROUTING: Self = Self(1 << 3);
    pub const NPI: Self = Self(1 << 4);
    pub const NHS: Self = Self(1 << 5);
    pub const NINO: Self = Self(1 << 6);
    pub const DE_TAX: Self = Self(1 << 7);
    pub const NIR: Self = Self(1 << 8);
    pub const BSN: Self = Self(1 << 9);
    pub const PESEL: Self = Self(1 << 10);
    pub const CPF: Self = Self(1 << 11);
    pub const CNPJ: Self = Self(1 << 12);
    pub const AADHAAR: Self = Self(1 << 13);
    pub const SIN: Self = Self(1 << 14);
    pub const IMEI: Self = Self(1 << 15);
    pub const CARD: Self = Self(1 << 16);
    pub const BIRTH_DATE: Self = Self(1 << 17);
    pub const BORN: Self = Self(1 << 18);
    pub const CRYPTO: Self = Self(1 << 19);

    /// Tells whether any of `others` is among them.
    pub fn has(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Goes over them, as numbers from 0.
    fn each(self) -> impl Iterator<Item = usize> {
        (0..TOPIC_COUNT).filter(move |topic| self.0 >> topic & 1 == 1)
    }
}

impl BitOr for Topics {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

const WORDS: &[(Topics, &[&str])] = &[
    (
        Topics::PHONE,
        &[
            "phone",
            "telephone",
            "telefon",
            "telefone",
            "teléfono",
            "telefono",
            "téléphone",
            "tel",
            "call",
            "called",
            "mobile",
            "móvil",
            "handy",
            "cell",
            "cellphone",
            "cellular",
            "fax",
            "whatsapp",
            "sms",
            "text me",
            "ring",
            "reach me",
            "dial",
            "hotline",
            "celular",
            "portable",
            "rufnummer",
            "contact number",
        ],
    ),
    (Topics::SSN, &["ssn", "social security", "social-security"]),
    (Topics::ITIN, &["itin", "taxpayer id", "tax id", "individual taxpayer"]),
    (Topics::ROUTING, &["routing", "aba", "rtn", "transit number"]),
    (Topics::NPI, &["npi", "national provider", "provider identifier", "provider number"]),
    (Topics::NHS, &["nhs", "national health service", "health service number", "patient number"]),
    (Topics::NINO, &["nino", "national insurance", "ni number", "insurance number", "ni no"]),
    (
        Topics::DE_TAX,
        &[
            "steuer",
            "idnr",
            "steuer-id",
            "tax id",
            "tax identification",
            "tax number",
            "tin",
            "identifikationsnummer",
        ],
    ),
    (
        Topics::NIR,
        &[
            "nir",
            "sécurité sociale",
            "securite sociale",
            "insee",
            "numéro de sécu",
            "carte vitale",
            "social security",
        ],
    ),
    (Topics::BSN, &["bsn", "burgerservice", "sofi", "sofinummer", "citizen service"]),
    (Topics::PESEL, &["pesel"]),
    (Topics::CPF, &["cpf", "cadastro de pessoas"]),
    (Topics::CNPJ, &["cnpj", "cadastro nacional"]),
    (Topics::AADHAAR, &["aadhaar", "aadhar", "adhaar", "uidai", "uid"]),
    (Topics::SIN, &["sin", "social insurance", "nas", "assurance sociale"]),
    (Topics::IMEI, &["imei", "device id", "handset", "equipment identity"]),
    (
        Topics::CARD,
        &[
            "card",
            "cards",
            "credit",
            "debit",
            "visa",
            "mastercard",
            "amex",
            "maestro",
            "discover",
            "kreditkarte",
            "tarjeta",
            "carte",
            "pan",
            "cc",
        ],
    ),
    (
        Topics::BIRTH_DATE,
        &[
            "dob",
            "d.o.b",
            "date of birth",
            "birth date",
            "birthdate",
            "birthday",
            "date-of-birth",
            "birth_date",
            "date_of_birth",
            "geburtsdatum",
            "date de naissance",
            "fecha de nacimiento",
            "data di nascita",
            "data de nascimento",
            "data urodzenia",
            "geboortedatum",
        ],
    ),
    (Topics::BORN, &["born", "geboren", "née", "né le", "nacido", "nacida", "nato il", "nata il", "nascido"]),
    (
        Topics::CRYPTO,
        &[
            "eth",
            "ethereum",
            "wallet",
            "ether",
            "erc20",
            "erc-20",
            "metamask",
            "usdt",
            "usdc",
            "crypto",
            "0x address",
        ],
    ),
];

/// A word this short must end where it ends; a longer one may go on, as `telefonnummer` does.
const SHORT: usize = 5;
/// How far before a number a word may stand, and how far after its start.
const BEFORE: usize = 80;
const AFTER: usize = 56;
/// How far before a number a word is close to it.
const CLOSE: u8 = 28;
/// What a word after a number, or in the name of its field, counts as: farther than most words before it.
const BEHIND: u8 = 40;
/// What a word in the sentence before counts as, at least: it may still tell what a valid number is, but makes none of
/// any digits.
const ELSEWHERE: u8 = 100;
/// No word at all.
const FAR: u8 = u8::MAX;
const TOPIC_COUNT: usize = 20;

/// The words, compiled.
#[derive(Debug)]
pub(crate) struct Lexicon {
    /// Built when a number is first met.
    automaton: LazyLock<AhoCorasick>,
    topics: Vec<Topics>,
}

/// How far the words of each topic stand from one place; [`FAR`] where there is none.
#[derive(Debug, Clone, Copy)]
struct Nearby([u8; TOPIC_COUNT]);

/// The context of one place, read when it is asked for.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    lexicon: &'a Lexicon,
    bytes: &'a [u8],
    at: usize,
    given: Topics,
    nearby: OnceCell<Nearby>,
}

fn words() -> impl Iterator<Item = (Topics, &'static str)> {
    WORDS.iter().flat_map(|(topics, words)| words.iter().map(|word| (*topics, *word)))
}

fn automaton() -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(words().map(|(_, word)| word))
        .expect("a hundred short words are within the limits of the automaton")
}

impl Lexicon {
    /// Takes the words.
    pub fn new() -> Self {
        Self { automaton: LazyLock::new(automaton), topics: words().map(|(topics, _)| topics).collect() }
    }

    /// Returns what a name, such as that of a column, speaks of.
    pub fn topics_of(&self, name: &str) -> Topics {
        if name.is_empty() {
            return Topics::NONE;
        }
        self.words(name.as_bytes()).fold(Topics::NONE, |found, (topics, ..)| found | topics)
    }

    /// Returns the context of the place `at`; `given` is known from elsewhere.
    pub fn context<'a>(&'a self, bytes: &'a [u8], at: usize, given: Topics) -> Context<'a> {
        Context { lexicon: self, bytes, at, given, nearby: OnceCell::new() }
    }

    /// Goes over the words of `window`: what each speaks of and where it ends.
    fn words<'a>(&'a self, window: &'a [u8]) -> impl Iterator<Item = (Topics, usize)> + 'a {
        let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
        self.automaton.find_overlapping_iter(window).filter_map(move |word| {
            let (start, end) = (word.start(), word.end());
            let begins = start == 0 || !is_letter(window.get(start - 1));
            let ends = end - start > SHORT || !is_letter(window.get(end));
            let in_placeholder = window.get(end) == Some(&b'_')
                && window.get(end + 1).is_some_and(u8::is_ascii_hexdigit)
                && window[..start].iter().rev().find(|byte| !byte.is_ascii_uppercase() && **byte != b'_')
                    == Some(&b'<');
            (begins && ends && !in_placeholder).then(|| (self.topics[word.pattern().as_usize()], end))
        })
    }
}

impl Context<'_> {
    /// Returns how far off the nearest word is that speaks of one of `topics`; None if there is none.
    pub fn distance(&self, topics: Topics) -> Option<u8> {
        let Nearby(distances) = self.nearby.get_or_init(|| self.read());
        let nearest = topics.each().map(|topic| distances[topic]).min()?;
        (nearest != FAR).then_some(nearest)
    }

    /// Tells whether the text around the place speaks of one of `topics`.
    pub fn speaks_of(&self, topics: Topics) -> bool {
        self.distance(topics).is_some()
    }

    /// Tells whether a word of `topics` stands right before the place, or in the name of the field.
    pub fn is_named(&self, topics: Topics) -> bool {
        self.given.has(topics) || self.distance(topics).is_some_and(|distance| distance < CLOSE)
    }

    /// Tells whether a word of `topics` stands in the same sentence, or in the name of the field.
    pub fn is_near(&self, topics: Topics) -> bool {
        self.distance(topics).is_some_and(|distance| distance < ELSEWHERE)
    }

    fn read(&self) -> Nearby {
        let mut distances = [FAR; TOPIC_COUNT];
        let mut note = |topics: Topics, distance: u8| {
            topics.each().for_each(|topic| distances[topic] = distances[topic].min(distance));
        };
        note(self.given, BEHIND);
        let start = self.at.saturating_sub(BEFORE);
        let before = self.at - start;
        let window = &self.bytes[start..self.bytes.len().min(self.at + AFTER)];
        let (taken, sentence) = (taken_before(&window[..before]), sentence_start(&window[..before]));
        for (topics, end) in self.lexicon.words(window) {
            let distance = match before.checked_sub(end) {
                Some(_) if end <= taken => continue,
                Some(distance) if end <= sentence => distance + usize::from(ELSEWHERE),
                Some(distance) => distance,
                None => usize::from(BEHIND) + (end - before),
            };
            note(topics, u8::try_from(distance).unwrap_or(FAR - 1));
        }
        Nearby(distances)
    }
}

/// Returns where the last number ends that takes the words before it for itself; numbers of a list share them.
fn taken_before(before: &[u8]) -> usize {
    const LEAST_DIGITS: usize = 7;
    /// As in `, ` and ` and `.
    const IN_A_LIST: usize = 8;
    let is_part = |byte: &u8| byte.is_ascii_digit() || b" -./".contains(byte);
    let Some(last) = before.iter().rposition(u8::is_ascii_digit) else { return 0 };
    let run = &before[..=last];
    let length = run.iter().rev().take_while(|byte| is_part(byte)).count();
    let digits = run[run.len() - length..].iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits >= LEAST_DIGITS && before.len() - last > IN_A_LIST { last } else { 0 }
}

/// Returns where the sentence begins that `before` ends in; the full stop of a short word, as in `tel. 5`, ends none
/// unless a capital follows.
fn sentence_start(before: &[u8]) -> usize {
    const SHORTEST_LAST_WORD: usize = 5;
    let ends = |at: &usize| {
        let (stop, rest) = (before[*at], &before[at + 1..]);
        let word = before[..*at].iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let is_new =
            word >= SHORTEST_LAST_WORD || (word > 0 && rest.get(1).is_some_and(u8::is_ascii_uppercase));
        matches!(stop, b'.' | b'!' | b'?') && matches!(rest.first(), Some(b' ' | b'\n')) && is_new
    };
    (0..before.len()).rev().find(ends).map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_whole_and_near() {
        let lexicon = Lexicon::new();
        let check = |text: &str, topics, expected| {
            let at = text.rfind('5').unwrap();
            let context = lexicon.context(text.as_bytes(), at, Topics::NONE);
            assert_eq!((context.speaks_of(topics), context.is_named(topics)), expected, "{text}");
        };
        check("her NPI is 5", Topics::NPI, (true, true));
        check("We had a call. It took 5", Topics::PHONE, (true, false));
        check("SSN: 123-45-6789 for a refund 5", Topics::SSN, (false, false));
        check("NPI 1234667893 and 5", Topics::NPI, (true, true));
        check("Telefonnummer: 5", Topics::PHONE, (true, true));
        check("using 5", Topics::SIN, (false, false));
        check("<PHONE_1> 5", Topics::PHONE, (false, false));
        check("5 is my SSN", Topics::SSN, (true, false));
        check(&format!("NPI {} 5", "x".repeat(90)), Topics::NPI, (false, false));
        assert!(lexicon.topics_of("patient_npi").has(Topics::NPI));
    }
}
