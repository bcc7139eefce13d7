//! `rule.links`: links that the settings do not allow.

use std::ops::Range;

use crate::rules::RuleInfo;
use crate::rules::judgement::{Judgement, counted};
use crate::rules::settings::LinkPolicy;
use crate::rules::subject::{Subject, shown};

pub(crate) const INFO: RuleInfo = RuleInfo {
    critic: "rule.links",
    dimension: "compliance",
    measures: "With the policy `forbidden`: 0 if there is a link, else 1; with `hosts`: the share of links whose host \
               is listed.",
};

/// A link: where it stands, and its host in lower case.
struct Link {
    range: Range<usize>,
    host: String,
}

pub(crate) fn judge(subject: &Subject<'_>) -> Judgement {
    let settings = &subject.rules.settings.links;
    if settings.policy == LinkPolicy::Allowed {
        return Judgement::abstained("links are allowed");
    }
    let links = find_links(subject.response.raw);
    let is_legal = |link: &Link| {
        settings.policy == LinkPolicy::Hosts && settings.hosts.iter().any(|host| is_within(&link.host, host))
    };
    let illegal: Vec<&Link> = links.iter().filter(|link| !is_legal(link)).collect();
    let Some(first) = illegal.first() else {
        return match settings.policy {
            LinkPolicy::Hosts if links.is_empty() => Judgement::abstained("there are no links"),
            _ => Judgement::scored(1.0, "no link that is not allowed"),
        };
    };
    let rationale =
        format!("{} not allowed, the first to `{}`", counted(illegal.len(), "link"), shown(&first.host));
    let score = match settings.policy {
        LinkPolicy::Hosts => 1.0 - illegal.len() as f64 / links.len() as f64,
        LinkPolicy::Allowed | LinkPolicy::Forbidden => 0.0,
    };
    Judgement::scored(score, rationale).at(illegal.iter().map(|link| link.range.clone()))
}

fn is_within(host: &str, allowed: &str) -> bool {
    let allowed = allowed.trim_start_matches("*.").to_lowercase();
    host.strip_suffix(allowed.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn find_links(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    for (at, _) in text.match_indices("://").chain(text.match_indices("www.")) {
        let is_scheme = text[at..].starts_with("://");
        let scheme = text[..at].bytes().rev().take(5).take_while(u8::is_ascii_alphabetic).count();
        let start = if is_scheme { at - scheme } else { at };
        let is_web = !is_scheme || text[start..at].to_ascii_lowercase().starts_with("http");
        let stands_alone =
            is_scheme || !text[..at].ends_with(|c: char| c.is_alphanumeric() || "/.@-".contains(c));
        if !is_web || !stands_alone {
            continue;
        }
        let authority_start = if is_scheme { at + "://".len() } else { at };
        let rest = &text[authority_start..];
        let authority_length = rest.find(ends_authority).unwrap_or(rest.len());
        links.push(Link {
            range: start..authority_start + authority_length,
            host: host(&rest[..authority_length]),
        });
    }
    links.sort_by_key(|link| link.range.start);
    links.retain(|link| !link.host.is_empty());
    links
}

/// A backslash ends an authority, too: browsers take it for a slash, whatever stands before the `@` that follows.
fn ends_authority(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || "/\\?#)>]}\"'`,;|<".contains(letter)
}

/// Returns the host behind any login and before any port.
fn host(authority: &str) -> String {
    let behind_login = authority.rsplit('@').next().unwrap_or("");
    let host = behind_login.split(':').next().unwrap_or("");
    host.trim_end_matches(['.', '*', '_', '!']).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, hosts: &[&str]) {
        let found: Vec<String> = find_links(text).into_iter().map(|link| link.host).collect();
        assert_eq!(found, hosts, "in {text:?}");
    }

    #[test]
    fn hosts_of_links() {
        check("See [docs](https://docs.rs/regex) and <http://a.b:80/x>.", &["docs.rs", "a.b"]);
        check("https://good.com@evil.com/x https://good.com\\@evil.com", &["evil.com", "good.com"]);
        check("www.example.org, https://www.rust-lang.org.", &["www.example.org", "www.rust-lang.org"]);
        check("postgres://x a://b C++://", &[]);
    }

    #[test]
    fn subdomains_belong_to_their_domain() {
        assert!(is_within("docs.example.org", "example.org") && is_within("example.org", "Example.org"));
        assert!(
            !is_within("badexample.org", "example.org") && !is_within("example.org.evil.com", "example.org")
        );
    }
}
