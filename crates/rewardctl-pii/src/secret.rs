//! Secrets: a keyword leads to a pattern, the pattern to a check.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::Regex;

use crate::border::{token_may_begin, token_may_end};
use crate::check::token::{distinct, ends_with_crc32, is_jwt_header, is_placeholder};
use crate::finding::Finding;
use crate::kind::Kind;
use crate::path::ROOTS;
use crate::secret::assigned::Assigned;

mod assigned;

/// One shape: where `keyword` stands, `pattern` must match from there on.
struct Shape {
    kind: Kind,
    keyword: &'static str,
    pattern: &'static str,
}

/// The published shapes of the issuers' tokens. Repetitions have an upper bound, so that each look is bounded.
const SHAPES: &[Shape] = &[
    shape(Kind::AwsAccessKey, "AKIA", "AKIA[A-Z2-7]{16}"),
    shape(Kind::AwsAccessKey, "ASIA", "ASIA[A-Z2-7]{16}"),
    shape(Kind::AnthropicKey, "sk-ant-", "sk-ant-[a-z0-9]{3,8}-[A-Za-z0-9_-]{24,200}"),
    shape(Kind::OpenAiKey, "sk-proj-", "sk-proj-[A-Za-z0-9_-]{32,250}"),
    shape(Kind::OpenAiKey, "sk-svcacct-", "sk-svcacct-[A-Za-z0-9_-]{32,250}"),
    shape(Kind::OpenAiKey, "sk-admin-", "sk-admin-[A-Za-z0-9_-]{32,250}"),
    shape(Kind::OpenAiKey, "sk-", "sk-[A-Za-z0-9]{32,64}"),
    shape(Kind::GithubToken, "ghp_", "ghp_[A-Za-z0-9]{36,255}"),
    shape(Kind::GithubToken, "gho_", "gho_[A-Za-z0-9]{36,255}"),
    shape(Kind::GithubToken, "ghu_", "ghu_[A-Za-z0-9]{36,255}"),
    shape(Kind::GithubToken, "ghs_", "ghs_[A-Za-z0-9]{36,255}"),
    shape(Kind::GithubToken, "ghr_", "ghr_[A-Za-z0-9]{36,255}"),
    shape(Kind::GithubToken, "github_pat_", "github_pat_[A-Za-z0-9_]{22,255}"),
    shape(Kind::GitlabToken, "glpat-", "glpat-[A-Za-z0-9_-]{20,64}"),
    shape(Kind::SlackToken, "xox", "xox[abeoprs]-[A-Za-z0-9-]{20,250}"),
    shape(Kind::SlackToken, "xapp-", "xapp-[0-9]-[A-Za-z0-9-]{20,250}"),
    shape(
        Kind::SlackToken,
        "hooks.slack.com/services/",
        "hooks.slack.com/services/T[A-Z0-9]{6,14}/B[A-Z0-9]{6,14}/[A-Za-z0-9]{20,30}",
    ),
    shape(Kind::StripeKey, "sk_live_", "sk_live_[A-Za-z0-9]{16,247}"),
    shape(Kind::StripeKey, "rk_live_", "rk_live_[A-Za-z0-9]{16,247}"),
    shape(Kind::GoogleApiKey, "AIza", "AIza[A-Za-z0-9_-]{35}"),
    shape(Kind::HuggingFaceToken, "hf_", "hf_[A-Za-z0-9]{34}"),
    shape(Kind::NpmToken, "npm_", "npm_[A-Za-z0-9]{36}"),
    shape(Kind::PypiToken, "pypi-AgE", "pypi-AgE[A-Za-z0-9_-]{50,250}"),
    shape(Kind::SendgridKey, "SG.", r"SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50}"),
    shape(Kind::AzureKey, "AccountKey=", "AccountKey=[A-Za-z0-9+/]{86}=="),
    shape(Kind::AzureKey, "SharedAccessKey=", "SharedAccessKey=[A-Za-z0-9+/]{43}="),
    shape(
        Kind::Jwt,
        "eyJ",
        r"(eyJ[A-Za-z0-9_-]{10,1000})\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000}",
    ),
    shape(Kind::PrivateKey, "-----BEGIN ", "-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----"),
    shape(Kind::UrlWithPassword, "://", r"://[^\s/?#:@\[\]<>]{0,100}:([^\s/?#@]{1,200})@[A-Za-z0-9\[]"),
];

