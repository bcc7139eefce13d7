//! Which checks the user wants.

use crate::lint::check::{Check, all};

/// Which checks are wanted; all, unless said otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    select: Vec<String>,
    ignore: Vec<String>,
}

impl Selection {
    /// Takes codes, or the starts of codes such as `S` or `E0`; the first that no check has is an error.
    pub fn new(select: Vec<String>, ignore: Vec<String>) -> Result<Self, String> {
        let is_known = |code: &String| {
            !code.is_empty() && all().iter().any(|check| check.code.starts_with(code.as_str()))
        };
        match select.iter().chain(&ignore).find(|code| !is_known(code)) {
            Some(unknown) => Err(unknown.clone()),
            None => Ok(Self { select, ignore }),
        }
    }

    /// Tells whether `check` is wanted.
    pub fn wants(&self, check: &Check) -> bool {
        let has = |codes: &[String]| codes.iter().any(|code| check.code.starts_with(code.as_str()));
        (self.select.is_empty() || has(&self.select)) && !has(&self.ignore)
    }

    /// Tells whether `check` was selected by its whole code, which switches on what only some targets ask for.
    pub fn names(&self, check: &Check) -> bool {
        self.select.iter().any(|code| code == check.code)
    }
}
