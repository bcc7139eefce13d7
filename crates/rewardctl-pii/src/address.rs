//! Email addresses: found by their `@`, or by an `(at)` that hides it, then read outwards.

use crate::address::top_level::is_known;
use crate::border::{follows, token_may_begin};
use crate::finding::Finding;
use crate::kind::Kind;

mod top_level;

/// The longest local part and the longest domain (RFC 5321).
const LOCAL_LIMIT: usize = 64;
const DOMAIN_LIMIT: usize = 255;
/// How an `@` and a dot are written so that no machine reads them.
const HIDDEN_ATS: [&str; 4] = ["(at)", "[at]", "{at}", "<at>"];
const HIDDEN_DOTS: [&str; 5] = ["(dot)", "[dot]", "{dot}", "<dot>", "."];

/// Adds the email addresses of `text`.
pub(crate) fn find_emails(text: &str, found: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    for (at, _) in text.match_indices('@') {
        let start = local_start(text, at);
        let end = domain_end(text, at + 1);
        let end = at + 1 + domain_length(&text[at + 1..end]);
        let local = &text[start..at];
        let is_clone_url = local == "git" && bytes.get(end) == Some(&b':');
        let is_password = bytes[..start].ends_with(b":") && follows(bytes, start, LOCAL_LIMIT, &["://"]);
        if is_local(local) && is_domain(&text[at + 1..end]) && !is_clone_url && !is_password {
            found.push(Finding::likely(Kind::Email, start, end));
        }
    }
}

fn local_start(text: &str, at: usize) -> usize {
    let mut start = at;
    for (index, letter) in text[..at].char_indices().rev() {
        if !is_local_letter(letter) || at - index > LOCAL_LIMIT {
            break;
        }
        start = index;
    }
    // A sentence or a flag may end right before the address: `to:.me@…`, `--me@…`.
    start + text[start..at].bytes().take_while(|byte| matches!(byte, b'.' | b'-')).count()
}

/// Letters of Latin scripts count, so that `müller@…` is masked as a whole; other scripts write on without a space.
fn is_local_letter(letter: char) -> bool {
    let accented = ('\u{c0}'..='\u{24f}').contains(&letter) && letter.is_alphabetic();
    letter.is_ascii_alphanumeric() || "._%+-".contains(letter) || accented
}

fn domain_end(text: &str, start: usize) -> usize {
    let letters = text[start..].char_indices().take_while(|(at, letter)| {
        let belongs = is_local_letter(*letter) && !"_%+".contains(*letter);
        belongs && *at < DOMAIN_LIMIT
    });
    let end = letters.last().map_or(start, |(at, letter)| start + at + letter.len_utf8());
    start + text[start..end].trim_end_matches(['.', '-']).len()
}

/// Cuts off labels that belong to the next sentence, as in `me@acme.org.Then`; keeps the whole if nothing else fits.
fn domain_length(domain: &str) -> usize {
    const MOST_CUT: usize = 2;
    let mut kept = domain;
    for _ in 0..MOST_CUT {
        if is_domain(kept) {
            return kept.len();
        }
        let Some((shorter, _)) = kept.rsplit_once('.') else { break };
        kept = shorter;
    }
    if is_domain(kept) { kept.len() } else { domain.len() }
}

fn is_local(local: &str) -> bool {
    local.chars().any(char::is_alphanumeric) && !local.ends_with('.') && !local.contains("..")
}

fn is_domain(domain: &str) -> bool {
    let Some((host, top)) = domain.rsplit_once('.') else { return false };
    let legal_label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    };
    is_known(top) && host.split('.').all(legal_label)
}

/// Adds the addresses of `text` that hide their `@`, as in `name (at) host (dot) org`; `at` is where a bracket and `at`
/// stand.
pub(crate) fn find_hidden_email(text: &str, at: usize, found: &mut Vec<Finding>) {
    let begins = |hidden: &&&str| {
        text.get(at..at + hidden.len()).is_some_and(|written| written.eq_ignore_ascii_case(hidden))
    };
    let Some(hidden) = HIDDEN_ATS.iter().find(begins) else { return };
    let local_end = text[..at].strip_suffix(' ').unwrap_or(&text[..at]).len();
    let start = local_start(text, local_end);
    let Some((domain, end)) = hidden_domain(text, at + hidden.len()) else { return };
    if start < local_end
        && token_may_begin(text.as_bytes(), start)
        && is_local(&text[start..local_end])
        && is_domain(&domain)
    {
        found.push(Finding::likely(Kind::Email, start, end));
    }
}

/// Reads labels parted by dots, hidden or not, with a space around each; returns the domain and where it ends.
fn hidden_domain(text: &str, start: usize) -> Option<(String, usize)> {
    const MOST_LABELS: usize = 5;
    let (mut domain, mut at) = (String::new(), start);
    let mut end = None;
    for _ in 0..MOST_LABELS {
        at += usize::from(text[at..].starts_with(' '));
        let label =
            text[at..].bytes().take(63).take_while(|b| b.is_ascii_alphanumeric() || *b == b'-').count();
        if label == 0 {
            break;
        }
        domain.push_str(&text[at..at + label]);
        at += label;
        end = Some((domain.len(), at));
        let spaced = at + usize::from(text[at..].starts_with(' '));
        let is_dot = |dot: &&&str| {
            let from = if **dot == "." { at } else { spaced };
            text.get(from..from + dot.len()).is_some_and(|written| written.eq_ignore_ascii_case(dot))
        };
        let Some(dot) = HIDDEN_DOTS.iter().find(is_dot) else { break };
        at = if *dot == "." { at } else { spaced } + dot.len();
        domain.push('.');
    }
    let (length, end) = end?;
    domain.truncate(length);
    Some((domain, end))
}