const fn shape(kind: Kind, keyword: &'static str, pattern: &'static str) -> Shape {
    Shape { kind, keyword, pattern }
}

/// Passwords of examples: who reads them learns nothing.
const SAMPLE_PASSWORDS: &[&str] = &[
    "admin", "changeme", "guest", "pass", "passwd", "password", "postgres", "pw", "pwd", "root", "secret",
    "user",
];

/// What is no secret, but found in the same pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Landmark {
    /// An `@` written as `(at)`.
    HiddenAt,
    /// The root of home folders.
    Home,
}

/// The brackets of addresses that hide from machines.
const HIDDEN_ATS: [&str; 8] = ["(at)", "[at]", "{at}", "<at>", "(AT)", "[AT]", "{AT}", "<AT>"];

/// The shapes, compiled.
#[derive(Debug)]
pub(crate) struct Secrets {
    /// Those of [`SHAPES`], then the landmarks.
    keywords: AhoCorasick,
    assigned: Assigned,
    /// In the order of [`SHAPES`], each compiled when its keyword is first met: most texts hold none.
    patterns: Vec<OnceLock<Regex>>,
}

/// Hears what else stands in a text: what it is, its first byte, its length, and where findings go.
type OnLandmark<'a> = &'a mut dyn FnMut(Landmark, usize, usize, &mut Vec<Finding>);

impl Secrets {
    /// Compiles the shapes.
    pub fn new() -> Self {
        let shapes = SHAPES.iter().map(|shape| shape.keyword);
        let keywords = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .kind(Some(AhoCorasickKind::DFA))
            .build(shapes.chain(HIDDEN_ATS).chain(ROOTS))
            .expect("a handful of short keywords is within the limits of the automaton");
        Self { keywords, assigned: Assigned::new(), patterns: vec![OnceLock::new(); SHAPES.len()] }
    }

    /// Returns the pattern of a shape, anchored at its start.
    fn pattern(&self, index: usize) -> &Regex {
        self.patterns[index].get_or_init(|| {
            let pattern = format!("^(?:{})", SHAPES[index].pattern);
            Regex::new(&pattern).expect("a test compiles every pattern of the list")
        })
    }

    /// Adds the secrets of `text`; tells `landmark` what else stands there, where and how long it is.
    pub fn find(&self, text: &str, found: &mut Vec<Finding>, landmark: OnLandmark<'_>) {
        let mut read = 0;
        for keyword in self.keywords.find_iter(text) {
            let (index, start) = (keyword.pattern().as_usize(), keyword.start());
            let Some(shape) = SHAPES.get(index) else {
                let is_home = index >= SHAPES.len() + HIDDEN_ATS.len();
                let what = if is_home { Landmark::Home } else { Landmark::HiddenAt };
                landmark(what, start, keyword.len(), found);
                continue;
            };
            // Inside of what was read as one secret there is no other: a long one is read once.
            if start < read {
                continue;
            }
            let finding = match shape.kind {
                Kind::PrivateKey => self.private_key(index, text, start, &mut read),
                Kind::UrlWithPassword => self.url(index, text, start),
                Kind::Jwt => self.jwt(index, text, start),
                kind => self.token(kind, index, text, start),
            };
            read = finding.map_or(read, |finding| finding.end);
            found.extend(finding);
        }
        self.assigned.find(text, found);
    }

    fn token(&self, kind: Kind, index: usize, text: &str, start: usize) -> Option<Finding> {
        if !may_begin(text.as_bytes(), start, SHAPES[index].pattern.contains("-]")) {
            return None;
        }
        let token = self.pattern(index).find(&text[start..])?.as_str();
        let body = &token[SHAPES[index].keyword.len()..];
        let end = start + token.len();
        let stands_alone = token_may_end(text.as_bytes(), end);
        let has_checksum = matches!(kind, Kind::GithubToken | Kind::NpmToken) && ends_with_crc32(body);
        let certain = if has_checksum { Finding::validated } else { Finding::likely };
        (stands_alone && !is_placeholder(body)).then(|| certain(kind, start, end))
    }

