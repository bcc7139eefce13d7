//! Phone numbers: a plus, or the shape of a country, or a word before that says so.
//!
//! Toll-free numbers are left out: they are hotlines, and lead to no person.

use crate::border::{follows_a_number, goes_on_as_a_number, number_may_begin, number_may_end};
use crate::context::{Context, Topics};
use crate::finding::{Certainty, Finding};
use crate::kind::Kind;
use crate::number::run::Run;

/// No shape has fewer digits.
pub(super) const FEWEST_DIGITS: usize = 7;
/// Two digits that no calling code begins with.
const UNASSIGNED: [&[u8]; 3] = [b"28", b"83", b"89"];
/// Areas of the North American plan in which the called one pays.
const NANP_TOLL_FREE: [&[u8]; 7] = [b"800", b"833", b"844", b"855", b"866", b"877", b"888"];
/// The same elsewhere: Germany, France, Britain and more.
const TRUNK_TOLL_FREE: [&[u8]; 4] = [b"0800", b"0805", b"0808", b"0300"];
/// E.164: at most fifteen digits; fewer than nine with the code belong to no network that people call.
const PLUS_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;

/// A shape that fits: how many groups, where it starts.
type Fit = (usize, usize);

/// Returns the phone number that begins with the run.
pub(super) fn find(bytes: &[u8], run: &Run<'_>, context: &Context<'_>) -> Option<Finding> {
    let by_shape = international(bytes, run)
        .or_else(|| national(bytes, run, context))
        .filter(|(groups, _)| run.end_of(*groups).is_some_and(|end| number_may_end(bytes, end)));
    let (groups, start) = by_shape.or_else(|| named(bytes, run, context))?;
    // A bracket that closes behind the number is not its own.
    let opens = bytes[start] == b'(' && !bytes[start..run.end_of(groups)?].contains(&b')');
    let start = start + usize::from(opens);
    let certainty = match is_toll_free(run.digits(groups)) {
        true => Certainty::Possible,
        false => Certainty::Likely,
    };
    Some(Finding { kind: Kind::Phone, start, end: run.end_of(groups)?, certainty })
}

fn is_toll_free(digits: &[u8]) -> bool {
    let national = digits.strip_prefix(b"1").unwrap_or(digits);
    let nanp = national.len() == 10 && NANP_TOLL_FREE.iter().any(|area| national.starts_with(area));
    nanp || TRUNK_TOLL_FREE.iter().any(|prefix| digits.starts_with(prefix))
}

/// Matches `+49 30 1234567` and the like.
fn international(bytes: &[u8], run: &Run<'_>) -> Option<Fit> {
    let in_brackets = bytes[..run.start()].ends_with(b"(");
    let plus = (run.start() - usize::from(in_brackets)).checked_sub(1).filter(|at| bytes[*at] == b'+')?;
    let may_begin = number_may_begin(bytes, plus) && !bytes[..plus].ends_with(b"+");
    let groups = (1..=run.count()).rev().find(|groups| is_international(run.digits(*groups)))?;
    may_begin.then_some((groups, plus))
}

/// Matches any digits of a fitting number that a word before calls a phone number, but no date.
fn named(bytes: &[u8], run: &Run<'_>, context: &Context<'_>) -> Option<Fit> {
    let in_brackets = bytes[..run.start()].ends_with(b"(");
    let start = run.start() - usize::from(in_brackets);
    let is_assigned = bytes[..start].trim_ascii_end().ends_with(b"=");
    let counts_on = matches!(bytes[..start], [.., b'0'..=b'9' | b')', b' ' | b'-' | b'.']);
    let begins =
        !follows_a_number(bytes, start) && !is_assigned && !counts_on && !bytes[..start].ends_with(b"#");
    if !begins || !context.is_named(Topics::PHONE) {
        return None;
    }
    let fits = |groups: &usize| {
        let digits = run.digits(*groups);
        let bare = *groups == 1 && run.length(0) < 8;
        let ends = run.end_of(*groups).is_some_and(|end| !goes_on_as_a_number(bytes, end));
        let is_decimal = *groups == 2 && run.separator(0) == Some(b'.');
        (FEWEST_DIGITS..=15).contains(&digits.len())
            && !bare
            && !is_decimal
            && ends
            && !digits.starts_with(b"000")
    };
    let is_date = [[4, 2, 2], [2, 2, 4], [1, 2, 4], [2, 1, 4]].iter().any(|date| run.has_groups(date));
    let groups = (1..=run.count()).rev().find(fits).filter(|_| !is_date)?;
    Some((groups, start))
}

