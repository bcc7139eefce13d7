//! What can be wrong with the critics: their settings, the endpoints they ask, the exchanges they replay.

use std::error::Error as StdError;
use std::path::PathBuf;

use rewardctl_core::id::ContentId;

use crate::llm::completion::CallFailure;
use crate::llm::critic::FieldProblem;

/// Why critics cannot work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A critic's file without a header.
    #[error("`{file}` has no header; begin it with TOML between two lines of `+++`")]
    CriticWithoutHeader {
        /// The file.
        file: String,
    },
    /// A critic's header that is no TOML, lacks a field or has one too many; the source names it with its line.
    #[error("`{file}` has a header that cannot be read; docs/critics.md lists the fields")]
    CriticHeader {
        /// The file.
        file: String,
        /// What the parser says.
        source: Box<toml::de::Error>,
    },
    /// A field of a critic's header that makes no sense.
    #[error("`{file}`: the field `{field}` {problem}")]
    CriticField {
        /// The file.
        file: String,
        /// The field, such as `levels`.
        field: String,
        /// What is wrong and what to do.
        problem: FieldProblem,
    },
    /// A critic's template that cannot be rendered; the source names the line.
    #[error("`{file}` has a template that cannot be rendered; docs/critics.md lists what it may use")]
    CriticTemplate {
        /// The file.
        file: String,
        /// What the template engine says.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A template that drops, repeats or changes what it must quote.
    #[error(
        "`{file}`: the template has `{{{{ {slot} }}}}` {count} times where it should stand once, without a filter"
    )]
    CriticSlot {
        /// The file.
        file: String,
        /// The name in the template.
        slot: &'static str,
        /// How often it stands there.
        count: usize,
    },
    /// A regular expression that does not parse, or that compiles to more than the limit.
    #[error("`{key}` has a pattern that cannot be used: `{pattern}`")]
    Pattern {
        /// The settings key, such as `rules.banned-terms.patterns`.
        key: &'static str,
        /// The pattern.
        pattern: String,
        /// What the compiler says.
        source: Box<regex::Error>,
    },
    /// A term of no characters, which would match everywhere.
    #[error("`{key}` has an empty term")]
    EmptyTerm {
        /// The settings key.
        key: &'static str,
    },
    /// A kind of personal data that the detector does not know.
    #[error("`{key}` names `{kind}`, which is no kind of personal data")]
    UnknownKind {
        /// The settings key.
        key: &'static str,
        /// The name given.
        kind: String,
    },
    /// An address that is none, or that carries a password.
    #[error("endpoint `{endpoint}` needs a `base-url` with http or https, a host, and no user or password")]
    BaseUrl {
        /// The endpoint.
        endpoint: String,
    },
    /// A key or a header that HTTP cannot carry; the value is a secret.
    #[error("endpoint `{endpoint}` has a value for header `{header}` that HTTP cannot carry")]
    Header {
        /// The endpoint.
        endpoint: String,
        /// The header's name.
        header: String,
    },
    /// An HTTP client that cannot start: no certificates on this machine, or a proxy address that is none.
    #[error("failed to prepare connections to endpoint `{endpoint}`")]
    Connections {
        /// The endpoint.
        endpoint: String,
        /// What the client says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An endpoint that fails even the plainest question.
    #[error("failed to find out what model `{model}` can do")]
    ProbeFailed {
        /// The model.
        model: String,
        /// How the last call ended.
        source: Box<CallFailure>,
    },
    /// An endpoint that answers, but never with an answer.
    #[error("model `{model}` gave no usable answer in {calls} calls")]
    ProbeUndecided {
        /// The model.
        model: String,
        /// The calls made.
        calls: u32,
    },
    /// A cassette that cannot be opened, read or written.
    #[error("failed to {verb} cassette `{path}`")]
    Cassette {
        /// `open`, `read` or `write`.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line of a cassette that is no recorded exchange.
    #[error("line {line} of cassette `{path}` is no recorded exchange")]
    CassetteLine {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// A call that a replay has no exchange for; the network is not asked instead.
    #[error("critic `{critic}` asks for call `{key}`, attempt {attempt}, which is not in cassette `{path}`")]
    NotRecorded {
        /// The critic.
        critic: String,
        /// The key of the call.
        key: ContentId,
        /// Counted from 1.
        attempt: u32,
        /// The file.
        path: PathBuf,
    },
}
