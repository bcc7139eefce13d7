//! The catalogue: every check with what it means, why it matters and what to do.

pub mod dataset;
pub mod loader;
pub mod silent;

use std::fmt;

use serde::Serialize;

/// How bad a finding is; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A loader refuses the file, or the row teaches nothing or the wrong thing.
    Error,
    /// It loads, and is likely not what was meant.
    Warning,
    /// Worth knowing.
    Note,
}

/// A check, as data.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The code that findings carry, such as `E05`; never reused for something else.
    pub code: &'static str,
    /// How bad a finding usually is; some findings say otherwise.
    pub severity: Severity,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// What happens if nobody mends it.
    pub why: &'static str,
    /// The way out.
    pub fix: &'static str,
    /// When the check runs.
    pub runs: Runs,
}

/// When a check runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Runs {
    /// On every file that it fits.
    Always,
    /// Where the target asks for it, or where the user selects it by name.
    ForTarget,
}

/// Returns every check, in the order of their codes.
pub fn all() -> Vec<&'static Check> {
    let mut checks: Vec<&'static Check> =
        [dataset::ALL, loader::ALL, silent::ALL].into_iter().flatten().copied().collect();
    checks.sort_by_key(|check| check.code);
    checks
}

/// Returns the check with this code.
pub fn by_code(code: &str) -> Option<&'static Check> {
    all().into_iter().find(|check| check.code == code)
}

impl Severity {
    /// Returns the name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
