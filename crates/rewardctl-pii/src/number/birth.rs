//! Dates of birth: a date that a word before calls so. A date alone is nobody's.

use crate::border::{token_may_begin, token_may_end};
use crate::context::{Context, Topics};
use crate::finding::Finding;
use crate::kind::Kind;
use crate::number::run::Run;

/// The first three letters of months in English, German, French, Spanish, Italian and Dutch, in the order of the year.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen"],
    &["feb", "fév", "fev"],
    &["mar", "mär", "maa", "mrt"],
    &["apr", "avr", "abr"],
    &["may", "mai", "mag", "mei"],
    &["jun", "jui", "giu"],
    &["jul", "lug"],
    &["aug", "aoû", "aou", "ago"],
    &["sep", "set"],
    &["oct", "okt", "ott"],
    &["nov"],
    &["dec", "dez", "déc", "dic"],
];
/// Who lives now was born in these years.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2035;
/// The longest name of a month, in bytes, and what may stand between it and the day.
const LONGEST_MONTH: usize = 12;

/// Returns the date of birth that begins with the run, or whose month stands before it.
pub(super) fn find(text: &str, run: &Run<'_>, context: &Context<'_>) -> Option<Finding> {
    let (start, end) = numeric(run).or_else(|| day_first(text, run)).or_else(|| month_first(text, run))?;
    let stands_alone = token_may_begin(run.bytes(), start) && token_may_end(run.bytes(), end);
    if !stands_alone {
        return None;
    }
    match (context.speaks_of(Topics::BIRTH_DATE), context.is_named(Topics::BORN)) {
        (true, _) => Some(Finding::likely(Kind::BirthDate, start, end)),
        // Of whom one tells when they were born is often known to all.
        (false, true) => Some(Finding::possible(Kind::BirthDate, start, end)),
        (false, false) => None,
    }
}

/// Matches `1985-03-12`, `12.03.1985`, `3/12/1985`.
fn numeric(run: &Run<'_>) -> Option<(usize, usize)> {
    let short = |at: usize| (1..=2).contains(&run.length(at));
    if run.count() < 3 || !run.has_one_separator(3, b"-./ ") || run.goes_on(3) {
        return None;
    }
    let number =
        |at: usize| number(&run.digits(at + 1)[at.checked_sub(1).map_or(0, |n| run.digits(n + 1).len())..]);
    let (year, a, b) = match (run.length(0), run.length(2)) {
        (4, 1..=2) if short(1) => (number(0), number(1), number(2)),
        (1..=2, 4) if short(1) => (number(2), number(0), number(1)),
        _ => return None,
    };
    let is_date = |month: u32, day: u32| (1..=12).contains(&month) && (1..=31).contains(&day);
    let exists = YEARS.contains(&year) && (is_date(a, b) || is_date(b, a));
    exists.then_some((run.start(), run.end_of(3)?))
}

/// Matches `12 March 1985`, `12th of March, 1985`, `12. März 1985`, `12 de marzo de 1985`.
fn day_first(text: &str, run: &Run<'_>) -> Option<(usize, usize)> {
    let end = run.end_of(1).filter(|_| run.length(0) <= 2)?;
    let rest = text.get(end..)?;
    let rest = ["st", "nd", "rd", "th", "."].iter().find_map(|mark| rest.strip_prefix(mark)).unwrap_or(rest);
    let rest = rest.strip_prefix(' ')?;
    let rest = ["of ", "de "].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
    let month = word(rest);
    let rest = rest[month.len()..].trim_start_matches([',', '.', ' ']);
    let rest = rest.strip_prefix("de ").unwrap_or(rest);
    let year = rest.get(..4).filter(|year| is_year(year))?;
    let exists = is_month(month) && (1..=31).contains(&number(run.digits(1)));
    exists.then(|| (run.start(), text.len() - rest.len() + year.len()))
}

/// Matches `March 12, 1985`.
fn month_first(text: &str, run: &Run<'_>) -> Option<(usize, usize)> {
    let end = run.end_of(1).filter(|_| run.length(0) <= 2)?;
    let before = text.get(..run.start())?.strip_suffix(' ')?.trim_end_matches('.');
    let from = before.floor_char_boundary(before.len().saturating_sub(LONGEST_MONTH));
    let month = before[from..].rsplit(|letter: char| !letter.is_alphabetic()).next()?;
    if !is_month(month) {
        return None;
    }
    let rest = text.get(end..)?;
    let rest = ["st", "nd", "rd", "th"].iter().find_map(|mark| rest.strip_prefix(mark)).unwrap_or(rest);
    let rest = rest.trim_start_matches([',', ' ']);
    let year = rest.get(..4).filter(|year| is_year(year))?;
    let exists = (1..=31).contains(&number(run.digits(1)));
    exists.then(|| (before.trim_end_matches('.').len() - month.len(), text.len() - rest.len() + year.len()))
}

/// Returns the letters that `text` begins with, not many.
fn word(text: &str) -> &str {
    let end = text.char_indices().take(LONGEST_MONTH).find(|(_, letter)| !letter.is_alphabetic());
    &text[..end.map_or(0, |(at, _)| at)]
}

fn is_month(word: &str) -> bool {
    let short: String = word.chars().take(3).flat_map(char::to_lowercase).collect();
    MONTHS.iter().any(|names| names.contains(&short.as_str()))
}

fn is_year(text: &str) -> bool {
    text.parse().is_ok_and(|year| YEARS.contains(&year)) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
}