    fn jwt(&self, index: usize, text: &str, start: usize) -> Option<Finding> {
        if !may_begin(text.as_bytes(), start, true) {
            return None;
        }
        let token = self.pattern(index).captures(&text[start..])?;
        let end = start + token.get_match().end();
        is_jwt_header(token.get(1)?.as_str()).then(|| Finding::validated(Kind::Jwt, start, end))
    }

    fn url(&self, index: usize, text: &str, start: usize) -> Option<Finding> {
        const LONGEST_SCHEME: usize = 20;
        let scheme = text.as_bytes()[..start].iter().rev().take(LONGEST_SCHEME);
        let scheme_length = scheme.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'+').count();
        let rest = &text[start..];
        let login = self.pattern(index).captures(rest)?;
        let host_start = login.get_match().end() - 1;
        let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(byte);
        let host_length = rest.as_bytes()[host_start..].iter().take(255).take_while(|b| is_host(b)).count();
        let end = start + host_start + host_length;
        let real = scheme_length > 0 && !is_sample_password(login.get(1)?.as_str());
        real.then(|| Finding::likely(Kind::UrlWithPassword, start - scheme_length, end))
    }

    fn private_key(&self, index: usize, text: &str, start: usize, read: &mut usize) -> Option<Finding> {
        const LEAST_BODY: usize = 40;
        const LEAST_DISTINCT: u32 = 10;
        let header = self.pattern(index).find(&text[start..])?;
        let body_start = start + header.end();
        let body = pem_body(&text[body_start..]);
        *read = body_start + body.len();
        let key_bytes = body.bytes().filter(u8::is_ascii_alphanumeric).count();
        if key_bytes < LEAST_BODY || distinct(body) < LEAST_DISTINCT {
            return None;
        }
        Some(Finding::likely(Kind::PrivateKey, start, *read + footer_length(&text[*read..])))
    }
}

/// Tells whether a token may begin at `at`; one that may hold dashes does not begin after one, so that no stretch is
/// read twice.
fn may_begin(bytes: &[u8], at: usize, holds_dashes: bool) -> bool {
    token_may_begin(bytes, at) && !(holds_dashes && matches!(bytes[..at].last(), Some(b'-' | b'.')))
}

/// Returns what can belong to a key: up to the next two dashes, or to a character that no key has.
fn pem_body(text: &str) -> &str {
    let bytes = text.as_bytes();
    let belongs = |at: usize| match bytes[at] {
        b'-' => bytes.get(at + 1) != Some(&b'-'),
        byte => byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b"+/=:,\\".contains(&byte),
    };
    let length = (0..bytes.len()).take_while(|at| belongs(*at)).count();
    &text[..length]
}

fn footer_length(text: &str) -> usize {
    const LONGEST_FOOTER: usize = 60;
    let Some(label) = text.strip_prefix("-----END ") else { return 0 };
    let is_label = |byte: &u8| byte.is_ascii_uppercase() || *byte == b' ';
    let length = label.bytes().take(LONGEST_FOOTER).take_while(is_label).count();
    let closed = label[length..].starts_with("-----");
    if closed { "-----END ".len() + length + "-----".len() } else { 0 }
}

fn is_sample_password(password: &str) -> bool {
    let lower = password.to_ascii_lowercase();
    let stands_for_one = lower.starts_with(['$', '<', '{', '[', '%', '*', '.']);
    let says_so = ["your", "example", "xxx", "password", "secret"].iter().any(|word| lower.contains(word));
    stands_for_one || says_so || SAMPLE_PASSWORDS.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_wants_something() {
        let secrets = Secrets::new();
        for (index, shape) in SHAPES.iter().enumerate() {
            assert!(!secrets.pattern(index).is_match(""), "{}", shape.pattern);
        }
    }
}
