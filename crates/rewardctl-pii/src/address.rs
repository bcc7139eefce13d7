//! Email addresses and IPv6 addresses: found by their `@` and `:`, then read outwards.

use std::net::Ipv6Addr;

use crate::border::{follows, token_may_begin, token_may_end};
use crate::check::is_public_v6;
use crate::detector::Candidate;
use crate::kind::Kind;

/// The longest local part and the longest domain (RFC 5321).
const LOCAL_LIMIT: usize = 64;
const DOMAIN_LIMIT: usize = 255;
/// The longest way to write an IPv6 address.
const IPV6_LIMIT: usize = 45;

/// Top-level domains of more than two letters that people have mail in; every pair of letters is one, too.
const TOP_LEVEL_DOMAINS: &[&str] = &[
    "academy",
    "agency",
    "app",
    "art",
    "bank",
    "biz",
    "blog",
    "business",
    "care",
    "careers",
    "center",
    "city",
    "cloud",
    "club",
    "com",
    "community",
    "company",
    "consulting",
    "coop",
    "corp",
    "design",
    "dev",
    "digital",
    "edu",
    "education",
    "email",
    "energy",
    "engineering",
    "example",
    "expert",
    "finance",
    "foundation",
    "fund",
    "global",
    "gov",
    "group",
    "health",
    "help",
    "host",
    "info",
    "int",
    "internal",
    "international",
    "jobs",
    "lan",
    "legal",
    "life",
    "live",
    "local",
    "ltd",
    "mail",
    "media",
    "mil",
    "mobi",
    "money",
    "museum",
    "name",
    "net",
    "network",
    "news",
    "ngo",
    "online",
    "org",
    "page",
    "partners",
    "party",
    "plus",
    "press",
    "pro",
    "run",
    "school",
    "science",
    "services",
    "shop",
    "site",
    "social",
    "software",
    "solutions",
    "space",
    "store",
    "studio",
    "support",
    "systems",
    "team",
    "tech",
    "technology",
    "test",
    "today",
    "tools",
    "top",
    "travel",
    "university",
    "ventures",
    "video",
    "vip",
    "website",
    "wiki",
    "work",
    "works",
    "world",
    "xyz",
    "zone",
];

/// Adds the email addresses of `text`.
pub(crate) fn find_emails(text: &str, found: &mut Vec<Candidate>) {
    let bytes = text.as_bytes();
    for (at, _) in text.match_indices('@') {
        let start = local_start(text, at);
        let end = domain_end(bytes, at + 1);
        let local = &text[start..at];
        let is_clone_url = local == "git" && bytes.get(end) == Some(&b':');
        let is_password = bytes[..start].ends_with(b":") && follows(bytes, start, LOCAL_LIMIT, &["://"]);
        if is_local(local) && is_domain(&text[at + 1..end]) && !is_clone_url && !is_password {
            found.push(Candidate::by_shape(Kind::Email, start, end));
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

fn domain_end(bytes: &[u8], start: usize) -> usize {
    let run = bytes[start..].iter().take(DOMAIN_LIMIT);
    let mut end =
        start + run.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')).count();
    while end > start && !bytes[end - 1].is_ascii_alphanumeric() {
        end -= 1;
    }
    end
}

fn is_local(local: &str) -> bool {
    local.chars().any(char::is_alphanumeric) && !local.ends_with('.') && !local.contains("..")
}

fn is_domain(domain: &str) -> bool {
    let Some((host, top)) = domain.rsplit_once('.') else { return false };
    let legal_label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    };
    let top = top.to_ascii_lowercase();
    let country = top.len() == 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    let known = country || top.starts_with("xn--") || TOP_LEVEL_DOMAINS.binary_search(&top.as_str()).is_ok();
    known && host.split('.').all(legal_label)
}

/// Adds the public IPv6 addresses of `text`.
pub(crate) fn find_ipv6(text: &str, found: &mut Vec<Candidate>) {
    let bytes = text.as_bytes();
    let mut done = 0;
    for (at, _) in text.match_indices(':') {
        if at < done {
            continue;
        }
        let before = bytes[done..at].iter().rev().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let start = at - before;
        let run = bytes[start..].iter().take_while(|byte| byte.is_ascii_hexdigit() || **byte == b':').count();
        done = start + run;
        let stands_alone = token_may_begin(bytes, start) && token_may_end(bytes, done);
        if run > IPV6_LIMIT || !stands_alone {
            continue;
        }
        let address = text[start..done].trim_end_matches(':');
        if address.parse::<Ipv6Addr>().is_ok_and(is_public_v6) {
            found.push(Candidate::validated(Kind::IpAddress, start, start + address.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(TOP_LEVEL_DOMAINS.is_sorted());
    }
}
