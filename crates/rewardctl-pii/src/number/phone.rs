//! Phone numbers: a plus, or the shape of a country, or a word before that says so.
//!
//! Toll-free numbers are left out: they are hotlines, and lead to no person.

use crate::border::{follows, number_may_begin, number_may_end};
use crate::detector::Candidate;
use crate::kind::Kind;
use crate::number::run::Run;

/// Words that make bare digits a phone number.
const WORDS: &[&str] = &[
    "phone", "telefon", "tel:", "tel.", "tel ", "call", "mobile", "cell", "fax", "whatsapp", "sms", "text me",
];
/// How far before the number such a word may stand.
const REACH: usize = 24;
/// Two digits that no calling code begins with.
const UNASSIGNED: [&str; 3] = ["28", "83", "89"];
/// Areas of the North American plan in which the called one pays.
const NANP_TOLL_FREE: [&str; 7] = ["800", "833", "844", "855", "866", "877", "888"];
/// The same elsewhere: Germany, France, Britain and more.
const TRUNK_TOLL_FREE: [&str; 4] = ["0800", "0805", "0808", "0300"];
/// E.164: at most fifteen digits; fewer than nine with the code belong to no network that people call.
const PLUS_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;

/// Returns the phone number that begins with the run.
pub(super) fn find(bytes: &[u8], run: &Run<'_>) -> Option<Candidate> {
    let (groups, start) = international(bytes, run).or_else(|| national(bytes, run))?;
    let end = run.end_of(groups)?;
    number_may_end(bytes, end).then(|| Candidate::by_shape(Kind::Phone, start, end))
}

/// Matches `+49 30 1234567` and the like; returns the number of groups and the start.
fn international(bytes: &[u8], run: &Run<'_>) -> Option<(usize, usize)> {
    let plus = run.start().checked_sub(1).filter(|at| bytes[*at] == b'+')?;
    let may_begin = number_may_begin(bytes, plus) && !bytes[..plus].ends_with(b"+");
    let groups = (1..=run.count()).rev().find(|groups| is_international(&run.digits(*groups)))?;
    may_begin.then_some((groups, plus))
}

fn is_international(digits: &str) -> bool {
    match digits.strip_prefix('1') {
        Some(national) => is_nanp(national),
        None => {
            let assigned =
                !digits.starts_with('0') && !UNASSIGNED.iter().any(|code| digits.starts_with(code));
            PLUS_DIGITS.contains(&digits.len()) && assigned
        }
    }
}

/// Tells whether ten digits can be somebody's number in the North American plan: area and exchange begin with
/// 2 to 9, and the area is not one of the toll-free ones.
fn is_nanp(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let dialled = bytes.len() == 10 && bytes[0] >= b'2' && bytes[3] >= b'2';
    dialled && !NANP_TOLL_FREE.contains(&&digits[..3]) && bytes.iter().any(|byte| *byte != bytes[0])
}

/// Matches numbers without a calling code; returns the number of groups and the start.
fn national(bytes: &[u8], run: &Run<'_>) -> Option<(usize, usize)> {
    let in_brackets = bytes[..run.start()].ends_with(b"(");
    let start = run.start() - usize::from(in_brackets);
    if !number_may_begin(bytes, start) {
        return None;
    }
    let is_assigned = bytes[..start].trim_ascii_end().ends_with(b"=");
    let named = || !is_assigned && follows(bytes, start, REACH, WORDS);
    let counts_on = matches!(bytes[..start], [.., b'0'..=b'9', b' ' | b'-' | b'.']);
    let goes_on = |groups: usize| groups > 1 && run.separator(groups - 1) == run.separator(0);
    let groups = north_american(run, in_brackets, named)
        .or_else(|| trunk(run, named).filter(|groups| !counts_on && !goes_on(*groups)))?;
    Some((groups, start))
}

fn north_american(run: &Run<'_>, in_brackets: bool, named: impl Fn() -> bool) -> Option<usize> {
    let with_one = run.has_groups(&[1, 3, 3, 4]);
    let first = usize::from(with_one);
    let groups = first + 3;
    let grouped = with_one || run.has_groups(&[3, 3, 4]);
    if !grouped {
        let bare = run.has_groups(&[10]) && named() && is_nanp(&run.digits(1));
        return bare.then_some(1);
    }
    let digits = run.digits(groups);
    let prefix_is_legal = !with_one || digits.starts_with('1');
    let (area_end, exchange_end) = (run.separator(first)?, run.separator(first + 1)?);
    let opened = in_brackets || (with_one && run.separator(0) == Some(b'('));
    let punctuated = match (area_end, exchange_end) {
        (b')', b'-' | b' ' | b'.') => opened,
        (b'-', b'-') | (b'.', b'.') => !opened,
        (b' ', b' ' | b'-') => !opened && named(),
        _ => false,
    };
    (prefix_is_legal && punctuated && is_nanp(&digits[first..])).then_some(groups)
}

/// Matches numbers that begin with the trunk prefix 0, as in most of Europe.
fn trunk(run: &Run<'_>, named: impl Fn() -> bool) -> Option<usize> {
    const FRENCH: [usize; 5] = [2; 5];
    const SHAPES: [&[usize]; 5] = [&[3, 4, 4], &[4, 3, 4], &[5, 3, 3], &[4, 4, 3], &[4, 3, 3]];
    let parted = |groups: usize| run.has_one_separator(groups, b" -.");
    let groups = if run.has_groups(&FRENCH) && parted(5) {
        5
    } else if let Some(shape) = SHAPES.iter().find(|shape| run.has_groups(shape) && parted(shape.len())) {
        shape.len()
    } else {
        let bare = usize::from(run.count() > 1 && (3..=5).contains(&run.length(0))) + 1;
        (10..=12).contains(&run.digits(bare).len()).then_some(bare).filter(|_| named())?
    };
    let digits = run.digits(groups);
    let toll_free = TRUNK_TOLL_FREE.iter().any(|prefix| digits.starts_with(prefix));
    (digits.starts_with('0') && !digits.starts_with("00") && !toll_free).then_some(groups)
}