fn is_international(digits: &[u8]) -> bool {
    match digits.strip_prefix(b"1") {
        Some(national) => is_nanp(national),
        None => {
            let assigned =
                !digits.starts_with(b"0") && !UNASSIGNED.iter().any(|code| digits.starts_with(code));
            PLUS_DIGITS.contains(&digits.len()) && assigned
        }
    }
}

/// Tells whether ten digits can be somebody's number in the North American plan: area and exchange begin with
/// 2 to 9.
fn is_nanp(digits: &[u8]) -> bool {
    let dialled = digits.len() == 10 && digits[0] >= b'2' && digits[3] >= b'2';
    dialled && digits.iter().any(|digit| *digit != digits[0])
}

/// Matches numbers without a calling code.
fn national(bytes: &[u8], run: &Run<'_>, context: &Context<'_>) -> Option<Fit> {
    let in_brackets = bytes[..run.start()].ends_with(b"(");
    let start = run.start() - usize::from(in_brackets);
    if !number_may_begin(bytes, start) {
        return None;
    }
    let is_assigned = bytes[..start].trim_ascii_end().ends_with(b"=");
    let named = || !is_assigned && context.is_named(Topics::PHONE);
    let near = || !is_assigned && context.is_near(Topics::PHONE);
    let counts_on = matches!(bytes[..start], [.., b'0'..=b'9', b' ' | b'-' | b'.']);
    let groups = north_american(run, in_brackets, named)
        .or_else(|| trunk(run, in_brackets, near).filter(|groups| !counts_on && !run.goes_on(*groups)))?;
    Some((groups, start))
}

fn north_american(run: &Run<'_>, in_brackets: bool, named: impl Fn() -> bool) -> Option<usize> {
    let with_one = run.has_groups(&[1, 3, 3, 4]);
    let first = usize::from(with_one);
    let groups = first + 3;
    let grouped = with_one || run.has_groups(&[3, 3, 4]);
    if !grouped {
        let bare = run.has_groups(&[10]) && named() && is_nanp(run.digits(1));
        return bare.then_some(1);
    }
    let digits = run.digits(groups);
    let prefix_is_legal = !with_one || digits.starts_with(b"1");
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

/// Matches numbers that begin with the trunk prefix 0, as in most of Europe, and Brazilian ones.
fn trunk(run: &Run<'_>, in_brackets: bool, named: impl Fn() -> bool) -> Option<usize> {
    const FRENCH: [usize; 5] = [2; 5];
    // Shapes that columns of numbers have, too.
    const UNSURE: [&[usize]; 2] = [&[4, 4, 3], &[5, 6]];
    const SHAPES: [&[usize]; 6] = [&[3, 4, 4], &[4, 3, 4], &[5, 3, 3], &[4, 4, 3], &[4, 3, 3], &[5, 6]];
    if in_brackets && (run.has_form(&[2, 5, 4], ")-") || run.has_form(&[2, 4, 4], ")-")) {
        return Some(3);
    }
    let parted = |groups: usize| run.has_one_separator(groups, b" -.");
    let spelled = |shape: &&&[usize]| run.has_groups(shape) && parted(shape.len());
    let groups = if run.has_groups(&FRENCH) && parted(5) {
        5
    } else if let Some(shape) = SHAPES.iter().find(spelled).filter(|shape| !UNSURE.contains(shape) || named())
    {
        shape.len()
    } else {
        let bare = usize::from(run.count() > 1 && (3..=5).contains(&run.length(0))) + 1;
        (10..=12).contains(&run.digits(bare).len()).then_some(bare).filter(|_| named())?
    };
    let digits = run.digits(groups);
    (digits.starts_with(b"0") && !digits.starts_with(b"00")).then_some(groups)
}
