//! Secrets: a keyword leads to a pattern, the pattern to a check.

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use crate::border::{token_may_begin, token_may_end};
use crate::check::{is_jwt_header, is_placeholder};
use crate::detector::Candidate;
use crate::kind::Kind;

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

/// The shapes, compiled.
#[derive(Debug)]
pub(crate) struct Secrets {
    keywords: AhoCorasick,
    /// In the order of [`SHAPES`], each anchored at its start.
    patterns: Vec<Regex>,
}

impl Secrets {
    /// Compiles the shapes.
    pub fn new() -> Self {
        let keywords = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(SHAPES.iter().map(|shape| shape.keyword))
            .expect("a handful of short keywords is within the limits of the automaton");
        let compile = |shape: &Shape| {
            Regex::new(&format!("^(?:{})", shape.pattern)).expect("a test compiles every pattern of the list")
        };
        Self { keywords, patterns: SHAPES.iter().map(compile).collect() }
    }

    /// Adds the secrets of `text`.
    pub fn find(&self, text: &str, found: &mut Vec<Candidate>) {
        for keyword in self.keywords.find_iter(text) {
            let index = keyword.pattern().as_usize();
            let candidate = match SHAPES[index].kind {
                Kind::PrivateKey => self.private_key(index, text, keyword.start()),
                Kind::UrlWithPassword => self.url(index, text, keyword.start()),
                Kind::Jwt => self.jwt(index, text, keyword.start()),
                kind => self.token(kind, index, text, keyword.start()),
            };
            found.extend(candidate);
        }
    }

    fn token(&self, kind: Kind, index: usize, text: &str, start: usize) -> Option<Candidate> {
        if !token_may_begin(text.as_bytes(), start) {
            return None;
        }
        let token = self.patterns[index].find(&text[start..])?.as_str();
        let body = &token[SHAPES[index].keyword.len()..];
        let end = start + token.len();
        let stands_alone = token_may_end(text.as_bytes(), end);
        (stands_alone && !is_placeholder(body)).then(|| Candidate::by_shape(kind, start, end))
    }

    fn jwt(&self, index: usize, text: &str, start: usize) -> Option<Candidate> {
        if !token_may_begin(text.as_bytes(), start) {
            return None;
        }
        let token = self.patterns[index].captures(&text[start..])?;
        let end = start + token.get_match().end();
        is_jwt_header(token.get(1)?.as_str()).then(|| Candidate::validated(Kind::Jwt, start, end))
    }

    fn url(&self, index: usize, text: &str, start: usize) -> Option<Candidate> {
        const LONGEST_SCHEME: usize = 20;
        let scheme = text.as_bytes()[..start].iter().rev().take(LONGEST_SCHEME);
        let scheme_length = scheme.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'+').count();
        let rest = &text[start..];
        let login = self.patterns[index].captures(rest)?;
        let host_start = login.get_match().end() - 1;
        let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(byte);
        let host_length = rest.as_bytes()[host_start..].iter().take(255).take_while(|b| is_host(b)).count();
        let end = start + host_start + host_length;
        let real = scheme_length > 0 && !is_sample_password(login.get(1)?.as_str());
        real.then(|| Candidate::by_shape(Kind::UrlWithPassword, start - scheme_length, end))
    }

    fn private_key(&self, index: usize, text: &str, start: usize) -> Option<Candidate> {
        const LEAST_BODY: usize = 40;
        let header = self.patterns[index].find(&text[start..])?;
        let body_start = start + header.end();
        let body = pem_body(&text[body_start..]);
        let key_bytes = body.bytes().filter(u8::is_ascii_alphanumeric).count();
        if key_bytes < LEAST_BODY || is_placeholder(body) {
            return None;
        }
        let body_end = body_start + body.len();
        Some(Candidate::by_shape(Kind::PrivateKey, start, body_end + footer_length(&text[body_end..])))
    }
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
