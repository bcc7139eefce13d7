//! What can be wrong with the settings of the critics.

/// Why critics cannot be built from their settings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
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
}
