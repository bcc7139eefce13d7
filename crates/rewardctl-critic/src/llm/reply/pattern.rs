//! The one place where the patterns of this module are compiled.

use regex::Regex;

/// Compiles a pattern that is written in the code.
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant, and tests run every one")
}
